package builder

import (
	"bytes"
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
	lang  string
	title string
	site  string
	home  string // whole addresses
	atom  string
	json  string
	cards []*Card // the newest first
	cfg   *site.Config
}

// tags are the categories and areas of an entry in words.
func (f *feed) tags(c *Card) (tags []string) {
	for i, values := range [][]string{c.Categories, c.Areas} {
		for _, v := range values {
			tags = append(tags, label(f.cfg, taxonomies[i].name, v, f.lang))
		}
	}
	return tags
}

// feeds plans the feeds of the whole site, of each section and of each term, in
// each language, of the newest entries that have a date.
func (l *linker) feeds() {
	if !l.cfg.Outputs.Feeds && !l.cfg.Outputs.JSONFeeds {
		return
	}
	var lists []*node
	for n := range l.ix.all() {
		if (n.dir == "." || n.list) && (!n.virtual || l.cfg.Outputs.FacetFeeds && !n.pair && n.above != nil) {
			lists = append(lists, n)
		}
	}
	slices.SortFunc(lists, byDir)
	for _, n := range lists {
		n.feed, n.jsonFeed = make([]string, len(n.href)), make([]string, len(n.href))
		for _, li := range l.ix.langs {
			if cards := newest(n.filed[li]); len(cards) > 0 {
				l.feed(n, li, cards)
			}
		}
	}
}

func (l *linker) feed(n *node, li int, cards []*Card) {
	_, out := l.cfg.Address(l.cfg.Languages[li], n.dir)
	s := l.ix.sites[li]
	f := feed{lang: l.cfg.Languages[li], title: s.Title, site: s.Title, home: l.absolute(l.href(n, li)), cards: cards, cfg: l.cfg}
	if n.dir != "." {
		f.title = l.title(n, li) + " – " + s.Title
	}
	atom, jsonFeed := path.Join(path.Dir(out), "feed.xml"), path.Join(path.Dir(out), "feed.json")
	f.atom, f.json = l.absolute(l.fileHref(atom)), l.absolute(l.fileHref(jsonFeed))
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

// newest gives the entries with the latest dates that pages first had: a later edit does
// not bring one back. Those with a weight stand before the others, which are sorted so.
func newest(items []*item) (cards []*Card) {
	weighted := 0
	for weighted < len(items) && items[weighted].card.Weight != 0 {
		weighted++
	}
	items = items[:min(len(items), weighted+feedSize)]
	if weighted > 0 {
		items = slices.Clone(items)
		slices.SortStableFunc(items, func(a, b *item) int { return b.card.Date.Time.Compare(a.card.Date.Time) })
	}
	for _, it := range items {
		if !it.card.Date.IsZero() && len(cards) < feedSize {
			cards = append(cards, it.card)
		}
	}
	return cards
}

// changed gives the day an entry was written or, later, changed.
func (c *Card) changed() site.Date {
	if c.Updated.Time.After(c.Date.Time) {
		return c.Updated
	}
	return c.Date
}

type atomFile struct{ feed }

func (in atomFile) bytes() []byte {
	loc := in.cfg.Location
	f := atomFeed{Lang: in.lang, Title: in.title, Author: in.site, ID: in.home}
	f.Links = []atomLink{{Href: in.home}, {Rel: "self", Type: "application/atom+xml", Href: in.atom}}
	var last site.Date
	for _, c := range in.cards {
		changed := c.changed()
		if changed.Start(loc).After(last.Start(loc)) {
			last = changed
		}
		url := absolute(in.cfg, c.Href)
		f.Entries = append(f.Entries, atomEntry{Lang: c.Lang, Title: c.Title, ID: url, Link: atomLink{Href: url},
			Date: stamp(c.Date, loc), Updated: stamp(changed, loc), Summary: c.Summary})
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
