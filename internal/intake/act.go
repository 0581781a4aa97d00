package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"potluck/internal/site"
)

// act is one operation on an item.
type act struct {
	op     string // of [Life]
	who    Who
	by     Person
	reason string
	change string
	more   [][2]string // other trailers
	page   []byte      // other proposed words, or nil
	lines  [][2]string // other front matter of the public page
}

// do carries an operation out: on main, on the item's ref, then where the ref stands. What
// was stopped is completed by the next try.
func (s *Service) do(ctx context.Context, it *Item, a act) error {
	to, ok := it.next(a.op, a.who)
	if !ok {
		return it.refuse(a.op)
	}
	if it.Public != nil && (to != it.State || a.lines != nil) && (to.public() || to == Closed) {
		page, err := s.edited(it, append(s.lines(it, to), a.lines...))
		if err == nil {
			err = s.onMain(ctx, it, page, a.op, a.by)
		}
		if err != nil {
			return err
		}
	}
	if it.ref == "" { // a page that was written by hand has no record
		it.State, it.recorded = to, to
		return nil
	}
	c := Change{Ref: it.ref, At: it.head, By: a.by, When: s.Now(), Message: a.op + " " + it.Kind + " " + it.ID, Trailers: [][2]string{{"State", string(to)}}}
	if a.who != Organizer {
		c.When = c.When.UTC().Truncate(time.Hour)
	}
	if a.reason != "" {
		c.Trailers = append(c.Trailers, [2]string{"Reason", a.reason})
	}
	if a.change != "" {
		c.Trailers = append(c.Trailers, [2]string{"Change", a.change})
	}
	c.Trailers = append(c.Trailers, a.more...)
	if a.page != nil && string(a.page) != string(it.Markdown) {
		c.Path, c.Old, c.Data = it.Path, it.Markdown, a.page
	}
	if err := s.o.Git.Commit(ctx, c); err != nil {
		return err
	}
	if it.recorded != to {
		it.Since, it.by = c.When, a.op
	}
	it.head = "" // it is ours for as long as the lock is held
	it.State, it.recorded, it.Reason, it.Changed = to, to, a.reason, a.change == "waits" || a.change == "" && it.Changed && to.public()
	return s.file(ctx, it)
}

// file puts the ref of an item where it belongs: into the inbox when it waits for an
// organizer.
func (s *Service) file(ctx context.Context, it *Item) error {
	if it.ref == "" {
		return nil
	}
	home, wait := inboxRef+it.ID, int64(1)
	if !it.Changed && (it.State.public() || it.State == Closed) {
		home, wait = doneRef+it.ID, -1
	}
	if home == it.ref {
		return nil
	}
	if err := s.o.Git.Move(ctx, it.ref, home); err != nil {
		return err
	}
	it.ref = home
	s.waiting.Add(wait)
	return nil
}

// onMain puts an item's page on main, in the place of what is there; nil removes it.
func (s *Service) onMain(ctx context.Context, it *Item, page []byte, op string, by Person) error {
	if string(page) == string(it.Public) && (page == nil) == (it.Public == nil) {
		return nil
	}
	state := it.State
	p, _ := site.Parse(s.Config(), it.Page.Place, page)
	if p.Str("state") != "" {
		state = State(p.Str("state"))
	}
	if page == nil {
		state = target(op)
	}
	err := s.o.Git.Commit(ctx, Change{
		Ref: mainRef, Path: it.Path, Old: it.Public, Data: page, By: by, When: s.Now(),
		Message: headline(op, it, p.Title), Trailers: [][2]string{{"State", string(state)}, {"Item", it.name()}},
	})
	if err == nil {
		it.Public = page
	}
	return err
}

// headline is the first line of a commit on main: what was done, with what, and the title that
// everyone can read there. What is not on the site any more has none.
func headline(op string, it *Item, title string) string {
	line := op + " " + it.Kind + " " + it.name()
	if title = shortened(title, 100); title != "" {
		line += ": " + title
	}
	return line
}

// lines are what the front matter of a public page says in a state. A kind without the
// field leaves the site by its date.
func (s *Service) lines(it *Item, to State) [][2]string {
	if s.Config().Kind(it.Kind).Field("state") != nil {
		return [][2]string{{"state", strconv.Quote(string(to))}}
	}
	if to == Closed {
		return [][2]string{{"expires", s.today().AddDays(-1).String()}}
	}
	return nil
}

func (s *Service) today() site.Date { return site.OnDay(s.Now().In(s.Config().Location)) }

