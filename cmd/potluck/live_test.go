package main

import (
	"bufio"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// events listens to a served network; each line of the stream comes once.
func (r *running) events(query string) <-chan string {
	r.t.Helper()
	resp, err := http.Get(r.url + "_live/events" + query)
	if err != nil || resp.StatusCode != 200 {
		r.t.Fatal(err, resp)
	}
	r.t.Cleanup(func() { resp.Body.Close() })
	lines := make(chan string, 100)
	go func() {
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			lines <- s.Text()
		}
		close(lines)
	}()
	return lines
}

// built waits until the stream says that the site was built anew.
func (r *running) built(lines <-chan string) {
	r.t.Helper()
	end := time.After(20 * time.Second)
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				r.t.Fatal("the stream ended")
			}
			if line == "event: built" {
				return
			}
		case <-end:
			r.t.Fatalf("no event\n%s", r.output())
		}
	}
}

// until asks for an address until its answer holds some words.
func (r *running) until(address, words string) string {
	r.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		a := r.get(address)
		if strings.Contains(a.body, words) {
			return a.body
		}
		if time.Now().After(end) {
			r.t.Fatalf("%s has no %q:\n%.2000s\n%s", address, words, a.body, r.output())
		}
	}
}

// TestLive: an open page hears of every change, problems stand in the panel with their
// place and a way out, and while the theme is broken the old page is kept.
func TestLive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p+".new", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(p+".new", p); err != nil { // as many editors save
			t.Fatal(err)
		}
	}
	put("site.toml", "title = \"Net\"\nbase_url = \"https://net.example.org/town/\"\n")
	put("content/about.md", "+++\ntitle = \"About\"\n+++\n\nfirst words\n")
	r := start(t, "serve", "-live", "-C", dir)
	r.url += "town/"
	body := r.get("/about/").body
	script := regexp.MustCompile(`<script src="/town/_live/live\.js(\?[0-9]+)" defer>`).FindStringSubmatch(body)
	if script == nil || !strings.Contains(body, "first words") {
		t.Fatalf("the page:\n%s", body)
	}
	if a := r.get("/_live/live.js"); a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/javascript") {
		t.Errorf("the script: %d %s", a.status, a.header)
	}
	lines := r.events("")
	put("content/about.md", "+++\ntitle = \"About\"\n+++\n\nsecond words, [lost](nowhere.md)\n")
	r.built(lines)
	r.until("/about/", "second words")
	r.built(r.events(script[1])) // a page that was sent before, and opens its channel only now
	r.until("/_live/problems", "error: content/about.md:5:15: there is no page /nowhere.md")
	r.until("/_live/problems", "hint: look at how the file is called")

	put("content/made/later/page.md", "+++\ntitle = \"Later\"\n+++\n\nin a folder made later\n")
	r.built(lines)
	r.until("/made/later/page/", "in a folder made later")

	put("site.toml", "title = \"Net\"\nbase_url = \"https://net.example.org/town/\"\nphone = \"555\nlanguages = [\"en\"]\n")
	r.built(lines)
	r.until("/_live/problems", "the site could not be built, the last good one is shown: site.toml:3:")
	r.until("/about/", "<title>About – Net</title>")
	put("site.toml", "title = \"Net\"\nbase_url = \"https://net.example.org/town/\"\n")
	r.built(lines)

	put("themes/commons/layouts/page.html", `{{define "main"}}{{.Nothing}}{{end}}`)
	r.built(lines)
	r.until("/_live/problems", "the site could not be built, the last good one is shown")
	r.until("/_live/problems", "themes/commons/layouts/page.html:1:")
	r.until("/about/", "second words")
	if err := os.Remove(filepath.Join(dir, "themes/commons/layouts/page.html")); err != nil {
		t.Fatal(err)
	}
	put("content/about.md", "+++\ntitle = \"About\"\n+++\n\nthird words\n")
	r.until("/about/", "third words")
	for end := time.Now().Add(20 * time.Second); r.get("/_live/problems").body != ""; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("problems stay:\n%s", r.get("/_live/problems").body)
		}
	}
	r.stop() // also with a page open
}

// TestNotLive: without -live nothing of the live channel is there, nor with it for others
// than this machine.
func TestNotLive(t *testing.T) {
	t.Parallel()
	r := start(t, "serve", "-C", newNet(t))
	if a := r.get("/_live/problems"); a.status != http.StatusNotFound {
		t.Errorf("/_live/problems answers %d", a.status)
	}
	for addr, near := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "localhost:80": true, "0.0.0.0:80": false, ":80": false, "192.168.1.5:80": false, "town.example.org:80": false} {
		if isLoopback(addr) != near {
			t.Errorf("isLoopback(%q) is %t", addr, !near)
		}
	}
	r.stop()
}
