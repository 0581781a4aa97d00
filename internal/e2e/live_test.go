package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestLiveReload: an organizer edits a long page while it is open. It loads anew by
// itself, stays where she was reading, and names the mistake she made; and no longer
// when she mended it.
func TestLiveReload(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page := func(words string) {
		put("content/long.md", "+++\ntitle = \"Long\"\n+++\n\n"+strings.Repeat("One line of many, so that there is something to scroll.\n\n", 120)+words+"\n")
	}
	put("site.toml", "title = \"Net\"\nbase_url = \"https://net.example.org/town/\"\n")
	page("first words")
	s, err := program.Start("serve", "-live", "-C", dir, "-addr", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	ctx := open(t, Look{Width: 800, Height: 600})
	var before, after float64
	var panel string
	do(t, ctx, chromedp.Navigate(s.URL+"town/long/"),
		chromedp.Evaluate(`scrollTo(0, 1234); window.old = true; scrollY`, &before))
	page("second words, [lost](nowhere.md)")
	do(t, ctx, until(`!window.old && document.body.innerText.includes("second words") && !!document.getElementById("live-problems")`),
		chromedp.Evaluate(`scrollY`, &after),
		chromedp.Text("#live-problems", &panel, chromedp.ByQuery))
	if before < 1000 || after != before {
		t.Errorf("it was at %g, and is at %g", before, after)
	}
	if !strings.Contains(panel, "content/long.md:245:15: there is no page /nowhere.md") || !strings.Contains(panel, "hint: ") {
		t.Errorf("the panel says %q", panel)
	}
	page("third words")
	do(t, ctx, until(`document.body.innerText.includes("third words") && !document.getElementById("live-problems")`),
		chromedp.Evaluate(`scrollY`, &after))
	if after != before {
		t.Errorf("after the second change it is at %g, not %g", after, before)
	}
}
