package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestTourIsWhole: every layout of the theme is on the tour, so that what is tested
// page by page is all there is, from left to right and from right to left.
func TestTourIsWhole(t *testing.T) {
	layouts, err := filepath.Glob(filepath.Join(Root(), "themes/commons/layouts/*.html"))
	if err != nil || len(layouts) == 0 {
		t.Fatal(err)
	}
	s, _ := demo(t)
	for _, lang := range []string{"", "ar"} {
		seen := map[string]bool{"site": true, "history": true, "paper": true} // the frame; what is off until a network wants it; what only a command writes
		for _, stop := range tour(t, s, lang) {
			name, _, _ := strings.Cut(stop.Name, "-")
			seen[name] = true
		}
		for _, l := range layouts {
			name := strings.TrimSuffix(filepath.Base(l), ".html")
			if kind, _, _ := strings.Cut(name, "-"); !seen[kind] && kind != "desk" {
				t.Errorf("in %q no page of the tour is made by layouts/%s.html", lang, name)
			}
		}
	}
}

func tour(t *testing.T, s *Server, lang string) []Stop {
	t.Helper()
	stops, err := s.Tour(lang)
	if err != nil {
		t.Fatal(err)
	}
	return stops
}

// TestPolicyOnEveryPage: each page brings the policy in itself and by its header, and
// has nothing that the policy would stop.
func TestPolicyOnEveryPage(t *testing.T) {
	s, _ := demo(t)
	inline := regexp.MustCompile(`(?i)<style|<script(?:>| [^>]*>[^<])|\son[a-z]+="|\sstyle="`)
	for _, lang := range []string{"", "es", "ar"} {
		for _, stop := range tour(t, s, lang) {
			body := stop.HTML
			if body == "" {
				resp, err := http.Get(s.URL + stop.Path)
				if err != nil {
					t.Fatal(err)
				}
				var b bytes.Buffer
				_, _ = b.ReadFrom(resp.Body)
				resp.Body.Close()
				body = b.String()
				if h := resp.Header.Get("Content-Security-Policy"); !strings.Contains(h, "default-src 'none'") || strings.Contains(h, "unsafe") {
					t.Errorf("/%s: header %q", stop.Path, h)
				}
			}
			if !strings.Contains(body, `http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;`) {
				t.Errorf("%s (/%s): the page has no policy", stop.Name, stop.Path)
			}
			if m := inline.FindString(body); m != "" {
				t.Errorf("%s (/%s): inline: %s", stop.Name, stop.Path, m)
			}
		}
	}
}

// TestPagesFit: no page is wider than the screen, at 320 px and at 400 % of zoom,
// from left to right and from right to left.
func TestPagesFit(t *testing.T) {
	s, _ := demo(t)
	for _, look := range []Look{{Width: 320, Height: 640, NoScripts: true}, {Width: 320, Height: 256, Scale: 4, NoScripts: true}} {
		ctx := open(t, look)
		for _, lang := range []string{"", "ar"} {
			for _, stop := range tour(t, s, lang) {
				var wide, h1s int
				var dir, code string
				do(t, ctx, s.Go(stop),
					chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide),
					chromedp.Evaluate(`document.documentElement.dir`, &dir),
					chromedp.Evaluate(`document.documentElement.lang`, &code),
					chromedp.Evaluate(`document.querySelectorAll("h1").length`, &h1s))
				if wide > 320 {
					t.Errorf("%s (/%s) is %d px wide", stop.Name, stop.Path, wide)
				}
				if want := lang == "ar"; (dir == "rtl") != want || (code == "ar") != want {
					t.Errorf("%s (/%s): dir %q, lang %q", stop.Name, stop.Path, dir, code)
				}
				if h1s != 1 {
					t.Errorf("%s (/%s) has %d h1", stop.Name, stop.Path, h1s)
				}
			}
		}
	}
}

