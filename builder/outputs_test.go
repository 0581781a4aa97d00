package builder

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/andybalholm/brotli"

	"potluck/internal/site"
)

// starter builds the starter network with the theme it is made for.
func starter(t *testing.T) *Result {
	t.Helper()
	src, err := os.ReadFile("../site.toml")
	if err != nil {
		t.Fatal(err)
	}
	cfg, _ := site.ParseConfig(bytes.Replace(src, []byte("[outputs]"), []byte("[outputs]\nfacet_pairs = true"), 1))
	return mustBuild(t, New(), Input{Content: os.DirFS("../content"), Theme: os.DirFS("../themes/commons"), Config: cfg, Now: testNow})
}

// Every file of the starter network that is made beside its pages can be read by
// the rules of its kind, and leads only to what is there.
func TestOutputsAreValid(t *testing.T) {
	r := starter(t)
	seen := map[string]int{}
	for _, f := range r.Files {
		name := path.Base(f.Path)
		switch {
		case strings.HasSuffix(name, ".xml"):
			validXML(t, f)
		case name == "feed.json":
			validJSONFeed(t, f)
		case strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".webmanifest"):
			if !json.Valid(f.Data) {
				t.Errorf("%s is no JSON", f.Path)
			}
		case strings.HasSuffix(name, ".ics"):
			validCalendar(t, f)
		default:
			continue
		}
		seen[name]++
	}
	for _, name := range []string{"feed.xml", "feed.json", "index.json", "calendar.ics", "event.ics", "manifest.webmanifest", "sitemap.xml"} {
		if seen[name] == 0 {
			t.Errorf("there is no %s", name)
		}
	}
	leadsSomewhere(t, r)
}

var addresses = regexp.MustCompile(`https://riverside\.example\.org(/[^"<\s]*)`)

// leadsSomewhere follows each whole address in feeds, listings and sitemaps.
func leadsSomewhere(t *testing.T, r *Result) {
	t.Helper()
	for _, f := range r.Files {
		if ext := path.Ext(f.Path); ext != ".xml" && ext != ".json" && ext != ".webmanifest" || strings.HasPrefix(f.Path, "search/") {
			continue
		}
		for _, m := range addresses.FindAllSubmatch(f.Data, -1) {
			if _, _, ok := r.Lookup(unescapePath(string(m[1]))); !ok {
				t.Errorf("%s leads to %s, which is not there", f.Path, m[1])
			}
		}
	}
}

func validXML(t *testing.T, f File) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(f.Data))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("%s: %v", f.Path, err)
			return
		}
	}
}

// validJSONFeed holds a feed to what version 1.1 asks for.
func validJSONFeed(t *testing.T, f File) {
	t.Helper()
	var feed jsonFeed
	d := json.NewDecoder(bytes.NewReader(f.Data))
	d.DisallowUnknownFields()
	if err := d.Decode(&feed); err != nil {
		t.Fatalf("%s: %v", f.Path, err)
	}
	if feed.Version != "https://jsonfeed.org/version/1.1" || feed.Title == "" || len(feed.Items) == 0 || len(feed.Items) > feedSize {
		t.Errorf("%s: %+v", f.Path, feed)
	}
	ids := map[string]bool{}
	for _, it := range feed.Items {
		if it.ID == "" || ids[it.ID] || it.Text == "" || it.Title == "" {
			t.Errorf("%s: %+v", f.Path, it)
		}
		ids[it.ID] = true
	}
}

