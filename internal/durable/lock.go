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

// Lock is the right to change one file, in the eyes of git too. NAME.lock is made if and only if
// it is not there, filled, and renamed over NAME. The Temp stays beside it as a witness: the same
// file by a second name, with an flock that the kernel drops when its process ends, however it
// ends. So a lock whose witness nobody holds was left by a dead process of ours, and is taken away;
// a lock without a witness is someone else's, and is waited for.
type Lock struct {
	temp *Temp
	path string
}

// TakeLock takes path.lock, and waits for it until ctx is done.
func TakeLock(ctx context.Context, path string) (*Lock, error) {
	t, err := Stage(path, nil, 0o644)
	if err != nil {
		return nil, err
	}
	return t.Lock(ctx, path)
}

// Lock takes path.lock with the staged file as its contents. The Temp belongs to the Lock then, or
// is discarded when there is an error.
func (t *Temp) Lock(ctx context.Context, path string) (*Lock, error) {
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := t.Link(path + ".lock")
		if err == nil {
			return &Lock{t, path}, nil
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

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// Write fills the lock file with data and syncs it.
func (l *Lock) Write(data []byte) error {
	if err := l.temp.write(data); err != nil {
		return err
	}
	return l.temp.Sync()
}

// Commit puts the lock file, which must be synced, in the place of its file, and lets the lock go,
// also when there is an error. The folder is not synced yet.
func (l *Lock) Commit() error {
	err := do("rename", l.path, func() error { return os.Rename(l.path+".lock", l.path) })
	if err != nil {
		l.Rollback()
		return err
	}
	l.temp.Discard()
	return nil
}

// Rollback lets the lock go and leaves the file as it is.
func (l *Lock) Rollback() {
	_ = Unlink(l.path + ".lock")
	l.temp.Discard()
}

// breakStale takes away path.lock if a dead process of ours left it, and says whether to try again.
func breakStale(path string) bool {
	held, err := os.Lstat(path + ".lock")
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	dir, base := filepath.Split(path)
	names, _ := os.ReadDir(filepath.Clean(dir))
	for _, n := range names {
		if strings.HasPrefix(n.Name(), base+mark) && breakWitness(path, dir+n.Name(), held) {
			return true
		}
	}
	return false
}

// breakWitness works under an flock on the witness, so that of many who find a stale lock one
// removes it, and cannot remove the lock that another has taken since.
func breakWitness(path, witness string, held fs.FileInfo) bool {
	f, err := os.Open(witness)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !os.SameFile(info, held) || syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	now, err := os.Lstat(path + ".lock")
	if err != nil || !os.SameFile(info, now) {
		return true
	}
	return Unlink(path+".lock") == nil && Unlink(witness) == nil
}
