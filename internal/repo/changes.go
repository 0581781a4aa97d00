package repo

import (
	"bytes"
	"iter"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/object"
)

// FileChange is a commit that changed a file.
type FileChange struct {
	Entry
	Path string // of the file then; "" where the commit removed it
}

// Changes gives the commits of a revision that changed the file at path, newest first, along first
// parents. A file that came from another path, with half of its lines or more, is followed there.
func (r *Repo) Changes(rev, path string) iter.Seq2[FileChange, error] {
	return func(yield func(FileChange, error) bool) {
		for e, err := range r.Log(rev) {
			var c FileChange
			next := path
			if err == nil {
				c, next, err = r.fileChange(e, path)
			}
			if err != nil || !c.Hash.IsZero() {
				if !yield(c, err) || err != nil {
					return
				}
			}
			path = next
		}
	}
}

// fileChange tells whether a commit changed a file, by its zero value if not, and which path it
// had before.
func (r *Repo) fileChange(e Entry, path string) (c FileChange, from string, err error) {
	var before Entry
	if !e.Parent.IsZero() {
		if before, err = r.read.entry(e.Parent); err != nil {
			return c, path, err
		}
	}
	here, err := r.read.find(e.tree, path)
	if err != nil {
		return c, path, err
	}
	was, err := r.read.find(before.tree, path)
	switch {
	case err != nil || here.Hash == was.Hash:
		return c, path, err
	case here.Hash.IsZero():
		return FileChange{e, ""}, path, nil
	case was.Hash.IsZero() && !before.Hash.IsZero():
		from, err := r.movedFrom(e, before, path, here.Hash)
		return FileChange{e, path}, from, err
	}
	return FileChange{e, path}, path, nil
}

// movedFrom gives the path that a file had before the commit e, or its own.
func (r *Repo) movedFrom(e, before Entry, path string, blob Hash) (string, error) {
	data, err := r.read.blob(blob)
	if err != nil {
		return path, err
	}
	top, _, _ := strings.Cut(path, "/")
	from, best := path, 0
	err = r.read.diff(before.tree, e.tree, "", top, func(p string, was object.TreeEntry) {
		gone, err := r.read.find(e.tree, p)
		if err != nil || !gone.Hash.IsZero() {
			return
		}
		old, err := r.read.blob(was.Hash)
		if n := shared(old, data); err == nil && n > best && 2*n >= bytes.Count(data, []byte("\n")) {
			from, best = p, n
		}
	})
	return from, err
}

// shared counts the lines of b that a has too.
func shared(a, b []byte) (n int) {
	has := map[string]bool{}
	for l := range bytes.Lines(a) {
		has[string(l)] = true
	}
	for l := range bytes.Lines(b) {
		if has[string(l)] {
			n++
		}
	}
	return n
}
