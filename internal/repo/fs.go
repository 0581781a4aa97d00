package repo

import (
	"bytes"
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
	"github.com/go-git/go-git/v5/plumbing/object"
)

// FS is the tree of a revision, read-only. It implements fs.ReadDirFS, fs.ReadFileFS and fs.StatFS
// and is safe for concurrent use. Files carry the time of the commit; symbolic links are listed as
// such and cannot be opened; submodules are left out.
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

// node is a file or folder of the tree; it is its own fs.DirEntry and fs.FileInfo.
type node struct {
	fs   *treeFS
	name string
	mode fs.FileMode
	hash Hash
	size int64
}

func (n *node) Name() string               { return n.name }
func (n *node) IsDir() bool                { return n.mode.IsDir() }
func (n *node) Type() fs.FileMode          { return n.mode.Type() }
func (n *node) Mode() fs.FileMode          { return n.mode }
func (n *node) ModTime() time.Time         { return n.fs.when }
func (n *node) Size() int64                { return n.size }
func (n *node) Sys() any                   { return nil }
func (n *node) Info() (fs.FileInfo, error) { return n.sized() }

// sized fills in the size, which the tree does not tell.
func (n *node) sized() (*node, error) {
	if n.IsDir() {
		return n, nil
	}
	size, err := n.fs.objects.size(n.hash)
	m := *n
	m.size = size
	return &m, err
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
			list = append(list, f.node(e, mode))
		}
	}
	// git sorts a folder as if its name ended in a slash.
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	f.dirs[h] = list
	return list, nil
}

func (f *treeFS) node(e object.TreeEntry, mode fs.FileMode) *node {
	return &node{fs: f, name: e.Name, mode: mode, hash: e.Hash}
}

func (f *treeFS) find(name string) (*node, error) {
	n := &node{fs: f, name: path.Base(name), mode: fs.ModeDir | 0o555, hash: f.root}
	if !fs.ValidPath(name) {
		return nil, fs.ErrInvalid
	}
	if name == "." {
		return n, nil
	}
	for part := range strings.SplitSeq(name, "/") {
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
		n = list[i].(*node)
	}
	return n, nil
}

// Open implements fs.FS.
func (f *treeFS) Open(name string) (fs.File, error) {
	n, err := f.find(name)
	if err == nil && n.IsDir() {
		list, err := f.list(n.hash)
		return &openDir{n, list}, err
	}
	if err == nil && !n.mode.IsRegular() {
		err = errors.New("symbolic links are not followed")
	}
	var data []byte
	if err == nil {
		data, err = f.objects.blob(n.hash)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	info := *n
	info.size = int64(len(data))
	return &openFile{*bytes.NewReader(data), &info}, nil
}

// ReadFile implements fs.ReadFileFS.
func (f *treeFS) ReadFile(name string) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(file)
}

// ReadDir implements fs.ReadDirFS.
func (f *treeFS) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := f.find(name)
	if err == nil && !n.IsDir() {
		err = errors.New("not a folder")
	}
	var list []fs.DirEntry
	if err == nil {
		list, err = f.list(n.hash)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	return slices.Clone(list), nil
}

// Stat implements fs.StatFS.
func (f *treeFS) Stat(name string) (fs.FileInfo, error) {
	n, err := f.find(name)
	if err == nil {
		n, err = n.sized()
	}
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return n, nil
}

type openFile struct {
	bytes.Reader
	info *node
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

type openDir struct {
	*node
	rest []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.node, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error)   { return 0, errors.New("is a folder") }

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.rest) {
		if n > 0 && len(d.rest) == 0 {
			return nil, io.EOF
		}
		n = len(d.rest)
	}
	list := slices.Clone(d.rest[:n])
	d.rest = d.rest[n:]
	return list, nil
}