// edited gives the public page with other lines of front matter, and every other byte as
// it was.
func (s *Service) edited(it *Item, lines [][2]string) ([]byte, error) {
	page := string(it.Public)
	for _, l := range lines {
		page = withLine(page, l[0], l[1])
	}
	was, _ := site.Parse(s.Config(), it.Page.Place, it.Public)
	now, problems := site.Parse(s.Config(), it.Page.Place, []byte(page))
	broken := slices.ContainsFunc(problems, func(p site.Problem) bool { return p.Severity == site.Error })
	for _, l := range lines {
		broken = broken || l[0] == "state" && strconv.Quote(now.Str("state")) != l[1] || l[0] == "expires" && now.Expires.String() != l[1]
	}
	if broken || was.Title != now.Title || was.Summary != now.Summary || was.Body != now.Body {
		return nil, refusal("by-hand", it.Path+" cannot be changed by a program", "change it by hand: "+fmt.Sprint(lines), it.Path)
	}
	return []byte(page), nil
}

// withLine sets a key of TOML front matter that stands between lines of +++.
func withLine(page, key, value string) string {
	lines := strings.SplitAfter(page, "\n")
	for i, l := range lines {
		name, _, ok := strings.Cut(l, "=")
		switch {
		case i > 0 && strings.TrimSpace(l) == "+++":
			return strings.Join(slices.Insert(lines, i, key+" = "+value+"\n"), "")
		case ok && strings.TrimSpace(name) == key:
			lines[i] = key + " = " + value + "\n"
			return strings.Join(lines, "")
		}
	}
	return page
}

// merged puts the words that wait for a public page together with what the page says now,
// and gives it the state and the end that it has. What was changed on the page meanwhile
// stays; where both changed the same, a person has to look.
func (s *Service) merged(it *Item) ([]byte, error) {
	base, err := s.base(it)
	if err != nil {
		return nil, err
	}
	page, twice := Merge(s.Config(), it.Page.Place, base, it.Markdown, it.Public)
	if slices.ContainsFunc(twice, func(f *site.Field) bool { return f.Name != "state" && f.Name != "expires" }) {
		return nil, refusal("both-changed", "other words were put on "+it.Path+" at the same place", "change the page by hand, then keep it as it is: potluck inbox decline "+it.ID, it.Path)
	}
	p, _ := site.Parse(s.Config(), it.Page.Place, it.Public)
	wanted := &Item{Path: it.Path, Page: it.Page, Public: page}
	var lines [][2]string
	if !p.Expires.IsZero() {
		lines = append(lines, [2]string{"expires", p.Expires.String()})
	}
	return s.edited(wanted, append(lines, s.lines(it, it.State)...))
}

// base is what the words that wait were written from.
func (s *Service) base(it *Item) ([]byte, error) {
	first := ""
	for _, e := range it.Record {
		if e.Change == "waits" {
			first = e.Parent
		} else if e.Change != "" {
			break
		}
	}
	base, err := s.o.Git.Read(first, it.Path)
	if first == "" || notThere(err) {
		return it.Public, nil
	}
	return base, err
}

func note(n int, what string) string { return strconv.Itoa(n) + "." + what }

// listen opens what was asked and answered.
func (s *Service) listen(it *Item, code string, key Key) error {
	for n := range it.asked {
		q, err1 := s.o.Vault.Hear(it.ID, note(n+1, "question"), code, key)
		a, err2 := s.o.Vault.Hear(it.ID, note(n+1, "answer"), code, key)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		it.Talk = append(it.Talk, Talk{string(q), string(a)})
	}
	told, err := s.o.Vault.Hear(it.ID, "parting", code, key)
	if page, words, ok := strings.Cut(string(told), "\n"); ok {
		it.Parting = &Parting{page, words}
	}
	return err
}

const day = 24 * time.Hour

// erase deletes what is private first: it can be done when main cannot be changed.
func (s *Service) erase(ctx context.Context, it *Item, by Person) error {
	if it.ref == "" { // a repeated one
		return nil
	}
	if by != machine { // a neighbour's own doing is hers
		if err := s.witness(by, "erase", it.ID); err != nil {
			return err
		}
	}
	if err := s.o.Vault.Erase(it.ID, "erased", s.Now()); err != nil {
		return err
	}
	it.State, it.Reason = Purged, "erased"
	if err := s.onMain(ctx, it, nil, "erase", by); err != nil { // an organizer's edit is in the way; the round tries again
		return err
	}
	if strings.HasPrefix(it.ref, inboxRef) {
		s.waiting.Add(-1)
	}
	it.Page, it.Markdown, it.Changed = &site.Page{}, nil, false
	return s.o.Git.Erase(ctx, it.ref)
}

// notThere tells that an error means that something does not exist.
func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }
