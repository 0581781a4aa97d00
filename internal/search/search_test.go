package search

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"potluck/internal/site"
)

// rows reads a table of testdata: cells parted by |, lines with # left out.
func rows(t testing.TB, name string) [][]string {
	t.Helper()
	src, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for line := range strings.Lines(string(src)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "|")
		for i, c := range cells {
			cells[i] = strings.TrimSpace(c)
		}
		all = append(all, cells)
	}
	return all
}

func fixtureConfig(t testing.TB) *site.Config {
	t.Helper()
	src, err := os.ReadFile("testdata/site.toml")
	if err != nil {
		t.Fatal(err)
	}
	cfg, problems := site.ParseConfig(src)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return cfg
}

func fixture(t testing.TB) *Index {
	t.Helper()
	cfg := fixtureConfig(t)
	var headers []*site.Header
	for _, r := range rows(t, "entries.txt") {
		place, err := cfg.PlaceOf(r[1] + "." + r[0] + ".md")
		if err != nil {
			t.Fatal(err)
		}
		h := &site.Header{Place: place, Kind: cfg.KindAt(place)}
		h.Title, h.Summary, h.Fields = r[2], r[4], map[string]any{"organization": r[3]}
		h.Categories, h.Areas, h.Languages = strings.Fields(r[5]), strings.Fields(r[6]), strings.Fields(r[7])
		headers = append(headers, h)
	}
	return New(cfg, headers, nil)
}

func keys(a Answer) []string {
	var list []string
	for _, h := range a.Hits {
		list = append(list, h.Key)
	}
	return list
}

func TestRecall(t *testing.T) {
	ix, queries := fixture(t), rows(t, "queries.txt")
	if len(ix.entries) != 60 || len(queries) != 60 {
		t.Fatalf("%d entries, %d queries", len(ix.entries), len(queries))
	}
	found := 0
	for _, q := range queries {
		if got := keys(ix.Find(Query{Text: q[1], Lang: q[0], Limit: 5})); slices.Contains(got, q[2]) {
			found++
		} else {
			t.Logf("%q finds %q, not %s", q[1], got, q[2])
		}
	}
	t.Logf("recall at five: %d of %d", found, len(queries))
	if found*10 < len(queries)*9 {
		t.Errorf("recall at five is %d of %d", found, len(queries))
	}
}

func TestTokens(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Food, for the HOUSE!", "food for the house"},
		{"diapers groceries buses gas class", "diaper grocery buse gas class"},
		{"women's don’t", "women dont"},
		{"Pañales Intérprete ¿dónde?", "panale interprete donde"},
		{"Đồng Hương phở", "dong huong pho"},
		{"Łódź Straße smørrebrød œuvre ısı İzmir", "lodz strasse smorrebrod oeuvre isi izmir"},
		{"ΟΔΟΣ όδος", "οδοσ οδοσ"},
		{"الطعام طعام والطعام للطعام طَعَام طعـــام", "طعام طعام طعام طعام طعام طعام"},
		{"أإآٱا مستشفى مدرسة مدرسه كتاب کتاب ٤٢ ۴۲", "ااااا مستشفي مدرسه مدرسه كتاب كتاب 42 42"},
		{"食物银行 水", "食物 物银 银行 水"},
		{"免费WiFi上网", "免费 wifi 上网"},
		{"อาหารฟรี", "อา าห หา าร รฟ ฟร รี"},
		{"ガーデン がーてん", "カー ーテ テン かー ーて てん"},
		{"½ ﬁsh Ⅳ", "1⁄2 fish iv"},
		{"x\u200dy\u00ad co-op 24/7", "xy co op 24 7"},
		{"", ""}, {" ?!… ", ""},
	} {
		want := strings.Fields(strings.ReplaceAll(c.want, "1⁄2", "1 2"))
		if got := Tokens(c.text); !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", c.text, got, want)
		}
	}
}

func TestOneSlip(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"ladder", "lader", true}, {"lader", "ladder", true}, {"ladder", "latder", true}, {"ladder", "laddre", true},
		{"ladder", "ladders", true}, {"ladder", "ladder", false}, {"ladder", "lad", false}, {"abcd", "badc", false}, {"abcd", "acbe", false},
	} {
		if got := oneSlip([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("%s, %s: %v", c.a, c.b, got)
		}
	}
}

