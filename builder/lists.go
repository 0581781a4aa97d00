package builder

import (
	"cmp"
	"context"
	"iter"
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
// order, to their sections and terms. What was sorted and handed out in the last build,
// and is there as it was, stays where it stands: a list from which nothing went, and to
// which nothing came, is the very list of the last build.
func (l *linker) lists() {
	all := make([][]*item, len(l.cfg.Languages))
	for _, li := range l.ix.langs {
		kept, gone := l.stillListed(li)
		l.keepLists(li, gone)
		came := l.newItems(li)
		for _, it := range came {
			l.file(li, it)
		}
		all[li] = merged(kept, came, compareItems)
	}
	for n := range l.ix.all() {
		if n.list || n.came != nil {
			l.fill(n)
		}
	}
	home := l.ix.nodeAt(".")
	home.items, home.filed = all, all
}

// stillListed gives the entries of the last build that are there as they were, in their
// order, and those that are not. That is right with the same Config: an entry is made of
// nothing else but the page's Header, the section it lies in and, in what it says of the
// time, of Now.
func (l *linker) stillListed(li int) (kept []*item, gone map[*item]bool) {
	if !l.sameConfig() {
		return nil, nil
	}
	kept = l.prev.index.nodeAt(".").items[li]
	stays := make([]bool, len(kept))
	each(context.Background(), len(kept), func(i int) {
		it := kept[i]
		n := l.ix.nodeOf(it.at)
		if n == nil || n.sectionSpot() != it.section {
			return
		}
		d, _ := n.doc(li)
		if d != nil && d.Header == it.card.Header && (!l.passed(d) || l.now(d.Header) == it.card.Now) {
			stays[i], n.cards[li] = true, it.card
		}
	})
	if !slices.Contains(stays, false) {
		return kept, nil
	}
	gone = map[*item]bool{}
	for i, it := range kept {
		if !stays[i] {
			gone[it] = true
		}
	}
	return without(kept, gone), gone
}

func without(items []*item, gone map[*item]bool) []*item {
	return slices.DeleteFunc(slices.Clone(items), func(it *item) bool { return gone[it] })
}

func (n *node) sectionSpot() *spot {
	if n.section == nil {
		return nil
	}
	return n.section.spot
}

// keepLists takes the lists of the last build, without what is gone.
func (l *linker) keepLists(li int, gone map[*item]bool) {
	if !l.sameConfig() {
		return
	}
	subjects, sections := map[subject]bool{}, map[*spot]bool{}
	for it := range gone {
		sections[it.section] = true
		for s := range l.subjects(it) {
			subjects[s] = true
		}
	}
	for _, was := range l.prev.index.lists {
		kept := was.filed[li]
		if sections[was.spot] || subjects[was.of] {
			kept = without(kept, gone)
		}
		if len(kept) == 0 {
			continue
		}
		n := l.ix.nodeOf(was.spot)
		if was.of != noSubject {
			n = l.listOf(was.of, li)
		}
		if n.filed == nil {
			n.filed = make([][]*item, len(l.cfg.Languages))
		}
		n.filed[li] = kept
	}
}

// newItems gives the entries that there are beside those of the last build, sorted.
func (l *linker) newItems(li int) (items []*item) {
	for n := range l.ix.all() {
		if n.cards[li] != nil || n.dir == "." {
			continue // it is there
		}
		if d, _ := n.doc(li); d != nil && l.state(d.Header) != "closed" {
			c := l.card(li, n)
			items = append(items, &item{card: c, link: c.link(), at: n.spot, section: n.sectionSpot(), terms: l.termsOf(d.Header)})
		}
	}
	slices.SortFunc(items, compareItems)
	return items
}

// compareItems orders all lists: by weight, those without one last; then the newest
// first; then by title.
func compareItems(a, b *item) int { return compareHeaders(a.card.Header, b.card.Header) }

// file puts an item into its section, and under the terms it names and their parents.
func (l *linker) file(li int, it *item) {
	if it.section != nil {
		l.ix.nodeOf(it.section).add(li, it)
	}
	for s := range l.subjects(it) {
		l.listOf(s, li).add(li, it)
	}
}

func (n *node) add(li int, it *item) {
	if n.came == nil {
		n.came = make([][]*item, len(n.href))
	}
	n.came[li] = append(n.came[li], it)
}

// fill joins what a list kept with what came.
func (l *linker) fill(n *node) {
	if n.filed == nil {
		n.filed = make([][]*item, len(n.href))
	}
	if n.came != nil {
		for li, kept := range n.filed {
			n.filed[li] = merged(kept, n.came[li], compareItems)
		}
	}
	n.items, n.came = slices.Clone(n.filed), nil
	l.ix.lists = append(l.ix.lists, n)
	if n.list && !n.virtual {
		l.order(n)
		l.neighbours(n)
	}
}

// merged joins two sorted lists; of entries that are alike those of the first come first.
// Neither is changed; a list alone is itself.
func merged[T any](kept, came []T, compare func(a, b T) int) []T {
	if len(kept) == 0 || len(came) == 0 {
		return append(slices.Clip(kept), came...)
	}
	all := make([]T, 0, len(kept)+len(came))
	for _, x := range came {
		before, _ := slices.BinarySearchFunc(kept, x, func(k, x T) int { return cmp.Or(compare(k, x), -1) })
		all = append(append(all, kept[:before]...), x)
		kept = kept[before:]
	}
	return append(all, kept...)
}

// same tells that two lists are one.
func same[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// subject is what a list of terms is of: a taxonomy, one of its terms or, of pairs, a
// category within an area.
type subject struct {
	taxonomy   *taxonomy
	term, area *term
}

var noSubject subject

// subjects gives those of the lists that an item is filed in.
func (l *linker) subjects(it *item) iter.Seq[subject] {
	return func(yield func(subject) bool) {
		if !l.cfg.Outputs.Facets {
			return
		}
		for i, filed := range it.terms.filed {
			if len(filed) > 0 && !yield(subject{taxonomy: &taxonomies[i]}) {
				return
			}
			for _, t := range filed {
				if !yield(subject{&taxonomies[i], t, nil}) {
					return
				}
			}
		}
		if !l.cfg.Outputs.FacetPairs {
			return
		}
		for _, category := range it.terms.filed[0] {
			for _, area := range it.terms.filed[1] {
				if !yield(subject{&taxonomies[0], category, area}) {
					return
				}
			}
		}
	}
}

// listOf gives the node of a list of terms, which then has a page in a language.
func (l *linker) listOf(s subject, li int) *node {
	n := l.termLists[s]
	if n == nil {
		n = l.newList(s)
		l.termLists[s], n.of = n, s
	}
	if s.term != nil && n.href[li] == "" {
		n.href[li], _ = l.cfg.Address(l.cfg.Languages[li], n.dir)
	}
	return n
}

func (l *linker) newList(s subject) *node {
	switch {
	case s.term == nil:
		return l.taxonomy(s.taxonomy.name)
	case s.area != nil:
		return l.pair(s.term.value, s.area.value)
	}
	return l.term(s.taxonomy.name, s.term.value)
}

// taxonomy gives the node of the list of all terms.
func (l *linker) taxonomy(name string) *node {
	if n := l.ix.nodeAt(name); n != nil {
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
	if n := l.ix.nodeAt(dir); n != nil {
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
	if was := l.prev.index.nodeOf(n.spot); l.sameConfig() && was != nil && was.counts != nil && was.counts[li] != nil {
		old = was.items[li]
		if same(old, items) {
			*c = *was.counts[li]
			return c
		}
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
	for first < n && a[first] == b[first] {
		first++
	}
	for last < n-first && a[len(a)-1-last] == b[len(b)-1-last] {
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

// momentsOf gives when a page that is shown comes to say something else by itself: a
// place opens again, an event is over, a review is due.
func momentsOf(cfg *site.Config, h *site.Header) (moments []time.Time) {
	if opens := h.Day("closed_until"); !opens.IsZero() {
		moments = append(moments, opens.Start(cfg.Location))
	}
	if ends, ok := endOf(cfg, h); ok {
		moments = append(moments, ends)
	}
	if due := h.ReviewDue(); !due.IsZero() {
		moments = append(moments, due.Start(cfg.Location))
	}
	return moments
}

// passed tells that one of a page's moments lies between the last build and this one.
func (l *linker) passed(d *Doc) bool {
	from, to := l.prev.in.Now, l.in.Now
	if to.Before(from) {
		from, to = to, from
	}
	return slices.ContainsFunc(d.moments, func(t time.Time) bool { return t.After(from) && !t.After(to) })
}

// now tells what a page is at Input.Now: an event over, a place closed until the day
// that closed_until names; else "".
func (l *linker) now(h *site.Header) string {
	if ends, ok := endOf(l.cfg, h); ok && !ends.After(l.in.Now) {
		return "over"
	}
	if opens := h.Day("closed_until"); !opens.IsZero() && opens.Start(l.cfg.Location).After(l.in.Now) {
		return "closed"
	}
	return ""
}

// endOf gives when an event is over.
func endOf(cfg *site.Config, h *site.Header) (time.Time, bool) {
	if h.Kind != "event" || h.Day("start").IsZero() {
		return time.Time{}, false
	}
	end := h.Day("end")
	if end.IsZero() {
		end = h.Day("start")
	}
	return end.End(cfg.Location), true
}

// card makes what lists of a language show of a page; one for all of them.
func (l *linker) card(li int, n *node) *Card {
	if n.cards[li] != nil {
		return n.cards[li]
	}
	var was *Card
	if old := l.prev.index.nodeOf(n.spot); old != nil && l.sameConfig() {
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
			of := l.ix.nodeOf(it.at)
			if of.prev == nil {
				of.prev, of.next = carve(&l.room.links, len(n.items), roomPiece), carve(&l.room.links, len(n.items), roomPiece)
			}
			if i > 0 {
				of.prev[li] = items[i-1].link
			}
			if i+1 < len(items) {
				of.next[li] = items[i+1].link
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
		n := l.ix.nodeAt(dirs(v))
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