// validCalendar reads content lines back by RFC 5545.
func validCalendar(t *testing.T, f File) {
	t.Helper()
	text := string(f.Data)
	if strings.Count(text, "\n") != strings.Count(text, "\r\n") || !strings.HasSuffix(text, "\r\n") || !utf8.ValidString(text) {
		t.Errorf("%s: lines must end in CRLF", f.Path)
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("%s: a line of %d bytes: %q", f.Path, len(line), line)
		}
	}
	var open []string
	need := map[string]int{}
	for line := range strings.SplitSeq(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"), "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !regexp.MustCompile(`^[A-Z-]+(;[A-Z-]+=[A-Z-]+)*$`).MatchString(name) {
			t.Errorf("%s: %q", f.Path, line)
		}
		switch name {
		case "BEGIN":
			open, need = append(open, value), map[string]int{}
		case "END":
			if len(open) == 0 || open[len(open)-1] != value {
				t.Fatalf("%s: END:%s", f.Path, value)
			}
			if value == "VEVENT" && (need["UID"] != 1 || need["DTSTAMP"] != 1 || need["DTSTART"] != 1 || need["DTEND"] > 1 || need["SUMMARY"] != 1) {
				t.Errorf("%s: an event has %v", f.Path, need)
			}
			open = open[:len(open)-1]
		default:
			property, _, _ := strings.Cut(name, ";")
			need[property]++
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: %v is open", f.Path, open)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Soup; bread, tea\nand é 🍲")
	f.Add(strings.Repeat("é", 200))
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\x00") {
			t.Skip()
		}
		var w folder5545
		w.text("SUMMARY", s)
		for line := range strings.SplitSeq(w.b.String(), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) {
				t.Fatalf("%q", line)
			}
		}
		back := strings.TrimSuffix(strings.ReplaceAll(w.b.String(), "\r\n ", ""), "\r\n")
		plain := strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(strings.TrimPrefix(back, "SUMMARY:"))
		if plain != s {
			t.Fatalf("%q came back as %q", s, plain)
		}
	})
}

// An event keeps its UID when its words and its times change.
func TestEventKeepsUID(t *testing.T) {
	uid := func(body string) string {
		r := mustBuild(t, New(), input(t, `title = "T"`, map[string]string{"events/a.md": body}))
		return regexp.MustCompile(`UID:(.*)\r`).FindStringSubmatch(file(t, r, "/events/calendar.ics"))[1]
	}
	if a, b := uid("+++\ntitle = \"A\"\nstart = 2026-12-01\n+++\n"), uid("+++\ntitle = \"B\"\nstart = 2026-12-09T10:00:00\n+++\nmore"); a != b || a == "" {
		t.Errorf("%q, %q", a, b)
	}
}

// More pages than one sitemap may hold become parts with an index.
func TestSitemapParts(t *testing.T) {
	var urls []string
	for i := range 5 {
		u := sitemapURL{loc: fmt.Sprintf("https://t.example/%d/?a&b", i)}
		urls = append(urls, u.xml())
	}
	files := sitemaps("https://t.example/", urls, 2)
	locs := ""
	for _, f := range files {
		data := f.of.bytes()
		validXML(t, File{Path: f.path, Data: data})
		locs += fmt.Sprintf("%s %d\n", f.path, bytes.Count(data, []byte("<loc>")))
	}
	if want := "sitemap-1.xml 2\nsitemap-2.xml 2\nsitemap-3.xml 1\nsitemap.xml 3\n"; locs != want {
		t.Errorf("got\n%swant\n%s", locs, want)
	}
}

// An edit that moves the lines of front matter, and nothing else, moves the
// problems of its redirects too.
func TestRedirectProblemsMove(t *testing.T) {
	b := New()
	page := func(more string) Input {
		return input(t, `title = "T"`, map[string]string{"a.md": "+++\n" + more + "title = \"A\"\naliases = [\"/a/\"]\n+++\n"})
	}
	mustBuild(t, b, page(""))
	r := mustBuild(t, b, page("# words\n"))
	if got := problems(r); !strings.HasPrefix(got, "content/a.md:4:12: ") {
		t.Error(got)
	}
	if to, ok := r.Redirect("/a/"); ok {
		t.Errorf("a page sends its own readers to %s", to)
	}
}

// gathered is a Sink that keeps what it is given.
type gathered struct {
	mu    sync.Mutex
	files map[string]string
	err   error
}

func (g *gathered) Put(f File) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.files == nil {
		g.files = map[string]string{}
	}
	if _, twice := g.files[f.Path]; twice {
		return errors.New(f.Path + " was put twice")
	}
	g.files[f.Path] = string(f.Data)
	return g.err
}

