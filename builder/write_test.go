package builder

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// buildInto makes the site in a folder as potluck build does.
func buildInto(dir string, in Input) error {
	f, err := OpenFolder(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	in.Into = f
	if _, err := New().Build(context.Background(), in); err != nil {
		return err
	}
	_, err = f.Done()
	return err
}

// A build that fails when pages have been put already leaves the folder as it
// was: empty, or with the site of before.
func TestFailedBuildLeavesTheFolder(t *testing.T) {
	out := filepath.Join(t.TempDir(), "public")
	good := input(t, tinyConfig, map[string]string{"resources/a.md": titled("a"), "resources/b.md": titled("b")})
	bad := good
	theme := testTheme(t)
	theme["layouts/page.html"] = `{{define "main"}}{{if .Prev}}{{.Page.Str}}{{end}}{{end}}`
	bad.Theme = folder(theme)
	var failed *Failed
	if err := buildInto(out, bad); !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the new folder is left: %v", err)
	}
	if err := buildInto(out, good); err != nil {
		t.Fatal(err)
	}
	want := onDisk(t, out)
	if d := maps.Equal(want, asMap(mustBuild(t, New(), good))); !d {
		t.Error("what is built into a folder is not what is built")
	}
	if err := buildInto(out, bad); !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	if !maps.Equal(want, onDisk(t, out)) {
		t.Error("the site of before is not whole")
	}
	if _, err := os.Stat(filepath.Join(out, staging)); err == nil {
		t.Error("what was laid beside the site is still there")
	}
}

