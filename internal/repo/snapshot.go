package repo

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Snapshot is a commit whose tree is these files and no others: a built site, on
// a branch that shares nothing with main.
type Snapshot struct {
	Ref     string // "refs/heads/pages"
	Files   map[string][]byte
	Message string
	Author  Signature // and committer
	When    time.Time
}

// Snapshot puts the files onto their branch, whose first commit has no parent,
// and returns where the branch points then. The same files make no new commit.
// Main and what is checked out are refused: ErrExists.
func (r *Repo) Snapshot(ctx context.Context, s Snapshot) (h Hash, err error) {
	c := Change{Ref: s.Ref, Files: s.Files, Message: s.Message, Author: s.Author, When: s.When}
	if err := errors.Join(okRef(s.Ref), c.check()); err != nil {
		return h, err
	}
	head, _ := os.ReadFile(r.path("HEAD"))
	if s.Ref == Main || string(head) == "ref: "+s.Ref+"\n" {
		return h, &Error{ErrExists, s.Ref + " holds the network's own files", "choose another branch, such as pages"}
	}
	err = r.exclusive(ctx, func(ctx context.Context) error {
		h, err = r.snapshot(ctx, &c)
		return err
	})
	return h, err
}

func (r *Repo) snapshot(ctx context.Context, c *Change) (Hash, error) {
	old, err := r.Ref(c.Ref)
	var base Entry
	if err == nil {
		base, err = r.base.entry(old)
	} else if errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err != nil {
		return Hash{}, err
	}
	b, wants := batch{}, map[string]Hash{}
	for path, data := range c.Files {
		wants[path] = b.add(plumbing.BlobObject, data)
	}
	tree, err := r.edit(b, Hash{}, wants)
	if err != nil || tree == base.tree && !old.IsZero() {
		return old, err
	}
	h := b.addCommit(tree, old, c)
	if err := r.storeNew(b); err != nil {
		return Hash{}, err
	}
	return h, r.advance(ctx, &plan{ref: c.Ref, old: old, new: h}, nil)
}

// storeNew writes the objects that are not there as files of their own.
func (r *Repo) storeNew(b batch) error {
	for h := range b {
		if _, err := os.Stat(r.path("objects/" + h.String()[:2] + "/" + h.String()[2:])); err == nil {
			delete(b, h)
		}
	}
	return r.store(b)
}