// TestKeyboardAlone: a neighbour asks without a mouse. The first stop skips to what
// matters, and every stop on the way can be seen.
func TestKeyboardAlone(t *testing.T) {
	s, _ := demo(t)
	ctx := open(t, Look{Width: 1280, Height: 900})
	do(t, ctx, chromedp.Navigate(s.URL+"forms/request/"), chromedp.KeyEvent(kb.Tab))
	if at := focused(t, ctx); !strings.Contains(at, "#main") {
		t.Errorf("the first stop is %q, not the way to the main part", at)
	}
	do(t, ctx, chromedp.KeyEvent(kb.Enter))
	answers := map[string]string{"title": "A lamp", "body": "For reading.", "categories": "Th", "areas": "Har", "contact_how": " ", "contact": "555-0123"}
	for range 80 {
		do(t, ctx, chromedp.KeyEvent(kb.Tab))
		at := focused(t, ctx)
		if !shows(t, ctx) {
			t.Errorf("the keyboard is at %s, and nothing shows it", at)
		}
		name, _, _ := strings.Cut(at, " ")
		if text := answers[name]; text != "" {
			delete(answers, name)
			do(t, ctx, chromedp.KeyEvent(text))
		}
		if strings.HasSuffix(at, "submit") {
			break
		}
	}
	if len(answers) > 0 {
		t.Errorf("the keyboard did not come to %v", answers)
	}
	var title string
	do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`button[name="confirm"]`, chromedp.ByQuery))
	for range 60 {
		do(t, ctx, chromedp.KeyEvent(kb.Tab))
		if strings.HasPrefix(focused(t, ctx), "confirm ") {
			break
		}
	}
	do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".slip", chromedp.ByQuery), chromedp.Text("h1", &title, chromedp.ByQuery))
	if title != "Thank you. We have it." {
		t.Errorf("at the end: %q", title)
	}
}

// focused names where the keyboard is.
func focused(t *testing.T, ctx context.Context) (at string) {
	t.Helper()
	do(t, ctx, chromedp.Evaluate(`(e => (e.name || "") + " " + (e.getAttribute("href") || "") + " " + (e.type || ""))(document.activeElement)`, &at))
	return at
}

// shows tells whether a person sees where the keyboard is. The parts of a date show it themselves.
func shows(t *testing.T, ctx context.Context) (seen bool) {
	t.Helper()
	do(t, ctx, chromedp.Evaluate(`(e => { const s = getComputedStyle(e), r = e.getBoundingClientRect();
		return e.type === "date" || s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && r.bottom > 0 && r.top < innerHeight && r.width > 0 })(document.activeElement)`, &seen))
	return seen
}

// TestForcedColors: where the reader's colours take the place of ours, what was told
// by a colour has an edge.
func TestForcedColors(t *testing.T) {
	s, _ := demo(t)
	ctx := open(t, Look{Width: 1280, Height: 900, Forced: true})
	for _, stop := range tour(t, s, "") {
		var bare []string
		do(t, ctx, s.Go(stop), chromedp.Evaluate(`[...document.querySelectorAll(".button, .tag, .card, .door, .notice, .errors, .group, .nr, input, select, textarea")]
			.filter(e => e.offsetParent && e.type !== "radio" && e.type !== "checkbox" && !e.closest(".trap") && getComputedStyle(e).borderTopStyle === "none").map(e => e.className || e.name)`, &bare))
		if len(bare) > 0 {
			t.Errorf("%s: no edge: %v", stop.Name, bare)
		}
	}
	var land []string
	do(t, ctx, chromedp.Navigate(s.URL+"map/"), chromedp.Evaluate(`[...document.querySelectorAll(".land, .pin circle")].map(e => getComputedStyle(e)).map(s => s.fill + " " + s.stroke)`, &land))
	slices.Sort(land)
	if land = slices.Compact(land); len(land) != 1 {
		t.Errorf("the map is drawn in %v", land)
	}
}

// TestLanguageSwitch: a reader changes the language and stays on her page.
func TestLanguageSwitch(t *testing.T) {
	s, _ := demo(t)
	ctx := open(t, Look{Width: 320, Height: 640})
	for _, step := range []struct{ press, path, dir string }{
		{"es", "/es/resources/old-mill-food-pantry/", "ltr"}, {"en", "/resources/old-mill-food-pantry/", "ltr"},
	} {
		var at, dir, lang string
		if step.press == "es" {
			do(t, ctx, chromedp.Navigate(s.URL+"resources/old-mill-food-pantry/"))
		}
		do(t, ctx, press(fmt.Sprintf(`.langs a[hreflang=%q]`, step.press)), chromedp.WaitReady(fmt.Sprintf(`html[lang=%q]`, step.press), chromedp.ByQuery),
			chromedp.Evaluate(`location.pathname`, &at), chromedp.Evaluate(`document.documentElement.dir`, &dir), chromedp.Text(`.langs [aria-current]`, &lang, chromedp.ByQuery))
		if at != step.path || dir != step.dir {
			t.Errorf("after %s: %s, %s, %s", step.press, at, dir, lang)
		}
	}
	var at, h1 string
	do(t, ctx, chromedp.Navigate(s.URL+"resources/harbor-light-house/"), press(`.langs a[hreflang="ar"]`), chromedp.WaitReady(`html[dir="rtl"]`, chromedp.ByQuery),
		chromedp.Evaluate(`location.pathname`, &at), chromedp.Evaluate(`(e => e.lang || document.documentElement.lang)(document.querySelector("h1"))`, &h1))
	if at != "/ar/resources/harbor-light-house/" || h1 != "ar" {
		t.Errorf("in Arabic: %s, the title speaks %q", at, h1)
	}
}

