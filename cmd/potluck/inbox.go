package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"potluck/internal/intake"
)

var inboxCommand = &command{
	name: "inbox", usage: "inbox [show|publish|… ID]", short: "see what waits, and decide on it",
	long: `
  potluck inbox               lists what waits, oldest first
  potluck inbox show ID       the proposed page, and with a keeper's key the private part
  potluck inbox claim ID      says that you have it in hand, for a day; -over NAME takes it
                              from NAME, let-go gives it back
  potluck inbox publish ID    puts the page on main, in your name; or the words that the
                              neighbour wants in the place of those on her page
  potluck inbox decline ID    takes it off the list; -reason says why
  potluck inbox ask ID        asks the neighbour -question "…"; her code shows it to her
  potluck inbox hold ID       marks it as perhaps spam; release takes the mark off
  potluck inbox match ID      says on the page that it is being arranged; unmatch undoes it
  potluck inbox close ID      ends what is on the site; -reason says why
  potluck inbox undo ID       takes the last decision back, for a day: what was published
                              waits again, in the history its words stay
  potluck inbox reopen ID     undoes decline and close, within 14 days
  potluck inbox erase ID      deletes what is kept of it, and its page, at once; for a
                              neighbour who asks for it and has lost her code

The first letters of an ID are enough, and the reference that a neighbour says
aloud works too. The running site shows a change within a second. Private answers
are deleted 30 days after an item is closed.`,
	flags: "C as",
	more: func(c *call) {
		keyFlags(c)
		c.flags.String("reason", "", "why: "+strings.Join(intake.Reasons, ", ")+"; for close: "+strings.Join(intake.Endings, ", "))
		c.flags.String("over", "", "claim: the `name` of who has it in hand until now")
		c.flags.String("question", "", "what to `ask` the neighbour")
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) > 2 || len(c.args) == 1 {
			return usageError(find("inbox"), "name what to do and one ID")
		}
		n, svc, err := openForReview(c)
		if err != nil {
			return err
		}
		if err := svc.Drain(ctx); err != nil {
			c.warn(err)
		}
		switch {
		case len(c.args) == 0:
			return listInbox(c, svc)
		case c.args[0] == "show":
			return showItem(c, n, svc)
		}
		return decideItem(ctx, c, n, svc)
	},
}

func listInbox(c *call, svc *intake.Service) error {
	items, err := svc.List()
	for _, it := range items {
		state := string(it.State)
		if it.Changed {
			state = "changed"
		}
		fmt.Fprintf(c.stdout, "%s  %-7s  %-8s  %s  %s\n", it.ID, state, it.Kind, it.Page.Date, it.Page.Title)
	}
	if len(items) == 0 && err == nil {
		fmt.Fprintln(c.stdout, "nothing waits")
	}
	return err
}

// showItem prints the proposed page, and what the key opens.
func showItem(c *call, n *network, svc *intake.Service) error {
	key, err := openKey(c, n, svc)
	if err != nil {
		return err
	}
	it, err := svc.Show(c.args[1], key)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s  %s  %s\n\n%s\n", it.ID, it.State, it.Path, it.Markdown)
	if it.Changed {
		fmt.Fprintf(c.stdout, "Now on the site, until you publish or decline the words above:\n\n%s\n", it.Public)
	}
	if key == nil {
		fmt.Fprintln(c.stdout, "The private part is sealed. Your passphrase opens it: -passphrase-file FILE, or -key FILE with your own key.")
		return nil
	}
	fmt.Fprintf(c.stdout, "Private, never on the site:\n\n%s%s", it.Sealed, it.Organizers)
	for _, t := range it.Talk {
		fmt.Fprintf(c.stdout, "\nAsked: %s\nAnswered: %s\n", t.Question, t.Answer)
	}
	return nil
}

// done is how a decision is called once it is carried out.
var done = map[string]string{
	"claim": "in your hands", "let-go": "let go", "edit": "changed", "publish": "published", "decline": "declined", "ask": "asked",
	"hold": "held", "release": "released", "match": "matched", "unmatch": "open again", "close": "closed", "reopen": "reopened",
	"undo": "undone", "erase": "erased",
}

// unsaid are the reasons where none is given.
var unsaid = map[string]string{"decline": "declined", "close": "fulfilled"}

// word is the value of a flag, or another word where it is not given.
func (c *call) word(flag, otherwise string) string {
	return cmp.Or(c.flags.Lookup(flag).Value.String(), otherwise)
}

func decideItem(ctx context.Context, c *call, n *network, svc *intake.Service) error {
	d := intake.Decision{Do: c.args[0], ID: c.args[1], Reason: c.word("reason", unsaid[c.args[0]]), Words: c.word("question", ""), Over: c.word("over", "")}
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
