package builder

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var guideSite = map[string]string{
	"practices/listening.md":         "+++\ntitle = \"Listening\"\n+++\n\n## One\n\nListen first. [Rides](../procedures/rides.md)\n",
	"procedures/rides.md":            "+++\ntitle = \"Rides\"\n+++\n\n## One\n\nAsk twice.\n",
	"procedures/rides.es.md":         "+++\ntitle = \"Viajes\"\n+++\n\n## Uno\n\nPregunte.\n",
	"resources/pantry.md":            "+++\ntitle = \"Pantry\"\n+++\n",
	"resources/shelter.md":           "+++\ntitle = \"Shelter\"\nlocation_type = \"confidential\"\n+++\n",
	"practices/going-home-safely.md": "+++\ntitle = \"Going home\"\nleave = true\n+++\n",
}

func guideInput(t *testing.T, config string) Input {
	in := input(t, "title = \"T\"\nbase_url = \"https://t.example/net/\"\nlanguages = [\"en\", \"es\"]\n"+config, guideSite)
	in.Theme = os.DirFS("../themes/commons")
	in.QR = func(address string) string { return "<svg data-for=\"" + address + "\"></svg>" }
	return in
}

func TestBooklet(t *testing.T) {
	b, in := New(), guideInput(t, "")
	r := mustBuild(t, b, in)
	page := file(t, r, "/booklet/")
	for _, want := range []string{`<h2 id="chapter-1">`, `<h3 id="chapter-1-one">`, `<h3 id="chapter-3-one">`, "Ask twice.", `href="/net/procedures/rides/"`, `<svg data-for="https://t.example/net/">`} {
		if !strings.Contains(page, want) && !strings.Contains(page, strings.Replace(want, "chapter-1-one", "chapter-2-one", 1)) {
			t.Errorf("the booklet has no %s:\n%s", want, page)
		}
	}
	if es := file(t, r, "/es/booklet/"); !strings.Contains(es, "Pregunte.") || !strings.Contains(es, `lang="en"`) {
		t.Error("the Spanish booklet lacks its own words, or does not say where they are English")
	}
	changed := maps.Clone(guideSite)
	changed["procedures/rides.md"] += "\nAnd once more.\n"
	in.Content = folder(changed)
	again := mustBuild(t, b, in)
	if d := difference(again, mustBuild(t, New(), in)); d != "" {
		t.Error(d)
	}
	if !strings.Contains(file(t, again, "/booklet/"), "And once more.") {
		t.Error("the booklet keeps old words")
	}
}

func TestLeave(t *testing.T) {
	r := mustBuild(t, New(), guideInput(t, "[safety]\nleave_url = \"https://weather.example/\"\n"))
	for p, want := range map[string]bool{"/resources/shelter/": true, "/practices/going-home-safely/": true, "/resources/pantry/": false} {
		if got := strings.Contains(file(t, r, p), `id="leave" href="https://weather.example/"`); got != want {
			t.Errorf("%s: leave %v, want %v", p, got, want)
		}
	}
}

func TestOffline(t *testing.T) {
	r := mustBuild(t, New(), guideInput(t, ""))
	worker := file(t, r, "/sw.js")
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(worker)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	if b.Len() > 1536 {
		t.Errorf("the worker is %d bytes", b.Len())
	}
	i := slices.IndexFunc(r.Files, func(f File) bool { return strings.HasPrefix(f.Path, "assets/offline.") })
	if i < 0 || !strings.Contains(worker, `"/net/`+r.Files[i].Path+`"`) {
		t.Fatal("the worker does not name its list")
	}
	var list keptList
	if err := json.Unmarshal(r.Files[i].Data, &list); err != nil {
		t.Fatal(err)
	}
	if n := len(list.Places); n != 2 || list.Places[n-1].At != "/net/" {
		t.Errorf("%v", list.Places)
	}
	var kept []string
	for _, f := range list.Files {
		kept = append(kept, f[0])
		if _, _, ok := r.Lookup(strings.TrimPrefix(f[0], "/net")); !ok {
			t.Errorf("%s is kept, and not there", f[0])
		}
	}
	for p, want := range map[string]bool{"/net/": true, "/net/es/offline/": true, "/net/resources/pantry/": true, "/net/resources/shelter/": false, "/net/practices/going-home-safely/": false, "/net/search/": false} {
		if slices.Contains(kept, p) != want {
			t.Errorf("%s kept: %v", p, !want)
		}
	}
	off := mustBuild(t, New(), guideInput(t, "[offline]\noff = true\n"))
	if w := file(t, off, "/sw.js"); !strings.Contains(w, "unregister") || strings.Contains(strings.Join(paths(off), "\n"), "offline") {
		t.Error("offline is off, and something of it is left")
	}
}

func TestOwnColors(t *testing.T) {
	r := mustBuild(t, New(), guideInput(t, "[colors]\npaper = \"#ffffff\"\nneed = \"#7a1f5c\"\n"))
	page := file(t, r, "/")
	i := slices.IndexFunc(r.Files, func(f File) bool { return strings.HasPrefix(f.Path, "assets/colors.") })
	if i < 0 || !strings.Contains(page, `href="/net/`+r.Files[i].Path+`"`) || !strings.Contains(page, `content="#ffffff" media`) {
		t.Fatal("the colours are not used")
	}
	if css := string(r.Files[i].Data); !strings.Contains(css, "--need: #7a1f5c;") {
		t.Error(css)
	}
	if p := problems(r); strings.Contains(p, "colors.css") {
		t.Error(p)
	}
}

// A chapter's headings go down, and its own links lead to its own ids.
func TestDeeper(t *testing.T) {
	got := deeper(`<h2 id="a" class="x">A</h2><p id="b">1 < 2 "id=" <a href="#a">a</a> <a href="/#a">b</a><hr></p><h5>B</h5><h6 id="c">C</h6>`, "k-")
	want := `<h3 id="k-a" class="x">A</h3><p id="k-b">1 < 2 "id=" <a href="#k-a">a</a> <a href="/#a">b</a><hr></p><h6>B</h6><h6 id="k-c">C</h6>`
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
