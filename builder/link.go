package builder

import (
	"cmp"
	"context"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"potluck/internal/site"
)

// Index is all pages of a site and how they hang together, made of Headers alone.
type Index struct {
	in        *Input
	theme     *theme
	docs      []*Doc           // that are shown
	spots     map[string]*spot // by their names, those of earlier builds too
	order     []*spot          // sorted by their names
	nodes     []*node          // by the numbers of spots; nil where there is nothing
	lists     []*node          // that have entries
	copied    []File
	sites     []*SiteView  // by language
	langs     []int        // languages that have pages, as indexes of Config.Languages
	homes     [][]LangLink // by language, for pages of the form handler
	nav       [][]NavLink
	jobs      []*job // sorted by path
	planned   []output
	outputs   []File     // made of planned
	redirects []Redirect // sorted by From
	placed    []placed
	listed    map[*site.Header][]byte // what index.json tells of each
	search    *finding                // nil without search
	problems  []site.Problem
	next      time.Time
	linker    *linker    // that made it
	asked     *sync.Map  // asking → string: what templates asked, and the answers
	shared    []*sharing // by language: what pages have in common
}

// node is one address of the site in all its languages: a page, a section, a term.
type node struct {
	*spot
	docs    []*Doc   // by language; nil where it is not translated
	at      []int    // of docs, in build.docs
	order   [][]int  // by language: in which languages it is looked for
	href    []string // by language, without the path of base_url; "" where there is no page
	section *node    // the section it lies in, or nil
	jobs    []*job   // by language: its page, or the first of its pages
	prev    []*Link  // by language
	next    []*Link
	cards   []*Card // by language, once they are made

	list     bool // is a section, with its items by language
	items    [][]*item
	filed    [][]*item // the same in the order that all lists of a language have
	came     [][]*item // what is not filed yet
	of       subject   // of a list of terms
	counts   []*counts // of items, once they are made
	feed     []string  // by language: href of its feed, or ""
	jsonFeed []string
	calendar []string
	labels   []string // of terms, by language
	virtual  bool     // made by potluck
	pair     bool     // of two terms
	made     string   // layout of a page that potluck makes, see extras.go
}

// item is an entry of a list.
type item struct {
	card    *Card
	link    *Link // to the same
	at      *spot // of the page
	section *spot // that it lies in, or nil
	terms   *terms
}

// job is one HTML page to render.
type job struct {
	path     string
	li       int
	node     *node          // or nil
	more     *job           // the next page of a list
	number   int            // in Index.jobs
	view     *View          // Body is filled in when it is rendered
	layout   string         // that of view
	leave    bool           // that of view
	doc      *Doc           // its body, or nil
	at       int            // of doc, in build.docs
	hrefs    []string       // what fills the holes of its body, as HTML
	problems []site.Problem // of its links
	targets  []target       // the pages that its body leads to
	from     []*site.Header // of the pages that lead here
	odd      bool           // its body leads elsewhere too
	mapped   string         // what the sitemap says of it
	file     File
	loaded   bool // file is there
	was      *job // that of the last build, until this is rendered
}

// room is where nodes and what belongs to them are cut from, many at a time: as single
// objects they were a tenth of all that is looked at when memory is collected. Nothing
// that outlives its Index is cut from it: one part would keep the whole piece.
type room struct {
	nodes []node
	docs  []*Doc
	at    []int
	href  []string
	cards []*Card
	jobs  []*job
	tasks []job
	links []*Link
}

const roomPiece = 512

// linker makes an Index.
type linker struct {
	*build
	prev      *build // the last one, until this is linked
	ix        *Index
	cfg       *site.Config
	li        map[string]int
	instead   [][]int                           // by language: see site.Config.Instead
	made      map[string]bool                   // files that are planned
	was       map[*site.Header][]byte           // Index.listed of the last build
	bases     func() map[string]*node           // by the last part of their addresses; asked for dead links only
	menuDirs  []string                          // of menus
	navs      [][][]NavLink                     // see makeNavs
	known     [len(taxonomies)]map[string]*term // the last build's too: one linker after the other adds to it
	termLists map[subject]*node
	menus     []site.MenuItem
	ways      []sync.Map // by language: *spot → []Link, the crumbs of what lies below

	jobs     []*job // in the order of their nodes
	alike    bool   // what all pages share is as it was in the last build
	ownSpots bool   // Index.spots are not those of the last build

	room  room
	found chan *finding // nil without search
	town  *town         // nil until a map is drawn
}

