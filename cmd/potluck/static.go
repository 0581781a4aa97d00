package main

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"

	"potluck/internal/site"
)

// pageHeaders stand on every built file. The same policy stands in the pages,
// for static hosts that send none.
var pageHeaders = map[string]string{
	"Content-Security-Policy":    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"Referrer-Policy":            "same-origin",
	"X-Content-Type-Options":     "nosniff",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Permissions-Policy":         "geolocation=(), camera=(), microphone=()",
}

// page answers with a built file. A folder without its last slash is sent on;
// what is not there gets the 404 page of the language that was asked for.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this address only shows a page", http.StatusMethodNotAllowed)
		return
	}
	for k, v := range pageHeaders {
		w.Header().Set(k, v)
	}
	res := s.site.Load()
	data, kind, ok := res.Lookup(r.URL.Path)
	if !ok {
		if _, _, ok := res.Lookup(r.URL.Path + "/"); ok && !strings.HasSuffix(r.URL.Path, "/") {
			http.Redirect(w, r, s.n.cfg().BasePath+r.URL.EscapedPath()+"/", http.StatusMovedPermanently)
			return
		}
		s.notFound(w, r)
		return
	}
	if s.opt.live && strings.HasPrefix(kind, "text/html") && isLoopback(s.c.addr) {
		data = withLive(w.Header(), data)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Etag", etag(data))
	w.Header().Set("Cache-Control", "no-cache")
	if strings.HasPrefix(r.URL.Path, "/assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	path := "/404.html"
	if lang, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); slices.Contains(s.n.cfg().Languages[1:], lang) {
		path = "/" + lang + path
	}
	data, kind, ok := s.site.Load().Lookup(path)
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(data)
}

func sameProblems(a, b []site.Problem) bool { return slices.Equal(a, b) }
