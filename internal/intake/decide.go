package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"potluck/internal/site"
)

// Decision is what an organizer does with an item, at the desk or on the command line.
type Decision struct {
	Do   string // one of [Decisions]
	ID   string // or a reference, or the first letters of an ID
	By   Person
	Seen string // Item.Seen of what she looked at; "" where she looked at nothing

	Reason string              // decline: one of [Reasons]; close: one of [Endings]
	Words  string              // ask: the question; decline, refer, close: words to the neighbour; note: words among organizers
	With   string              // match: the other item, or a page under content/; refer: that page
	Over   string              // claim: from whom it is taken
	Values map[string][]string // edit, publish: public answers as a form posts them; what is not in it stays
}

// deeds are what can be decided. Each can be repeated without harm.
var deeds = map[string]func(*Service, context.Context, *Item, Decision) error{
	"claim": (*Service).claim, "let-go": (*Service).letGo,
	"edit": (*Service).edit, "publish": (*Service).publish, "decline": (*Service).decline,
	"ask": (*Service).ask, "hold": (*Service).simply, "release": (*Service).simply,
	"match": (*Service).match, "unmatch": (*Service).unmatch, "refer": (*Service).refer, "note": (*Service).jot,
	"close": (*Service).closeFor, "reopen": (*Service).reopen, "undo": (*Service).undo,
	"erase": func(s *Service, ctx context.Context, it *Item, d Decision) error { return s.erase(ctx, it, d.By) },
}

// Decisions gives what can be decided, sorted.
func Decisions() []string { return slices.Sorted(maps.Keys(deeds)) }

// Conflict says that somebody else was faster. What is "taken": another organizer has the
// item in hand; or "changed": it is no longer as it was looked at.
type Conflict struct {
	What string
	ID   string
	Who  string // the organizer who has it in hand
	At   time.Time
}

func (c *Conflict) Error() string {
	if c.What == "taken" {
		return c.Who + " has " + c.ID + " in hand, since " + c.At.Format("15:04")
	}
	return c.ID + " has changed since you looked at it"
}

// Hint is one sentence on what to do.
func (c *Conflict) Hint() string {
	if c.What == "taken" {
		return fmt.Sprintf("ask %s, or take it over: potluck inbox claim %s -over %q", c.Who, c.ID, c.Who)
	}
	return "look at it again, then decide: potluck inbox show " + c.ID
}

// Said names its words in the theme's strings.
func (c *Conflict) Said() (key string, args []any) { return c.What, []any{c.Who, c.At.Format("15:04")} }

// Decide carries out what an organizer decided, while nobody else changes items. A
// [Conflict] tells her who was faster; nothing has happened then. The item is given as it
// is after that, too.
func (s *Service) Decide(ctx context.Context, d Decision) (*Item, error) {
	deed := deeds[d.Do]
	if deed == nil {
		return nil, &Error{Text: fmt.Sprintf("there is no %q", d.Do), Way: "it is one of: " + strings.Join(Decisions(), ", ")}
	}
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	for range 4 {
		var it *Item
		if it, err = s.find(d.ID); err != nil {
			return nil, err
		}
		if err = s.free(it, d); err == nil {
			err = deed(s, ctx, it, d)
		}
		if !errors.Is(err, ErrMoved) { // else git moved it under us: look again
			return it, err
		}
	}
	return nil, err
}

// free tells that an item is as it was looked at, and in nobody else's hands.
func (s *Service) free(it *Item, d Decision) error {
	holder := it.Claimed
	switch {
	case d.Do == "claim":
	case holder != "" && holder != d.By.Name:
		return &Conflict{"taken", it.ID, holder, it.ClaimedAt.In(s.Config().Location)}
	case d.Seen != "" && d.Seen != it.Seen():
		return &Conflict{What: "changed", ID: it.ID}
	}
	return nil
}

