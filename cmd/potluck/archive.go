package main

import (
	"context"
	"errors"
	"io/fs"
	"iter"

	"potluck/internal/intake"
	"potluck/internal/pictures"
	"potluck/internal/repo"
)

// archivePort is the repository as intake wants it for those who edit pages.
type archivePort struct{ r *repo.Repo }

func (a archivePort) Tip() (string, error) {
	h, err := a.r.Head()
	return h.String(), err
}

func (a archivePort) FS(rev string) (fs.FS, error) {
	fsys, err := a.r.FS(rev)
	return fsys, notExist(err)
}

func (a archivePort) Log(path string) iter.Seq2[intake.Version, error] {
	return func(yield func(intake.Version, error) bool) {
		if path == "" {
			for e, err := range a.r.Log(repo.Main) {
				if !yield(version(e, ""), err) {
					return
				}
			}
			return
		}
		for c, err := range a.r.Changes(repo.Main, path) {
			if !yield(version(c.Entry, c.Path), err) {
				return
			}
		}
	}
}

func version(e repo.Entry, path string) intake.Version {
	v := intake.Version{Rev: e.Hash.String(), Path: path, Who: e.Author.Name, Why: e.Subject, When: e.When}
	for _, t := range e.Trailers {
		v.Trailers = append(v.Trailers, [2]string{t.Key, t.Value})
	}
	return v
}

func (a archivePort) Put(ctx context.Context, e intake.Edits) error {
	c := repo.Change{Message: e.Message, Author: repo.Signature(e.By), When: e.When, Files: map[string][]byte{}, Expect: map[string]repo.Hash{}}
	for path, swap := range e.Files {
		c.Files[path], c.Expect[path] = swap.New, repo.Hash{}
		if swap.Old != nil {
			c.Expect[path] = repo.BlobHash(swap.Old)
		}
	}
	_, err := a.r.Commit(ctx, c)
	return told(err)
}

// told is an error of a commit as one of intake's, where who decides or edits can do something
// about it.
func told(err error) error {
	switch {
	case errors.Is(err, repo.ErrMoved):
		return errors.Join(intake.ErrMoved, err)
	case errors.Is(err, repo.ErrUnsaved), errors.Is(err, repo.ErrInProgress), errors.Is(err, repo.ErrBusy):
		return refusal{err}
	}
	return err
}

// refusal is a refusal of the repository's as one of intake's.
type refusal struct{ error }

func (r refusal) Unwrap() []error {
	var hint interface{ Hint() string }
	errors.As(r.error, &hint)
	refused := &intake.Error{Text: r.Error(), Way: hint.Hint(), Key: "busy"}
	if errors.Is(r.error, repo.ErrUnsaved) {
		return []error{r.error, intake.ErrUnsaved}
	}
	return []error{r.error, refused}
}

// uploaded makes a picture that somebody sent fit to be published.
func uploaded(data []byte) (made []byte, ext string, err error) {
	made, ext, err = pictures.Anew(data)
	var p *pictures.Error
	if errors.As(err, &p) {
		err = &intake.Error{Text: p.Text, Way: p.Way}
	}
	return made, ext, err
}
