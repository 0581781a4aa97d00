package main

import (
	"bytes"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
