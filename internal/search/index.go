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
	rank     int // of its kind
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
	cfg     *site.Config
	entries []entry
	terms   []string    // sorted; #category/food and the like are facets
	lists   [][]Posting // by term, sorted by entry
	stops   []string    // sorted
	hours   func() []site.OpenHours
}

// New makes the index of the pages that are shown. Synonyms are groups of words by
// language, see [Synonyms], which is what nil stands for.
func New(cfg *site.Config, shown []*site.Header, synonyms map[string][]string) *Index {
	if synonyms == nil {
		synonyms = Synonyms
	}
	ix := &Index{cfg: cfg, entries: entriesOf(cfg, shown), stops: stopList()}
	ix.hours = sync.OnceValue(ix.parseHours)
	b := &inverter{ix: ix, numbers: map[string]int{}, values: map[string][]string{}, also: map[int][]Posting{}}
	for i := range ix.entries {
		b.entry(i)
	}
	for _, lang := range cfg.Languages {
		for _, group := range synonyms[lang] {
			b.group(group)
		}
	}
	b.finish()
	return ix
}

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

// entriesOf joins translations and puts the entries into their order.
func entriesOf(cfg *site.Config, shown []*site.Header) []entry {
	byKey := make(map[string]int, len(shown))
	entries := make([]entry, 0, len(shown))
	for _, h := range shown {
		k := cfg.Kind(h.Kind)
		if h.Key == "index" || k != nil && k.Form && h.Str("state") == "closed" {
			continue
		}
		i, ok := byKey[h.Key]
		if !ok {
			i = len(entries)
			byKey[h.Key] = i
			entries = append(entries, entry{})
		}
		entries[i].versions = append(entries[i].versions, h)
	}
	for i := range entries {
		entries[i].settle(cfg)
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return compare(a.main(), b.main())
	})
	return entries
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
	numbers map[string]int // of terms, as they were met
	lists   [][]Posting
	values  map[string][]string // taxonomy/value → its words
	also    map[int][]Posting   // by synonyms
}

func (b *inverter) number(term string) int {
	n, ok := b.numbers[term]
	if !ok {
		n = len(b.lists)
		b.numbers[term] = n
		b.lists = append(b.lists, nil)
	}
	return n
}

// put notes a term of an entry; the best weight stays.
func (b *inverter) put(term string, i, weight int) {
	n := b.number(term)
	list := b.lists[n]
	p := Posting(i<<4 | weight)
	if last := len(list) - 1; last >= 0 && list[last].Entry() == i {
		list[last] = max(list[last], p)
		return
	}
	b.lists[n] = append(list, p)
}

func (b *inverter) text(i, weight int, text string) {
	for _, w := range Tokens(text) {
		b.put(w, i, weight)
	}
}

func (b *inverter) entry(i int) {
	e := &b.ix.entries[i]
	for _, h := range e.versions {
		b.text(i, byTitle, h.Title)
		b.text(i, byOrganization, h.Str("organization"))
		b.text(i, byText, h.Summary)
		for _, x := range h.Headings {
			b.text(i, byText, x.Text)
		}
	}
	h := e.main()
	b.facet(i, byCategory, "category", h.Categories)
	b.facet(i, byArea, "area", h.Areas)
	b.facet(i, byLanguage, "language", h.Languages)
}

func (b *inverter) facet(i, weight int, taxonomy string, values []string) {
	for _, v := range values {
		for at, r := range v + "/" {
			if r == '/' {
				b.put(facetTerm(taxonomy, v[:at]), i, 1)
				for _, w := range b.labels(taxonomy, v[:at]) {
					b.put(w, i, weight)
				}
			}
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
			b.also[n] = append(b.also[n], others...)
		}
	}
}

// finish adds what synonyms found, and sorts the terms.
func (b *inverter) finish() {
	for n, others := range b.also {
		for i, p := range others {
			others[i] = p&^15 | Posting((p.Weight()+1)/2)
		}
		b.lists[n] = union(append(others, b.lists[n]...))
	}
	b.ix.terms = slices.Sorted(maps.Keys(b.numbers))
	b.ix.lists = make([][]Posting, len(b.lists))
	for i, t := range b.ix.terms {
		b.ix.lists[i] = b.lists[b.numbers[t]]
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
