package intake

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"potluck/internal/site"
)

// Hand says how words came that a volunteer types in.
type Hand struct {
	By      string // who types them in, as named in the history
	Channel string // paper, phone, in person
	Slip    string // the number on the paper, as [ParseSlip] gives it; "" when there is none
}

const slipLen = 9 // letters of 5 bits, and a check letter

// NewSlip makes the number of a paper form, such as 7K2M9-QXA3T, and the code on the strip
// that a neighbour tears off. The code comes from the number and the server's key, so neither
// has to be kept: when the paper is typed in, the number gives the code again.
func (s *Service) NewSlip() (number string, code Code) {
	random := make([]byte, 8)
	_, _ = rand.Read(random)
	n := base32(random, slipLen)
	n += letters[checkLetter(n):][:1]
	return n[:5] + "-" + n[5:], s.slipCode(n)
}

func (s *Service) slipCode(slip string) Code {
	c := base32(mac(s.o.Key, "slip", slip), codeLen)
	return Code(c + letters[checkLetter(c):][:1])
}

// ParseSlip reads the number of a paper as a person types it. False is for one that has a
// wrong letter.
func ParseSlip(text string) (string, bool) { return parseLetters(text, slipLen) }

// TypeIn puts a draft on disk that a volunteer typed in. She is a person, so nothing of it
// looks like spam. A paper that was typed in before is refused: it was copied, and one code
// must not open what two neighbours wrote.
func (s *Service) TypeIn(d *Draft, h Hand) (*Receipt, error) {
	if err := s.Ready(d.kind); err != nil {
		return nil, err
	}
	if ways := site.Standard("channel").Options; !slices.Contains(ways, h.Channel) {
		return nil, &Error{Text: fmt.Sprintf("nothing comes by %q", h.Channel), Way: "use one of: " + strings.Join(ways, ", ")}
	}
	code := newCode(s.o.Key, rand.Text(), d.words)
	if h.Slip != "" {
		code = s.slipCode(h.Slip)
		switch known, err := s.known(code.ID()); {
		case err != nil:
			return nil, err
		case known:
			return nil, &Error{Text: "a paper with this number is in already, as " + Reference(code.ID()), Way: "if this is another neighbour's, the paper was copied: leave the number out, and tell her the code that is shown then"}
		}
	}
	d.note("channel", h.Channel)
	d.note("entered_by", h.By)
	if d.kind.Makes == site.APage {
		d.note("consent", true)
	}
	return s.keep(d, code, s.Now(), nil)
}

// note adds an answer to one of the fields that every form may have.
func (d *Draft) note(name string, v any) {
	d.Answers = append(d.Answers, Answer{Question{Field: site.Standard(name)}, v})
}

// known tells that there is, or was, a submission of this ID.
func (s *Service) known(id string) (bool, error) {
	if _, err := s.o.Spool.Get(id); !notThere(err) {
		return true, err
	}
	for _, in := range []string{inboxRef, doneRef} {
		if refs, err := s.o.Git.Refs(in + id); err != nil || len(refs) > 0 {
			return true, err
		}
	}
	why, _ := s.o.Vault.Gone(id)
	return why != "", nil
}
