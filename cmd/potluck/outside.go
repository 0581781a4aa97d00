package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"potluck/builder"
	"potluck/internal/outside"
	"potluck/internal/site"
)

// external asks whether the links that lead to other sites still answer, and gives
// those that do not as problems. What was found out is kept in var/cache/outside.
func (n *network) external(ctx context.Context, c *call, links []builder.Outside) []site.Problem {
	limit := c.flags.Lookup("limit").Value.(flag.Getter).Get().(int)
	addresses := make([]string, len(links))
	for i, k := range links {
		addresses[i] = k.Address
	}
	file := n.path("var", "cache", "outside")
	o := outside.Options{Limit: limit, Now: c.now}
	if isTerminal(c.stderr) {
		o.Seen = func(done, total int) { fmt.Fprintf(c.stderr, "\r\x1b[Kasked about %d of %d", done, total) }
		defer fmt.Fprint(c.stderr, "\r\x1b[K")
	}
	answers, left := outside.Ask(ctx, addresses, outside.Read(file), o)
	if err := outside.Keep(file, answers); err != nil {
		c.warn(err)
	}
	var problems []site.Problem
	for _, k := range links {
		if p := aboutLink(answers[k.Address]); p != nil {
			p.Path, p.Line, p.Col, p.Text = k.Path, k.Line, k.Col, k.Address+" "+p.Text
			problems = append(problems, *p)
		}
	}
	if left > 0 {
		problems = append(problems, site.Problem{Path: "content", Severity: site.Warning, Text: count(left, "link") + " to other sites not asked about this time", Hint: "run it again, or give a larger -limit"})
	}
	return problems
}

// aboutLink says what a person should do about an address; nil for nothing.
func aboutLink(a outside.Answer) *site.Problem {
	day := a.When.Format(time.DateOnly)
	switch a.State {
	case outside.Gone:
		return &site.Problem{Text: "is gone: " + a.Why, Hint: "look for its new address, or take the link out"}
	case outside.Moved:
		return &site.Problem{Severity: site.Warning, Text: "moved for good to " + a.To, Hint: "write the new address"}
	case outside.Unsure:
		return &site.Problem{Severity: site.Warning, Text: "was not reached on " + day + ": " + a.Why, Hint: "open it yourself; it may be back tomorrow"}
	case outside.Private:
		return &site.Problem{Severity: site.Warning, Text: "is an address that only machines nearby can reach", Hint: "use one that your readers can open"}
	}
	return nil
}
