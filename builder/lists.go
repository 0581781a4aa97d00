package builder

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"potluck/internal/site"
)

// taxonomy is a facet of listings, and where a page says its values.
type taxonomy struct {
	name   string
	values func(*site.Header) []string
}

var taxonomies = [3]taxonomy{
	{"category", func(h *site.Header) []string { return h.Categories }},
	{"area", func(h *site.Header) []string { return h.Areas }},
	{"language", func(h *site.Header) []string { return h.Languages }},
}

// lists sorts the pages of each language once, and hands them out, in that
// order, to their sections and terms.
func (l *linker) lists() {
	all := make([][]*item, len(l.cfg.Languages))
	for _, li := range l.ix.langs {
		all[li] = l.sorted(li)
	}
	for _, li := range l.ix.langs {
		for _, it := range all[li] {
			if s := it.node.section; s != nil {
				s.add(li, it, len(all))
			}
			if l.cfg.Outputs.Facets {
				l.file(li, it)
			}
		}
	}
	l.ix.nodes["."].items = all
	for _, n := range l.ix.nodes {
		if n.list && n.items == nil {
			n.items = make([][]*item, len(all))
		}
		if n.list && !n.virtual {
			l.order(n)
			l.neighbours(n)
		}
	}
}

func (n *node) add(li int, it *item, languages int) {
	if n.items == nil {
		n.items = make([][]*item, languages)
	}
	n.items[li] = append(n.items[li], it)
}

// file puts an item under the terms it names and under their parents.
func (l *linker) file(li int, it *item) {
	for i, tax := range taxonomies {
		if len(it.terms.filed[i]) == 0 {
			continue
		}
		if l.taxNodes[i] == nil {
			l.taxNodes[i] = l.taxonomy(tax.name)
		}
		l.taxNodes[i].add(li, it, len(l.cfg.Languages))
		if tax.name == "area" {
			l.pairs(li, it)
		}
		for _, t := range it.terms.filed[i] {
			n := l.termNode(i, t)
			n.add(li, it, len(n.href))
			if n.href[li] == "" {
				n.href[li], _ = l.cfg.Address(l.cfg.Languages[li], n.dir)
			}
		}
	}
}

// termNode is term, which it asks once for each.
func (l *linker) termNode(taxonomy int, t *term) *node {
	nodes := &l.termNodes[taxonomy]
	if missing := t.number + 1 - len(*nodes); missing > 0 {
		*nodes = append(*nodes, make([]*node, missing)...)
	}
	if (*nodes)[t.number] == nil {
		(*nodes)[t.number] = l.term(taxonomies[taxonomy].name, t.value)
	}
	return (*nodes)[t.number]
}

// taxonomy gives the node of the list of all terms.
func (l *linker) taxonomy(name string) *node {
	if n := l.ix.nodes[name]; n != nil {
		return n
	}
	n := l.virtual(name)
	n.list, n.virtual = true, true
	for li := range l.cfg.Languages {
		n.labels = append(n.labels, l.theme.words.say(l.theme.langs(li), "taxonomy."+name))
	}
	return n
}

// term gives the node of a term.
func (l *linker) term(taxonomy, value string) *node {
	dir := taxonomy + "/" + value
	if n := l.ix.nodes[dir]; n != nil {
		return n
	}
	n := l.node(dir)
	n.list, n.virtual = true, true
	for _, lang := range l.cfg.Languages {
		n.labels = append(n.labels, label(l.cfg, taxonomy, value, lang))
	}
	return n
}

// term is a value of a taxonomy; one for all pages that have it, in all builds.
type term struct {
	value  string
	number int // among those of its taxonomy
}

// terms are those of a page, for each of the taxonomies.
type terms struct {
	said  [len(taxonomies)][]*term // by the page
	filed [len(taxonomies)][]*term // with their parents: where it is filed
}

// termsOf finds the terms of a page.
func (l *linker) termsOf(h *site.Header) *terms {
	var t terms
	for i := range taxonomies {
		said := taxonomies[i].values(h)
		filed := withParents(said)
		t.filed[i] = l.interned(i, filed)
		if t.said[i] = t.filed[i]; len(said) != len(filed) {
			t.said[i] = l.interned(i, said)
		}
	}
	return &t
}

func (l *linker) interned(taxonomy int, values []string) []*term {
	all := make([]*term, len(values))
	for i, v := range values {
		t := l.known[taxonomy][v]
		if t == nil {
			t = &term{value: v, number: len(l.known[taxonomy])}
			l.known[taxonomy][v] = t
		}
		all[i] = t
	}
	return all
}

// count tells how many items of a list each term of a taxonomy has.
func (l *linker) count(n *node, li, taxonomy int) map[string]int {
	counts := l.counted(n, li)[taxonomy]
	found := map[string]int{}
	for v, t := range l.known[taxonomy] {
		if t.number < len(counts) && counts[t.number] > 0 {
			found[v] = counts[t.number]
		}
	}
	return found
}

