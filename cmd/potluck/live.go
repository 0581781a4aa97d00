package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// liveScript reloads the page when the site was built anew, keeps the scroll
// position, and shows problems. It is served, never built.
const liveScript = `(function () {
  var root = document.currentScript.src.replace(/live\.js.*/, ""), seen = document.currentScript.src.split("?")[1];
  var key = "potluck-scroll:" + location.pathname;
  var at = sessionStorage.getItem(key);
  if (at) { sessionStorage.removeItem(key); scrollTo(0, +at); }
  function panel() {
    fetch(root + "problems").then(function (r) { return r.text(); }).then(function (t) {
      var old = document.getElementById("live-problems");
      if (old) old.remove();
      if (!t) return;
      var p = document.createElement("pre");
      p.id = "live-problems"; p.textContent = t; p.dir = "ltr";
      p.style.cssText = "position:fixed;inset:auto 0 0 0;max-height:40vh;overflow:auto;margin:0;padding:1em;background:#fff3cd;color:#3d2c00;font:14px/1.4 monospace;border-top:3px solid #b45309;z-index:99;white-space:pre-wrap";
      document.body.appendChild(p);
    });
  }
  panel();
  var bell;
  function listen() {
    bell = new EventSource(root + "events?" + seen);
    bell.addEventListener("built", function () { sessionStorage.setItem(key, scrollY); location.reload(); });
  }
  listen();
  // A page that waits for the back button would hold one of the browser's few connections.
  addEventListener("pagehide", function () { bell.close(); });
  addEventListener("pageshow", function (e) { if (e.persisted) listen(); });
})();
`

// liveReload tells open pages that the site was built anew.
type liveReload struct {
	mu    sync.Mutex
	next  chan struct{} // closed at the next build
	built int           // builds so far
	done  bool
}

func newLiveReload() *liveReload { return &liveReload{next: make(chan struct{})} }

func (l *liveReload) ring() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.done {
		l.built++
		close(l.next)
		l.next = make(chan struct{})
	}
}

// close lets every open channel end, so that the server can.
func (l *liveReload) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.done {
		l.done = true
		close(l.next)
	}
}

// seen numbers the last build, for a page that is about to be sent: one that was built
// anew before its channel was open is told so then.
func (l *liveReload) seen() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.built
}

func (l *liveReload) wait() (next <-chan struct{}, built int, done bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next, l.built, l.done
}

// ServeHTTP gives the script, and the stream of events.
func (l *liveReload) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_live/live.js" {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprint(w, liveScript)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	rc := http.NewResponseController(w)
	_ = rc.SetWriteDeadline(time.Time{})
	fmt.Fprint(w, "retry: 500\n\n")
	seen, err := strconv.Atoi(r.URL.RawQuery)
	if err != nil {
		seen = l.seen()
	}
	for {
		bell, built, done := l.wait()
		if built != seen {
			fmt.Fprint(w, "event: built\ndata: new\n\n")
			seen = built
		}
		if done || rc.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-bell:
		}
	}
}

// problemsPanel gives the problems of the site as text.
func (s *server) problemsPanel(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if e := s.errs.Load(); e != nil && *e != "" {
		fmt.Fprintf(w, "the site could not be built, the last good one is shown: %s\n", *e)
	}
	sayProblems(w, s.site.Load().Problems)
}

// withLive adds the script to a page on its way out. base is the path of base_url, seen
// the build that was the last one before the page was taken.
func withLive(page []byte, base string, seen int) []byte {
	script := fmt.Sprintf(`<script src="%s/_live/live.js?%d" defer></script></body>`, html.EscapeString(base), seen)
	return bytes.Replace(page, []byte("</body>"), []byte(script), 1)
}

func etag(data []byte) string {
	sum := sha256.Sum256(data)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}
