package builder

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Our own corner of a folder that holds a site. The manifest lists the files that
// potluck made, with their sums. It lies in the folder itself, so that it goes
// where the folder goes and shows that the folder is ours. It names nothing that
// is not public; a page that was withdrawn leaves it with its file. A line is
//
//	SUM+SIZE PATH   a file that is there
//	- PATH          one that is in doubt: it is being written or removed
//	= STAMP         what the site is made of, see Stamped; no longer, if a doubt follows
//
// Of two lines on one file the later is right: those of files that changed are added at
// the end. The whole is written anew when a file was removed, so that it names none that
// is gone, and when half of it would be out of date.
const (
	corner   = ".potluck"
	manifest = corner + "/manifest"
	staging  = corner + "/new" // files that are to take their places
)

// Sink takes the files of a site as soon as they are made. Put is called by many
// goroutines, once for each path, and does not keep the file's bytes.
type Sink interface{ Put(f File) error }

// Expecting is a Sink that works faster when it is told, sorted, which files will be put.
type Expecting interface{ Expect(paths []string) error }

// Folder makes a folder hold a site. It writes the files whose bytes changed, and
// removes those that it made before and the site no longer has. It refuses a
// folder with files that it did not make, and never leaves the folder by a
// symbolic link.
//
// Files go to an empty folder directly. In one that holds a site already they are
// laid beside it, and take their places together when all are there: a build that
// fails in the middle leaves the site as it was.
//
// Before a file is touched the manifest says that it is in doubt, so that after a
// crash in the middle the next Folder knows all files that are ours.
type Folder struct {
	dir   string
	root  *os.Root
	made  bool // it was not there
	fresh bool // it is empty
	sure  bool // what old says was seen or written by this Folder

	dirs     sync.Map // path → bool: folders that were made
	expected []string // files that are in doubt already, sorted

	mu      sync.Mutex
	old     []File   // what the manifest lists, sorted; a file in doubt has no sum
	stamp   string   // what it was made of, see Stamped
	next    string   // what is being put is made of
	same    bool     // nothing is being put: it is there already
	journal *os.File // the manifest, to which lines are added
	lines   int      // that it has
	stage   *os.Root // where files are laid
	kept    []File   // of the site, as they were; sorted
	here    []File   // of the site, without their bytes
	changed []File
	staged  []string // for each of changed the file that is to take its place
}

// Changes counts what was done to a folder.
type Changes struct {
	Written int
	Removed int
}

// RefusedError says why a folder is not written to, and the way out.
type RefusedError struct{ Text, Way string }

func (e *RefusedError) Error() string { return e.Text }

// Hint is one sentence on what to do.
func (e *RefusedError) Hint() string { return e.Way }

// Write makes the folder dir hold the site.
func Write(dir string, r *Result) (Changes, error) {
	f, err := OpenFolder(dir)
	if err != nil {
		return Changes{}, err
	}
	defer f.Close()
	return f.Hold(r)
}

// OpenFolder opens a folder, and makes it where it is not there. It is to be closed.
func OpenFolder(dir string) (*Folder, error) {
	_, missing := os.Stat(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir, root: root, made: missing != nil}
	if err := f.readManifest(); err != nil {
		root.Close()
		return nil, err
	}
	return f, nil
}

// Close takes back what was put since the last Done.
func (f *Folder) Close() {
	f.forget()
	f.root.Close()
	if f.made && f.fresh {
		_ = os.Remove(f.dir)
	}
}

// Hold puts all files of a site, and is done.
func (f *Folder) Hold(r *Result) (Changes, error) {
	var err errorOnce
	fresh := f.news(r.Files)
	each(context.Background(), len(fresh), func(i int) { err.set(f.Put(fresh[i])) })
	if err.err != nil {
		f.forget()
		return Changes{}, err.err
	}
	return f.Done()
}