// A crash in the middle leaves files that the next build knows as ours.
func TestFolderAfterACrash(t *testing.T) {
	out := filepath.Join(t.TempDir(), "public")
	crash := func(r *Result) { // puts half of the files, and is gone
		f, err := OpenFolder(out)
		if err != nil {
			t.Fatal(err)
		}
		for i, file := range r.Files {
			if i%2 == 0 {
				if err := f.Put(file); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	first := mustBuild(t, New(), input(t, tinyConfig, map[string]string{"a.md": titled("a"), "b/c.md": titled("c"), "d.md": titled("d")}))
	second := mustBuild(t, New(), input(t, tinyConfig, map[string]string{"a.md": titled("other"), "e/f.md": titled("f")}))
	for range 2 { // into an empty folder, then into one with a site
		crash(first)
		checkWrite(t, out, second)
	}
	// While files take their places: some are there, and the manifest doubts them.
	f, err := OpenFolder(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range first.Files {
		if err := f.Put(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.doubt("a/index.html", "b/c/index.html", "e/f/index.html"), f.place(f.staged[0], f.changed[0].Path)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(out, "e/f/index.html")); err != nil {
		t.Fatal(err)
	}
	checkWrite(t, out, second)
}

// A last line that was not written whole names a file that was not made yet.
func TestTornManifest(t *testing.T) {
	out := t.TempDir()
	r := mustBuild(t, New(), input(t, tinyConfig, map[string]string{"a.md": titled("a")}))
	checkWrite(t, out, r)
	name := filepath.Join(out, manifest)
	list, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(list, "- b/ind"...), 0o644); err != nil {
		t.Fatal(err)
	}
	checkWrite(t, out, r)
	if err := os.WriteFile(name, []byte(strings.Replace(string(list), " a/", " ../a/", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	var refused *RefusedError
	if _, err := Write(out, r); !errors.As(err, &refused) {
		t.Errorf("a manifest that names a file outside: %v", err)
	}
}

// A Folder that stays open follows one site after the other.
func TestFolderStaysOpen(t *testing.T) {
	w, b, out := newWorld(t, 5), New(), t.TempDir()
	f, err := OpenFolder(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range steps(40, 500) {
		w.edit()
		r, err := b.Build(context.Background(), w.input(t))
		if err != nil {
			continue
		}
		if _, err := f.Hold(r); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(onDisk(t, out), asMap(r)) {
			t.Fatal("the folder differs from the site")
		}
		if c, err := f.Hold(r); err != nil || c != (Changes{}) {
			t.Fatalf("held again: %v, %v", c, err)
		}
	}
}

// A folder that a program filled is not filled again with the same, and is where
// anything differs: a file of the content, the theme or the folder, the moment,
// the program, a switch.
func TestStamp(t *testing.T) {
	out := filepath.Join(t.TempDir(), "public")
	content := map[string]string{"a.md": titled("a"), "b.md": "+++\ntitle = \"B\"\nexpires = 2026-11-24\n+++\n"}
	in := input(t, tinyConfig, content)
	in.Program = "one"
	build := func(in Input) bool {
		t.Helper()
		f, err := OpenFolder(out)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		in.Into = f
		r := mustBuild(t, New(), in)
		if _, err := f.Done(); err != nil {
			t.Fatal(err)
		}
		in.Into = nil
		if !maps.Equal(onDisk(t, out), asMap(mustBuild(t, New(), in))) {
			t.Fatal("the folder does not hold the site")
		}
		return r.Same
	}
	if build(in) || !build(in) || !build(in) {
		t.Error("the folder is not known again")
	}
	changes := map[string]func(*Input){
		"content": func(in *Input) { in.Content = folder(map[string]string{"a.md": titled("other")}) },
		"theme":   func(in *Input) { theme := testTheme(t); theme["layouts/404.html"] += " "; in.Theme = folder(theme) },
		"config":  func(in *Input) { in.Config = parseConfig(t, "phone = \"555 0101\"\n"+tinyConfig) },
		"program": func(in *Input) { in.Program = "two" },
		"no name": func(in *Input) { in.Program = "" },
		"later":   func(in *Input) { in.Now = in.Now.AddDate(0, 0, 3) },
		"earlier": func(in *Input) { in.Now = in.Now.Add(-time.Hour) },
		"forms":   func(in *Input) { in.Forms = true },
		"drafts":  func(in *Input) { in.Drafts = true },
		"history": func(in *Input) { in.History = map[string][]Change{"a.md": {{When: testNow, Who: "Ana", Why: "x"}}} },
		"extra":   func(in *Input) { in.Extra = map[string][]byte{"x.txt": []byte("x")} },
		"damage":  func(*Input) { _ = os.Remove(filepath.Join(out, "a/index.html")) },
		"doubt": func(*Input) {
			list, _ := os.ReadFile(filepath.Join(out, manifest))
			_ = os.WriteFile(filepath.Join(out, manifest), append(list, "- b/index.html\n"...), 0o644)
		},
		"problem": func(in *Input) { in.Content = folder(map[string]string{"a.md": titled("[dead](/nowhere/)")}) },
	}
	for what, change := range changes {
		build(in)
		if !build(in) {
			t.Fatalf("before %s the folder is not known again", what)
		}
		other := in
		change(&other)
		if build(other) {
			t.Errorf("%s makes no difference", what)
		}
		if what == "problem" && build(other) {
			t.Error("a problem is said only once")
		}
	}
}

// What is added to the manifest with each change, and what is read of it afterwards, is
// what the folder has: also after a file was removed and came again. Of one that is gone
// it says nothing.
func TestManifestFollows(t *testing.T) {
	out := t.TempDir()
	content := map[string]string{"index.md": titled("home"), "b/c.md": titled("c")}
	in := input(t, tinyConfig, content)
	f, err := OpenFolder(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := New()
	for i, change := range []func(){
		func() {},
		func() { content["a.md"] = titled("a") },
		func() { content["a.md"] = titled("a again") },
		func() { delete(content, "a.md") },
		func() { content["a.md"] = titled("a again") },
		func() { content["d.md"] = titled("d"); delete(content, "b/c.md") },
		func() { content["d.md"] = titled("d again") },
	} {
		change()
		in.Content = folder(content)
		r := mustBuild(t, b, in)
		if _, err := f.Hold(r); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(onDisk(t, out), asMap(r)) {
			t.Errorf("change %d: the folder does not hold the site", i)
		}
		again, err := OpenFolder(out)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(again.old, r.Files, func(a, b File) bool { return a.Path == b.Path && a.Sum == b.Sum && a.Size == b.Size }) {
			t.Errorf("change %d: the manifest lists %d files, the site has %d", i, len(again.old), len(r.Files))
		}
		raw, err := os.ReadFile(filepath.Join(out, manifest))
		if err != nil {
			t.Fatal(err)
		}
		if _, there := content["a.md"]; !there && strings.Contains(string(raw), " a/index.html") {
			t.Errorf("change %d: the manifest names a page that is gone", i)
		}
		if most := 2 * len(r.Files) * 2; again.lines > most {
			t.Errorf("change %d: the manifest has %d lines, %d are enough", i, again.lines, most)
		}
		again.Close()
	}
}
