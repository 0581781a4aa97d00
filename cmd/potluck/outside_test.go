package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// elsewhere stands for all other sites, as a proxy on the loopback device.
type elsewhere struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newElsewhere(t *testing.T) *elsewhere {
	e := &elsewhere{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.asked = append(e.asked, r.URL.String())
		switch r.URL.Path {
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/old":
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
		}
	}))
	t.Cleanup(e.Close)
	return e
}

// seen returns what was asked since the last call, sorted.
func (e *elsewhere) seen() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	asked := slices.Sorted(slices.Values(e.asked))
	e.asked = nil
	return asked
}

// check runs potluck check with this proxy.
func (e *elsewhere) check(dir string, args ...string) (string, error) {
	cmd := exec.Command(os.Args[0], append([]string{"check", "-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "HTTP_PROXY="+e.URL, "NO_PROXY=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestCheckExternal: links to other sites, in a text and in a field, are asked about
// once, when that is wanted.
func TestCheckExternal(t *testing.T) {
	t.Parallel()
	e, dir := newElsewhere(t), t.TempDir()
	for name, text := range map[string]string{
		"site.toml":        "title = \"Net\"\n",
		"content/index.md": "+++\ntitle = \"Home\"\n+++\n\n[a](http://a.example.org/gone) [b](http://b.example.org/fine#part) [c](http://192.168.0.1/)\n",
		"content/resources/pantry.md": "+++\ntitle = \"Pantry\"\nurl = \"http://c.example.org/old\"\n+++\n\n" +
			"[again](http://b.example.org/fine), mail@example.org\n",
	} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := e.check(dir)
	if asked := e.seen(); err != nil || len(asked) > 0 {
		t.Fatalf("without -external: %v, asked %q\n%s", err, asked, out)
	}
	out, err = e.check(dir, "-external")
	if err == nil {
		t.Error("a link that is gone is no error")
	}
	for _, want := range []string{
		"error: content/index.md:5:1: http://a.example.org/gone is gone: it answers 410, Gone",
		"warning: content/index.md:5:68: http://192.168.0.1/ is an address that only machines nearby can reach",
		"warning: content/resources/pantry.md:3:1: http://c.example.org/old moved for good to http://c.example.org/new",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	want := []string{"http://a.example.org/gone", "http://a.example.org/gone", "http://b.example.org/fine", "http://c.example.org/new", "http://c.example.org/old"}
	if asked := e.seen(); !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	again, _ := e.check(dir, "-external")
	if asked := e.seen(); again != out || len(asked) > 0 {
		t.Errorf("asked again: %q\n%s", asked, again)
	}
}
