package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var inboxCommand = &command{
	name: "inbox", usage: "inbox [show|publish|… ID]", short: "see what waits, and decide on it",
	long: `
  potluck inbox               lists what waits, longest waiting first
  potluck inbox show ID       the proposed page, what to look at before deciding, and with a
                              key what it opens of the private part
  potluck inbox claim ID      says that you have it in hand, for a day; -over NAME takes it
                              from NAME, let-go gives it back
  potluck inbox edit ID       puts your words in the place of those that wait:
                              -set title="A ride" -set areas=harbor
  potluck inbox publish ID    puts the page on main, in your name; or the words that the
                              neighbour wants in the place of those on a page
  potluck inbox decline ID    takes it off the list; -reason says why, -words tells her more
  potluck inbox ask ID        asks the neighbour -question "…"; her code shows it to her
  potluck inbox refer ID      closes it since a page can help, -with resources/pantry.md;
                              her code shows it to her, and your -words
  potluck inbox hold ID       marks it as perhaps spam; release takes the mark off
  potluck inbox suggest ID    lists offers and resources for a request, and the reverse
  potluck inbox match ID      says on the page that it is being arranged, and on that of the
                              item or page named by -with; unmatch opens both again
  potluck inbox close ID      ends what is on the site, or says that a message is dealt
                              with; -reason says why; what is fulfilled closes the other
                              half of a match, too
  potluck inbox note ID       keeps -words among organizers, sealed
  potluck inbox undo ID       takes the last decision back, for a day: what was published
                              waits again, in the history its words stay
  potluck inbox reopen ID     undoes decline and close, within 14 days
  potluck inbox erase ID      deletes what is kept of it, and its page, at once; for a
                              neighbour who asks for it and has lost her code

Several IDs may stand one after the other. The first letters of one are enough, and the
reference that a neighbour says aloud works too. The running site shows a change within
a second. Private answers are deleted 30 days after an item is closed.`,
	flags: "C as",
	more: func(c *call) {
		keyFlags(c)
		c.flags.String("reason", "", "why: "+strings.Join(intake.Reasons, ", ")+"; for close: "+strings.Join(intake.Endings, ", "))
		c.flags.String("over", "", "claim: the `name` of who has it in hand until now")
		c.flags.String("with", "", "match, refer: the other `item` or page")
		c.flags.String("question", "", "what to `ask` the neighbour")
		c.flags.String("words", "", "decline, close, refer: `words` to the neighbour; note: among organizers")
		c.flags.Func("set", "edit, publish: an answer as it should be, `field=words`; once more for each of several", c.answer)
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) == 1 {
			return usageError(find("inbox"), "name what to do and an ID")
		}
		n, svc, err := openForReview(c)
		if err != nil {
			return err
		}
		if err := svc.Drain(ctx); err != nil {
			c.warn(err)
		}
		if len(c.args) == 0 {
			return listInbox(c, svc)
		}
		var errs []error
		for _, id := range c.args[1:] {
			switch c.args[0] {
			case "show":
				err = showItem(c, n, svc, id)
			case "suggest":
				err = suggest(c, n, svc, id)
			default:
				err = decideItem(ctx, c, n, svc, id)
			}
			errs = append(errs, err)
		}
		return together(c, errs)
	},
}

// answer takes one -set.
func (c *call) answer(text string) error {
	name, words, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("%q is not field=words", text)
	}
	if c.set == nil {
		c.set = map[string][]string{}
	}
	c.set[name] = append(c.set[name], words)
	return nil
}

// together says all errors but the last, and gives that.
func together(c *call, errs []error) (last error) {
	for _, err := range errs {
		if last != nil && err != nil {
			c.warn(last)
		}
		last = cmp.Or(err, last)
	}
	return last
}

func listInbox(c *call, svc *intake.Service) error {
	items, err := svc.List()
	for _, it := range items {
		state := string(it.State)
		if it.Changed {
			state = "changed"
		}
		title := it.Page.Title
		if it.Makes == site.AMessage {
			title = "(sealed)"
		}
		fmt.Fprintf(c.stdout, "%s  %-7s  %-8s  %s  %s%s\n", it.ID, state, it.Kind, site.OnDay(it.Received.In(svc.Config().Location)), title, inHand(it))
	}
	nudges, err2 := svc.Nudges()
	for _, it := range nudges {
		fmt.Fprintf(c.stdout, "%s  matched  %-8s  %s  %s  (since %s: how did it go?)\n", it.ID, it.Kind, it.Page.Date, it.Page.Title, it.Since.Format(time.DateOnly))
	}
	if len(items)+len(nudges) == 0 && err == nil && err2 == nil {
		fmt.Fprintln(c.stdout, "nothing waits")
	}
	return errors.Join(err, err2)
}

func inHand(it *intake.Item) string {
	if it.Claimed == "" {
		return ""
	}
	return "  (" + it.Claimed + " has it)"
}

