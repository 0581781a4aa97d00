package builder

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"potluck/internal/site"
)

// The largest files that are read.
const (
	maxPage = 4 << 20
	maxFile = 32 << 20
)

// Sum is the SHA-256 of a file's bytes.
type Sum [sha256.Size]byte

func newFile(p string, data []byte) File { return File{p, data, sha256.Sum256(data), len(data)} }

// Source is one file as it was read.
type Source struct {
	Path string
	Data []byte
	Sum  Sum

	info   fs.FileInfo
	readAt time.Time
}

func (s *Source) isPage() bool { return strings.HasSuffix(s.Path, ".md") }

// tree is a folder as it was read.
type tree struct {
	sources   []*Source      // sorted by Path
	problems  []site.Problem // of reading it; their paths are relative to the network's folder
	copied    []File         // those that are no pages
	redirects *Source        // content/_redirects, or nil
	lost      bool           // the folder itself could not be read
	later     *scanner       // reads the pages, which are not read yet; nil: they are
}

func byPath(s *Source, p string) int { return strings.Compare(s.Path, p) }

// at gives the source at a path, or nil.
func (t *tree) at(p string) *Source {
	if i, ok := slices.BinarySearchFunc(t.sources, p, byPath); ok {
		return t.sources[i]
	}
	return nil
}

// found is a file that the walk saw, and what became of it.
type found struct {
	path    string
	entry   fs.DirEntry
	source  *Source
	problem *site.Problem
}

// scan reads all regular files of fsys, but for those that site.PassedOver names.
// root stands before the paths of problems.
func scan(ctx context.Context, root string, fsys fs.FS, prev *tree, now time.Time) *tree {
	return (&scanner{root: root, fsys: fsys}).scan(ctx, prev, now)
}

// scanLater is scan where pages are only found. They are read, one by one, by fill.
func scanLater(ctx context.Context, root string, fsys fs.FS, now time.Time) *tree {
	s := &scanner{root: root, fsys: fsys, later: true}
	t := s.scan(ctx, &tree{}, now)
	t.later = s
	return t
}

func (s *scanner) scan(ctx context.Context, prev *tree, now time.Time) *tree {
	_ = fs.WalkDir(s.fsys, ".", s.visit)
	return s.read(ctx, prev, now)
}

// rescan is scan where only some paths, or what lies below them, can have changed:
// the others are as they were read.
func rescan(ctx context.Context, root string, fsys fs.FS, prev *tree, now time.Time, touched []string) *tree {
	s := &scanner{root: root, fsys: fsys}
	var again []string
	for _, p := range touched {
		if p = prev.known(p); !below(p, again...) {
			again = append(slices.DeleteFunc(again, func(a string) bool { return below(a, p) }), p)
		}
	}
	for _, p := range again {
		if p == "." || !s.walk(p) {
			return scan(ctx, root, fsys, prev, now)
		}
	}
	t := s.read(ctx, prev, now)
	for _, src := range prev.sources {
		if !below(src.Path, again...) {
			t.sources = append(t.sources, src)
		}
	}
	for _, p := range prev.problems {
		if !below(strings.TrimPrefix(p.Path, root+"/"), again...) {
			t.problems = append(t.problems, p)
		}
	}
	t.sort()
	return t
}

// below tells that p is one of the paths or lies below one.
func below(p string, paths ...string) bool {
	return slices.ContainsFunc(paths, func(a string) bool {
		return a == "." || p == a || strings.HasPrefix(p, a) && p[len(a)] == '/'
	})
}

// known gives the path itself, or the topmost folder above it of which no file is
// known: it may be new, or be no folder that is followed.
func (t *tree) known(p string) string {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		i, _ := slices.BinarySearchFunc(t.sources, dir+"/", byPath)
		if i == len(t.sources) || !strings.HasPrefix(t.sources[i].Path, dir+"/") {
			p = dir
		}
	}
	return path.Clean(p)
}

// walk visits what is at a path, if that is not passed over. It tells whether
// that could be found out.
func (s *scanner) walk(p string) bool {
	for part := range strings.SplitSeq(p, "/") {
		if site.PassedOver(part) {
			return true
		}
	}
	info, err := fs.Lstat(s.fsys, p)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false
	case info.IsDir():
		_ = fs.WalkDir(s.fsys, p, s.visit)
	default:
		_ = s.visit(p, fs.FileInfoToDirEntry(info), nil)
	}
	return true
}

func (s *scanner) read(ctx context.Context, prev *tree, now time.Time) *tree {
	each(ctx, len(s.found), func(i int) {
		f := &s.found[i]
		f.source, f.problem = s.file(f, prev.at(f.path), now)
	})
	t := &tree{problems: s.problems, lost: s.lost}
	for _, f := range s.found {
		if f.problem != nil {
			t.problems = append(t.problems, *f.problem)
		}
		if f.source != nil {
			t.sources = append(t.sources, f.source)
		}
	}
	t.sort()
	s.found = nil
	return t
}

