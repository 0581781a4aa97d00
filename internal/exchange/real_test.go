package exchange

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"potluck/internal/site"
)

const realData = "../../../shared/data/"

func testConfig(t testing.TB, src string) *site.Config {
	t.Helper()
	cfg, problems := site.ParseConfig([]byte("title = \"Riverside\"\n" + src))
	if problems != nil {
		t.Fatal(problems)
	}
	return cfg
}

// checkReport holds what is true of every report: it adds up, and each page can
// be read back without a problem from a file of its own.
func checkReport(t *testing.T, cfg *site.Config, r *Report) {
	t.Helper()
	if r.Records != len(r.Pages)+len(r.Refused) {
		t.Errorf("%d records, but %d pages and %d refused", r.Records, len(r.Pages), len(r.Refused))
	}
	paths := map[string]bool{}
	for _, it := range r.Pages {
		if paths[strings.ToLower(it.Page.Path)] {
			t.Errorf("%s twice", it.Page.Path)
		}
		paths[strings.ToLower(it.Page.Path)] = true
		if _, problems := site.Parse(cfg, it.Page.Place, it.Bytes); problems != nil {
			t.Errorf("%s: %v", it.Page.Path, problems)
		}
	}
	for _, n := range append(r.Refused, r.Left...) {
		if n.Where == "" || n.Reason == "" {
			t.Errorf("a note without place or reason: %+v", n)
		}
	}
}

func countField(r *Report, name string) (n int) {
	for _, it := range r.Pages {
		if it.Page.Fields[name] != nil {
			n++
		}
	}
	return n
}

func TestRealPantries(t *testing.T) {
	src, err := os.ReadFile(realData + "pantries/pantries.csv")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no real data here")
	}
	own, err := os.ReadFile("../../site.toml")
	if err != nil {
		t.Fatal(err)
	}
	starter, _ := site.ParseConfig(own) // has a list of categories; most here are not in it
	have := fstest.MapFS{}
	for _, cfg := range []*site.Config{starter, testConfig(t, "")} {
		clear(have)
		r, err := ImportCSV(cfg, bytes.NewReader(src), Mapping{Source: "pantries.csv"})
		if err != nil {
			t.Fatal(err)
		}
		checkReport(t, cfg, r)
		t.Log(r)
		counts := []int{r.Records, len(r.Pages), countField(r, "hours"), countField(r, "phones"), countField(r, "latitude")}
		if !slices.Equal(counts, []int{2387, 2387, 639, 1778, 1841}) {
			t.Errorf("records, pages, hours, phones, latitude: %d", counts)
		}
		for _, it := range r.Pages {
			have[it.Page.Path] = &fstest.MapFile{Data: it.Bytes}
		}
		again, err := ImportCSV(cfg, bytes.NewReader(src), Mapping{Source: "pantries.csv", Have: have})
		if err != nil {
			t.Fatal(err)
		}
		for i, it := range again.Pages {
			if it.Page.Path != r.Pages[i].Page.Path || !bytes.Equal(it.Bytes, r.Pages[i].Bytes) {
				t.Fatalf("%s became %s when imported again", r.Pages[i].Page.Path, it.Page.Path)
			}
		}
	}
}

func TestRealFoodOasis(t *testing.T) {
	if _, err := os.Stat(realData + "food-oasis-la"); err != nil {
		t.Skip("no real data here")
	}
	cfg := testConfig(t, "")
	r, err := ImportMarkdown(cfg, os.DirFS(realData+"food-oasis-la"), Mapping{Source: "food-oasis-la"})
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, cfg, r)
	t.Log(r)
	counts := []int{r.Records, len(r.Pages), countField(r, "hours"), countField(r, "phones"), countField(r, "latitude")}
	if !slices.Equal(counts, []int{1289, 1289, 1126, 1191, 1289}) {
		t.Errorf("records, pages, hours, phones, latitude: %d", counts)
	}
}