// showItem prints the proposed page, and what the key opens.
func showItem(c *call, n *network, svc *intake.Service, id string) error {
	key, err := openKey(c, n, svc)
	if err != nil {
		return err
	}
	who, err := n.identity(c.as)
	if err != nil && key != nil {
		return err
	}
	it, err := svc.Reveal(id, key, intake.Person(who))
	if err == nil {
		err = svc.Warn(it)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s  %s  %s  %s%s\n\n", it.ID, it.State, it.Kind, it.Path, inHand(it))
	switch {
	case it.Makes == site.AMessage:
	case it.Makes == site.AChange:
		fmt.Fprintln(c.stdout, "It would change the page, [-this goes-] and {+this comes+}:")
		c.differences(intake.Diff(svc.Config(), it.Page.Place, it.Base, it.Markdown))
		if string(it.Now) != string(it.Base) {
			fmt.Fprintln(c.stdout, "Look at this: the page has changed since.")
		}
	case it.Changed:
		fmt.Fprintf(c.stdout, "%s\nNow on the site, until you publish or decline the words above:\n\n%s\n", it.Markdown, it.Public)
	default:
		fmt.Fprintf(c.stdout, "%s\n", it.Markdown)
	}
	if it.Match != "" {
		fmt.Fprintf(c.stdout, "Matched with: %s\n", it.Match)
	}
	for _, w := range it.Warnings {
		fmt.Fprintf(c.stdout, "Look at this: %s\n", strings.TrimSpace(warnings[w.What]+" "+w.Text+" "+w.ID))
	}
	if key == nil {
		fmt.Fprintln(c.stdout, "The private part is sealed. Your passphrase opens it: -passphrase-file FILE, or -key FILE with your own key.")
		return nil
	}
	fmt.Fprintf(c.stdout, "Private, never on the site:\n\n%s%s", it.Sealed, it.Organizers)
	for _, t := range it.Talk {
		fmt.Fprintf(c.stdout, "\nAsked: %s\nAnswered: %s\n", t.Question, t.Answer)
	}
	for _, note := range it.Notes {
		fmt.Fprintf(c.stdout, "\n%s noted on %s: %s\n", note.By, note.At.Format(time.DateOnly), note.Words)
	}
	return nil
}

// warnings say what to look at before deciding, see [intake.Warning].
var warnings = map[string]string{
	"phone": "everyone could read this phone number:", "email": "everyone could read this mail address:", "address": "everyone could read this street:",
	"twin": "perhaps it is here twice:", "form": "it was filled in as by a program, or many came from one place",
	"stamp": "it did not come by the check page", "early": "it was sent faster than one can read", "links": "it is full of links",
	"repeats": "it says the same again and again", "alike": "others said the same on that day", "flood": "very many came at that time",
}

// reasonsWhy say why two pages may go together, see [intake.Why].
var reasonsWhy = map[string]string{
	"category": "the same category", "near": "a category near to it", "area": "the same area", "anywhere": "anywhere", "language": "a language in common",
	"in-time": "in time for", "elsewhere": "another area", "other-language": "another language", "too-late": "only until", "closed": "closed until",
}

// suggest lists what an item may be matched with.
func suggest(c *call, n *network, svc *intake.Service, id string) error {
	it, err := svc.Show(id, nil)
	if err != nil {
		return err
	}
	found, err := svc.Suggest(it)
	for _, f := range found {
		fmt.Fprintf(c.stdout, "%s  %s\n", f.Page.Path, f.Page.Title)
		for _, w := range f.Why {
			word := w.Word
			if !w.Day.IsZero() {
				word = w.Day.String()
			}
			fmt.Fprintf(c.stdout, "    %s\n", strings.TrimSpace(reasonsWhy[w.What]+" "+word))
		}
	}
	if len(found) == 0 && err == nil {
		fmt.Fprintln(c.stdout, "nothing fits")
	}
	return err
}

// done is how a decision is called once it is carried out.
var done = map[string]string{
	"claim": "in your hands", "let-go": "let go", "edit": "changed", "publish": "published", "decline": "declined", "ask": "asked",
	"hold": "held", "release": "released", "match": "matched", "unmatch": "open again", "close": "closed", "reopen": "reopened",
	"undo": "undone", "erase": "erased", "refer": "referred", "note": "noted",
}

// unsaid are the reasons where none is given.
var unsaid = map[string]string{"decline": "declined", "close": "fulfilled"}

// word is the value of a flag, or another word where it is not given.
func (c *call) word(flag, otherwise string) string {
	return cmp.Or(c.flags.Lookup(flag).Value.String(), otherwise)
}

func decideItem(ctx context.Context, c *call, n *network, svc *intake.Service, id string) error {
	d := intake.Decision{
		Do: c.args[0], ID: id, Reason: c.word("reason", unsaid[c.args[0]]), Words: c.word("question", c.word("words", "")),
		Over: c.word("over", ""), With: c.word("with", ""), Values: c.set,
	}
	if !slices.Contains(intake.Decisions(), d.Do) {
		return usageError(find("inbox"), "there is no %q", d.Do)
	}
	who, err := n.identity(c.as)
	if err != nil {
		return err
	}
	d.By = intake.Person(who)
	it, err := svc.Decide(ctx, d)
	if err != nil {
		return err
	}
	what := it.ID
	if it.State == intake.Open || it.State == intake.Matched {
		what = strings.TrimSuffix(n.cfg().BaseURL, "/") + it.Page.URL
	}
	fmt.Fprintf(c.stdout, "%s: %s\n", done[d.Do], what)
	return nil
}

// exists tells that there is a file or folder at path.
func exists(path string) bool { _, err := os.Stat(path); return err == nil }
