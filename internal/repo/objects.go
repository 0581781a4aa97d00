package repo

import (
	"sync"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// objects reads objects. go-git's handle is for one goroutine at a time; what it returns is in
// memory and may be read by any.
type objects struct {
	mu    sync.Mutex
	store *filesystem.Storage
}

// openPacks is how many packs stay open: opening one for each object took half of the time of a
// walk over a log.
const openPacks = 8

func openObjects(dir string) *objects {
	return &objects{store: filesystem.NewStorageWithOptions(osfs.New(dir), cache.NewObjectLRU(32*cache.MiByte), filesystem.Options{MaxOpenDescriptors: openPacks})}
}

// get reads again with fresh lists of packs when an object is missing: git gc may have packed it
// anew since the lists were made (go-git#2242), and may be doing so still.
func (o *objects) get(t plumbing.ObjectType, h Hash) (obj plumbing.EncodedObject, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for range 3 {
		if obj, err = o.store.EncodedObject(t, h); err == nil {
			obj, err = inMemory(obj)
		}
		if err == nil {
			return obj, nil
		}
		o.store.Reindex()
	}
	return nil, &Error{ErrNotFound, h.String() + ": " + err.Error(), "see what git fsck says"}
}

// inMemory reads a large object, of which go-git only says in which pack it is: soon git gc
// may take that pack away.
func inMemory(obj plumbing.EncodedObject) (plumbing.EncodedObject, error) {
	if _, ok := obj.(*plumbing.MemoryObject); ok {
		return obj, nil
	}
	data, err := contents(obj)
	if err != nil {
		return nil, err
	}
	read := &plumbing.MemoryObject{}
	read.SetType(obj.Type())
	_, err = read.Write(data)
	return read, err
}

func (o *objects) blob(h Hash) ([]byte, error) {
	obj, err := o.get(plumbing.BlobObject, h)
	if err != nil {
		return nil, err
	}
	return contents(obj)
}

func (o *objects) has(h Hash) bool {
	_, err := o.get(plumbing.CommitObject, h)
	return err == nil
}

// tree is the entries of a tree in git's order; of the zero Hash, none.
func (o *objects) tree(h Hash) ([]object.TreeEntry, error) {
	if h.IsZero() {
		return nil, nil
	}
	obj, err := o.get(plumbing.TreeObject, h)
	if err != nil {
		return nil, err
	}
	t, err := object.DecodeTree(o.store, obj)
	if err != nil {
		return nil, err
	}
	return t.Entries, nil
}

func (o *objects) commit(h Hash) (*object.Commit, error) {
	obj, err := o.get(plumbing.CommitObject, h)
	if err != nil {
		return nil, err
	}
	return object.DecodeCommit(o.store, obj)
}

// peel follows annotated tags to what they name.
func (o *objects) peel(h Hash) (Hash, error) {
	obj, err := o.get(plumbing.AnyObject, h)
	for err == nil && obj.Type() == plumbing.TagObject {
		var t *object.Tag
		if t, err = object.DecodeTag(o.store, obj); err == nil {
			h = t.Target
			obj, err = o.get(plumbing.AnyObject, h)
		}
	}
	return h, err
}
