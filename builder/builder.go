// Package builder turns a network's folder of pages into the files of its site.
//
//	fs.FS → []*Source → []*Doc{Header, Body} → *Index → Files → Changes
//
// One file a stage:
//
//   - scan.go finds and reads the files. What cannot be read is a problem; the rest goes on.
//   - parse.go and markdown*.go make one Doc of one file, knowing nothing of the others.
//     A Body is HTML in which every link is still a hole (holes.go). In a build that is
//     not kept a page is read when it is parsed, and shelf.go puts together what stays of it.
//   - pictures.go has the pictures among the other files made fit to be published.
//   - data.go reads content/data/ for layouts.
//   - spots.go, link.go, lists.go, resolve.go and related.go know all Headers and no Body:
//     addresses, sections, taxonomies, neighbours, translations, and where each
//     link leads. The result is an Index: a View for every page there will be.
//     include.go alone puts the Body of one page into a hole of another.
//   - render.go gives each View to the theme (theme.go, words.go). It decides nothing.
//   - outputs.go makes the files beside pages, from the Index alone: feeds.go, jsonfeed.go,
//     ical.go, listings.go, redirects.go, sitemap.go, hosts.go; compress.go packs files.
//   - write.go brings the files to a folder. A program that builds once has them
//     written while it renders, and keeps none of them: Input.Into. stamp.go knows
//     a folder that holds the site already.
//
// Rules:
//
//   - Each stage is a pure function, and what it made is never changed. There is no
//     clock, environment, network or git here: Input carries all of it. The same
//     Input gives the same bytes.
//   - A Builder keeps the stages of its last build and takes from them what a new
//     Input leaves as it was; a clean build goes the same way and finds nothing to
//     take. The law: an incremental build gives, byte for byte, the clean build.
//     Above each reuse stands why it is right.
//   - What is told beforehand, Input.Touched, saves looking at the rest and nothing
//     else: a full look finds the same.
//   - One broken page never stops the rest. A broken template does: Build then gives
//     a *Failed, and the caller keeps the site it has.
//
// What is taken from the last build, and when. Each is the very thing at the same place in
// memory, so that what is made of it sees at a glance that nothing changed:
//
//	*Source       its file has the same time, size and inode           scan.go
//	*Doc          the same bytes, and the same Config                  parse.go
//	*site.Header  the page says the same to others                     parse.go
//	*Index        all Headers are the same, and Now passed no moment   link.go
//	lists         no entry came or went                                lists.go
//	*View         all it looks at is the same                          pages.go: asItWas
//	its links     neither it nor a page they lead to moved             link.go: resolved
//	related       the same pages stand near it                         related.go
//	backlinks     no link to it came or went                           related.go
//	the page      its View, its body and what fills its holes          render.go
//	other files   their makers are equal                               outputs.go
//
// So what an edit costs is one look at each page, and the work for what it changed. Lists of
// a deleted or a newest page change from there on, since entries move from page to page.
//
// How large: time and memory grow with the number of pages, but for sorting, and for
// the lists, whose number of pages grows with them. What stays in memory of a page until it is
// rendered is its Header, View and Body, about 10 kB in all; a site of 100,000 pages
// so takes about 1.7 GB to build once, and one of 1,000,000 would take twelve to sixteen: more than
// most machines have, less than would need another design. There Bodies, a quarter of it, would be
// read again when rendered, and Views made one list at a time. Networks of that
// size are many networks, and shard by themselves.
//
// Example:
//
//	b := builder.New()
//	res, err := b.Build(ctx, builder.Input{Content: os.DirFS("content"), Theme: theme, Config: cfg, Now: time.Now()})
//	data, kind, ok := res.Lookup("/resources/") // serve it
//	changes, err := builder.Write("public", res) // or write it
package builder

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"potluck/internal/site"
)

