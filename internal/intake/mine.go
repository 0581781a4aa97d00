package intake

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/site"
)

// Mine gives the item that a code opens, with its questions and answers. ErrCode when
// there is none: a code that is not one takes the same steps.
func (s *Service) Mine(ctx context.Context, code Code) (*Item, error) {
	return s.own(ctx, code, func(*Item) error { return nil })
}

// own finds the item of a code and changes it, while nobody else does. After an operation
// that is not possible the item is there all the same, as it is.
func (s *Service) own(ctx context.Context, code Code, change func(*Item) error) (*Item, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	it, err := s.byCode(ctx, code)
	if err != nil {
		return nil, err
	}
	err = change(it)
	if it.Talk = nil; it.State != Purged {
		err = cmp.Or(err, s.listen(it, string(code), nil))
	}
	return it, err
}

func (s *Service) byCode(ctx context.Context, code Code) (*Item, error) {
	id := code.ID()
	if _, err := s.o.Spool.Get(id); err == nil {
		if err := s.drain(ctx, []string{id}); err != nil {
			return nil, err
		}
	}
	owns := s.o.Vault.Owns(id, string(code))
	for _, in := range []string{inboxRef, doneRef} {
		if it, err := s.item(in + id); owns && !notThere(err) {
			return it, err
		}
	}
	if why, since := s.o.Vault.Gone(id); owns && why != "" {
		return &Item{ID: id, Reference: Reference(id), State: Purged, Reason: why, Since: since, Page: &site.Page{}}, nil
	}
	return nil, ErrCode
}

// Can tells what a neighbour may do with her item now: answer, correct, renew, close,
// withdraw, erase.
func (s *Service) Can(it *Item, op string) bool {
	_, ok := it.next(op, Neighbour)
	if op == "renew" {
		return ok && s.ending(it)
	}
	return ok
}

// ending tells that what is public leaves the site within a week; where it was meant for a
// year, within a month.
func (s *Service) ending(it *Item) bool {
	p, near := s.shown(it), 7*day
	if days(p) > 100 {
		near = 30 * day
	}
	return !p.Expires.IsZero() && p.Expires.End(s.Config().Location).Sub(s.Now()) <= near
}

// shown is the page as it is on main; as proposed when it is not.
func (s *Service) shown(it *Item) *site.Page {
	if it.Public == nil {
		return it.Page
	}
	p, _ := site.Parse(s.Config(), it.Page.Place, it.Public)
	return p
}

// Until is the last day an item is on the site; the zero Date: without an end.
func (s *Service) Until(it *Item) site.Date { return s.shown(it).Expires }

// KeptUntil is the day on which private answers are deleted, if nothing changes.
func (s *Service) KeptUntil(it *Item) site.Date {
	switch {
	case it.State == Closed:
		return site.OnDay(it.Since.In(s.Config().Location)).AddDays(keptDays)
	case it.State.public():
		return s.Until(it).AddDays(keptDays)
	}
	return s.end(it.Makes, it.Page, it.Received).AddDays(keptDays)
}

// Answer gives the neighbour's answer to the question that is open.
func (s *Service) Answer(ctx context.Context, code Code, words string) (*Item, error) {
	return s.own(ctx, code, func(it *Item) error {
		words = site.CleanLong(words)
		switch _, ok := it.next("answer", Neighbour); {
		case !ok:
			return it.refuse("answer")
		case words == "" || len(words) > 8000:
			return &Error{Text: "the answer is empty, or too long", Way: "write a shorter one"}
		}
		if err := s.o.Vault.Tell(it.ID, note(it.asked, "answer"), []byte(words)); err != nil {
			return err
		}
		return s.do(ctx, it, act{op: "answer", who: Neighbour, by: machine})
	})
}

// Withdraw closes an item, public or not.
func (s *Service) Withdraw(ctx context.Context, code Code) (*Item, error) {
	return s.mySimply(ctx, code, "withdraw", "withdrawn")
}

// Done closes what is public, since it is done.
func (s *Service) Done(ctx context.Context, code Code) (*Item, error) {
	return s.mySimply(ctx, code, "close", "fulfilled")
}

func (s *Service) mySimply(ctx context.Context, code Code, op, reason string) (*Item, error) {
	return s.own(ctx, code, func(it *Item) error {
		if it.State == target(op) && it.State == it.recorded {
			return s.file(ctx, it)
		}
		return s.do(ctx, it, act{op: op, who: Neighbour, by: machine, reason: reason})
	})
}

// Renew keeps what is public for another while, from today.
func (s *Service) Renew(ctx context.Context, code Code) (*Item, error) {
	return s.own(ctx, code, func(it *Item) error {
		if !s.Can(it, "renew") || it.Public == nil {
			return it.refuse("renew")
		}
		end := s.today().AddDays(days(s.shown(it)))
		return s.do(ctx, it, act{op: "renew", who: Neighbour, by: machine, lines: [][2]string{{"expires", end.String()}}})
	})
}

// Erase deletes all that is kept of an item, and takes its page off the site.
func (s *Service) Erase(ctx context.Context, code Code) (*Item, error) {
	return s.own(ctx, code, func(it *Item) error { return s.erase(ctx, it, machine) })
}

