package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

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

// KeyFile gives the key in a file of age identities.
func KeyFile(path string) (open func(sealed []byte) ([]byte, error), err error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	ids, err := age.ParseIdentities(bytes.NewReader(src))
	if err != nil {
		return nil, &Error{path + " holds no age key: " + err.Error(), "it should have a line that begins with AGE-SECRET-KEY-1"}
	}
	return opener(ids), nil
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

// workFactor is that of scrypt for passphrases, as a power of two: 32 MB and a tenth of a
// second for each try. A passphrase is never chosen by a person (see [NewPassphrase]); it
// has 66 bits, which no number of tries at this price comes near.
const workFactor = 15

// newIdentity makes a key under a new passphrase.
func newIdentity() (recipient, identity, passphrase string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", "", err
	}
	passphrase = NewPassphrase()
	identity, err = wrap([]byte(id.String()+"\n"), passphrase)
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
	by.SetMaxWorkFactor(workFactor + 3) // also one that was wrapped by the age program
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(identity)), by)
	if others := (*age.NoIdentityMatchError)(nil); errors.As(err, &others) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return age.ParseIdentities(r)
}
