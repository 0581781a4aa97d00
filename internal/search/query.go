package search

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"time"

	"potluck/internal/site"
)

// How a word of a query met a term.
const (
	exactly  = 4
	asPrefix = 2
	bySlip   = 1
)

// Limits that the script has too.
const (
	prefixLetters = 3  // a prefix has so many letters or more
	prefixTerms   = 12 // that a prefix finds
	slipLetters   = 4  // a word that may have a slip has so many or more
	mostWords     = 12 // of a query that count
	enough        = 10 // entries, after which those with fewer of the words are left out
)

// Query is what somebody looks for. Facets and OpenNow only leave out.
type Query struct {
	Text     string
	Category string // values of taxonomies; "" leaves nothing out
	Area     string
	Language string
	OpenNow  time.Time // only places whose hours are open then; zero leaves nothing out
	Lang     string    // of the reader
	From     int       // results to skip
	Limit    int       // results wanted; 0 is ten
}

// Answer is what was found.
type Answer struct {
	Hits  []Hit // at most Query.Limit
	Total int
	Slips []Slip // words that were taken for others
}

// Hit is an entry that was found: its page in the reader's language, else in the
// first that it has.
type Hit struct {
	*site.Header
	Entry int // its number
	Score int
}

// Slip is a word that was not found and the one taken in its place, both folded.
type Slip struct{ Word, Taken string }

// meeting is a term that a word of the query met.
type meeting struct{ term, how int }

// Asks tells whether the query asks for anything.
func (q *Query) Asks() bool {
	return strings.TrimSpace(q.Text) != "" || q.Category != "" || q.Area != "" || q.Language != "" || !q.OpenNow.IsZero()
}

// Find answers a query. A query that asks for nothing finds nothing.
func (ix *Index) Find(q Query) Answer {
	var a Answer
	if !q.Asks() || len(ix.entries) == 0 {
		return a
	}
	words := ix.words(q.Text)
	if len(words) == 0 && strings.TrimSpace(q.Text) != "" {
		return a
	}
	f := &finder{ix: ix, now: make([]int, len(ix.entries)), score: make([]int, len(ix.entries)), words: make([]int, len(ix.entries))}
	for i, w := range words {
		met, slip := ix.meet(w, i == len(words)-1)
		if slip != "" {
			a.Slips = append(a.Slips, Slip{w, slip})
		}
		f.count(met)
	}
	found := f.found(ix.keep(&q), len(words) > 0)
	a.Total = len(found)
	limit := cmp.Or(max(q.Limit, 0), enough)
	from := min(max(q.From, 0), len(found))
	langs := ix.cfg.Instead(q.Lang)
	for _, i := range found[from:min(from+limit, len(found))] {
		a.Hits = append(a.Hits, Hit{ix.entries[i].in(langs), i, f.score[i]})
	}
	return a
}