// Seen stands for what an organizer sees of an item: its state and its words.
func (it *Item) Seen() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %v %q %q %d", it.State, it.Changed, it.Markdown, it.Public, it.asked)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// claimed is how long a claim holds when nothing comes of it.
const claimed = day

// claim takes an item in hand: compare and swap of who has it.
func (s *Service) claim(ctx context.Context, it *Item, d Decision) error {
	switch {
	case it.Claimed == d.By.Name:
		return nil
	case d.By.Name == "-":
		return &Error{Text: "- is not a name", Way: "choose another one"}
	case it.Claimed != "" && it.Claimed != d.Over:
		return &Conflict{"taken", it.ID, it.Claimed, it.ClaimedAt.In(s.Config().Location)}
	}
	err := s.do(ctx, it, act{op: "claim", who: Organizer, by: d.By, more: [][2]string{{"Claimed-by", d.By.Name}}})
	if err == nil {
		it.Claimed, it.ClaimedAt = d.By.Name, s.Now()
	}
	return err
}

func (s *Service) letGo(ctx context.Context, it *Item, d Decision) error {
	if it.Claimed == "" {
		return nil
	}
	err := s.do(ctx, it, act{op: "let-go", who: Organizer, by: d.By, more: [][2]string{{"Claimed-by", "-"}}})
	if err == nil {
		it.Claimed, it.ClaimedAt = "", time.Time{}
	}
	return err
}

// PublicQuestions are what an organizer may correct before an item is public.
func (s *Service) PublicQuestions(it *Item) []Question {
	return slices.DeleteFunc(s.questions(it), func(q Question) bool { return q.Class != site.Public })
}

// PublicWords are the proposed answers that would be public, as a form posts them.
func (it *Item) PublicWords() map[string][]string { return pageValues(it.Page) }

// Preview gives the page that an item would be with these public answers, and its own where
// one is not given. Nothing is changed.
func (s *Service) Preview(it *Item, values map[string][]string) (*site.Page, []byte, []Fault) {
	all := it.PublicWords()
	maps.Copy(all, values)
	values = all
	d, faults := s.check(&Form{Kind: s.Config().Kind(it.Kind), Questions: s.PublicQuestions(it)}, values)
	if len(faults) > 0 {
		return nil, nil, faults
	}
	page, err := d.onto(s.Config(), it.Page)
	if err != nil { // err may hold the words
		return nil, nil, []Fault{{d.Answers[0].Field, "error.text"}}
	}
	p, _ := site.Parse(s.Config(), it.Page.Place, page)
	return p, page, nil
}

// edit puts an organizer's words in the place of those that wait.
func (s *Service) edit(ctx context.Context, it *Item, d Decision) error {
	if _, ok := it.next("edit", Organizer); !ok || it.State.public() && !it.Changed {
		return it.refuse("edit")
	}
	p, page, faults := s.Preview(it, d.Values)
	switch {
	case len(faults) > 0:
		return &Error{Text: "the field " + faults[0].Field.Name + " is not right", Way: "correct it and try again"}
	case string(page) == string(it.Markdown):
		return nil
	}
	a := act{op: "edit", who: Organizer, by: d.By, page: page}
	if it.Changed {
		a.change = "waits"
	}
	err := s.do(ctx, it, a)
	if err == nil {
		it.Markdown, it.Page = page, p
	}
	return err
}

// publish puts an item's page on main by a commit of the organizer's, or the words that
// wait for a page that is there.
func (s *Service) publish(ctx context.Context, it *Item, d Decision) error {
	_, ok := it.next("publish", Organizer)
	switch {
	case it.Makes == site.AChange:
		return s.adopt(ctx, it, d)
	case it.State.public() && !it.Changed && it.unrecorded(): // it was stopped, or an organizer put the page there by hand
		return s.record(ctx, it)
	case it.State == Open && !it.Changed && strings.HasPrefix(it.ref, inboxRef):
		return s.file(ctx, it)
	case !ok && !it.Changed:
		return it.refuse("publish")
	case d.Values != nil:
		if err := s.edit(ctx, it, d); err != nil {
			return err
		}
	}
	if it.Changed {
		page, err := s.merged(it)
		if err == nil {
			err = s.onMain(ctx, it, page, "change", d.By)
		}
		if err == nil {
			err = s.do(ctx, it, act{op: "accept", who: Organizer, by: d.By, change: "accepted"})
		}
		return err
	}
	if err := s.onMain(ctx, it, it.Markdown, "publish", d.By); err != nil {
		return err
	}
	return s.do(ctx, it, act{op: "publish", who: Organizer, by: d.By})
}

