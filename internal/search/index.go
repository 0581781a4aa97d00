package search

import (
	"cmp"
	"iter"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"potluck/internal/site"
)

// Weights of the fields an entry is found by.
const (
	byTitle        = 8
	byOrganization = 6
	byCategory     = 5
	byArea         = 4
	byText         = 3 // headings and summary
	byLanguage     = 2
)

// Posting is an entry's number and, in the lowest four bits, its weight for a term.
type Posting uint32

// Entry is the number of the entry.
func (p Posting) Entry() int { return int(p >> 4) }

// Weight is from 1 to 15.
func (p Posting) Weight() int { return int(p & 15) }

// entry is a page in its languages, in the order of the site's.
type entry struct {
	versions []*site.Header
	rank     int       // of its kind
	words    []Posting // see inverter.read
}

// main is the version that says what all share: kind, facets, hours.
func (e *entry) main() *site.Header { return e.versions[0] }

// in gives the version in the first of some languages, else the first there is.
func (e *entry) in(langs []string) *site.Header {
	for _, lang := range langs {
		for _, h := range e.versions {
			if h.Language() == lang {
				return h
			}
		}
	}
	return e.versions[0]
}

// Index is made once and never changed. Many may ask it at a time.
type Index struct {
	cfg      *site.Config
	synonyms map[string][]string
	entries  []*entry
	terms    []string    // sorted; #category/food and the like are facets
	lists    [][]Posting // by term, sorted by entry
	stops    []string    // sorted
	hours    func() []site.OpenHours

	// For the next one, see With.
	byKey   map[string]*entry
	numbers map[string]int // of terms, as they were met; those of earlier indexes too
	known   []string       // the same terms, sorted
	was     []int          // by entry
}

// New makes the index of the pages that are shown. Synonyms are groups of words by
// language, see [Synonyms], which is what nil stands for.
func New(cfg *site.Config, shown []*site.Header, synonyms map[string][]string) *Index {
	if synonyms == nil {
		synonyms = Synonyms
	}
	return (&Index{cfg: cfg, synonyms: synonyms, stops: stopList()}).With(shown)
}

// With gives the index of other pages, as New does with the same configuration and
// synonyms. Entries whose pages are the very Headers of this one are not read again:
// nothing else says which words they have.
func (ix *Index) With(shown []*site.Header) *Index {
	next := &Index{cfg: ix.cfg, synonyms: ix.synonyms, stops: ix.stops, known: ix.known}
	next.hours = sync.OnceValue(next.parseHours)
	next.arrange(ix, shown)
	b := &inverter{ix: next, numbers: ix.numbers, at: make([]int, len(ix.numbers)), values: map[string][]string{}, also: map[int][]Posting{}}
	for _, e := range next.entries {
		if e.words == nil {
			e.words = b.read(e)
		}
	}
	b.invert()
	for _, lang := range ix.cfg.Languages {
		for _, group := range ix.synonyms[lang] {
			b.group(group)
		}
	}
	b.finish()
	return next
}

// Was tells which entry of the index that this was made With an entry was; -1: none.
func (ix *Index) Was(entry int) int { return ix.was[entry] }

// Len is how many entries there are.
func (ix *Index) Len() int { return len(ix.entries) }

// Versions gives an entry's pages, one a language, in the order of the site's languages.
func (ix *Index) Versions(entry int) []*site.Header { return ix.entries[entry].versions }

// Terms gives all terms, sorted, and where they are. Those of facets begin with "#".
func (ix *Index) Terms() iter.Seq2[string, []Posting] {
	return func(yield func(string, []Posting) bool) {
		for i, t := range ix.terms {
			if !yield(t, ix.lists[i]) {
				return
			}
		}
	}
}

// Values lists the values of a taxonomy that entries have, and their parents, by name.
func (ix *Index) Values(taxonomy string) []string {
	var values []string
	start := facetTerm(taxonomy, "")
	at, _ := slices.BinarySearch(ix.terms, start)
	for ; at < len(ix.terms) && strings.HasPrefix(ix.terms[at], start); at++ {
		values = append(values, ix.terms[at][len(start):])
	}
	return values
}

// Stops are the words that count only where a query has no others.
func (ix *Index) Stops() []string { return ix.stops }

