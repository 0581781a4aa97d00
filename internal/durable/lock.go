package durable

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Lock is git's protocol for a file that others change too: path.lock is made if and only if it is
// not there, path is replaced, and unlock takes path.lock away. Lock waits until ctx is done.
//
// A lock of ours cannot be written to, which git's can, and is held by an flock that the kernel drops
// when its process ends, however it ends. So one that nobody holds was left by a dead process of ours,
// and is taken away; any other is waited for. Its mode alone tells: words in it could be lost with
// the power, and so could a second file beside it.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	t, err := Stage(path, nil, 0o444)
	if err != nil {
		return nil, err
	}
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := t.Link(path + ".lock")
		if err == nil {
			t.forget()
			return func() { t.unlock(path) }, nil
		}
		if errors.Is(err, fs.ErrExist) && (breakStale(path+".lock") || pause(ctx, wait+rand.N(wait))) {
			continue
		}
		t.Discard()
		if errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("%s.lock is held by another program: %w", path, ctx.Err())
		}
		return nil, err
	}
}

// unlock lets go of the lock even if it cannot remove it: the next who comes can.
func (t *Temp) unlock(path string) {
	_ = Unlink(path + ".lock")
	t.Close()
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// breakStale takes a lock away if a dead process of ours left it, and says whether to try again.
func breakStale(lock string) bool {
	info, err := os.Lstat(lock)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return info.Mode().IsRegular() && info.Mode().Perm()&0o222 == 0 && remains(lock)
}

// Sweep removes from the folder dir the temporary files and locks that dead processes left.
func Sweep(dir string) {
	names, _ := os.ReadDir(dir)
	for _, n := range names {
		switch path := filepath.Join(dir, n.Name()); {
		case strings.Contains(n.Name(), mark):
			remains(path)
		case strings.HasSuffix(n.Name(), ".lock"):
			breakStale(path)
		}
	}
}

// remains removes a file that nobody holds. It works under an flock on the file, so that of many who
// find a stale lock one removes it, and cannot remove the lock that another has taken since: that is
// another file.
func remains(name string) (removed bool) {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	mine, err := f.Stat()
	there, e := os.Lstat(name)
	return err == nil && e == nil && os.SameFile(mine, there) && Unlink(name) == nil
}
