package repo

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"potluck/internal/durable"

	"github.com/go-git/go-git/v5/plumbing"
)

// batch is objects that are made and not written yet.
type batch map[Hash][]byte // with their header

func (b batch) add(t plumbing.ObjectType, content []byte) Hash {
	h := plumbing.ComputeHash(t, content)
	b[h] = append(fmt.Appendf(nil, "%s %d\x00", t, len(content)), content...)
	return h
}

// staged is a loose object on disk under a temporary name.
type staged struct {
	name string
	temp *durable.Temp
}

// store writes the objects so that they are on disk. git gc may take away a folder of objects at
// any moment; then it is done again.
func (r *Repo) store(b batch) (err error) {
	for range 5 {
		if err = r.storeOnce(b); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

func (r *Repo) storeOnce(b batch) error {
	var todo []staged
	for h := range b {
		todo = append(todo, staged{name: h.String()})
	}
	defer func() {
		for _, s := range todo {
			s.temp.Discard()
		}
	}()
	err := parallel(len(todo), func(i int) (err error) {
		todo[i].temp, err = r.stageObject(b[ParseHash(todo[i].name)], len(todo) < durable.Many)
		return err
	})
	if err == nil && len(todo) >= durable.Many {
		err = durable.SyncFS(r.dir)
	}
	if err != nil {
		return err
	}
	dirs := map[string]bool{r.path("objects"): true}
	for _, s := range todo {
		dir := r.path("objects/" + s.name[:2])
		if err := durable.Mkdir(dir, 0o755); err != nil {
			return err
		}
		if err := s.temp.Rename(filepath.Join(dir, s.name[2:])); err != nil {
			return err
		}
		dirs[dir] = true
	}
	return r.syncDirs(dirs)
}

// A zlib writer weighs a megabyte.
var zlibs = sync.Pool{New: func() any { w, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed); return w }}

// stageObject names its file so that git gc clears it away should we die.
func (r *Repo) stageObject(raw []byte, sync bool) (*durable.Temp, error) {
	var z bytes.Buffer
	w := zlibs.Get().(*zlib.Writer)
	w.Reset(&z)
	w.Write(raw)
	w.Close()
	zlibs.Put(w)
	t, err := durable.Stage(r.path("objects/tmp_obj_"), z.Bytes(), 0o444)
	if err != nil {
		return nil, err
	}
	if sync {
		err = t.Sync()
	}
	t.Close() // one of thousands perhaps
	return t, err
}

func (r *Repo) syncDirs(dirs map[string]bool) error {
	list := slices.Collect(maps.Keys(dirs))
	if len(list) >= durable.Many {
		return durable.SyncFS(r.dir)
	}
	return parallel(len(list), func(i int) error { return durable.SyncDir(list[i]) })
}

// parallel runs do for 0 to n-1, sixteen at a time: syncs that wait together share one journal
// commit.
func parallel(n int, do func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 16)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() { errs[i] = do(i); <-slots })
	}
	wg.Wait()
	return errors.Join(errs...)
}
