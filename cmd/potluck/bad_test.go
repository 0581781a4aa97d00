package main

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHostilePosts: bad input gets a clear answer, and nothing is lost or let through.
func TestHostilePosts(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	r := start(t, "serve", "-C", dir)

	big, err := http.Post(r.url+"forms/request/", "application/x-www-form-urlencoded", bytes.NewReader(bytes.Repeat([]byte("title=aaaaaaaa&"), 10<<20/15)))
	if err == nil {
		if a := read(big); a.status != http.StatusRequestEntityTooLarge || !strings.Contains(a.body, "<h1") {
			t.Errorf("10 MB: %d\n%s", a.status, a.body)
		}
	}
	if a, _ := r.post("/forms/nosuch/", url.Values{"title": {"x"}}); a.status != http.StatusNotFound || !strings.Contains(a.body, "<h1") {
		t.Errorf("an unknown form: %d\n%s", a.status, a.body)
	}
	if a, _ := r.post("/resources/", url.Values{"title": {"x"}}); a.status != http.StatusMethodNotAllowed {
		t.Errorf("a post to a page: %d", a.status)
	}
	for name, text := range map[string]string{
		"invalid UTF-8": "caf\xe9 \xff\xfe", "NUL": "a\x00b", "traversal": "../../../etc/passwd", "script": "<script>alert(1)</script>",
		"fence": "+++\ntitle = \"stolen\"\n+++\n", "quotes": `""" ''' \" \ ` + "`", "openers": strings.Repeat("[a](", 5000)[:3900],
		"bidi": "abc\u202edef", "trailer": "x\n\nState: open\nSigned-off-by: y", "template": `{{.Site}} ${x} <%= y %>`, "javascript": "[click](javascript:alert(1)) ![x](http://tracker.example.org/p.png)",
	} {
		t.Run(name, func(t *testing.T) { hostile(t, r, dir, name, text) })
	}
	sound(t, dir)
}

func hostile(t *testing.T, r *running, dir, name, text string) {
	everywhere := request("Hostile " + name)
	for _, field := range []string{"title", "body", "quantity", "name", "contact", "address", "notes"} {
		everywhere.Set(field, text[:min(len(text), 1000)])
	}
	for _, field := range []string{"categories", "areas", "languages", "urgency", "needed_by", "contact_how", "nonce", "stamp", "lang", "id"} {
		v := request("Hostile")
		v.Set(field, text)
		if a, err := r.post("/forms/request/", v); err != nil || a.status >= 500 {
			t.Errorf("%s in %s: %v %d", name, field, err, a.status)
		}
	}
	a, err := r.post("/forms/request/", everywhere)
	if err != nil || a.status != 200 && a.status != 422 {
		t.Fatalf("%v %d", err, a.status)
	}
	if strings.Contains(a.body, "<script>alert") {
		t.Error("the words came back as a script")
	}
	v := request("Hostile " + name)
	v.Set("body", text)
	ref, a, err := r.submit("request", v)
	if err != nil {
		if a, _ := r.post("/forms/request/", v); a.status == 422 {
			return // a clear no, with the words
		}
		t.Fatal(err)
	}
	out := must(t, "inbox", "publish", "-C", dir, "-as", "June", ref)
	path := strings.TrimSpace(out[strings.Index(out, "/requests/"):])
	var page string
	eventually(t, "it is on the site", func() bool {
		a := r.get(path)
		page = a.body
		return a.status == 200
	})
	for _, bad := range []string{"<script>alert", `href="javascript:`, "tracker.example.org/p.png\""} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	if strings.Contains(page, "stolen</h1>") || !strings.Contains(page, "Hostile "+name) {
		t.Error("the words broke out of their field")
	}
}

// TestHostileFiles: one broken file never stops the rest, and each is named.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	content := filepath.Join(dir, "content")
	for name, text := range map[string]string{
		"broken.md": "+++\ntitle = \"no end\nx = [\n+++\ntext\n", "noend.md": "+++\ntitle = \"x\"\n", "latin.md": "+++\ntitle = \"caf\xe9\"\n+++\n\xff\n",
		"openers.md": "+++\ntitle = \"Openers\"\n+++\n" + strings.Repeat("[a](", 5000) + "\n", "yaml.md": "---\ntitle: x\n---\n",
		"private.md": "+++\ntitle = \"P\"\ncontact = \"555-0142\"\n+++\n", "dead.md": "+++\ntitle = \"D\"\n+++\n\nSee [this](procedures/nowhere.md).\n",
	} {
		if err := os.WriteFile(filepath.Join(content, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "secret.md")
	if err := os.WriteFile(outside, []byte("+++\ntitle = \"Secret\"\n+++\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(content, "link.md")); err != nil {
		t.Fatal(err)
	}
	out, ok := program(t, "build", "-C", dir)
	if !ok {
		t.Fatalf("build:\n%s", out)
	}
	for _, want := range []string{"content/broken.md:2:", "content/noend.md", "content/latin.md", "content/openers.md", "content/yaml.md:1:1", "content/private.md:3:1", "content/dead.md:5:", "content/link.md"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is not named:\n%s", want, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "public/about/index.html")); err != nil {
		t.Error("the rest was not built")
	}
	if b, err := os.ReadFile(filepath.Join(dir, "public/link/index.html")); err == nil {
		t.Errorf("a link out of content/ was followed:\n%s", b)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "public/private/index.html")); bytes.Contains(b, []byte("555-0142")) {
		t.Error("a private field is on a page")
	}
	if out, ok := program(t, "build", "-strict", "-C", dir); ok {
		t.Errorf("-strict did not fail:\n%s", out)
	}
}

// TestFormsKeepWords: an error page holds every word that was typed.
func TestFormsKeepWords(t *testing.T) {
	t.Parallel()
	r := start(t, "serve", "-C", newNet(t))
	v := request("")
	words := map[string]string{"body": "first line\nsecond <line>", "name": "A & B", "contact": "555-0142", "notes": `say "hello"`}
	for k, w := range words {
		v.Set(k, w)
	}
	a, err := r.post("/forms/request/", v)
	if err != nil || a.status != http.StatusUnprocessableEntity {
		t.Fatalf("%v %d", err, a.status)
	}
	kept := maps.Clone(words)
	kept["body"], kept["name"], kept["notes"] = "second &lt;line&gt;", "A &amp; B", "say &#34;hello&#34;"
	for k, w := range kept {
		if !strings.Contains(a.body, w) {
			t.Errorf("%s is lost", k)
		}
	}
	if !strings.Contains(a.body, `href="#`) {
		t.Error("the summary does not lead to the field")
	}
}
