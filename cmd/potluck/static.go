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
	seen, res := s.live.seen(), s.site.Load() // in this order
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
		data = withLive(data, s.n.cfg().BasePath, seen)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", site.CacheControl(r.URL.Path))
	data = s.pack(w, r, data)
	w.Header().Set("Etag", etag(data))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// pack gives a file as the asker can have it, packed if that makes it smaller.
func (s *server) pack(w http.ResponseWriter, r *http.Request, data []byte) []byte {
	for _, c := range codings {
		if !takes(r, c.Name) {
			continue
		}
		if z := s.packs.of(c, r.URL.Path, data); z != nil {
			w.Header().Set("Content-Encoding", c.Name)
			data = z
		}
		break
	}
	w.Header().Add("Vary", "Accept-Encoding")
	return data
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
