package builder

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"potluck/internal/site"
)

const tinyConfig = `title = "T"
base_url = "https://t.example/"
`

func titled(body string) string { return "+++\ntitle = \"T\"\n+++\n\n" + body }

// Files that are not plain files, or cannot be read, are problems; a FIFO is
// never opened, which would wait for ever. The rest builds.
func TestHostileFiles(t *testing.T) {
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, s string) {
		must(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		must(os.WriteFile(filepath.Join(dir, name), []byte(s), 0o644))
	}
	write("good.md", titled("fine"))
	write("broken.md", "+++\ntitle = \n+++\n\nstill shown\n")
	write("a\nb.md", titled("newline"))
	write("rtl\u202egpj.md", titled("override"))
	write("forms/x.md", titled("owned"))
	write("head.md", "+++\ntitle = \"H\"\naliases = ["+strings.Repeat("\"a\",", 200000)+"]\n+++\n\nbelow the head\n")
	write("deep.md", titled(strings.Repeat("- ", 10000)+"a"))
	write("climb.md", titled("[up](../../../../etc/passwd) ![up](../../x.png)\n\n:::include ../../../secret.md\n"))
	write("five.md", "+++\nsummary = \""+strings.Repeat("x", 5<<20)+"\"\n+++\n")
	write("huge.md", titled(strings.Repeat("x ", maxPage/2)))
	write(".git/config", "hidden")
	must(os.Symlink("/etc/passwd", filepath.Join(dir, "link.md")))
	must(os.Symlink(".", filepath.Join(dir, "loop")))
	must(syscall.Mkfifo(filepath.Join(dir, "fifo.md"), 0o644))
	must(os.Truncate(filepath.Join(dir, "huge.md"), maxPage+1))
	f, err := os.Create(filepath.Join(dir, "gigabyte.bin"))
	must(err)
	must(f.Truncate(1 << 30))
	must(f.Close())
	must(os.Mkdir(filepath.Join(dir, "locked"), 0))
	defer os.Chmod(filepath.Join(dir, "locked"), 0o755)

	in := input(t, tinyConfig, nil)
	in.Content = os.DirFS(dir)
	r := mustBuild(t, New(), in)
	if !strings.Contains(file(t, r, "/good/"), "<p>fine</p>") || !strings.Contains(file(t, r, "/head/"), "below the head") || !strings.Contains(file(t, r, "/broken/"), "still shown") {
		t.Error("the good pages did not build")
	}
	got := problems(r)
	for _, want := range []string{"content/link.md: is a symbolic link", "content/loop: is a symbolic link", "content/fifo.md: is not a plain file",
		"content/broken.md:2", `content/a\nb.md: the file name has`, "content/forms/x.md", "content/huge.md: is larger than 4 MiB",
		"content/head.md:2:1: the front matter is longer", "content/deep.md:5:1: lists and quotes lie too deep", "content/five.md: is larger than 4 MiB",
		"content/climb.md:5:1: there is no page /etc/passwd", "content/climb.md:5:30: there is no picture /x.png", "content/climb.md:7:1: there is no page /secret.md", "content/gigabyte.bin: is larger than 32 MiB"} {
		if !strings.Contains(got, want) {
			t.Errorf("no problem %q in\n%s", want, got)
		}
	}
	if os.Getuid() != 0 && !strings.Contains(got, "content/locked: cannot be read") { // TestLockedFolder is for all
		t.Errorf("no problem for the locked folder in\n%s", got)
	}
	var all gathered
	in.Into = &all
	if once := problems(mustBuild(t, New(), in)); once != got || !maps.Equal(all.files, asMap(r)) {
		t.Errorf("where pages are read one by one, other files are made, or other problems found:\n%s", once)
	}
	for _, p := range paths(r) {
		if strings.Contains(p, "git") || strings.Contains(p, "passwd") {
			t.Errorf("made %s", p)
		}
	}
}