// MyQuestions are what a neighbour may correct: all but the organizers' answers, which her
// code does not open.
func (s *Service) MyQuestions(it *Item) []Question {
	return slices.DeleteFunc(s.questions(it), func(q Question) bool { return q.Class == site.Organizers })
}

// questions are those of the form that an item came from. A kind of message that site.toml no
// longer has asks nothing.
func (s *Service) questions(it *Item) []Question {
	k := s.Config().Kind(it.Kind)
	if k == nil {
		return nil
	}
	return Questions(s.Config(), k)
}

// MyWords are the answers as they were given, as a form posts them.
func (s *Service) MyWords(ctx context.Context, code Code) (it *Item, values map[string][]string, err error) {
	it, err = s.own(ctx, code, func(it *Item) error {
		if it.State == Purged {
			return nil
		}
		sealed, err := s.o.Vault.Open(it.ID, string(code))
		p := s.shown(it)
		if it.Changed {
			p = it.Page
		}
		values = pageValues(p)
		maps.Copy(values, Answers(sealed))
		return err
	})
	return it, values, err
}

// Answers reads private answers, such as [Item.Sealed], as a form posts them.
func Answers(private []byte) map[string][]string {
	values := map[string][]string{}
	for line := range strings.Lines(string(private)) {
		if name, text, ok := strings.Cut(strings.TrimSpace(line), " = "); ok {
			values[name] = fromTOML(text)
		}
	}
	return values
}

// CheckMine holds a correction to the schema.
func (s *Service) CheckMine(it *Item, values map[string][]string) (*Draft, []Fault) {
	return s.check(&Form{Kind: s.Config().Kind(it.Kind), Questions: s.MyQuestions(it)}, values)
}

// Correct puts a draft in the place of the words that wait; for what is public it waits
// beside the page. The private answers change at once.
func (s *Service) Correct(ctx context.Context, code Code, d *Draft) (*Item, error) {
	return s.own(ctx, code, func(it *Item) error {
		if _, ok := it.next("correct", Neighbour); !ok || d.Page.Kind != it.Kind {
			return it.refuse("correct")
		}
		page, err := d.onto(s.Config(), s.shown(it))
		if err != nil {
			return fmt.Errorf("%s: the words cannot be written", it.ID) // err may hold them
		}
		if err := s.o.Vault.Reseal(it.ID, d.private(site.Sealed)); err != nil {
			return err
		}
		a := act{op: "correct", who: Neighbour, by: machine, page: page}
		switch {
		case it.State.public() && string(page) == string(it.Public):
			if !it.Changed {
				return nil
			}
			a.change = "taken-back"
		case it.State.public():
			a.change = "waits"
		case string(page) == string(it.Markdown):
			return nil
		}
		if err := s.do(ctx, it, a); err != nil {
			return err
		}
		it.Markdown = page
		it.Page, _ = site.Parse(s.Config(), it.Page.Place, page)
		return nil
	})
}

// onto writes the public answers of a draft over a page, and leaves the rest.
func (d *Draft) onto(c *site.Config, base *site.Page) ([]byte, error) {
	p := *base
	p.Fields = map[string]any{}
	for name, v := range base.Fields {
		p.Fields[name] = v
	}
	m := &Draft{Page: p}
	for _, a := range d.Answers {
		if a.Class == site.Public {
			m.clear(a.Name)
			if a.Value != nil {
				m.put(a.Question, a.Value)
			}
		}
	}
	return site.Format(c, &m.Page)
}

// clear takes a public answer out of the page.
func (d *Draft) clear(name string) {
	switch m := &d.Page.Meta; name {
	case "body":
		d.Page.Body = ""
	case "categories":
		m.Categories = nil
	case "areas":
		m.Areas = nil
	case "languages":
		m.Languages = nil
	default:
		delete(m.Fields, name)
	}
}

// pageValues gives the public words of a page as a form posts them.
func pageValues(p *site.Page) map[string][]string {
	values := map[string][]string{
		"title": {p.Title}, "body": {strings.TrimSpace(p.Body)}, "categories": p.Categories, "areas": p.Areas, "languages": p.Languages,
	}
	for name, v := range p.Fields {
		values[name] = texts(v)
	}
	return values
}

// texts gives a value of the front matter as a form posts it.
func texts(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []string:
		return v
	case bool:
		return []string{map[bool]string{true: "yes", false: "no"}[v]}
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	}
	return []string{fmt.Sprint(v)}
}

// fromTOML reads what tomlValue wrote.
func fromTOML(text string) []string {
	switch {
	case text == "true":
		return []string{"yes"}
	case text == "false":
		return []string{"no"}
	case text != "" && text[0] == '[':
		var values []string
		for rest := strings.TrimPrefix(text, "["); ; rest = strings.TrimPrefix(strings.TrimSpace(rest), ",") {
			quoted, err := strconv.QuotedPrefix(strings.TrimSpace(rest))
			if err != nil {
				return values
			}
			s, _ := strconv.Unquote(quoted)
			values = append(values, s)
			rest = strings.TrimSpace(rest)[len(quoted):]
		}
	}
	if s, err := strconv.Unquote(text); err == nil {
		return []string{s}
	}
	return []string{text}
}
