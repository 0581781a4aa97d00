package durable

import (
	"crypto/rand"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

const mark = ".potluck-"

// Temp is a file on its way to its name. Its own name is BASE.potluck-RANDOM.lock, which git does
// not take for a ref.
type Temp struct {
	f    *os.File
	name string
}

// Stage writes data to a temporary file whose name starts with base. It is not synced yet.
func Stage(base string, data []byte, perm fs.FileMode) (*Temp, error) {
	name := base + mark + strings.ToLower(rand.Text()[:12]) + ".lock"
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return nil, err
	}
	t := &Temp{f, name}
	if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err == nil {
		err = t.write(data, perm)
	}
	if _, e := os.Lstat(name); err == nil && e != nil { // swept before it was locked
		t.Close()
		return Stage(base, data, perm)
	}
	if err != nil {
		t.Discard()
		return nil, err
	}
	return t, nil
}

func (t *Temp) write(data []byte, perm fs.FileMode) error {
	err := do(Op{Name: "write", Path: t.name, Data: data, Perm: perm}, func() error {
		_, err := t.f.Write(data)
		return err
	})
	if err != nil {
		t.f.Write(data[:len(data)/2])
	}
	return err
}

// Sync makes the bytes durable.
func (t *Temp) Sync() error { return do(Op{Name: "sync", Path: t.name}, t.f.Sync) }

// Rename gives the file its name, in place of what had it. The folder is not synced yet.
func (t *Temp) Rename(path string) error {
	err := do(Op{Name: "rename", Path: path, From: t.name}, func() error { return os.Rename(t.name, path) })
	if err == nil {
		t.name = ""
		t.Close()
	}
	return err
}

// Link gives the file a second name, or returns an error that is fs.ErrExist.
func (t *Temp) Link(path string) error {
	return do(Op{Name: "link", Path: path, From: t.name}, func() error { return os.Link(t.name, path) })
}

// Close lets go of the open file; it can still be renamed.
func (t *Temp) Close() { t.f.Close() }

// Discard removes the temporary name, if it is still there. A nil Temp is discarded already.
func (t *Temp) Discard() {
	if t == nil {
		return
	}
	t.forget()
	t.Close()
}

// forget removes the temporary name and keeps the file open.
func (t *Temp) forget() {
	if t.name != "" {
		_ = Unlink(t.name)
	}
	t.name = ""
}
