package intake

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"potluck/internal/site"
)

// Suggestion is a page that may go together with an item.
type Suggestion struct {
	Page *site.Header
	Why  []Why // what speaks for it, then what speaks against it
	sum  int
}

// Why is a reason in a word: category (the same), near (a part of the other category), area,
// anywhere (it is for all areas), language, in-time; against it: elsewhere, other-language,
// too-late (it ends before), closed (until a day).
type Why struct {
	What string
	Word string // a value of the taxonomy that it is about, or ""
	Day  site.Date
}

// against are the reasons that speak against a match.
var against = map[string]int{"elsewhere": -1, "other-language": -1, "too-late": -3, "closed": -2}

var weights = map[string]int{"category": 5, "near": 3, "area": 3, "anywhere": 1, "language": 2, "in-time": 1}

// suggestions is how many are given at most.
const suggestions = 12

// Suggest gives the pages that an organizer may bring together with an item: for a request
// open offers and resources, for anything else open requests. They share a category; the best
// comes first, with the reasons in words. Nobody is introduced by that.
func (s *Service) Suggest(it *Item) ([]Suggestion, error) {
	pages, err := s.pages()
	var found []Suggestion
	own := s.shown(it)
	for _, h := range pages {
		if h.Path == own.Path || h.Lang != s.Config().Languages[0] || !pairs(it.Kind, h.Kind) || h.Str("state") != "open" && h.Kind != "resource" {
			continue
		}
		if sg := s.fit(own, h); sg.sum > 0 {
			found = append(found, sg)
		}
	}
	slices.SortStableFunc(found, func(a, b Suggestion) int {
		return cmp.Or(b.sum-a.sum, b.Page.Date.Time.Compare(a.Page.Date.Time), strings.Compare(a.Page.Path, b.Page.Path))
	})
	return found[:min(suggestions, len(found))], err
}

// pairs tells that items of one kind may be matched with pages of the other.
func pairs(a, b string) bool {
	return a == "request" && (b == "offer" || b == "resource") || a == "offer" && b == "request"
}

func (s *Service) pages() ([]*site.Header, error) {
	if s.o.Pages == nil {
		return nil, nil
	}
	return s.o.Pages()
}

// fit holds a page against the one that looks for something. Without a category in common
// there is nothing in it.
func (s *Service) fit(own *site.Page, h *site.Header) Suggestion {
	sg := Suggestion{Page: h}
	about, exact := common(own.Categories, h.Categories)
	switch {
	case about == "":
		return sg
	case exact:
		sg.add("category", about)
	default:
		sg.add("near", about)
	}
	mine, theirs := s.Config().Near(own.Areas), s.Config().Near(h.Areas)
	switch area, _ := common(mine, theirs); {
	case area != "":
		sg.add("area", area)
	case len(theirs) == 0 || len(mine) == 0:
		sg.add("anywhere", "")
	default:
		sg.add("elsewhere", theirs[0])
	}
	switch lang, _ := common(own.Languages, h.Languages); {
	case lang != "":
		sg.add("language", lang)
	case len(own.Languages) > 0 && len(h.Languages) > 0:
		sg.add("other-language", h.Languages[0])
	}
	s.dates(&sg, own, h)
	slices.SortStableFunc(sg.Why, func(a, b Why) int { return max(against[b.What], -1) - max(against[a.What], -1) })
	return sg
}

// dates holds the day that something is needed by against the days that it can be had.
func (s *Service) dates(sg *Suggestion, own *site.Page, h *site.Header) {
	need, until := own.Day("needed_by"), h.Expires
	if h.Kind == "request" {
		need, until = h.Day("needed_by"), own.Expires
	}
	day := s.today()
	if !need.IsZero() {
		day = need
	}
	switch shut := h.Day("closed_until"); {
	case !shut.IsZero() && shut.Time.After(day.Time):
		sg.addDay("closed", shut)
	case need.IsZero():
	case !until.IsZero() && until.Time.Before(need.Time):
		sg.addDay("too-late", until)
	default:
		sg.addDay("in-time", need)
	}
}

func (sg *Suggestion) add(what, word string) { sg.give(Why{What: what, Word: word}) }

func (sg *Suggestion) addDay(what string, day site.Date) { sg.give(Why{What: what, Day: day}) }

