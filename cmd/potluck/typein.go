package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var intakeCommand = &command{
	name: "intake", usage: "intake FORM [-channel phone]", short: "type in what came on paper or by phone",
	long: `
Asks the questions of a form, such as request or offer, one after the other, shows
all answers to be read aloud, and stores them as the web form would: they wait for
an organizer. Who typed them in, and how they came, is noted for organizers alone.

A paper that potluck paper printed has a number: -slip NUMBER, and the code on the
strip that the neighbour tore off opens what you type in. Without one, the code is
shown, to be told to her.

-answers FILE takes the answers from a file instead: lines of field = text, a line
for each choice of a list or each line of a long text. consent = yes says that the
neighbour has heard what becomes public, and said yes to it.`,
	flags: "C as",
	more: func(c *call) {
		c.flags.String("lang", "", "`language` of the questions and answers (default: the network's first)")
		c.flags.String("channel", "", "how it came: phone, paper, in person (default: paper with -slip, else phone)")
		c.flags.String("slip", "", "`number` on the paper")
		c.flags.String("answers", "", "`file` with the answers")
		c.flags.String("page", "", "`address` of the page that a message or a change is about, such as /resources/pantry/")
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) != 1 {
			return usageError(find("intake"), "name one form")
		}
		n, svc, err := openForReview(c)
		if err != nil {
			return err
		}
		t, err := newTypist(c, n, svc, c.word("page", ""))
		if err != nil {
			return err
		}
		who, err := n.identity(c.as)
		if err != nil {
			return err
		}
		hand, err := readHand(c, who.Name)
		if err != nil {
			return err
		}
		draft, err := t.draft(c, svc)
		if err != nil {
			return err
		}
		if t.lang != n.cfg().Languages[0] && t.form.Kind.Makes == site.APage {
			draft.Page.WrittenIn = t.lang
		}
		got, err := svc.TypeIn(draft, hand)
		if err != nil {
			return err
		}
		printReceipt(c, got, hand.Slip != "")
		if err := svc.Drain(ctx); err != nil {
			c.warn(err) // it is on disk; serve brings it on
		}
		return nil
	},
}

// newTypist is for the form that the first word names, about the page at an address or "".
func newTypist(c *call, n *network, svc *intake.Service, page string) (*typist, error) {
	cfg, form := n.cfg(), c.args[0]
	k := cfg.Kind(form)
	if k == nil || !k.Form {
		var names []string
		for _, k := range cfg.Kinds {
			if k.Form {
				names = append(names, k.Name)
			}
		}
		return nil, hinted(fmt.Errorf("there is no form %q", form), "use one of: %s", strings.Join(names, ", "))
	}
	lang := c.word("lang", cfg.Languages[0])
	if !slices.Contains(cfg.Languages, lang) {
		return nil, hinted(fmt.Errorf("the site has no language %q", lang), "use one of: %s", strings.Join(cfg.Languages, ", "))
	}
	say, err := n.words(lang)
	if err != nil {
		return nil, err
	}
	asks, err := svc.Form(k, page)
	return &typist{in: bufio.NewScanner(os.Stdin), out: c.stdout, cfg: cfg, lang: lang, say: say, form: asks}, err
}

func readHand(c *call, name string) (intake.Hand, error) {
	h := intake.Hand{By: name, Channel: "phone"}
	if text := c.word("slip", ""); text != "" {
		number, ok := intake.ParseSlip(text)
		if !ok {
			return h, hinted(fmt.Errorf("%q is not the number of a paper", text), "it looks like 7K2M9-QXA3T; look whether every letter is right")
		}
		h.Channel, h.Slip = "paper", number
	}
	h.Channel = c.word("channel", h.Channel)
	return h, nil
}

// draft asks the questions, or reads the answers off a file.
func (t *typist) draft(c *call, svc *intake.Service) (*intake.Draft, error) {
	values := map[string][]string{}
	for name, v := range t.form.Values() {
		values[name] = v
	}
	if file := c.word("answers", ""); file != "" {
		return t.fromFile(svc, file, values)
	}
	signal.Reset(os.Interrupt) // ends it at once, also while a line is waited for
	fmt.Fprintf(t.out, "%s\n", t.title())
	if err := t.all(values); err != nil {
		return nil, err
	}
	return t.review(svc, values)
}

func (t *typist) title() string {
	if s := t.form.Kind.Label.In(t.lang, t.cfg.Languages[0]); s != "" {
		return s
	}
	return t.say("title." + t.form.Kind.Name)
}

func (t *typist) fromFile(svc *intake.Service, file string, values map[string][]string) (*intake.Draft, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, line := range strings.Split(string(src), "\n") {
		name, text, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		known := name == "consent" || slices.ContainsFunc(t.form.Questions, func(q intake.Question) bool { return q.Name == name })
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(name, "#"):
			continue
		case !ok || !known:
			return nil, hinted(fmt.Errorf("%s:%d: the form has no question %q", file, i+1, name), "write lines of field = text, with the names of the fields in site.toml")
		case !seen[name]:
			values[name] = nil // in the place of what the page says
		}
		seen[name] = true
		values[name] = append(values[name], strings.TrimSpace(text))
	}
	draft, faults := svc.CheckForm(t.form, values)
	if len(faults) > 0 {
		var all []error
		for _, f := range faults {
			all = append(all, fmt.Errorf("%s: %s", f.Field.Name, t.say(f.Text)))
		}
		return nil, hinted(errors.Join(all...), "correct %s, and try again", file)
	}
	if t.form.Kind.Makes == site.APage && strings.Join(values["consent"], "") != "yes" {
		return nil, hinted(errors.New("the file does not say that the neighbour said yes to what becomes public"), "read it to her; then add consent = yes")
	}
	return draft, nil
}

func printReceipt(c *call, r *intake.Receipt, paper bool) {
	fmt.Fprintf(c.stdout, "\nIt is stored, and waits for an organizer.\n\n  Reference   %s\n", r.Reference)
	if paper {
		fmt.Fprintln(c.stdout, "  Code        it stands on the strip that the neighbour tore off")
	} else {
		fmt.Fprintf(c.stdout, "  Code        %s\n              Let the neighbour write it down. It is not kept, and not shown again.\n", r.Code)
	}
	fmt.Fprintf(c.stdout, "  Kept until  %s, if nothing changes\n", r.KeptUntil)
}
