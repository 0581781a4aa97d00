package pictures

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"os"
	"path/filepath"

	"potluck/internal/durable"
)

// version is in the name of all that is kept, and changes when Make does.
const version = "1"

// Cache keeps in a folder what Make made, by the hash of the picture. It may be
// used by many goroutines and processes, and deleted at any time.
type Cache struct{ dir string }

// Open gives the cache in a folder, which is made when the first picture is kept.
func Open(dir string) *Cache { return &Cache{dir} }

// Make is the package's Make. A cache that cannot be read or written is no error:
// the picture is then made each time.
func (c *Cache) Make(data []byte) (*Picture, error) {
	name := c.name(data)
	if p := read(name); p != nil {
		return p, nil
	}
	p, err := Make(data)
	if err == nil {
		keep(name, p)
	}
	return p, err
}

func (c *Cache) name(data []byte) string {
	sum := sha256.Sum256(data)
	h := hex.EncodeToString(sum[:])
	return filepath.Join(c.dir, version, h[:2], h[2:])
}

// read gives what is kept, or nil. A file that was cut short does not decode.
func read(name string) *Picture {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	var p Picture
	if gob.NewDecoder(bytes.NewReader(b)).Decode(&p) != nil || len(p.File) == 0 {
		return nil
	}
	return &p
}

func keep(name string, p *Picture) {
	var b bytes.Buffer
	if gob.NewEncoder(&b).Encode(p) == nil && durable.MkdirAll(filepath.Dir(name), 0o700) == nil {
		_ = durable.WriteFile(name, b.Bytes(), 0o600)
	}
}
