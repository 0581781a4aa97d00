package repo

import (
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// edit returns the tree that differs from the tree h as files says: path to blob, zero to remove.
// New trees go into b. A tree that becomes empty is the zero Hash.
func (r *Repo) edit(b batch, h Hash, files map[string]Hash) (Hash, error) {
	entries, err := r.base.tree(h)
	if err != nil {
		return h, err
	}
	byName := map[string]object.TreeEntry{}
	for _, e := range entries {
		byName[e.Name] = e
	}
	below := map[string]map[string]Hash{}
	for p, blob := range files {
		name, rest, deeper := strings.Cut(p, "/")
		switch {
		case deeper && below[name] == nil:
			below[name] = map[string]Hash{rest: blob}
		case deeper:
			below[name][rest] = blob
		default:
			err = set(byName, object.TreeEntry{Name: name, Mode: filemode.Regular, Hash: blob})
		}
		if err != nil {
			return h, err
		}
	}
	for name, files := range below {
		sub, err := r.edit(b, byName[name].Hash, files)
		if err == nil {
			err = set(byName, object.TreeEntry{Name: name, Mode: filemode.Dir, Hash: sub})
		}
		if err != nil {
			return h, err
		}
	}
	return b.addTree(byName), nil
}

// set puts e among the entries, or removes the entry of that name when e's hash is zero. A file
// stays executable; a file does not become a folder, nor a folder a file.
func set(entries map[string]object.TreeEntry, e object.TreeEntry) error {
	old, there := entries[e.Name]
	if there && old.Mode == filemode.Executable && e.Mode == filemode.Regular {
		e.Mode = old.Mode
	}
	if there && old.Mode != e.Mode {
		return &Error{ErrExists, e.Name + " is a file here and a folder there", "choose another name"}
	}
	if e.Hash.IsZero() {
		delete(entries, e.Name)
	} else {
		entries[e.Name] = e
	}
	return nil
}

func (b batch) addTree(byName map[string]object.TreeEntry) Hash {
	var entries []object.TreeEntry
	for _, e := range byName {
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return Hash{}
	}
	sort.Sort(object.TreeEntrySorter(entries))
	var raw []byte
	for _, e := range entries {
		raw = append(fmt.Appendf(raw, "%o %s\x00", uint32(e.Mode), e.Name), e.Hash[:]...)
	}
	return b.add(plumbing.TreeObject, raw)
}

// find is the entry of path p in the tree h, with zero Hash when there is none.
func (o *objects) find(h Hash, p string) (object.TreeEntry, error) {
	name, rest, deeper := strings.Cut(p, "/")
	entries, err := o.tree(h)
	for _, e := range entries {
		switch {
		case e.Name != name:
		case !deeper:
			return e, nil
		case e.Mode == filemode.Dir:
			return o.find(e.Hash, rest)
		}
	}
	return object.TreeEntry{}, err
}

// pair gives the entries of tree a, and those of tree b by name.
func (o *objects) pair(a, b Hash) (have []object.TreeEntry, was map[string]object.TreeEntry, err error) {
	if have, err = o.tree(a); err != nil {
		return nil, nil, err
	}
	other, err := o.tree(b)
	was = make(map[string]object.TreeEntry, len(other))
	for _, e := range other {
		was[e.Name] = e
	}
	return have, was, err
}

// diff calls visit for every file of tree a below dir that tree b has not, or not the same.
func (o *objects) diff(a, b Hash, dir, prefix string, visit func(path string, e object.TreeEntry)) error {
	if a == b {
		return nil
	}
	have, was, err := o.pair(a, b)
	if err != nil {
		return err
	}
	for _, e := range have {
		p, old := path.Join(dir, e.Name), was[e.Name]
		if e == old || !strings.HasPrefix(p, prefix) && !strings.HasPrefix(prefix, p+"/") {
			continue
		}
		if e.Mode != filemode.Dir {
			visit(p, e)
			continue
		}
		if old.Mode != filemode.Dir {
			old.Hash = Hash{}
		}
		if err := o.diff(e.Hash, old.Hash, p, prefix, visit); err != nil {
			return err
		}
	}
	return nil
}

// okPath says whether p may be a file of the repository: a plain slash path that leads neither out
// of it nor into .git, in any spelling that a file system might take for .git.
func okPath(p string) error {
	bad := !fs.ValidPath(p) || p == "." || strings.ContainsAny(p, "\\:\x7f")
	for part := range strings.SplitSeq(strings.ToLower(p), "/") {
		bad = bad || strings.HasPrefix(part, ".git") && part != ".gitignore" && part != ".gitattributes" ||
			strings.HasPrefix(part, "git~")
	}
	for _, c := range p {
		bad = bad || c < ' ' || c == '\u200c' || c == '\u200d'
	}
	if bad {
		return &Error{ErrNotFound, fmt.Sprintf("the path %q", p), "use letters, digits and dashes"}
	}
	return nil
}
