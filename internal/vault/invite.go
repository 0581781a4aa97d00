package vault

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"potluck/internal/site"
)

// invite is one [[invite]] of organizers.toml. The token is in the link, and the word is
// spoken; both are here as hashes, so that whoever reads the file can use neither. That of
// the word is made with the token: without it, all words of the list could be tried.
type invite struct {
	site.Invite
	token string // hex of its SHA-256
	word  string // hex of an HMAC-SHA256 under the token
	tries int    // wrong words so far
}

// mostTries is how many wrong words end an invite.
const mostTries = 5

func (i *invite) set(key, value string) (ok bool) {
	var err error
	switch key {
	case "name":
		i.Name, ok = value, site.IsName(value)
	case "role":
		i.Role, ok = site.ParseRole(value)
	case "until":
		i.Until, err = time.Parse(time.RFC3339, value)
		ok = err == nil
	case "token":
		i.token, ok = value, len(value) == 64
	case "word":
		i.word, ok = value, len(value) == 64
	case "tries":
		i.tries, err = strconv.Atoi(value)
		ok = err == nil
	}
	return ok
}

func (i *invite) format() string {
	return fmt.Sprintf("name = %q\nrole = %q\nuntil = %q\ntoken = %q\nword = %q\ntries = \"%d\"\n",
		i.Name, i.Role, i.Until.UTC().Format(time.RFC3339), i.token, i.word, i.tries)
}

// Invites gives who is invited and has not come yet, those who are late too.
func (v *Vault) Invites() (list []site.Invite, err error) {
	p, err := v.people()
	for _, i := range p.invites {
		list = append(list, i.Invite)
	}
	return list, err
}

// Invite makes an invitation, in the place of one for that name: the token belongs into a
// link, the word is to be spoken. They are given this one time.
func (v *Vault) Invite(who site.Invite) (token, word string, err error) {
	if !site.IsName(who.Name) {
		return "", "", &Error{Text: fmt.Sprintf("%q cannot be a name", who.Name), Way: "use a first name, or one that is made up: at most 40 letters"}
	}
	token, word = rand.Text(), newWord()
	err = v.alter(func(p *people) error {
		p.invites = slices.DeleteFunc(p.invites, func(i invite) bool { return strings.EqualFold(i.Name, who.Name) })
		p.invites = append(p.invites, invite{who, hashed(token), wordHash(token, word), 0})
		return nil
	})
	return token, word, err
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func wordHash(token, word string) string {
	h := hmac.New(sha256.New, []byte(token))
	h.Write([]byte(asTyped(word)))
	return hex.EncodeToString(h.Sum(nil))
}

// invited gives the place of the invitation that a token is for, or -1.
func (p *people) invited(token string, now time.Time) int {
	return slices.IndexFunc(p.invites, func(i invite) bool {
		return subtle.ConstantTimeCompare([]byte(i.token), []byte(hashed(token))) == 1 && i.tries < mostTries && now.Before(i.Until)
	})
}

// Invited tells whom a token is for; an Invite without a name when that is nobody.
func (v *Vault) Invited(token string, now time.Time) (site.Invite, error) {
	p, err := v.people()
	if err != nil {
		return site.Invite{}, err
	}
	i := p.invited(token, now)
	if i < 0 {
		return site.Invite{}, nil
	}
	return p.invites[i].Invite, nil
}

// Join takes an invitation up: the person is entered with a new key under a new passphrase,
// which is given this one time, and the invitation is gone. Nobody joins when the token is for
// nobody; there is no passphrase when the word is another one. Too many of these end an
// invitation.
func (v *Vault) Join(token, word string, now time.Time) (person site.Organizer, passphrase string, err error) {
	p, err := v.people()
	if err != nil {
		return person, "", err
	}
	i := p.invited(token, now)
	if i < 0 {
		return person, "", nil
	}
	inv := &p.invites[i]
	if subtle.ConstantTimeCompare([]byte(inv.word), []byte(wordHash(token, word))) == 0 {
		inv.tries++
		return site.Organizer{Name: inv.Name}, "", v.write(p)
	}
	e, passphrase, err := newEntry(inv.Name, inv.Role)
	if err != nil {
		return person, "", err
	}
	p.invites = slices.Delete(p.invites, i, i+1)
	if err := p.put(e); err != nil {
		return person, "", err
	}
	return e.Organizer, passphrase, v.write(p)
}
