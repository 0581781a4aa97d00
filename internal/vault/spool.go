package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"potluck/internal/durable"
)

// Spool is the folder var/spool: one file for each submission that was accepted
// and is not in git yet.
type Spool struct{ dir string }

// Spool gives the vault's spool.
func (v *Vault) Spool() Spool { return Spool{filepath.Join(v.dir, "spool")} }

// Put writes the file of an item, on disk on return. One that is there is kept.
func (s Spool) Put(id string, data []byte) error {
	err := durable.CreateFile(filepath.Join(s.dir, id), data, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return durable.SyncDir(s.dir) // whoever made it may not have come to this
	}
	return err
}

// List gives the items in the spool, sorted.
func (s Spool) List() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	var ids []string
	for _, e := range entries {
		if !strings.Contains(e.Name(), ".") {
			ids = append(ids, e.Name())
		}
	}
	return ids, err
}

// Get reads the file of an item, or gives an error that is fs.ErrNotExist.
func (s Spool) Get(id string) ([]byte, error) { return os.ReadFile(filepath.Join(s.dir, id)) }

// Remove removes the file of an item. One that is not there is no error.
func (s Spool) Remove(id string) error { return durable.Remove(filepath.Join(s.dir, id)) }
