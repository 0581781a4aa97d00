package builder

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"potluck/internal/search"
)

// findSite builds the entries that internal/search is tested with, with the theme
// that potluck carries.
func findSite(t testing.TB) (*Builder, *Result) {
	t.Helper()
	const data = "../internal/search/testdata/"
	config, err := os.ReadFile(data + "site.toml")
	if err != nil {
		t.Fatal(err)
	}
	content := map[string]string{}
	for _, r := range tableRows(t, data+"entries.txt") {
		quoted := func(list string) string { return `["` + strings.Join(strings.Fields(list), `", "`) + `"]` }
		organization := ""
		if strings.HasPrefix(r[1], "resources/") {
			organization = fmt.Sprintf("organization = %q\n", r[3])
		}
		content[r[1]+"."+r[0]+".md"] = fmt.Sprintf("+++\ntitle = %q\nsummary = %q\n%scategories = %s\nareas = %s\nlanguages = %s\n+++\n",
			r[2], r[4], organization, quoted(r[5]), quoted(r[6]), quoted(r[7]))
	}
	in := Input{Content: folder(content), Theme: os.DirFS("../themes/commons"), Config: parseConfig(t, string(config)), Now: testNow}
	b := New()
	return b, mustBuild(t, b, in)
}

// tableRows reads a table: cells parted by |, lines with # left out.
func tableRows(t testing.TB, name string) [][]string {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for line := range strings.Lines(string(src)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			cells := strings.Split(line, "|")
			for i, c := range cells {
				cells[i] = strings.TrimSpace(c)
			}
			all = append(all, cells)
		}
	}
	return all
}

// asked is a query and what was found: by the index, and by the script.
type asked struct {
	Query struct {
		Q        string `json:"q"`
		Category string `json:"category"`
		Area     string `json:"area"`
		Language string `json:"language"`
	} `json:"query"`
	Found  []int      `json:"found"`
	Slips  [][]string `json:"slips"`
	Tokens []string   `json:"tokens"`

	loads []string // files that the script asked for, with those of the first ten cards
}

// UnmarshalJSON reads what the script writes.
func (a *asked) UnmarshalJSON(src []byte) error {
	type plain asked
	var loads struct{ Loads []string }
	if err := json.Unmarshal(src, (*plain)(a)); err != nil {
		return err
	}
	err := json.Unmarshal(src, &loads)
	a.loads = loads.Loads
	return err
}

func ask(ix *search.Index, q search.Query) asked {
	var a asked
	a.Query.Q, a.Query.Category, a.Query.Area, a.Query.Language = q.Text, q.Category, q.Area, q.Language
	q.Limit = ix.Len()
	answer := ix.Find(q)
	a.Found, a.Slips, a.Tokens = []int{}, [][]string{}, append([]string{}, search.Tokens(q.Text)...)
	for _, h := range answer.Hits {
		a.Found = append(a.Found, h.Entry)
	}
	for _, s := range answer.Slips {
		a.Slips = append(a.Slips, []string{s.Word, s.Taken})
	}
	return a
}

var attribute = regexp.MustCompile(`data-([a-z]+)="([^"]*)"`)

// pageData reads the data attributes of the search page's form.
func pageData(page string) map[string]string {
	at := strings.Index(page, "<form")
	d := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(page[at:at+strings.Index(page[at:], ">\n")], -1) {
		d[m[1]] = html.UnescapeString(m[2])
	}
	return d
}

