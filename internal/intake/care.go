package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"potluck/internal/site"
)

// Stale is a page that a person should look at again.
type Stale struct {
	Page  *site.Header
	Field string    // assured_date or reviewed: what says when that was done last
	Since site.Date // the zero Date: never
	Due   site.Date // the day by which it should have been
}

// LookAgain gives the pages that a person should have looked at by now: directory entries
// and standing offers that nobody assured for so many days (0: 180), practices, procedures
// and agreements whose review date has passed. Those that were never looked at come first,
// then the oldest.
func LookAgain(pages []*site.Header, days int, now time.Time, loc *time.Location) []Stale {
	var found []Stale
	for _, h := range pages {
		st := Stale{Page: h, Field: "reviewed", Since: h.Day("reviewed"), Due: h.ReviewDue()}
		if h.Kind == "resource" || h.Kind == "offer" && h.Flag("standing") && h.Str("state") != "closed" {
			st.Field, st.Since = "assured_date", h.Day("assured_date")
			if st.Due = (site.Date{}); !st.Since.IsZero() {
				st.Due = st.Since.AddDays(cmp.Or(days, site.AssuredDays))
			}
		} else if st.Due.IsZero() {
			continue
		}
		if st.Due.IsZero() || !now.Before(st.Due.Start(loc)) {
			found = append(found, st)
		}
	}
	slices.SortStableFunc(found, func(a, b Stale) int {
		return cmp.Or(a.Since.Time.Compare(b.Since.Time), strings.Compare(a.Page.Path, b.Page.Path))
	})
	return found
}

// StillTrue says that a person looked at a page today and that it is right: its date is set,
// in all its languages, by one commit.
func (s *Service) StillTrue(ctx context.Context, name string, by Person) (*Sheet, error) {
	sh, err := s.Sheet(name)
	if err != nil {
		return nil, err
	}
	k, field := s.Config().Kind(sh.Page.Kind), ""
	for _, f := range []string{"assured_date", "reviewed"} {
		if k.Field(f) != nil {
			field = f
		}
	}
	if field == "" {
		return nil, refusal("no-date", sh.Path+" has no date of that kind", "directory entries, offers, practices, procedures and agreements have one", sh.Path)
	}
	swaps := map[string]Swap{}
	for _, lang := range s.Config().Languages {
		file := "content/" + s.Config().FileOf(sh.Page.Key, lang)
		old, err := s.at(sh.Base, file)
		if err != nil {
			return nil, err
		}
		if old == nil {
			continue
		}
		now, err := site.Revise(old, map[string]any{field: s.today()}, nil)
		if err != nil {
			return nil, refusal("by-hand", file+": "+err.Error(), "set "+field+" by hand", file)
		}
		swaps[file] = Swap{old, now}
	}
	if err := s.put(ctx, sh.Page.Place, swaps, message(sh.Page.Place, "still true"), by); err != nil {
		return nil, err
	}
	return s.Sheet(sh.Page.Path)
}

// Gap is a kind of help that somebody asks for and nobody gives, in a part of town and a
// language. "" stands for any.
type Gap struct {
	Category, Area, Language string
	Requests                 []*site.Header
	Elsewhere                int // offers and resources of that kind in other parts of town or languages
}

// Gaps gives what open requests ask for without an open offer or a resource, most asked for
// first. A request counts in each of its categories, areas and languages.
func Gaps(c *site.Config, pages []*site.Header) []Gap {
	asked := map[cell][]*site.Header{}
	var help []*site.Header
	for _, h := range pages {
		switch open := h.Str("state") == "open"; {
		case h.Kind == "request" && open:
			for _, g := range asks(c, h) {
				asked[g] = append(asked[g], h)
			}
		case h.Kind == "offer" && open || h.Kind == "resource":
			help = append(help, h)
		}
	}
	var found []Gap
	for g, requests := range asked {
		near, here := 0, 0
		for _, h := range help {
			if about, _ := common([]string{g.category}, h.Categories); about == "" {
				continue
			}
			if near++; within(g.area, c.Near(h.Areas)) && within(g.language, h.Languages) {
				here++
			}
		}
		if here == 0 {
			found = append(found, Gap{g.category, g.area, g.language, requests, near})
		}
	}
	slices.SortFunc(found, func(a, b Gap) int {
		return cmp.Or(len(b.Requests)-len(a.Requests), strings.Compare(a.Category, b.Category), strings.Compare(a.Area, b.Area), strings.Compare(a.Language, b.Language))
	})
	return found
}