// link makes the Index, or takes the last one. That is right where all it
// depends on is the same: the Headers (by their addresses, see parse), the Config
// and the theme's words, the copied files, the pictures and data, Input's switches and history; and
// where Now has not passed a moment that the last Index named. Only problems of
// links may lie elsewhere in the file; those of changed pages are found again.
func (n *build) link(prev *build) *Index {
	if n.sameLinks(prev) {
		return n.relink(prev.index)
	}
	n.stats.Linked = true
	l := &linker{build: n, cfg: n.in.Config, li: map[string]int{}, made: map[string]bool{}, termLists: map[subject]*node{}, ways: make([]sync.Map, len(n.in.Config.Languages))}
	l.prev, l.was = prev, prev.index.listed
	if !l.sameConfig() {
		l.was = nil
	}
	l.ix = &Index{in: &n.in, theme: n.theme, spots: prev.index.spots, order: prev.index.order, nodes: make([]*node, len(prev.index.spots), max(len(n.docs), len(prev.index.spots))*5/4), copied: n.content.copied, asked: &sync.Map{}, shared: newSharing(len(l.cfg.Languages))}
	if l.ix.spots == nil {
		l.ix.spots, l.ownSpots = make(map[string]*spot, len(n.docs)*5/4), true
	}
	for i := range l.known {
		if l.known[i] = map[string]*term{}; prev.index.linker != nil {
			l.known[i] = prev.index.linker.known[i]
		}
	}
	for i, lang := range l.cfg.Languages {
		l.li[lang] = i
	}
	for _, lang := range l.cfg.Languages {
		var order []int
		for _, other := range l.cfg.Instead(lang) {
			order = append(order, l.li[other])
		}
		l.instead = append(l.instead, order)
	}
	l.show()
	l.find()
	l.sections()
	l.addExtras()
	l.lists()
	l.menus = l.menu()
	l.frames(prev.index)
	l.feeds()
	l.calendars()
	l.pages()
	l.histories()
	l.search()
	l.sortJobs()
	l.listings()
	l.manifests()
	l.redirects()
	l.sitemap()
	l.hostFiles()
	var files sync.WaitGroup
	files.Go(func() { l.make(prev.index) })
	l.bodies()
	files.Wait()
	n.stats.Pages = len(l.ix.jobs)
	l.ix.linker, l.prev, l.was = l, nil, nil
	return l.ix
}

// sameConfig tells that there was a build before, with the Config of this one.
func (l *linker) sameConfig() bool { return l.prev.in.Config == l.cfg }

// sortJobs sorts the jobs by their paths. Those that were there in the last build are in
// order when they take the places that they had. Of two with one path the first stays.
func (l *linker) sortJobs() {
	known, came := make([]*job, len(l.prev.index.jobs)), []*job{}
	for _, j := range l.jobs {
		if j.was != nil && known[j.was.number] == nil {
			known[j.was.number] = j
		} else {
			came = append(came, j)
		}
	}
	slices.SortStableFunc(came, func(a, b *job) int { return strings.Compare(a.path, b.path) })
	kept := slices.DeleteFunc(known, func(j *job) bool { return j == nil })
	all := merged(kept, came, func(a, b *job) int { return strings.Compare(a.path, b.path) })
	l.ix.jobs = all[:0]
	for _, j := range all {
		if k := len(l.ix.jobs); k > 0 && l.ix.jobs[k-1].path == j.path {
			l.clash(j)
			continue
		}
		j.number = len(l.ix.jobs)
		l.ix.jobs = append(l.ix.jobs, j)
	}
}

func (n *build) sameLinks(prev *build) bool {
	ix := prev.index
	return ix.in != nil && prev.in.Config == n.in.Config && prev.theme == n.theme &&
		prev.in.Drafts == n.in.Drafts && prev.in.Forms == n.in.Forms && sameHistory(prev.in.History, n.in.History) &&
		maps.EqualFunc(prev.in.Extra, n.in.Extra, func(a, b []byte) bool { return true }) &&
		samePictures(prev, n) && sameData(prev, n) && !n.in.Now.Before(ix.in.Now) && (ix.next.IsZero() || n.in.Now.Before(ix.next)) &&
		slices.EqualFunc(prev.docs, n.docs, func(a, b *Doc) bool { return a.Header == b.Header }) &&
		sameSource(prev.content.redirects, n.content.redirects) &&
		slices.EqualFunc(prev.content.copied, n.content.copied, func(a, b File) bool { return a.Path == b.Path })
}

// relink gives the last Index with the bodies of now.
func (n *build) relink(old *Index) *Index {
	ix := *old
	ix.in = &n.in
	ix.jobs = slices.Clone(old.jobs)
	for i, j := range ix.jobs {
		if j.doc != nil && (j.doc != n.docs[j.at] || j.doc.includes) {
			ix.jobs[i] = j.again()
			ix.jobs[i].doc = n.docs[j.at]
			ix.linker.resolve(ix.jobs[i], n.docs)
		} else if j.layout == "booklet" { // it has bodies of other pages
			ix.jobs[i] = j.again()
		}
	}
	n.stats.Pages = len(ix.jobs)
	return &ix
}

