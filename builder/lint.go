package builder

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"potluck/internal/site"
)

// templateCall is {{t "key"}} or {{asset "name"}} in a template, also amid a pipeline.
type templateCall struct {
	name, arg string
	at        int // of the name, in bytes
}

// calls finds them between the quotes of a template.
func calls(text string) (found []templateCall) {
	parts := strings.Split(text, `"`)
	for i, end := 0, -1; i+2 < len(parts); i++ {
		end += len(parts[i]) + 1
		for _, name := range []string{"t", "asset"} {
			before, ok := strings.CutSuffix(parts[i], name+" ")
			if ok && before != "" && strings.IndexByte("{(| ", before[len(before)-1]) >= 0 {
				found = append(found, templateCall{name, parts[i+1], end - len(name) - 1})
				i++ // what it is given is no template
				end += len(parts[i]) + 1
				break
			}
		}
	}
	return found
}

// check finds words and assets that templates name and the theme does not have.
// It reads the templates, not the pages, so that every build finds the same.
func (th *theme) check(root string) {
	var keys []string
	langs := th.langs(0)
	for _, src := range th.tree.sources {
		if !strings.HasSuffix(src.Path, ".html") {
			continue
		}
		text := string(src.Data)
		for _, c := range calls(text) {
			p := site.Problem{Path: path.Join(root, src.Path), Severity: site.Warning}
			switch {
			case c.name == "asset" && th.hrefs[c.arg] == "" && c.arg != "colors.css": // see colors
				p.Text, p.Hint = fmt.Sprintf("there is no file %q", c.arg), "add the file to static/"
			case c.name == "t" && !th.has(c.arg, langs...):
				p.Text, p.Hint = fmt.Sprintf("there are no words for %q", c.arg), "add it to strings/en.toml"
			case c.name == "t":
				keys = append(keys, c.arg)
			}
			if p.Text != "" {
				p.Line, p.Col = 1+strings.Count(text[:c.at], "\n"), c.at-strings.LastIndexByte(text[:c.at], '\n')
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