// decline closes an item that is not public, or drops the words that wait for a page that
// is.
func (s *Service) decline(ctx context.Context, it *Item, d Decision) error {
	switch {
	case !slices.Contains(Reasons, d.Reason):
		return &Error{Text: fmt.Sprintf("%q is not a reason to decline", d.Reason), Way: "use one of: " + strings.Join(Reasons, ", ")}
	case it.Changed:
		return s.do(ctx, it, act{op: "refuse", who: Organizer, by: d.By, change: "refused", page: it.Public})
	case it.State == Closed && strings.HasPrefix(it.ref, inboxRef): // it was stopped
		return s.file(ctx, it)
	case it.Public != nil:
		return it.refuse("decline")
	}
	if err := s.tell(it, Decision{Words: d.Words}); err != nil {
		return err
	}
	return s.do(ctx, it, act{op: "decline", who: Organizer, by: d.By, reason: d.Reason})
}

// ask puts a question to the neighbour, who finds it with her code. Asking again while one
// is open changes it.
func (s *Service) ask(ctx context.Context, it *Item, d Decision) error {
	question := site.CleanLong(d.Words)
	if question == "" || len(question) > 4000 {
		return refusal("question", "there is no question, or it is too long", `write one: -question "When could we come?"`)
	}
	if _, ok := it.next("ask", Organizer); !ok {
		return it.refuse("ask")
	}
	n := it.asked
	if it.State != Asked {
		n++
	}
	if err := s.o.Vault.Tell(it.ID, note(n, "question"), []byte(question)); err != nil {
		return err
	}
	return s.do(ctx, it, act{op: "ask", who: Organizer, by: d.By})
}

// simply is a decision that only changes the state. Where it is so already, nothing
// happens.
func (s *Service) simply(ctx context.Context, it *Item, d Decision) error {
	if it.State == target(d.Do) {
		if !it.unrecorded() {
			return s.file(ctx, it)
		}
		it.State = it.recorded // it was stopped, or done on the page by hand
	}
	return s.do(ctx, it, act{op: d.Do, who: Organizer, by: d.By, reason: d.Reason})
}

// unmatch opens again what was matched, and what it was matched with.
func (s *Service) unmatch(ctx context.Context, it *Item, d Decision) error {
	if err := s.part(ctx, it, Decision{Do: "unmatch", By: d.By}); err != nil {
		return err
	}
	return s.simply(ctx, it, Decision{Do: "unmatch", By: d.By})
}

// closeFor ends what is public, or says that a message is dealt with. Where it was matched, and is done, both are.
func (s *Service) closeFor(ctx context.Context, it *Item, d Decision) error {
	if !slices.Contains(Endings, d.Reason) {
		return &Error{Text: fmt.Sprintf("%q is not a reason to close", d.Reason), Way: "use one of: " + strings.Join(Endings, ", ")}
	}
	if it.Makes == site.AMessage {
		d.Do = "settle"
	}
	if _, ok := it.next(d.Do, Organizer); ok {
		if err := errors.Join(s.part(ctx, it, d), s.tell(it, Decision{Words: d.Words})); err != nil {
			return err
		}
	}
	return s.simply(ctx, it, d)
}

