package formhandler_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"potluck/builder"
	"potluck/formhandler"
	"potluck/internal/site"
)

// searching serves the search of a small network with the theme that potluck carries.
func searching(t *testing.T) http.Handler {
	t.Helper()
	cfg, _ := site.ParseConfig([]byte(network))
	page := func(front string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("+++\n" + front + "\n+++\nBread.\n")}
	}
	content := fstest.MapFS{
		"resources/soup.md":    page("title = \"Soup kitchen\"\ncategories = [\"food\"]\nareas = [\"harbor\"]\nhours = \"Mo 09:00-17:00\""),
		"resources/soup.es.md": page("title = \"Comedor\"\ncategories = [\"food\"]\nareas = [\"harbor\"]\nhours = \"Mo 09:00-17:00\""),
		"resources/ride.md":    page("title = \"Rides to the soup\"\ncategories = [\"transport/rides\"]\nareas = [\"old-mill\"]"),
		"offers/done.md":       page("title = \"Soup, gone\"\nstate = \"closed\""),
	}
	b := builder.New()
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) // a Monday, ten o'clock there
	if _, err := b.Build(context.Background(), builder.Input{Content: content, Theme: os.DirFS("../themes/commons"), Config: cfg, Now: now}); err != nil {
		t.Fatal(err)
	}
	h := formhandler.NewSearch(formhandler.SearchOptions{Config: func() *site.Config { return cfg }, Searcher: b, Now: func() time.Time { return now }})
	mux := http.NewServeMux()
	for _, p := range formhandler.SearchPaths(cfg) {
		mux.Handle(p, h)
	}
	return mux
}

func TestSearch(t *testing.T) {
	mux := searching(t)
	for _, c := range []struct {
		path      string
		has, lack string // parted by |
	}{
		{"/search", `action="/search/"|name="open"`, "Found:|<script|noscript"},
		{"/search/?q=soup", "Found: 2|/resources/soup/|/resources/ride/", "gone|<script"},
		{"/es/search/?q=soup", "Encontramos: 2|/es/resources/soup/|Comedor", ""},
		{"/search/?q=soup&area=old-mill", "Found: 1|Rides to the soup", "Soup kitchen"},
		{"/search/?open=yes", "Found: 1|Soup kitchen| checked", "Rides to"},
		{"/search/?q=xyzzy&category=food", "We found nothing|value=\"xyzzy\"", "Found:"},
		{"/search/?q=%22%3E%3Cb%3E&page=x&area=%00", "We found nothing|value=\"&#34;&gt;&lt;b&gt;\"", "\"><b>"},
		{"/search/?q=" + strings.Repeat("soup+a+", 1000), "Found: 2", ""},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", c.path, nil))
		body := w.Body.String()
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %v", c.path, w.Code, w.Header())
		}
		for want := range strings.SplitSeq(c.has, "|") {
			if !strings.Contains(body, want) {
				t.Errorf("%.60s lacks %q", c.path, want)
			}
		}
		for bad := range strings.SplitSeq(c.lack, "|") {
			if bad != "" && strings.Contains(body, bad) {
				t.Errorf("%.60s has %q", c.path, bad)
			}
		}
	}
}

func TestSearchRefusals(t *testing.T) {
	for path, want := range map[string]int{"/search/abc/t/0.txt": 404, "/ar/search/": 404} {
		w := httptest.NewRecorder()
		if searching(t).ServeHTTP(w, httptest.NewRequest("GET", path, nil)); w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := httptest.NewRecorder()
	if searching(t).ServeHTTP(w, httptest.NewRequest("POST", "/search/", nil)); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("a post: %d", w.Code)
	}
}

type noSearch struct{}

func (noSearch) Search(io.Writer, string, url.Values, time.Time) error { return errors.New("none") }

func TestSearchGone(t *testing.T) {
	cfg, _ := site.ParseConfig([]byte(network))
	logged := 0
	h := formhandler.NewSearch(formhandler.SearchOptions{Config: func() *site.Config { return cfg }, Searcher: noSearch{}, Now: time.Now, Log: func(error) { logged++ }})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/search/?q=secret", nil))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), cfg.Phone) || logged != 1 {
		t.Errorf("%d %q, %d logged", w.Code, w.Body, logged)
	}
}
