package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"potluck/internal/durable"
)

// Spool is the folder of submissions that are not in git yet, one file each.
type Spool string

// Spool gives the vault's spool.
func (v *Vault) Spool() Spool { return Spool(filepath.Join(v.dir, "spool")) }

func (s Spool) file(id string) string { return filepath.Join(string(s), id) }

// Put writes the file of an item, on disk on return. One that is there is kept.
func (s Spool) Put(id string, data []byte) error {
	err := durable.CreateFile(s.file(id), data, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return durable.SyncDir(string(s)) // whoever made it may not have come to this
	}
	return err
}

// List gives the items in the spool, sorted.
func (s Spool) List() (ids []string, err error) {
	entries, err := os.ReadDir(string(s))
	for _, e := range entries {
		if !strings.Contains(e.Name(), ".") {
			ids = append(ids, e.Name())
		}
	}
	return ids, err
}

// Get reads the file of an item, or gives an error that is fs.ErrNotExist.
func (s Spool) Get(id string) ([]byte, error) { return os.ReadFile(s.file(id)) }

// Remove removes the files of items. One that is not there is no error.
func (s Spool) Remove(ids ...string) error { return durable.RemoveFiles(string(s), ids) }
