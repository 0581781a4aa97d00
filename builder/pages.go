package builder

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/site"
)

// onHome is how many entries each list on the home page has.
const onHome = 6

// frames makes what all pages of a language share. Where it came out as before,
// the last one is kept, so that pages can be compared quickly.
func (l *linker) frames(old *Index) {
	l.ix.sites = make([]*SiteView, len(l.cfg.Languages))
	for li, lang := range l.cfg.Languages {
		s := &SiteView{
			Title: l.cfg.Title.In(l.cfg.Understood(lang)...), Description: l.cfg.Description.In(l.cfg.Understood(lang)...),
			Phone: l.cfg.Phone, Email: l.cfg.Email, Home: l.href(l.ix.nodeAt("."), li), Sections: map[string]string{},
			LeaveHref: l.cfg.Safety.LeaveURL, Paper: l.cfg.Colors.Light().Paper, PaperDark: l.cfg.Colors.Night().Paper,
		}
		if l.cfg.Outputs.Manifest {
			s.Manifest = l.fileHref(l.inFolder(li, manifestFile))
		}
		if l.in.Forms {
			s.Forms, s.Mine = l.forms(lang), l.cfg.BasePath+l.cfg.MinePath(lang)
			s.OtherForms = l.otherForms(li, s.Forms)
		}
		s.Data = l.values
		if s.Phone != "" {
			s.PhoneHref = telHref(s.Phone)
		}
		for n := range l.ix.all() {
			if n.dir != "." && n.above == nil {
				s.Sections[n.dir] = l.href(n, li)
			}
		}
		if l.searches() {
			href, _ := l.cfg.Address(lang, "search")
			s.Sections["search"] = l.cfg.BasePath + href
		}
		if li < len(old.sites) && reflect.DeepEqual(old.sites[li], s) {
			s = old.sites[li]
		}
		l.ix.sites[li] = s
	}
	l.alike = l.sameConfig() && l.prev.theme == l.theme && slices.Equal(old.langs, l.ix.langs) && slices.Equal(old.sites, l.ix.sites)
	l.makeNavs()
	for li := range l.cfg.Languages {
		l.ix.homes = append(l.ix.homes, l.languages(nil, li))
		l.ix.nav = append(l.ix.nav, l.nav(nil, li))
	}
}

// forms gives where the form of each kind is.
func (l *linker) forms(lang string) map[string]string {
	hrefs := map[string]string{}
	for _, k := range l.cfg.Kinds {
		if k.Form {
			hrefs[k.Name] = l.cfg.BasePath + l.cfg.FormPath(lang, k.Name)
		}
	}
	return hrefs
}

// otherForms are those of messages that are not about a page.
func (l *linker) otherForms(li int, hrefs map[string]string) (links []Link) {
	for _, k := range l.cfg.Kinds {
		if hrefs[k.Name] == "" || k.Makes != site.AMessage || k.Name == "reply" {
			continue
		}
		text := k.Label.In(l.cfg.Languages[li], l.cfg.Languages[0])
		if text == "" {
			text = l.theme.words.say(l.theme.langs(li), "title."+k.Name)
		}
		links = append(links, Link{Text: text, Href: hrefs[k.Name]})
	}
	return links
}

// href gives where a node is, for readers of a language.
func (l *linker) href(n *node, li int) string {
	if at := n.in(li); at >= 0 {
		return l.cfg.BasePath + n.href[at]
	}
	return l.cfg.BasePath + "/"
}

// absolute makes a whole address of a href.
func (l *linker) absolute(href string) string { return absolute(l.cfg, href) }

func absolute(cfg *site.Config, href string) string {
	return strings.TrimSuffix(cfg.BaseURL, cfg.BasePath+"/") + href
}

// plannedPage is a page that add makes a job of.
type plannedPage struct {
	view *View
	out  string
	was  *job // of the last build, where that is known
}

