package outside

import (
	"bytes"
	"encoding/gob"
	"os"
	"path/filepath"

	"potluck/internal/durable"
)

// Read gives the answers that are kept in a file. Without one, or from one that
// cannot be read, nothing is known.
func Read(name string) map[string]Answer {
	b, err := os.ReadFile(name)
	var known map[string]Answer
	if err != nil || gob.NewDecoder(bytes.NewReader(b)).Decode(&known) != nil {
		return nil
	}
	return known
}

// Keep puts answers into a file. It may be deleted at any time.
func Keep(name string, answers map[string]Answer) error {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(answers); err != nil {
		return err
	}
	if err := durable.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return durable.WriteFile(name, b.Bytes(), 0o600)
}