// A file that goes away between the walk and the reading is a problem.
// What editors and browsers leave beside a page is no part of the site: not its words, and
// not as a file to be fetched. So it is, too, where a whole folder is new.
func TestLeftBeside(t *testing.T) {
	dir, b, in := t.TempDir(), New(), input(t, tinyConfig, nil)
	in.Content = os.DirFS(dir)
	write := func(names ...string) {
		t.Helper()
		for _, name := range names {
			p := filepath.Join(dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, []byte(titled("words of "+path.Base(name))), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("a.md", "a.txt")
	left := []string{"a.md~", ".a.md.swp", "4913", "#a.md#", "a.md.tmp", "a.md.crdownload", "a.md.potluck-xyz.lock", "old~/b.md", "~$a.md"}
	write(left...)
	clean := mustBuild(t, b, in)
	for _, name := range left {
		write("made/later/" + name)
	}
	write("made/later/c.md")
	in.Touched = []string{"content/made"}
	r := mustBuild(t, b, in)
	if problems(clean)+problems(r) != "" || len(r.Headers) != 2 {
		t.Errorf("%d pages\n%s\n%s", len(r.Headers), problems(clean), problems(r))
	}
	for _, f := range r.Files {
		if bytes.Contains(f.Data, []byte("words of")) && !slices.Contains([]string{"a/index.html", "a.txt", "made/later/c/index.html"}, f.Path) {
			t.Errorf("%s is part of the site", f.Path)
		}
	}
}

func TestVanishingFile(t *testing.T) {
	in := input(t, tinyConfig, map[string]string{"a.md": titled("a")})
	in.Content = vanishing{in.Content.(fstest.MapFS)}
	r := mustBuild(t, New(), in)
	if got := problems(r); !strings.Contains(got, "content/gone.md: cannot be read") {
		t.Error(got)
	}
	file(t, r, "/a/")
}

// A folder that may not be read is a problem; the rest is there.
func TestLockedFolder(t *testing.T) {
	in := input(t, tinyConfig, map[string]string{"a.md": titled("a"), "locked/b.md": titled("b")})
	in.Content = locked{in.Content.(fstest.MapFS)}
	r := mustBuild(t, New(), in)
	if got := problems(r); !strings.Contains(got, "content/locked: cannot be read: permission denied (look at the folder's permissions)") {
		t.Error(got)
	}
	file(t, r, "/a/")
}

type locked struct{ fstest.MapFS }

func (l locked) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "locked" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.ReadDir(name)
}

type vanishing struct{ fstest.MapFS }

func (v vanishing) ReadDir(name string) ([]fs.DirEntry, error) {
	m := fstest.MapFS{"gone.md": {Data: []byte("x")}}
	for p, f := range v.MapFS {
		m[p] = f
	}
	return m.ReadDir(name)
}

func (v vanishing) Open(name string) (fs.File, error) { return v.MapFS.Open(name) }

// hard are texts that make a parser's work grow with the square of their length.
var hard = map[string]string{
	"links":            strings.Repeat("[a](", 5000),
	"many links":       strings.Repeat(strings.Repeat("[a](", 800)+"\n\n", 1000),
	"links over lines": strings.Repeat("[a](b\n", 20000),
	"numbered lines":   strings.Repeat("2. [a](\n", 20000),
	"brackets":         strings.Repeat("[", 50000),
	"nested brackets":  strings.Repeat("[", 50000) + strings.Repeat("](a)", 50000),
	"images":           strings.Repeat("![", 50000),
	"references":       strings.Repeat("[a][", 20000),
	"titles":           strings.Repeat("[a](b \"", 20000),
	"angles":           strings.Repeat("[a](<b", 20000),
	"emphasis":         strings.Repeat("*a **a ", 20000),
	"mixed emphasis":   strings.Repeat("*a_ ", 30000),
	"strikes":          strings.Repeat("~~a ", 30000),
	"code": func() string {
		s := ""
		for i := range 800 {
			s += "e" + strings.Repeat("`", i)
		}
		return s
	}(),
	"html":         strings.Repeat("<a ", 30000),
	"comments":     strings.Repeat("<!-- a ", 30000),
	"entities":     strings.Repeat("&", 100000),
	"quotes":       strings.Repeat(">", 20000) + "a",
	"quotes apart": strings.Repeat("> ", 20000) + "a",
	"lists":        strings.Repeat("- ", 20000) + "a",
	"ordered":      strings.Repeat("1. ", 20000) + "a",
	"indented lists": func() string {
		var s strings.Builder
		for i := range 1500 {
			s.WriteString(strings.Repeat(" ", 2*i) + "- a\n")
		}
		return s.String()
	}(),
	"table":         "|" + strings.Repeat("a|", 5000) + "\n|" + strings.Repeat("-|", 5000) + "\n" + strings.Repeat("x\n", 100000),
	"pipe rows":     strings.Repeat("|a|b\n|-|-\n", 30000),
	"footnotes":     "[^a]: note\n\n" + strings.Repeat("x[^a] ", 20000),
	"footnote defs": strings.Repeat("[^a]: x\n\n", 20000),
	"definitions":   strings.Repeat("[a]: b\n", 50000) + "\n" + strings.Repeat("[a] ", 20000),
	"headings":      strings.Repeat("# a\n", 20000),
	"autolinks":     strings.Repeat("www.a.b ", 15000),
	"mails":         strings.Repeat("a@b.c", 30000),
	"schemes":       strings.Repeat("http://", 30000),
	"backslashes":   strings.Repeat("\\", 200000),
	"spaces":        strings.Repeat(" ", 1000000) + "a",
	"lines":         strings.Repeat("a\n", 300000),
	"parens":        "[a](" + strings.Repeat("(", 100000),
	"tabs":          strings.Repeat("\t", 50000) + "- a",
	"lazy quotes":   strings.Repeat("> a\nb\n", 20000),
	"list items":    strings.Repeat("- a\n", 30000),
	"loose items":   strings.Repeat("- a\n\n", 20000),
	"setext":        strings.Repeat("a\n=\n", 20000),
	"single quotes": strings.Repeat("'a ", 50000),
	"double quotes": strings.Repeat("\"a ", 50000),
	"dashes":        "a" + strings.Repeat("-", 100000),
	"details":       strings.Repeat(":::details\n", 20000),
	"more colons":   strings.Repeat(strings.Repeat(":", 100)+"details\n", 2000),
	"includes":      strings.Repeat(":::include x.md\n", 20000),
	"notices":       strings.Repeat("> [!NOTE]\n\n", 20000),
	"terms":         strings.Repeat("a\n: b\n", 20000),
	"own anchors":   strings.Repeat("## a {#a}\n", 5000),
	"fences":        strings.Repeat("```\n", 50001),
}

// Each hostile text is answered soon and in bounded memory: it is rendered, or
// shown as plain text with a problem. The bars are far above what is measured,
// and far below what the square of the length would take.
func TestHostileMarkdown(t *testing.T) {
	cfg := parseConfig(t, tinyConfig)
	pl, err := cfg.PlaceOf("x.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range hard {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			d := parseDoc(cfg, pl, &Source{Path: "x.md", Data: []byte(titled(text))}, nil)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			mib := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d kB: %s, %d MiB, %d problems", len(text)>>10, took.Round(time.Millisecond), mib, len(d.Problems))
			if mib > 1500 {
				t.Errorf("took %d MiB", mib)
			}
			if len(d.Body.HTML) > 40*len(text)+1000 {
				t.Errorf("%d bytes became %d", len(text), len(d.Body.HTML))
			}
		})
	}
}