// Input is all that a build depends on. What it points to is not changed
// afterwards, neither by the caller nor by the builder.
type Input struct {
	Content fs.FS
	Theme   fs.FS // layouts/, partials/, strings/, static/; overlays are already merged
	Config  *site.Config
	Now     time.Time // decides only what is shown; never printed
	Drafts  bool      // show drafts too

	// Touched says that since the last build nothing changed in Content and Theme
	// but these paths, below content/ or themes/NAME/, and what lies below them:
	// the other files are not looked at. Empty: none did, it is only later. nil: anything
	// may have changed.
	Touched []string

	Forms bool // a form handler answers at /forms/

	// Into takes the files as they are made. Neither they nor anything else is kept
	// then, and the Result has them without their bytes. It is for programs that
	// build once: they need less memory, and write while they render.
	Into    Sink
	Program string   // names the program that builds, for a Stamped Into: another may make other bytes
	Pack    []Coding // Into also gets packed files beside those that have gain of it

	// QR draws an address as a picture, an <svg>; nil: there are none. It is the
	// same for all builds of a Builder.
	QR func(address string) string

	History map[string][]Change // changes of a content file, newest first, by its path; may be nil
	Extra   map[string][]byte   // more files, by path below the site's root

	// Pictures makes a picture fit to be published. It is a pure function of the
	// file's bytes, may be called by many goroutines, and its error may have a
	// method Hint() string. Without it pictures are copied as they are.
	Pictures func(data []byte) (*Picture, error)
}

// Change is a change of a file.
type Change struct {
	When time.Time
	Who  string
	Why  string
}

// Day is When as templates take it.
func (c Change) Day() site.Date { return site.Date{Time: c.When, Form: site.InstantForm} }

// Result is a built site. It is never changed.
type Result struct {
	Files      []File         // sorted by Path
	Redirects  []Redirect     // sorted by From
	Headers    []*site.Header // of the pages that are shown, sorted by Path
	Problems   []site.Problem // sorted; paths are relative to the network's folder
	NextChange time.Time      // when Now alone would change the site; zero: never
	Same       bool           // Into held the site already; all else is empty
	Stats      Stats
}

// File is one file of the site, with its path below the site's root.
type File struct {
	Path string
	Data []byte
	Sum  Sum
	Size int
}

func byFile(f File, p string) int { return strings.Compare(f.Path, p) }

// Stats counts the work of one build.
type Stats struct {
	Sources  int
	Parsed   int // files parsed anew
	Linked   bool
	Pages    int // HTML pages, lists included
	Rendered int // pages rendered anew
}

// Failed says that the theme or the content folder could not be used. The site
// built before stays good.
type Failed struct{ Problems []site.Problem }

func (f *Failed) Error() string { return f.Problems[0].String() }

// Hint is one sentence on what to do.
func (f *Failed) Hint() string { return f.Problems[0].Hint }

// Builder builds one site again and again. Build may be called from one
// goroutine at a time or from many; Render and Card at any time.
type Builder struct {
	Observer Observer // set before the first build

	mu     sync.Mutex
	last   *build
	missed []string              // what Input.Touched said of builds since then that failed
	live   atomic.Pointer[Index] // of the last good build
}

// New gives a Builder that has built nothing yet.
func New() *Builder { return &Builder{} }

// build is one build with all its stages.
type build struct {
	watch      Observer
	in         Input
	content    *tree
	theme      *theme
	themeFiles *tree
	docs       []*Doc
	pics       map[string]*picture // by path
	sums       map[string]Sum      // of the files they were made of
	sizes      []File              // all smaller pictures
	data       map[string]*dataFile
	values     map[string]any // of data, by name
	index      *Index
	problems   []site.Problem
	stats      Stats
	unput      errorOnce // of Input.Into
	shelves    sync.Pool // of pages that are built once
}

