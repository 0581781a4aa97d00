package repo

import (
	"context"
	"errors"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Proposal is one submission: a file that waits beside main.
type Proposal struct {
	Ref      string // to be made; success without a change when it is there already
	Unless   string // another ref that, when it is there, means the same: the item has moved on
	Path     string
	Data     []byte
	Message  string
	Author   Signature
	When     time.Time
	Trailers []Trailer // "Proposes: PATH" is put before them
}

// Propose makes the commit and its ref, durable on return. ErrNoCommit when main is empty.
func (r *Repo) Propose(ctx context.Context, p Proposal) (Hash, error) {
	hs, err := r.ProposeAll(ctx, []Proposal{p})
	if err != nil {
		return Hash{}, err
	}
	return hs[0], nil
}

// ProposeAll is Propose for a batch (up to 64 is sensible) with one wait for the disk. After an
// error none, some or all of the refs are there; doing it again is safe.
func (r *Repo) ProposeAll(ctx context.Context, ps []Proposal) (hs []Hash, err error) {
	for i := range ps {
		if err := errors.Join(okRef(ps[i].Ref), ps[i].change().check()); err != nil {
			return nil, err
		}
	}
	err = r.exclusive(ctx, func(ctx context.Context) (err error) {
		hs, err = r.proposeAll(ctx, ps)
		return err
	})
	return hs, err
}

func (r *Repo) proposeAll(ctx context.Context, ps []Proposal) ([]Hash, error) {
	head, err := r.Head()
	if err != nil {
		return nil, err
	}
	base, err := r.base.entry(head)
	if err != nil {
		return nil, err
	}
	hs, made, b := make([]Hash, len(ps)), map[string]Hash{}, batch{}
	var names []string
	for i := range ps {
		names = append(names, ps[i].Ref)
		if hs[i], err = r.proposed(&ps[i], made); err == nil && hs[i].IsZero() {
			hs[i], err = r.addProposal(b, base, &ps[i])
			made[ps[i].Ref] = hs[i]
		}
		if err != nil {
			return nil, err
		}
	}
	if err := r.store(b); err != nil {
		return nil, err
	}
	if err := r.createRefs(ctx, made); err != nil {
		return nil, err
	}
	return hs, r.syncRefs(names...) // of those that were there, too
}

// proposed is the commit of a submission that was taken before, in this batch too, or zero.
func (r *Repo) proposed(p *Proposal, made map[string]Hash) (Hash, error) {
	if h, ok := made[p.Ref]; ok {
		return h, nil
	}
	for _, name := range []string{p.Ref, p.Unless} {
		h, err := r.Ref(name)
		if name != "" && !errors.Is(err, ErrNotFound) {
			return h, err
		}
	}
	return Hash{}, nil
}

func (r *Repo) addProposal(b batch, base Entry, p *Proposal) (Hash, error) {
	blob := b.add(plumbing.BlobObject, p.Data)
	tree, err := r.edit(b, base.tree, map[string]Hash{p.Path: blob})
	if err != nil {
		return Hash{}, err
	}
	return b.addCommit(tree, base.Hash, p.change()), nil
}

func (p *Proposal) change() *Change {
	return &Change{
		Files: map[string][]byte{p.Path: p.Data}, Message: p.Message, Author: p.Author, When: p.When,
		Trailers: append([]Trailer{{proposes, p.Path}}, p.Trailers...),
	}
}