// What is wrong with the body says where, and the page is there as plain text.
func TestTooHardIsPlain(t *testing.T) {
	r := mustBuild(t, New(), input(t, tinyConfig, map[string]string{"x.md": titled("one\n\n" + strings.Repeat("[a](", 5000) + " <i>")}))
	if got := problems(r); !strings.Contains(got, "content/x.md:7:1: this text has too many marks") {
		t.Error(got)
	}
	if got := file(t, r, "/x/"); !strings.Contains(got, "[a]([a](") || !strings.Contains(got, "&lt;i&gt;") {
		t.Errorf("%.300s", got)
	}
}

// A content folder that is gone for a moment does not empty the site.
func TestLostContent(t *testing.T) {
	in := input(t, tinyConfig, nil)
	in.Content = os.DirFS(filepath.Join(t.TempDir(), "none"))
	if _, err := New().Build(context.Background(), in); err == nil || err.Error() != "content: cannot be read: no such file or directory" {
		t.Fatalf("got %v", err)
	}
}

func TestCanceled(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	b, in := New(), input(t, tinyConfig, map[string]string{"a.md": titled("a")})
	if _, err := b.Build(ctx, in); err != context.Canceled {
		t.Fatalf("got %v", err)
	}
	mustBuild(t, b, in)
}

// A reference cannot bring in what a text cannot hold, however it is written; others stay.
func TestMisleadingReferences(t *testing.T) {
	body := "# A &#8238;head\n\nOne &#1; two &#x202E; three &#0; four &#010;&#017777777777777; five &#x00000085; six &#127; &#x2066;`&#8238;`\n\n[a &#8236;link](https://x.example/&#8238;y \"t &#1;\") caf&#233; &#9; &#xe9;\n"
	r := mustBuild(t, New(), input(t, tinyConfig, map[string]string{"a.md": titled(body)}))
	isolated := regexp.MustCompile(`[\x{2066}-\x{2069}]`) // by the theme, around names
	for _, f := range r.Files {
		text := isolated.ReplaceAllString(string(f.Data), "")
		if strings.HasSuffix(f.Path, ".png") {
			continue
		}
		if i := strings.IndexFunc(text, site.Misleads); i >= 0 {
			t.Errorf("%s has %q", f.Path, text[max(i-20, 0):min(i+5, len(text))])
		}
	}
	page, _, _ := r.Lookup("/a/")
	if strings.Count(string(page), "caf\u00e9") == 0 || !strings.Contains(string(page), "One \ufffd two") {
		t.Errorf("%s", page)
	}
}
