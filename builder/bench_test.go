package builder

import (
	"context"
	"fmt"
	"os"
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

// BenchmarkBuild measures a build from nothing; one where nothing changed; and
// one where the text, or the title, of one page changed. Files are in memory,
// and all of them are read each time.
func BenchmarkBuild(b *testing.B) {
	for _, n := range sizes() {
		in := benchInput(b, n)
		b.Run(fmt.Sprintf("cold/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustBuild(b, New(), in)
			}
		})
		b.Run(fmt.Sprintf("same/%d", n), func(b *testing.B) { again(b, in, func(s string, _ int) string { return s }) })
		b.Run(fmt.Sprintf("body/%d", n), func(b *testing.B) {
			again(b, in, func(s string, i int) string { return strings.Replace(s, "One [", fmt.Sprintf("One%d [", i), 1) })
		})
		b.Run(fmt.Sprintf("words/%d", n), func(b *testing.B) {
			again(b, in, func(s string, i int) string { return s + strings.Repeat("more ", i%9) })
		})
		b.Run(fmt.Sprintf("title/%d", n), func(b *testing.B) {
			again(b, in, func(s string, i int) string {
				return strings.Replace(s, "title = \"", fmt.Sprintf("title = \"%d ", i), 1)
			})
		})
	}
}

func again(b *testing.B, in Input, edit func(s string, i int) string) {
	files := in.Content.(fstest.MapFS)
	const p = "resources/page-00006.md"
	was := string(files[p].Data)
	defer func() { files[p] = &fstest.MapFile{Data: []byte(was), Mode: 0o644} }()
	builder := New()
	mustBuild(b, builder, in)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		files[p] = &fstest.MapFile{Data: []byte(edit(was, i)), Mode: 0o644}
		mustBuild(b, builder, in)
	}
}

// BenchmarkStages measures the stages that look at one page.
func BenchmarkStages(b *testing.B) {
	in := benchInput(b, 6)
	src := &Source{Path: "resources/page-00000.md", Data: in.Content.(fstest.MapFS)["resources/page-00000.md"].Data}
	pl, err := in.Config.PlaceOf(src.Path)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			parseDoc(in.Config, pl, src)
		}
	})
	n := &build{in: in, theme: &theme{}}
	last := &build{content: &tree{}, theme: &theme{}, themeFiles: &tree{}, index: &Index{}}
	if err := n.run(context.Background(), last); err != nil {
		b.Fatal(err)
	}
	b.Run("render", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := n.page(n.index.jobs[len(n.index.jobs)-1]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
