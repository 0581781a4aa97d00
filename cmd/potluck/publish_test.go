package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"potluck/builder"
	"potluck/internal/site"
)

var (
	recipeLine = regexp.MustCompile(`^ *(- )?([A-Za-z_-]+:( .+)?|[^:\s][^:]*|[a-z].*)$`)
	recipeRun  = regexp.MustCompile(`bin/potluck"? (\w+)((?: -?[\w.]+)*)`)
)

// A recipe is YAML of the plain kind: spaces in steps of two, a key or an item on
// each line, nothing deeper than its parent allows. The commands it names are
// there, with their flags.
func TestRecipes(t *testing.T) {
	for forge, r := range recipes {
		depth := 0
		for line := range strings.Lines(strings.TrimPrefix(r.text, "\n")) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "#") {
				continue
			}
			indent := len(line) - len(strings.TrimLeft(line, " "))
			if strings.ContainsRune(line, '\t') || indent%2 != 0 || indent > depth+2 || !recipeLine.MatchString(line) {
				t.Errorf("%s: %q", forge, line)
			}
			if depth = indent; strings.HasPrefix(line[indent:], "- ") {
				depth += 2
			}
		}
		runs := recipeRun.FindAllStringSubmatch(r.text, -1)
		if len(runs) != 2 {
			t.Errorf("%s runs %q", forge, runs)
		}
		for _, run := range runs {
			cmd := find(run[1])
			if cmd == nil {
				t.Fatalf("%s: there is no command %s", forge, run[1])
			}
			if err := (&call{}).parse(cmd, strings.Fields(run[2])); err != nil {
				t.Errorf("%s: potluck %s%s: %v", forge, run[1], run[2], err)
			}
		}
	}
}

// The server sends old addresses on, and packs pages for those who ask for it.
func TestServeRedirectsAndPacks(t *testing.T) {
	dir := newNet(t)
	write(t, dir+"/content/_redirects", "/old/  /about/\n")
	r := start(t, "serve", "-C", dir)
	client := &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	ask := func(path, coding string) *http.Response {
		req, _ := http.NewRequest("GET", strings.TrimSuffix(r.url, "/")+path, nil)
		if coding != "" {
			req.Header.Set("Accept-Encoding", coding)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	for from, to := range map[string]string{"/old/": "/about/", "/old": "/about/", "/old/?x=1": "/about/?x=1"} {
		if a := read(ask(from, "")); a.status != http.StatusMovedPermanently || a.header.Get("Location") != to {
			t.Errorf("%s: %d to %q", from, a.status, a.header.Get("Location"))
		}
	}
	plain, packed := read(ask("/about/", "")), read(ask("/about/", "br;q=0, gzip;q=0.5"))
	z, err := gzip.NewReader(bytes.NewReader([]byte(packed.body)))
	if err != nil || packed.header.Get("Content-Encoding") != "gzip" || packed.header.Get("Vary") != "Accept-Encoding" {
		t.Fatal(err, packed.header)
	}
	if body, _ := io.ReadAll(z); string(body) != plain.body || plain.header.Get("Content-Encoding") != "" || plain.header.Get("Vary") != "Accept-Encoding" {
		t.Error("packed and plain differ")
	}
	if plain.header.Get("Etag") == packed.header.Get("Etag") {
		t.Error("two answers with one Etag")
	}
	smaller := read(ask("/about/", "gzip, br"))
	if want := builder.Brotli.Pack("x.html", []byte(plain.body), false); smaller.header.Get("Content-Encoding") != "br" || smaller.body != string(want) {
		t.Errorf("a browser that takes br got %q, %d bytes", smaller.header.Get("Content-Encoding"), len(smaller.body))
	}
	if a := read(ask("/about/", "gzip;q=0")); a.header.Get("Content-Encoding") != "" {
		t.Error("packed for one who refuses it")
	}
	r.stop()
}

// What web servers of one's own are told is what potluck serve does.
func TestServerRecipes(t *testing.T) {
	dir := newNet(t)
	for name, quiet := range map[string]string{"caddy": "exclude http.log.access http.log.error", "nginx": "access_log off;"} {
		out := must(t, "publish", "-recipe", name, "-C", dir)
		for _, h := range site.Headers {
			if !strings.Contains(out, h[0]) || !strings.Contains(out, h[1]) {
				t.Errorf("%s: no header %s", name, h[0])
			}
		}
		for _, want := range []string{quiet, site.Kept, site.KeepForever, site.AskAgain, "/404.html"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %s in\n%s", name, want, out)
			}
		}
	}
}
