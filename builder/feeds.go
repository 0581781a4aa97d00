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

// atomFile is an Atom feed (RFC 4287).
type atomFile struct{ feed }

func (in atomFile) bytes() []byte {
	loc := in.cfg.Location
	var last site.Date
	for _, c := range in.cards {
		if d := c.changed(); d.Start(loc).After(last.Start(loc)) {
			last = d
		}
	}
	var b bytes.Buffer
	writeXML(&b, xml.Header+`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="`, in.lang, "\">\n <title>", in.title,
		"</title>\n <id>", in.home, "</id>\n <updated>", stamp(last, loc), "</updated>\n <link href=\"", in.home,
		"\"></link>\n <link rel=\"self\" type=\"application/atom+xml\" href=\"", in.atom,
		"\"></link>\n <author>\n  <name>", in.site, "</name>\n </author>\n")
	for _, c := range in.cards {
		url := absolute(in.cfg, c.Href)
		b.WriteString(" <entry")
		if c.Lang != "" {
			writeXML(&b, ` xml:lang="`, c.Lang, `"`)
		}
		writeXML(&b, ">\n  <title>", c.Title, "</title>\n  <id>", url, "</id>\n  <link href=\"", url, "\"></link>\n  <published>", stamp(c.Date, loc),
			"</published>\n  <updated>", stamp(c.changed(), loc), "</updated>\n")
		if c.Summary != "" {
			writeXML(&b, "  <summary>", c.Summary, "</summary>\n")
		}
		b.WriteString(" </entry>\n")
	}
	b.WriteString("</feed>\n")
	return b.Bytes()
}

// writeXML writes tags and texts in turn.
func writeXML(b *bytes.Buffer, parts ...string) {
	for i, p := range parts {
		if i%2 == 1 {
			p = escapeXML(p)
		}
		b.WriteString(p)
	}
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
