package builder

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// corpus makes a site of n pages, shaped like that of a real network: entries
// of a directory, listings, documents; three taxonomies; links between pages.
func corpus(n int) fstest.MapFS {
	files := map[string]string{"index.md": titled("Home"), "about.md": titled("About")}
	words := strings.Repeat("Bring a bag and call before you come, since the **door** is at the back. ", 6)
	for i := range n {
		kind := []string{"resources", "resources", "resources", "offers", "requests", "procedures"}[i%6]
		files[fmt.Sprintf("%s/page-%05d.md", kind, i)] = fmt.Sprintf(`+++
title = "Page %d of %s"
summary = "What page %d is about."
date = 2026-%02d-%02d
categories = ["c%d"]
areas = ["a%d"]
languages = ["en"]
+++

%s

## What to bring

- One [thing](/%s/page-%05d/)
- Another, from https://example.org/%d

%s
`, i, kind, i, 1+i%10, 1+i%28, i%12, i%40, words, kind, i-i%6+i%6, i, words+words)
	}
	return folder(files)
}

func sizes() []int {
	if os.Getenv("POTLUCK_LONG") != "" {
		return []int{100, 1000, 10000}
	}
	return []int{100, 1000}
}

func benchInput(b *testing.B, n int) Input {
	in := input(b, tinyConfig, nil)
	in.Content = corpus(n)
	if _, err := os.Stat("../themes/commons/layouts/site.html"); err == nil {
		in.Theme = os.DirFS("../themes/commons")
	}
	return in
}

// BenchmarkBuild measures a build from nothing; one where nothing changed, all files
// being looked at; and ones that are told what changed: the text of one page, its
// title, a newest page that comes and goes in turn, or a layout. Files are in memory.
func BenchmarkBuild(b *testing.B) {
	for _, n := range sizes() {
		in := benchInput(b, n)
		b.Run(fmt.Sprintf("cold/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustBuild(b, New(), in)
			}
		})
		b.Run(fmt.Sprintf("same/%d", n), func(b *testing.B) { again(b, in, func(int) []string { return nil }) })
		b.Run(fmt.Sprintf("body/%d", n), func(b *testing.B) {
			again(b, in, editPage(in, func(s string, i int) string { return s + strings.Repeat("more ", i%9) }))
		})
		b.Run(fmt.Sprintf("title/%d", n), func(b *testing.B) {
			again(b, in, editPage(in, func(s string, i int) string {
				return strings.Replace(s, "title = \"", fmt.Sprintf("title = \"%d ", i), 1)
			}))
		})
		b.Run(fmt.Sprintf("newest/%d", n), func(b *testing.B) { again(b, in, comeAndGo(in)) })
		b.Run(fmt.Sprintf("theme/%d", n), func(b *testing.B) { again(b, in, editTheme(b, &in)) })
	}
}

// again builds after each edit, which tells what it touched.
func again(b *testing.B, in Input, edit func(i int) []string) {
	builder := New()
	mustBuild(b, builder, in)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		in.Touched = edit(i)
		mustBuild(b, builder, in)
	}
}

func editPage(in Input, edit func(s string, i int) string) func(int) []string {
	const p = "resources/page-00006.md"
	files := in.Content.(fstest.MapFS)
	was := string(files[p].Data)
	return func(i int) []string {
		files[p] = &fstest.MapFile{Data: []byte(edit(was, i)), Mode: 0o644}
		return []string{"content/" + p}
	}
}

// comeAndGo puts a page before all others, and takes it away again.
func comeAndGo(in Input) func(int) []string {
	const p = "resources/newest.md"
	files := in.Content.(fstest.MapFS)
	page := strings.Replace(string(files["resources/page-00006.md"].Data), "date = 2026-", "date = 2027-", 1)
	return func(i int) []string {
		if delete(files, p); i%2 == 1 {
			files[p] = &fstest.MapFile{Data: []byte(page), Mode: 0o644}
		}
		return []string{"content/" + p}
	}
}

// editTheme changes the layout of procedures, which the frame of all pages is a part of.
func editTheme(b *testing.B, in *Input) func(int) []string {
	theme := fstest.MapFS{}
	err := fs.WalkDir(in.Theme, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(in.Theme, p)
		theme[p] = &fstest.MapFile{Data: data, Mode: 0o644}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	in.Theme = theme
	const p = "layouts/procedure.html"
	was := string(theme[p].Data)
	return func(i int) []string {
		theme[p] = &fstest.MapFile{Data: []byte(was + strings.Repeat(" ", i%9)), Mode: 0o644}
		return []string{"themes/commons/" + p}
	}
}

// BenchmarkStages measures each stage by itself: scan, link, gather (the files of
// all stages) and write for 1,000 pages, parse and render for one.
func BenchmarkStages(b *testing.B) {
	in := benchInput(b, 1000)
	ctx := context.Background()
	empty := func() *build {
		return &build{content: &tree{}, theme: &theme{}, themeFiles: &tree{}, index: &Index{}}
	}
	n := &build{in: in}
	if err := n.run(ctx, empty()); err != nil {
		b.Fatal(err)
	}
	src := n.content.at("resources/page-00000.md")
	pl, err := in.Config.PlaceOf(src.Path)
	if err != nil {
		b.Fatal(err)
	}
	r := n.result()
	for _, stage := range []struct {
		name string
		run  func() error
	}{
		{"scan", func() error { scan(ctx, "content", in.Content, &tree{}, in.Now); return nil }},
		{"parse", func() error { parseDoc(in.Config, pl, src, nil); return nil }},
		{"link", func() error { n.link(empty()); return nil }},
		{"render", func() error { return n.page(n.index.jobs[len(n.index.jobs)-1]) }},
		{"gather", func() error { n.result(); return nil }},
		{"write", func() error { _, err := Write(filepath.Join(b.TempDir(), "public"), r); return err }},
	} {
		b.Run(stage.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := stage.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
