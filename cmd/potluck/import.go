package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"potluck/internal/durable"
	"potluck/internal/exchange"
)

var importCommand = &command{
	name: "import", usage: "import csv FILE | markdown DIR", short: "bring a directory in from a table or from Jekyll",
	long: `
Reads a table (csv) or a folder of Markdown files with YAML front matter
(markdown), and writes one page an entry under content/. Look at the pages, then
commit them as any other change.

Columns with known names find their field by themselves. Others are named with
-map, as often as needed:

  potluck import csv pantries.csv -map title=name -map "address={street}, {city}"

The report tells which rows were refused and why, and which values had to be
left out. With -dry-run nothing is written. A page that is there already with
other contents is left as it is, unless -update is given.`,
	flags: "C",
	more: func(c *call) {
		c.flags.Bool("dry-run", false, "only report")
		c.flags.Bool("update", false, "replace pages that are there already")
		c.flags.String("kind", "resource", "the `kind` of the pages")
		c.flags.Var(&mapping{}, "map", "a field and its column, `FIELD=COLUMN`")
	},
	run: func(_ context.Context, c *call) error {
		if len(c.args) != 2 || c.args[0] != "csv" && c.args[0] != "markdown" {
			return usageError(find("import"), "name what to read")
		}
		if err := guardSource(c); err != nil {
			return err
		}
		n, err := openNetwork(c)
		if err != nil {
			return err
		}
		rep, err := readForeign(c, n)
		if err != nil {
			return err
		}
		written, kept, err := n.writePages(rep, isSet(c, "dry-run"), isSet(c, "update"))
		if err != nil {
			return err
		}
		fmt.Fprint(c.stdout, rep)
		switch {
		case isSet(c, "dry-run"):
			fmt.Fprintf(c.stdout, "dry run: %s would be written\n", count(written, "page"))
		default:
			fmt.Fprintf(c.stdout, "%s written under %s\n", count(written, "page"), n.path("content"))
		}
		for _, p := range kept {
			fmt.Fprintf(c.stdout, "left as it is: content/%s differs; -update replaces it\n", p)
		}
		return nil
	},
}

// mapping is the -map flag: fields and the columns that fill them.
type mapping map[string]string

// String is empty: there is no default.
func (m *mapping) String() string { return "" }

// Set takes one FIELD=COLUMN.
func (m *mapping) Set(s string) error {
	field, column, ok := strings.Cut(s, "=")
	if !ok || field == "" || column == "" {
		return fmt.Errorf("write it FIELD=COLUMN")
	}
	if *m == nil {
		*m = mapping{}
	}
	(*m)[field] = column
	return nil
}

func readForeign(c *call, n *network) (*exchange.Report, error) {
	m := exchange.Mapping{Kind: c.flags.Lookup("kind").Value.String(), Fields: *c.flags.Lookup("map").Value.(*mapping)}
	if n.cfg().Kind(m.Kind) == nil {
		return nil, hinted(fmt.Errorf("there is no kind %q", m.Kind), "site.toml and the README list the kinds")
	}
	if have, err := n.content(); err == nil {
		m.Have = have
	}
	if c.args[0] == "markdown" {
		return exchange.ImportMarkdown(n.cfg(), os.DirFS(c.args[1]), m)
	}
	f, err := os.Open(c.args[1])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return exchange.ImportCSV(n.cfg(), f, m)
}

// writePages writes the pages of a report; it names those that it left as they are.
func (n *network) writePages(rep *exchange.Report, dry, update bool) (written int, kept []string, err error) {
	for _, p := range rep.Pages {
		path := n.path("content", filepath.FromSlash(p.Page.Path))
		old, err := os.ReadFile(path)
		switch {
		case err == nil && bytes.Equal(old, p.Bytes):
			continue
		case err == nil && !update:
			kept = append(kept, p.Page.Path)
			continue
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return written, kept, err
		}
		written++
		if dry {
			continue
		}
		if err := durable.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return written, kept, err
		}
		if err := durable.WriteFile(path, p.Bytes, 0o644); err != nil {
			return written, kept, err
		}
	}
	return written, kept, nil
}
