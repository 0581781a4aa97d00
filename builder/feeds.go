package builder

import (
	"bytes"
	"context"
	"encoding/xml"
	"net/url"
	"path"
	"slices"

	"potluck/internal/site"
)

// feedSize is how many entries a feed has.
const feedSize = 50

// The elements of an Atom feed that we write (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Author  string      `xml:"author>name"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Lang    string   `xml:"xml:lang,attr,omitempty"`
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Link    atomLink `xml:"link"`
	Date    string   `xml:"published"`
	Updated string   `xml:"updated"`
	Summary string   `xml:"summary,omitempty"`
}

// feed is all that one feed is made of.
type feed struct {
	lang    string
	title   string
	site    string
	home    string // whole addresses
	atom    string
	json    string
	entries []feedEntry
	cfg     *site.Config
}

type feedEntry struct {
	*site.Header
	url  string
	lang string   // where it differs from the feed's, else ""
	tags []string // categories and areas in words
}

// feeds plans the feeds of the whole site, of each section and of each term, in
// each language, of the newest entries that have a date.
func (l *linker) feeds() {
	if !l.cfg.Outputs.Feeds && !l.cfg.Outputs.JSONFeeds {
		return
	}
	var lists []string
	for n := range l.ix.all() {
		if (n.dir == "." || n.list) && (!n.virtual || l.cfg.Outputs.FacetFeeds && !n.pair && n.above != nil) {
			lists = append(lists, n.dir)
		}
	}
	slices.Sort(lists)
	cards := make([][][]*Card, len(lists)) // of each list, by language
	each(context.Background(), len(lists), func(i int) {
		for _, items := range l.ix.nodeAt(lists[i]).items {
			cards[i] = append(cards[i], newest(items))
		}
	})
	for i, dir := range lists {
		n := l.ix.nodeAt(dir)
		n.feed, n.jsonFeed = make([]string, len(n.href)), make([]string, len(n.href))
		for _, li := range l.ix.langs {
			if len(cards[i][li]) > 0 {
				l.feed(n, li, cards[i][li])
			}
		}
	}
}

func (l *linker) feed(n *node, li int, cards []*Card) {
	_, out := l.cfg.Address(l.cfg.Languages[li], n.dir)
	s := l.ix.sites[li]
	f := feed{lang: l.cfg.Languages[li], title: s.Title, site: s.Title, home: l.absolute(l.href(n, li)), cfg: l.cfg}
	if n.dir != "." {
		f.title = l.title(n, li) + " – " + s.Title
	}
	atom, jsonFeed := path.Join(path.Dir(out), "feed.xml"), path.Join(path.Dir(out), "feed.json")
	f.atom, f.json = l.absolute(l.fileHref(atom)), l.absolute(l.fileHref(jsonFeed))
	for _, c := range cards {
		e := feedEntry{Header: c.Header, url: l.absolute(c.Href), lang: c.Lang}
		for i, values := range [][]string{c.Categories, c.Areas} {
			for _, v := range values {
				e.tags = append(e.tags, label(l.cfg, taxonomies[i].name, v, f.lang))
			}
		}
		f.entries = append(f.entries, e)
	}
	if l.cfg.Outputs.Feeds {
		n.feed[li] = l.fileHref(atom)
		l.plan(atom, atomFile{f})
	}
	if l.cfg.Outputs.JSONFeeds {
		n.jsonFeed[li] = l.fileHref(jsonFeed)
		l.plan(jsonFeed, jsonFile{f})
	}
}

// fileHref gives the href of a file of the site.
func (l *linker) fileHref(p string) string {
	return l.cfg.BasePath + (&url.URL{Path: "/" + p}).EscapedPath()
}

// at gives one of the hrefs of a node by language; "" where there are none.
func at(hrefs []string, li int) string {
	if hrefs == nil {
		return ""
	}
	return hrefs[li]
}

// newest sorts by the date a page first had: a later edit does not bring it back.
func newest(items []*item) []*Card {
	byDate := func(a, b *item) int { return b.card.Date.Time.Compare(a.card.Date.Time) }
	if !slices.IsSortedFunc(items, byDate) { // those without weights are
		items = slices.Clone(items)
		slices.SortStableFunc(items, byDate)
	}
	var cards []*Card
	for _, it := range items {
		if !it.card.Date.IsZero() && len(cards) < feedSize {
			cards = append(cards, it.card)
		}
	}
	return cards
}

// changed gives the day an entry was written or, later, changed.
func (e *feedEntry) changed() site.Date {
	if e.Updated.Time.After(e.Date.Time) {
		return e.Updated
	}
	return e.Date
}

type atomFile struct{ feed }

func (in atomFile) bytes() []byte {
	loc := in.cfg.Location
	f := atomFeed{Lang: in.lang, Title: in.title, Author: in.site, ID: in.home}
	f.Links = []atomLink{{Href: in.home}, {Rel: "self", Type: "application/atom+xml", Href: in.atom}}
	var last site.Date
	for _, e := range in.entries {
		changed := e.changed()
		if changed.Start(loc).After(last.Start(loc)) {
			last = changed
		}
		f.Entries = append(f.Entries, atomEntry{Lang: e.lang, Title: e.Title, ID: e.url, Link: atomLink{Href: e.url},
			Date: stamp(e.Date, loc), Updated: stamp(changed, loc), Summary: e.Summary})
	}
	f.Updated = stamp(last, loc)
	return marshal(f)
}

// marshal writes XML. What cannot be in XML, such as control characters, becomes U+FFFD.
func marshal(v any) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", " ")
	if err := e.Encode(v); err != nil {
		panic(err) // only types of ours come here
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// changedOn gives the day a page was last changed, for the sitemap.
func (l *linker) changedOn(h *site.Header) string {
	if c := l.lastChange(h); !c.When.IsZero() && h.Updated.IsZero() {
		return c.When.In(l.cfg.Location).Format("2006-01-02")
	}
	d := h.Updated
	if d.IsZero() {
		d = h.Date
	}
	if d.IsZero() {
		return ""
	}
	return wall(d, l.cfg.Location).Format("2006-01-02")
}
