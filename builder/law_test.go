package builder

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// steps is how many random edits a law is held to: POTLUCK_STEPS, if it is set.
func steps(normal, long int) int {
	switch n, err := strconv.Atoi(os.Getenv("POTLUCK_STEPS")); {
	case err == nil:
		return n
	case os.Getenv("POTLUCK_LONG") != "":
		return long
	}
	return normal
}

// firstSeed is where random worlds begin: POTLUCK_SEED, else 0.
func firstSeed() uint64 {
	n, _ := strconv.ParseUint(os.Getenv("POTLUCK_SEED"), 10, 64)
	return n
}

// world is a site that changes at random.
type world struct {
	*rand.Rand
	content map[string]string
	theme   map[string]string
	config  string
	now     time.Time
	drafts  bool
	forms   bool
	past    map[string][]Change
	plain   map[string]string // the theme as it came
}

const worldConfig = `title = "Testers"
base_url = "https://t.example/net/"
languages = ["en", "es", "ar"]
page_size = 3
phone = "555 0134"
[[menu]]
page = "/resources/"
label = { en = "Find help", es = "Buscar" }
[[menu]]
page = "/about/"
label = "About"
[taxonomy.category]
values = ["food", "food/hot-meals", "care"]
`

func newWorld(t testing.TB, seed uint64) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 1)), content: map[string]string{}, past: map[string][]Change{}, config: worldConfig, now: testNow, plain: testTheme(t)}
	w.plain["layouts/search.html"] = `{{define "main"}}{{.Form.Data}} {{.Form.Starts}} {{.Form.Words}} {{range .Form.Facets}}{{range .Options}}{{.Value}} {{end}}{{end}}{{end}}`
	w.theme = maps.Clone(w.plain)
	for range []int{12, 12, 12, 90}[seed%4] { // some have lists in which most entries stand as they stood
		w.content[w.path()] = w.page()
	}
	return w
}

func (w *world) pick(of ...string) string { return of[w.IntN(len(of))] }

func (w *world) path() string {
	name := w.pick("a", "b", "c", "d", "index", "ماء", "e e")
	dir := w.pick("", "resources/", "resources/sub/", "requests/2026/11/", "offers/", "events/", "news/", "procedures/", "free/", "es/")
	return dir + name + w.pick("", "", ".es", ".ar") + ".md"
}

func (w *world) link() string {
	target := w.pick("a.md", "../resources/b.md", "/requests/", "/resources/sub/c/", "../free/d.md#one", "#one", "/es/resources/", "/nowhere/", "x.png", "../offers/a.es.md", "javascript:alert(1)", "https://else.example/", "/category/food/", "/forms/offer", "mailto:a@b.example", "../index.md?x=1&y=2")
	return w.pick("[", "![") + w.pick("words", "") + "](" + target + ")"
}

func (w *world) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, "+++\ntitle = %q\n", w.pick("Bread", "Soup", "Rides", "شاي", `"<b>"`))
	for _, line := range []string{
		`summary = "Short words"`, `weight = ` + w.pick("1", "2", "-3"), `date = 2026-11-` + w.pick("01", "09", "23"), `updated = 2026-11-20T10:00:00Z`,
		`draft = ` + w.pick("true", "false"), `publish_from = 2026-11-` + w.pick("20", "24", "25"), `expires = 2026-11-` + w.pick("22", "23", "26"),
		`categories = [` + w.pick(`"food"`, `"food/hot-meals", "care"`, `"nonsense"`) + `]`, `areas = ["` + w.pick("north", "south") + `"]`, `languages = ["es"]`, `html = true`, `lang = "` + w.pick("es", "ar", "en") + `"`,
		`state = "` + w.pick("open", "matched", "closed") + `"`, `closed_until = 2026-11-` + w.pick("22", "25"), `assured_date = 2026-0` + w.pick("5-27", "5-28", "9-01"),
		`start = 2026-11-` + w.pick("22", "24", "25"), `aliases = ["` + w.pick("/old/", "old", "/old.html", "/resources/a/", "/es/alt/", "/feed/") + `"]`, `sort = "` + w.pick("title", "newest", "start", "updated", "oldest") + `"`, `page_size = ` + w.pick("1", "5"), "kind = \"page\"",
		`end = 2026-11-` + w.pick("20", "26"), `location_type = "confidential"`, `address = "1 Elm"`, "# a line that says nothing", "reviewed = 2026-08-24\nreview_every = \"3 months\"", "broken =",
	} {
		if w.IntN(5) == 0 {
			b.WriteString(line + "\n")
		}
	}
	b.WriteString("+++\n\n")
	for range w.IntN(4) {
		b.WriteString(w.pick("## One\n\n", "# One\n\n", "Text & <b>more</b> \n\n", "<div>\n\nin\n\n</div>\n\n", "| a | b |\n|--:|---|\n| 1 | 2 |\n\n", "Note.[^1]\n\n[^1]: Small.\n\n", "- [x] done\n\n", "www.example.org\n\n",
			"> [!NOTE]\n> \"Look\"...\n\n", ":::details More\n## Inside\n:::\n\n", "Word\n: what it means\n\n", "1. go\n\n", "## Own {#one}\n\n", ":::include "+w.pick("a.md", "../resources/b.md#one", "/procedures/c.md#own", "/free/d.md", "b.es.md", "/requests/2026/11/a.md")+"\n\n"))
		b.WriteString(w.link() + " " + w.link() + "\n\n")
	}
	return b.String()
}

