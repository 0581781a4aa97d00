package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"potluck/builder"
	"potluck/internal/intake"
	"potluck/internal/site"
)

var checkCommand = &command{
	name: "check", usage: "check [-C DIR]", short: "find what is wrong or out of date",
	long: `
Builds the site in memory and lists every problem with its file, line and a way
out: text that cannot be read, dead links and anchors, private fields in public
files; and as warnings pages that nothing leads to, files that nothing uses, pages
that a language lacks, pictures without words, headings that skip a level. Then
it lists what a person should look at again: practices, procedures and agreements
whose review date has passed, and directory entries that nobody has checked for
180 days. Only errors make it fail.

With -external it also asks other sites whether the addresses that your pages name
still answer: one request at a time to a site, with a pause between. An address that
its own site calls gone is an error; what did not answer is a warning, since it may be
back tomorrow. What was found out is kept in var/cache/outside, for a week when it was
good and for an hour when not. Nothing is told to the other site but that somebody
asks. HTTP_PROXY and HTTPS_PROXY are followed.

Exit codes: 0 done, 1 not done, 2 called wrongly.`,
	flags: "C",
	more: func(c *call) {
		c.flags.Bool("json", false, "print problems as JSON, one a line, and nothing else")
		c.flags.Bool("external", false, "ask other sites too")
		c.flags.Int("limit", 500, "with -external, ask about this `number` of addresses at most")
	},
	run: func(ctx context.Context, c *call) error {
		n, err := openNetwork(c)
		if err != nil {
			return err
		}
		b := builder.New()
		res, err := n.build(ctx, b, builder.Input{Now: c.now(), Drafts: true})
		if err != nil {
			return err
		}
		problems := slices.Concat(res.Problems, b.Audit(res))
		if isSet(c, "external") {
			problems = append(problems, n.external(ctx, c, b.External())...)
			site.SortProblems(problems)
		}
		faults := c.tell(problems)
		if isSet(c, "json") {
			if faults > 0 {
				return hinted(errors.New(count(faults, "problem")), "the lines above say where, and what to do")
			}
			return nil
		}
		overdue := 0
		for _, st := range intake.LookAgain(res.Headers, 0, c.now(), n.cfg().Location) {
			if !st.Since.IsZero() {
				fmt.Fprintln(c.stdout, staleLine(st))
				overdue++
			}
		}
		if faults > 0 {
			return hinted(errors.New(count(faults, "problem")), "the lines above say where, and what to do")
		}
		fmt.Fprintf(c.stdout, "%s, no problems, %d to look at again\n", count(len(res.Headers), "page"), overdue)
		return nil
	},
}
