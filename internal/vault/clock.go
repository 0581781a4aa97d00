package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"potluck/internal/durable"
)

// Clock gives the time that was seen last, and since when the clock is in doubt; both are
// zero when there is nothing to tell.
func (v *Vault) Clock() (seen, doubt time.Time, err error) {
	src, err := os.ReadFile(v.clock())
	if errors.Is(err, fs.ErrNotExist) {
		return seen, doubt, nil
	}
	first, second, _ := strings.Cut(string(src), "\n")
	seen, e1 := time.Parse(time.RFC3339, first)
	doubt, e2 := time.Parse(time.RFC3339, strings.TrimSpace(second))
	if err == nil && (e1 != nil || e2 != nil) {
		err = &Error{Text: v.clock() + " cannot be read", Way: "remove it; the next round begins anew"}
	}
	return seen, doubt, err
}

// SetClock keeps both times, to the second.
func (v *Vault) SetClock(seen, doubt time.Time) error {
	text := seen.UTC().Format(time.RFC3339) + "\n" + doubt.UTC().Format(time.RFC3339) + "\n"
	return durable.WriteFile(v.clock(), []byte(text), 0o600)
}

func (v *Vault) clock() string { return filepath.Join(v.dir, "clock") }

// Lock keeps other processes from changing items until unlock. A process that ends lets go.
func (v *Vault) Lock() (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(v.dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for err = syscall.EINTR; err == syscall.EINTR; {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
