package main

import (
	"context"
	"errors"
	"fmt"
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

Hidden files are no part of the site, nor is what editors leave beside a page, such
as about.md~ or about.md.tmp.

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
		start := time.Now()
		n, err := openAt(c.dir, c.flags.Lookup("rev").Value.String())
		if err != nil {
			return err
		}
		if c.out == "" {
			c.out = n.path("public")
		}
		pace()
		stop, err := profile(c.flags.Lookup("profile").Value.String())
		if err != nil {
			return err
		}
		defer stop()
		seen := newReport(c)
		res, ch, err := n.buildInto(ctx, c, seen)
		if err != nil {
			return err
		}
		faults := c.tell(res.Problems)
		if isSet(c, "stats") {
			seen.table(c.stderr)
		}
		if isTerminal(c.stderr) && res.Same {
			fmt.Fprintf(c.stderr, "%s has the site already, %s\n", c.out, time.Since(start).Round(time.Millisecond))
		} else if isTerminal(c.stderr) {
			fmt.Fprintf(c.stderr, "%s in %s: %d written, %d removed, %s\n", count(len(res.Files), "file"), c.out,
				ch.Written, ch.Removed, time.Since(start).Round(time.Millisecond))
		}
		if isSet(c, "strict") && faults > 0 {
			return hinted(errors.New(count(faults, "problem")), "mend them, or leave -strict out")
		}
		return nil
	},
}

// buildInto makes the site in the folder that -out names.
func (n *network) buildInto(ctx context.Context, c *call, seen *report) (*builder.Result, builder.Changes, error) {
	folder, err := builder.OpenFolder(c.out)
	if err != nil {
		return nil, builder.Changes{}, err
	}
	defer folder.Close()
	var packs []builder.Coding
	if isSet(c, "compress") || isSet(c, "brotli") {
		packs = packedAs(c)
	}
	b := builder.New()
	b.Observer = seen.observer()
	b.Observer.Found = paceFor
	res, err := n.build(ctx, b, builder.Input{Now: c.now(), Drafts: isSet(c, "drafts"), Into: folder, Pack: packs, Program: programName()})
	if err != nil {
		return nil, builder.Changes{}, err
	}
	seen.stage("write")
	defer seen.stage("")
	ch, err := folder.Done()
	return res, ch, err
}

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

// build makes the site from the network's files as they are now. What in says is
// kept; the files are filled in.
func (n *network) build(ctx context.Context, b *builder.Builder, in builder.Input) (*builder.Result, error) {
	if in.Touched == nil || slices.Contains(in.Touched, "site.toml") {
		if err := n.reload(); err != nil {
			return nil, err
		}
	}
	n.problems = slices.Clone(n.faults)
	var err error
	if in.Content, err = n.content(); err != nil {
		return nil, err
	}
	if in.Theme, err = n.theme(); err != nil {
		return nil, err
	}
	in.Config, in.Forms, in.QR, in.Pictures, in.History = n.cfg(), n.repo != nil && n.cfg().Outputs.Forms, qr.SVG, n.pictures(), n.history()
	res, err := b.Build(ctx, in)
	if err != nil {
		return nil, err
	}
	all := *res
	all.Problems = slices.Concat(n.problems, res.Problems)
	return &all, nil
}
