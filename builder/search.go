package builder

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/bits"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"potluck/internal/search"
	"potluck/internal/site"
)

// The search page asks files, where no form handler answers. All lie in a folder
// whose name is a hash of everything in it, so each can be kept for ever; a page
// that is out of date asks for what is not there, and its script says so.
//
//	t/N.txt    terms, sorted, one a line: TERM LIST [LIST …]
//	w/N.txt    words, sorted, one a line, each with a digit of base 36: the bits of
//	           the count of its entries; those of one first letter are in one file
//	c/N.json   the cards of entries 16 × N …: [kind, categories, areas, then for each
//	           language [code, address, title, summary, organization]]
//
// A LIST is a weight, one digit of base 36, and the gaps between the numbers of
// entries, from -1, less one, in base 47: "P" to "~" are digits that go on, "!" to
// "O" end a gap. What is in internal/search says how they are ranked.
const (
	termsFile  = 5000 // bytes, or more by one term; a term that is longer has a file of its own
	wordsFile  = 6000 // bytes, or more by those of one first letter
	cardsFile  = 16   // entries
	cardText   = 160  // characters of a summary
	maxOptions = 300  // that a facet offers
	onePage    = 10   // results
)

// finding is the search of a site: its index, and the files made of it.
type finding struct {
	index *search.Index
	cards [][]byte // by entry: what is shown of it, as JSON; nil in a program that builds once
	files []File
	page  SearchPage // what search pages share
}

// SearchPage is what layouts/search.html gets as .Form.
type SearchPage struct {
	Query  search.Query
	Action string // href of the page itself
	Facets []SearchFacet

	// Of an answer by the form handler.
	Open    bool // it can tell what is open now
	Asked   bool
	Results []*Card
	Total   int
	Slips   []search.Slip
	Pager   Pager

	// Of the page that asks the files of the builder; all empty else.
	Data   string // href of their folder, with a slash at the end
	Base   string // before the addresses on cards
	Count  int    // of entries
	Starts string // where the second, third … file of terms begins
	Stops  string // words that count only where a query has no others
	Langs  string // in which languages results are shown, the best first
	Words  string // where the second, third … file of words begins
}

// SearchFacet is one way to leave results out.
type SearchFacet struct {
	Taxonomy string // category, area, language
	Options  []SearchOption
}

// SearchOption is a value of a facet.
type SearchOption struct {
	Value    string
	Label    string
	Depth    int // below how many others it lies
	Selected bool
}

// searches tells that there is a search page.
func (l *linker) searches() bool { return l.cfg.Outputs.Search && l.theme.layouts["search"] != nil }

// find starts to make the index and its files of the pages that are shown. That
// needs nothing of what is linked meanwhile. Of the last build are taken what the index
// knows of an entry, and its card: they are made of its Headers and the Config alone.
func (l *linker) find() {
	if !l.searches() {
		return
	}
	headers := make([]*site.Header, len(l.ix.docs))
	for i, d := range l.ix.docs {
		headers[i] = d.Header
	}
	l.found = make(chan *finding, 1)
	var old *finding
	if l.sameConfig() {
		old = l.prev.index.search
	}
	go func() {
		f := &finding{}
		if old != nil {
			f.index = old.index.With(headers)
		} else {
			f.index = search.New(l.cfg, headers, nil)
		}
		f.makeCards(old)
		f.write(l.cfg.BasePath)
		if l.in.Into != nil {
			f.cards = nil
		}
		l.found <- f
	}()
}

// search makes a search page in each language.
func (l *linker) search() {
	if l.found == nil {
		return
	}
	f := <-l.found
	l.ix.search = f
	n := l.virtual("search")
	for _, li := range l.ix.langs {
		v := l.frame(n, li, "search")
		p := f.page
		p.Langs = strings.Join(l.cfg.Instead(l.cfg.Languages[li]), " ")
		p.Action, p.Facets = l.cfg.BasePath+n.href[li], f.facets(l.cfg, l.cfg.Languages[li], search.Query{})
		v.Title, v.NoIndex, v.Form = l.theme.words.say(l.theme.langs(li), "search.title"), true, p
		_, out := l.cfg.Address(l.cfg.Languages[li], n.dir)
		l.add(plannedPage{view: v, out: out}, n, li)
	}
}

