package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// features is what the generator promises, and what holds each: a golden site in
// builder/testdata/golden, a script in testdata/script, or a test by the folder of its
// package and its name.
var features = []struct{ feature, held string }{
	{"content: a list and a page of each kind, own kinds and fields", "kinds"},
	{"content: every kind in the theme, with no dead link", "builder.TestCommonsAlone"},
	{"content: category, area and language as lists, with parents", "lists"},
	{"content: pairs of category and area", "listings"},
	{"content: pages of lists", "lists"},
	{"content: sort orders and settings of a section", "order"},
	{"content: menus", "lists"},
	{"content: data files for layouts", "related"},
	{"content: related pages and backlinks", "related"},
	{"content: aliases and _redirects", "redirects"},
	{"content: drafts, scheduled and expired pages", "shown"},
	{"content: files beside a page", "bundle"},
	{"content: one page in another", "include"},
	{"content: pages from forms", "guest"},
	{"markdown: GFM, footnotes, tables, tasks", "markdown"},
	{"markdown: definition lists, notices, steps, details, quotes of the language, anchors that stay", "blocks"},
	{"markdown: numbers on a page read from the right", "numbers"},
	{"markdown: HTML by allow list", "html"},
	{"markdown: links checked, links to other sites marked", "links"},
	{"markdown: the examples of CommonMark", "builder.TestCommonMark"},
	{"markdown: the examples of GFM", "builder.TestGFM"},
	{"pictures: several widths, lazy, with size; one that is refused has its place", "bundle"},
	{"pictures: widths, and no word of the camera", "internal/pictures.TestSizes"},
	{"pictures: one of more than 40 megapixels is refused, and a bomb", "internal/pictures.TestRefused"},
	{"pictures: what was made is kept by its content", "internal/pictures.TestCache"},
	{"languages: translations by suffix, marked where one is missing", "lists"},
	{"languages: order of fallback", "fallback"},
	{"languages: a page that is written in another", "written-in"},
	{"languages: feeds, sitemap with hreflang", "outputs"},
	{"languages: search", "builder.TestSearchAgrees"},
	{"history: last change, page of all changes, in each language", "history"},
	{"history: from git, over moves, and a revision from a bare repository", "script/history"},
	{"history: merges as git log tells them", "internal/repo.TestPastAsGitSays"},
	{"outputs: Atom, sitemap, robots.txt, 404", "outputs"},
	{"outputs: JSON Feed, index.json, web manifest", "listings"},
	{"outputs: iCalendar", "events"},
	{"outputs: a sitemap in parts", "builder.TestSitemapParts"},
	{"outputs: each can be turned off", "outputs-off"},
	{"outputs: search index", "builder.TestSearchPages"},
	{"outputs: packed files", "builder.TestPack"},
	{"outputs: what was written is known and removed", "builder.TestWrite"},
	{"outputs: publish to a folder and to a branch", "script/publish"},
	{"outputs: recipes for three forges", "cmd/potluck.TestRecipes"},
	{"serve: changes, folders made later, editors that rename, bursts", "internal/watch.TestRings"},
	{"serve: 10,000 folders", "internal/watch.TestManyFolders"},
	{"serve: the limit of the system", "internal/watch.TestFallsBackToLooking"},
	{"serve: live reload, problems with their place, the old page kept", "cmd/potluck.TestLive"},
	{"serve: the place on the page is kept", "internal/e2e.TestLiveReload"},
	{"serve: what is served is what is built", "cmd/potluck.TestServedIsBuilt"},
	{"tool: strict, json, exit codes, quiet in a pipe", "script/tool"},
	{"tool: progress and the table of what was slow", "cmd/potluck.TestReport"},
	{"tool: problems with place and hint", "script/build"},
	{"check: what a person should look at again", "script/check"},
	{"check: orphans, unused files, missing translations, alt text, heading order", "builder.TestAudit"},
	{"check: links to other sites", "cmd/potluck.TestCheckExternal"},
	{"hostile: everything bad at once, by the program, in bounded memory", "cmd/potluck.TestHostileContent"},
	{"hostile: files", "builder.TestHostileFiles"},
	{"hostile: text", "builder.TestHostileMarkdown"},
	{"hostile: front matter", "internal/site.TestHardHeads"},
	{"law: incremental is clean", "builder.TestIncrementalEqualsClean"},
}

// TestFeatures: what holds each feature is there, and no golden site holds nothing.
func TestFeatures(t *testing.T) {
	t.Parallel()
	const golden = "../../builder/testdata/golden/"
	named := map[string]bool{}
	for _, f := range features {
		named[f.held] = true
		dir, test, isTest := strings.Cut(f.held, ".")
		script, isScript := strings.CutPrefix(f.held, "script/")
		switch {
		case isTest && !hasTest(t, "../../"+dir, test):
			t.Errorf("%s: there is no %s in %s", f.feature, test, dir)
		case isScript && !exists("testdata/script/"+script+".txtar"), !isTest && !isScript && !exists(golden+f.held+".txtar"):
			t.Errorf("%s: there is no %s.txtar", f.feature, f.held)
		}
	}
	sites, err := filepath.Glob(golden + "*.txtar")
	if err != nil || len(sites) == 0 {
		t.Fatal(sites, err)
	}
	for _, s := range sites {
		if name := strings.TrimSuffix(filepath.Base(s), ".txtar"); !named[name] {
			t.Errorf("the golden site %s stands for no feature of the table", name)
		}
	}
}

func hasTest(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(dir + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if src, err := os.ReadFile(f); err == nil && strings.Contains(string(src), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}
