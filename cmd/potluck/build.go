package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"potluck/builder"
	"potluck/internal/qr"
)

var buildCommand = &command{
	name: "build", usage: "build [-C DIR] [-out DIR]", short: "make the site's files",
	long: `
Reads site.toml, content/ and themes/, and writes the site to DIR/public or to
the folder that -out names. Only files that changed are written, and files of
the last build that are no longer made are removed.

A page with a problem never stops the others: problems are listed with their
file, line and a way out. With -strict, an error makes the command fail. With
-json, each problem is one line on the standard output, an object with path, line,
col, severity, text and hint. On a terminal it says how far it is; in a pipe only
problems are printed.

Exit codes: 0 done, 1 not done, 2 called wrongly.`,
	flags: "C out",
	more: func(c *call) {
		c.flags.Bool("strict", false, "fail on any problem")
		c.flags.Bool("json", false, "print problems as JSON, one a line")
		c.flags.Bool("stats", false, "print what took how long")
		c.flags.Bool("compress", false, "put a packed NAME.gz beside each file that has gain of it")
		brotliFlag(c)
		c.flags.String("profile", "", "write a profile of the processor's time to this `file`")
		c.flags.Bool("drafts", false, "show drafts too")
		c.flags.String("rev", "", "build this git `revision` instead of the files")
	},
	run: func(ctx context.Context, c *call) error {
		if c.out == "" {
			if err := guardSource(c); err != nil {
				return err
			}
		}
		start := c.now()
		n, err := openAt(c.dir, c.flags.Lookup("rev").Value.String())
		if err != nil {
			return err
		}
		b := builder.New()
		n.once = true
		debug.SetGCPercent(gcPercent)
		seen := newReport(c)
		b.Observer = seen.observer()
		stop, err := profile(c.flags.Lookup("profile").Value.String())
		if err != nil {
			return err
		}
		defer stop()
		res, err := n.build(ctx, b, c.now(), isSet(c, "drafts"))
		if err != nil {
			return err
		}
		if isSet(c, "compress") || isSet(c, "brotli") {
			seen.stage("compress")
			if res, err = builder.Compress(ctx, res, packedAs(c)...); err != nil {
				return err
			}
		}
		if c.out == "" {
			c.out = n.path("public")
		}
		seen.stage("write")
		ch, err := builder.Write(c.out, res)
		seen.stage("")
		if err != nil {
			return err
		}
		faults := c.tell(res.Problems)
		if isSet(c, "stats") {
			seen.table(c.stderr)
		}
		if isTerminal(c.stderr) {
			fmt.Fprintf(c.stderr, "%s in %s: %d written, %d removed, %s\n", count(len(res.Files), "file"), c.out,
				ch.Written, ch.Removed, time.Since(start).Round(time.Millisecond))
		}
		if isSet(c, "strict") && faults > 0 {
			return hinted(errors.New(count(faults, "problem")), "mend them, or leave -strict out")
		}
		return nil
	},
}

// gcPercent lets a large site be built in less memory. Most of what a build makes
// stays until it is written, so that collecting more often costs little.
const gcPercent = 30

func brotliFlag(c *call) {
	c.flags.Bool("brotli", false, "put a NAME.br beside it too; a tenth smaller, for hosts that send it")
}

// packedAs gives what files are packed as for a host.
func packedAs(c *call) []builder.Coding {
	if isSet(c, "brotli") {
		return []builder.Coding{builder.Gzip, builder.Brotli}
	}
	return []builder.Coding{builder.Gzip}
}

func isSet(c *call, flag string) bool { return c.flags.Lookup(flag).Value.String() == "true" }

// build makes the site from the network's files as they are now.
func (n *network) build(ctx context.Context, b *builder.Builder, now time.Time, drafts bool) (*builder.Result, error) {
	if err := n.reload(); err != nil {
		return nil, err
	}
	content, err := n.content()
	if err != nil {
		return nil, err
	}
	theme, err := n.theme()
	if err != nil {
		return nil, err
	}
	res, err := b.Build(ctx, builder.Input{Content: content, Theme: theme, Config: n.cfg(), Now: now, Drafts: drafts, Forms: n.repo != nil, Once: n.once, QR: qr.SVG, Pictures: n.pictures(), History: n.history()})
	if err != nil {
		return nil, err
	}
	all := *res
	all.Problems = slices.Concat(n.problems, res.Problems)
	return &all, nil
}