// again is the job for the next build, with what may be other then left out.
func (j *job) again() *job {
	c := *j
	c.was, c.hrefs, c.problems, c.targets, c.odd, c.file, c.loaded = j, nil, nil, nil, false, File{}, false
	return &c
}

// due notes a moment at which the site will change by itself.
func (l *linker) due(t time.Time) {
	if t.After(l.in.Now) && (l.ix.next.IsZero() || t.Before(l.ix.next)) {
		l.ix.next = t
	}
}

// sameHistory looks at the same map only once.
func sameHistory(a, b map[string][]Change) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer() || maps.EqualFunc(a, b, slices.Equal)
}

func sameSource(a, b *Source) bool { return a == b || a != nil && b != nil && a.Sum == b.Sum }

// placed is a problem of a page's front matter. Its line is found when the build
// is done: it may change while the Header stays as it was.
type placed struct {
	at      int    // in build.docs
	mark    string // of Doc.marks
	problem site.Problem
}

func (l *linker) problem(p site.Problem) { l.ix.problems = append(l.ix.problems, p) }

// dirOf gives the address of a place without its language.
func dirOf(p site.Place) string {
	if p.Index {
		return path.Dir(p.Key)
	}
	return p.Key
}

// show puts the pages that are shown now at their nodes.
func (l *linker) show() {
	used := make([]bool, len(l.cfg.Languages))
	used[0] = true
	for i, d := range l.docs {
		shown, next := l.shows(d.Header)
		l.due(next)
		for _, t := range d.moments {
			if shown {
				l.due(t)
			}
		}
		if shown && l.put(d, i) {
			used[l.li[d.Header.Lang]] = true
		}
	}
	for li, u := range used {
		if u {
			l.ix.langs = append(l.ix.langs, li)
		}
	}
}

// shows tells whether a page is shown, and when that changes next.
func (l *linker) shows(h *site.Header) (shown bool, next time.Time) {
	if h.Draft && !l.in.Drafts {
		return false, time.Time{}
	}
	return h.Shown(l.in.Now, l.cfg.Location)
}

func (l *linker) put(d *Doc, at int) bool {
	li := l.li[d.Header.Lang]
	n := l.node(dirOf(d.Header.Place))
	if other := n.docs[li]; other != nil {
		l.problem(site.Problem{Path: "content/" + d.Header.Path, Text: "has the same address as content/" + other.Header.Path + ": " + d.Header.URL, Hint: "rename one of the two"})
		return false
	}
	n.docs[li], n.at[li], n.href[li] = d, at, d.Header.URL
	l.ix.docs = append(l.ix.docs, d)
	return true
}