// news gives the files that may have to be written, and notes the others as part of the
// site. Both files and what the folder is known to hold are sorted.
func (f *Folder) news(files []File) (fresh []File) {
	if !f.sure {
		return files
	}
	old := f.old
	f.kept = make([]File, 0, len(files))
	for _, file := range files {
		for len(old) > 0 && old[0].Path < file.Path {
			old = old[1:]
		}
		if len(old) > 0 && old[0].Path == file.Path && old[0].Sum == file.Sum {
			f.kept = append(f.kept, old[0])
		} else {
			fresh = append(fresh, file)
		}
	}
	return fresh
}

// Put says that a file is part of the site. Where the folder does not have it, it is written.
func (f *Folder) Put(file File) error {
	at, known := slices.BinarySearchFunc(f.old, file.Path, byFile)
	if !known || f.old[at].Sum != file.Sum || !f.sure && !f.intact(file) {
		if err := f.lay(file); err != nil {
			return err
		}
	}
	file.Data = nil
	f.mu.Lock()
	f.here = append(f.here, file)
	f.mu.Unlock()
	return nil
}

// intact tells that a file of the manifest is still there, in its size.
func (f *Folder) intact(file File) bool {
	info, err := f.root.Lstat(file.Path)
	return err == nil && info.Mode().IsRegular() && info.Size() == int64(file.Size)
}

// lay writes a file, to its place or beside the site.
func (f *Folder) lay(file File) error {
	f.mu.Lock()
	at := file.Path
	if !f.fresh {
		at = path.Join(staging, strconv.Itoa(len(f.changed)))
	}
	f.changed, f.staged = append(f.changed, File{Path: file.Path, Sum: file.Sum, Size: file.Size}), append(f.staged, at)
	err := f.ready()
	f.mu.Unlock()
	if err == nil && f.fresh {
		if _, noted := slices.BinarySearch(f.expected, file.Path); !noted {
			err = f.doubt(file.Path)
		}
	}
	if err != nil {
		return err
	}
	return f.create(at, file.Data)
}

