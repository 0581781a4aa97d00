package builder

import (
	"maps"
	"strings"
	"testing"
)

// TestPreview: a preview is what a build of the same words would make, and leaves the site as
// it was; a draft, a new page and one with a fault are shown too.
func TestPreview(t *testing.T) {
	files := map[string]string{
		"index.md": "+++\ntitle = \"Home\"\n+++\n[A](/a/)", "a.md": "+++\ntitle = \"A\"\n+++\nOne. [Home](/)\n", "b.md": "+++\ntitle = \"B\"\n+++\nTwo.\n",
	}
	cfg := parseConfig(t, "title = \"T\"\nbase_url = \"https://t.example.org/sub/\"\n")
	b := New()
	in := Input{Content: folder(files), Theme: folder(testTheme(t)), Config: cfg, Now: testNow}
	before, err := b.Build(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, data, out string }{
		"the text":  {"a.md", "+++\ntitle = \"A\"\n+++\nOther words. [Home](/)\n", "a/index.html"},
		"the title": {"a.md", "+++\ntitle = \"A, renamed\"\n+++\nOne.\n", "a/index.html"},
		"a draft":   {"a.md", "+++\ntitle = \"A\"\ndraft = true\n+++\nOne.\n", "a/index.html"},
		"new":       {"c/d.md", "+++\ntitle = \"D\"\n+++\nNew. [B](/b/)\n", "c/d/index.html"},
		"the same":  {"a.md", files["a.md"], "a/index.html"},
	} {
		main, problems, err := b.Preview(t.Context(), c.path, []byte(c.data), nil)
		if err != nil || len(problems) > 0 {
			t.Fatalf("%s: %v %v", name, err, problems)
		}
		changed := maps.Clone(files)
		changed[c.path] = c.data
		in := in
		in.Content, in.Drafts = folder(changed), true
		whole, err := New().Build(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		data, _, _ := whole.Lookup(c.out)
		if want := strings.ReplaceAll(string(inside(data)), "<a href=", `<a target="_blank" href=`); string(main) != want || want == "" {
			t.Errorf("%s:\n%s\nwant\n%s", name, main, want)
		}
	}
	_, problems, err := b.Preview(t.Context(), "a.md", []byte("+++\ntitle = \"A\"\n+++\n\n[x](/nowhere/)\n"), nil)
	if err != nil || len(problems) != 1 || problems[0].Line != 5 || problems[0].Hint == "" {
		t.Errorf("a dead link: %v %v", err, problems)
	}
	main, _, err := b.Preview(t.Context(), "a.md", []byte("+++\ntitle = \"A\"\n+++\n![x](p.png)\n"), map[string][]byte{"p.png": []byte("\x89PNG\r\n\x1a\n")})
	if err != nil || !strings.Contains(string(main), `src="data:image/png;base64,`) {
		t.Errorf("a picture: %v %s", err, main)
	}
	if main, _, err = b.Preview(t.Context(), "a.md", []byte("+++\ntitle = \"A\"\nexpires = 2020-01-01\n+++\n"), nil); err != nil || main != "" {
		t.Errorf("over: %v %s", err, main)
	}
	after, err := b.Build(t.Context(), in)
	if err != nil || len(after.Files) != len(before.Files) || after.Stats.Rendered != 0 {
		t.Fatalf("%v: %d files, %d rendered anew", err, len(after.Files), after.Stats.Rendered)
	}
	for i := range after.Files {
		if after.Files[i].Sum != before.Files[i].Sum {
			t.Errorf("%s is another", after.Files[i].Path)
		}
	}
}
