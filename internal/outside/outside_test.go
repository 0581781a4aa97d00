package outside

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// world answers for all hosts of the tests, on the loopback device.
type world struct {
	*httptest.Server
	mu    sync.Mutex
	calls []string // METHOD host/path
	busy  map[string]int
	most  int // requests to one host at one time
}

func newWorld(t *testing.T) *world {
	w := &world{busy: map[string]int{}}
	w.Server = httptest.NewServer(http.HandlerFunc(w.answer))
	t.Cleanup(w.Close)
	return w
}

func (w *world) answer(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.calls = append(w.calls, r.Method+" "+r.Host+r.URL.Path)
	w.busy[r.Host]++
	w.most = max(w.most, w.busy[r.Host])
	w.mu.Unlock()
	defer func() { w.mu.Lock(); w.busy[r.Host]--; w.mu.Unlock() }()
	to := func(status int, where string) { rw.Header().Set("Location", where); rw.WriteHeader(status) }
	switch r.URL.Path {
	case "/gone":
		rw.WriteHeader(404)
	case "/nohead":
		if r.Method == http.MethodHead {
			rw.WriteHeader(404)
		}
	case "/bots":
		rw.WriteHeader(403)
	case "/broken":
		rw.WriteHeader(500)
	case "/later":
		rw.WriteHeader(429)
	case "/moved":
		to(301, "/new")
	case "/today":
		to(302, "/new")
	case "/loop":
		to(301, "/loop")
	case "/inside":
		to(301, "http://192.168.1.1/")
	case "/slow":
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
		}
	case "/cut":
		conn, _, _ := rw.(http.Hijacker).Hijack()
		conn.Close()
	}
	if r.Header.Get("Referer") != "" || r.Header.Get("Cookie") != "" {
		panic("told too much")
	}
}

// client leads every host to the world.
func (w *world) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, w.Listener.Addr().String())
	}}}
}

func (w *world) options() Options {
	return Options{Client: w.client(), Pause: time.Millisecond, Timeout: 300 * time.Millisecond}
}

func told(answers map[string]Answer) string {
	var b strings.Builder
	for _, a := range slices.Sorted(maps.Keys(answers)) {
		fmt.Fprintf(&b, "%s %d %s%s\n", a, answers[a].State, answers[a].To, answers[a].Why)
	}
	return b.String()
}

// What each kind of host says is understood as a person would.
func TestAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ask []string
	for _, p := range []string{"fine", "gone", "nohead", "bots", "broken", "moved", "today", "loop", "inside", "slow", "cut"} {
		ask = append(ask, "http://"+p+".example.org/"+p)
	}
	ask = append(ask, "http://127.0.0.1/", "http://[::1]:99/x", "https://printer.local/", "http://intranet/", "http://10.0.0.7/")
	got, left := Ask(t.Context(), ask, nil, w.options())
	want := `http://10.0.0.7/ 4 
http://127.0.0.1/ 4 
http://[::1]:99/x 4 
http://bots.example.org/bots 0 
http://broken.example.org/broken 3 it answers 500 Internal Server Error
http://cut.example.org/cut 3 it ends without an answer
http://fine.example.org/fine 0 
http://gone.example.org/gone 2 it answers 404, Not Found
http://inside.example.org/inside 3 it leads into a private network
http://intranet/ 4 
http://loop.example.org/loop 3 it leads on and on
http://moved.example.org/moved 1 http://moved.example.org/new
http://nohead.example.org/nohead 0 
http://slow.example.org/slow 3 it does not answer in time
http://today.example.org/today 0 
https://printer.local/ 4 
`
	if told(got) != want || left != 0 {
		t.Errorf("%d left, got\n%swant\n%s", left, told(got), want)
	}
	for _, c := range w.calls {
		if strings.Contains(c, "192.168") || strings.Contains(c, "intranet") || strings.Contains(c, "local") {
			t.Errorf("it asked %s", c)
		}
	}
}

// A host is asked one thing at a time, with a pause, and not at all once it said
// "later"; many hosts are asked side by side.
func TestGentle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ask []string
	for host := range 4 {
		for page := range 5 {
			ask = append(ask, fmt.Sprintf("http://h%d.example.org/%d", host, page))
		}
	}
	ask = append(ask, "http://tired.example.org/later", "http://tired.example.org/z1", "http://tired.example.org/z2")
	o := w.options()
	o.Pause = 20 * time.Millisecond
	start := time.Now()
	got, left := Ask(t.Context(), ask, nil, o)
	if took := time.Since(start); took < 4*o.Pause {
		t.Errorf("five requests to a host within %s", took)
	}
	if w.most != 1 {
		t.Errorf("%d requests to one host at once", w.most)
	}
	if len(got) != 21 || left != 2 || got["http://tired.example.org/later"].State != Unsure {
		t.Errorf("%d left of\n%s", left, told(got))
	}
	if n := len(w.calls); n != 21 {
		t.Errorf("%d requests: %q", n, w.calls)
	}
}

// What answered is believed for a week, what did not for an hour; over the limit,
// what was asked longest ago comes first.
func TestKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	o := w.options()
	o.Now, o.Limit = func() time.Time { return now }, 2
	ask := []string{"http://a.example.org/", "http://b.example.org/gone", "http://c.example.org/", "http://a.example.org/"}
	known, left := Ask(t.Context(), ask, nil, o)
	if len(known) != 2 || left != 1 {
		t.Fatalf("%d left\n%s", left, told(known))
	}
	name := filepath.Join(t.TempDir(), "cache", "outside")
	if err := Keep(name, known); err != nil {
		t.Fatal(err)
	}
	asked := func(after time.Duration) []string {
		w.calls, now = nil, now.Add(after)
		known, left = Ask(t.Context(), ask, Read(name), o)
		if err := Keep(name, known); err != nil {
			t.Fatal(err)
		}
		return w.calls
	}
	if got := asked(0); !slices.Equal(got, []string{"HEAD c.example.org/"}) {
		t.Errorf("at once: %q", got)
	}
	if got := asked(0); len(got) != 0 {
		t.Errorf("at once again: %q", got)
	}
	if got := asked(2 * time.Hour); !slices.Equal(got, []string{"HEAD b.example.org/gone", "GET b.example.org/gone"}) {
		t.Errorf("after two hours: %q", got)
	}
	o.Limit = 1
	if got := asked(8 * 24 * time.Hour); len(got) != 1 || left != 2 || len(known) != 3 {
		t.Errorf("after a week, with a limit of one: %q, %d left, %d known", got, left, len(known))
	}
	if Read(filepath.Join(t.TempDir(), "none")) != nil {
		t.Error("it knows something without a file")
	}
}

// It ends when it is told to, with what it knows by then.
func TestEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	o := w.options()
	o.Seen = func(done, total int) { stop() }
	got, left := Ask(ctx, []string{"http://a.example.org/1", "http://a.example.org/2", "http://a.example.org/3"}, nil, o)
	if len(got) != 1 || left != 2 {
		t.Errorf("%d left of\n%s", left, told(got))
	}
}