// pages makes a job for each page there will be. Those of files and lists are
// planned by all processors, and filed in order.
func (l *linker) pages() {
	nodes := l.ordered()
	plans := make([]plan, len(nodes)*len(l.cfg.Languages)) // of each node, by language
	each(context.Background(), len(nodes), func(i int) {
		for _, li := range l.ix.langs {
			plans[i*len(l.cfg.Languages)+li] = l.planOf(nodes[i], li)
		}
	})
	for i, n := range nodes {
		for _, li := range l.ix.langs {
			switch p := &plans[i*len(l.cfg.Languages)+li]; {
			case n.href[li] == "":
			case n.dir == ".":
				l.home(n, li)
			case !n.list && n.made != "":
				l.extra(n, li)
			default:
				l.follow(p, n, li)
			}
		}
	}
	for _, li := range l.ix.langs {
		l.notFound(li)
	}
}

// plan is what the pages of a node in a language are to be: those of the last build from
// a job on, or new ones.
type plan struct {
	was   *job
	pages []plannedPage
}

func (l *linker) planOf(n *node, li int) plan {
	switch {
	case n.href[li] == "" || n.dir == "." || !n.list && n.made != "":
		return plan{}
	case l.asItWas(n, li):
		return plan{was: l.prev.index.nodeOf(n.spot).jobs[li]}
	case n.list:
		return plan{pages: l.list(n, li)}
	}
	return plan{pages: []plannedPage{l.page(n, li)}}
}

// follow files the pages of a node.
func (l *linker) follow(p *plan, n *node, li int) {
	last := &n.jobs[li]
	for was := p.was; was != nil; was = was.more {
		was := l.prev.index.jobs[was.number] // which has the body of that build
		*last = l.add(plannedPage{was.view, was.path, was}, n, li)
		last = &(*last).more
	}
	for _, p := range p.pages {
		*last = l.add(p, n, li)
		last = &(*last).more
	}
}

// asItWas tells that the pages of a node are what they were in the last build. That is
// right where all that page and list look at is the same: the theme, the Config, what all
// pages share; the page in all its languages, its neighbours, the entries of the list;
// and where Now passed no moment of the page. Lists of terms have no page, and
// what their facets count, and lead to, is made of their entries.
func (l *linker) asItWas(n *node, li int) bool {
	was := l.prev.index.nodeOf(n.spot)
	if !l.alike || was == nil || was.jobs[li] == nil || was.list != n.list || was.virtual != n.virtual || !slices.Equal(was.href, n.href) ||
		!slices.EqualFunc(was.docs, n.docs, sameHeader) {
		return false
	}
	if d, _ := n.doc(li); d != nil && l.passed(d) {
		return false
	}
	if v := was.jobs[li].view; !same(v.Nav, l.nav(n, li)) || !same(v.Crumbs, l.crumbs(n, li)) || at(was.calendar, li) != at(n.calendar, li) || l.historyHref(n, li) != v.History ||
		v.Page != nil && v.Changed != l.lastChange(v.Page) {
		return false
	}
	if n.list {
		return same(was.items[li], n.items[li]) && at(was.feed, li) == at(n.feed, li) && at(was.jsonFeed, li) == at(n.jsonFeed, li)
	}
	return sameLink(was.prev, n.prev, li) && sameLink(was.next, n.next, li)
}

func sameHeader(a, b *Doc) bool { return a == b || a != nil && b != nil && a.Header == b.Header }

func sameLink(a, b []*Link, li int) bool {
	return (a == nil) == (b == nil) && (a == nil || a[li] == b[li])
}

// frame fills in what every page has.
func (l *linker) frame(n *node, li int, layout string) *View {
	lang := l.cfg.Languages[li]
	v := &View{Site: l.ix.sites[li], Layout: layout, Lang: lang, Dir: langDir(lang), Languages: l.languages(n, li), Nav: l.nav(n, li)}
	if n != nil {
		v.URL = l.absolute(l.pageHref(n, li, 1))
		v.Crumbs = l.crumbs(n, li)
	}
	return v
}

// tell puts a page's own words into its view.
func (l *linker) tell(v *View, h *site.Header) {
	v.Page, v.Title, v.Description = h, h.Title, h.Summary
	v.Tongue, v.TongueDir = otherThan(v.Lang, h.Language())
	if len(h.Headings) >= 3 {
		v.Contents = l.headings(h)
	}
}

