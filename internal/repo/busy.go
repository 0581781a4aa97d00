package repo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"potluck/internal/durable"
)

// patience is how long a change waits for another program to let go of a lock.
const patience = 10 * time.Second

// LockHandler makes the caller the one handler of the repository until release, or ErrBusy.
func (r *Repo) LockHandler() (release func(), err error) {
	f, err := r.flock("potluck-handler")
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, &Error{ErrBusy, r.dir, "stop the other handler first"}
	}
	if err != nil {
		return nil, err
	}
	return func() { f.Close() }, nil
}

// exclusive runs change while no other change to the repository runs, in this process or another.
func (r *Repo) exclusive(ctx context.Context, change func(context.Context) error) error {
	select {
	case r.gate <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.gate }()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	f, err := r.flock("potluck-write")
	for errors.Is(err, syscall.EWOULDBLOCK) {
		select {
		case <-ctx.Done():
			return &Error{ErrBusy, r.dir, "try again in a minute"}
		case <-time.After(time.Millisecond):
			f, err = r.flock("potluck-write")
		}
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if !r.swept {
		r.sweep()
		r.swept = true
	}
	return change(ctx)
}

// sweep clears away what a process that was killed in the middle of a change has left.
func (r *Repo) sweep() {
	durable.Sweep(r.dir)
	durable.Sweep(r.path("objects"))
	_ = filepath.WalkDir(r.path("refs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			durable.Sweep(path)
		}
		return nil
	})
}

func (r *Repo) flock(name string) (*os.File, error) {
	f, err := os.OpenFile(r.path(name), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