// edit changes one thing.
func (w *world) edit() string {
	old := slices.Sorted(maps.Keys(w.content))
	any := "none"
	if len(old) > 0 {
		any = w.pick(old...)
	}
	switch n := w.IntN(21); n {
	case 0, 1, 2:
		p := w.path()
		w.content[p] = w.page()
		return "add " + p
	case 3, 4, 5, 6:
		w.content[any] = w.page()
		return "change " + any
	case 7, 8, 9:
		w.content[any] += "\nmore " + w.link() + "\n"
		return "append to " + any
	case 10, 11:
		delete(w.content, any)
		return "delete " + any
	case 12:
		p := w.path()
		w.content[p] = w.content[any]
		delete(w.content, any)
		return "rename " + any + " to " + p
	case 13:
		if w.IntN(2) == 0 {
			w.content["_redirects"] = w.pick("", "/old/ /resources/\n", "/a /b\n/b /a\n", "# x\n/b /old\n/old.html /es/ 301\n", "/x https://else.example/\n/y z", "/calendar /events/calendar.ics\n/old /resources/a/#one")
			return "redirects"
		}
		p := w.pick("x.png", "resources/x.png", "resources/a/index.html", "feed.xml", "data/n.json", "data/n.csv", "data/n.toml")
		w.content[p] = w.pick("one", "two", "bad", "1", "[true", "a = 2026-11-23")
		return "copied file " + p
	case 14:
		w.theme = maps.Clone(w.plain)
		p := w.pick("layouts/page.html", "layouts/list.html", "strings/es.toml", "static/style.css", "layouts/resource.html", "layouts/404.html")
		switch w.IntN(4) {
		case 0:
			w.theme[p] = w.pick("{{define \"main\"}}{{.Body}} {{href \"/resources/\"}}{{end}}", "{{define \"main\"}}{{.Wrong}}{{end}}", "{{if}}", "about = \"Otra\"\n")
		case 1:
			delete(w.theme, p)
		}
		return "theme " + p
	case 15:
		w.config = worldConfig
		if c := [][2]string{{"page_size = 3", "page_size = 2"}, {`, "ar"`, ""}, {"page_size = 3", "page_size = 3\nfallback = { ar = [\"es\"] }"}, {"/net/", "/"}, {"555 0134", "555 0000"}, {"languages = [", "outputs.feeds = false\nlanguages = ["}, {"languages = [", "outputs.facet_pairs = true\nlanguages = ["}, {"languages = [", "outputs.json_feeds = false\noutputs.facet_feeds = false\noutputs.papers = false\noutputs.calendar = false\nlanguages = ["}, {"languages = [", "outputs.history = true\nlanguages = ["}, {"x", "x"}}[w.IntN(10)]; true {
			w.config = strings.Replace(worldConfig, c[0], c[1], 1)
		}
		return "config"
	case 16, 17:
		w.now = testNow.Add(time.Duration(w.IntN(30)-6) * 6 * time.Hour)
		return "now " + w.now.String()
	case 18:
		w.drafts = !w.drafts
		return "drafts"
	case 19:
		w.past = maps.Clone(w.past)
		w.past[any] = append([]Change{{testNow.AddDate(0, 0, -w.IntN(9)), "June", w.pick("Why", "Because")}}, w.past[any]...)
		return "commit of " + any
	}
	w.forms = !w.forms
	return "forms"
}

func (w *world) input(t testing.TB) Input {
	return Input{Content: folder(w.content), Theme: folder(w.theme), Config: parseConfig(t, w.config), Now: w.now, Drafts: w.drafts, Forms: w.forms, History: w.past, Pictures: fakePicture}
}

// fakePicture makes a picture of any bytes but "bad".
func fakePicture(data []byte) (*Picture, error) {
	if strings.TrimSpace(string(data)) == "bad" {
		return nil, errors.New("cannot be read")
	}
	small := PictureSize{480, ".jpg", []byte("small " + string(data))}
	return &Picture{Width: 700, Height: 300 + int(data[0]), File: []byte("clean " + string(data)), Sizes: []PictureSize{small}}, nil
}

