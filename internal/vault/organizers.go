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

// people is organizers.toml. It is never changed in part: each change is the whole file
// written anew.
type people struct {
	change  int // grows with every change of who reads
	entries []entry
	invites []invite
}

// entry is one [[organizer]].
type entry struct {
	site.Organizer
	identity string // her private key, under her passphrase; "" when she keeps it herself
	rotated  bool   // the key of the entry before is in identity, too
}

func (v *Vault) list() string { return filepath.Join(v.dir, "organizers.toml") }

// Organizers gives who is in organizers.toml, in the order of the file.
func (v *Vault) Organizers() ([]site.Organizer, error) {
	p, err := v.people()
	var list []site.Organizer
	for _, e := range p.entries {
		list = append(list, e.Organizer)
	}
	return list, err
}

// people reads organizers.toml: change = "3", then [[organizer]] and [[invite]] with lines
// of key = "value". Anything else is an error, so that nobody is left out unnoticed.
func (v *Vault) people() (p people, err error) {
	src, err := os.ReadFile(v.list())
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	set := p.set
	for i, line := range strings.Split(string(src), "\n") {
		line = strings.TrimSpace(line)
		key, value, _ := strings.Cut(line, "=")
		text, e := strconv.Unquote(strings.TrimSpace(value))
		switch {
		case line == "" || line[0] == '#':
		case line == "[[organizer]]":
			p.entries = append(p.entries, entry{})
			set = p.entries[len(p.entries)-1].set
		case line == "[[invite]]":
			p.invites = append(p.invites, invite{})
			set = p.invites[len(p.invites)-1].set
		case e != nil || !set(strings.TrimSpace(key), text):
			return people{}, &Error{Text: fmt.Sprintf("%s:%d: this line cannot be read", v.list(), i+1), Way: `write [[organizer]], then name = "…", role = "keeper" or "organizer", recipient = "age1…", each on a line`}
		}
	}
	return p, err
}

func (p *people) set(key, value string) (ok bool) {
	n, err := strconv.Atoi(value)
	p.change = n
	return key == "change" && err == nil
}

func (e *entry) set(key, value string) (ok bool) {
	switch key {
	case "name":
		e.Name, ok = value, site.IsName(value)
	case "role":
		e.Role, ok = site.ParseRole(value)
	case "recipient":
		_, err := parseRecipient(value)
		e.Recipient, ok = value, err == nil
	case "identity":
		e.identity, e.SignsIn, ok = value, value != "", true
	}
	return ok
}

// write puts organizers.toml in the place of the one before.
func (v *Vault) write(p people) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Written by potluck organizers and potluck keys.\nchange = \"%d\"\n", p.change)
	for _, e := range p.entries {
		fmt.Fprintf(&b, "\n[[organizer]]\nname = %q\nrole = %q\nrecipient = %q\n", e.Name, e.Role, e.Recipient)
		if e.identity != "" {
			fmt.Fprintf(&b, "identity = %q\n", e.identity)
		}
	}
	for _, i := range p.invites {
		fmt.Fprintf(&b, "\n[[invite]]\n%s", i.format())
	}
	return durable.WriteFile(v.list(), []byte(b.String()), 0o600)
}

// find gives the place of a name, or -1. Two names that differ in capitals alone are one.
func (p *people) find(name string) int {
	return slices.IndexFunc(p.entries, func(e entry) bool { return strings.EqualFold(e.Name, strings.TrimSpace(name)) })
}

// put enters a person, in the place of the one of that name. A network that has a keeper
// keeps one.
func (p *people) put(e entry) error {
	if !site.IsName(e.Name) {
		return &Error{Text: fmt.Sprintf("%q cannot be a name", e.Name), Way: "use a first name, or one that is made up: at most 40 letters"}
	}
	had := p.keepers()
	if i := p.find(e.Name); i >= 0 {
		if old := p.entries[i]; had == 1 && old.Role == site.Keeper && old.SignsIn && !e.holds(old) {
			return &Error{"only the passphrase of " + old.Name + " opens what is sealed, and this would take her key away", "make somebody else a keeper first", "only-key", []any{old.Name}}
		}
		p.entries[i] = e
	} else {
		p.entries = append(p.entries, e)
	}
	return p.changed(had)
}

// holds tells that the key of another entry is not lost with it.
func (e *entry) holds(old entry) bool { return e.identity == old.identity || e.rotated }

func (p *people) keepers() (n int) {
	for _, e := range p.entries {
		if e.Role == site.Keeper {
			n++
		}
	}
	return n
}

