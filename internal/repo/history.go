package repo

import (
	"errors"
	"maps"
	"slices"

	"github.com/go-git/go-git/v5/plumbing/object"
)

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
