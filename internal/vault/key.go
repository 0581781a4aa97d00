package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"golang.org/x/crypto/ssh"

	"potluck/internal/durable"
)

// A key is a function that opens what was sealed to its owner, and gives nil for what was
// sealed to others. The private key itself is in memory, and nowhere else to be had.

func opener(ids []age.Identity) func(sealed []byte) ([]byte, error) {
	return func(sealed []byte) ([]byte, error) {
		r, err := age.Decrypt(bytes.NewReader(sealed), ids...)
		if others := (*age.NoIdentityMatchError)(nil); errors.As(err, &others) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		plain, err := io.ReadAll(r)
		if plain == nil && err == nil {
			plain = []byte{}
		}
		return plain, err
	}
}

// KeyFile gives the key in a file: age identities, an SSH key, or age identities that are
// encrypted. ask asks for a passphrase where it needs one.
func KeyFile(path string, ask func() (string, error)) (open func(sealed []byte) ([]byte, error), err error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	ids, err := identities(src, ask)
	if refused := (*Error)(nil); errors.As(err, &refused) {
		return nil, &Error{Text: path + " holds " + refused.Text, Way: refused.Way}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return opener(ids), nil
}

func identities(src []byte, ask func() (string, error)) ([]age.Identity, error) {
	text := strings.TrimSpace(string(src))
	switch {
	case strings.HasPrefix(text, "-----BEGIN") && strings.Contains(text, "PRIVATE KEY-----"):
		return sshIdentity(src, ask)
	case strings.HasPrefix(text, armor.Header):
		passphrase, err := ask()
		if err != nil {
			return nil, err
		}
		ids, err := unwrap(text, passphrase)
		if err == nil && ids == nil {
			err = &Error{Text: "a key under another passphrase", Way: "look whether every letter is right"}
		}
		return ids, err
	}
	if _, err := parseRecipient(text); err == nil {
		return nil, &Error{Text: "a public key, which opens nothing", Way: "name the file with the private one"}
	}
	ids, err := age.ParseIdentities(bytes.NewReader(src))
	if err != nil {
		return nil, &Error{Text: "no key: " + err.Error(), Way: "it should be an SSH key, or have a line that begins with AGE-SECRET-KEY-1"}
	}
	return ids, nil
}

func sshIdentity(src []byte, ask func() (string, error)) ([]age.Identity, error) {
	id, err := agessh.ParseIdentity(src)
	if missing := (*ssh.PassphraseMissingError)(nil); errors.As(err, &missing) && missing.PublicKey != nil {
		asked := sync.OnceValues(ask)
		id, err = agessh.NewEncryptedSSHIdentity(missing.PublicKey, src, func() ([]byte, error) {
			passphrase, err := asked()
			return []byte(passphrase), err
		})
	}
	if err != nil {
		return nil, &Error{Text: "an SSH key that cannot be used: " + err.Error(), Way: "ssh-ed25519 and ssh-rsa work; or make a key: potluck keys new FILE"}
	}
	return []age.Identity{id}, nil
}

// parseRecipient reads a public key. An error says what else it is.
func parseRecipient(s string) (age.Recipient, error) {
	no := func(what, way string) (age.Recipient, error) { return nil, &Error{Text: "this is " + what, Way: way} }
	const make = "make one: potluck keys new FILE, or age-keygen"
	kind, _, _ := strings.Cut(s, " ")
	switch {
	case strings.Contains(s, "PRIVATE KEY") || strings.Contains(strings.ToUpper(s), "AGE-SECRET-KEY-"):
		return no("a private key, and should be seen by nobody", "give the public one, which begins with age1 or ssh-; and "+make+", since this one has been shown")
	case strings.HasPrefix(s, "age1pq1"):
		return no("a post-quantum key, which cannot be mixed with those of others", make)
	case strings.HasPrefix(s, "age1"):
		if r, err := age.ParseX25519Recipient(s); err == nil {
			return r, nil
		}
		if strings.Contains(s[4:], "1") {
			return no("a key for a plugin of age, which potluck cannot use", make)
		}
		return no("an age key with a wrong letter, or only a part of one", "copy the whole of it again")
	case kind == "ssh-ed25519" || kind == "ssh-rsa":
		r, err := agessh.ParseRecipient(s)
		if err != nil && strings.Contains(err.Error(), "too small") {
			return no("an RSA key of less than 2048 bits, which is too small", make)
		}
		if err != nil {
			return no("an SSH key with a wrong letter, or only a part of one", "copy the whole line again")
		}
		return r, nil
	case strings.HasPrefix(s, "ssh-") || strings.HasPrefix(s, "ecdsa-") || strings.HasPrefix(s, "sk-"):
		return no("an SSH key of the kind "+kind+", which can only sign", make)
	}
	return no("not a public key", "it begins with age1, ssh-ed25519 or ssh-rsa; "+make)
}

// PublicKey gives a public key as it is kept: what a file of one holds, without its remarks,
// which may name a person or a machine.
func PublicKey(text string) (string, error) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		s := f[0]
		if strings.HasPrefix(s, "ssh-") && len(f) > 1 {
			s += " " + f[1]
		} else if len(f) > 1 {
			s = strings.Join(f, " ")
		}
		_, err := parseRecipient(s)
		return s, err
	}
	_, err := parseRecipient("")
	return "", err
}

// NewKeyFile makes a key and puts it into a file of its own, as age-keygen does. A file
// that is there is an error.
func NewKeyFile(path string) (recipient string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("# public key: %s\n%s\n", id.Recipient(), id)
	if err := durable.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return id.Recipient().String(), durable.CreateFile(path, []byte(text), 0o600)
}

// workFactor is that of scrypt for passphrases, as a power of two: 16 MB and a twentieth of a
// second for each try. A passphrase is never chosen by a person (see [NewPassphrase]); it
// has 66 bits, which no number of tries at this price comes near.
const workFactor = 14

// newIdentity makes a key under a new passphrase, with older ones beside it.
func newIdentity(older ...age.Identity) (recipient, identity, passphrase string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", "", err
	}
	passphrase = NewPassphrase()
	keys := id.String() + "\n"
	for _, o := range older {
		keys += fmt.Sprintln(o) // age's identities print as what is read
	}
	identity, err = wrap([]byte(keys), passphrase)
	return id.Recipient().String(), identity, passphrase, err
}

// wrap encrypts a private key under a passphrase: an armored file that age -d opens.
func wrap(key []byte, passphrase string) (string, error) {
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return "", err
	}
	to.SetWorkFactor(workFactor)
	var b strings.Builder
	a := armor.NewWriter(&b)
	w, err := age.Encrypt(a, to)
	if err != nil {
		return "", err
	}
	_, err = w.Write(key)
	err = errors.Join(err, w.Close(), a.Close())
	return b.String(), err
}

// unwrap opens what wrap made. It gives nil when the passphrase is another.
func unwrap(identity, passphrase string) ([]age.Identity, error) {
	by, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, nil // an empty one
	}
	by.SetMaxWorkFactor(18) // that of the age program; more would take minutes
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(identity)), by)
	if others := (*age.NoIdentityMatchError)(nil); errors.As(err, &others) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return age.ParseIdentities(r)
}
