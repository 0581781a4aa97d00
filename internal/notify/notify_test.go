package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"potluck/internal/durable"
)

const link = "https://riverside.example.org/desk/"

func TestMain(m *testing.M) {
	if dir := os.Getenv("NOTIFY_TEST_DIR"); dir != "" {
		out, err := Open(dir, Config{Link: link, Webhook: &Webhook{URL: os.Getenv("NOTIFY_TEST_URL"), Style: "ntfy"}}, Options{})
		if err != nil {
			panic(err)
		}
		out.Waiting(4, 2)
		out.Run(context.Background())
	}
	os.Exit(m.Run())
}

// receiver is a webhook's other end. While it is told to, it fails.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	got   []string
	tries int
	heads []http.Header
	fails int // so many tries; less than 0: all
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tries++
		if r.fails != 0 {
			r.fails--
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		r.got, r.heads = append(r.got, string(body)), append(r.heads, req.Header)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) set(fails int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = fails
}

func (r *receiver) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.got...)
}

func (r *receiver) config() Config {
	return Config{Link: link, Webhook: &Webhook{URL: r.URL + "/topic", Style: "ntfy"}}
}

// reports collects what is reported.
type reports struct {
	mu   sync.Mutex
	errs []error
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

func (r *reports) all() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]error(nil), r.errs...)
}

