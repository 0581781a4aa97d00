// Package durable writes files so that they are on disk.
//
// What is still there after the power fails went through four steps: its bytes into a temporary
// file, sync of that file, rename (or link) to its name, sync of the folder that holds the name.
//
//	err := durable.WriteFile("var/spool/7f3a", post, 0o600)   // replaces
//	err := durable.CreateFile("var/spool/7f3a", post, 0o600)  // fs.ErrExist when it is there
//
// For many files at once: Stage each, Sync each, Rename each, and SyncDir each folder once.
// Lock keeps others, git too, from changing a file at the same time.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Fault, set by tests alone, is asked before every operation that changes the disk: mkdir, write,
// sync, rename, link, remove, syncdir. Its error is the operation's result, and the operation is
// not done. A write that fails leaves half of its bytes, as a full disk does.
var Fault func(op, path string) error

// Op is an operation that changed the disk.
type Op struct {
	Name, Path string // as Fault is asked
	From       string // the other name, of a rename or a link
	Data       []byte // of a write, which makes a new file
	Perm       fs.FileMode
}

// Trace, set by tests alone, is told of every operation after it was done; see package crash.
var Trace func(Op)

// WriteFile replaces the file at path by data, all or nothing.
func WriteFile(path string, data []byte, perm fs.FileMode) error {
	return place(path, data, perm, (*Temp).Rename)
}

// CreateFile makes the file at path, whole, or returns an error that is fs.ErrExist.
func CreateFile(path string, data []byte, perm fs.FileMode) error {
	return place(path, data, perm, (*Temp).Link)
}

// WriteFiles replaces files of the folder dir, each all or nothing, and waits for the disk once.
func WriteFiles(dir string, files map[string][]byte, perm fs.FileMode) (err error) {
	temps := map[string]*Temp{}
	for name, data := range files {
		t, e := Stage(filepath.Join(dir, name), data, perm)
		defer t.Discard()
		temps[name], err = t, errors.Join(err, e)
	}
	var wg sync.WaitGroup
	errs := make(chan error, len(files))
	for _, t := range temps {
		if err == nil {
			wg.Go(func() { errs <- t.Sync() })
		}
	}
	wg.Wait()
	for len(errs) > 0 {
		err = errors.Join(err, <-errs)
	}
	for name, t := range temps {
		if err == nil {
			err = t.Rename(filepath.Join(dir, name))
		}
	}
	if err != nil {
		return err
	}
	return SyncDir(dir)
}

func place(path string, data []byte, perm fs.FileMode, put func(*Temp, string) error) error {
	t, err := Stage(path, data, perm)
	if err != nil {
		return err
	}
	defer t.Discard()
	if err := t.Sync(); err != nil {
		return err
	}
	if err := put(t, path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Remove removes the file at path. One that is not there is no error.
func Remove(path string) error {
	if err := Unlink(path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// RemoveFiles removes files of the folder dir, and waits for the disk once.
func RemoveFiles(dir string, names []string) error {
	var errs []error
	for _, name := range names {
		errs = append(errs, Unlink(filepath.Join(dir, name)))
	}
	return errors.Join(append(errs, SyncDir(dir))...)
}

// Unlink is Remove without the sync of the folder; an empty folder is removed too.
func Unlink(path string) error {
	err := do(Op{Name: "remove", Path: path}, func() error { return os.Remove(path) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// MkdirAll makes the folder at path with the parents that are missing.
func MkdirAll(path string, perm fs.FileMode) error {
	if isDir(path) {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := MkdirAll(parent, perm); err != nil {
			return err
		}
	}
	if err := Mkdir(path, perm); err != nil {
		return err
	}
	err := SyncDir(parent)
	if err != nil {
		_ = os.Remove(path) // or the next try would take it for durable
	}
	return err
}

// Mkdir makes one folder, if it is not there, without syncing its parent.
func Mkdir(path string, perm fs.FileMode) error {
	err := do(Op{Name: "mkdir", Path: path}, func() error { return os.Mkdir(path, perm) })
	if errors.Is(err, fs.ErrExist) && isDir(path) {
		return nil
	}
	return err
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// SyncDir makes the names in the folder dir durable.
func SyncDir(dir string) error {
	return do(Op{Name: "syncdir", Path: dir}, func() error {
		f, err := os.Open(dir)
		if err != nil {
			return err
		}
		defer f.Close()
		return f.Sync()
	})
}

func do(op Op, act func() error) error {
	if Fault != nil {
		if err := Fault(op.Name, op.Path); err != nil {
			return &fs.PathError{Op: op.Name, Path: op.Path, Err: err}
		}
	}
	err := act()
	if err == nil && Trace != nil {
		Trace(op)
	}
	return err
}