func (sg *Suggestion) give(w Why) {
	sg.Why = append(sg.Why, w)
	sg.sum += weights[w.What] + against[w.What]
}

// Against tells that a reason speaks against a match.
func (w Why) Against() bool { return against[w.What] < 0 }

// common gives the first value that two lists share; else one of the second that is a part
// of one of the first, or the other way round.
func common(a, b []string) (value string, exact bool) {
	for _, x := range b {
		if slices.Contains(a, x) {
			return x, true
		}
		for _, y := range a {
			if value == "" && (strings.HasPrefix(x, y+"/") || strings.HasPrefix(y, x+"/")) {
				value = x
			}
		}
	}
	return value, false
}

// match says on the page of an item that it is being arranged; and on that of what it is
// matched with, when the decision names that. Each record has the other. A standing offer
// stays open: others may need it too.
func (s *Service) match(ctx context.Context, it *Item, d Decision) error {
	if d.With == "" {
		return s.simply(ctx, it, d)
	}
	other, err := s.other(d.With)
	if err == nil {
		err = s.free(other, Decision{By: d.By})
	}
	switch {
	case err != nil:
		return err
	case !pairs(it.Kind, other.Kind):
		return refusal("not-matched", fmt.Sprintf("a %s and a %s are not matched", it.Kind, other.Kind), "match a request with an offer or a resource")
	case it.Match == other.name() && it.State == Matched: // it was stopped
	case other.State == Matched && other.Match != it.ID, other.State != Matched && other.State != Open && other.State != "":
		return other.refuse("match")
	}
	for _, half := range []struct{ it, with *Item }{{it, other}, {other, it}} {
		if err := s.half(ctx, half.it, half.with, d.By); err != nil {
			return err
		}
	}
	return nil
}

// half writes a match into the record of one of the two.
func (s *Service) half(ctx context.Context, it, with *Item, by Person) error {
	op := "match"
	if it.State == Matched || s.shown(it).Flag("standing") {
		op = "pair"
	}
	if it.State == "" || it.Match == with.name() && (it.State == Matched || op == "pair") {
		return nil
	}
	err := s.do(ctx, it, act{op: op, who: Organizer, by: by, more: [][2]string{{"Match", with.name()}}})
	if err == nil {
		it.Match = with.name()
	}
	return err
}

// name is what the record of another item calls this one: its ID, or the page of what was
// written by hand.
func (it *Item) name() string { return cmp.Or(it.ID, it.Path) }

// other gives what an item is matched with: an item, by its ID or page, or a page that was
// written by hand, by its path under content/ or its address.
func (s *Service) other(name string) (*Item, error) {
	h, err := s.Page(name)
	switch {
	case err != nil:
		return nil, err
	case h == nil:
		return s.find(name)
	}
	if it, err := s.find(strings.TrimSuffix(path.Base(h.Path), ".md")); err == nil && it.Path == "content/"+h.Path {
		return it, nil
	}
	it := &Item{Path: "content/" + h.Path, Kind: h.Kind}
	if it.Public, err = s.o.Git.Read(mainRef, it.Path); err != nil {
		return nil, err
	}
	it.Page, _ = site.Parse(s.Config(), h.Place, it.Public)
	it.State = State(it.Page.Str("state"))
	it.recorded = it.State
	return it, nil
}

// Other gives what an item is matched with. A page that was written by hand has no ID.
func (s *Service) Other(it *Item) (*Item, error) { return s.other(it.Match) }

// Page gives the page on the site of that path or address, or nil.
func (s *Service) Page(name string) (*site.Header, error) {
	pages, err := s.pages()
	name = strings.TrimPrefix(name, s.Config().BasePath)
	for _, h := range pages {
		if h.URL == name || h.Path == strings.TrimPrefix(name, "content/") {
			return h, nil
		}
	}
	return nil, err
}