// Build makes the whole site. The error is a *Failed, the context's or that of Input.Into.
func (b *Builder) Build(ctx context.Context, in Input) (*Result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	prev := b.last
	if prev == nil {
		prev = &build{content: &tree{}, theme: &theme{}, themeFiles: &tree{}, index: &Index{}}
	}
	if in.Touched != nil && len(b.missed) > 0 { // to join nothing with nothing would be nil: anything
		in.Touched = slices.Concat(b.missed, in.Touched)
	}
	// A Config that says the same is the same: stages compare it by its address.
	if prev.in.Config != nil && reflect.DeepEqual(prev.in.Config, in.Config) {
		in.Config = prev.in.Config
	}
	next := &build{in: in, watch: b.Observer}
	next.shelves.New = func() any { return &shelf{piece: 256} }
	switch err := next.run(ctx, prev); {
	case err == errThere:
		return &Result{Same: true, Stats: Stats{Sources: len(next.content.sources)}}, nil
	case err != nil:
		prev.index.shared = newSharing(len(prev.index.shared)) // what was added may come of other answers
		if b.missed = in.Touched; in.Touched == nil {
			b.missed = []string{"content", "themes"}
		}
		return nil, err
	}
	b.missed = nil
	if in.Into != nil {
		b.last = nil
		return next.handOver(ctx)
	}
	b.last = next
	b.live.Store(next.index)
	return next.result(), nil
}

// look reads a folder, or what was touched of it.
func (n *build) look(ctx context.Context, root string, fsys fs.FS, prev *tree) *tree {
	if n.in.Touched == nil || len(prev.sources) == 0 {
		return scan(ctx, root, fsys, prev, n.in.Now)
	}
	touched := []string{}
	for _, p := range n.in.Touched {
		if rel, ok := strings.CutPrefix(p, root+"/"); ok {
			touched = append(touched, rel)
		} else if below(root, p) {
			touched = append(touched, ".")
		}
	}
	return rescan(ctx, root, fsys, prev, n.in.Now, touched)
}

// handOver gives to Input.Into the files that it does not have yet: all but the pages.
func (n *build) handOver(ctx context.Context) (*Result, error) {
	n.watch.stage("hand over")
	defer n.watch.stage("")
	r := n.result()
	each(ctx, len(r.Files), func(i int) {
		f := &r.Files[i]
		if findJob(n.index.jobs, f.Path) == nil {
			n.put(f)
		}
	})
	if err := cmp.Or(n.unput.err, ctx.Err()); err != nil {
		return nil, err
	}
	n.stampIt(r)
	return r, nil
}

// errThere ends a build that has nothing to do.
var errThere = errors.New("the site is there already")

// put gives a file to Input.Into, which keeps its bytes. A packed file of the
// network's own is not replaced.
func (n *build) put(f *File) {
	n.unput.set(n.in.Into.Put(*f))
	for _, c := range n.in.Pack {
		if n.content.at(f.Path+c.Ext) != nil {
			continue
		}
		if z := c.Pack(f.Path, f.Data, true); z != nil {
			n.unput.set(n.in.Into.Put(newFile(f.Path+c.Ext, z)))
		}
	}
	f.Data = nil
}

// errorOnce keeps the first error of many goroutines.
type errorOnce struct {
	once sync.Once
	err  error
}

func (e *errorOnce) set(err error) {
	if err != nil {
		e.once.Do(func() { e.err = err })
	}
}

