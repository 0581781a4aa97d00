package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

var purgeCommand = &command{
	name: "purge", usage: "purge [-C DIR]", short: "close what is over, delete what is due",
	long: `
Makes the daily round that potluck serve makes by itself every hour: listings whose
time ran out are closed, a match that came to nothing is open again after 21 days,
and private details are deleted 30 days after an item was closed. Nothing is deleted
before the date on its receipt, unless a person closed it.

When the clock has jumped more than seven days forward, or one day back, since the
last round, nothing is closed or deleted for three days. With -sure you say that the
date of this machine is right.`,
	flags: "C",
	more:  func(c *call) { c.flags.Bool("sure", false, "the date of this machine is right") },
	run: func(ctx context.Context, c *call) error {
		_, svc, err := openForReview(c)
		if err != nil {
			return err
		}
		done, err := svc.Round(ctx, isSet(c, "sure"))
		for _, op := range slices.Sorted(maps.Keys(done)) {
			fmt.Fprintf(c.stdout, "%-8s %d\n", op, done[op])
		}
		if len(done) == 0 && err == nil {
			fmt.Fprintln(c.stdout, "nothing is due")
		}
		return err
	},
}
