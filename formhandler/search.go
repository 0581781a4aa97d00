package formhandler

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"potluck/internal/site"
)

// Searcher answers the search page. builder has it.
type Searcher interface {
	// Search writes the whole page that answers a query in the address (q, category,
	// area, language, open, page), in a language. An error says that there is no search.
	Search(w io.Writer, lang string, asked url.Values, now time.Time) error
}

// SearchOptions is what the search is answered with.
type SearchOptions struct {
	Config   func() *site.Config
	Searcher Searcher
	Now      func() time.Time
	Log      func(error) // what a keeper should know; nil: nobody is told
}

// SearchPaths are the addresses of the search page in all languages, as patterns of
// [http.ServeMux]. What lies below them are files of the builder.
func SearchPaths(c *site.Config) []string {
	paths := []string{"/search", "/search/{$}"}
	for _, lang := range c.Languages[1:] {
		paths = append(paths, "/"+lang+"/search", "/"+lang+"/search/{$}")
	}
	return paths
}

// NewSearch makes the handler of [SearchPaths]. A base path is cut off before. What
// neighbours look for is not logged, and neither kept here nor by their browser.
func NewSearch(o SearchOptions) http.Handler { return &searchHandler{o} }

type searchHandler struct{ SearchOptions }

func (h *searchHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this address only shows a page", http.StatusMethodNotAllowed)
		return
	}
	c := h.Config()
	lang, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !slices.Contains(c.Languages[1:], lang) {
		lang = c.Languages[0]
	}
	var page bytes.Buffer
	if err := h.Searcher.Search(&page, lang, r.URL.Query(), h.Now()); err != nil {
		if h.Log != nil {
			h.Log(errors.New("the search page cannot be made")) // err may hold the words
		}
		http.Error(w, "The search is not there right now. Call us: "+c.Phone, http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page.Bytes())
}
