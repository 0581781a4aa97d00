package vault

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"potluck/internal/durable"
	"potluck/internal/site"
)

// audit is the file that nothing is ever taken out of: one line for each time that private
// words were shown or deleted, or that who may read them changed.
func (v *Vault) audit() string { return filepath.Join(v.dir, "audit.log") }

// Record adds a line to the audit. It is on disk when there is no error.
func (v *Vault) Record(e site.Audit) error {
	line := e.When.UTC().Format(time.RFC3339)
	for _, s := range []string{e.Who, e.Did, e.About} {
		line += "\t" + site.CleanLine(s)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	unlock, err := durable.Lock(ctx, v.audit())
	if err != nil {
		return err
	}
	defer unlock()
	src, err := os.ReadFile(v.audit())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return durable.WriteFile(v.audit(), append(src, line+"\n"...), 0o600)
}

// Audit gives the lines of the audit, oldest first.
func (v *Vault) Audit() (list []site.Audit, err error) {
	src, err := os.ReadFile(v.audit())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for line := range strings.Lines(string(src)) {
		f := append(strings.Split(strings.TrimSuffix(line, "\n"), "\t"), "", "", "")
		when, _ := time.Parse(time.RFC3339, f[0])
		list = append(list, site.Audit{When: when, Who: f[1], Did: f[2], About: f[3]})
	}
	return list, err
}
