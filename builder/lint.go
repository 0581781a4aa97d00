package builder

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"potluck/internal/site"
)

// calls finds {{t "key"}} and {{asset "name"}} in a template, also amid a pipeline.
var calls = regexp.MustCompile(`[{(| ](t|asset) "([^"]*)"`)

// check finds words and assets that templates name and the theme does not have.
// It reads the templates, not the pages, so that every build finds the same.
func (th *theme) check(root string) {
	var keys []string
	for _, src := range th.tree.sources {
		if !strings.HasSuffix(src.Path, ".html") {
			continue
		}
		text := string(src.Data)
		for _, m := range calls.FindAllStringSubmatchIndex(text, -1) {
			name, arg := text[m[2]:m[3]], text[m[4]:m[5]]
			p := site.Problem{Path: path.Join(root, src.Path), Line: 1 + strings.Count(text[:m[2]], "\n"), Col: m[2] - strings.LastIndexByte(text[:m[2]], '\n'), Severity: site.Warning}
			switch {
			case name == "asset" && th.hrefs[arg] == "" && arg != "colors.css": // see colors
				p.Text, p.Hint = fmt.Sprintf("there is no file %q", arg), "add the file to static/"
			case name == "t" && !th.has(arg, th.langs(0)...):
				p.Text, p.Hint = fmt.Sprintf("there are no words for %q", arg), "add it to strings/en.toml"
			case name == "t":
				keys = append(keys, arg)
			}
			if p.Text != "" {
				th.problems = append(th.problems, p)
			}
		}
	}
	th.untranslated(root, keys)
}

func (th *theme) has(key string, langs ...string) bool {
	_, plain := th.words.find(key, langs)
	_, plural := th.words.find(key+".other", langs)
	return plain || plural
}

// untranslated adds one problem for each language that misses words.
func (th *theme) untranslated(root string, keys []string) {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for _, l := range th.cfg.Languages {
		missing := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return th.has(k, l) })
		if len(missing) > 0 {
			th.problems = append(th.problems, site.Problem{Path: path.Join(root, "strings", l+".toml"), Severity: site.Warning,
				Text: fmt.Sprintf("%d texts of the theme are not translated, such as %q", len(missing), missing[0]),
				Hint: "add them to the file; until then another language stands there"})
		}
	}
}