// facets lists the values that entries have, as site.toml does; others by name.
// Of too many those that lie below others are left out.
func (f *finding) facets(cfg *site.Config, lang string, q search.Query) []SearchFacet {
	var facets []SearchFacet
	for i, selected := range []string{q.Category, q.Area, q.Language} {
		facet := SearchFacet{Taxonomy: taxonomies[i].name}
		have := f.index.Values(facet.Taxonomy)
		values := slices.DeleteFunc(slices.Clone(withParents(cfg.Taxonomy[facet.Taxonomy].Values)), func(v string) bool { return !slices.Contains(have, v) })
		if len(values) == 0 {
			values = have
		}
		for _, v := range values {
			if depth := strings.Count(v, "/"); depth == 0 || len(values) <= maxOptions || v == selected {
				facet.Options = append(facet.Options, SearchOption{v, cfg.Label(facet.Taxonomy, v, lang), depth, v == selected})
			}
		}
		if facet.Options = facet.Options[:min(len(facet.Options), maxOptions)]; len(facet.Options) > 1 {
			facets = append(facets, facet)
		}
	}
	return facets
}

// write makes the files.
func (f *finding) write(base string) {
	terms, starts := f.termFiles()
	words, initials := f.wordFiles()
	f.files = slices.Concat(terms, words, f.cardFiles())
	h := sha256.New()
	for _, x := range f.files {
		fmt.Fprintf(h, "%s %x\n", x.Path, x.Sum)
	}
	dir := "search/" + hex.EncodeToString(h.Sum(nil)[:5]) + "/"
	for i := range f.files {
		f.files[i].Path = dir + f.files[i].Path
	}
	f.page = SearchPage{Data: base + "/" + dir, Base: base, Count: f.index.Len(), Starts: strings.Join(starts, " "), Stops: strings.Join(f.index.Stops(), " "), Words: strings.Join(initials, " ")}
}

// termFiles parts the terms into files; starts tell where each but the first begins.
func (f *finding) termFiles() (files []File, starts []string) {
	var b []byte
	last := ""
	end := func() {
		files = append(files, newFile("t/"+strconv.Itoa(len(files))+".txt", bytes.TrimSuffix(b, []byte("\n"))))
		b = nil
	}
	for term, list := range f.index.Terms() {
		line := append(appendList([]byte(term), list), '\n')
		if len(b) > 0 && len(b)+len(line) > termsFile {
			end()
			starts = append(starts, shortest(last, term))
		}
		b = append(b, line...)
		last = term
	}
	end()
	return files, starts
}

// shortest gives the shortest beginning of next that sorts after last.
func shortest(last, next string) string {
	for i := range next {
		if next[:i] > last {
			return next[:i]
		}
	}
	return next
}

// appendList writes a term's entries, those of the highest weight first.
func appendList(b []byte, list []search.Posting) []byte {
	var gaps [16][]byte
	var next [16]int
	for _, p := range list {
		w := p.Weight()
		gaps[w] = appendGap(gaps[w], p.Entry()-next[w], '!')
		next[w] = p.Entry() + 1
	}
	for w, g := range slices.Backward(gaps[:]) {
		if len(g) > 0 {
			b = strconv.AppendInt(append(b, ' '), int64(w), 36)
			b = append(b, g...)
		}
	}
	return b
}

func appendGap(b []byte, n int, zero byte) []byte {
	if n >= 47 {
		b = appendGap(b, n/47, 'P')
	}
	return append(b, zero+byte(n%47))
}

// wordFiles lists the words that a misspelt one may stand for. A file holds all
// words of its first letters; starts are the first letters of each but the first.
func (f *finding) wordFiles() (files []File, starts []string) {
	var b []byte
	initial := ""
	end := func() {
		files = append(files, newFile("w/"+strconv.Itoa(len(files))+".txt", bytes.TrimSuffix(b, []byte("\n"))))
		b = nil
	}
	for term, list := range f.index.Terms() {
		if term[0] == '#' || utf8.RuneCountInString(term) < 3 || search.IsUnspaced(term) {
			continue
		}
		if _, n := utf8.DecodeRuneInString(term); term[:n] != initial {
			initial = term[:n]
			if len(b) >= wordsFile {
				end()
				starts = append(starts, initial)
			}
		}
		b = strconv.AppendInt(append(b, term...), int64(bits.Len(uint(len(list)))), 36)
		b = append(b, '\n')
	}
	end()
	return files, starts
}

