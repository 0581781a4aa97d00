package builder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"potluck/internal/site"
)

var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// folder makes a file system of texts.
func folder(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for p, s := range files {
		m[p] = &fstest.MapFile{Data: []byte(s), Mode: 0o644}
	}
	return m
}

// testTheme reads testdata/theme.txtar.
func testTheme(t testing.TB) map[string]string {
	t.Helper()
	a, err := txtar.ParseFile("testdata/theme.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

func parseConfig(t testing.TB, src string) *site.Config {
	t.Helper()
	cfg, ps := site.ParseConfig([]byte(src))
	for _, p := range ps {
		t.Fatalf("site.toml: %s", p)
	}
	return cfg
}

// input is a small site in memory, with the test theme.
func input(t testing.TB, config string, content map[string]string) Input {
	t.Helper()
	return Input{Content: folder(content), Theme: folder(testTheme(t)), Config: parseConfig(t, config), Now: testNow}
}

func mustBuild(t testing.TB, b *Builder, in Input) *Result {
	t.Helper()
	r, err := b.Build(context.Background(), in)
	if err != nil {
		var f *Failed
		if errors.As(err, &f) {
			t.Fatalf("%v", f.Problems)
		}
		t.Fatal(err)
	}
	return r
}

func paths(r *Result) []string {
	var ps []string
	for _, f := range r.Files {
		ps = append(ps, f.Path)
	}
	return ps
}

func file(t testing.TB, r *Result, p string) string {
	t.Helper()
	data, _, ok := r.Lookup(p)
	if !ok {
		t.Fatalf("no file %s; there are\n%s", p, strings.Join(paths(r), "\n"))
	}
	return string(data)
}

func problems(r *Result) string {
	var b strings.Builder
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "%s (%s)\n", p, p.Hint)
	}
	return b.String()
}

// difference says in what two results differ, or "".
func difference(a, b *Result) string {
	if pa, pb := paths(a), paths(b); !slices.Equal(pa, pb) {
		return fmt.Sprintf("files\n%q\n%q", pa, pb)
	}
	for i := range a.Files {
		if string(a.Files[i].Data) != string(b.Files[i].Data) || a.Files[i].Sum != b.Files[i].Sum {
			return fmt.Sprintf("%s:\n%s\n----\n%s", a.Files[i].Path, a.Files[i].Data, b.Files[i].Data)
		}
	}
	if !slices.Equal(a.Problems, b.Problems) {
		return "problems:\n" + problems(a) + "----\n" + problems(b)
	}
	if !slices.Equal(a.Redirects, b.Redirects) {
		return fmt.Sprintf("redirects: %v, %v", a.Redirects, b.Redirects)
	}
	if !a.NextChange.Equal(b.NextChange) {
		return fmt.Sprintf("next change: %s, %s", a.NextChange, b.NextChange)
	}
	return ""
}

// onDisk gives the files of a folder by path, without the manifest.
func onDisk(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	fsys := os.DirFS(dir)
	tr := scan(context.Background(), dir, fsys, &tree{}, testNow)
	if len(tr.problems) > 0 {
		t.Fatal(tr.problems)
	}
	for _, s := range tr.sources {
		files[s.Path] = string(s.Data)
	}
	return files
}

func asMap(r *Result) map[string]string {
	files := map[string]string{}
	for _, f := range r.Files {
		files[f.Path] = string(f.Data)
	}
	return files
}
