package main

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sharedData gives a folder of real data beside the checkout, and skips where
// there is none.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "data", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data here: %v", err)
	}
	return dir
}

// TestPantries: 2,387 real, dirty rows become a site.
func TestPantries(t *testing.T) {
	t.Parallel()
	csv := filepath.Join(sharedData(t, "pantries"), "pantries.csv")
	dir := newNet(t)
	out := must(t, "import", "csv", csv, "-C", dir, "-map", "address={address}, {city}, {state} {zip}")
	t.Log("\n" + out)
	if again := must(t, "import", "csv", csv, "-C", dir, "-map", "address={address}, {city}, {state} {zip}"); !strings.Contains(again, "0 pages written") {
		t.Errorf("a second import changed pages:\n%s", again)
	}
	must(t, "build", "-strict", "-C", dir)
	checkSite(t, filepath.Join(dir, "public"), 2300)
}

// TestFoodOasis: 1,289 Markdown files with YAML front matter become a site.
func TestFoodOasis(t *testing.T) {
	t.Parallel()
	src := sharedData(t, "food-oasis-la")
	dir := newNet(t)
	t.Log("\n" + must(t, "import", "markdown", src, "-C", dir))
	must(t, "build", "-strict", "-C", dir)
	checkSite(t, filepath.Join(dir, "public"), 1200)
}

// TestSampleSite: the sample network has no fault.
func TestSampleSite(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "public")
	must(t, "build", "-strict", "-C", "../..", "-out", out)
	checkSite(t, out, 100)
}

var (
	h1Tag    = regexp.MustCompile(`<h1[ >]`)
	titleTag = regexp.MustCompile(`<title>[^<]+</title>`)
	langAttr = regexp.MustCompile(`<html [^>]*lang="[a-z-]+"`)
	linkAttr = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	idAttr   = regexp.MustCompile(`\bid="([^"]*)"`)
	answered = regexp.MustCompile(`^/(forms|mine|desk)/`) // by a handler, not by a file
)

// checkSite looks at every page: one h1, a title, a language, no id twice, and
// no link inside the site that leads nowhere.
func checkSite(t *testing.T, dir string, least int) {
	t.Helper()
	site := os.DirFS(dir)
	pages, links := 0, map[string]string{}
	err := fs.WalkDir(site, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(p) != ".html" {
			return err
		}
		b, err := fs.ReadFile(site, p)
		pages++
		checkPage(t, p, string(b), links)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if pages < least {
		t.Errorf("%d pages, fewer than %d", pages, least)
	}
	for target, from := range links {
		if !reaches(site, target) {
			t.Errorf("%s links to %s, which is not there", from, target)
		}
	}
	t.Logf("%d pages, %d different links", pages, len(links))
}

func checkPage(t *testing.T, name, page string, links map[string]string) {
	if n := len(h1Tag.FindAllString(page, -1)); n != 1 {
		t.Errorf("%s has %d h1", name, n)
	}
	if !titleTag.MatchString(page) || !langAttr.MatchString(page) {
		t.Errorf("%s has no title or no language", name)
	}
	seen := map[string]bool{}
	for _, m := range idAttr.FindAllStringSubmatch(page, -1) {
		if seen[m[1]] {
			t.Errorf("%s has the id %q twice", name, m[1])
		}
		seen[m[1]] = true
	}
	for _, m := range linkAttr.FindAllStringSubmatch(page, -1) {
		u, err := url.Parse(strings.ReplaceAll(m[1], "&amp;", "&"))
		if err != nil {
			t.Errorf("%s has a link that is none: %q", name, m[1])
			continue
		}
		if u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && !answered.MatchString(u.Path) {
			links[u.Path] = name
		}
	}
}

func reaches(site fs.FS, target string) bool {
	p := strings.TrimPrefix(target, "/")
	if strings.HasSuffix(target, "/") {
		p += "index.html"
	}
	_, err := fs.Stat(site, p)
	return err == nil
}