// makeCards makes the card of each entry, or takes that of the last build.
func (f *finding) makeCards(old *finding) {
	f.cards = make([][]byte, f.index.Len())
	each(context.Background(), len(f.cards), func(i int) {
		if was := f.index.Was(i); was >= 0 {
			f.cards[i] = old.cards[was]
		} else {
			f.cards[i] = bytes.TrimSpace(jsonText(cardOf(f.index.Versions(i)), ""))
		}
	})
}

// cardFiles writes what is shown of each entry.
func (f *finding) cardFiles() []File {
	files := make([]File, (len(f.cards)+cardsFile-1)/cardsFile)
	each(context.Background(), len(files), func(n int) {
		cards := f.cards[n*cardsFile : min((n+1)*cardsFile, len(f.cards))]
		data := slices.Concat([]byte("["), bytes.Join(cards, []byte(",")), []byte("]\n"))
		files[n] = newFile("c/"+strconv.Itoa(n)+".json", data)
	})
	return files
}

func cardOf(versions []*site.Header) []any {
	h := versions[0]
	list := func(v []string) []string { return append([]string{}, v...) } // never null
	card := []any{h.Kind, list(h.Categories), list(h.Areas)}
	for _, h := range versions {
		card = append(card, []string{h.Language(), h.URL, h.Title, shorten(h.Summary, cardText), h.Str("organization")})
	}
	return card
}

// Search writes the search page that answers a query in the address, in a language,
// as the form handler sends it. It may be called while Build runs. The error tells
// that the site has no search.
func (b *Builder) Search(w io.Writer, lang string, asked url.Values, now time.Time) error {
	ix := b.live.Load()
	if ix == nil || ix.search == nil {
		return errNotBuilt
	}
	lang = ix.in.Config.Languages[ix.language(lang)]
	return b.Render(w, lang, "search", "search.title", ix.search.answer(ix.in.Config, lang, asked, now))
}

// answer asks the index what an address asks for.
func (f *finding) answer(cfg *site.Config, lang string, asked url.Values, now time.Time) SearchPage {
	q := search.Query{Text: site.CleanLine(asked.Get("q")), Category: asked.Get("category"), Area: asked.Get("area"), Language: asked.Get("language"), Lang: lang, Limit: onePage}
	if asked.Get("open") != "" {
		q.OpenNow = now
	}
	number, _ := strconv.Atoi(asked.Get("page"))
	number = max(1, min(number, 1+f.index.Len()/onePage))
	q.From = (number - 1) * onePage
	a := f.index.Find(q)
	href, _ := cfg.Address(lang, "search")
	p := SearchPage{Query: q, Action: cfg.BasePath + href, Facets: f.facets(cfg, lang, q), Open: true, Asked: q.Asks(), Total: a.Total, Slips: a.Slips}
	for _, hit := range a.Hits {
		p.Results = append(p.Results, resultCard(cfg, lang, hit.Header, now))
	}
	p.Pager = searchPager(p.Action, asked, number, (a.Total+onePage-1)/onePage)
	return p
}

func resultCard(cfg *site.Config, lang string, h *site.Header, now time.Time) *Card {
	c := &Card{Header: h, Href: cfg.BasePath + h.URL}
	c.Lang, c.Dir = otherThan(lang, h.Language())
	if d := h.Day("closed_until"); !d.IsZero() && d.Start(cfg.Location).After(now) {
		c.Now = "closed"
	}
	return c
}

// searchPager leads to the pages of results before and after, by their addresses.
func searchPager(action string, asked url.Values, number, total int) Pager {
	href := func(n int) string {
		if n < 1 || n > total {
			return ""
		}
		v := url.Values{}
		for _, name := range []string{"q", "category", "area", "language", "open"} {
			if s := asked.Get(name); s != "" {
				v.Set(name, s)
			}
		}
		if n > 1 {
			v.Set("page", strconv.Itoa(n))
		}
		return action + "?" + v.Encode()
	}
	return Pager{Number: number, Total: total, Newer: href(number - 1), Older: href(number + 1)}
}