// reopen undoes that an item was closed, within 14 days: what was public is public again,
// what was not waits again.
func (s *Service) reopen(ctx context.Context, it *Item, d Decision) error {
	a := act{op: "reopen", who: Organizer, by: d.By}
	switch {
	case it.State == Closed && s.Now().Sub(it.Since) > reopenDays*day:
		return refusal("reopen-late", fmt.Sprintf("%s was closed more than %d days ago", it.ID, reopenDays), "make a new page of it", it.Reference, reopenDays)
	case it.Public == nil:
		a.op = "return"
	default:
		p, _ := site.Parse(s.Config(), it.Page.Place, it.Public)
		if !p.Expires.IsZero() && !s.Now().Before(p.Expires.End(s.Config().Location)) {
			a.lines = [][2]string{{"expires", s.today().AddDays(days(p)).String()}}
		}
	}
	if it.State == Closed {
		if err := s.part(ctx, it, Decision{Do: "reopen", By: d.By}); err != nil {
			return err
		}
	}
	return s.do(ctx, it, a)
}

// undoDays is how long a decision can simply be undone.
const undoDays = 1

// Allows tells that an organizer may do this to an item in its state.
func (s *Service) Allows(it *Item, do string) bool {
	_, ok := it.next(do, Organizer)
	return ok
}

// CanUndo tells that the last decision on an item can simply be undone.
func (s *Service) CanUndo(it *Item) bool {
	return slices.Contains([]string{"publish", "decline", "refer", "close", "settle", "match"}, it.by) && it.State == it.recorded && s.Now().Sub(it.Since) <= undoDays*day
}

// undo takes the last decision on an item back: what was published waits again, and what
// was closed or matched is as it was.
func (s *Service) undo(ctx context.Context, it *Item, d Decision) error {
	switch {
	case slices.Contains([]string{"undo", "return", "reopen", "unmatch"}, it.by): // done already
		return s.file(ctx, it)
	case it.by == "publish" && it.Public == nil && it.recorded == Open: // it was stopped, or the page was removed by hand
		it.State = Open
		return s.do(ctx, it, act{op: "undo", who: Organizer, by: d.By})
	case !s.CanUndo(it):
		return refusal("undo-late", "the last decision on "+it.ID+" cannot be undone any more", "it can be closed, or opened again: potluck help inbox", it.Reference)
	case it.State == Closed:
		return s.reopen(ctx, it, d)
	case it.State == Matched:
		return s.unmatch(ctx, it, d)
	case it.Public != nil && string(it.Public) != string(it.Markdown):
		return refusal("undo-changed", it.Path+" was changed after it was published", "close it instead: potluck inbox close "+it.ID, it.Path)
	}
	if err := s.onMain(ctx, it, nil, "undo", d.By); err != nil {
		return err
	}
	return s.do(ctx, it, act{op: "undo", who: Organizer, by: d.By})
}

// Publish is [Service.Decide] with "publish".
func (s *Service) Publish(ctx context.Context, id string, by Person) (*Item, error) {
	return s.Decide(ctx, Decision{Do: "publish", ID: id, By: by})
}

// Decline is [Service.Decide] with "decline".
func (s *Service) Decline(ctx context.Context, id, reason string, by Person) (*Item, error) {
	return s.Decide(ctx, Decision{Do: "decline", ID: id, Reason: reason, By: by})
}

// Ask is [Service.Decide] with "ask".
func (s *Service) Ask(ctx context.Context, id, question string, by Person) (*Item, error) {
	return s.Decide(ctx, Decision{Do: "ask", ID: id, Words: question, By: by})
}

// refuse says why an operation is not possible.
func (it *Item) refuse(op string) error {
	if it.State.public() && (op == "publish" || op == "decline") {
		return refusal("public", it.ID+" is published already", "edit or remove "+it.Path+", or close it: potluck inbox close "+it.ID, it.Reference)
	}
	return refusal("not-now", fmt.Sprintf("%s is %s, so one cannot %s it", it.ID, it.State, op), "potluck inbox lists what waits", it.Reference, Words("item.state-"+string(it.State)))
}