// cell is one of category × area × language.
type cell struct{ category, area, language string }

// asks gives the cells in which a request stands.
func asks(c *site.Config, h *site.Header) (cells []cell) {
	any := func(list []string) []string {
		if len(list) == 0 {
			return []string{""}
		}
		return list
	}
	for _, category := range h.Categories {
		for _, a := range any(c.Near(h.Areas)) {
			for _, l := range any(h.Languages) {
				cells = append(cells, cell{category, a, l})
			}
		}
	}
	return cells
}

// within tells that help is given in a place, or in a language; help that names none is
// given in all.
func within(wanted string, given []string) bool {
	return wanted == "" || len(given) == 0 || slices.Contains(given, wanted)
}

// Twins are two pages that may be about the same.
type Twins struct {
	A, B *site.Header
	Why  string // title, words, or phone: what they have in common
}

// Alike finds pages of one kind and language that may be about the same: with one title, with
// the same words, or with a phone number in common.
func (s *Service) Alike(pages []*site.Header) []Twins {
	type said struct {
		page  *site.Header
		trios map[uint64]bool
	}
	var found []Twins
	told := map[[2]*site.Header]bool{}
	add := func(a, b *site.Header, why string) {
		if !told[[2]*site.Header{a, b}] {
			told[[2]*site.Header{a, b}] = true
			found = append(found, Twins{a, b, why})
		}
	}
	titles, phones, trios := map[string]*site.Header{}, map[string]*site.Header{}, map[uint64][]*said{}
	for _, h := range pages {
		if h.Kind == "page" || h.Str("state") == "closed" || h.Index {
			continue
		}
		group := h.Kind + " " + h.Lang + " "
		title := wordsOf(h.Title)
		if key := group + strings.Join(title, " "); len(title) > 1 {
			if titles[key] != nil {
				add(titles[key], h, "title")
			} else {
				titles[key] = h
			}
		}
		for _, p := range h.List("phones") {
			if key := group + digitsOf(p); phones[key] != nil && phones[key] != h {
				add(phones[key], h, "phone")
			} else if digitsOf(p) != "" {
				phones[key] = h
			}
		}
		own := &said{h, s.recent.trios(wordsOf(allWords(h)))}
		if len(own.trios) < twinTrios {
			continue
		}
		shared := map[*said]int{}
		for t := range own.trios {
			for _, other := range trios[t] {
				shared[other]++
			}
			trios[t] = append(trios[t], own)
		}
		for other, n := range shared {
			if o := other.page; o.Kind == h.Kind && o.Lang == h.Lang && float64(n) >= twinShare*float64(len(own.trios)+len(other.trios)-n) {
				add(o, h, "words")
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Twins) int {
		return cmp.Or(strings.Compare(a.A.Path, b.A.Path), strings.Compare(a.B.Path, b.B.Path))
	})
	return found
}

// allWords are the public words of a page, but for its body.
func allWords(h *site.Header) string {
	text := h.Title + "\n" + h.Summary
	for _, name := range slices.Sorted(maps.Keys(h.Fields)) {
		if s, ok := h.Fields[name].(string); ok && name != "state" {
			text += "\n" + s
		}
	}
	return text
}

// digitsOf leaves the digits of a phone number; "" for fewer than six.
func digitsOf(s string) string {
	d := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
	if len(d) < 6 {
		return ""
	}
	return d
}

// SameContact gives the items, by reference, that came with one phone number or mail address,
// for a keeper whose key opens them. That she looked is on disk before.
func (s *Service) SameContact(key Key, by Person) ([][]string, error) {
	if s.o.Git == nil {
		return nil, ErrNoGit
	}
	if err := s.witness(by, "compare", "contacts"); err != nil {
		return nil, err
	}
	groups := map[string][]string{}
	var errs []error
	for _, in := range []string{inboxRef, doneRef} {
		refs, err := s.o.Git.Refs(in)
		errs = append(errs, err)
		for ref := range refs {
			id := ref[strings.LastIndexByte(ref, '/')+1:]
			sealed, _, err := s.o.Vault.Read(id, key)
			if err != nil {
				if !notThere(err) {
					errs = append(errs, fmt.Errorf("%s: %w", id, err))
				}
				continue
			}
			if c := contactIn(sealed); c != "" {
				groups[c] = append(groups[c], Reference(id))
			}
		}
	}
	var same [][]string
	for _, refs := range groups {
		if len(refs) > 1 {
			slices.Sort(refs)
			same = append(same, refs)
		}
	}
	slices.SortFunc(same, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return same, errors.Join(errs...)
}

// contactIn gives the contact of private answers, as plain as it goes.
func contactIn(sealed []byte) string {
	for line := range strings.Lines(string(sealed)) {
		if name, text, _ := strings.Cut(strings.TrimSpace(line), " = "); name == "contact" {
			contact := strings.ToLower(strings.Join(fromTOML(text), " "))
			return cmp.Or(digitsOf(contact), strings.Join(strings.Fields(contact), ""))
		}
	}
	return ""
}

// Load is what an organizer did in the last 90 days, and has in hand.
type Load struct {
	Who     string
	Decided int // acts on what neighbours sent
	Edited  int // other changes of pages
	InHand  int
}

// Month counts what happened on main in a month.
type Month struct {
	Name      string // 2026-11
	Published int    // what neighbours sent
	Matched   int
	Closed    int
	Edited    int // other changes
}

// Work tells from main's history who did how much, and what happened in each of the last
// months, the newest last.
func (s *Service) Work(months int) ([]Load, []Month, error) {
	if s.o.Archive == nil {
		return nil, nil, ErrNoGit
	}
	loc := s.Config().Location
	first := s.today().Time
	first = time.Date(first.Year(), first.Month()-time.Month(months-1), 1, 0, 0, 0, 0, loc)
	byMonth, byWho := map[string]*Month{}, map[string]*Load{}
	var list []*Month
	for i := range months {
		m := &Month{Name: first.AddDate(0, i, 0).Format("2006-01")}
		byMonth[m.Name], list = m, append(list, m)
	}
	for v, err := range s.o.Archive.Log("") {
		if err != nil {
			return nil, nil, err
		}
		if v.When.Before(first) && s.Now().Sub(v.When) > 90*day {
			break
		}
		m := byMonth[v.When.In(loc).Format("2006-01")]
		if m == nil {
			m = &Month{}
		}
		item := m.count(v)
		if v.Who == machine.Name || s.Now().Sub(v.When) > 90*day {
			continue
		}
		l := loadOf(byWho, v.Who)
		if item {
			l.Decided++
		} else {
			l.Edited++
		}
	}
	items, err := s.List()
	for _, it := range items {
		if it.Claimed != "" {
			loadOf(byWho, it.Claimed).InHand++
		}
	}
	var loads []Load
	for _, l := range byWho {
		loads = append(loads, *l)
	}
	slices.SortFunc(loads, func(a, b Load) int {
		return cmp.Or(b.InHand-a.InHand, b.Decided+b.Edited-a.Decided-a.Edited, strings.Compare(a.Who, b.Who))
	})
	out := make([]Month, len(list))
	for i, m := range list {
		out[i] = *m
	}
	return loads, out, err
}

func loadOf(byWho map[string]*Load, who string) *Load {
	if byWho[who] == nil {
		byWho[who] = &Load{Who: who}
	}
	return byWho[who]
}

// count enters a commit, and tells whether it is about what a neighbour sent.
func (m *Month) count(v Version) (item bool) {
	state := ""
	for _, t := range v.Trailers {
		item = item || t[0] == "Item"
		if t[0] == "State" {
			state = t[1]
		}
	}
	op, _, _ := strings.Cut(v.Why, " ")
	switch {
	case !item:
		m.Edited++
	case op == "publish":
		m.Published++
	case op == "match":
		m.Matched++
	case State(state) == Closed:
		m.Closed++
	}
	return item
}

// Few is the number below which a public count says no more than that.
const Few = 5

// Numbers is a page for everyone: how many requests and offers are open, by category and by
// part of town. Counts below [Few] are not told: few people are easily known. say gives
// words of the theme by their key.
func Numbers(c *site.Config, pages []*site.Header, day site.Date, say func(key string) string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "+++\ntitle = %q\nsummary = %q\nupdated = %s\n+++\n", say("numbers.title"), say("numbers.lead"), day)
	for _, kind := range []string{"request", "offer"} {
		for _, field := range []string{"categories", "areas"} {
			counts, taxonomy := map[string]int{}, Taxonomies[field]
			for _, h := range pages {
				if h.Kind == kind && h.Str("state") == "open" {
					for _, v := range texts(h.Value(field)) {
						counts[v]++
					}
				}
			}
			if len(counts) == 0 {
				continue
			}
			fmt.Fprintf(&b, "\n## %s, %s\n\n| %s | %s |\n|---|---|\n", say("kinds."+kind), say("taxonomy."+taxonomy), say("taxonomy."+taxonomy), say("numbers.count"))
			for _, v := range slices.Sorted(maps.Keys(counts)) {
				n := say("numbers.few")
				if counts[v] >= Few {
					n = fmt.Sprint(counts[v])
				}
				fmt.Fprintf(&b, "| %s | %s |\n", strings.ReplaceAll(c.Label(taxonomy, v, c.Languages[0]), "|", "/"), n)
			}
		}
	}
	return []byte(b.String())
}

// numbersPage is where [Numbers] stand.
const numbersPage = "numbers.md"

// Numbers is that page as of today.
func (s *Service) Numbers(say func(key string) string) ([]byte, error) {
	pages, err := s.pages()
	return Numbers(s.Config(), s.inFirstLanguage(pages), s.today(), say), err
}

// PublishNumbers puts it on main.
func (s *Service) PublishNumbers(ctx context.Context, say func(key string) string, by Person) (*Sheet, error) {
	page, err := s.Numbers(say)
	if err != nil {
		return nil, err
	}
	e := Edit{Path: numbersPage, Data: page, Why: "numbers of " + s.today().String()}
	if sh, err := s.Sheet(numbersPage); err == nil {
		e.Base = sh.Base
	}
	return s.Save(ctx, e, by)
}

// Care is all that wants care, worked out now.
type Care struct {
	Stale  []Stale
	Gaps   []Gap
	Twins  []Twins
	Loads  []Load
	Months []Month
}

// Care works out what wants care; days is that of [LookAgain]. An error leaves out what it is
// about.
func (s *Service) Care(days int) (*Care, error) {
	pages, err := s.pages()
	c := &Care{Stale: LookAgain(s.inFirstLanguage(pages), days, s.Now(), s.Config().Location), Gaps: Gaps(s.Config(), s.inFirstLanguage(pages)), Twins: s.Alike(pages)}
	var err2 error
	c.Loads, c.Months, err2 = s.Work(12)
	return c, errors.Join(err, err2)
}

// inFirstLanguage leaves out translations: who looks at a page looks at all of it.
func (s *Service) inFirstLanguage(pages []*site.Header) []*site.Header {
	first := map[string]*site.Header{}
	for _, h := range pages {
		if first[h.Key] == nil || h.Lang == s.Config().Languages[0] {
			first[h.Key] = h
		}
	}
	return slices.SortedFunc(maps.Values(first), func(a, b *site.Header) int { return strings.Compare(a.Path, b.Path) })
}