// sections finds the folders that have a page of their own and others below, and
// the folders of kinds that have pages; and the section that each page lies in.
func (l *linker) sections() {
	l.virtual(".")
	seen := make([]bool, len(l.ix.spots))
	var folders []*spot
	for n := range l.ix.all() {
		for a := n.above; a != nil && !seen[a.number]; a = a.above {
			seen[a.number] = true
			folders = append(folders, a)
		}
	}
	for _, a := range folders {
		if l.ix.nodeOf(a) != nil && !isNumber(path.Base(a.dir)) || l.kindOf(a.dir) != nil {
			l.virtual(a.dir).list = true
		}
	}
	for n := range l.ix.all() {
		for a := n.above; a != nil && n.section == nil; a = a.above {
			if s := l.ix.nodeOf(a); s != nil && s.list {
				n.section = s
			}
		}
	}
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

// kindOf gives the kind whose folder this is, or nil.
func (l *linker) kindOf(dir string) *site.Kind {
	for _, k := range l.cfg.Kinds {
		if k.Folder == dir && dir != "" {
			return k
		}
	}
	return nil
}

// in gives the language in which a node is shown to readers of another, see
// site.Config.Instead; -1 where there is none.
func (n *node) in(li int) int {
	for _, other := range n.order[li] {
		if n.href[other] != "" {
			return other
		}
	}
	return -1
}

// doc is in for pages: a section's list may be in a language in which its page is not.
func (n *node) doc(li int) (*Doc, int) {
	for _, other := range n.order[li] {
		if n.docs[other] != nil {
			return n.docs[other], other
		}
	}
	return nil, -1
}

// asking is a question that a template put to the Index: where a page is or, with a
// taxonomy, where the page of one of its terms is.
type asking struct {
	li             int
	facet          bool
	taxonomy, what string
}

func (ix *Index) href(li int, page string) string { return ix.ask(asking{li: li, what: page}) }

func (ix *Index) facet(li int, taxonomy, value string) string {
	return ix.ask(asking{li, true, taxonomy, value})
}

// ask remembers question and answer: a page may be reused only while all answers that
// it may have been given are the same.
func (ix *Index) ask(q asking) string {
	if a, ok := ix.asked.Load(q); ok {
		return a.(string)
	}
	a := ix.answer(q)
	ix.asked.Store(q, a)
	return a
}

func (ix *Index) answer(q asking) string {
	base := ix.in.Config.BasePath
	if q.facet {
		if n := ix.nodeAt(path.Join(q.taxonomy, q.what)); n != nil && n.virtual && n.href[q.li] != "" {
			return base + n.href[q.li]
		}
		return ""
	}
	p, rest := cutPath(q.what)
	if n := ix.nodeAt(cmp.Or(strings.Trim(p, "/"), ".")); n != nil {
		if li := n.in(q.li); li >= 0 {
			return base + n.href[li] + rest
		}
	}
	return base + q.what
}

// cutPath parts a destination into its path and what follows, from ? or # on.
func cutPath(dest string) (p, rest string) {
	if i := strings.IndexAny(dest, "?#"); i >= 0 {
		return dest[:i], dest[i:]
	}
	return dest, ""
}

// bodies resolves the links of all pages, after every address is known.
func (l *linker) bodies() {
	l.bases = sync.OnceValue(l.byBase)
	moved := l.moved()
	each(context.Background(), len(l.ix.jobs), func(i int) {
		if j := l.ix.jobs[i]; j.doc != nil && !l.resolved(j, moved) {
			l.resolve(j, l.docs)
		}
	})
	l.backlinks(moved)
	l.relate()
}

// byBase gives the first node of each name that addresses end with.
func (l *linker) byBase() map[string]*node {
	bases := make(map[string]*node, len(l.ix.nodes))
	for _, n := range l.ordered() {
		base := n.dir[strings.LastIndexByte(n.dir, '/')+1:]
		if bases[base] == nil {
			bases[base] = n
		}
	}
	return bases
}

// moved gives the addresses at which since the last build another page came or
// went, or where headings changed; nil where links may lead elsewhere for other
// reasons: what is no page, a language, a word of the theme, a picture.
func (l *linker) moved() []bool {
	old := l.prev.index
	if !l.sameConfig() || l.prev.theme != l.theme || !slices.Equal(old.langs, l.ix.langs) || !samePictures(l.prev, l.build) ||
		!maps.Equal(old.linker.made, l.made) || !slices.EqualFunc(old.copied, l.ix.copied, func(a, b File) bool { return a.Path == b.Path }) ||
		!maps.EqualFunc(old.in.Extra, l.in.Extra, func(a, b []byte) bool { return true }) {
		return nil
	}
	moved := make([]bool, len(l.ix.spots)) // by the numbers of spots
	for n := range l.ix.all() {
		if was := old.nodeOf(n.spot); was == nil || !slices.Equal(was.href, n.href) || !slices.EqualFunc(was.docs, n.docs, sameAnchors) {
			moved[n.number] = true
		}
	}
	for was := range old.all() {
		if l.ix.nodeOf(was.spot) == nil {
			moved[was.number] = true
		}
	}
	return moved
}

// sameAnchors tells that links to a page and to its headings find the same.
func sameAnchors(a, b *Doc) bool {
	return a == b || a != nil && b != nil && (a.Header == b.Header || a.Header.Index == b.Header.Index && slices.Equal(a.Header.Headings, b.Header.Headings))
}

// resolved takes what fills the holes of a page from the last build. That is right
// where the page is the same, every link of it leads to a page, and neither it nor
// one of those moved: there is nothing else that a link is resolved by. Pages that
// include others, or have a problem, are done anew.
func (l *linker) resolved(j *job, moved []bool) bool {
	if moved == nil || j.doc.includes || moved[j.node.number] {
		return false
	}
	was := j.was
	if was == nil || was.doc != j.doc || was.li != j.li || was.odd || len(was.problems) > 0 ||
		slices.ContainsFunc(was.targets, func(t target) bool { return moved[t.at.number] }) {
		return false
	}
	j.hrefs, j.targets = was.hrefs, was.targets
	return true
}

// resolve finds what belongs into the holes of a page's body.
func (l *linker) resolve(j *job, docs []*Doc) {
	if j.doc != nil && len(j.doc.Body.Holes) > 0 {
		left := maxIncluded
		r := &resolver{l: l, doc: j.doc, h: j.doc.Header, li: j.li, docs: docs, within: []*site.Header{j.doc.Header}, left: &left}
		j.hrefs = r.all()
		if left < 0 {
			k := slices.IndexFunc(r.h.Links, func(k site.Link) bool { return k.Include })
			r.add(k, site.Error, "include less", "with all that it includes, this page is too long")
		}
		j.problems, j.targets, j.odd = r.problems, r.targets, r.odd
	}
}
