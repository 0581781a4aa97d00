package repo

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"potluck/internal/durable"
)

// lockRef takes the lock of a ref that points at old (zero: is not there), else ErrMoved. git takes
// away folders of refs that became empty, so the folder is made again until the lock is in.
func (r *Repo) lockRef(ctx context.Context, name string, old Hash) (unlock func(), err error) {
	for range 5 {
		if err = durable.MkdirAll(filepath.Dir(r.path(name)), 0o755); err != nil {
			return nil, err
		}
		unlock, err = durable.Lock(ctx, r.path(name))
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return nil, waited(err)
	}
	now, err := r.Ref(name)
	if err == nil && now != old || errors.Is(err, ErrNotFound) && !old.IsZero() {
		err = &Error{ErrMoved, name, "look at it again, then decide"}
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// createRefs makes refs that are not there, with one wait for the disk.
func (r *Repo) createRefs(ctx context.Context, refs map[string]Hash) error {
	names := slices.Collect(maps.Keys(refs))
	temps := make([]*durable.Temp, len(names))
	for i, name := range names {
		unlock, err := r.lockRef(ctx, name, Hash{})
		if err != nil {
			return err
		}
		defer unlock()
		if temps[i], err = durable.Stage(r.path(name), []byte(refs[name].String()+"\n"), 0o644); err != nil {
			return err
		}
		defer temps[i].Discard()
	}
	err := parallel(len(temps), func(i int) error { return temps[i].Sync() })
	for i := 0; err == nil && i < len(temps); i++ {
		err = temps[i].Rename(r.path(names[i]))
	}
	if err != nil {
		return err
	}
	return r.syncRefs(names...)
}

// waited tells a lock that was never let go from other errors.
func waited(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{ErrBusy, err.Error(), "finish the git command that runs there; if none does, remove that file"}
	}
	return err
}

// syncRefs makes the folders of these refs durable. One that is gone was emptied by git, which has
// packed what was in it.
func (r *Repo) syncRefs(names ...string) error {
	dirs := map[string]bool{}
	for _, name := range names {
		dirs[filepath.Dir(r.path(name))] = true
	}
	if err := syncDirs(dirs); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return durable.SyncDir(r.dir)
}

// MoveRef gives what from points at the name to, and removes from. Without from and with to it is
// done already; ErrExists when to points elsewhere; ErrNotFound when there is neither.
func (r *Repo) MoveRef(ctx context.Context, from, to string) error {
	if err := errors.Join(okRef(from), okRef(to)); err != nil {
		return err
	}
	return r.exclusive(ctx, func(ctx context.Context) error {
		h, err := r.Ref(from)
		there, e := r.Ref(to)
		switch {
		case errors.Is(err, ErrNotFound) && e == nil:
			return r.syncRefs(from, to)
		case err == nil && errors.Is(e, ErrNotFound):
			err = r.createRefs(ctx, map[string]Hash{to: h})
		case err == nil && e == nil && there != h:
			err = &Error{ErrExists, to, "remove that one first, if it is not needed"}
		}
		if err == nil {
			err = r.syncRefs(to)
		}
		if err != nil {
			return err
		}
		return r.deleteRef(ctx, from, h)
	})
}

// DeleteRef removes a ref, loose or packed, if it points at old (or anywhere, when old is zero).
// One that is not there is no error.
func (r *Repo) DeleteRef(ctx context.Context, name string, old Hash) error {
	if err := okRef(name); err != nil {
		return err
	}
	return r.exclusive(ctx, func(ctx context.Context) error { return r.deleteRef(ctx, name, old) })
}

// deleteRef removes the packed ref first, as git does: while the loose one stands it hides it. The
// lock on packed-refs is held to the end, or git pack-refs would bring the ref back.
func (r *Repo) deleteRef(ctx context.Context, name string, old Hash) error {
	now, err := r.Ref(name)
	if errors.Is(err, ErrNotFound) {
		return r.syncRefs(name)
	}
	if err != nil {
		return err
	}
	if old.IsZero() {
		old = now
	}
	unlock, err := r.lockRef(ctx, name, old)
	if err != nil {
		return err
	}
	defer unlock()
	unlockPacked, err := durable.Lock(ctx, r.path("packed-refs"))
	if err != nil {
		return waited(err)
	}
	defer unlockPacked()
	packed, err := r.packedRefs()
	if err == nil && !packed[name].IsZero() {
		var raw []byte
		if raw, err = os.ReadFile(r.path("packed-refs")); err == nil {
			err = durable.WriteFile(r.path("packed-refs"), withoutRef(raw, name), 0o644)
		}
	}
	if err != nil {
		return err
	}
	return durable.Remove(r.path(name))
}

// withoutRef leaves out the ref's line, and the line "^…" below it that peels a tag.
func withoutRef(packed []byte, name string) []byte {
	var out bytes.Buffer
	gone := false
	for line := range strings.Lines(string(packed)) {
		gone = strings.HasSuffix(strings.TrimSpace(line), " "+name) || gone && strings.HasPrefix(line, "^")
		if !gone {
			out.WriteString(line)
		}
	}
	return out.Bytes()
}