func (t *tree) sort() {
	slices.SortFunc(t.sources, func(a, b *Source) int { return strings.Compare(a.Path, b.Path) })
}

type scanner struct {
	root     string
	fsys     fs.FS
	found    []found
	problems []site.Problem
	lost     bool
	later    bool // pages are not read now
}

func (s *scanner) problem(p, hint, format string, args ...any) *site.Problem {
	return &site.Problem{Path: path.Join(s.root, p), Text: fmt.Sprintf(format, args...), Hint: hint}
}

func (s *scanner) visit(p string, d fs.DirEntry, err error) error {
	switch {
	case err != nil:
		s.lost = s.lost || p == "."
		s.problems = append(s.problems, *s.problem(p, "look at the folder's permissions", "cannot be read: %s", reason(err)))
		return fs.SkipDir
	case p == ".":
	case site.PassedOver(d.Name()):
		if d.IsDir() {
			return fs.SkipDir
		}
	case d.IsDir():
	case d.Type()&fs.ModeSymlink != 0:
		s.problems = append(s.problems, *s.problem(p, "put a copy of the file in its place", "is a symbolic link, which potluck does not follow"))
	case !d.Type().IsRegular():
		s.problems = append(s.problems, *s.problem(p, "take it out", "is not a plain file"))
	default:
		s.found = append(s.found, found{path: p, entry: d})
	}
	return nil
}

// reason gives the words of an error without its path.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return err.Error()
}

func (s *scanner) file(f *found, prev *Source, now time.Time) (*Source, *site.Problem) {
	src := &Source{Path: f.path, readAt: now}
	if s.later && src.isPage() {
		return src, nil
	}
	if prev != nil {
		if info, err := f.entry.Info(); err == nil && unchanged(prev, info) {
			return prev, nil
		}
	}
	if problem := s.fill(src, nil); problem != nil {
		return nil, problem
	}
	if prev != nil && prev.Sum == src.Sum {
		// The same bytes: keep the old ones, so that later stages see the same address.
		src.Data = prev.Data
	}
	return src, nil
}

// fill reads a file, into room where that is large enough.
func (s *scanner) fill(src *Source, room []byte) *site.Problem {
	limit := int64(maxFile)
	if src.isPage() {
		limit = maxPage
	}
	var err error
	src.Data, src.info, err = readFile(s.fsys, src.Path, limit, room)
	switch {
	case errors.Is(err, errTooLarge):
		return s.problem(src.Path, "make it smaller, or link to it elsewhere", "is larger than %d MiB", limit>>20)
	case err != nil:
		return s.problem(src.Path, "if it should be there, look at its permissions", "cannot be read: %s", reason(err))
	}
	src.Sum = sha256.Sum256(src.Data)
	return nil
}

// unchanged tells that prev holds the file's bytes. It is right to trust this:
// the file is the same one (os.SameFile: device and inode), of the same size,
// and was last written 2 seconds or more before it was read, so that no later
// write can have left the same time. That holds while Now is the wall clock or
// behind it; a caller who looks ahead in time uses a fresh Builder. File systems
// that are not the operating system's are always read.
func unchanged(prev *Source, info fs.FileInfo) bool {
	return prev != nil && os.SameFile(prev.info, info) && prev.info.Size() == info.Size() &&
		prev.info.ModTime().Equal(info.ModTime()) && info.ModTime().Add(2*time.Second).Before(prev.readAt)
}

func readFile(fsys fs.FS, p string, limit int64, room []byte) ([]byte, fs.FileInfo, error) {
	f, err := fsys.Open(p)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, nil, err
	case !info.Mode().IsRegular():
		return nil, nil, errors.New("not a plain file")
	case info.Size() > limit:
		return nil, nil, errTooLarge
	}
	data := slices.Grow(room[:0], int(info.Size())+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF || err == nil && int64(len(data)) == info.Size() {
			return data, info, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if int64(len(data)) > limit {
			return nil, nil, errTooLarge
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".xml": "application/xml; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".json": "application/json",
	".webmanifest": "application/manifest+json", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg",
	".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif", ".ico": "image/x-icon", ".pdf": "application/pdf",
	".ics": "text/calendar; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".woff2": "font/woff2", ".mp3": "audio/mpeg",
	".mp4": "video/mp4", ".gz": "application/gzip",
}

// contentTypeOf knows types by a table of its own: that of the machine would
// make the same site answer differently elsewhere.
func contentTypeOf(p string) string {
	if p == "feed.xml" || strings.HasSuffix(p, "/feed.xml") {
		return "application/atom+xml; charset=utf-8"
	}
	if p == "feed.json" || strings.HasSuffix(p, "/feed.json") {
		return "application/feed+json"
	}
	if t := contentTypes[strings.ToLower(path.Ext(p))]; t != "" {
		return t
	}
	return "application/octet-stream"
}
