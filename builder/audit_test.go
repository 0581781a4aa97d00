package builder

import (
	"fmt"
	"strings"
	"testing"
)

// What a person asks to be told has its place and a way out.
func TestAudit(t *testing.T) {
	b := New()
	r := mustBuild(t, b, input(t, "title = \"T\"\nlanguages = [\"en\", \"es\"]\nbase_url = \"https://t.example/net/\"", map[string]string{
		"index.md":         "+++\ntitle = \"Home\"\n+++\n[led](led.md), ![a dog](pics/used.png)\n\n```\n![](code.png)\n#### no heading\n```\n",
		"index.es.md":      "+++\ntitle = \"Inicio\"\n+++\n",
		"led.md":           "+++\ntitle = \"Led\"\n+++\n## One\n\n#### Deep\n\n[me](led.md)\n",
		"lost.md":          "+++\ntitle = \"Lost\"\n+++\nSee ![](pics/used.png), [me](#top)\n",
		"offers/a.md":      "+++\ntitle = \"Bread\"\n+++\n",
		"pics/used.png":    "x",
		"pics/left.png":    "x",
		"favicon.ico":      "x",
		"news/a.md":        "+++\ntitle = \"A\"\n+++\n",
		"news/draft.md":    "+++\ntitle = \"D\"\ndraft = true\n+++\n![](pics/left.png)\n",
		"resources/a.md":   "+++\ntitle = \"R\"\nstate = 1\n+++\n",
		"resources/one.md": "+++\ntitle = \"O\"\n+++\n",
	}))
	var got strings.Builder
	for _, p := range b.Audit(r) {
		if p.Hint == "" {
			t.Errorf("%s: no way out", p)
		}
		fmt.Fprintln(&got, p)
	}
	want := `content: 5 pages are not in "es", such as content/led.md
content/led.md:6:1: the heading "Deep" skips a level
content/lost.md: no page leads here
content/lost.md:4:5: this picture has no words for those who cannot see it
content/pics/left.png: no page uses this file
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}