// ready makes our corner ready for changes. f.mu is held.
func (f *Folder) ready() error {
	if f.journal != nil {
		return nil
	}
	err := f.root.RemoveAll(staging) // of a crash
	if err == nil {
		err = f.root.MkdirAll(staging, 0o755)
	}
	if err == nil {
		f.stage, err = f.root.OpenRoot(staging)
	}
	if err == nil {
		f.journal, err = f.root.OpenFile(manifest, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	}
	return err
}

// Expect implements Expecting.
func (f *Folder) Expect(paths []string) error {
	if !f.fresh {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.expected = paths
	f.here, f.changed, f.staged = make([]File, 0, len(paths)), make([]File, 0, len(paths)), make([]string, 0, len(paths))
	if err := f.ready(); err != nil {
		return err
	}
	return f.doubt(paths...)
}

// doubt notes that files are about to be changed or removed.
func (f *Folder) doubt(paths ...string) error {
	var b bytes.Buffer
	for _, p := range paths {
		b.WriteString("- ")
		b.WriteString(p)
		b.WriteString("\n")
	}
	_, err := f.journal.Write(b.Bytes()) // at once, as other goroutines write there too
	return err
}

// create writes a file that is not there. In a folder that was empty all folders
// are our own, so that no symbolic link has to be looked for on the way.
func (f *Folder) create(p string, data []byte) error {
	root := f.root
	if name, laid := strings.CutPrefix(p, staging+"/"); laid {
		root, p = f.stage, name
	} else if err := f.mkdir(path.Dir(p)); err != nil {
		return err
	} else if f.fresh {
		return writeNew(filepath.Join(f.dir, p), data)
	}
	out, err := root.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	return errors.Join(err, out.Close())
}

// mkdir makes a folder and those above it, each once.
func (f *Folder) mkdir(dir string) (err error) {
	if _, there := f.dirs.Load(dir); there || dir == "." {
		return nil
	}
	if !f.fresh {
		err = f.root.MkdirAll(dir, 0o755)
	} else if err = f.mkdir(path.Dir(dir)); err == nil {
		if err = os.Mkdir(filepath.Join(f.dir, dir), 0o755); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	if err == nil {
		f.dirs.Store(dir, true)
	}
	return err
}

// writeNew is os.WriteFile for a file that is not there. An os.File costs as much
// again: of each the system is asked five times whether it can be waited for.
func writeNew(name string, data []byte) error {
	fd, err := syscall.Open(name, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL|syscall.O_CLOEXEC, 0o644)
	for err == syscall.EINTR {
		fd, err = syscall.Open(name, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL|syscall.O_CLOEXEC, 0o644)
	}
	if err != nil {
		return &fs.PathError{Op: "create", Path: name, Err: err}
	}
	for err == nil && len(data) > 0 {
		var n int
		if n, err = syscall.Write(fd, data); err == syscall.EINTR {
			err = nil
		}
		data = data[max(n, 0):]
	}
	if err = cmp.Or(err, syscall.Close(fd)); err != nil {
		return &fs.PathError{Op: "write", Path: name, Err: err}
	}
	return nil
}

// Done says that all files of the site were put. Those that changed take their
// places, and those that are gone are removed.
func (f *Folder) Done() (Changes, error) {
	defer f.forget()
	if f.same {
		return Changes{}, nil
	}
	byPath := func(a, b File) int { return strings.Compare(a.Path, b.Path) }
	slices.SortFunc(f.here, byPath)
	f.here = merged(f.kept, f.here, byPath)
	gone := f.gone()
	if len(f.changed) == 0 && len(gone) == 0 && f.stamp == f.next {
		f.sure = true
		return Changes{}, nil
	}
	c, err := f.change(gone)
	if err != nil {
		f.sure = false
		return c, err
	}
	few := f.sure && len(gone) == 0 && f.lines < 2*len(f.here)
	f.old = f.here
	f.stamp, f.sure, f.fresh = f.next, true, false
	if few {
		return c, f.noteChanged()
	}
	return c, f.note()
}

func (f *Folder) change(gone []string) (c Changes, err error) {
	if err := f.ready(); err != nil {
		return c, err
	}
	doubtful := slices.Clone(gone)
	for _, file := range f.changed {
		doubtful = append(doubtful, file.Path)
	}
	if !f.fresh && len(doubtful) > 0 {
		if err := f.doubt(doubtful...); err != nil {
			return c, err
		}
	}
	c.Removed, err = tally(len(gone), func(i int) (bool, error) { return f.remove(gone[i]) })
	if err != nil {
		return c, err
	}
	c.Written, err = tally(len(f.changed), func(i int) (bool, error) {
		err := f.place(f.staged[i], f.changed[i].Path)
		return err == nil, err
	})
	return c, err
}

// tally does n things on all processors, and counts those that were done.
func tally(n int, do func(i int) (done bool, err error)) (int, error) {
	var count atomic.Int64
	var failed errorOnce
	each(context.Background(), n, func(i int) {
		done, err := do(i)
		if failed.set(err); done {
			count.Add(1)
		}
	})
	return int(count.Load()), failed.err
}

// gone gives the files that the site no longer has.
func (f *Folder) gone() (gone []string) {
	here := f.here
	for _, file := range f.old {
		for len(here) > 0 && here[0].Path < file.Path {
			here = here[1:]
		}
		if len(here) == 0 || here[0].Path != file.Path {
			gone = append(gone, file.Path)
		}
	}
	return gone
}

// place moves a file to where it belongs.
func (f *Folder) place(from, to string) error {
	if from == to {
		return nil
	}
	err := f.root.Rename(from, to)
	if errors.Is(err, fs.ErrNotExist) {
		if err = f.mkdir(path.Dir(to)); err == nil {
			err = f.root.Rename(from, to)
		}
	}
	return err
}

// remove takes a file away, if it is there, and the folders that it leaves empty: of
// many files whoever takes the last of a folder takes the folder.
func (f *Folder) remove(p string) (removed bool, err error) {
	err = f.root.Remove(p)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	removed = err == nil
	for dir := path.Dir(p); dir != "." && f.root.Remove(dir) == nil; dir = path.Dir(dir) {
	}
	return removed, nil
}

// note writes the manifest of the site that the folder now holds.
func (f *Folder) note() error {
	f.lines = len(f.here)
	whole := path.Join(staging, "manifest")
	if err := f.create(whole, f.listing(f.here)); err != nil {
		return err
	}
	return f.root.Rename(whole, manifest)
}

// noteChanged adds to the manifest what changed.
func (f *Folder) noteChanged() error {
	f.lines += 2 * len(f.changed)
	_, err := f.journal.Write(f.listing(f.changed))
	return err
}

// listing gives the lines of files, and the stamp's.
func (f *Folder) listing(files []File) []byte {
	var b []byte
	for _, file := range files {
		b = append(hex.AppendEncode(b, file.Sum[:]), '+')
		b = append(strconv.AppendInt(b, int64(file.Size), 10), ' ')
		b = append(append(b, file.Path...), '\n')
	}
	if f.stamp != "" {
		b = append(b, "= "+f.stamp+"\n"...)
	}
	return b
}

// forget drops what was put, and takes back what was laid but not placed.
func (f *Folder) forget() {
	if f.journal != nil {
		f.journal.Close()
		f.stage.Close()
		_ = f.root.RemoveAll(staging)
		if f.fresh {
			for _, p := range f.staged {
				_, _ = f.remove(p)
			}
			_ = f.root.RemoveAll(corner)
		}
	}
	f.journal, f.stage, f.kept, f.here, f.changed, f.staged, f.expected, f.next, f.same = nil, nil, nil, nil, nil, nil, nil, "", false
	f.dirs.Clear()
}

// readManifest finds out which files are ours. A last line without its end was
// not written whole, and nothing was done yet with its file.
func (f *Folder) readManifest() error {
	data, err := f.root.ReadFile(manifest)
	if errors.Is(err, fs.ErrNotExist) {
		f.fresh = true
		return f.refuseFull()
	}
	if err != nil {
		return err
	}
	old := map[string]File{}
	for line := range strings.Lines(string(data)) {
		f.lines++
		line, whole := strings.CutSuffix(line, "\n")
		what, p, ok := strings.Cut(line, " ")
		switch {
		case !whole:
		case what == "=":
			f.stamp = p
		case !ok || !fs.ValidPath(p) || p == ".":
			return &RefusedError{"the list of files in " + f.dir + "/" + manifest + " cannot be read", "empty the folder, or choose another with -out"}
		default:
			old[p] = listed(p, what)
			if what == "-" {
				f.stamp = ""
			}
		}
	}
	for _, p := range slices.Sorted(maps.Keys(old)) {
		f.old = append(f.old, old[p])
	}
	return nil
}

// listed reads a line of the manifest: SUM+SIZE PATH, or "-" for a file in doubt.
func listed(p, what string) File {
	f := File{Path: p, Size: -1}
	sum, size, _ := strings.Cut(what, "+")
	_, _ = hex.Decode(f.Sum[:], []byte(sum))
	if n, err := strconv.Atoi(size); err == nil {
		f.Size = n
	}
	return f
}

// Filled implements Stamped.
func (f *Folder) Filled() bool { return f.stamp != "" }

// Is tells that the folder holds what was made of key, whole. Then it is done.
func (f *Folder) Is(key Sum, now time.Time) bool {
	var was string
	var from, until int64
	if n, _ := fmt.Sscan(f.stamp, &was, &from, &until); n < 3 || was != hex.EncodeToString(key[:]) || now.Unix() < from || until > 0 && now.Unix() >= until {
		return false
	}
	var broken atomic.Bool
	each(context.Background(), len(f.old), func(i int) {
		if !broken.Load() && !f.intact(f.old[i]) {
			broken.Store(true)
		}
	})
	f.same = !broken.Load()
	return f.same
}

// Stamp implements Stamped.
func (f *Folder) Stamp(key Sum, from, until time.Time) {
	at := int64(0)
	if !until.IsZero() {
		at = until.Unix()
	}
	f.next = fmt.Sprintf("%x %d %d", key, from.Unix(), at)
}

func (f *Folder) refuseFull() error {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != ".git" && e.Name() != corner {
			return &RefusedError{"the folder " + f.dir + " has files that potluck did not make, such as " + e.Name(), "choose an empty folder with -out"}
		}
	}
	return nil
}