// TestFilterAndBack: a facet leads to an address of its own, and the back button to
// what was there before; so does the search, asked of the handler and of files.
func TestFilterAndBack(t *testing.T) {
	s, dir := demo(t)
	out := filepath.Join(t.TempDir(), "out")
	if said, err := program.Run("build", "-C", dir, "-out", out); err != nil {
		t.Fatal(said)
	}
	static := listen(t, http.FileServer(http.Dir(out)))
	for name, base := range map[string]string{"handler": s.URL, "files": static} {
		t.Run(name, func(t *testing.T) {
			ctx := open(t, Look{Width: 320, Height: 640})
			var at string
			var cards int
			do(t, ctx, chromedp.Navigate(base+"resources/"), press(".facets details:nth-of-type(2) summary"), press(`.facets a[href="/area/old-mill/"]`),
				chromedp.WaitVisible("h1", chromedp.ByQuery), until(`location.pathname === "/area/old-mill/"`),
				back, until(`location.pathname === "/resources/"`),
				chromedp.Evaluate(`document.querySelectorAll(".card").length`, &cards))
			if cards < 20 {
				t.Errorf("back on the list there are %d entries", cards)
			}
			first := finds(t, ctx, base, "soup")
			second := finds(t, ctx, "", "bicycle")
			if first == "" || second == "" || first == second {
				t.Errorf("found %q, then %q", first, second)
			}
			var again, typed string
			do(t, ctx, back, until(`location.search.includes("soup") && document.querySelector("#found .card h3")`),
				chromedp.Evaluate(`document.querySelector("#found .card h3").innerText`, &again), chromedp.Evaluate(`document.querySelector("#q").value`, &typed), chromedp.Evaluate(`location.search`, &at))
			if again != first || name == "files" && typed != "soup" { // what was typed and not sent is the browser's to keep
				t.Errorf("back at %s: %q is found, %q is typed; it was %q", at, again, typed, first)
			}
		})
	}
}

// back presses the back button.
var back = chromedp.Evaluate(`history.back()`, nil)