// add files a job; n may be nil.
func (l *linker) add(p plannedPage, n *node, li int) *job {
	v := p.view
	j := &carve(&l.room.tasks, 1, roomPiece)[0]
	*j = job{path: p.out, li: li, node: n, view: v, layout: v.Layout, leave: v.Leave, was: p.was}
	if j.was == nil {
		j.was = findJob(l.prev.index.jobs, p.out)
	}
	if v.Page != nil && n.docs[li] != nil && v.Pager.Number < 2 {
		j.doc, j.at = n.docs[li], n.at[li]
	}
	l.jobs = append(l.jobs, j)
	return j
}

// clash tells of a page whose address another has. None is taken to be what it was
// in the next build.
func (l *linker) clash(j *job) {
	name, n := "content/"+j.path, j.node
	if n != nil {
		if n.jobs[j.li] = nil; n.docs[j.li] != nil {
			name = "content/" + n.docs[j.li].Header.Path
		}
	}
	l.problem(site.Problem{Path: name, Text: "another page has this address: /" + strings.TrimSuffix(j.path, "index.html"), Hint: "rename one of the two"})
}

func (l *linker) page(n *node, li int) plannedPage {
	h := n.docs[li].Header
	v := l.frame(n, li, l.theme.layout(h.Kind, "page"))
	l.tell(v, h)
	v.State, v.Facts = cmp.Or(l.state(h), l.now(h)), l.facts(h)
	v.Changed, v.History, v.Leave = l.lastChange(h), l.historyHref(n, li), leaves(h)
	if due := h.ReviewDue(); !due.IsZero() {
		v.Overdue = !due.Start(l.cfg.Location).After(l.in.Now)
	}
	v.Calendar = at(n.calendar, li)
	if n.prev != nil {
		v.Prev, v.Next = n.prev[li], n.next[li]
	}
	return plannedPage{view: v, out: h.Out}
}

func (l *linker) home(n *node, li int) {
	v := l.frame(n, li, l.theme.layout("home", "page"))
	v.Crumbs = nil
	v.Title, v.Description = v.Site.Title, v.Site.Description
	if d := n.docs[li]; d != nil {
		l.tell(v, d.Header)
	}
	v.Feed, v.JSONFeed = at(n.feed, li), at(n.jsonFeed, li)
	l.front(v, n.items[li])
	_, out := l.cfg.Address(l.cfg.Languages[li], n.dir)
	l.add(plannedPage{view: v, out: out}, n, li)
}

// front shows the newest entries of home, and the next events, those that are on among
// them.
func (l *linker) front(v *View, items []*item) {
	for _, it := range items {
		switch c := it.card; {
		case c.Kind == "request" && l.state(c.Header) == "open":
			v.Needs = append(v.Needs, c)
		case c.Kind == "offer" && l.state(c.Header) == "open":
			v.Offers = append(v.Offers, c)
		case c.Kind == "news" && l.state(c.Header) == "":
			v.News = append(v.News, c)
		case c.Kind == "event" && c.Now != "over" && !c.Day("start").IsZero():
			v.Events = append(v.Events, c)
		}
	}
	first := func(cards *[]*Card, compare func(a, b *Card) int) {
		slices.SortStableFunc(*cards, compare)
		*cards = slices.Clone((*cards)[:min(len(*cards), onHome)])
	}
	newest := func(a, b *Card) int { return b.Date.Time.Compare(a.Date.Time) }
	first(&v.Needs, newest)
	first(&v.Offers, newest)
	first(&v.News, newest)
	first(&v.Events, func(a, b *Card) int {
		return a.Day("start").Start(l.cfg.Location).Compare(b.Day("start").Start(l.cfg.Location))
	})
}

