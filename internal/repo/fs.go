package repo

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// FS is the tree of a revision, read-only and safe for concurrent use. Files carry the time of the
// commit; symbolic links are listed as such and cannot be opened; submodules are left out.
func (r *Repo) FS(rev string) (fs.FS, error) {
	h, err := r.Resolve(rev)
	if err != nil {
		return nil, err
	}
	e, err := r.read.entry(h)
	if err != nil {
		return nil, err
	}
	return &treeFS{objects: r.read, root: e.tree, when: e.When, dirs: map[Hash][]fs.DirEntry{}}, nil
}

// ReadAt is the file at path in the revision, or an error that is fs.ErrNotExist.
func (r *Repo) ReadAt(rev, path string) ([]byte, error) {
	fsys, err := r.FS(rev)
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(fsys, path)
}

// treeFS keeps the folders that were read; a tree never changes.
type treeFS struct {
	objects *objects
	root    Hash
	when    time.Time

	mu   sync.Mutex
	dirs map[Hash][]fs.DirEntry
}

// node is a file or folder of the tree.
type node struct {
	fs   *treeFS
	name string
	mode fs.FileMode
	hash Hash
}

func (n *node) Name() string       { return n.name }
func (n *node) IsDir() bool        { return n.mode.IsDir() }
func (n *node) Mode() fs.FileMode  { return n.mode }
func (n *node) ModTime() time.Time { return n.fs.when }
func (n *node) Sys() any           { return n }

// Size reads the file: the tree does not tell it.
func (n *node) Size() int64 {
	if n.IsDir() {
		return 0
	}
	data, _ := n.fs.objects.blob(n.hash)
	return int64(len(data))
}

var modes = map[filemode.FileMode]fs.FileMode{
	filemode.Dir: fs.ModeDir | 0o555, filemode.Regular: 0o444, filemode.Executable: 0o555, filemode.Symlink: fs.ModeSymlink | 0o777,
}

func (f *treeFS) list(h Hash) ([]fs.DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if list, ok := f.dirs[h]; ok {
		return list, nil
	}
	entries, err := f.objects.tree(h)
	if err != nil {
		return nil, err
	}
	var list []fs.DirEntry
	for _, e := range entries {
		if mode, ok := modes[e.Mode]; ok {
			list = append(list, fs.FileInfoToDirEntry(&node{f, e.Name, mode, e.Hash}))
		}
	}
	// git sorts a folder as if its name ended in a slash.
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	f.dirs[h] = list
	return list, nil
}

func (f *treeFS) find(name string) (*node, error) {
	n := &node{f, path.Base(name), fs.ModeDir | 0o555, f.root}
	if !fs.ValidPath(name) {
		return nil, fs.ErrInvalid
	}
	for part := range strings.SplitSeq(name, "/") {
		if name == "." {
			break
		}
		if !n.IsDir() {
			return nil, fs.ErrNotExist
		}
		list, err := f.list(n.hash)
		if err != nil {
			return nil, err
		}
		i, ok := slices.BinarySearchFunc(list, part, func(e fs.DirEntry, s string) int { return cmp.Compare(e.Name(), s) })
		if !ok {
			return nil, fs.ErrNotExist
		}
		info, _ := list[i].Info()
		n = info.(*node)
	}
	return n, nil
}

// Open implements fs.FS.
func (f *treeFS) Open(name string) (fs.File, error) {
	n, err := f.find(name)
	o := &opened{node: n}
	switch {
	case err != nil:
	case n.IsDir():
		o.rest, err = f.list(n.hash)
	case !n.mode.IsRegular():
		err = errors.New("symbolic links are not followed")
	default:
		o.data, err = f.objects.blob(n.hash)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return o, nil
}

// opened is an open file with the data that is left to read, or an open folder with the entries.
type opened struct {
	*node
	data []byte
	rest []fs.DirEntry
}

func (o *opened) Stat() (fs.FileInfo, error) { return o.node, nil }
func (o *opened) Close() error               { return nil }

func (o *opened) Read(p []byte) (int, error) {
	if o.IsDir() {
		return 0, errors.New("is a folder")
	}
	n := copy(p, o.data)
	if o.data = o.data[n:]; n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// ReadDir implements fs.ReadDirFile.
func (o *opened) ReadDir(n int) ([]fs.DirEntry, error) {
	if !o.IsDir() {
		return nil, errors.New("not a folder")
	}
	if n > 0 && len(o.rest) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(o.rest) {
		n = len(o.rest)
	}
	list := slices.Clone(o.rest[:n])
	o.rest = o.rest[n:]
	return list, nil
}