// until waits for what holds in the page, whichever page that is by then.
func until(holds string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for {
			var is bool
			if err := chromedp.Evaluate(`document.readyState === "complete" && !!(`+holds+`)`, &is).Do(ctx); err == nil && is {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("never: %s", holds)
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
}

// finds types into the search page, and gives the first that is found.
func finds(t *testing.T, ctx context.Context, base, text string) (title string) {
	t.Helper()
	if base != "" {
		do(t, ctx, chromedp.Navigate(base+"search/"))
	}
	do(t, ctx, chromedp.Evaluate(`document.querySelector("#q").value = ""`, nil), chromedp.SendKeys("#q", text+kb.Enter, chromedp.ByQuery),
		until(fmt.Sprintf(`location.search.includes(%q) && document.querySelector("#found .card h3")`, text)),
		chromedp.Evaluate(`document.querySelector("#found .card h3").innerText`, &title))
	return title
}

// TestPrint: every page prints, and the poster with its strips is one sheet.
func TestPrint(t *testing.T) {
	s, _ := demo(t)
	ctx := open(t, Look{Width: 1280, Height: 900, NoScripts: true})
	sheets := regexp.MustCompile(`/Type ?/Page\b`)
	for _, lang := range []string{"", "ar"} {
		for _, stop := range tour(t, s, lang) {
			var pdf []byte
			do(t, ctx, s.Go(stop), chromedp.ActionFunc(func(ctx context.Context) (err error) {
				pdf, _, err = page.PrintToPDF().WithPaperWidth(8.27).WithPaperHeight(11.69).WithPreferCSSPageSize(true).Do(ctx)
				return err
			}))
			n := len(sheets.FindAll(pdf, -1))
			if n == 0 || stop.Name == "poster" && n != 1 || n > 6 && stop.Name != "booklet" && stop.Name != "styleguide" {
				t.Errorf("%s (/%s) prints on %d sheets", stop.Name, stop.Path, n)
			}
		}
	}
}

// TestPagesForEverybody: axe finds nothing on a page of any type, those that only a post
// makes too, narrow and wide, light and dark, from left to right and from right to left.
func TestPagesForEverybody(t *testing.T) {
	axe := axeCore(t)
	s, _ := demo(t)
	looks := []Look{{Width: 320, Height: 640}, {Width: 1280, Height: 900, Dark: true}}
	ctx := open(t, looks[0])
	for _, lang := range []string{"", "ar"} {
		for _, stop := range tour(t, s, lang) {
			do(t, ctx, s.Go(stop), chromedp.Evaluate(axe, nil))
			for _, look := range looks {
				goodFor(t, ctx, stop, look)
			}
		}
	}
}

// TestPosterOnPaper: the strips at the bottom of a sheet are under the words, on the
// shorter of the two usual papers at the width of the narrower.
func TestPosterOnPaper(t *testing.T) {
	s, _ := demo(t)
	ctx := open(t, Look{Width: 673, Height: 935, Print: true, NoScripts: true})
	for _, path := range []string{"poster/", "es/poster/", "ar/poster/"} {
		var gap float64
		do(t, ctx, chromedp.Navigate(s.URL+path), chromedp.Evaluate(`(bottom => document.querySelector(".strips").getBoundingClientRect().top - bottom)(
			document.querySelector(".sheet > p:last-of-type").getBoundingClientRect().bottom)`, &gap))
		if gap < 0 {
			t.Errorf("/%s: the strips cover %.0f px of the words", path, -gap)
		}
	}
}

// TestOffline: nothing is kept on a device before its owner asks, then what she asked
// for can be read while the site cannot be reached, and it goes when she says so.
func TestOffline(t *testing.T) {
	s, dir := demo(t)
	s.Stop() // what the demo adds to pages for their authors is not looked at here
	addr := strings.TrimSuffix(strings.TrimPrefix(s.URL, "http://"), "/")
	s, err := program.Start("serve", "-C", dir, "-addr", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	ctx := open(t, Look{Width: 320, Height: 640})
	do(t, ctx, chromedp.Navigate(s.URL), chromedp.Navigate(s.URL+"resources/"), chromedp.Navigate(s.URL+"offline/"), chromedp.WaitVisible("#save", chromedp.ByQuery))
	if kept := keeps(t, ctx); len(kept) > 0 {
		t.Fatalf("before anybody asked, the device keeps %v", kept)
	}
	do(t, ctx, press("#save"), chromedp.WaitVisible("#remove", chromedp.ByQuery))
	kept := keeps(t, ctx)
	for _, k := range kept {
		if regexp.MustCompile(`/(search|forms|mine|desk)\b|harbor-light-house`).MatchString(k) {
			t.Errorf("it keeps %s", k)
		}
	}
	if !slices.ContainsFunc(kept, func(k string) bool { return strings.Contains(k, "/resources/old-mill-food-pantry/") }) {
		t.Errorf("it does not keep the directory, but %v", kept)
	}
	s.Stop()
	var main, lost string
	do(t, ctx, chromedp.Navigate(s.URL+"resources/old-mill-food-pantry/"), chromedp.Text("main", &main, chromedp.ByQuery),
		chromedp.Navigate(s.URL+"search/?q=soup"), chromedp.Text("main", &lost, chromedp.ByQuery))
	if !strings.Contains(main, "You have no internet now. This is a saved copy from") || !strings.Contains(main, "+1 555 0141") {
		t.Errorf("without the site the page says:\n%s", main)
	}
	if !strings.Contains(lost, "that page is not saved") {
		t.Errorf("what is not kept says:\n%s", lost)
	}
	do(t, ctx, chromedp.Navigate(s.URL+"offline/"), press("#remove"), chromedp.WaitVisible("#save", chromedp.ByQuery))
	if kept := keeps(t, ctx); len(kept) > 0 {
		t.Errorf("after it was removed, the device keeps %v", kept)
	}
	killSwitch(t, ctx, dir, addr)
}

// killSwitch: a network takes back what devices keep.
func killSwitch(t *testing.T, ctx context.Context, dir, addr string) {
	s, err := program.Start("serve", "-C", dir, "-addr", addr)
	if err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.Navigate(s.URL+"offline/"), press("#save"), chromedp.WaitVisible("#remove", chromedp.ByQuery))
	s.Stop()
	file := filepath.Join(dir, "site.toml")
	settings, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(settings, "\n[offline]\noff = true\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if s, err = program.Start("serve", "-C", dir, "-addr", addr); err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	do(t, ctx, chromedp.Navigate(s.URL), chromedp.Evaluate(`navigator.serviceWorker.getRegistration().then(r => r && r.update()).then(() => 1)`, nil, awaited))
	for range 100 {
		if len(keeps(t, ctx)) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("after the kill switch the device keeps %v", keeps(t, ctx))
}

// keeps lists everything of the site that lies on the device.
func keeps(t *testing.T, ctx context.Context) (kept []string) {
	t.Helper()
	do(t, ctx, chromedp.Evaluate(`(async () => {
		const kept = (await navigator.serviceWorker.getRegistrations()).map(r => "worker " + r.scope);
		for (const n of await caches.keys()) kept.push("cache " + n, ...(await (await caches.open(n)).keys()).map(r => r.url));
		for (const d of await indexedDB.databases()) kept.push("database " + d.name);
		return kept.concat(Object.keys(localStorage), Object.keys(sessionStorage), document.cookie ? [document.cookie] : []);
	})()`, &kept, awaited))
	return kept
}
