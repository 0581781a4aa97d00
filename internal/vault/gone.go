package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"potluck/internal/durable"
)

// Erase deletes everything that is kept of an item, in the spool too. What stays is a note
// why and since when, and the public key of its receipt, so that the code can be told, and
// the same post sent once more does not bring it back.
func (v *Vault) Erase(id, why string, now time.Time) error {
	if _, _, err := v.gone(id); errors.Is(err, fs.ErrNotExist) {
		to, err := v.receipt(id)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		note := why + " " + now.UTC().Format(time.DateOnly) + "\n" + to + "\n"
		if err := durable.WriteFile(v.file(id, ".gone"), []byte(note), 0o600); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(v.file(id, ".*"))
	halves, _ := filepath.Glob(v.Spool().file(id) + ".*") // of a post that was stopped
	errs := []error{err, v.Spool().Remove(id)}
	for _, f := range append(files, halves...) {
		if f != v.file(id, ".gone") {
			errs = append(errs, durable.Remove(f))
		}
	}
	return errors.Join(errs...)
}

// Gone tells why an item was erased, and when; "" when it was not.
func (v *Vault) Gone(id string) (why string, since time.Time) {
	note, _, err := v.gone(id)
	if err != nil {
		return "", since
	}
	why, day, _ := strings.Cut(note, " ")
	since, _ = time.Parse(time.DateOnly, day)
	return why, since
}

func (v *Vault) gone(id string) (note, receipt string, err error) {
	src, err := os.ReadFile(v.file(id, ".gone"))
	note, receipt, _ = strings.Cut(string(src), "\n")
	return note, strings.TrimSpace(receipt), err
}

// AllGone lists the items that were erased, and whether anything is left of each.
func (v *Vault) AllGone() (map[string]bool, error) {
	entries, err := os.ReadDir(filepath.Join(v.dir, "vault"))
	gone := map[string]bool{}
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ".gone"); ok {
			gone[id] = false
		}
	}
	for _, e := range entries {
		id, ext, _ := strings.Cut(e.Name(), ".")
		if _, ok := gone[id]; ok && ext != "gone" {
			gone[id] = true
		}
	}
	return gone, err
}

// Forget removes the note that an item was erased.
func (v *Vault) Forget(id string) error { return durable.Remove(v.file(id, ".gone")) }
