// Package watch is a debounced doorbell: it rings when something below some
// folders changed. Whoever hears it can ask what was touched, to look only there.
//
// A burst of events, such as an editor's save or a git checkout, rings once it has
// been quiet for a moment, and at the latest some moments after it began. Rings
// that nobody took are one ring. What came after a ring is among what was touched,
// and rings again.
//
//	w, err := watch.New([]string{"."}, watch.Options{Ignore: []string{"public"}})
//	for range w.C { build(w.Touched()) }
//
// Folders made later are watched too. A folder var at the top does not ring, nor what
// Options name. Where the system cannot watch so
// many folders it looks every two seconds instead, and Err says why.
package watch

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Options change what is usual, which stands beside each.
type Options struct {
	Ignore []string               // files and folders that do not ring: none
	Pass   func(name string) bool // tells names, without their paths, of such: none
	Quiet  time.Duration          // without an event before a ring: 8 ms
	Max    time.Duration          // from the first event to a ring: 300 ms
	Poll   time.Duration          // between looks, where watching is not possible: 2 s

	add func(*fsnotify.Watcher, string) error // tests make it fail
}

// Watcher rings C, which Close closes.
type Watcher struct {
	C <-chan struct{}

	bell  chan struct{}
	roots []string
	opts  Options
	fs    *fsnotify.Watcher // nil: look at intervals
	err   atomic.Pointer[error]

	mu      sync.Mutex
	touched map[string]bool // nil: it is not known
	stop    chan struct{}
	ended   chan struct{}
}

// New watches folders and all below them; each must be there.
func New(dirs []string, opts Options) (*Watcher, error) {
	opts.Quiet, opts.Max = cmp.Or(opts.Quiet, 8*time.Millisecond), cmp.Or(opts.Max, 300*time.Millisecond)
	opts.Poll = cmp.Or(opts.Poll, 2*time.Second)
	bell := make(chan struct{}, 1)
	w := &Watcher{C: bell, bell: bell, opts: opts, stop: make(chan struct{}), ended: make(chan struct{})}
	w.opts.Ignore = nil
	for _, p := range opts.Ignore {
		if real, err := filepath.EvalSymlinks(filepath.Dir(p)); err == nil {
			w.opts.Ignore = append(w.opts.Ignore, filepath.Join(real, filepath.Base(p)))
		}
	}
	for _, dir := range dirs {
		root, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return nil, err
		}
		w.roots, w.opts.Ignore = append(w.roots, root), append(w.opts.Ignore, filepath.Join(root, "var"))
	}
	var err error
	if w.fs, err = fsnotify.NewWatcher(); err != nil {
		w.poll(err)
	}
	for _, root := range w.roots {
		w.addAll(root)
	}
	go w.loop()
	return w, nil
}

// Err tells why it looks at intervals; nil while it watches. It can change with a ring.
func (w *Watcher) Err() error {
	if p := w.err.Load(); p != nil {
		return *p
	}
	return nil
}

// Touched gives the paths that changed since it was last asked, as seen from their
// folder, with slashes; a folder stands for all below it. nil: anything may have
// changed, as when it is asked for the first time.
func (w *Watcher) Touched() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	touched := w.touched
	w.touched = map[string]bool{}
	if touched == nil {
		return nil
	}
	return slices.AppendSeq([]string{}, maps.Keys(touched))
}

// touch notes a path; "" when it is not known which.
func (w *Watcher) touch(p string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, root := range w.roots {
		if rel, err := filepath.Rel(root, p); err == nil && p != "" && filepath.IsLocal(rel) {
			if w.touched != nil {
				w.touched[filepath.ToSlash(rel)] = true
			}
			return
		}
	}
	w.touched = nil
}

// Close ends the watching and closes C. It may be called once.
func (w *Watcher) Close() {
	close(w.stop)
	<-w.ended
}

// poll goes over to looking at intervals.
func (w *Watcher) poll(why error) {
	if errors.Is(why, syscall.ENOSPC) || errors.Is(why, syscall.EMFILE) {
		why = errors.New("the system cannot watch so many folders; hint: sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024")
	}
	why = fmt.Errorf("changes are looked for every %s instead of at once: %w", w.opts.Poll, why)
	w.err.Store(&why)
	w.touch("")
	if w.fs != nil {
		_ = w.fs.Close()
		w.fs = nil
	}
}

// each calls f for what is below root and does not mean nothing.
func (w *Watcher) each(root string, f func(p string, e fs.DirEntry)) {
	_ = filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil: // it vanished, or may not be read
		case p == root || !w.ignored(p):
			f(p, e)
		case e.IsDir():
			return fs.SkipDir
		}
		return nil
	})
}

// addAll watches a folder and all below it.
func (w *Watcher) addAll(root string) {
	w.each(root, func(p string, e fs.DirEntry) {
		if !e.IsDir() || w.fs == nil {
			return
		}
		add := (*fsnotify.Watcher).Add
		if w.opts.add != nil {
			add = w.opts.add
		}
		if err := add(w.fs, p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.poll(err)
		}
	})
}

// ignored tells that a file or folder means nothing to whoever hears the bell.
func (w *Watcher) ignored(p string) bool {
	return w.opts.Pass != nil && w.opts.Pass(filepath.Base(p)) || slices.Contains(w.opts.Ignore, p)
}

func (w *Watcher) loop() {
	defer close(w.ended)
	defer close(w.bell)
	var due, look <-chan time.Time
	var first time.Time // of the events that did not ring yet
	for last := w.sum(); ; {
		watched := w.fs
		if watched == nil {
			watched = &fsnotify.Watcher{}
			look = cmp.Or(look, time.After(w.opts.Poll))
		}
		rings := false
		select {
		case <-w.stop:
			if w.fs != nil {
				_ = w.fs.Close()
			}
			return
		case ev := <-watched.Events:
			if rings = ev.Op != fsnotify.Chmod && !w.ignored(ev.Name); rings {
				if ev.Has(fsnotify.Create) {
					w.addAll(ev.Name)
				}
				w.touch(ev.Name) // last: who looks now sees what came before it was watched
			}
		case <-watched.Errors: // such as more events than there was room for
			rings = true
			w.touch("")
		case <-look:
			now := w.sum()
			rings, last, look = now != last, now, nil
			w.touch("")
		case <-due:
			due, first = nil, time.Time{}
			select {
			case w.bell <- struct{}{}:
			default: // the last ring was not taken yet
			}
		}
		if rings {
			if first.IsZero() {
				first = time.Now()
			}
			due = time.After(min(w.opts.Quiet, w.opts.Max-time.Since(first)))
		}
	}
}

// sum is over the names, sizes and times of all files; 0 while the system watches.
func (w *Watcher) sum() uint64 {
	h := fnv.New64a()
	for _, root := range w.roots {
		w.each(root, func(p string, e fs.DirEntry) {
			if info, err := e.Info(); err == nil && !e.IsDir() && w.fs == nil {
				fmt.Fprintln(h, p, info.Size(), info.ModTime().UnixNano())
			}
		})
	}
	return h.Sum64()
}