// inNode answers the queries by the script, over the files of the site.
func inNode(t *testing.T, r *Result, queries []asked) []asked {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node to run the script with")
	}
	dir := t.TempDir()
	for _, f := range r.Files {
		if strings.HasPrefix(f.Path, "search/") {
			p := filepath.Join(dir, filepath.FromSlash(f.Path))
			if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(p, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	task, err := json.Marshal(map[string]any{"queries": queries, "dir": dir, "data": pageData(file(t, r, "/search/"))})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "testdata/search.mjs")
	cmd.Stdin = bytes.NewReader(task)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	var answers []asked
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

// TestSearchAgrees: the script finds in the files what the index finds in memory,
// in the same order, for the queries of the fixture and for random ones.
func TestSearchAgrees(t *testing.T) {
	b, r := findSite(t)
	ix := b.live.Load().search.index
	var want []asked
	for _, q := range tableRows(t, "../internal/search/testdata/queries.txt") {
		want = append(want, ask(ix, search.Query{Text: q[1]}))
	}
	for _, text := range []string{"", " ", "?!", "the", "a", "水", "食", "Straße ŒUVRE İzmir ıĞŁ ΣΟΦΟΣ Łódź", "والطعام للطعام ال الطعام", "٤٢ ۴۲ ½ Ⅳ ﬁ", "อาหารฟรี", "ガーデン・がーてん", "한국어 도움", "e\u0301 don’t co-op", "Ґанок ךםןףץ", "🍞 bread 𠀀𠀁", "diapers groceries class this buses", "a b c d e f g h i j k l m n o p q r s t u v w x y z", strings.Repeat("soup ropa ", 9) + "1 2 3 4 5 6 7 8 9 10 11 12 13"} {
		for _, category := range []string{"", "food", "nothing"} {
			want = append(want, ask(ix, search.Query{Text: text, Category: category}))
		}
	}
	want = append(want, randomQueries(ix, rand.New(rand.NewPCG(4, 2)), steps(300, 5000))...)
	got := inNode(t, r, want)
	for i := range want {
		if got[i].loads = nil; !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("the script answers\n%+v, the index\n%+v", got[i], want[i])
		}
	}
}

// randomQueries asks for words of the index: whole, begun or with a slip.
func randomQueries(ix *search.Index, r *rand.Rand, n int) []asked {
	var terms []string
	for term := range ix.Terms() {
		terms = append(terms, term)
	}
	word := func() string {
		w := []rune(terms[r.IntN(len(terms))])
		switch at := r.IntN(len(w)); r.IntN(4) {
		case 0:
			w = w[:at+1]
		case 1:
			w = slices.Delete(w, at, at+1)
		case 2:
			w[at], w[0] = w[0], w[at]
		}
		return string(w)
	}
	facet := func(taxonomy string) string {
		if v := append(ix.Values(taxonomy), "none"); r.IntN(3) == 0 {
			return v[r.IntN(len(v))]
		}
		return ""
	}
	var all []asked
	for range n {
		var text []string
		for range r.IntN(4) {
			text = append(text, word())
		}
		all = append(all, ask(ix, search.Query{Text: strings.Join(text, " "), Category: facet("category"), Area: facet("area"), Language: facet("language")}))
	}
	return all
}

// TestSearchAgreesOnMany holds the same where terms fill several files.
func TestSearchAgreesOnMany(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	content := map[string]string{}
	syllables := strings.Fields("ba ko mi ru ta sen lo vi qua dor pe ni zu hal")
	for i := range 900 {
		var words []string
		for range 9 {
			words = append(words, syllables[r.IntN(14)]+syllables[r.IntN(14)]+syllables[r.IntN(14)])
		}
		content[fmt.Sprintf("resources/%d.md", i)] = fmt.Sprintf("+++\ntitle = %q\nsummary = %q\ncategories = [%q]\nareas = [%q]\n+++\n",
			strings.Join(words[:3], " "), strings.Join(words[3:], " "), syllables[r.IntN(6)], syllables[r.IntN(5)])
	}
	in := Input{Content: folder(content), Theme: os.DirFS("../themes/commons"), Config: parseConfig(t, "title = \"Many\"\n[outputs]\nfeeds = false\nfacets = false\nsitemap = false\n"), Now: testNow}
	b := New()
	res := mustBuild(t, b, in)
	if d := pageData(file(t, res, "/search/")); len(strings.Fields(d["starts"])) < 3 || len(strings.Fields(d["words"])) < 2 {
		t.Fatalf("too few files to be a test: %v", d)
	}
	want := randomQueries(b.live.Load().search.index, r, steps(200, 3000))
	for i, got := range inNode(t, res, want) {
		if got.loads = nil; !reflect.DeepEqual(got, want[i]) {
			t.Fatalf("the script answers\n%+v, the index\n%+v", got, want[i])
		}
	}
}

// firstQueries are measured to the first page of results.
var firstQueries = []string{"diapers", "winter coats", "food pantry", "legal aid", "food", "rides to clinic", "tool library eastgate",
	"wheelchair ramp near harbor", "spanish interpretation downtown", "shelter bed tonight for family with children", "laddre", "how to run a community fridge", "free baby formula"}

// TestSearchWeight measures what comes over the wire, compressed, until the first ten
// results are there: page, style, script, icon and files of the index. It holds a
// small site to the bound; POTLUCK_CORPUS names a content folder to measure instead:
//
//	POTLUCK_CORPUS=/tmp/corpus go test -v -run SearchWeight ./builder
func TestSearchWeight(t *testing.T) {
	const bound = 70 << 10
	_, r := findSite(t)
	if dir := os.Getenv("POTLUCK_CORPUS"); dir != "" {
		in := Input{Content: os.DirFS(dir), Theme: os.DirFS("../themes/commons"), Config: parseConfig(t, "title = \"Corpus\"\n"), Now: testNow}
		r = mustBuild(t, New(), in)
	}
	var queries []asked
	for _, text := range firstQueries {
		var a asked
		a.Query.Q = text
		queries = append(queries, a)
	}
	page := file(t, r, "/search/")
	shell := compressed(t, []byte(page))
	assets := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(page, -1)
	for _, m := range assets {
		shell += compressed(t, []byte(file(t, r, m[1])))
	}
	d := pageData(page)
	t.Logf("%s entries; page, style, script and icon: %.1f KiB, %d requests", d["count"], float64(shell)/1024, 1+len(assets))
	for _, a := range inNode(t, r, queries) {
		size := shell
		for _, name := range a.loads {
			size += compressed(t, []byte(file(t, r, d["index"]+name)))
		}
		t.Logf("%5.1f KiB %3d requests %6d found  %s", float64(size)/1024, 1+len(assets)+len(a.loads), len(a.Found), a.Query.Q)
		if size > bound {
			t.Errorf("%q takes %d bytes", a.Query.Q, size)
		}
	}
}

// compressed gives the size of data under gzip.
func compressed(t *testing.T, data []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, 9)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(data)
	w.Close()
	return b.Len()
}