// list makes the pages of a section, a term, or a taxonomy.
func (l *linker) list(n *node, li int) (pages []plannedPage) {
	items, layout := n.items[li], l.theme.layout("list")
	var term *Link
	var terms []Link
	if n.virtual {
		layout, terms = l.theme.layout("term", "list"), l.children(li, n)
		if strings.Contains(n.dir, "/") {
			term = &Link{Text: n.labels[li], Href: l.href(n, li), Count: len(items)}
		} else {
			items = nil // the list of terms is the page
		}
	}
	groups, size := l.facets(n, li, items), l.pageSize(n, li)
	total := max(1, (len(items)+size-1)/size)
	for number := 1; number <= total; number++ {
		v := l.frame(n, li, layout)
		v.Title, v.Term, v.Terms, v.Groups = l.title(n, li), term, terms, groups
		v.Feed, v.JSONFeed, v.Calendar = at(n.feed, li), at(n.jsonFeed, li), at(n.calendar, li)
		if d := n.docs[li]; d != nil {
			l.tell(v, d.Header)
			v.Changed, v.History = l.lastChange(d.Header), l.historyHref(n, li)
		}
		if v.Description == "" {
			v.Description, _ = l.theme.words.find("list.about", l.theme.langs(li))
			v.Description = fillWords(v.Description, []any{v.Title, v.Site.Title})
		}
		v.Entries = cardsOf(items[(number-1)*size : min(number*size, len(items))])
		v.Pager = l.pager(n, li, number, total)
		v.URL = l.absolute(l.pageHref(n, li, number))
		_, out := l.cfg.Address(l.cfg.Languages[li], path.Join(n.dir, pagePart(number)))
		pages = append(pages, plannedPage{view: v, out: out})
	}
	return pages
}

func pagePart(number int) string {
	if number < 2 {
		return ""
	}
	return "page/" + strconv.Itoa(number)
}

func (l *linker) pageHref(n *node, li, number int) string {
	href := l.cfg.BasePath + n.href[li]
	if number > 1 {
		href += pagePart(number) + "/"
	}
	return href
}

func (l *linker) pager(n *node, li, number, total int) Pager {
	p := Pager{Number: number, Total: total}
	if total == 1 {
		return p
	}
	p.First, p.Last = l.pageHref(n, li, 1), l.pageHref(n, li, total)
	if number > 1 {
		p.Newer = l.pageHref(n, li, number-1)
	}
	if number < total {
		p.Older = l.pageHref(n, li, number+1)
	}
	return p
}

func (l *linker) notFound(li int) {
	if l.theme.layouts["404"] == nil {
		return
	}
	v := l.frame(nil, li, "404")
	v.Title, v.NoIndex = l.theme.words.say(l.theme.langs(li), "notfound.title"), true
	_, out := l.cfg.Address(l.cfg.Languages[li], ".")
	l.add(plannedPage{view: v, out: path.Join(path.Dir(out), "404.html")}, nil, li)
}

// title names a node in a language: by its page, its term, the menu, its kind,
// its page in another language, its folder.
func (l *linker) title(n *node, li int) string {
	lang := l.cfg.Languages[li]
	if d := n.docs[li]; d != nil {
		return d.Header.Title
	}
	if n.labels != nil {
		return n.labels[li]
	}
	if n.made != "" {
		return l.theme.words.say(l.theme.langs(li), n.made+".title")
	}
	for _, m := range l.cfg.Menu {
		if s := m.Label.In(lang); strings.Trim(m.Page, "/") == n.dir && s != "" {
			return s
		}
	}
	if k := l.kindOf(n.dir); k != nil {
		if s := k.Label.In(lang); s != "" {
			return s
		}
		if s, ok := l.theme.words.find("kinds."+k.Name, []string{lang}); ok {
			return s
		}
	}
	if d, _ := n.doc(li); d != nil {
		return d.Header.Title
	}
	return l.cfg.Label("", path.Base(n.dir), lang)
}

// link names a node and where it is, for readers of a language.
func (l *linker) linkTo(n *node, li int) Link {
	k := Link{Text: l.title(n, li), Href: l.href(n, li)}
	if d, _ := n.doc(li); d != nil && k.Text == d.Header.Title {
		k.Lang, k.Dir = l.otherThan(li, d.Header)
	} else if at := n.in(li); at >= 0 {
		k.Lang, k.Dir = otherThan(l.cfg.Languages[li], l.cfg.Languages[at])
	}
	return k
}

