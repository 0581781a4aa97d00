// Package crash is a disk that loses what was not synced, for tests.
//
// A Disk listens to what package durable does below a folder. Afterwards it can tell, for every
// moment, what a disk may hold after the power failed then, and write that into another folder:
//
//	disk, err := crash.Listen(dir)
//	…                                    // the program works in dir
//	disk.Close()
//	for n := range disk.Len() + 1 {
//		err = disk.Restore(other, n, rand.IntN)  // after n operations
//		…                                // the program starts in other; what it promised must hold
//	}
//
// What may happen, by POSIX and no kinder: a file that was not synced is empty, full of zeros, torn
// or whole. A name in a folder that was not synced since the name was made, changed or taken away
// is as it was at any moment since the last sync, and each name is so on its own: in any order, and
// of a rename perhaps one half. What changes the disk in another way than through package durable
// is taken for never having happened. [FailAt] is a disk that is full instead.
package crash

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"potluck/internal/durable"
)

// Disk is a folder as it was when Listen was called, and what happened to it since.
type Disk struct {
	dir  string
	base *inode
	mu   sync.Mutex
	ops  []durable.Op
}

// inode is a file or a folder, whatever its names are.
type inode struct {
	mode   fs.FileMode
	data   []byte
	synced bool
	names  map[string][]*inode // of a folder: as last synced, then each that came after; nil: not there
}

// Listen looks at the folder dir, and follows it from then on. One Disk can listen at a time.
func Listen(dir string) (*Disk, error) {
	base, err := load(dir)
	d := &Disk{dir: dir, base: base}
	durable.Trace = d.note
	return d, err
}

// Close ends listening.
func (d *Disk) Close() { durable.Trace = nil }

func load(path string) (*inode, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	n := &inode{mode: info.Mode(), synced: true}
	if !info.IsDir() {
		n.data, err = os.ReadFile(path)
		return n, err
	}
	n.names = map[string][]*inode{}
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		sub, err := load(filepath.Join(path, e.Name()))
		if err != nil {
			return nil, err
		}
		n.names[e.Name()] = []*inode{sub}
	}
	return n, err
}

func (d *Disk) note(op durable.Op) {
	d.mu.Lock()
	defer d.mu.Unlock()
	op.Data = bytes.Clone(op.Data)
	d.ops = append(d.ops, op)
}

// Len is how many operations there were so far.
func (d *Disk) Len() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.ops)
}

// Restore writes into the new folder dir what the disk may hold after the first n operations and a
// power failure. Where there are k possibilities, choose(k) names one: 0 is what is certain, k-1
// what would be there without the failure.
func (d *Disk) Restore(dir string, n int, choose func(k int) int) error {
	root := d.base.clone()
	for _, op := range d.ops[:n] {
		d.apply(root, op)
	}
	w := &writer{choose: choose, done: map[*inode]string{}}
	return w.folder(root, dir)
}

// clone copies folders; a file's inode is changed only by sync, so files are copied as well.
func (n *inode) clone() *inode {
	c := *n
	if n.names != nil {
		c.names = map[string][]*inode{}
		for name, was := range n.names {
			c.names[name] = []*inode{was[0].clone()}
		}
	}
	return &c
}

func (n *inode) now(name string) *inode {
	was := n.names[name]
	if len(was) == 0 {
		return nil
	}
	return was[len(was)-1]
}

func (n *inode) set(name string, to *inode) {
	if len(n.names[name]) == 0 {
		n.names[name] = []*inode{nil}
	}
	n.names[name] = append(n.names[name], to)
}

// find gives the folder of a path and the last part; nil outside of what is followed.
func (d *Disk) find(root *inode, path string) (*inode, string) {
	rel, err := filepath.Rel(d.dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return nil, ""
	}
	if rel == "." {
		return root, ""
	}
	parts := strings.Split(rel, string(filepath.Separator))
	for _, p := range parts[:len(parts)-1] {
		if root = root.now(p); root == nil || root.names == nil {
			return nil, ""
		}
	}
	return root, parts[len(parts)-1]
}

func (d *Disk) apply(root *inode, op durable.Op) {
	in, name := d.find(root, op.Path)
	if in == nil {
		return
	}
	self := in
	if name != "" {
		self = in.now(name)
	}
	switch op.Name {
	case "write":
		in.set(name, &inode{mode: op.Perm, data: op.Data})
	case "mkdir":
		in.set(name, &inode{mode: fs.ModeDir | 0o700, names: map[string][]*inode{}})
	case "remove":
		in.set(name, nil)
	case "link", "rename":
		from, old := d.find(root, op.From)
		in.set(name, from.now(old))
		if op.Name == "rename" {
			from.set(old, nil)
		}
	case "sync":
		self.synced = true
	case "syncdir":
		for name, was := range self.names {
			self.names[name] = was[len(was)-1:]
		}
	}
}

// writer writes one state.
type writer struct {
	choose func(int) int
	done   map[*inode]string // where a file is, for its other names
}

func (w *writer) folder(n *inode, path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !os.IsExist(err) {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(n.names)) {
		was := n.names[name]
		sub, at := was[w.choose(len(was))], filepath.Join(path, name)
		var err error
		switch {
		case sub == nil:
		case sub.names != nil:
			err = w.folder(sub, at)
		case w.done[sub] != "":
			err = os.Link(w.done[sub], at)
		default:
			w.done[sub] = at
			err = os.WriteFile(at, w.contents(sub), sub.mode.Perm())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) contents(n *inode) []byte {
	if n.synced {
		return n.data
	}
	may := [][]byte{nil, make([]byte, len(n.data)), n.data[:len(n.data)/2], n.data}
	return may[w.choose(len(may))]
}
