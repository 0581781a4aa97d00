package builder

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"potluck/internal/search"
	"potluck/internal/site"
)

// settings gives the page whose front matter says how a section's list is made.
func (n *node) settings(li int) *site.Header {
	if d, _ := n.doc(li); d != nil {
		return d.Header
	}
	return &site.Header{}
}

func (l *linker) pageSize(n *node, li int) int {
	if size := n.settings(li).Num("page_size"); size > 0 {
		return int(size)
	}
	return l.cfg.PageSize
}

// order sorts a section as its own page says. Entries that are alike stay in the
// order that all lists have.
func (l *linker) order(n *node) {
	for li, items := range n.items {
		name := n.settings(li).Str("sort")
		if name == "" && len(items) > 0 && !slices.ContainsFunc(items, func(it *item) bool { return it.card.Kind != "event" }) {
			name = "coming"
		}
		if less := l.sortBy(name); less != nil && len(items) > 1 {
			items = slices.Clone(items)
			less(items)
			n.items[li] = items
		}
	}
}

// byComing is the order of a calendar: what comes, the next first; then what is
// over, the last first.
func (l *linker) byComing(items []*item) {
	slices.SortStableFunc(items, func(a, b *item) int {
		if over := a.card.Now == "over"; over != (b.card.Now == "over") {
			return map[bool]int{true: 1, false: -1}[over]
		} else if over {
			a, b = b, a
		}
		return a.card.Day("start").Start(l.cfg.Location).Compare(b.card.Day("start").Start(l.cfg.Location))
	})
}

func (l *linker) sortBy(name string) func([]*item) {
	by := func(compare func(a, b *site.Header) int) func([]*item) {
		return func(items []*item) {
			slices.SortStableFunc(items, func(a, b *item) int { return compare(a.card.Header, b.card.Header) })
		}
	}
	start := func(d site.Date) int64 { return d.Start(l.cfg.Location).Unix() }
	switch name {
	case "newest":
		return by(func(a, b *site.Header) int { return cmp.Compare(start(b.Date), start(a.Date)) })
	case "oldest":
		return by(func(a, b *site.Header) int { return undatedLast(a.Date, b.Date, start) })
	case "start":
		return by(func(a, b *site.Header) int { return undatedLast(a.Day("start"), b.Day("start"), start) })
	case "updated":
		return by(func(a, b *site.Header) int { return cmp.Compare(start(lastChange(b)), start(lastChange(a))) })
	case "title":
		return byTitle
	case "coming":
		return l.byComing
	}
	return nil
}

func undatedLast(a, b site.Date, start func(site.Date) int64) int {
	if a.IsZero() != b.IsZero() {
		if a.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Compare(start(a), start(b))
}

func lastChange(h *site.Header) site.Date {
	if h.Updated.IsZero() {
		return h.Date
	}
	return h.Updated
}

// byTitle sorts as people look names up: without regard to case and accents.
func byTitle(items []*item) {
	keys := map[*Card]string{}
	for _, it := range items {
		keys[it.card] = strings.Join(search.Tokens(it.card.Title), " ")
	}
	slices.SortStableFunc(items, func(a, b *item) int {
		return cmp.Or(strings.Compare(keys[a.card], keys[b.card]), strings.Compare(a.card.Title, b.card.Title))
	})
}

func pairDir(category, area string) string { return path.Join("category", category, "area", area) }

func (l *linker) pair(category, area string) *node {
	dir := pairDir(category, area)
	if n := l.ix.nodeAt(dir); n != nil {
		return n
	}
	n := l.node(dir)
	n.list, n.virtual, n.pair = true, true, true
	for _, lang := range l.cfg.Languages {
		n.labels = append(n.labels, label(l.cfg, "category", category, lang)+" – "+label(l.cfg, "area", area, lang))
	}
	return n
}

// narrower tells where the terms of a list's facets lead: to all entries of the
// term or, where the list is itself of a term and pairs are made, to those of both.
func (l *linker) narrower(n *node, taxonomy string) func(value string) string {
	plain := func(value string) string { return taxonomy + "/" + value }
	if n == nil || !n.virtual || n.pair || !l.cfg.Outputs.FacetPairs {
		return plain
	}
	switch own, term, _ := strings.Cut(n.dir, "/"); {
	case term == "":
	case own == "category" && taxonomy == "area":
		return func(value string) string { return pairDir(term, value) }
	case own == "area" && taxonomy == "category":
		return func(value string) string { return pairDir(value, term) }
	}
	return plain
}
