package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/repo"
	"potluck/internal/site"
	"potluck/internal/vault"
)

// openForReview opens what -C names, for a command that decides on submissions.
func openForReview(c *call) (*network, *intake.Service, error) {
	if err := guardSource(c); err != nil {
		return nil, nil, err
	}
	n, err := openNetwork(c)
	if err != nil {
		return nil, nil, err
	}
	if err := n.needRepo(); err != nil {
		return nil, nil, err
	}
	svc, err := openIntake(n)
	return n, svc, err
}

// openIntake gives a network's intake. Without git it is there and takes nothing.
func openIntake(n *network) (*intake.Service, error) {
	o, err := intakeOptions(n)
	if err != nil {
		return nil, err
	}
	return intake.New(o), nil
}

func intakeOptions(n *network) (o intake.Options, err error) {
	o.Config = func() *site.Config { return n.cfg() }
	if n.repo == nil {
		return o, nil
	}
	v, err := vault.Open(n.path("var"))
	if err != nil {
		return o, err
	}
	o.Pages = n.pages
	o.Spool, o.Vault, o.Git = v.Spool(), v, gitPort{n.repo}
	o.Archive, o.Picture = archivePort{n.repo}, uploaded
	o.Key, err = v.ServerKey()
	return o, err
}

// gitPort is the repository as intake wants it.
type gitPort struct{ r *repo.Repo }

var handler = repo.Signature{Name: "potluck", Email: "handler@potluck.invalid"}

func (g gitPort) Propose(ctx context.Context, ps []intake.Proposal) error {
	var all []repo.Proposal
	for _, p := range ps {
		trailers := []repo.Trailer{{Key: "State", Value: string(p.State)}}
		if p.HeldFor != "" {
			trailers = append(trailers, repo.Trailer{Key: "Held-for", Value: p.HeldFor})
		}
		if p.Form != "" {
			trailers = append(trailers, repo.Trailer{Key: "Form", Value: p.Form})
		}
		all = append(all, repo.Proposal{
			Ref: p.Ref, Unless: p.Unless, Path: p.Path, Data: p.Data, Message: p.Message,
			Author: handler, When: p.When, Trailers: trailers,
		})
	}
	_, err := g.r.ProposeAll(ctx, all)
	return err
}

func (g gitPort) Refs(prefix string) (map[string]string, error) {
	refs, err := g.r.Refs(prefix)
	heads := make(map[string]string, len(refs))
	for name, h := range refs {
		heads[name] = h.String()
	}
	return heads, err
}

func (g gitPort) Record(ref string) ([]intake.Entry, error) {
	record, err := g.r.Record(ref)
	var entries []intake.Entry
	for _, e := range record {
		op, _, _ := strings.Cut(e.Subject, " ")
		entries = append(entries, intake.Entry{
			Commit: e.Hash.String(), By: e.Author.Name, Op: strings.TrimSuffix(op, ":"), When: e.When,
			Path: e.Trailer("Proposes"), Form: e.Trailer("Form"), Parent: e.Parent.String(),
			State: intake.State(e.Trailer("State")), Reason: e.Trailer("Reason"), Held: e.Trailer("Held-for"),
			Change: e.Trailer("Change"), Claim: e.Trailer("Claimed-by"), Match: e.Trailer("Match"), Note: e.Trailer("Note"),
		})
	}
	return entries, notExist(err)
}

func (g gitPort) Read(ref, path string) ([]byte, error) {
	data, err := g.r.ReadAt(ref, path)
	return data, notExist(err)
}

func (g gitPort) Touched(ref, path string) (bool, error) { return g.r.Touched(ref, path) }

func (g gitPort) Commit(ctx context.Context, c intake.Change) error {
	change := repo.Change{Ref: c.Ref, Old: repo.ParseHash(c.At), Message: c.Message, Author: repo.Signature(c.By), When: c.When}
	if c.Path != "" {
		change.Files = map[string][]byte{c.Path: c.Data}
		change.Expect = map[string]repo.Hash{c.Path: {}}
		if c.Old != nil {
			change.Expect[c.Path] = repo.BlobHash(c.Old)
		}
	}
	for _, t := range c.Trailers {
		change.Trailers = append(change.Trailers, repo.Trailer{Key: t[0], Value: t[1]})
	}
	_, err := g.r.Commit(ctx, change)
	return told(err)
}

func (g gitPort) Move(ctx context.Context, from, to string) error {
	return g.r.MoveRef(ctx, from, to)
}

func (g gitPort) Erase(ctx context.Context, refs ...string) error { return g.r.Erase(ctx, refs...) }

// notExist makes "not in the repository" what intake looks for.
func notExist(err error) error {
	if errors.Is(err, repo.ErrNotFound) {
		return errors.Join(fs.ErrNotExist, err)
	}
	return err
}