func TestAppendGap(t *testing.T) {
	for n, want := range map[int]string{0: "!", 46: "O", 47: "Q!", 48: `Q"`, 47*47 - 1: "~O", 47 * 47: "QP!"} {
		if got := string(appendGap(nil, n, '!')); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// TestSearchPages: each language has its page; its files are those it names; no
// page names words or files that the last build had.
func TestSearchPages(t *testing.T) {
	b, r := findSite(t)
	for _, p := range []string{"/search/", "/es/search/", "/ar/search/"} {
		page := file(t, r, p)
		dir := pageData(page)["index"]
		for _, name := range []string{"t/0.txt", "w/0.txt", "c/0.json", "c/3.json"} {
			file(t, r, dir+name)
		}
		if strings.Contains(page, "search.") && regexp.MustCompile(`>search\.[a-z]|"search\.[a-z]+"`).MatchString(page) {
			t.Errorf("%s has a word without a text", p)
		}
	}
	again := New()
	in := *b.live.Load().in
	if d := difference(r, mustBuild(t, again, in)); d != "" {
		t.Error(d)
	}
	in.Config = parseConfig(t, "title = \"x\"\noutputs.search = false\n")
	for _, p := range paths(mustBuild(t, b, in)) {
		if strings.Contains(p, "search/") {
			t.Errorf("%s is made without search", p)
		}
	}
}

// TestSearchIncremental: after an edit the files are those of a clean build, and the
// pages name the new folder.
func TestSearchIncremental(t *testing.T) {
	b, before := findSite(t)
	in := *b.live.Load().in
	content := maps.Clone(in.Content.(fstest.MapFS))
	content["offers/2026/11/lamp.md"] = &fstest.MapFile{Data: []byte("+++\ntitle = \"A lamp\"\n+++\n")}
	in.Content = content
	after := mustBuild(t, b, in)
	if d := difference(after, mustBuild(t, New(), in)); d != "" {
		t.Error(d)
	}
	if pageData(file(t, before, "/search/"))["index"] == pageData(file(t, after, "/search/"))["index"] {
		t.Error("the folder has its old name")
	}
}

// TestSearchAnswer: the handler's page holds what the index finds, and the form as it was.
func TestSearchAnswer(t *testing.T) {
	b, _ := findSite(t)
	get := func(lang, query string) string {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		var w bytes.Buffer
		if err := b.Search(&w, lang, v, testNow); err != nil {
			t.Fatal(err)
		}
		return w.String()
	}
	page := get("es", "q=comida+<b>&category=food&page=1")
	for _, want := range []string{`value="comida &lt;b&gt;"`, `value="food" data-label="Comida" selected`, "/es/procedures/repartir-comida/", `action="/es/search/"`, "Encontramos: 13", "?category=food&amp;page=2&amp;q=comida&#43;%3Cb%3E"} {
		if !strings.Contains(page, want) && !strings.Contains(page, strings.ReplaceAll(want, "&#43;", "+")) {
			t.Errorf("there is no %s", want)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "data-index") {
		t.Error("an answered page has the script")
	}
	if page := get("en", "q=zzzz&page=-3"); !strings.Contains(page, "We found nothing") {
		t.Error("an empty answer does not say so")
	}
	if page := get("en", ""); strings.Contains(page, "We found nothing") {
		t.Error("a page without a query answers")
	}
	if page := get("en", "category=food&page=999999999999"); !strings.Contains(page, "Found: 13") {
		t.Error("a page number that is too high fails")
	}
}

// TestSearchScript: at most 5 KiB compressed, and nothing that a strict policy refuses.
func TestSearchScript(t *testing.T) {
	src, err := os.ReadFile("../themes/commons/static/search.js")
	if err != nil {
		t.Fatal(err)
	}
	if n := compressed(t, src); n > 5<<10 {
		t.Errorf("the script is %d bytes compressed", n)
	}
	for _, bad := range []string{"eval(", "new Function", "innerHTML", "insertAdjacentHTML", ".style", "setAttribute(\"on"} {
		if bytes.Contains(src, []byte(bad)) {
			t.Errorf("the script has %s", bad)
		}
	}
}
