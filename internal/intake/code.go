package intake

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// letters are Crockford's base 32: no I, L, O, U.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLen, idLen, refLen = 19, 10, 6 // letters of 5 bits

// Code opens a submission again: 95 bits in 19 letters, and a check letter.
type Code string

// String gives the code in groups of five, to write down.
func (c Code) String() string { return string(c[:5] + "-" + c[5:10] + "-" + c[10:15] + "-" + c[15:]) }

// ID names the submission everywhere; the code cannot be had from it.
func (c Code) ID() string {
	sum := sha256.Sum256([]byte("potluck id\x00" + c))
	return strings.ToLower(base32(sum[:], idLen))
}

// Reference is the short name of an ID, to say aloud: K7M-2Q9.
func Reference(id string) string { return strings.ToUpper(id[:3] + "-" + id[3:refLen]) }

func isID(id string) bool {
	return len(id) == idLen && strings.Trim(id, strings.ToLower(letters)) == ""
}

// ParseCode reads a code as a person types it: in small letters, with blanks and dashes,
// O for 0, I or L for 1. What is not a code gives false, and a code that opens nothing, so
// that a caller who goes on takes as long.
func ParseCode(text string) (Code, bool) {
	c, ok := parseLetters(text, codeLen)
	if !ok {
		return Code(strings.Repeat("0", codeLen) + "1"), false
	}
	return Code(c), true
}

// parseLetters reads n letters and the check letter that belongs to them.
func parseLetters(text string, n int) (string, bool) {
	if len(text) > 200 {
		text = ""
	}
	c := strings.Map(func(r rune) rune {
		switch r = unicode.ToUpper(r); {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case r == '.' || r == '_' || unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf):
			return -1
		}
		return r
	}, text)
	ok := len(c) == n+1 && strings.Trim(c, letters) == "" && c[n] == letters[checkLetter(c[:n])]
	return c, ok
}

func newCode(key []byte, nonce string, words []byte) Code {
	c := base32(mac(key, "code", nonce, string(words)), codeLen)
	return Code(c + letters[checkLetter(c):][:1])
}

// base32 writes the first 5*n bits of b.
func base32(b []byte, n int) string {
	text, acc, bits := make([]byte, n), 0, 0
	for i := range text {
		if bits < 5 {
			acc, b, bits = acc&31<<8|int(b[0]), b[1:], bits+8
		}
		bits -= 5
		text[i] = letters[acc>>bits&31]
	}
	return string(text)
}

// checkLetter is a sum over GF(32): one wrong letter, or any two that changed places,
// give another sum. It is one of the same 32 letters, so that it can be said aloud.
func checkLetter(c string) (sum int) {
	for _, r := range c {
		if sum = (sum ^ strings.IndexRune(letters, r)) << 1; sum > 31 {
			sum ^= 0b100101 // x⁵+x²+1
		}
	}
	return sum
}

func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%q", parts)
	return h.Sum(nil)
}

// Ticket is what a check page carries and the post from it brings back.
type Ticket struct{ Nonce, Stamp string }

var nonceForm = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// Ticket makes one for a check page made at that time. nonce is that of an earlier
// check page with the same words, or "".
func (s *Service) Ticket(nonce string, made time.Time) Ticket {
	if !nonceForm.MatchString(nonce) {
		nonce = rand.Text()
	}
	at := strconv.FormatInt(made.Unix(), 10)
	return Ticket{nonce, at + "." + s.stampMAC(at, nonce)}
}

func (s *Service) stampMAC(at, nonce string) string {
	return hex.EncodeToString(mac(s.o.Key, "stamp", at, nonce)[:16])
}

// made tells when the ticket was made; the zero time when it is missing or not ours.
func (s *Service) made(t Ticket) time.Time {
	at, sum, _ := strings.Cut(t.Stamp, ".")
	sec, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !hmac.Equal([]byte(sum), []byte(s.stampMAC(at, t.Nonce))) {
		return time.Time{}
	}
	return time.Unix(sec, 0)
}