func open(t *testing.T, dir string, cfg Config, o Options) *Outbox {
	t.Helper()
	out, err := Open(dir, cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// run runs an outbox until the returned function is called.
func run(t *testing.T, out *Outbox) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { out.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}

func want(t *testing.T, got []string, texts ...string) {
	t.Helper()
	for i, s := range texts {
		texts[i] = s + " " + link
	}
	if fmt.Sprint(got) != fmt.Sprint(texts) {
		t.Fatalf("sent %q, want %q", got, texts)
	}
}

func told(out *Outbox) bool { return out.Status()[0].Unsent == "" }

// pass lets the time pass until the next notice is due.
func pass(out *Outbox) {
	c := out.channels[0]
	c.mu.Lock()
	c.s.Next = time.Now()
	c.mu.Unlock()
	c.kick <- struct{}{}
}

// Later notices are merged: what goes out has the numbers of that moment.
func TestMerging(t *testing.T) {
	r := newReceiver(t)
	dir := filepath.Join(t.TempDir(), "var", "outbox")
	out := open(t, dir, r.config(), Options{})
	run(t, out)
	out.Waiting(1, 0)
	eventually(t, "the first", func() bool { return len(r.all()) == 1 && told(out) })
	for i := 2; i <= 9; i++ {
		out.Waiting(i, i/3)
	}
	out.Waiting(8, 3) // one was decided
	if s := out.Status()[0]; s.Unsent == "" || time.Until(s.Next) < 14*time.Minute || time.Until(s.Next) > 15*time.Minute {
		t.Errorf("status: %+v", s)
	}
	pass(out)
	eventually(t, "the second", func() bool { return len(r.all()) == 2 && told(out) })
	out.Waiting(5, 2)
	out.Waiting(5, 2)
	if !told(out) {
		t.Error("fewer wait, and that makes a notice")
	}
	out.Waiting(6, 2)
	pass(out)
	eventually(t, "the third", func() bool { return len(r.all()) == 3 && told(out) })
	out.Waiting(7, 2)
	out.Waiting(0, 0)
	if !told(out) {
		t.Error("nothing waits, and a notice is kept")
	}
	want(t, r.all(), "1 submission waits.", "8 submissions wait, 3 of them held.", "6 submissions wait, 2 of them held.")
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Join(dir, "webhook")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v %v", info.Mode(), err)
	}
}

// A failing channel is shown and tried again, later each time, and comes right by itself.
func TestBackOff(t *testing.T) {
	r := newReceiver(t)
	r.set(-1)
	var seen reports
	out := open(t, t.TempDir(), r.config(), Options{Retry: 20 * time.Millisecond, Report: seen.add})
	run(t, out)
	out.Waiting(2, 0)
	eventually(t, "four tries", func() bool { return len(seen.all()) == 4 })
	s := out.Status()[0]
	if s.Channel != "webhook" || s.Unsent == "" || s.Waiting != 2 || s.Tries < 4 || s.Error != "127.0.0.1 answers with status 502" {
		t.Errorf("status: %+v", s)
	}
	if d := time.Until(s.Next); s.Tries == 4 && d > 240*time.Millisecond {
		t.Errorf("next try in %v", d)
	}
	if err := seen.all()[0]; err.Error() != "notices by webhook: 127.0.0.1 answers with status 502" {
		t.Errorf("reported: %v", err)
	}
	r.set(0)
	eventually(t, "it is sent", func() bool { return out.Status()[0].Unsent == "" })
	want(t, r.all(), "2 submissions wait.")
	if s := out.Status()[0]; s.Error != "" || s.Tries != 0 {
		t.Errorf("status: %+v", s)
	}
}

func TestBackOffGrowsToAnHour(t *testing.T) {
	c := &channel{path: filepath.Join(t.TempDir(), "x"), o: Options{Retry: 30 * time.Second, Words: english}, kick: make(chan struct{}, 1)}
	c.send = func(context.Context, notice) error { return errors.New("no") }
	waits := map[time.Duration]bool{}
	for i := range 20 {
		c.deliver(t.Context(), c.s)
		d, mean := time.Until(c.s.Next), min(30*time.Second<<min(i, 12), time.Hour)
		if d < mean/2-time.Second || d > mean*3/2 {
			t.Errorf("after failure %d: %v", i+1, d)
		}
		waits[d.Round(time.Millisecond)] = true
	}
	if len(waits) < 15 {
		t.Error("no jitter")
	}
}

// What was not sent is sent after a restart, once.
func TestRestart(t *testing.T) {
	r, dir := newReceiver(t), t.TempDir()
	r.set(-1)
	o := Options{Retry: 10 * time.Millisecond, Every: time.Hour}
	out := open(t, dir, r.config(), Options{Retry: time.Minute})
	stop := run(t, out)
	out.Waiting(3, 1)
	eventually(t, "a try", func() bool { return out.Status()[0].Tries > 0 })
	stop()
	r.set(0)
	out = open(t, dir, r.config(), o)
	stop = run(t, out)
	eventually(t, "it is sent", func() bool { return out.Status()[0].Unsent == "" })
	stop()
	out = open(t, dir, r.config(), o)
	out.Waiting(3, 1)
	stop = run(t, out)
	out.Waiting(4, 1) // not before the hour is over, also after a restart
	time.Sleep(50 * time.Millisecond)
	stop()
	want(t, r.all(), "3 submissions wait, 1 of them held.")
	if s := out.Status()[0]; s.Unsent == "" || time.Until(s.Next) < 50*time.Minute {
		t.Errorf("status: %+v", s)
	}
}

// The process is killed while it sends. The next one sends it, with the same ID.
func TestKill(t *testing.T) {
	dir, begun, ids := t.TempDir(), make(chan string), make(chan string, 1)
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { begun <- ""; <-release }))
	defer srv.Close()
	defer close(release)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "NOTIFY_TEST_DIR="+dir, "NOTIFY_TEST_URL="+srv.URL)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	<-begun
	child.Process.Kill()
	child.Wait()
	r := newReceiver(t)
	out := open(t, dir, r.config(), Options{})
	ids <- out.Status()[0].Unsent
	run(t, out)
	eventually(t, "it is sent", func() bool { return out.Status()[0].Unsent == "" })
	want(t, r.all(), "4 submissions wait, 2 of them held.")
	if id := <-ids; len(id) < 20 {
		t.Errorf("ID %q", id)
	}
}