// part does to the other half of a match what follows from a decision on this one, before
// that is carried out: so it can be repeated.
func (s *Service) part(ctx context.Context, it *Item, d Decision) error {
	if it.Match == "" {
		return nil
	}
	other, err := s.other(it.Match)
	switch {
	case notThere(err), err == nil && other.Match != it.ID && other.ID != "":
		return nil
	case err == nil:
		err = s.free(other, Decision{By: d.By})
	}
	if err != nil {
		return err
	}
	back := Decision{By: d.By, Do: "unmatch"}
	if d.Do == "close" && d.Reason == "fulfilled" {
		back.Do, back.Reason = "close", d.Reason
	}
	switch {
	case d.Do == "reopen" && other.State == Closed && other.by == "close":
		other.Match = "" // it is this one
		return s.reopen(ctx, other, Decision{By: d.By})
	case other.State == Open && other.Match != "": // a standing offer
		return s.do(ctx, other, act{op: "pair", who: Organizer, by: d.By, more: [][2]string{{"Match", "-"}}})
	case other.State != Matched && !(other.State == target(back.Do) && other.unrecorded()):
		return nil
	}
	return s.simply(ctx, other, back)
}

// nudgeDays is after how many days somebody asks how a match went.
const nudgeDays = 14

// Nudge is a match to ask about.
type Nudge struct {
	*Item
	Over bool // the other half is closed already
}

// Nudges gives the items that were matched two weeks ago, or whose other half is closed,
// oldest first.
func (s *Service) Nudges() (found []Nudge, err error) {
	pages, err := s.pages()
	for _, h := range pages {
		if h.Str("state") != string(Matched) {
			continue
		}
		it, e := s.find(strings.TrimSuffix(path.Base(h.Path), ".md"))
		if e != nil || it.State != Matched {
			continue // written by hand, or done in the meantime
		}
		if over := s.isOver(it); over || s.Now().Sub(it.Since) >= nudgeDays*day {
			found = append(found, Nudge{it, over})
		}
	}
	slices.SortFunc(found, func(a, b Nudge) int { return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.ID, b.ID)) })
	return found, err
}

func (s *Service) isOver(it *Item) bool {
	if it.Match == "" {
		return false
	}
	other, err := s.other(it.Match)
	return err == nil && other.State == Closed
}

// refer closes an item since a page of the site can help; the neighbour finds it with her
// code.
func (s *Service) refer(ctx context.Context, it *Item, d Decision) error {
	h, err := s.Page(d.With)
	switch {
	case err != nil:
		return err
	case h == nil:
		return refusal("no-page", fmt.Sprintf("there is no page %q", d.With), "name one: resources/food-pantry.md", d.With)
	case it.State == Closed && it.Reason == "referred":
		return s.file(ctx, it)
	}
	if _, ok := it.next("refer", Organizer); !ok {
		return it.refuse("refer")
	}
	d.With = h.Path
	if err := s.tell(it, d); err != nil {
		return err
	}
	return s.do(ctx, it, act{op: "refer", who: Organizer, by: d.By, reason: "referred"})
}

// tell seals words to the neighbour that go with a decision, and the page she is referred to.
func (s *Service) tell(it *Item, d Decision) error {
	words := site.CleanLong(d.Words)
	switch {
	case words == "" && d.With == "":
		return nil
	case len(words) > 4000:
		return refusal("long-words", "the words are too long", "write less")
	}
	return s.o.Vault.Tell(it.ID, "parting", []byte(d.With+"\n"+words))
}

// Parting is what a neighbour was told when her item was closed.
type Parting struct {
	Page  string // under content/, of what can help her; or ""
	Words string
}

// jot seals a note to organizers.
func (s *Service) jot(ctx context.Context, it *Item, d Decision) error {
	words := site.CleanLong(d.Words)
	if words == "" || len(words) > 8000 {
		return refusal("note", "there is no note, or it is too long", `write one: -words "Called her, she is fine until Friday."`)
	}
	n := fmt.Sprint(it.notes + 1)
	if err := s.o.Vault.Note(it.ID, n, []byte(words)); err != nil {
		return err
	}
	err := s.do(ctx, it, act{op: "note", who: Organizer, by: d.By, more: [][2]string{{"Note", n}}})
	if err == nil {
		it.notes++
	}
	return err
}

// Note is what organizers wrote among themselves.
type Note struct {
	By    string
	At    time.Time
	Words string // "" where the key does not open it
}

// readNotes opens the notes of an item, oldest first.
func (s *Service) readNotes(it *Item, key Key) error {
	for _, e := range slices.Backward(it.Record) {
		if e.Note == "" {
			continue
		}
		words, err := s.o.Vault.Hear(it.ID, e.Note+".note", "", key)
		if err != nil {
			return err
		}
		it.Notes = append(it.Notes, Note{e.By, e.When, string(words)})
	}
	return nil
}