func (n *build) run(ctx context.Context, prev *build) error {
	var problems []site.Problem
	defer n.watch.stage("")
	n.watch.stage("read")
	var theme sync.WaitGroup
	defer theme.Wait()
	theme.Go(func() { n.theme, problems = n.loadTheme(ctx, prev) })
	if n.in.Into != nil && !n.filled() {
		n.content = scanLater(ctx, "content", n.in.Content, n.in.Now)
	} else {
		n.content = n.look(ctx, "content", n.in.Content, prev.content)
	}
	n.watch.found(len(n.content.sources))
	n.problems = append(n.problems, n.content.problems...)
	if n.content.lost {
		return &Failed{n.content.problems} // an empty site would take every page away
	}
	if n.filled() {
		theme.Wait()
		if n.theme != nil && len(problems) == 0 && n.isThere() {
			return errThere
		}
	}
	n.watch.stage("parse")
	n.docs = n.parse(ctx, prev)
	n.pictures(ctx, prev)
	n.readData(prev)
	theme.Wait()
	if err := ctx.Err(); err != nil {
		return err // what was read is not whole
	}
	if n.theme == nil {
		return &Failed{problems}
	}
	n.problems = append(n.problems, problems...)
	n.watch.stage("link")
	if n.theme != prev.theme {
		go n.theme.compileAhead(n.docs)
	}
	n.index = n.link(prev)
	n.theme.use(n.index)
	n.watch.stage("render")
	if failed := n.render(ctx, prev.index); failed != nil {
		n.theme.use(prev.index)
		return &Failed{failed}
	}
	return cmp.Or(n.unput.err, ctx.Err())
}

// result joins the files of all stages. Where two have one path, the first of
// page, output, copied file, asset and extra wins; the loser is a problem.
func (n *build) result() *Result {
	r := &Result{NextChange: n.index.next, Stats: n.stats, Redirects: n.index.redirects}
	r.Files = n.files()
	for _, d := range n.index.docs {
		r.Headers = append(r.Headers, d.Header)
	}
	for _, j := range n.index.jobs {
		r.Problems = append(r.Problems, j.problems...)
	}
	for _, d := range n.docs {
		r.Problems = append(r.Problems, d.Problems...)
	}
	for _, p := range n.index.placed {
		at := n.docs[p.at].marks[p.mark]
		p.problem.Line, p.problem.Col = at.line, at.col
		r.Problems = append(r.Problems, p.problem)
	}
	r.Problems = slices.Concat(r.Problems, n.problems, n.index.problems)
	site.SortProblems(r.Problems)
	return r
}

// files gives all files, sorted: pages are, the few others are put between them.
func (n *build) files() []File {
	var rest []File
	rest = append(rest, n.index.outputs...)
	if n.index.search != nil {
		rest = append(rest, n.index.search.files...)
	}
	rest = append(rest, n.content.copied...)
	rest = append(rest, n.sizes...)
	rest = append(rest, n.theme.assets...)
	rest = append(rest, n.offline()...)
	for _, p := range slices.Sorted(maps.Keys(n.in.Extra)) {
		rest = append(rest, newFile(p, n.in.Extra[p]))
	}
	slices.SortStableFunc(rest, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	files := make([]File, 0, len(n.index.jobs)+len(rest))
	add := func(f File) {
		if k := len(files); k > 0 && files[k-1].Path == f.Path {
			n.problems = append(n.problems, site.Problem{Path: "content/" + f.Path, Text: "potluck makes a file of this name itself", Hint: "rename the file"})
			return
		}
		files = append(files, f)
	}
	for _, j := range n.index.jobs {
		for len(rest) > 0 && rest[0].Path < j.path {
			add(rest[0])
			rest = rest[1:]
		}
		add(j.file)
	}
	for _, f := range rest {
		add(f)
	}
	return files
}

// Lookup gives the file that answers a URL path (decoded, without the path of
// base_url), and its content type.
func (r *Result) Lookup(path string) (data []byte, contentType string, ok bool) {
	path = strings.TrimPrefix(path, "/")
	if path == "" || strings.HasSuffix(path, "/") {
		path += "index.html"
	}
	i, ok := slices.BinarySearchFunc(r.Files, path, byFile)
	if !ok {
		return nil, "", false
	}
	return r.Files[i].Data, contentTypeOf(path), true
}

// each calls f for 0 … n-1 on all processors. Callers write to slot i.
func each(ctx context.Context, n int, f func(i int)) {
	var at atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(at.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(at.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

var errTooLarge = errors.New("too large")