// A full or failing disk is shown; what it could not take is sent from memory, and is on disk
// once the disk works.
func TestFaults(t *testing.T) {
	swept := 0
	for at := 1; ; at++ {
		dir := filepath.Join(t.TempDir(), "outbox")
		var seen reports
		n, hit := at, false
		durable.Fault = func(op, path string) error {
			if n--; n == 0 {
				hit = true
				return syscall.ENOSPC
			}
			return nil
		}
		out, err := Open(dir, Config{Webhook: &Webhook{}}, Options{Report: seen.add})
		if err == nil {
			out.Waiting(3, 1)
		}
		durable.Fault = nil
		if !hit {
			break
		}
		swept++
		if err == nil && len(seen.all()) == 0 && out.Status()[0].Error == "" {
			if again := open(t, dir, Config{Webhook: &Webhook{}}, Options{}); again.Status()[0].Unsent == "" {
				t.Fatalf("fault %d was swallowed", at)
			}
		}
		if err != nil {
			continue
		}
		out.Waiting(3, 1)
		if again := open(t, dir, Config{Webhook: &Webhook{}}, Options{}); again.Status()[0].Unsent == "" {
			t.Fatalf("fault %d was not made good", at)
		}
	}
	if t.Logf("%d fault points", swept); swept < 5 {
		t.Error("too few")
	}
}

// A file that cannot be read, and clocks that were set, hold nothing up.
func TestDamage(t *testing.T) {
	r := newReceiver(t)
	for _, file := range []string{"{", `{"waiting":1,"unsent":"x","next":"2999-01-01T00:00:00Z"}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "webhook"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		out := open(t, dir, r.config(), Options{})
		before := len(r.all())
		run(t, out)
		out.Waiting(2, 0)
		eventually(t, "it is sent: "+file, func() bool { return len(r.all()) == before+1 })
	}
}

// A channel that hangs holds up neither the caller nor the other channel.
func TestHanging(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer srv.Close()
	defer close(release)
	m := newMailServer(t, nil)
	out := open(t, t.TempDir(), Config{Link: link, Webhook: &Webhook{URL: srv.URL}, Mail: m.config()}, Options{})
	stop := run(t, out)
	for i := range 20 {
		out.Waiting(i+1, 0)
	}
	eventually(t, "the mail is sent", func() bool { return len(m.all()) > 0 })
	stop()
	if s := out.Status()[1]; s.Error != "" || s.Unsent == "" || s.Tries != 0 {
		t.Errorf("what the end cut short: %+v", s)
	}
}

// Nothing but two numbers, fixed words and the link is on disk or leaves.
func TestNoContent(t *testing.T) {
	r := newReceiver(t)
	dir := t.TempDir()
	cfg := r.config()
	cfg.Webhook.Style = "json"
	out := open(t, dir, cfg, Options{})
	run(t, out)
	out.Waiting(12, 3)
	eventually(t, "it is sent", func() bool { return len(r.all()) == 1 })
	var got map[string]any
	if err := json.Unmarshal([]byte(r.all()[0]), &got); err != nil {
		t.Fatal(err)
	}
	exact := map[string]any{"text": "12 submissions wait, 3 of them held.", "link": link, "waiting": 12.0, "held": 3.0}
	if fmt.Sprint(got) != fmt.Sprint(exact) {
		t.Errorf("sent %v", got)
	}
	if data, _ := os.ReadFile(filepath.Join(dir, "webhook")); len(data) > 300 || strings.Contains(string(data), "127.0.0.1") {
		t.Errorf("on disk: %s", data)
	}
}

// Without a channel nothing is made.
func TestOff(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	out := open(t, dir, Config{Link: link}, Options{})
	out.Waiting(3, 1)
	out.Run(t.Context())
	if _, err := os.Stat(dir); !os.IsNotExist(err) || len(out.Status()) != 0 {
		t.Errorf("made %v", err)
	}
}
