package repo

import (
	"errors"
	"maps"
	"slices"

	"github.com/go-git/go-git/v5/plumbing/object"
)

// History tells for every file of rev whose path starts with prefix which commit changed it last,
// along first parents. A file that was only moved was changed when it was changed before.
func (r *Repo) History(rev, prefix string) (map[string]Entry, error) {
	history, _, err := r.HistorySince(rev, prefix, Hash{})
	return history, err
}

// HistorySince is History down to the commit base, which is not looked at. rest gives, by their
// path now, the files that did not change since and the path they had in base; it is empty when rev
// does not descend from base. Where a shallow clone ends, what happened before is not known, and
// those files are in neither.
func (r *Repo) HistorySince(rev, prefix string, base Hash) (history map[string]Entry, rest map[string]string, err error) {
	h := &historian{o: r.read, prefix: prefix, history: map[string]Entry{}}
	for e, err := range r.Log(rev) {
		switch {
		case h.wanted == nil && err == nil:
			err = h.begin(e)
		case errors.Is(err, ErrNotFound) && h.wanted != nil:
			return h.history, nil, nil
		}
		if err == nil && e.Hash == base {
			return h.history, h.rest(), nil
		}
		if err == nil {
			err = h.commit(e)
		}
		if errors.Is(err, ErrNotFound) && h.wanted != nil {
			return h.history, nil, nil // the clone is shallow
		}
		if err != nil {
			return nil, nil, err
		}
		if len(h.wanted) == 0 && base.IsZero() {
			break
		}
	}
	return h.history, nil, nil
}

// historian walks back through a log.
type historian struct {
	o       *objects
	prefix  string
	wanted  map[string]string // path at the commit that is looked at → path now
	history map[string]Entry
}

func (h *historian) begin(e Entry) error {
	h.wanted = map[string]string{}
	return h.o.diff(e.tree, Hash{}, "", h.prefix, func(p string, _ object.TreeEntry) { h.wanted[p] = p })
}

func (h *historian) rest() map[string]string {
	rest := map[string]string{}
	for then, now := range h.wanted {
		rest[now] = then
	}
	return rest
}

// commit files what e changed, and follows the files that it moved.
func (h *historian) commit(e Entry) error {
	var before Entry
	var err error
	if !e.Parent.IsZero() {
		if before, err = h.o.entry(e.Parent); err != nil {
			return err
		}
	}
	is, was := map[string]Hash{}, map[string]Hash{}
	if err := h.o.diff(e.tree, before.tree, "", h.prefix, func(p string, e object.TreeEntry) { is[p] = e.Hash }); err != nil {
		return err
	}
	if err := h.o.diff(before.tree, e.tree, "", h.prefix, func(p string, e object.TreeEntry) { was[p] = e.Hash }); err != nil {
		return err
	}
	left := map[Hash]string{} // blobs that are no longer where they were
	for _, p := range slices.Sorted(maps.Keys(was)) {
		left[was[p]] = p
	}
	moved := map[string]string{}
	for _, p := range slices.Sorted(maps.Keys(is)) {
		now, ok := h.wanted[p]
		if !ok {
			continue
		}
		delete(h.wanted, p)
		from := left[is[p]]
		if _, taken := moved[from]; from != "" && was[p].IsZero() && !taken {
			moved[from] = now
		} else {
			h.history[now] = e
		}
	}
	maps.Copy(h.wanted, moved)
	return nil
}

// Changed lists the files below prefix that are not the same in two commits, sorted. The zero Hash
// has no files.
func (r *Repo) Changed(from, to Hash, prefix string) ([]string, error) {
	before, err := r.read.treeOf(from)
	if err != nil {
		return nil, err
	}
	after, err := r.read.treeOf(to)
	if err != nil {
		return nil, err
	}
	changed := map[string]bool{}
	note := func(path string, _ object.TreeEntry) { changed[path] = true }
	err = errors.Join(r.read.diff(before, after, "", prefix, note), r.read.diff(after, before, "", prefix, note))
	return slices.Sorted(maps.Keys(changed)), err
}
