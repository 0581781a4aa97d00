package repo

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"potluck/internal/durable"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Change is one commit to be made.
type Change struct {
	Ref      string            // "" is Main
	Old      Hash              // when set, the ref must point here, else ErrMoved
	Files    map[string][]byte // path to contents; nil removes the file
	Expect   map[string]Hash   // path to the blob that must be there now (see BlobHash), zero for none, else ErrMoved
	Message  string
	Author   Signature // and committer
	When     time.Time
	Trailers []Trailer
}

// BlobHash is the hash of a file with these contents.
func BlobHash(data []byte) Hash { return plumbing.ComputeHash(plumbing.BlobObject, data) }

// check refuses what would make a commit that git calls broken.
func (c *Change) check() error {
	for p := range c.Files {
		if err := okPath(p); err != nil {
			return err
		}
	}
	switch {
	case c.Author.Name == "":
		return &Error{ErrNoName, "a commit needs an author", `say who you are with -as NAME, or git config user.name NAME; a pseudonym is fine`}
	case c.Message == "" || c.When.Unix() < 0:
		return errors.New("a commit needs a message and a time")
	}
	return nil
}

// plan is a Change worked out against what its ref points at.
type plan struct {
	ref      string
	old, new Hash // equal when everything is as wanted already
	files    []planned
	batch    batch
}

// planned is one file of a plan.
type planned struct {
	path string
	data []byte
	head object.TreeEntry // as committed, zero Hash when it is not
	want Hash             // zero to remove it
	mode filemode.FileMode
}

// Commit puts a change onto a branch or an item's ref and returns where that points then. A change
// of files that are all as wanted makes no commit, but completes what an earlier try left undone in
// the working tree; a change without files makes an empty commit, to carry trailers.
// ErrUnsaved, ErrInProgress, ErrMoved, ErrBusy.
func (r *Repo) Commit(ctx context.Context, c Change) (h Hash, err error) {
	if c.Ref == "" {
		c.Ref = Main
	}
	if err := errors.Join(okRef(c.Ref), c.check()); err != nil {
		return h, err
	}
	for {
		var w *work
		if h, w, err = r.commit(ctx, &c); err != nil || w == nil || !w.wrote {
			w.close()
			return h, err
		}
		w.close()
		if there, err := r.outlives(ctx, c.Ref, h); there || err != nil {
			return h, err
		}
	}
}

// commit gives the working tree that it wrote to, still locked.
func (r *Repo) commit(ctx context.Context, c *Change) (h Hash, w *work, err error) {
	err = r.exclusive(ctx, func(ctx context.Context) error {
		for {
			p, err := r.plan(c)
			if err != nil {
				return err
			}
			w, err = r.apply(ctx, p)
			if h = p.new; !errors.Is(err, ErrMoved) || ctx.Err() != nil {
				return err
			}
			time.Sleep(rand.N(20 * time.Millisecond)) // git moved it: build on what is there now
		}
	})
	return h, w, err
}

func (r *Repo) plan(c *Change) (*plan, error) {
	p := &plan{ref: c.Ref, batch: batch{}}
	var base Entry
	var err error
	if p.old, err = r.Ref(c.Ref); err == nil {
		base, err = r.base.entry(p.old)
	} else if errors.Is(err, ErrNotFound) && c.Ref == Main {
		err = nil
	}
	if err == nil && !c.Old.IsZero() && c.Old != p.old {
		err = &Error{ErrMoved, c.Ref, "look at it again, then decide"}
	}
	if err != nil {
		return nil, err
	}
	wants := map[string]Hash{}
	for path, data := range c.Files {
		f := planned{path: path, data: data}
		if f.head, err = r.base.find(base.tree, path); err != nil {
			return nil, err
		}
		if data != nil {
			f.want = p.batch.add(plumbing.BlobObject, data)
		}
		if f.mode = filemode.Regular; f.head.Mode == filemode.Executable {
			f.mode = f.head.Mode
		}
		if want, ok := c.Expect[path]; ok && want != f.head.Hash && f.want != f.head.Hash {
			return nil, &Error{ErrMoved, path, "look at the page as it is now, and make your change again"}
		}
		wants[path] = f.want
		p.files = append(p.files, f)
	}
	tree, err := r.edit(p.batch, base.tree, wants)
	if p.new = p.old; tree != base.tree || len(c.Files) == 0 {
		p.new = p.batch.addCommit(tree, p.old, c)
	}
	return p, err
}

// apply writes objects, working tree, index and ref, in this order: whatever stops it, git sees a
// sound repository, in which the file is at worst staged, never published and about to be lost.
// After an error there is nothing left to close.
func (r *Repo) apply(ctx context.Context, p *plan) (w *work, err error) {
	if p.new != p.old {
		if err := r.store(p.batch); err != nil {
			return nil, err
		}
	}
	if w, err = r.checkedOut(ctx, p.ref); err != nil {
		return nil, err
	}
	if p.new == p.old {
		err = w.write(p.files)
	} else {
		err = r.advance(ctx, p, w)
	}
	if err == nil {
		err = r.syncRefs(p.ref) // of an earlier try, too
	}
	if err != nil {
		w.unlock()
		return nil, err
	}
	return w, nil
}

func (r *Repo) advance(ctx context.Context, p *plan, w *work) error {
	unlock, err := r.lockRef(ctx, p.ref, p.old)
	if err != nil {
		return err
	}
	defer unlock()
	if err := w.write(p.files); err != nil {
		return err
	}
	return durable.WriteFile(r.path(p.ref), []byte(p.new.String()+"\n"), 0o644)
}