// counts are how many items of a list each term has, by taxonomy and the term's number.
type counts [len(taxonomies)][]int

func (c *counts) add(items []*item, many int) {
	for _, it := range items {
		for i, filed := range it.terms.filed {
			for _, t := range filed {
				if missing := t.number + 1 - len(c[i]); missing > 0 {
					c[i] = append(c[i], make([]int, missing)...)
				}
				c[i][t.number] += many
			}
		}
	}
}

// counted counts the items of a list. It begins with what was counted in the last build:
// only what came and what went since then is looked at.
func (l *linker) counted(n *node, li int) *counts {
	if n.counts == nil {
		n.counts = make([]*counts, len(n.items))
	}
	if n.counts[li] != nil {
		return n.counts[li]
	}
	c, items := &counts{}, n.items[li]
	n.counts[li] = c
	var old []*item
	if was := l.prev.index.nodes[n.dir]; l.sameConfig() && was != nil && was.counts != nil && was.counts[li] != nil {
		old = was.items[li]
		for i, known := range was.counts[li] {
			c[i] = slices.Clone(known)
		}
	}
	first, last := sameEnds(old, items)
	c.add(old[first:len(old)-last], -1)
	c.add(items[first:len(items)-last], 1)
	return c
}

// sameEnds tells how many entries two lists begin and end with alike.
func sameEnds(a, b []*item) (first, last int) {
	n := min(len(a), len(b))
	for first < n && a[first].card == b[first].card {
		first++
	}
	for last < n-first && a[len(a)-1-last].card == b[len(b)-1-last].card {
		last++
	}
	return first, last
}

// withParents adds "food" to "food/hot-meals", each once.
func withParents(values []string) []string {
	if !slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, "/") }) {
		return values
	}
	var all []string
	for _, v := range values {
		for at := 0; at >= 0; {
			next := strings.IndexByte(v[at:], '/')
			part := v
			if next >= 0 {
				part = v[:at+next]
				next += at + 1
			}
			if !slices.Contains(all, part) {
				all = append(all, part)
			}
			at = next
		}
	}
	return all
}

// sorted gives all pages that lists of a language show, in their order: by
// weight, those without one last; then the newest first; then by title.
func (l *linker) sorted(li int) []*item {
	items := l.stillSorted(li)
	for dir, n := range l.ix.nodes {
		if n.cards[li] != nil || dir == "." {
			continue // it is there
		}
		if d, _ := n.doc(li); d != nil && l.state(d.Header) != "closed" {
			c := l.card(li, n)
			_, timed := l.ends(d.Header)
			timed = timed || !d.Header.Day("closed_until").IsZero()
			items = append(items, &item{card: c, link: c.link(), timed: timed, node: n, terms: l.termsOf(d.Header)})
		}
	}
	slices.SortFunc(items, func(a, b *item) int { return compareHeaders(a.card.Header, b.card.Header) })
	for i := range items {
		items[i].rank = i
	}
	return items
}

// stillSorted gives those of the last build's that are there as they were, in their
// order. That is right with the same Config: an item is made of nothing else but the
// page's Header and, in what it says of the time, of Now.
func (l *linker) stillSorted(li int) []*item {
	if !l.sameConfig() {
		return nil
	}
	was := l.prev.index.nodes["."].items[li]
	room, items := make([]item, len(was)), make([]*item, len(was), len(was)+1)
	each(context.Background(), len(was), func(i int) {
		it := &room[i]
		*it = *was[i]
		if it.node = l.ix.nodes[it.node.dir]; it.node == nil {
			return
		}
		if d, _ := it.node.doc(li); d == nil || d.Header != it.card.Header {
			return
		}
		if items[i] = it; !it.timed {
			it.node.cards[li] = it.card
		} else if c := l.cardLike(it.card, li, it.node); c != it.card {
			it.card, it.link = c, c.link()
		}
	})
	return slices.DeleteFunc(items, func(it *item) bool { return it == nil })
}

func compareHeaders(a, b *site.Header) int {
	if a.Weight != b.Weight {
		if a.Weight == 0 || b.Weight == 0 {
			return cmp.Compare(b.Weight*b.Weight, a.Weight*a.Weight)
		}
		return cmp.Compare(a.Weight, b.Weight)
	}
	return cmp.Or(b.Date.Time.Compare(a.Date.Time), strings.Compare(a.Title, b.Title), strings.Compare(a.Path, b.Path))
}

// state gives the state of an offer or request; "" for other pages.
func (l *linker) state(h *site.Header) string {
	if k := l.cfg.Kind(h.Kind); k == nil || !k.Form {
		return ""
	}
	return cmp.Or(h.Str("state"), "open")
}