func stopList() []string {
	var list []string
	for _, s := range stops {
		list = append(list, Tokens(s)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// arrange joins translations and puts the entries into their order. Those of the old index
// are in it.
func (ix *Index) arrange(old *Index, shown []*site.Header) {
	ix.byKey = make(map[string]*entry, len(shown))
	var found []*entry
	for _, h := range shown {
		k := ix.cfg.Kind(h.Kind)
		if h.Key == "index" || k != nil && k.Form && h.Str("state") == "closed" {
			continue
		}
		e := ix.byKey[h.Key]
		if e == nil {
			e = &entry{}
			ix.byKey[h.Key] = e
			found = append(found, e)
		}
		e.versions = append(e.versions, h)
	}
	var came []*entry
	for _, e := range found {
		e.settle(ix.cfg)
		if was := old.byKey[e.main().Key]; was != nil && slices.Equal(was.versions, e.versions) {
			ix.byKey[e.main().Key] = was
		} else {
			came = append(came, e)
		}
	}
	for i, e := range old.entries {
		if ix.byKey[e.main().Key] == e {
			ix.entries, ix.was = append(ix.entries, e), append(ix.was, i)
		}
	}
	ix.insert(came)
}

// insert puts new entries among the others.
func (ix *Index) insert(came []*entry) {
	slices.SortFunc(came, compareEntries)
	kept, was := ix.entries, ix.was
	ix.entries, ix.was = make([]*entry, 0, len(kept)+len(came)), make([]int, 0, len(kept)+len(came))
	for _, e := range came {
		before, _ := slices.BinarySearchFunc(kept, e, compareEntries)
		ix.entries, ix.was = append(append(ix.entries, kept[:before]...), e), append(append(ix.was, was[:before]...), -1)
		kept, was = kept[before:], was[before:]
	}
	ix.entries, ix.was = append(ix.entries, kept...), append(ix.was, was...)
}

func compareEntries(a, b *entry) int {
	if a.rank != b.rank {
		return a.rank - b.rank
	}
	return compare(a.main(), b.main())
}

// settle puts the versions into the order of the site's languages. Plain pages
// come after all other kinds.
func (e *entry) settle(cfg *site.Config) {
	order := func(h *site.Header) int { return slices.Index(cfg.Languages, h.Lang) }
	slices.SortStableFunc(e.versions, func(a, b *site.Header) int { return order(a) - order(b) })
	kind := e.main().Kind
	e.rank = slices.IndexFunc(cfg.Kinds, func(k *site.Kind) bool { return k.Name == kind })
	if kind == "page" || e.rank < 0 {
		e.rank = len(cfg.Kinds)
	}
}

// compare orders entries of a kind.
func compare(a, b *site.Header) int {
	if c := slices.Compare(a.Categories[:min(len(a.Categories), 1)], b.Categories[:min(len(b.Categories), 1)]); c != 0 {
		return c
	}
	if c := slices.Compare(a.Areas[:min(len(a.Areas), 1)], b.Areas[:min(len(b.Areas), 1)]); c != 0 {
		return c
	}
	if c := cmp.Compare(uint(a.Weight)-1, uint(b.Weight)-1); c != 0 { // no weight is last
		return c
	}
	return cmp.Or(b.Date.Time.Compare(a.Date.Time), strings.Compare(a.Title, b.Title), strings.Compare(a.Key, b.Key))
}

// inverter turns entries into lists of postings by term.
type inverter struct {
	ix      *Index
	numbers map[string]int // see Index; a copy, once a term is added
	added   []string
	words   []Posting // of the entry that is read
	at      []int     // by term: where it stands in words, if it does
	lists   [][]Posting
	values  map[string][]string // taxonomy/value → its words
	also    map[int][]Posting   // by synonyms
}

func (b *inverter) number(term string) int {
	n, ok := b.numbers[term]
	if !ok {
		if b.added == nil {
			b.numbers = maps.Clone(b.numbers)
		}
		if b.numbers == nil {
			b.numbers = map[string]int{}
		}
		n = len(b.numbers)
		b.numbers[term] = n
		b.added, b.at = append(b.added, term), append(b.at, 0)
	}
	return n
}

// put notes a term of the entry; the best weight stays.
func (b *inverter) put(term string, weight int) {
	n := b.number(term)
	p := Posting(n<<4 | weight)
	if at := b.at[n]; at < len(b.words) && b.words[at].Entry() == n {
		b.words[at] = max(b.words[at], p)
		return
	}
	b.at[n] = len(b.words)
	b.words = append(b.words, p)
}

func (b *inverter) text(weight int, text string) {
	for _, w := range Tokens(text) {
		b.put(w, weight)
	}
}

// read gives the terms of an entry: Postings with the number of the term in place of
// that of the entry. They are not nil.
func (b *inverter) read(e *entry) []Posting {
	b.words = b.words[:0]
	for _, h := range e.versions {
		b.text(byTitle, h.Title)
		b.text(byOrganization, h.Str("organization"))
		b.text(byText, h.Summary)
		for _, x := range h.Headings {
			b.text(byText, x.Text)
		}
	}
	h := e.main()
	b.facet(byCategory, "category", h.Categories)
	b.facet(byArea, "area", h.Areas)
	b.facet(byLanguage, "language", h.Languages)
	return append([]Posting{}, b.words...)
}

func (b *inverter) facet(weight int, taxonomy string, values []string) {
	for _, v := range values {
		for at, r := range v + "/" {
			if r == '/' {
				b.put(facetTerm(taxonomy, v[:at]), 1)
				for _, w := range b.labels(taxonomy, v[:at]) {
					b.put(w, weight)
				}
			}
		}
	}
}

// invert makes the lists of all terms, in one piece.
func (b *inverter) invert() {
	counts, total := make([]int, len(b.numbers)), 0
	for _, e := range b.ix.entries {
		total += len(e.words)
		for _, p := range e.words {
			counts[p.Entry()]++
		}
	}
	room := make([]Posting, total)
	b.lists = make([][]Posting, len(counts))
	for n, k := range counts {
		b.lists[n], room = room[:0:k], room[k:]
	}
	for i, e := range b.ix.entries {
		for _, p := range e.words {
			b.lists[p.Entry()] = append(b.lists[p.Entry()], Posting(i<<4|p.Weight()))
		}
	}
}

func facetTerm(taxonomy, value string) string { return "#" + taxonomy + "/" + value }

// labels gives the words that a value has in the languages of the site.
func (b *inverter) labels(taxonomy, value string) []string {
	key := facetTerm(taxonomy, value)
	words, ok := b.values[key]
	if !ok {
		for _, lang := range b.ix.cfg.Languages {
			words = append(words, Tokens(b.ix.cfg.Label(taxonomy, value, lang))...)
		}
		if taxonomy == "language" {
			words = append(words, Tokens(languageNames[value])...)
		}
		slices.Sort(words)
		words = slices.Compact(words)
		b.values[key] = words
	}
	return words
}

// group lets each word of a group find, at half the weight, what the others find.
func (b *inverter) group(group string) {
	words := Tokens(group)
	for _, w := range words {
		var others []Posting
		for _, o := range words {
			if n, ok := b.numbers[o]; ok && o != w {
				others = append(others, b.lists[n]...)
			}
		}
		if len(others) > 0 {
			n := b.number(w)
			if n == len(b.lists) {
				b.lists = append(b.lists, nil)
			}
			b.also[n] = append(b.also[n], others...)
		}
	}
}

// finish adds what synonyms found, and sorts the terms that are left.
func (b *inverter) finish() {
	for n, others := range b.also {
		for i, p := range others {
			others[i] = p&^15 | Posting((p.Weight()+1)/2)
		}
		b.lists[n] = union(append(others, b.lists[n]...))
	}
	ix := b.ix
	if ix.numbers = b.numbers; len(b.added) > 0 {
		ix.known = slices.Concat(ix.known, b.added)
		slices.Sort(ix.known)
	}
	for _, t := range ix.known {
		if list := b.lists[b.numbers[t]]; len(list) > 0 {
			ix.terms, ix.lists = append(ix.terms, t), append(ix.lists, list)
		}
	}
}

// union sorts postings, and of those of one entry keeps the best.
func union(list []Posting) []Posting {
	slices.Sort(list)
	kept := list[:0]
	for _, p := range list {
		if n := len(kept); n > 0 && kept[n-1].Entry() == p.Entry() {
			kept[n-1] = p
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// common tells how common a term is: the bits of the count of its entries.
func (ix *Index) common(term int) int { return bits.Len(uint(len(ix.lists[term]))) }
