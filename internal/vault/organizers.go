package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"filippo.io/age"

	"potluck/internal/durable"
	"potluck/internal/site"
)

// entry is one [[organizer]] of organizers.toml.
type entry struct {
	site.Organizer
	identity string // her private key, under her passphrase; "" when she keeps it herself
}

func (v *Vault) list() string { return filepath.Join(v.dir, "organizers.toml") }

// Organizers gives who is in organizers.toml, in the order of the file.
func (v *Vault) Organizers() ([]site.Organizer, error) {
	entries, err := v.entries()
	var list []site.Organizer
	for _, e := range entries {
		list = append(list, e.Organizer)
	}
	return list, err
}

// entries reads organizers.toml: [[organizer]] and lines of key = "value". Anything else
// is an error, so that nobody is left out unnoticed.
func (v *Vault) entries() (list []entry, err error) {
	src, err := os.ReadFile(v.list())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for i, line := range strings.Split(string(src), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line == "[[organizer]]":
			list = append(list, entry{})
		case len(list) == 0 || !list[len(list)-1].set(line):
			return nil, &Error{fmt.Sprintf("%s:%d: this line cannot be read", v.list(), i+1),
				`write [[organizer]], then name = "…", role = "keeper" or "organizer", recipient = "age1…", each on a line`}
		}
	}
	return list, err
}

func (e *entry) set(line string) bool {
	key, value, _ := strings.Cut(line, "=")
	s, err := strconv.Unquote(strings.TrimSpace(value))
	ok := err == nil
	switch strings.TrimSpace(key) {
	case "name":
		e.Name = s
	case "role":
		e.Role, ok = site.ParseRole(s)
	case "recipient":
		e.Recipient = s
		_, err = age.ParseX25519Recipient(s)
		ok = err == nil
	case "identity":
		e.identity, e.SignsIn = s, s != ""
	default:
		return false
	}
	return ok
}

func (e *entry) format() string {
	text := fmt.Sprintf("[[organizer]]\nname = %q\nrole = %q\nrecipient = %q\n", e.Name, e.Role, e.Recipient)
	if e.identity != "" {
		text += fmt.Sprintf("identity = %q\n", e.identity)
	}
	return text + "\n"
}

// recipients gives whom to seal to: the keepers, and keepers and organizers together. Where
// readers are named, it is the keepers of these names alone, for both.
func (v *Vault) recipients(readers []string) (keepers, all []string, err error) {
	list, err := v.entries()
	if err != nil {
		return nil, nil, err
	}
	for _, o := range list {
		if o.Role == site.Nobody || o.Recipient == "" {
			return nil, nil, &Error{fmt.Sprintf("%s: %q has no role or no recipient", v.list(), o.Name), "add the line that is missing"}
		}
		if o.Role == site.Keeper && (len(readers) == 0 || slices.Contains(readers, o.Name)) {
			keepers = append(keepers, o.Recipient)
		}
		all = append(all, o.Recipient)
	}
	switch {
	case keepers == nil && len(readers) > 0:
		return nil, nil, &Error{"none of " + strings.Join(readers, ", ") + " is a keeper, so nobody could read what is for them alone", "name keepers in readers in site.toml, as they are named in var/organizers.toml"}
	case keepers == nil:
		return nil, nil, ErrNoKeeper
	case len(readers) > 0:
		return keepers, keepers, nil
	}
	return keepers, all, nil
}

// recipientsOf is [Vault.recipients] for an item that is there: one that was for some keepers
// alone stays so.
func (v *Vault) recipientsOf(id string) (keepers, all []string, err error) {
	src, err := os.ReadFile(v.file(id, ".readers"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	return v.recipients(strings.FieldsFunc(string(src), func(r rune) bool { return r == '\n' }))
}

// Add enters a person whose private key is her own matter.
func (v *Vault) Add(name string, role site.Role, recipient string) error {
	return v.enter(entry{Organizer: site.Organizer{Name: name, Role: role, Recipient: recipient}})
}

// AddWithPassphrase enters a person with a new key, which is kept under a new passphrase.
// The passphrase is given this one time.
func (v *Vault) AddWithPassphrase(name string, role site.Role) (passphrase string, err error) {
	e := entry{Organizer: site.Organizer{Name: name, Role: role, SignsIn: true}}
	if e.Recipient, e.identity, passphrase, err = newIdentity(); err != nil {
		return "", err
	}
	return passphrase, v.enter(e)
}

// enter puts an entry in the place of the one of that name, or at the end.
func (v *Vault) enter(e entry) error {
	list, err := v.entries()
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(list, func(o entry) bool { return o.Name == e.Name }); i >= 0 {
		list[i] = e
	} else {
		list = append(list, e)
	}
	return v.write(list)
}

func (v *Vault) write(list []entry) error {
	text := ""
	for _, e := range list {
		text += e.format()
	}
	return durable.WriteFile(v.list(), []byte(text), 0o600)
}

// unlocking is held while a passphrase is tried: each try takes 32 MB.
var unlocking sync.Mutex

// Unlock opens the key that is kept under a person's passphrase. It gives nil when the two
// do not belong together; a name that is not there takes as long.
func (v *Vault) Unlock(name, passphrase string) (person site.Organizer, open func(sealed []byte) ([]byte, error), err error) {
	list, err := v.entries()
	if err != nil {
		return person, nil, err
	}
	e := entry{identity: nobody()}
	for _, o := range list {
		if strings.EqualFold(o.Name, strings.TrimSpace(name)) && o.SignsIn {
			e = o
		}
	}
	unlocking.Lock()
	defer unlocking.Unlock()
	ids, err := unwrap(e.identity, asTyped(passphrase))
	if err != nil || ids == nil {
		return site.Organizer{}, nil, err
	}
	return e.Organizer, opener(ids), nil
}

// nobody is a key that no passphrase opens.
var nobody = sync.OnceValue(func() string {
	identity, err := wrap(nil, NewPassphrase())
	if err != nil {
		panic(err) // it is made of nothing but memory
	}
	return identity
})
