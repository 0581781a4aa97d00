package builder

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"potluck/internal/site"
)

// goldmarkFile finds a test file in goldmark's module folder.
func goldmarkFile(t *testing.T, name string) []byte {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Skip(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), name))
	if err != nil {
		t.Skip(err)
	}
	return data
}

// specPage renders a body as a page in a language whose quotes we do not know,
// with links as they are written.
func specPage(cfg *site.Config, body string) (string, []site.Problem) {
	m := markdown{cfg: cfg, page: &site.Page{Kind: "page", Place: site.Place{Lang: "tlh"}, Body: body}, firstLine: 1}
	d := m.doc()
	fills := make([]string, len(d.Body.Holes))
	for i, h := range d.Body.Holes {
		switch h.Kind {
		case linkHole:
			fills[i] = escapeURL(d.Header.Links[h.N].Dest)
		case pictureHole:
			fills[i] = ` src="` + escapeURL(d.Header.Links[h.N].Dest) + `"`
		}
	}
	return d.Body.fill(fills), m.problems
}

// specForms are the forms in which our HTML says the same otherwise; golden
// sites hold them. They are taken back before HTML is compared.
var specForms = []struct {
	form *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(` class="external" rel="external"|<span class="said">[^<]*</span>| loading="lazy"| scope="col"`), ""},
	{regexp.MustCompile(`<section class="table"[^>]*>\n(?s:(.*?</table>\n))</section>\n`), "$1"},
	{regexp.MustCompile(`(<t[dh]) class="(right|center)"`), `$1 align="$2"`},
	{regexp.MustCompile(`&#39;`), "'"},
	{regexp.MustCompile(`☐`), `<input disabled="" type="checkbox">`},
	{regexp.MustCompile(`☑`), `<input checked="" disabled="" type="checkbox">`},
	{regexp.MustCompile(` />`), ">"},
}

func specTidy(s string) string {
	for _, f := range specForms {
		s = f.form.ReplaceAllString(s, f.as)
	}
	return strings.TrimSpace(s)
}

// specCheck compares the examples of one file. differ names those where our
// rules differ on purpose, by the rule.
func specCheck(t *testing.T, examples []specExample, differ map[string][]int) {
	cfg := parseConfig(t, tinyConfig)
	why := map[int]string{}
	for rule, numbers := range differ {
		for _, n := range numbers {
			why[n] = rule
		}
	}
	for _, e := range examples {
		got, _ := specPage(cfg, e.Markdown)
		switch same := specTidy(got) == specTidy(e.HTML); {
		case same && why[e.Example] != "":
			t.Errorf("%d is as in the specification now: take it off the list", e.Example)
		case !same && why[e.Example] == "":
			t.Errorf("%d: %q gives\n%q, want\n%q", e.Example, e.Markdown, specTidy(got), specTidy(e.HTML))
		}
	}
}

type specExample struct {
	Markdown, HTML string
	Example        int
}

// The examples of the CommonMark specification give, through our whole pipeline,
// what they give there.
func TestCommonMark(t *testing.T) {
	var examples []specExample
	if err := json.Unmarshal(goldmarkFile(t, "_test/spec.json"), &examples); err != nil {
		t.Fatal(err)
	}
	specCheck(t, examples, map[string][]int{
		"a heading with one # becomes one of two":                 {10, 62, 66, 67, 68, 72, 75, 76, 78, 79, 80, 81, 82, 83, 84, 115, 141, 214, 215, 227, 228, 229, 230, 232, 300},
		"HTML and its comments are left out":                      {21, 31, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 201, 308, 309, 344, 475, 476, 477, 491, 494, 524, 536, 613, 614, 615, 616, 617, 623, 625, 626, 627, 628, 629, 630, 631, 642, 643},
		"GFM: addresses in the text become links":                 {608, 611, 612},
		"GFM: blanks before a line break stay, which nobody sees": {226, 635},
		"links have known schemes":                                {596, 598, 599, 601},
	})
}

// The examples of goldmark's extensions, which have those of the GFM specification.
func TestGFM(t *testing.T) {
	for name, differ := range map[string]map[string][]int{
		"table":         {"a row of dashes under one cell makes a table of one column": {14}},
		"linkify":       {"links have known schemes": {7}},
		"strikethrough": {}, "tasklist": {}, "definition_list": {}, "footnote": {},
	} {
		t.Run(name, func(t *testing.T) {
			specCheck(t, extensionExamples(string(goldmarkFile(t, "extension/_test/"+name+".txt"))), differ)
		})
	}
}

// extensionExamples reads goldmark's own form: number and title, Markdown, HTML.
func extensionExamples(src string) (examples []specExample) {
	for part := range strings.SplitSeq(src, "//= = = = = = = = = = = = = = = = = = = = = = = =//") {
		f := strings.Split(part, "//- - - - - - - - -//\n")
		if len(f) < 3 {
			continue
		}
		var n int
		if _, err := fmt.Sscan(f[0], &n); err == nil && !strings.Contains(f[0], "OPTIONS") {
			examples = append(examples, specExample{f[1], f[2], n})
		}
	}
	return examples
}
