package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// typist asks the questions of a form on a terminal, for a volunteer who has a slip of paper
// before her or a neighbour on the phone. It knows plain lines alone, so that it works by any
// connection and for any screen reader.
type typist struct {
	in   *bufio.Scanner
	out  io.Writer
	cfg  *site.Config
	lang string                  // of the questions
	say  func(key string) string // the theme's words in it
	form *intake.Form
}

var errStopped = hinted(errors.New("it was stopped, and nothing is stored"), "begin again when you are ready")

// back is what a person types to see the question before.
const back = "<"

// line reads one line.
func (t *typist) line() (string, error) {
	fmt.Fprint(t.out, "> ")
	if !t.in.Scan() {
		fmt.Fprintln(t.out)
		return "", errStopped
	}
	return strings.TrimSpace(site.CleanLong(t.in.Text())), nil
}

// yes asks for yes or no until it gets one of them.
func (t *typist) yes(question string) (bool, error) {
	for {
		fmt.Fprintf(t.out, "%s (yes/no)\n", question)
		s, err := t.line()
		switch {
		case err != nil:
			return false, err
		case slices.Contains([]string{"y", "yes", strings.ToLower(t.say("form.yes"))}, strings.ToLower(s)):
			return true, nil
		case slices.Contains([]string{"n", "no", strings.ToLower(t.say("form.no"))}, strings.ToLower(s)):
			return false, nil
		}
	}
}

// all asks the questions from number i on; "<" goes back to the one before.
func (t *typist) all(values map[string][]string) error {
	fmt.Fprintf(t.out, "An empty line skips a question. %s goes back. Ctrl-C stops, and stores nothing.\n", back)
	for i := 0; i < len(t.form.Questions); i++ {
		q := t.form.Questions[i]
		if i == 0 || q.Class == site.Public != (t.form.Questions[i-1].Class == site.Public) {
			fmt.Fprintf(t.out, "\n== %s ==\n", t.say(map[bool]string{true: "form.shown", false: "form.locked"}[q.Class == site.Public]))
		}
		went, err := t.one(q, values)
		if err != nil {
			return err
		}
		if went {
			i = max(i-2, -1)
		}
	}
	return nil
}

// one asks one question. An answer that was there is kept by an empty line.
func (t *typist) one(q intake.Question, values map[string][]string) (back bool, err error) {
	t.put(q, values[q.Name])
	for {
		typed, back, err := t.answer(q)
		if err != nil || back {
			return back, err
		}
		if fault := t.fits(q, typed); fault != "" {
			fmt.Fprintf(t.out, "! %s\n", fault)
			continue
		}
		if len(typed) > 0 {
			values[q.Name] = typed
		}
		return false, nil
	}
}

// put writes a question with its hint, its choices and what stands there.
func (t *typist) put(q intake.Question, now []string) {
	fmt.Fprintf(t.out, "\n%s\n", t.label(q.Field))
	if hint := q.Hint.In(t.lang, t.cfg.Languages[0]); hint != "" {
		fmt.Fprintf(t.out, "  %s\n", hint)
	} else if key := "hint." + q.Name; t.form.Kind.Makes != site.AChange && t.say(key) != key {
		fmt.Fprintf(t.out, "  %s\n", t.say(key))
	}
	for i, o := range q.Options {
		fmt.Fprintf(t.out, "  %2d  %s\n", i+1, t.option(q, o))
	}
	switch {
	case q.Type == site.YesNo:
		fmt.Fprintf(t.out, "  (%s / %s)\n", t.say("form.yes"), t.say("form.no"))
	case q.Options != nil && q.Many():
		fmt.Fprintln(t.out, "  (numbers, with blanks between)")
	case q.Options != nil:
		fmt.Fprintln(t.out, "  (one number)")
	case q.Type == site.Day:
		fmt.Fprintln(t.out, "  (2026-11-23)")
	case q.Type == site.LongText || q.Many():
		fmt.Fprintln(t.out, "  (as many lines as you like, then an empty one)")
	}
	if len(now) > 0 {
		fmt.Fprintf(t.out, "  now: %s\n", strings.Join(now, " / "))
	}
}

// answer reads what is typed, of a long text up to an empty line, and turns numbers into choices.
func (t *typist) answer(q intake.Question) (typed []string, wentBack bool, err error) {
	long := q.Options == nil && (q.Type == site.LongText || q.Many())
	for {
		s, err := t.line()
		switch {
		case err != nil:
			return nil, false, err
		case s == back:
			return nil, true, nil
		case s == "":
			return typed, false, nil
		case q.Options != nil:
			for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == '،' }) {
				if n, err := strconv.Atoi(word); err == nil && n >= 1 && n <= len(q.Options) {
					word = q.Options[n-1]
				}
				typed = append(typed, word)
			}
			return typed, false, nil
		case q.Type == site.YesNo:
			s = strings.ToLower(s)
			if s == strings.ToLower(t.say("form.yes")) || s == "y" {
				s = "yes"
			} else if s == strings.ToLower(t.say("form.no")) || s == "n" {
				s = "no"
			}
		}
		typed = append(typed, s)
		if !long {
			return typed, false, nil
		}
	}
}