func (p *people) changed(had int) error {
	if had > 0 && p.keepers() == 0 {
		return &Error{"then there would be no keeper, and nobody could read what neighbours write", "make somebody else a keeper first", "last-keeper", nil}
	}
	p.change++
	return nil
}

// alter changes organizers.toml. Who calls it holds the lock.
func (v *Vault) alter(change func(*people) error) error {
	p, err := v.people()
	if err == nil {
		err = change(&p)
	}
	if err == nil {
		err = v.write(p)
	}
	return err
}

// Enter enters a person whose private key is her own matter, or gives her another public
// key or role; a key that is kept under her passphrase is kept only where the public one
// stays.
func (v *Vault) Enter(o site.Organizer) error {
	if _, err := parseRecipient(o.Recipient); err != nil {
		return err
	}
	return v.alter(func(p *people) error {
		e := entry{Organizer: o}
		e.SignsIn = false
		if i := p.find(o.Name); i >= 0 && p.entries[i].Recipient == o.Recipient {
			e.Name, e.identity, e.SignsIn = p.entries[i].Name, p.entries[i].identity, p.entries[i].SignsIn
		}
		return p.put(e)
	})
}

// EnterAnew enters a person with a new key, which is kept under a new passphrase; or gives
// these to one who is there. The passphrase is given this one time.
func (v *Vault) EnterAnew(name string, role site.Role) (passphrase string, err error) {
	e, passphrase, err := newEntry(name, role)
	if err != nil {
		return "", err
	}
	return passphrase, v.alter(func(p *people) error { return p.put(e) })
}

// Rotate gives a person who signs in a new key and passphrase. The passphrase of before opens
// the old key, which is kept beside the new one under the new passphrase, so that whatever
// happens next nothing is lost; to the old one nothing is sealed any more. There is no new
// passphrase when the old one is another.
func (v *Vault) Rotate(name, passphrase string) (renewed string, err error) {
	p, err := v.people()
	i := p.find(name)
	if err != nil || i < 0 {
		return "", err
	}
	old := p.entries[i]
	ids, err := unlock(old.identity, passphrase)
	if err != nil || ids == nil {
		return "", err
	}
	e := entry{Organizer: old.Organizer, rotated: true}
	if e.Recipient, e.identity, renewed, err = newIdentity(ids[:min(len(ids), olderKeys)]...); err != nil {
		return "", err
	}
	return renewed, v.alter(func(p *people) error { return p.put(e) })
}

// olderKeys is how many keys of before are kept beside one that is new.
const olderKeys = 3

func newEntry(name string, role site.Role) (e entry, passphrase string, err error) {
	e = entry{Organizer: site.Organizer{Name: name, Role: role, SignsIn: true}}
	e.Recipient, e.identity, passphrase, err = newIdentity()
	return e, passphrase, err
}

// Leave takes a person out, and what she was invited to.
func (v *Vault) Leave(name string) error {
	return v.alter(func(p *people) error {
		had, i := p.keepers(), p.find(name)
		invites := len(p.invites)
		p.invites = slices.DeleteFunc(p.invites, func(i invite) bool { return strings.EqualFold(i.Name, name) })
		if i < 0 && len(p.invites) == invites {
			return &Error{fmt.Sprintf("there is no organizer %q", name), "potluck organizers lists them", "no-organizer", []any{name}}
		}
		if i >= 0 {
			p.entries = slices.Delete(p.entries, i, i+1)
		}
		return p.changed(had)
	})
}

// unlocking is held while a passphrase is tried: each try takes 16 MB.
var unlocking sync.Mutex

// Unlock opens the key that is kept under a person's passphrase. It gives nil when the two
// do not belong together; a name that is not there takes as long.
func (v *Vault) Unlock(name, passphrase string) (person site.Organizer, open func(sealed []byte) ([]byte, error), err error) {
	p, err := v.people()
	if err != nil {
		return person, nil, err
	}
	e := entry{identity: nobody()}
	if i := p.find(name); i >= 0 && p.entries[i].SignsIn {
		e = p.entries[i]
	}
	ids, err := unlock(e.identity, passphrase)
	if err != nil || ids == nil {
		return site.Organizer{}, nil, err
	}
	return e.Organizer, opener(ids), nil
}

func unlock(identity, passphrase string) ([]age.Identity, error) {
	unlocking.Lock()
	defer unlocking.Unlock()
	return unwrap(identity, asTyped(passphrase))
}

// nobody is a key that no passphrase opens.
var nobody = sync.OnceValue(func() string {
	identity, err := wrap(nil, NewPassphrase())
	if err != nil {
		panic(err) // it is made of nothing but memory
	}
	return identity
})
