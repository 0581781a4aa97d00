package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"potluck/builder"
	"potluck/internal/intake"
	"potluck/internal/site"
)

var reportCommand = &command{
	name: "report", usage: "report [stale|gaps|… PAGE]", short: "see what wants care: old entries, gaps, twins, load",
	long: `
  potluck report stale        what a person should look at again, oldest first
  potluck report true PAGE    says that a page is still true, as of today
  potluck report gaps         what is asked for and nobody gives, by kind of help, part
                              of town and language
  potluck report twins        pages that may be about the same; with -contacts and a
                              keeper's key, items that came with the same contact
  potluck report work         who did how much in 90 days, and what happened each month
  potluck report numbers      a page of numbers for everyone; -publish puts it on the site

Without a word: stale, gaps, twins and work. The desk shows the same. In the public
numbers, what is below five is "fewer than five".`,
	flags: "C as",
	more: func(c *call) {
		keyFlags(c)
		c.flags.Int("days", site.AssuredDays, "directory entries are stale after so many `days`")
		c.flags.Bool("contacts", false, "compare contacts too; a keeper's key opens them")
		c.flags.Bool("publish", false, "put the numbers on the site")
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) == 0 {
			c.args = []string{"stale", "gaps", "twins", "work"}
		}
		n, svc, err := openForReview(c)
		if err != nil {
			return err
		}
		if c.args[0] == "true" && len(c.args) == 2 {
			return stillTrue(ctx, c, n, svc)
		}
		care, err := svc.Care(c.flags.Lookup("days").Value.(flag.Getter).Get().(int))
		if err != nil {
			return err
		}
		for _, name := range c.args {
			show := reports[name]
			if show == nil {
				return usageError(find("report"), "there is no report %q", name)
			}
			if err := show(&reporter{c, n, svc, care}, ctx); err != nil {
				return err
			}
		}
		return nil
	},
}

// reporter is one run of potluck report.
type reporter struct {
	*call
	n    *network
	svc  *intake.Service
	care *intake.Care
}

var reports = map[string]func(*reporter, context.Context) error{
	"stale": (*reporter).stale, "gaps": (*reporter).gaps, "twins": (*reporter).twins, "work": (*reporter).work, "numbers": (*reporter).numbers,
}

func stillTrue(ctx context.Context, c *call, n *network, svc *intake.Service) error {
	who, err := n.identity(c.as)
	if err != nil {
		return err
	}
	sh, err := svc.StillTrue(ctx, c.args[1], intake.Person(who))
	if err == nil {
		fmt.Fprintf(c.stdout, "still true: %s\n", sh.Path)
	}
	return err
}

func (r *reporter) stale(context.Context) error {
	for _, st := range r.care.Stale {
		fmt.Fprintln(r.stdout, staleLine(st))
	}
	fmt.Fprintf(r.stdout, "%s to look at again\n", count(len(r.care.Stale), "page"))
	return nil
}

// staleLine says in a line why a page should be looked at.
func staleLine(st intake.Stale) string {
	if st.Since.IsZero() {
		return fmt.Sprintf("content/%s: nobody has looked at it yet", st.Page.Path)
	}
	return fmt.Sprintf("content/%s: should have been looked at by %s", st.Page.Path, st.Due)
}

func (r *reporter) gaps(context.Context) error {
	for _, g := range r.care.Gaps {
		fmt.Fprintf(r.stdout, "%s, %s, %s: %s, %d elsewhere\n", g.Category, cmp.Or(g.Area, "any part of town"), cmp.Or(g.Language, "any language"), count(len(g.Requests), "request"), g.Elsewhere)
	}
	fmt.Fprintf(r.stdout, "%s\n", count(len(r.care.Gaps), "gap"))
	return nil
}

func (r *reporter) twins(context.Context) error {
	for _, t := range r.care.Twins {
		fmt.Fprintf(r.stdout, "content/%s and content/%s: the same %s\n", t.A.Path, t.B.Path, t.Why)
	}
	fmt.Fprintf(r.stdout, "%s that may be one\n", count(len(r.care.Twins), "pair"))
	if !isSet(r.call, "contacts") {
		return nil
	}
	who, err := r.n.identity(r.as)
	if err != nil {
		return err
	}
	key, err := openKey(r.call, r.n, r.svc)
	if err == nil && key == nil {
		err = hinted(errors.New("contacts are sealed"), "name your key: -key FILE, or -passphrase-file FILE")
	}
	if err != nil {
		return err
	}
	same, err := r.svc.SameContact(key, intake.Person(who))
	for _, refs := range same {
		fmt.Fprintf(r.stdout, "one contact: %s\n", strings.Join(refs, " "))
	}
	return err
}

func (r *reporter) work(context.Context) error {
	for _, l := range r.care.Loads {
		fmt.Fprintf(r.stdout, "%s: %d decided, %d edited in 90 days, %d in hand\n", l.Who, l.Decided, l.Edited, l.InHand)
	}
	for _, m := range r.care.Months {
		fmt.Fprintf(r.stdout, "%s: %d published, %d matched, %d closed, %d edited\n", m.Name, m.Published, m.Matched, m.Closed, m.Edited)
	}
	return nil
}

func (r *reporter) numbers(ctx context.Context) error {
	b := builder.New()
	if _, err := r.n.build(ctx, b, builder.Input{Now: r.now()}); err != nil {
		return err
	}
	say := func(key string) string { return b.Say(r.n.cfg().Languages[0], key) }
	if !isSet(r.call, "publish") {
		page, err := r.svc.Numbers(say)
		fmt.Fprintf(r.stdout, "%s", page)
		return err
	}
	who, err := r.n.identity(r.as)
	if err != nil {
		return err
	}
	sh, err := r.svc.PublishNumbers(ctx, say, intake.Person(who))
	if err == nil {
		fmt.Fprintf(r.stdout, "saved: %s\n", sh.Path)
	}
	return err
}
