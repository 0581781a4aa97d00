package builder

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// manifest lists the files that potluck made in a folder, with their sums. It
// lies in the folder itself, so that it goes where the folder goes and shows
// that the folder is ours. It names nothing that is not public; a page that was
// withdrawn leaves it with its file.
const manifest = ".potluck/manifest"

// Changes counts what Write did.
type Changes struct {
	Written int
	Removed int
}

// RefusedError says why a folder is not written to, and the way out.
type RefusedError struct{ Text, Way string }

func (e *RefusedError) Error() string { return e.Text }

// Hint is one sentence on what to do.
func (e *RefusedError) Hint() string { return e.Way }

// Write makes the folder dir hold the site: it writes the files whose bytes
// changed, each by a temp file and a rename, and removes those it made before
// and the site no longer has. It refuses a folder with files that it did not
// make, and never leaves the folder by a symbolic link.
//
// Before it touches anything it notes what it is about to make, so that after a
// crash in the middle the next Write knows all files that are ours.
func Write(dir string, r *Result) (Changes, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Changes{}, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Changes{}, err
	}
	defer root.Close()
	w := &writer{root: root}
	defer w.leave()
	if w.old, err = readManifest(root, dir); err != nil {
		return Changes{}, err
	}
	return w.changes, w.write(r.Files)
}

type writer struct {
	root    *os.Root
	old     map[string]Sum
	changes Changes

	in    *os.Root // the folder that was written to last
	dir   string   // its path
	fresh bool     // it was made by this writer, and was empty
}

func (w *writer) write(files []File) error {
	changed, gone := w.compare(files)
	if len(changed) == 0 && len(gone) == 0 {
		return nil
	}
	if err := w.note(files, changed, gone); err != nil {
		return err
	}
	for _, p := range gone {
		if err := w.remove(p); err != nil {
			return err
		}
	}
	for _, f := range changed {
		if err := w.put(f.Path, f.Data); err != nil {
			return err
		}
		w.changes.Written++
	}
	return w.note(files, nil, nil)
}

// compare finds the files to write and the paths to remove.
func (w *writer) compare(files []File) (changed []File, gone []string) {
	here := make(map[string]bool, len(files))
	for _, f := range files {
		here[f.Path] = true
		if sum, ok := w.old[f.Path]; !ok || sum != f.Sum || !w.intact(f) {
			changed = append(changed, f)
		}
	}
	for p := range w.old {
		if !here[p] {
			gone = append(gone, p)
		}
	}
	slices.Sort(gone)
	return changed, gone
}

// intact tells that a file of the manifest is still there, in its size.
func (w *writer) intact(f File) bool {
	info, err := w.root.Lstat(f.Path)
	return err == nil && info.Mode().IsRegular() && info.Size() == int64(len(f.Data))
}

// note writes the manifest of files; those in doubt, changed and gone, without a sum.
func (w *writer) note(files, changed []File, gone []string) error {
	doubt := make(map[string]bool, len(changed))
	for _, f := range changed {
		doubt[f.Path] = true
	}
	var b bytes.Buffer
	for _, f := range files {
		if doubt[f.Path] {
			b.WriteString("- " + f.Path + "\n")
		} else {
			fmt.Fprintf(&b, "%x %s\n", f.Sum, f.Path)
		}
	}
	for _, p := range gone {
		b.WriteString("- " + p + "\n")
	}
	return w.put(manifest, b.Bytes())
}

// put writes one file by a temp file beside it.
func (w *writer) put(p string, data []byte) error {
	if err := w.enter(path.Dir(p)); err != nil {
		return err
	}
	const temp = ".potluck-new"
	if !w.fresh {
		_ = w.in.Remove(temp) // of a crash
	}
	f, err := w.in.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return w.in.Rename(temp, path.Base(p))
}

// enter opens the folder of a file, and makes it where it is not there. Files
// come sorted, and most have a folder of their own.
func (w *writer) enter(dir string) error {
	if w.in != nil && w.dir == dir {
		return nil
	}
	w.leave()
	err := w.root.Mkdir(dir, 0o755)
	w.fresh = err == nil
	if errors.Is(err, fs.ErrNotExist) {
		err = w.root.MkdirAll(dir, 0o755)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	w.dir = dir
	w.in, err = w.root.OpenRoot(dir)
	return err
}

func (w *writer) leave() {
	if w.in != nil {
		w.in.Close()
		w.in = nil
	}
}

// remove takes a file away, and the folders that it leaves empty.
func (w *writer) remove(p string) error {
	err := w.root.Remove(p)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		w.changes.Removed++
	}
	for dir := path.Dir(p); dir != "." && w.root.Remove(dir) == nil; dir = path.Dir(dir) {
	}
	return nil
}

// readManifest gives the sums of the files that are ours.
func readManifest(root *os.Root, dir string) (map[string]Sum, error) {
	old := map[string]Sum{}
	data, err := root.ReadFile(manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return old, refuseFull(root, dir)
	}
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		sum, p, ok := strings.Cut(lines.Text(), " ")
		if !ok || !fs.ValidPath(p) || p == "." {
			return nil, &RefusedError{"the list of files in " + dir + "/" + manifest + " cannot be read", "empty the folder, or choose another with -out"}
		}
		var s Sum
		_, _ = hex.Decode(s[:], []byte(sum)) // "-" gives no sum
		old[p] = s
	}
	return old, lines.Err()
}

func refuseFull(root *os.Root, dir string) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != ".git" && e.Name() != ".potluck" {
			return &RefusedError{"the folder " + dir + " has files that potluck did not make, such as " + e.Name(), "choose an empty folder with -out"}
		}
	}
	return nil
}
