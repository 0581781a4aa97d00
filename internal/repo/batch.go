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
	names := slices.Collect(maps.Keys(b))
	temps := make([]*durable.Temp, len(names))
	err := parallel(len(names), func(i int) (err error) {
		temps[i], err = r.stageObject(b[names[i]])
		return err
	})
	dirs := map[string]bool{r.path("objects"): true}
	for i, t := range temps {
		defer t.Discard()
		dir := r.path("objects/" + names[i].String()[:2])
		if err == nil {
			err = durable.Mkdir(dir, 0o755)
		}
		if err == nil {
			err = t.Rename(filepath.Join(dir, names[i].String()[2:]))
		}
		dirs[dir] = true
	}
	if err != nil {
		return err
	}
	return syncDirs(dirs)
}

// A zlib writer weighs a megabyte.
var zlibs = sync.Pool{New: func() any { w, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed); return w }}

// stageObject names its file so that git gc clears it away should we die.
func (r *Repo) stageObject(raw []byte) (*durable.Temp, error) {
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
	err = t.Sync()
	t.Close() // there may be thousands
	return t, err
}

func syncDirs(dirs map[string]bool) error {
	list := slices.Collect(maps.Keys(dirs))
	return parallel(len(list), func(i int) error { return durable.SyncDir(list[i]) })
}

// parallel runs do for 0 to n-1, sixteen at a time: syncs that wait together share one commit of the
// journal. One syncfs for all gained little, and waits for what others have written.
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