// What is packed opens to the same bytes, is smaller, and is the same each time;
// a packed file that the network brought stays.
func TestPack(t *testing.T) {
	in := input(t, `title = "T"`, map[string]string{
		"a.md": "+++\ntitle = \"A\"\n+++\n" + strings.Repeat("words ", 500), "x.png": strings.Repeat("x", 5000), "tiny.txt": "x",
		"own.csv": strings.Repeat("1,2\n", 500), "own.csv.gz": "mine"})
	r := mustBuild(t, New(), in)
	var all, again gathered
	in.Into, in.Pack = &all, []Coding{Gzip, Brotli}
	mustBuild(t, New(), in)
	in.Into = &again
	mustBuild(t, New(), in)
	if !maps.Equal(all.files, again.files) {
		t.Error("packed twice, it differs")
	}
	for _, f := range r.Files {
		if all.files[f.Path] != string(f.Data) {
			t.Errorf("%s is another file", f.Path)
		}
		delete(all.files, f.Path)
	}
	for _, p := range []string{"x.png.gz", "tiny.txt.gz", "tiny.txt.br"} {
		if _, ok := all.files[p]; ok {
			t.Errorf("%s should not be there", p)
		}
	}
	opened := map[string]int{}
	for p, data := range all.files {
		var z io.Reader = brotli.NewReader(strings.NewReader(data))
		ext := path.Ext(p)
		if ext == ".gz" {
			var err error
			if z, err = gzip.NewReader(strings.NewReader(data)); err != nil {
				t.Fatal(err)
			}
		}
		opened[ext]++
		plain, err := io.ReadAll(z)
		if err != nil || string(plain) != file(t, r, "/"+strings.TrimSuffix(p, ext)) || len(data) >= len(plain) {
			t.Errorf("%s: %v", p, err)
		}
	}
	if opened[".gz"] < 3 || opened[".br"] != opened[".gz"]+1 { // own.csv has both, one of them ours
		t.Errorf("packed: %v", opened)
	}
}

// A Sink that takes no file fails the build with its own error.
func TestIntoFails(t *testing.T) {
	in := input(t, tinyConfig, map[string]string{"a.md": titled("a")})
	full := errors.New("the disk is full")
	in.Into = &gathered{err: full}
	if _, err := New().Build(context.Background(), in); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// Feeds of facets can be left out; those of the site and of its sections stay, and no
// page names one that is not there.
func TestFacetFeeds(t *testing.T) {
	page := "+++\ntitle = \"A\"\ndate = 2026-01-02\ncategories = [\"food\"]\nareas = [\"harbor\"]\n+++\n"
	for toml, facets := range map[string]bool{"": true, "\n[outputs]\nfacet_feeds = false": false} {
		r := mustBuild(t, New(), input(t, "title = \"T\""+toml, map[string]string{"resources/a.md": page}))
		for p, there := range map[string]bool{"/feed.xml": true, "/resources/feed.json": true, "/category/food/feed.xml": facets, "/area/harbor/feed.json": facets} {
			if _, _, ok := r.Lookup(p); ok != there {
				t.Errorf("%q: %s is there: %v", toml, p, ok)
			}
		}
		if term := file(t, r, "/category/food/"); strings.Contains(term, "food/feed.") != facets {
			t.Errorf("%q: the page of a term names its feeds: %s", toml, term)
		}
	}
}

// Papers can be left out.
func TestPapers(t *testing.T) {
	in := input(t, "title = \"T\"", map[string]string{"practices/a.md": titled("A")})
	in.Theme = os.DirFS("../themes/commons")
	off := in
	off.Config = parseConfig(t, "title = \"T\"\n[outputs]\npapers = false\n")
	for _, in := range []Input{in, off} {
		r := mustBuild(t, New(), in)
		for _, p := range []string{"/booklet/", "/poster/"} {
			if _, _, ok := r.Lookup(p); ok != in.Config.Outputs.Papers {
				t.Errorf("papers = %v: %s is there: %v", in.Config.Outputs.Papers, p, ok)
			}
		}
		if strings.Contains(file(t, r, "/"), "/booklet/") != in.Config.Outputs.Papers {
			t.Error("home leads to a booklet that is not there, or not to one that is")
		}
	}
}

// Texts stand in feeds and sitemaps as encoding/xml writes them.
func TestWriteXML(t *testing.T) {
	for _, text := range []string{"", "Soup & bread", `<b>"it's"</b>`, "é م", "a\tb\nc\rd", "\x00\x01\x7f", "\xff", "\ufffd\ufffe\uffff", "]]>"} {
		var got, want bytes.Buffer
		writeXML(&got, `<e a="`, text, `"><t>`, text, "</t></e>")
		if err := xml.NewEncoder(&want).Encode(struct {
			XMLName xml.Name `xml:"e"`
			A       string   `xml:"a,attr"`
			T       string   `xml:"t"`
		}{A: text, T: text}); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%q: %s, encoding/xml writes %s", text, &got, &want)
		}
	}
}
