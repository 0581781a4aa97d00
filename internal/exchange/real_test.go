package exchange

import (
	"errors"
	"io/fs"
	"os"
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
	f, err := os.Open(realData + "pantries/pantries.csv")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no real data here")
	}
	defer f.Close()
	cfg := testConfig(t, "")
	r, err := ImportCSV(cfg, f, Mapping{Source: "pantries.csv"})
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, cfg, r)
	t.Log(r)
	if r.Records != 2387 || len(r.Pages) < 2380 {
		t.Errorf("%d records, %d pages", r.Records, len(r.Pages))
	}
	t.Logf("hours %d phones %d latitude %d", countField(r, "hours"), countField(r, "phones"), countField(r, "latitude"))
	have := fstest.MapFS{}
	for _, it := range r.Pages {
		have[it.Page.Path] = &fstest.MapFile{Data: it.Bytes}
	}
	_, _ = f.Seek(0, 0)
	again, err := ImportCSV(cfg, f, Mapping{Source: "pantries.csv", Have: have})
	if err != nil {
		t.Fatal(err)
	}
	for i, it := range again.Pages {
		if it.Page.Path != r.Pages[i].Page.Path {
			t.Fatalf("%s became %s when imported again", r.Pages[i].Page.Path, it.Page.Path)
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
	t.Logf("hours %d phones %d latitude %d", countField(r, "hours"), countField(r, "phones"), countField(r, "latitude"))
	if r.Records != 1289 || len(r.Pages) < 1289 {
		t.Errorf("%d records, %d pages", r.Records, len(r.Pages))
	}
}
