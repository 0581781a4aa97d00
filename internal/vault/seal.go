package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"potluck/internal/durable"
	"potluck/internal/site"
)

// readers is whom to seal to: the keepers, and keepers and organizers together.
type readers struct {
	change       int // of organizers.toml
	keepers, all []string
}

// readers gives who reads today. Where names are given, it is the keepers of these names
// alone, for both.
func (p *people) readers(names []string) (who readers, err error) {
	who.change = p.change
	for _, o := range p.entries {
		if o.Role == site.Nobody || o.Recipient == "" {
			return who, &Error{Text: fmt.Sprintf("%q has no role or no recipient in var/organizers.toml", o.Name), Way: "add the line that is missing"}
		}
		if o.Role == site.Keeper && (len(names) == 0 || slices.Contains(names, o.Name)) {
			who.keepers = append(who.keepers, o.Recipient)
		}
		who.all = append(who.all, o.Recipient)
	}
	switch {
	case who.keepers == nil && len(names) > 0:
		return who, &Error{Text: "none of " + strings.Join(names, ", ") + " is a keeper, so nobody could read what is for them alone", Way: "name keepers in readers in site.toml, as potluck organizers lists them"}
	case who.keepers == nil:
		return who, ErrNoKeeper
	case len(names) > 0:
		who.all = who.keepers
	}
	return who, nil
}

// readers gives who reads today, of all or of the names.
func (v *Vault) readers(names []string) (readers, error) {
	p, err := v.people()
	if err != nil {
		return readers{}, err
	}
	return p.readers(names)
}

// readersOf gives who reads an item that is there: one that was for some keepers alone stays
// so.
func (v *Vault) readersOf(id string) (readers, error) {
	names, err := v.namesOf(id)
	if err != nil {
		return readers{}, err
	}
	return v.readers(names)
}

func (v *Vault) namesOf(id string) ([]string, error) {
	src, err := os.ReadFile(v.file(id, ".readers"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return strings.FieldsFunc(string(src), func(r rune) bool { return r == '\n' }), nil
}

// record is what ID.recipients holds, by line. It is written when all files of an item are
// sealed to these people, after the last of them: one that is old says that some may not be.
func (r readers) record(receipt string) []string {
	lines := []string{fmt.Sprint("change ", r.change)}
	for _, to := range r.all {
		role := "organizer "
		if slices.Contains(r.keepers, to) {
			role = "keeper "
		}
		lines = append(lines, role+to)
	}
	return append(lines, "receipt "+receipt)
}

// of gives whom the file of an item with this ending is sealed to.
func (r readers) of(ending, receipt string) []string {
	switch {
	case ending == ".age":
		return append(slices.Clone(r.keepers), receipt)
	case strings.HasSuffix(ending, ".org.age"), strings.HasSuffix(ending, ".note.age"):
		return r.all
	}
	return append(slices.Clone(r.all), receipt)
}

// Stale lists the items of which something may be sealed to others than who reads today.
func (v *Vault) Stale() (ids []string, err error) {
	p, err := v.people()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(v.file("*", ".recipients"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".recipients")
		if current, err := v.current(&p, id); err != nil {
			return nil, err
		} else if !current {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// current tells that an item is sealed to who reads today. One whose readers are all gone is
// not; sealing it anew says so.
func (v *Vault) current(p *people, id string) (bool, error) {
	src, err := os.ReadFile(v.file(id, ".recipients"))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil // erased a moment ago
	}
	names, err1 := v.namesOf(id)
	if err := errors.Join(err, err1); err != nil {
		return false, err
	}
	who, err := p.readers(names)
	if err != nil {
		return false, nil
	}
	receipt, err := v.receipt(id)
	return err == nil && string(src) == lines(who.record(receipt)), err
}

func lines(list []string) string { return strings.Join(list, "\n") + "\n" }

// SealAnew seals the files of an item to who reads today, as far as the key opens them, and
// tells whether that was all. A file is the old one or the new one at every moment, and what
// was stopped is done again by the next try: the record comes last.
func (v *Vault) SealAnew(id string, open func([]byte) ([]byte, error)) (whole bool, err error) {
	who, err := v.readersOf(id)
	if err != nil {
		return false, err
	}
	receipt, err := v.receipt(id)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil // erased a moment ago
	}
	files, err1 := filepath.Glob(v.file(id, ".*age"))
	if err := errors.Join(err, err1); err != nil {
		return false, err
	}
	anew := map[string][]byte{}
	for _, file := range files {
		plain, err := decrypt(file, open)
		if err != nil {
			return false, err
		}
		if plain == nil {
			continue
		}
		name := filepath.Base(file)
		if anew[name], err = encrypt(plain, who.of(strings.TrimPrefix(name, id), receipt)); err != nil {
			return false, err
		}
	}
	if err := durable.WriteFiles(filepath.Join(v.dir, "vault"), anew, 0o600); err != nil || len(anew) < len(files) {
		return false, err
	}
	return true, durable.WriteFile(v.file(id, ".recipients"), []byte(lines(who.record(receipt))), 0o600)
}