func TestFacets(t *testing.T) {
	ix := fixture(t)
	food := ix.Find(Query{Category: "food", Limit: 100})
	hot := ix.Find(Query{Category: "food/hot-meals", Limit: 100})
	if food.Total != 13 || hot.Total != 5 || len(food.Hits) != 13 {
		t.Errorf("food %d, hot meals %d", food.Total, hot.Total)
	}
	both := ix.Find(Query{Text: "rice arroz أرز gạo 大米", Category: "food", Area: "eastgate", Lang: "es"})
	if got := keys(both); !slices.Equal(got, []string{"resources/despensa-san-isidro", "resources/shiwu-yinhang"}) {
		t.Errorf("found %q", got)
	}
	if a := ix.Find(Query{Category: "no-such"}); a.Total != 0 {
		t.Errorf("an unknown category finds %d", a.Total)
	}
	for _, q := range []Query{{}, {Text: "  "}, {Text: "?!"}, {Text: "?!", Category: "food"}} {
		if a := ix.Find(q); a.Total != 0 {
			t.Errorf("%+v finds %d", q, a.Total)
		}
	}
}

func TestPages(t *testing.T) {
	ix := fixture(t)
	all := keys(ix.Find(Query{Language: "en", Limit: 100}))
	var paged []string
	for from := 0; from < len(all)+5; from += 7 {
		paged = append(paged, keys(ix.Find(Query{Language: "en", From: from, Limit: 7}))...)
	}
	if !slices.Equal(all, paged) {
		t.Errorf("pages give %q, want %q", paged, all)
	}
}

func TestSlips(t *testing.T) {
	a := fixture(t).Find(Query{Text: "zapatso", Lang: "es"})
	if want := []Slip{{"zapatso", "zapato"}}; !slices.Equal(a.Slips, want) {
		t.Errorf("slips %v, want %v", a.Slips, want)
	}
}

func page(cfg *site.Config, path, title string, fields map[string]any) *site.Header {
	place, err := cfg.PlaceOf(path)
	if err != nil {
		panic(err)
	}
	h := &site.Header{Place: place, Kind: cfg.KindAt(place)}
	h.Title, h.Fields = title, fields
	return h
}

func TestEntries(t *testing.T) {
	cfg := fixtureConfig(t)
	ix := New(cfg, []*site.Header{
		page(cfg, "index.md", "Help network", nil),
		page(cfg, "resources/fridge.es.md", "Nevera", nil),
		page(cfg, "resources/fridge.md", "Help yourself fridge", nil),
		page(cfg, "resources/only.ar.md", "ثلاجة help", nil),
		page(cfg, "offers/done.md", "Help with a cot", map[string]any{"state": "closed"}),
		page(cfg, "offers/going.md", "Help with a chair", map[string]any{"state": "matched"}),
	}, nil)
	if got := keys(ix.Find(Query{Text: "help"})); !slices.Equal(got, []string{"resources/fridge", "resources/only", "offers/going"}) {
		t.Errorf("found %q", got)
	}
	for lang, want := range map[string]string{"es": "Nevera", "vi": "Help yourself fridge", "en": "Help yourself fridge"} {
		if a := ix.Find(Query{Text: "nevera", Lang: lang}); len(a.Hits) != 1 || a.Hits[0].Title != want {
			t.Errorf("%s: %v", lang, a.Hits)
		}
	}
}

func TestOpenNow(t *testing.T) {
	cfg := fixtureConfig(t)
	open := map[string]any{"hours": "Mo-Fr 09:00-17:00"}
	shut := map[string]any{"hours": "Mo-Fr 09:00-17:00", "closed_until": site.OnDay(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))}
	ix := New(cfg, []*site.Header{page(cfg, "resources/a.md", "A", open), page(cfg, "resources/b.md", "B", shut), page(cfg, "resources/c.md", "C", nil)}, nil)
	for hour, want := range map[int]int{15: 1, 2: 0} { // UTC; the network is five hours behind
		if a := ix.Find(Query{OpenNow: time.Date(2026, 11, 23, hour, 0, 0, 0, time.UTC)}); a.Total != want {
			t.Errorf("%d are open at %d h, want %d", a.Total, hour, want)
		}
	}
}

