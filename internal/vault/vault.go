// Package vault keeps what must never be in git: the folder var/ of a network.
//
//	organizers.toml      who reads: [[organizer]] name, role, recipient; and identity, her
//	                     private key under her passphrase, unless she keeps it herself
//	keys/server.key      32 random bytes, from which codes and stamps are made
//	spool/ID             a submission on its way into git
//	vault/ID.age         sealed answers, for keepers and the receipt
//	vault/ID.org.age     organizers' answers, for every organizer and keeper
//	vault/ID.recipients  to whom all this is sealed, one a line: keeper, organizer or receipt
//	vault/ID.readers     the names of the keepers it is for, where it is not for all of them
//	vault/ID.1.question.age, ID.1.answer.age, ID.parting.age  between organizers and the receipt
//	vault/ID.1.note.age  among organizers
//	vault/ID.gone        why and when an item was erased; nothing else of it is left
//	clock                the time that was seen last, against a clock that jumps
//	lock                 held while items change
//
// Folders are 0700, files 0600. Sealed files are ordinary age files, which age -d -i KEY
// opens. Sealing needs public keys only. Opening needs a private one, which is nowhere in
// clear: it is under a passphrase of six words that we make and nobody keeps, or with its
// owner. An opened one is a function in memory. Whatever is written is on disk when the function
// returns, and can be written again without harm. Erasing an item is deleting its files.
package vault

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"

	"potluck/internal/durable"
)

// Vault is one network's folder var/. It is safe for concurrent use.
type Vault struct{ dir string }

// Error is a refusal with a way out.
type Error struct {
	Text, Way string
	Key       string // of its words in the theme's strings, refused.Key, where an organizer can meet it
	Args      []any  // for {0} and so on in them
}

func (e *Error) Error() string { return e.Text }

// Hint is one sentence on what to do.
func (e *Error) Hint() string { return e.Way }

// Said names its words in the theme's strings; "" where there are none.
func (e *Error) Said() (key string, args []any) { return e.Key, e.Args }

// ErrNoKeeper says that nobody could read what would be sealed.
var ErrNoKeeper = &Error{Text: "there is no keeper, so nobody could read what neighbours write", Way: "make a keeper's key, or add one to var/organizers.toml"}

// Open opens the folder dir (a network's var/), and makes it if it is not there.
func Open(dir string) (*Vault, error) {
	for _, d := range []string{"", "keys", "spool", "vault"} {
		d = filepath.Join(dir, d)
		if err := errors.Join(durable.MkdirAll(d, 0o700), os.Chmod(d, 0o700)); err != nil {
			return nil, err
		}
		durable.Sweep(d) // half a post, of a process that was killed
	}
	return &Vault{dir}, nil
}

// Ready is nil when answers can be sealed so that a keeper can read them, or one of the
// readers where some are named.
func (v *Vault) Ready(readers []string) error {
	_, err := v.readers(readers)
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
		err = &Error{Text: path + " is damaged", Way: "bring it back from a backup; with another one, codes on receipts no longer work"}
	}
	return key, err
}

// Seal encrypts the sealed answers to the keepers and the receipt, and the organizers'
// answers to all organizers; where readers are named, both to these keepers alone.
// recipients is the record of both.
func (v *Vault) Seal(code string, readers []string, sealed, organizers []byte) (private, org []byte, recipients []string, err error) {
	who, err := v.readers(readers)
	if err != nil {
		return nil, nil, nil, err
	}
	receipt, err := Receipt(code)
	if err != nil {
		return nil, nil, nil, err
	}
	to := receipt.Recipient().String()
	private, err1 := encrypt(sealed, who.of(".age", to))
	org, err2 := encrypt(organizers, who.of(".org.age", to))
	return private, org, who.record(to), errors.Join(err1, err2)
}

func encrypt(plain []byte, to []string) ([]byte, error) {
	var rs []age.Recipient
	for _, s := range to {
		r, err := parseRecipient(s)
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

// Put stores what Seal gave, in the place of what was there. Whom it is for alone is on disk
// first, so that nothing is sealed to others later.
func (v *Vault) Put(id string, private, org []byte, recipients, readers []string) error {
	files := map[string][]byte{
		id + ".recipients": []byte(lines(recipients)), id + ".org.age": org, id + ".age": private,
	}
	if len(readers) > 0 {
		files[id+".readers"] = []byte(lines(readers))
	}
	return durable.WriteFiles(filepath.Join(v.dir, "vault"), files, 0o600)
}

func (v *Vault) file(id, ext string) string { return filepath.Join(v.dir, "vault", id+ext) }

// Read opens an item's files with a key. What it does not open is nil; when it opens
// neither, that is an error.
func (v *Vault) Read(id string, open func([]byte) ([]byte, error)) (private, org []byte, err error) {
	private, err1 := decrypt(v.file(id, ".age"), open)
	org, err2 := decrypt(v.file(id, ".org.age"), open)
	if err1 == nil && err2 == nil && private == nil && org == nil {
		err1 = &Error{"this key does not open " + id, "use the key of someone who was a keeper or organizer when it came in", "not-sealed-to", []any{id}}
	}
	return private, org, errors.Join(err1, err2)
}

// decrypt gives nil when the file was sealed to others.
func decrypt(path string, open func([]byte) ([]byte, error)) ([]byte, error) {
	sealed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	plain, err := open(sealed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return plain, nil
}
