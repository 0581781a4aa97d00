package builder

import (
	"bytes"
	"encoding/xml"
	"maps"
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

// feeds makes a feed of the whole site and of each section, in each language,
// of the newest entries that have a date.
func (l *linker) feeds() {
	if !l.cfg.Outputs.Feeds {
		return
	}
	for _, dir := range slices.Sorted(maps.Keys(l.ix.nodes)) {
		n := l.ix.nodes[dir]
		if dir != "." && (!n.list || n.virtual) {
			continue
		}
		n.feed = make([]string, len(n.href))
		for _, li := range l.ix.langs {
			if cards := newest(n.items[li]); len(cards) > 0 {
				_, out := l.cfg.Address(l.cfg.Languages[li], dir)
				n.feed[li] = path.Join(path.Dir(out), "feed.xml")
				l.ix.outputs = append(l.ix.outputs, newFile(n.feed[li], l.atom(n, li, cards)))
			}
		}
	}
}

func (l *linker) feedHref(n *node, li int) string {
	if n.feed == nil || n.feed[li] == "" {
		return ""
	}
	return l.cfg.BasePath + "/" + n.feed[li]
}

// newest sorts by the date a page first had: a later edit does not bring it back.
func newest(items []item) []*Card {
	var cards []*Card
	for _, it := range items {
		if !it.card.Date.IsZero() {
			cards = append(cards, it.card)
		}
	}
	slices.SortStableFunc(cards, func(a, b *Card) int { return b.Date.Time.Compare(a.Date.Time) })
	return cards[:min(len(cards), feedSize)]
}

func (l *linker) atom(n *node, li int, cards []*Card) []byte {
	s := l.ix.sites[li]
	f := atomFeed{Lang: l.cfg.Languages[li], Title: s.Title, Author: s.Title}
	if n.dir != "." {
		f.Title = l.title(n, li) + " – " + s.Title
	}
	home := l.absolute(l.href(n, li))
	f.ID = home
	f.Links = []atomLink{{Href: home}, {Rel: "self", Type: "application/atom+xml", Href: l.absolute(l.feedHref(n, li))}}
	var last site.Date
	for _, c := range cards {
		changed := c.Date
		if c.Updated.Time.After(changed.Time) {
			changed = c.Updated
		}
		if changed.Start(l.cfg.Location).After(last.Start(l.cfg.Location)) {
			last = changed
		}
		url := l.absolute(c.Href)
		f.Entries = append(f.Entries, atomEntry{Lang: c.Lang, Title: c.Title, ID: url, Link: atomLink{Href: url},
			Date: stamp(c.Date, l.cfg.Location), Updated: stamp(changed, l.cfg.Location), Summary: c.Summary})
	}
	f.Updated = stamp(last, l.cfg.Location)
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
	if c, ok := l.in.History[h.Path]; ok && h.Updated.IsZero() {
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
