package repo

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"
)

// A rebase reads main, and some time later leaves a note that it is at work. A commit of ours that
// comes in between is not known to it: it fails in the end, and whoever calls it off puts main back
// to where it was, without ours. A pull leaves FETCH_HEAD just before, which tells when to look longer.
const (
	pullIsFresh = 3 * time.Second
	watchPull   = 500 * time.Millisecond
)

// outlives waits, after a commit to a checked-out branch, for a rebase that does not know it, and
// says whether the commit is still there.
func (r *Repo) outlives(ctx context.Context, ref string, h Hash) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if info, err := os.Stat(r.path("FETCH_HEAD")); err == nil && time.Since(info.ModTime()) < pullIsFresh {
		for end := time.Now().Add(watchPull); time.Now().Before(end) && !r.forgets(h); {
			time.Sleep(10 * time.Millisecond)
		}
	}
	if !r.forgets(h) {
		return true, nil
	}
	for r.forgets(h) {
		if !wait(ctx, 20*time.Millisecond) {
			return false, &Error{ErrInProgress, "a rebase began at the same moment", "finish it, or call it off with git's --abort, and try again"}
		}
	}
	now, err := r.Ref(ref)
	if err != nil {
		return false, err
	}
	lost, _, err := r.read.apart(h, now)
	return err == nil && !lost[h], err
}

// forgets tells that a rebase is at work which began before the commit h.
func (r *Repo) forgets(h Hash) bool {
	for _, dir := range []string{"rebase-merge", "rebase-apply"} {
		if _, err := os.Lstat(r.path(dir)); err != nil {
			continue
		}
		began, err := os.ReadFile(r.path(dir + "/orig-head"))
		if errors.Is(err, os.ErrNotExist) {
			return true // it has just begun
		}
		lost, _, err := r.read.apart(h, ParseHash(strings.TrimSpace(string(began))))
		return err != nil || lost[h]
	}
	return false
}

// Touched tells whether a file was ever changed on the way to rev, along first parents. What was there
// once and is not in its history was taken away by rewriting it.
func (r *Repo) Touched(rev, path string) (bool, error) {
	seen := false
	for e, err := range r.Log(rev) {
		if err != nil {
			if seen && errors.Is(err, ErrNotFound) { // a shallow clone ends here, and nobody knows
				err = nil
			}
			return seen, err
		}
		seen = true
		now, err := r.read.find(e.tree, path)
		if err != nil {
			return false, err
		}
		if !now.Hash.IsZero() {
			return true, nil
		}
	}
	return false, nil
}
