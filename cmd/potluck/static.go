package main

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"

	"potluck/internal/site"
)

// page answers with a built file. A folder without its last slash is sent on;
// what is not there gets the 404 page of the language that was asked for.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this address only shows a page", http.StatusMethodNotAllowed)
		return
	}
	for _, h := range site.Headers {
		w.Header().Set(h[0], h[1])
	}
	res := s.site.Load()
	if to, ok := res.Redirect(r.URL.Path); ok {
		if r.URL.RawQuery != "" && !strings.ContainsAny(to, "?#") {
			to += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, to, http.StatusMovedPermanently)
		return
	}
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
		data = withLive(data)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Etag", etag(data))
	if z := s.packs.of(r.URL.Path, data); z != nil {
		w.Header().Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			data = z
			w.Header().Set("Etag", etag(z))
			w.Header().Set("Content-Encoding", "gzip")
		}
	}
	w.Header().Set("Cache-Control", "no-cache")
	if strings.HasPrefix(r.URL.Path, "/assets/") || strings.HasPrefix(r.URL.Path, "/search/") && !strings.HasPrefix(kind, "text/html") {
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
