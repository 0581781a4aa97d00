package vault

import (
	"crypto/subtle"
	"errors"
	"io/fs"
	"os"
	"strings"

	"filippo.io/age"

	"potluck/internal/durable"
)

// Owns tells that the code is the one an item was sealed to. Its ID alone does not show
// that: it has fewer bits than a code, and stands in the address of a published page.
func (v *Vault) Owns(id, code string) bool {
	to, err := v.receipt(id)
	if err != nil {
		_, to, _ = v.gone(id)
	}
	own, err := Receipt(code)
	return err == nil && subtle.ConstantTimeCompare([]byte(to), []byte(own.Recipient().String())) == 1
}

// receipt gives the recipient that belongs to the code of an item: the last word of the
// record.
func (v *Vault) receipt(id string) (string, error) {
	src, err := os.ReadFile(v.file(id, ".recipients"))
	if err != nil {
		return "", err
	}
	list := strings.Fields(string(src))
	if len(list) == 0 {
		return "", &Error{Text: v.file(id, ".recipients") + " is empty", Way: "bring it back from a backup"}
	}
	return list[len(list)-1], nil
}

// Open gives an item's sealed answers to whom the code belongs.
func (v *Vault) Open(id, code string) ([]byte, error) {
	own, err := Receipt(code)
	if err != nil {
		return nil, err
	}
	return decrypt(v.file(id, ".age"), opener([]age.Identity{own}))
}

// Reseal puts other answers in the place of an item's sealed ones, for the keepers of
// today and the receipt.
func (v *Vault) Reseal(id string, sealed []byte) error {
	return v.put(id, ".age", sealed)
}

// put seals words to who reads today, in the place of the file of an item with this ending.
// The record of the item stays: its other files may be older.
func (v *Vault) put(id, ending string, words []byte) error {
	who, err := v.readersOf(id)
	if err != nil {
		return err
	}
	receipt, err := v.receipt(id)
	if err != nil {
		return err
	}
	sealed, err := encrypt(words, who.of(ending, receipt))
	if err != nil {
		return err
	}
	return durable.WriteFile(v.file(id, ending), sealed, 0o600)
}

// Tell seals words between organizers and a neighbour, to all organizers and the receipt,
// in the place of what had this name. Names are such as 1.question.
func (v *Vault) Tell(id, name string, words []byte) error {
	return v.put(id, "."+name+".age", words)
}

// Note seals words among organizers, to all of them and no receipt, as ID.N.note.age.
func (v *Vault) Note(id, n string, words []byte) error {
	return v.put(id, "."+n+".note.age", words)
}

// Hear opens what Tell and Note sealed, with a key, or with the code when open is nil. It is nil
// when it is not there, or sealed to others.
func (v *Vault) Hear(id, name, code string, open func([]byte) ([]byte, error)) ([]byte, error) {
	if open == nil {
		own, err := Receipt(code)
		if err != nil {
			return nil, err
		}
		open = opener([]age.Identity{own})
	}
	words, err := decrypt(v.file(id, "."+name+".age"), open)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return words, err
}