// closedNow tells that a place is closed for a time. closed_until is the day it opens.
func (l *linker) closedNow(h *site.Header) string {
	d := h.Day("closed_until")
	if d.IsZero() {
		return ""
	}
	opens := d.Start(l.cfg.Location)
	l.due(opens)
	if opens.After(l.in.Now) {
		return "closed"
	}
	return ""
}

// now tells what a page is at Input.Now: a place closed, an event over; else "".
func (l *linker) now(h *site.Header) string {
	if ends, ok := l.ends(h); ok {
		l.due(ends)
		if !ends.After(l.in.Now) {
			return "over"
		}
	}
	return l.closedNow(h)
}

// ends gives when an event is over.
func (l *linker) ends(h *site.Header) (time.Time, bool) {
	if h.Kind != "event" {
		return time.Time{}, false
	}
	end := h.Day("end")
	if end.IsZero() {
		end = h.Day("start")
	}
	return end.End(l.cfg.Location), !h.Day("start").IsZero()
}

// card makes what lists of a language show of a page; one for all of them.
func (l *linker) card(li int, n *node) *Card {
	if n.cards[li] != nil {
		return n.cards[li]
	}
	var was *Card
	if old := l.prev.index.nodes[n.dir]; old != nil && l.sameConfig() {
		was = old.cards[li]
	}
	return l.cardLike(was, li, n)
}

// cardLike is card where that of the last build is known, or nil. If it says the same it
// is taken, so that pages which show it can be compared quickly, and what was made of it
// be had again.
func (l *linker) cardLike(was *Card, li int, n *node) *Card {
	d, _ := n.doc(li)
	c := Card{Header: d.Header, Href: l.cfg.BasePath + d.Header.URL, Now: l.now(d.Header)}
	c.Lang, c.Dir = l.otherThan(li, d.Header)
	if was == nil || !was.same(c) {
		c.made = new(atomic.Pointer[cardHTML])
		was = new(c)
	}
	n.cards[li] = was
	return was
}

// otherThan gives the language that a page is written in and its direction,
// where that is not the language of those who read; else "".
func (l *linker) otherThan(li int, h *site.Header) (lang, dir string) {
	return otherThan(l.cfg.Languages[li], h.Language())
}

func otherThan(reader, lang string) (string, string) {
	if lang == reader || lang == "" {
		return "", ""
	}
	return lang, langDir(lang)
}

// neighbours links each page of a section with those before and after it.
func (l *linker) neighbours(n *node) {
	for li, items := range n.items {
		for i, it := range items {
			if it.node.prev == nil {
				it.node.prev, it.node.next = carve(&l.room.links, len(n.items)), carve(&l.room.links, len(n.items))
			}
			if i > 0 {
				it.node.prev[li] = items[i-1].link
			}
			if i+1 < len(items) {
				it.node.next[li] = items[i+1].link
			}
		}
	}
}

func (c *Card) link() *Link { return &Link{Text: c.Title, Href: c.Href, Lang: c.Lang, Dir: c.Dir} }

func cardsOf(items []*item) []*Card {
	var cards []*Card
	for _, it := range items {
		cards = append(cards, it.card)
	}
	return cards
}

// facets counts the terms of a list's entries.
func (l *linker) facets(n *node, li int, items []*item) []Facet {
	if !l.cfg.Outputs.Facets || len(items) == 0 {
		return nil
	}
	var facets []Facet
	for i, tax := range taxonomies {
		counts := l.count(n, li, i)
		if f := (Facet{Taxonomy: tax.name, Terms: l.terms(li, l.narrower(n, tax.name), tax.name, counts)}); len(f.Terms) > 0 {
			facets = append(facets, f)
		}
	}
	return facets
}

// terms orders counted terms as site.toml lists them, others by name.
func (l *linker) terms(li int, dirs func(value string) string, taxonomy string, counts map[string]int) []Link {
	values := l.cfg.Taxonomy[taxonomy].Values
	if len(values) == 0 {
		values = slices.Sorted(maps.Keys(counts))
	} else {
		values = withParents(values)
	}
	var links []Link
	for _, v := range values {
		n := l.ix.nodes[dirs(v)]
		if counts[v] > 0 && n != nil && n.href[li] != "" {
			links = append(links, Link{Text: n.labels[li], Href: l.cfg.BasePath + n.href[li], Count: counts[v]})
		}
	}
	return links
}

// children counts the terms right below a term, or below a taxonomy.
func (l *linker) children(li int, n *node) []Link {
	name, term, below := strings.Cut(n.dir, "/")
	i := slices.IndexFunc(taxonomies[:], func(t taxonomy) bool { return t.name == name })
	counts := l.count(n, li, i)
	maps.DeleteFunc(counts, func(v string, _ int) bool { return below && path.Dir(v) != term })
	return l.terms(li, l.narrower(nil, name), name, counts)
}
