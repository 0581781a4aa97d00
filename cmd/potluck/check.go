package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"potluck/builder"
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

Exit codes: 0 done, 1 not done, 2 called wrongly.`,
	flags: "C",
	more:  func(c *call) { c.flags.Bool("json", false, "print problems as JSON, one a line, and nothing else") },
	run: func(ctx context.Context, c *call) error {
		n, err := openNetwork(c)
		if err != nil {
			return err
		}
		b := builder.New()
		res, err := n.build(ctx, b, c.now(), true)
		if err != nil {
			return err
		}
		faults := c.tell(slices.Concat(res.Problems, b.Audit(res)))
		if isSet(c, "json") {
			if faults > 0 {
				return hinted(errors.New(count(faults, "problem")), "the lines above say where, and what to do")
			}
			return nil
		}
		overdue := 0
		for _, h := range res.Headers {
			if due := h.ReviewDue(); !due.IsZero() && !c.now().Before(due.Start(n.cfg().Location)) {
				fmt.Fprintf(c.stdout, "content/%s: should have been looked at by %s\n", h.Path, due)
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
