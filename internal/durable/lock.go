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
// A Temp stays beside the lock as a witness: the same file by a second name, with an flock that the
// kernel drops when its process ends, however it ends. So a lock whose witness nobody holds was left
// by a dead process of ours, and is taken away; a lock without a witness is someone else's, and is
// waited for.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	t, err := Stage(path, nil, 0o644)
	if err != nil {
		return nil, err
	}
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := t.Link(path + ".lock")
		if err == nil {
			return func() { t.unlock(path) }, nil
		}
		if errors.Is(err, fs.ErrExist) && (breakStale(path) || pause(ctx, wait+rand.N(wait))) {
			continue
		}
		t.Discard()
		if errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("%s.lock is held by another program: %w", path, ctx.Err())
		}
		return nil, err
	}
}

// unlock leaves the witness, unheld, if it cannot remove the lock: the next who comes can.
func (t *Temp) unlock(path string) {
	if Unlink(path+".lock") == nil {
		t.Discard()
	}
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

// breakStale takes away path.lock if a dead process of ours left it, and says whether to try again.
func breakStale(path string) bool {
	if _, err := os.Lstat(path + ".lock"); err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	dir, base := filepath.Split(path)
	return sweep(filepath.Clean(dir), base+mark)
}

// Sweep removes from the folder dir the temporary files and locks that dead processes left.
func Sweep(dir string) { sweep(dir, "") }

func sweep(dir, prefix string) (swept bool) {
	names, _ := os.ReadDir(dir)
	for _, n := range names {
		if strings.HasPrefix(n.Name(), prefix) && strings.Contains(n.Name(), mark) {
			swept = sweepTemp(filepath.Join(dir, n.Name())) || swept
		}
	}
	return swept
}

// sweepTemp works under an flock on the file, so that of many who find a stale lock one removes
// it, and cannot remove the lock that another has taken since: that is another file.
func sweepTemp(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	lock := name[:strings.LastIndex(name, mark)] + ".lock"
	mine, err := f.Stat()
	held, e := os.Lstat(lock)
	if err == nil && e == nil && os.SameFile(mine, held) && Unlink(lock) != nil {
		return false
	}
	return Unlink(name) == nil
}