// fits tells what is wrong with a choice, at once; the rest is looked at in the end.
func (t *typist) fits(q intake.Question, typed []string) string {
	f := *q.Field
	f.Options = q.Options
	if _, err := f.Coerce(typed...); err == nil {
		return ""
	}
	switch q.Type {
	case site.Choices, site.YesNo:
		return t.say("error.choice")
	case site.Phones:
		return t.say("error.phone")
	}
	return t.say("error." + string(q.Type))
}

// label is the question in words.
func (t *typist) label(f *site.Field) string {
	ask := "ask." + t.form.Kind.Name + "." + f.Name
	if s := f.Label.In(t.lang, t.cfg.Languages[0]); s != "" {
		return s
	}
	if s := t.say(ask); s != ask {
		return s
	}
	return t.say("field." + f.Name)
}

func (t *typist) option(q intake.Question, value string) string {
	if s := intake.Label(t.cfg, q.Name, value, t.lang); s != "" {
		return s
	}
	if key := "option." + q.Name + "." + value; t.say(key) != key {
		return t.say(key)
	}
	return value
}

// show writes the answers, to be read aloud.
func (t *typist) show(values map[string][]string) {
	group := -1
	for i, q := range t.form.Questions {
		if g := map[bool]int{true: 1, false: 0}[q.Class == site.Public]; g != group {
			group = g
			fmt.Fprintf(t.out, "\n== %s ==\n", t.say(map[int]string{1: "form.shown", 0: "form.locked"}[g]))
		}
		var texts []string
		for _, s := range values[q.Name] {
			if q.Type == site.YesNo {
				s = t.say("form." + s)
			}
			texts = append(texts, t.option(q, s))
		}
		fmt.Fprintf(t.out, "%2d  %s\n      %s\n", i+1, t.label(q.Field), strings.Join(texts, "\n      "))
	}
}

// review shows the answers, lets the typist change them, and asks for the yes of the
// neighbour to what becomes public. It gives the draft to be stored.
func (t *typist) review(svc *intake.Service, values map[string][]string) (*intake.Draft, error) {
	for {
		draft, faults := svc.CheckForm(t.form, values)
		if len(faults) > 0 {
			if err := t.mend(faults, values); err != nil {
				return nil, err
			}
			continue
		}
		t.show(values)
		if moved, err := t.lock(draft, values); err != nil {
			return nil, err
		} else if moved {
			continue
		}
		fmt.Fprintln(t.out, "\nIs everything right? yes stores it, a number changes that answer.")
		s, err := t.line()
		if err != nil {
			return nil, err
		}
		if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= len(t.form.Questions) {
			q := t.form.Questions[n-1]
			delete(values, q.Name)
			if _, err := t.one(q, values); err != nil {
				return nil, err
			}
			continue
		}
		if slices.Contains([]string{"y", "yes"}, strings.ToLower(s)) {
			return draft, t.consent()
		}
	}
}

// mend asks again what was not right.
func (t *typist) mend(faults []intake.Fault, values map[string][]string) error {
	fmt.Fprintf(t.out, "\n%s\n", t.say("form.errors"))
	for _, f := range faults {
		i := slices.IndexFunc(t.form.Questions, func(q intake.Question) bool { return q.Name == f.Field.Name })
		fmt.Fprintf(t.out, "\n! %s", t.say(f.Text))
		if _, err := t.one(t.form.Questions[max(i, 0)], values); err != nil {
			return err
		}
	}
	return nil
}

// lock asks what to do with public words by which a person could be found.
func (t *typist) lock(d *intake.Draft, values map[string][]string) (moved bool, err error) {
	if t.form.Kind.Makes != site.APage || !intake.CanConceal(t.form.Questions) {
		return false, nil
	}
	found := intake.Reveals(t.form.Kind, &d.Page)
	if len(found) == 0 {
		return false, nil
	}
	fmt.Fprintf(t.out, "\n! %s %s\n", t.say("check.reveals"), t.say("check.reveals-more"))
	for _, r := range found {
		fmt.Fprintf(t.out, "    %s\n", r.Text)
	}
	yes, err := t.yes(t.say("check.move") + "?")
	if yes {
		for name, v := range intake.Conceal(t.form.Questions, values) {
			values[name] = v
		}
	}
	return yes, err
}

// consent asks whether the neighbour said yes to what everyone will read.
func (t *typist) consent() error {
	if t.form.Kind.Makes != site.APage {
		return nil
	}
	yes, err := t.yes("\nThe neighbour has heard what everyone will be able to read, and said yes to it?")
	if err == nil && !yes {
		err = hinted(errors.New("nothing is stored, since the neighbour did not say yes"), "leave out what she does not want to be public, and begin again")
	}
	return err
}

// words gives the theme's strings in a language, else in the network's first, else in
// English, else the key.
func (n *network) words(lang string) (func(key string) string, error) {
	theme, err := n.theme()
	if err != nil {
		return nil, err
	}
	var all []map[string]string
	for _, l := range []string{lang, n.cfg().Languages[0], "en"} {
		src, err := fs.ReadFile(theme, "strings/"+l+".toml")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		words, err2 := site.ParseStrings(src)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		all = append(all, words)
	}
	return func(key string) string {
		for _, words := range all {
			if s := words[key]; s != "" {
				return s
			}
		}
		return key
	}, nil
}
