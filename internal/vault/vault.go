// Package vault keeps what must never be in git: the folder var/ of a network.
//
//	var/organizers.toml      who reads: [[organizer]] name, role, recipient
//	var/keys/keeper.txt      a keeper's key, an age identity file
//	var/keys/server.key      32 random bytes, from which codes and stamps are made
//	var/spool/ID             a submission on its way into git
//	var/vault/ID.age         sealed answers, for keepers and the receipt
//	var/vault/ID.org.age     organizers' answers, for every organizer and keeper
//	var/vault/ID.recipients  whom ID.age was sealed to, one a line
//
// Rules. Folders are 0700, files 0600. Sealed files are ordinary age files
// (X25519), which the age program opens: age -d -i var/keys/keeper.txt ID.age.
// Sealing needs public keys only; the server runs without the keepers' keys, and
// they are best kept on another machine. Whatever is written is on disk when the
// function returns, and can be written again without harm. To erase an item is to
// delete its files.
package vault

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"potluck/internal/durable"
)

// Vault is one network's folder var/. It is safe for concurrent use.
type Vault struct{ dir string }

// Error is a refusal with a way out.
type Error struct{ Text, Way string }

func (e *Error) Error() string { return e.Text }

// Hint is one sentence on what to do.
func (e *Error) Hint() string { return e.Way }

// ErrNoKeeper says that nobody could read what would be sealed.
var ErrNoKeeper = &Error{"there is no keeper, so nobody could read what neighbours write", "make a keeper's key, or add one to var/organizers.toml"}

// Open opens the folder dir (a network's var/), and makes it if it is not there.
func Open(dir string) (*Vault, error) {
	for _, d := range []string{dir, filepath.Join(dir, "keys"), filepath.Join(dir, "spool"), filepath.Join(dir, "vault")} {
		if err := durable.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
		if err := os.Chmod(d, 0o700); err != nil {
			return nil, err
		}
	}
	return &Vault{dir}, nil
}

// Ready is nil when answers can be sealed so that a keeper can read them.
func (v *Vault) Ready() error {
	_, _, err := v.recipients()
	return err
}

// ServerKey gives the server's secret, which is made at the first call.
func (v *Vault) ServerKey() ([]byte, error) {
	path, key := filepath.Join(v.dir, "keys", "server.key"), make([]byte, 32)
	rand.Read(key)
	if err := durable.CreateFile(path, key, 0o600); err == nil || !errors.Is(err, fs.ErrExist) {
		return key, err
	}
	key, err := os.ReadFile(path)
	if err == nil && len(key) != 32 {
		err = &Error{path + " is damaged", "bring it back from a backup; with another one, codes on receipts no longer work"}
	}
	return key, err
}

// Seal encrypts the sealed answers to the keepers and the receipt, and the
// organizers' answers to all organizers. recipients are those of the first.
func (v *Vault) Seal(code string, sealed, organizers []byte) (private, org []byte, recipients []string, err error) {
	keepers, all, err := v.recipients()
	if err != nil {
		return nil, nil, nil, err
	}
	receipt, err := Receipt(code)
	if err != nil {
		return nil, nil, nil, err
	}
	recipients = append(keepers, receipt.Recipient().String())
	private, err = encrypt(sealed, recipients)
	if err == nil {
		org, err = encrypt(organizers, all)
	}
	return private, org, recipients, err
}

func encrypt(plain []byte, to []string) ([]byte, error) {
	var rs []age.Recipient
	for _, s := range to {
		r, err := age.ParseX25519Recipient(s)
		if err != nil {
			return nil, err
		}
		rs = append(rs, r)
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, rs...)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(plain)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// Put stores what Seal gave, in the place of what was there.
func (v *Vault) Put(id string, private, org []byte, recipients []string) error {
	list := []byte(strings.Join(recipients, "\n") + "\n")
	var temps []*durable.Temp
	defer func() {
		for _, t := range temps {
			t.Discard()
		}
	}()
	files := []struct {
		ext  string
		data []byte
	}{{".recipients", list}, {".org.age", org}, {".age", private}}
	for _, f := range files {
		t, err := durable.Stage(v.file(id, f.ext), f.data, 0o600)
		if err != nil {
			return err
		}
		temps = append(temps, t)
		if err := t.Sync(); err != nil {
			return err
		}
	}
	for i, f := range files {
		if err := temps[i].Rename(v.file(id, f.ext)); err != nil {
			return err
		}
	}
	return durable.SyncDir(filepath.Join(v.dir, "vault"))
}

func (v *Vault) file(id, ext string) string { return filepath.Join(v.dir, "vault", id+ext) }

// Read opens an item's files with the identities in keyFile. What they do not
// open is nil; when they open neither, that is an error.
func (v *Vault) Read(id, keyFile string) (private, org []byte, err error) {
	ids, err := identities(keyFile)
	if err != nil {
		return nil, nil, err
	}
	private, perr := decrypt(v.file(id, ".age"), ids)
	org, oerr := decrypt(v.file(id, ".org.age"), ids)
	var other *age.NoIdentityMatchError
	for _, err := range []error{perr, oerr} {
		if err != nil && !errors.As(err, &other) {
			return nil, nil, err
		}
	}
	if perr != nil && oerr != nil {
		return nil, nil, &Error{"the key in " + keyFile + " does not open " + id, "use the key of a keeper or organizer who was one when it came in"}
	}
	return private, org, nil
}

func identities(keyFile string) ([]age.Identity, error) {
	f, err := os.Open(keyFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	ids, err := age.ParseIdentities(f)
	if err != nil {
		return nil, &Error{keyFile + " holds no age key: " + err.Error(), "it should have a line that begins with AGE-SECRET-KEY-1"}
	}
	return ids, nil
}

func decrypt(path string, ids []age.Identity) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := age.Decrypt(f, ids...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return io.ReadAll(r)
}
