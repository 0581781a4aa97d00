package builder

import (
	"bytes"
	"fmt"
	"html"
	"path"
	"regexp"
	"slices"
	"strings"

	"potluck/internal/site"
)

// Audit gives warnings that a person asks for, and no build: pages that nothing
// leads to, files that nothing uses, languages that pages lack, pictures without
// words, headings that skip a level. r is the last result of the Builder.
func (b *Builder) Audit(r *Result) []site.Problem {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last == nil {
		return nil
	}
	a := &audit{build: b.last}
	a.follow(r)
	for _, d := range a.index.docs {
		a.orphan(d)
		a.headings(d)
		a.pictures(d)
	}
	a.unused()
	a.untranslated()
	site.SortProblems(a.problems)
	return a.problems
}

type audit struct {
	*build
	linked   map[string]bool // addresses that another page leads to, and files that one shows
	problems []site.Problem
}

func (a *audit) warn(p string, line, col int, hint, format string, args ...any) {
	a.problems = append(a.problems, site.Problem{Path: p, Line: line, Col: col, Severity: site.Warning, Text: fmt.Sprintf(format, args...), Hint: hint})
}

var anchors = regexp.MustCompile(`<(?:a|img|source|video|audio)\s[^>]*?\b(?:href|src)="([^"#?]+)`)

// follow gathers where the pages lead, their frames included.
func (a *audit) follow(r *Result) {
	a.linked = map[string]bool{}
	base := a.in.Config.BasePath
	for _, f := range r.Files {
		if path.Ext(f.Path) != ".html" {
			continue
		}
		own := "/" + strings.TrimSuffix(f.Path, "index.html")
		for _, m := range anchors.FindAllSubmatch(f.Data, -1) {
			to, here := strings.CutPrefix(html.UnescapeString(string(m[1])), base+"/")
			if to = "/" + unescapePath(to); here && to != own {
				a.linked[to] = true
			}
		}
	}
	for _, d := range a.index.docs {
		for _, k := range d.Header.Links {
			p, _ := cutPath(k.Dest)
			p = unescapePath(p)
			if !strings.HasPrefix(p, "/") {
				p = path.Join("/", path.Dir(d.Header.Path), p)
			}
			a.linked[path.Clean(p)] = true
		}
	}
}

func (a *audit) orphan(d *Doc) {
	h := d.Header
	if dirOf(h.Place) != "." && !a.linked["/"+strings.TrimSuffix(h.Out, "index.html")] {
		a.warn("content/"+h.Path, 0, 0, "put a link to it on another page, or an entry into the menu", "no page leads here")
	}
}

// unused names copied files. Those in the top folder are asked for by name.
func (a *audit) unused() {
	for _, f := range a.content.copied {
		if strings.Contains(f.Path, "/") && !a.linked["/"+f.Path] {
			a.warn("content/"+f.Path, 0, 0, "show it on a page, or take it out", "no page uses this file")
		}
	}
}

// untranslated says for each language how many pages it lacks. Listings stay in
// the language of the neighbour who wrote them.
func (a *audit) untranslated() {
	for _, li := range a.index.langs {
		var missing []string
		for n := range a.index.all() {
			d, _ := n.doc(li)
			if d == nil || n.docs[li] != nil {
				continue
			}
			if k := a.in.Config.Kind(d.Header.Kind); k == nil || !k.Form {
				missing = append(missing, d.Header.Path)
			}
		}
		if len(missing) > 0 {
			slices.Sort(missing)
			lang := a.in.Config.Languages[li]
			a.warn("content", 0, 0, "write NAME."+lang+".md beside the page; until then another language is shown", "%d pages are not in %q, such as content/%s", len(missing), lang, missing[0])
		}
	}
}

var (
	headingLine = regexp.MustCompile(`^ {0,3}#{1,6}[ \t]`)
	noWords     = regexp.MustCompile(`!\[\s*\]\(`)
	fenceLine   = regexp.MustCompile("^ {0,3}(```|~~~)")
)

// headings finds levels that are skipped. The title is level 1.
func (a *audit) headings(d *Doc) {
	var at []int
	textLines(d.source.Data, func(n int, line string) {
		if headingLine.MatchString(line) {
			at = append(at, n)
		}
	})
	level := 1
	for i, h := range d.Header.Headings {
		if h.Level > level+1 {
			line := 0
			if len(at) == len(d.Header.Headings) {
				line = at[i]
			}
			a.warn("content/"+d.Header.Path, line, min(line, 1), "leave no level out, or a reader who listens is lost", "the heading %q skips a level", h.Text)
		}
		level = h.Level
	}
}

func (a *audit) pictures(d *Doc) {
	textLines(d.source.Data, func(n int, line string) {
		for _, m := range noWords.FindAllStringIndex(line, -1) {
			a.warn("content/"+d.Header.Path, n, m[0]+1, "write between the brackets what it shows", "this picture has no words for those who cannot see it")
		}
	})
}

// textLines calls f for each line of a page that is neither front matter nor code.
func textLines(src []byte, f func(n int, line string)) {
	head, code := bytes.HasPrefix(src, []byte("+++")), false
	n := 0
	for line := range strings.Lines(string(src)) {
		n++
		switch line = strings.TrimRight(line, "\r\n"); {
		case head:
			head = n == 1 || strings.TrimRight(line, " \t") != "+++"
		case fenceLine.MatchString(line):
			code = !code
		case !code:
			f(n, line)
		}
	}
}