// crumbs leads from home to the parent.
func (l *linker) crumbs(n *node, li int) []Link {
	if way, ok := l.ways[li].Load(n.above); ok {
		return way.([]Link)
	}
	var crumbs []Link
	for a := n.above; a != nil; a = a.above {
		if p := l.ix.nodeOf(a); p != nil && p.in(li) >= 0 {
			crumbs = append(crumbs, l.linkTo(p, li))
		}
	}
	crumbs = append(crumbs, Link{Text: l.ix.sites[li].Title, Href: l.ix.sites[li].Home})
	slices.Reverse(crumbs)
	crumbs = slices.Clip(crumbs) // many pages have them: who adds one has a copy
	if l.sameConfig() {
		if was, ok := l.prev.index.linker.ways[li].Load(n.above); ok && slices.Equal(was.([]Link), crumbs) {
			crumbs = was.([]Link) // so that pages can be compared quickly
		}
	}
	way, _ := l.ways[li].LoadOrStore(n.above, crumbs)
	return way.([]Link)
}

// nav gives the menu, with the entry that a page lies under marked.
func (l *linker) nav(n *node, li int) []NavLink {
	current := -1
	for i, dir := range l.menuDirs {
		if n != nil && strings.HasPrefix(n.dir, dir) && (len(n.dir) == len(dir) || n.dir[len(dir)] == '/') {
			current = i
		}
	}
	return l.navs[li][current+1]
}

// makeNavs makes the menus: of each language with no entry marked, then with each.
func (l *linker) makeNavs() {
	for _, m := range l.menus {
		l.menuDirs = append(l.menuDirs, cmp.Or(strings.Trim(m.Page, "/"), "."))
	}
	l.navs = make([][][]NavLink, len(l.cfg.Languages))
	for li := range l.navs {
		for current := -1; current < len(l.menus); current++ {
			nav := []NavLink{}
			for i, m := range l.menus {
				if p := l.ix.nodeAt(l.menuDirs[i]); p != nil {
					nav = append(nav, NavLink{Link: l.menuLink(p, m, li), Current: i == current})
				}
			}
			if l.sameConfig() {
				if was := l.prev.index.linker.navs[li]; current+1 < len(was) && slices.Equal(was[current+1], nav) {
					nav = was[current+1] // so that pages can be compared quickly, and what was made of it be had again
				}
			}
			l.navs[li] = append(l.navs[li], nav)
		}
	}
}

func (l *linker) menuLink(n *node, m site.MenuItem, li int) Link {
	lang := l.cfg.Languages[li]
	k := l.linkTo(n, li)
	if m.Label[""] != "" {
		k.Text, k.Lang, k.Dir = m.Label[""], "", ""
	}
	for _, known := range l.cfg.Understood(lang) {
		if s := m.Label[known]; s != "" {
			k.Text = s
			k.Lang, k.Dir = otherThan(lang, known)
			break
		}
	}
	return k
}

// menu gives the entries of site.toml, else the sections of the kinds. It is asked once.
func (l *linker) menu() []site.MenuItem {
	if len(l.cfg.Menu) > 0 {
		for i, m := range l.cfg.Menu {
			if l.ix.nodeAt(cmp.Or(strings.Trim(m.Page, "/"), ".")) == nil {
				l.problem(site.Problem{Path: "site.toml", Severity: site.Warning, Text: fmt.Sprintf("entry %d of the menu leads to %s, which is not there", i+1, m.Page), Hint: "make the page, or take the entry out"})
			}
		}
		return l.cfg.Menu
	}
	var menu []site.MenuItem
	for _, k := range l.cfg.Kinds {
		if n := l.ix.nodeAt(k.Folder); k.Folder != "" && n != nil && n.list {
			menu = append(menu, site.MenuItem{Page: "/" + k.Folder + "/"})
		}
	}
	return menu
}

// languages leads to the same page in the other languages, or to their homes.
func (l *linker) languages(n *node, li int) []LangLink {
	if len(l.ix.langs) < 2 {
		return nil
	}
	var links []LangLink
	for _, other := range l.ix.langs {
		code := l.cfg.Languages[other]
		k := LangLink{Code: code, Name: langName(code), Dir: langDir(code), Href: l.ix.sites[other].Home, Current: other == li}
		if n != nil && n.href[other] != "" {
			k.Href, k.Translated = l.cfg.BasePath+n.href[other], true
		}
		links = append(links, k)
	}
	return links
}