// hint says what changed since before as Input.Touched does: by files, by folders,
// with others that did not change; or that anything may have.
func (w *world) hint(content, theme map[string]string) []string {
	if w.IntN(6) == 0 {
		return nil
	}
	touched := []string{}
	look := func(root string, before, now map[string]string) {
		for _, p := range slices.Sorted(maps.Keys(now)) {
			if s, ok := before[p]; !ok || s != now[p] || w.IntN(20) == 0 {
				touched = append(touched, path.Join(root, w.pick(p, p, p, path.Dir(p))))
			}
		}
		for _, p := range slices.Sorted(maps.Keys(before)) {
			if _, ok := now[p]; !ok {
				touched = append(touched, path.Join(root, w.pick(p, p, path.Dir(p))))
			}
		}
	}
	look("content", content, w.content)
	look("themes/commons", theme, w.theme)
	return append(touched, w.pick("site.toml", "README.md", "content/none.md", "content/none/at/all.md", "content/.hidden/x.md"))
}

// The law: an incremental build gives, byte for byte, the clean build, also where
// it is told what was touched. What is written follows it.
func TestIncrementalEqualsClean(t *testing.T) {
	for seed := firstSeed(); seed < firstSeed()+4; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w, b, out := newWorld(t, seed), New(), t.TempDir()
			var log []string
			content, theme := map[string]string{}, map[string]string{}
			for i := range steps(100, 2500) {
				for range 1 + w.IntN(2) {
					log = append(log, w.edit())
				}
				in := w.input(t)
				in.Touched = w.hint(content, theme)
				content, theme = maps.Clone(w.content), maps.Clone(w.theme)
				log = append(log, fmt.Sprint(in.Touched))
				got, err1 := b.Build(context.Background(), in)
				in.Touched = nil
				want, err2 := New().Build(context.Background(), in)
				if !sameError(err1, err2) {
					t.Fatalf("step %d, %q: %v, but clean %v", i, log[max(0, len(log)-9):], err1, err2)
				}
				if err1 != nil {
					continue
				}
				if d := difference(got, want); d != "" {
					t.Fatalf("step %d, %q: incremental and clean differ in %s", i, log[max(0, len(log)-9):], d)
				}
				if i%10 == 0 {
					checkWrite(t, out, got)
				}
			}
		})
	}
}

func sameError(a, b error) bool {
	var fa, fb *Failed
	if errors.As(a, &fa) && errors.As(b, &fb) {
		return slices.Equal(fa.Problems, fb.Problems)
	}
	return reflect.DeepEqual(a, b)
}

func checkWrite(t *testing.T, out string, r *Result) {
	t.Helper()
	if _, err := Write(out, r); err != nil {
		t.Fatal(err)
	}
	if got, want := onDisk(t, out), asMap(r); !maps.Equal(got, want) {
		t.Fatalf("on disk %q, want %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	if ch, err := Write(out, r); err != nil || ch != (Changes{}) {
		t.Fatalf("written again: %v, %v", ch, err)
	}
}

// The same law with real files, whose times and inodes say what need not be read.
func TestIncrementalEqualsCleanOnDisk(t *testing.T) {
	w, b := newWorld(t, 9+firstSeed()), New()
	dir := t.TempDir()
	theme, cfg := folder(w.theme), parseConfig(t, w.config)
	old, before := map[string]string{}, map[string]string{}
	for i := range steps(60, 1500) {
		w.content[w.path()] = w.page()
		if w.IntN(3) == 0 {
			delete(w.content, w.pick(slices.Sorted(maps.Keys(w.content))...))
		}
		writeWorld(t, w, dir, old)
		in := Input{Content: os.DirFS(dir), Theme: theme, Config: cfg, Now: time.Now()}
		want := mustBuild(t, New(), in)
		in.Touched = w.hint(before, w.theme)
		before = maps.Clone(w.content)
		got := mustBuild(t, b, in)
		if d := difference(got, want); d != "" {
			t.Fatalf("step %d: %s", i, d)
		}
	}
}

// writeWorld makes the folder hold the world's content; now and then with an old time.
func writeWorld(t *testing.T, w *world, dir string, old map[string]string) {
	t.Helper()
	for p := range old {
		if _, ok := w.content[p]; !ok {
			if err := os.Remove(filepath.Join(dir, p)); err != nil {
				t.Fatal(err)
			}
			delete(old, p)
		}
	}
	for p, s := range w.content {
		if old[p] == s {
			continue
		}
		old[p] = s
		name := filepath.Join(dir, p)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(s), 0o644)); err != nil {
			t.Fatal(err)
		}
		if w.IntN(2) == 0 {
			then := time.Now().Add(-time.Duration(w.IntN(1e6)) * time.Second)
			if err := os.Chtimes(name, then, then); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Workers finish in any order; nothing of that may show.
func TestSameInputSameBytes(t *testing.T) {
	w := newWorld(t, 77)
	for range 30 {
		w.content[w.path()] = w.page()
	}
	first := mustBuild(t, New(), w.input(t))
	for range 5 {
		if d := difference(first, mustBuild(t, New(), w.input(t))); d != "" {
			t.Fatal(d)
		}
	}
}
