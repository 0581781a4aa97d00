package builder

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"potluck/internal/site"
)

// extras are pages that potluck makes where the theme has their layout, and where
// the network has no page of its own at their address.
var extras = []struct {
	dir  string // also the layout
	fill func(*linker, *View, int)
	want func(*linker) bool
}{
	{"booklet", (*linker).booklet, (*linker).hasGuides},
	{"poster", (*linker).poster, func(l *linker) bool { return l.cfg.Outputs.Papers }},
	{"styleguide", (*linker).samples, func(l *linker) bool { return l.in.Drafts }},
	{"map", (*linker).mapped, (*linker).hasMap},
	{"offline", (*linker).savedPage, func(l *linker) bool { return !l.cfg.Offline.Off }},
}

// addExtras makes their nodes, so that all else knows their addresses.
func (l *linker) addExtras() {
	for _, x := range extras {
		if l.ix.nodeAt(x.dir) == nil && l.theme.layouts[x.dir] != nil && x.want(l) {
			l.virtual(x.dir).made = x.dir
		}
	}
}

// extra makes the page of such a node.
func (l *linker) extra(n *node, li int) {
	for _, x := range extras {
		if x.dir == n.made {
			v := l.frame(n, li, n.made)
			v.Title = l.title(n, li)
			v.Description, _ = l.theme.words.find(n.made+".lead", l.theme.langs(li))
			x.fill(l, v, li)
			_, out := l.cfg.Address(l.cfg.Languages[li], n.dir)
			l.add(plannedPage{view: v, out: out}, n, li)
		}
	}
}

// guides are the kinds that the booklet holds, in its order.
var guides = []string{"practice", "procedure"}

// maxGuides is how many guides, translations counted, a booklet may have. More is
// a shelf of books: nobody prints it, and the page would be megabytes on a phone.
// Each guide still prints by itself.
const maxGuides = 300

// hasGuides tells whether there is to be a booklet.
func (l *linker) hasGuides() bool {
	n := 0
	for _, d := range l.ix.docs {
		if l.cfg.Outputs.Papers && slices.Contains(guides, d.Header.Kind) {
			n++
		}
	}
	return n > 0 && n <= maxGuides
}

// booklet is every practice and procedure on one page, for paper. A page that is
// not translated stands there in the language that it has.
func (l *linker) booklet(v *View, li int) {
	for _, kind := range guides {
		for _, it := range l.ix.nodeAt(".").items[li] {
			if h := it.card.Header; h.Kind == kind {
				v.Chapters = append(v.Chapters, Chapter{Card: it.card, ID: fmt.Sprintf("chapter-%d", len(v.Chapters)+1), path: h.Out})
			}
		}
	}
	v.NoIndex = true // the same words stand on their own pages
	l.poster(v, li)
}

func (l *linker) poster(v *View, li int) {
	if l.in.QR != nil {
		v.QR = template.HTML(l.in.QR(l.absolute(v.Site.Home)))
	}
}

// chapters gives the jobs whose bodies stand in a page's chapters.
func (ix *Index) chapters(j *job) []*job {
	var parts []*job
	for _, c := range j.view.Chapters {
		part := findJob(ix.jobs, c.path)
		if part == nil {
			return nil
		}
		parts = append(parts, part)
	}
	return parts
}

// findJob finds the job of a file, or nil; jobs are sorted.
func findJob(jobs []*job, path string) *job {
	if i, ok := slices.BinarySearchFunc(jobs, path, byJobPath); ok {
		return jobs[i]
	}
	return nil
}

func byJobPath(j *job, p string) int { return strings.Compare(j.path, p) }

// sameChapters tells that the chapters of a page have the bodies they had.
func (ix *Index) sameChapters(old *Index, j, was *job) bool {
	return slices.EqualFunc(ix.chapters(j), old.chapters(was), func(a, b *job) bool {
		return sameBody(a.doc, b.doc) && slices.Equal(a.hrefs, b.hrefs)
	})
}

// bodies gives the chapters of a page with their bodies. Headings go down by one
// level, below the chapter's own, and ids get its id in front.
func (ix *Index) bodies(j *job) []Chapter {
	chapters := slices.Clone(j.view.Chapters)
	for i, part := range ix.chapters(j) {
		chapters[i].Body = template.HTML(deeper(part.doc.Body.fill(part.hrefs), chapters[i].ID+"-"))
	}
	return chapters
}

// deeper puts id in front of all ids of HTML, and of the links to them, and makes its
// headings one level smaller.
func deeper(html, id string) string {
	var b strings.Builder
	b.Grow(len(html) * 9 / 8)
	for {
		at := strings.IndexAny(html, `<"`)
		if at < 0 {
			b.WriteString(html)
			return b.String()
		}
		before, upTo, put := html[:at], at+1, ""
		switch after := html[upTo:]; {
		case html[at] == '<':
			if tag := strings.TrimPrefix(after, "/"); len(tag) > 1 && tag[0] == 'h' && tag[1] >= '2' && tag[1] <= '5' {
				b.WriteString(html[:len(html)-len(tag)+1])
				b.WriteByte(tag[1] + 1)
				html = tag[2:]
				continue
			}
		case strings.HasSuffix(before, " id="):
			put = id
		case strings.HasSuffix(before, "href=") && strings.HasPrefix(after, "#"):
			upTo, put = upTo+1, id
		}
		b.WriteString(html[:upTo])
		b.WriteString(put)
		html = html[upTo:]
	}
}

// leaves tells whether a page shows the button "leave this site".
func leaves(h *site.Header) bool {
	return h.Flag("leave") || h.Str("location_type") == "confidential"
}

// colors makes a style sheet of the network's own colours.
func (th *theme) colors() {
	c := &th.cfg.Colors
	if !c.Own() {
		return
	}
	var b strings.Builder
	rule := func(indent string, s site.Shades, dark bool) {
		b.WriteString(indent + ":root {\n")
		for _, p := range s.Properties(dark) {
			fmt.Fprintf(&b, "%s\t--%s: %s;\n", indent, p.Name, p.Value)
		}
		b.WriteString(indent + "}\n")
	}
	b.WriteString("@media screen {\n")
	rule("\t", c.Light(), false)
	b.WriteString("}\n@media screen and (prefers-color-scheme: dark) {\n")
	rule("\t", c.Night(), true)
	b.WriteString("}\n")
	f := newFile("", []byte(b.String()))
	th.asset(&Source{Path: "static/colors.css", Data: f.Data, Sum: f.Sum})
}