// TestOrderOfHeaders: the index does not depend on the order of what it is given.
func TestOrderOfHeaders(t *testing.T) {
	cfg, a := fixtureConfig(t), fixture(t)
	var headers []*site.Header
	for _, e := range slices.Backward(a.entries) {
		headers = append(headers, e.versions...)
	}
	b := New(cfg, headers, nil)
	if !slices.Equal(a.terms, b.terms) || fmt.Sprint(a.lists) != fmt.Sprint(b.lists) {
		t.Error("another order gives another index")
	}
}

// With gives what New gives, after any pages came, went and changed; what it says an entry
// was has the same pages.
func TestWithIsNew(t *testing.T) {
	cfg, headers := many(400)
	random := rand.New(rand.NewPCG(1, 2))
	shown := slices.Clone(headers[:200])
	ix := New(cfg, shown, nil)
	for step := range 150 {
		for range random.IntN(4) {
			i := random.IntN(len(shown))
			switch h := *shown[i]; random.IntN(3) {
			case 0:
				h.Title, h.Areas = h.Title+" "+[]string{"food", "couch", "newword" + fmt.Sprint(step)}[random.IntN(3)], headers[random.IntN(400)].Areas
				shown = slices.Concat(shown[:i], []*site.Header{&h}, shown[i+1:])
			case 1:
				shown = slices.Delete(slices.Clone(shown), i, i+1)
			default:
				if other := headers[200+random.IntN(200)]; !slices.ContainsFunc(shown, func(h *site.Header) bool { return h.Key == other.Key }) {
					shown = append(slices.Clone(shown), other)
				}
			}
		}
		got, want := ix.With(shown), New(cfg, shown, nil)
		if !slices.Equal(got.terms, want.terms) || !slices.EqualFunc(got.lists, want.lists, slices.Equal[[]Posting]) {
			t.Fatalf("step %d: other terms or lists", step)
		}
		kept := 0
		for i := range got.Len() {
			if !slices.Equal(got.Versions(i), want.Versions(i)) {
				t.Fatalf("step %d: entry %d is %s, want %s", step, i, got.entries[i].main().Path, want.entries[i].main().Path)
			}
			if was := got.Was(i); was >= 0 {
				kept++
				if !slices.Equal(got.Versions(i), ix.Versions(was)) {
					t.Fatalf("step %d: entry %d was not %d", step, i, was)
				}
			}
		}
		if kept < got.Len()-8 {
			t.Fatalf("step %d: %d of %d entries were kept", step, kept, got.Len())
		}
		ix = got
	}
}

func many(n int) (*site.Config, []*site.Header) {
	cfg, _ := site.ParseConfig([]byte(`title = "Many"`))
	words := strings.Fields("bread ride coat bed clinic desk garden soup tool lamp child book street market river corner table lantern circle bridge")
	headers := make([]*site.Header, n)
	for i := range headers {
		at := func(k int) string { return words[(i*k+i/7)%len(words)] }
		h := page(cfg, fmt.Sprintf("resources/%d.md", i), fmt.Sprintf("%s %s %s %d", at(3), at(7), at(11), i%977), nil)
		h.Summary = strings.Join([]string{"A place for", at(13), at(17), at(19), "and", at(23), at(29)}, " ")
		h.Categories, h.Areas, h.Languages = []string{at(5)}, []string{at(2)}, []string{"en"}
		headers[i] = h
	}
	return cfg, headers
}

func BenchmarkNew10000(b *testing.B) {
	cfg, headers := many(10000)
	for b.Loop() {
		New(cfg, headers, nil)
	}
}

func BenchmarkFind10000(b *testing.B) {
	cfg, headers := many(10000)
	ix := New(cfg, headers, nil)
	for _, q := range []Query{{Text: "soup"}, {Text: "coat ride for the river market"}, {Text: "lantren circel"}, {Text: "bread", Category: "coat", Area: "bed"}, {Category: "coat"}} {
		b.Run(q.Text+q.Category, func(b *testing.B) {
			for b.Loop() {
				ix.Find(q)
			}
		})
	}
}