// words gives the words of a query, each once, without stop words if there are others.
func (ix *Index) words(text string) []string {
	var words, stops []string
	for _, w := range Tokens(text) {
		_, stop := slices.BinarySearch(ix.stops, w)
		switch {
		case stop && !slices.Contains(stops, w):
			stops = append(stops, w)
		case !stop && !slices.Contains(words, w):
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		words = stops
	}
	return words[:min(len(words), mostWords)]
}

// meet finds the terms that a word stands for; slip is the one taken in its place.
func (ix *Index) meet(w string, last bool) (met []meeting, slip string) {
	at, exact := slices.BinarySearch(ix.terms, w)
	if exact {
		met = append(met, meeting{at, exactly})
		at++
	}
	if last && (IsUnspaced(w) || len([]rune(w)) >= prefixLetters) {
		for n := 0; n < prefixTerms && at < len(ix.terms) && strings.HasPrefix(ix.terms[at], w); n++ {
			met = append(met, meeting{at, asPrefix})
			at++
		}
	}
	if len(met) == 0 {
		if at := ix.slip(w); at >= 0 {
			return []meeting{{at, bySlip}}, ix.terms[at]
		}
	}
	return met, ""
}

// slip finds the most common term that differs from w by one slip, not in its
// first letter; -1 if there is none.
func (ix *Index) slip(w string) int {
	letters := []rune(w)
	if len(letters) < slipLetters || IsUnspaced(w) {
		return -1
	}
	best := -1
	initial := string(letters[0])
	at, _ := slices.BinarySearch(ix.terms, initial)
	for ; at < len(ix.terms) && strings.HasPrefix(ix.terms[at], initial); at++ {
		if n := len(ix.terms[at]) - len(w); n > 4 || n < -4 {
			continue
		}
		if (best < 0 || ix.common(at) > ix.common(best)) && oneSlip(letters, []rune(ix.terms[at])) {
			best = at
		}
	}
	return best
}

// oneSlip tells that two words differ by one letter too many, too few or wrong, or
// by two that are swapped.
func oneSlip(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return slices.Equal(a[i:], b[i+1:])
	}
	if i == len(a) {
		return false
	}
	if slices.Equal(a[i+1:], b[i+1:]) {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && slices.Equal(a[i+2:], b[i+2:])
}

// finder sums up. All slices are by entry.
type finder struct {
	ix    *Index
	now   []int // for the word at hand
	score []int
	words []int // of the query that it has
}

// count adds one word: the best of what it met.
func (f *finder) count(met []meeting) {
	var touched []int
	for _, m := range met {
		list := f.ix.lists[m.term]
		rare := 1 + bits.Len(uint(len(f.ix.entries)/len(list)))
		for _, p := range list {
			i := p.Entry()
			if f.now[i] == 0 {
				touched = append(touched, i)
			}
			f.now[i] = max(f.now[i], p.Weight()*rare*m.how)
		}
	}
	for _, i := range touched {
		f.score[i] += f.now[i]
		f.words[i]++
		f.now[i] = 0
	}
}

// found lists the entries in the order of their worth.
func (f *finder) found(keep func(int) bool, worded bool) []int {
	var found []int
	for i, n := range f.words {
		if (n > 0 || !worded) && keep(i) {
			found = append(found, i)
		}
	}
	if !worded {
		return found
	}
	slices.SortFunc(found, func(a, b int) int {
		return cmp.Or(f.words[b]-f.words[a], f.score[b]-f.score[a], a-b)
	})
	n := 0
	for n < len(found) && (n < enough || f.words[found[n]] == f.words[found[n-1]]) {
		n++
	}
	return found[:n]
}

// keep tells which entries the facets of a query leave in.
func (ix *Index) keep(q *Query) func(int) bool {
	marks, wanted := make([]uint8, len(ix.entries)), uint8(0)
	for _, facet := range [][2]string{{"category", q.Category}, {"area", q.Area}, {"language", q.Language}} {
		if facet[1] == "" {
			continue
		}
		wanted++
		if at, ok := slices.BinarySearch(ix.terms, facetTerm(facet[0], facet[1])); ok {
			for _, p := range ix.lists[at] {
				marks[p.Entry()]++
			}
		}
	}
	return func(i int) bool {
		return marks[i] == wanted && (q.OpenNow.IsZero() || ix.open(i, q.OpenNow.In(ix.cfg.Location)))
	}
}

// open tells whether a place is open; what says no hours is not.
func (ix *Index) open(i int, now time.Time) bool {
	h := ix.entries[i].main()
	if until := h.Day("closed_until"); !until.IsZero() && until.Start(ix.cfg.Location).After(now) {
		return false
	}
	return ix.hours()[i].Open(now)
}

// parseHours reads the hours of all entries; what cannot be read is never open.
func (ix *Index) parseHours() []site.OpenHours {
	hours := make([]site.OpenHours, len(ix.entries))
	for i := range ix.entries {
		hours[i], _ = site.ParseHours(ix.entries[i].main().Str("hours"))
	}
	return hours
}
