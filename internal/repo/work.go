package repo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"potluck/internal/durable"

	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// work is the working tree that a ref is checked out in, held by index.lock. A nil one is of a ref
// that is not checked out; there is nothing to do then.
type work struct {
	r       *Repo
	release func()
	index   *index
	wrote   bool
}

var inProgress = map[string]string{
	"rebase-merge": "a rebase", "rebase-apply": "a rebase", "MERGE_HEAD": "a merge",
	"CHERRY_PICK_HEAD": "a cherry-pick", "REVERT_HEAD": "a revert",
}

// checkedOut takes the working tree, if the ref is checked out in it.
func (r *Repo) checkedOut(ctx context.Context, ref string) (*work, error) {
	if !strings.HasPrefix(ref, "refs/heads/") {
		return nil, nil
	}
	others, _ := filepath.Glob(r.path("worktrees/*/HEAD"))
	for _, head := range others {
		if raw, _ := os.ReadFile(head); string(raw) == "ref: "+ref+"\n" {
			return nil, &Error{ErrFormat, ref + " is checked out in a linked worktree", "see git worktree list, and check out another branch there"}
		}
	}
	if r.work == "" {
		return nil, nil
	}
	release, err := durable.Lock(ctx, r.path("index"))
	if err != nil {
		return nil, waited(err)
	}
	w := &work{r: r, release: release}
	if w.index, err = w.ready(ref); err != nil || w.index == nil {
		w.unlock()
		return nil, err
	}
	return w, nil
}

// ready reads the index, or none when another branch is checked out.
func (w *work) ready(ref string) (*index, error) {
	for name, what := range inProgress {
		if _, err := os.Lstat(w.r.path(name)); err == nil {
			return nil, &Error{ErrInProgress, what + " is not finished", "finish it, or call it off with git's --abort, and try again"}
		}
	}
	if _, head, err := w.r.looseRef("HEAD"); err != nil || head != ref {
		return nil, err
	}
	raw, err := os.ReadFile(w.r.path("index"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return parseIndex(raw)
}

// linger is how long the index stays locked after it was written. A git commit that had read the old
// one, and was about to lock and write it back, fails on the lock. Without that it fails on main, which
// has moved, but leaves an index without our entry, and the organizer's next commit would take the
// page away again.
const linger = 50 * time.Millisecond

func (w *work) close() {
	if w != nil && w.wrote {
		time.Sleep(linger)
	}
	w.unlock()
}

func (w *work) unlock() {
	if w != nil {
		w.release()
	}
}

// write brings files to the working tree and the index, or nothing at all if an unsaved edit of
// one of them is in the way.
func (w *work) write(files []planned) error {
	if w == nil {
		return nil
	}
	edits := map[string][]byte{}
	var missing []planned
	for _, f := range files {
		place, entry, err := w.compare(f)
		if err != nil {
			return err
		}
		if place {
			missing = append(missing, f)
		}
		if place || entry {
			edits[f.path] = nil
		}
	}
	for _, f := range missing {
		if err := w.place(f); err != nil {
			return err
		}
	}
	return w.writeIndex(files, edits)
}

// compare says whether a file has to be placed in the working tree, and whether its index entry has
// to be set. What is in the working tree may be what is wanted (an earlier try was stopped), or
// what was committed; anything else is someone's unsaved edit. It does not matter when there is
// nothing to publish.
func (w *work) compare(f planned) (place, entry bool, err error) {
	here, err := w.hash(f.path)
	staged, merged := w.index.find(f.path)
	switch {
	case err != nil:
		return false, false, err
	case here == f.want && merged:
		return false, staged != f.want, nil
	case f.head.Hash == f.want:
		return false, false, nil
	case here == f.head.Hash && merged && (staged == f.head.Hash || staged == f.want):
		return true, true, nil
	}
	return false, false, unsaved(f.path)
}

func unsaved(path string) error {
	return &Error{ErrUnsaved, path, "commit your edit of that file, or move it away, and try again"}
}

// hash is the blob that the file in the working tree would be, zero when there is none.
func (w *work) hash(p string) (Hash, error) {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if info, err := os.Lstat(w.abs(dir)); err == nil && !info.IsDir() {
			return Hash{}, unsaved(dir)
		}
	}
	info, err := os.Lstat(w.abs(p))
	if errors.Is(err, fs.ErrNotExist) {
		return Hash{}, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = unsaved(p)
	}
	if err != nil {
		return Hash{}, err
	}
	data, err := os.ReadFile(w.abs(p))
	return BlobHash(data), err
}

func (w *work) abs(p string) string { return filepath.Join(w.r.work, filepath.FromSlash(p)) }

// place puts a file in, or takes it away. It is staged in the git folder, where no one looks.
func (w *work) place(f planned) error {
	if f.want.IsZero() {
		return w.remove(f.path)
	}
	if err := durable.MkdirAll(filepath.Dir(w.abs(f.path)), 0o755); err != nil {
		return err
	}
	perm := fs.FileMode(0o644)
	if f.mode == filemode.Executable {
		perm = 0o755
	}
	t, err := durable.Stage(w.r.path("potluck-file"), f.data, perm)
	if err != nil {
		return err
	}
	defer t.Discard()
	if err := t.Sync(); err != nil {
		return err
	}
	if f.head.Hash.IsZero() {
		err = t.Link(w.abs(f.path))
	} else {
		err = t.Rename(w.abs(f.path))
	}
	if errors.Is(err, fs.ErrExist) {
		return unsaved(f.path)
	}
	if err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(w.abs(f.path)))
}

// remove also removes the folders that it leaves empty, as git does.
func (w *work) remove(p string) error {
	if err := durable.Remove(w.abs(p)); err != nil {
		return err
	}
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if os.Remove(w.abs(dir)) != nil {
			break
		}
	}
	return nil
}

// writeIndex sets the entries of the files that edits names.
func (w *work) writeIndex(files []planned, edits map[string][]byte) error {
	if len(edits) == 0 {
		return nil
	}
	for _, f := range files {
		if _, ok := edits[f.path]; ok && !f.want.IsZero() {
			info, err := os.Lstat(w.abs(f.path))
			if err != nil {
				return err
			}
			edits[f.path] = newEntry(f, info)
		}
	}
	w.wrote = true
	return durable.WriteFile(w.r.path("index"), w.index.splice(edits), 0o644)
}
