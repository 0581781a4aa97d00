package builder

import (
	"cmp"
	"fmt"
	"html"
	"path"
	"slices"
	"strings"

	"potluck/internal/site"
)

// resolver finds where the links of one page lead.
type resolver struct {
	l        *linker
	doc      *Doc
	h        *site.Header
	li       int
	docs     []*Doc         // of this build
	ids      []site.Heading // of h, when they are known
	problems []site.Problem
	targets  []target // the pages that were found
	odd      bool     // something else was found, or nothing

	inner  bool           // h is included in another page
	within []*site.Header // the pages that include each other, h last
	left   *int           // bytes that may still be included
}

// all gives what belongs into each hole of the body.
func (r *resolver) all() []string {
	fills := make([]string, len(r.doc.Body.Holes))
	for i, h := range r.doc.Body.Holes {
		fills[i] = r.hole(h)
	}
	return fills
}

func (r *resolver) hole(h Hole) string {
	switch h.Kind {
	case linkHole:
		return escapeURL(r.href(h.N))
	case pictureHole:
		return r.picture(h.N)
	case includeHole:
		return r.include(h.N)
	case headingHole:
		if r.inner {
			return ""
		}
		return idOf(r.headings()[h.N])
	}
	return html.EscapeString(r.l.theme.words.say(r.l.theme.langs(r.li), h.Word))
}

func (r *resolver) headings() []site.Heading {
	if r.ids == nil {
		r.ids = r.l.headings(r.h)
	}
	return r.ids
}

// headings gives the headings of a page with their anchors. They are the same
// in all languages, so that a link to one holds when its reader changes the
// language: where a translation has headings of the same levels in the same
// order, each takes the anchor of its counterpart in the default language. One
// with an anchor of its own, {#id}, keeps it.
func (l *linker) headings(h *site.Header) []site.Heading {
	n := l.ix.nodeAt(dirOf(h.Place))
	if h.Lang == l.cfg.Languages[0] || len(h.Headings) == 0 || n == nil || n.docs[0] == nil {
		return h.Headings
	}
	first := n.docs[0].Header.Headings
	if !slices.EqualFunc(h.Headings, first, func(a, b site.Heading) bool { return a.Level == b.Level }) {
		return h.Headings
	}
	mapped := slices.Clone(h.Headings)
	used := map[string]bool{}
	for i := range mapped {
		if !mapped[i].Own {
			mapped[i].ID = first[i].ID
		}
		if used[mapped[i].ID] {
			return h.Headings
		}
		used[mapped[i].ID] = true
	}
	return mapped
}

func (r *resolver) add(k int, severity site.Severity, hint, format string, args ...any) {
	r.problems = append(r.problems, site.Problem{Path: "content/" + r.h.Path, Line: r.doc.places[k].line, Col: r.doc.places[k].col, Severity: severity, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// href gives the address of one link. A dead one keeps the address it asks for,
// so that the reader gets the 404 page of this site.
func (r *resolver) href(k int) string {
	dest, image := r.h.Links[k].Dest, r.h.Links[k].Image
	if isExternal(dest) {
		return dest
	}
	p, rest := cutPath(dest)
	if p == "" {
		if query, anchor, ok := strings.Cut(rest, "#"); ok {
			return query + "#" + r.anchor(k, r.h, anchor)
		}
		return rest
	}
	asked := r.from(unescapePath(p))
	if href, to := r.page(asked, strings.HasSuffix(p, ".md"), image); href != "" {
		r.found(to)
		if query, anchor, ok := strings.Cut(rest, "#"); ok {
			if d := r.l.ix.docAt(to); d != nil {
				rest = query + "#" + r.anchor(k, d.Header, anchor)
			}
		}
		return r.l.cfg.BasePath + href + rest
	}
	r.odd = true
	r.dead(k, asked)
	if strings.HasSuffix(p, "/") && asked != "/" {
		asked += "/"
	}
	return r.l.cfg.BasePath + asked + rest
}

// target is a page in a language. It is the same one in the next build, if it is
// still there.
type target struct {
	at *spot // nil is no page
	li int
}

func (r *resolver) found(to target) {
	if to.at == nil {
		r.odd = true
	} else {
		r.targets = append(r.targets, to)
	}
}

// docAt gives the page of a target, or nil.
func (ix *Index) docAt(to target) *Doc {
	if to.at == nil {
		return nil
	}
	if n := ix.nodeOf(to.at); n != nil {
		return n.docs[to.li]
	}
	return nil
}

// from gives the whole path of what is asked for, which is seen from the page's folder.
func (r *resolver) from(asked string) string {
	if !strings.HasPrefix(asked, "/") {
		asked = path.Join("/", path.Dir(r.h.Path), asked)
	}
	return path.Clean(asked)
}

// page finds a page, a list, a copied file, an output or an address of the form handler.
func (r *resolver) page(asked string, markdown, image bool) (string, target) {
	rel := cmp.Or(strings.TrimPrefix(asked, "/"), ".")
	if r.l.isFile(rel) {
		return asked, target{}
	}
	if image {
		return "", target{}
	}
	if markdown {
		return r.markdown(rel)
	}
	if n := r.l.ix.nodeAt(rel); n != nil {
		return r.inLanguage(n, r.li)
	}
	lang, sub, _ := strings.Cut(rel, "/")
	if li, ok := r.l.li[lang]; ok && li > 0 {
		if n := r.l.ix.nodeAt(cmp.Or(sub, ".")); n != nil && n.href[li] != "" {
			href, _ := r.inLanguage(n, li)
			return href, target{}
		}
	}
	if slices.Contains(site.Owned, lang) && lang != "assets" && r.l.ix.nodeAt(lang) == nil {
		return asked, target{}
	}
	if findJob(r.l.ix.jobs, rel+"/index.html") != nil {
		return asked + "/", target{}
	}
	return "", target{}
}

func (r *resolver) markdown(file string) (string, target) {
	n, li := r.markdownNode(file)
	if n == nil {
		return "", target{}
	}
	return r.inLanguage(n, li)
}

// markdownNode finds a page by its file. A language that the name spells out is
// meant; without one, the reader's own is preferred.
func (r *resolver) markdownNode(file string) (*node, int) {
	pl, err := r.l.cfg.PlaceOf(file)
	if err != nil {
		return nil, 0
	}
	n := r.l.ix.nodeAt(dirOf(pl))
	if n == nil {
		return nil, 0
	}
	if d, _ := n.doc(r.li); d == nil || d.Header.Index != pl.Index {
		return nil, 0
	}
	li := r.li
	if strings.HasSuffix(file, "."+pl.Lang+".md") {
		li = r.l.li[pl.Lang]
	}
	return n, n.in(li)
}

func (r *resolver) inLanguage(n *node, li int) (string, target) {
	if li = n.in(li); li < 0 {
		return "", target{}
	}
	return n.href[li], target{n.spot, li}
}

// heading finds a heading by its anchor, or by that which its own words would
// give it; -1 where there is none.
func (l *linker) heading(h *site.Header, id string) int {
	named := func(x site.Heading) bool { return x.ID == id }
	if i := slices.IndexFunc(l.headings(h), named); i >= 0 {
		return i
	}
	return slices.IndexFunc(h.Headings, named)
}

// anchor checks that a heading is there, and gives its anchor. Those of the
// theme are not known here.
func (r *resolver) anchor(k int, h *site.Header, asked string) string {
	id := unescapePath(asked)
	if id == "" || id == "top" || strings.HasPrefix(id, "fn") {
		return asked
	}
	if i := r.l.heading(h, id); i >= 0 {
		return r.l.headings(h)[i].ID
	}
	var ids []string
	for _, x := range r.l.headings(h) {
		ids = append(ids, x.ID)
	}
	hint := "the page has no headings"
	if n := site.Nearest(id, ids); n != "" {
		hint = fmt.Sprintf("did you mean #%s?", n)
	} else if len(ids) > 0 {
		hint = "its headings are #" + strings.Join(ids[:min(len(ids), 8)], ", #")
	}
	r.add(k, site.Warning, hint, "there is no heading #%s in content/%s", id, h.Path)
	return asked
}

func (r *resolver) dead(k int, asked string) {
	rel := strings.TrimPrefix(asked, "/")
	if pic := r.l.pics[rel]; pic != nil && pic.err != nil {
		return // it says itself what is wrong with it
	}
	for _, file := range []string{rel, rel + ".md", rel + "/index.md"} {
		if r.hidden(file) {
			r.add(k, site.Warning, "take the link out, or show the page", "content/%s is not shown now, but this leads to it", file)
			return
		}
	}
	what := "page"
	if r.h.Links[k].Image {
		what = "picture"
	}
	r.add(k, site.Error, r.hint(rel), "there is no %s %s", what, asked)
}

// hidden tells that a file is a page that is not shown now.
func (r *resolver) hidden(file string) bool {
	i, found := slices.BinarySearchFunc(r.docs, file, func(d *Doc, file string) int { return strings.Compare(d.Header.Path, file) })
	if !found {
		return false
	}
	shown, _ := r.l.shows(r.docs[i].Header)
	return !shown
}

// hint looks for a page of the same name elsewhere, then for one with nearly the
// same name in the same folder.
func (r *resolver) hint(rel string) string {
	base := strings.TrimSuffix(path.Base(rel), ".md")
	if n := r.l.bases()[base]; n != nil {
		return fmt.Sprintf("did you mean /%s/?", n.dir)
	}
	if s := r.l.ix.nodeAt(path.Dir(rel)); s != nil && s.list && len(s.items[r.li]) < 1000 {
		var names []string
		for _, it := range s.items[r.li] {
			names = append(names, path.Base(it.at.dir))
		}
		if n := site.Nearest(base, names); n != "" {
			return fmt.Sprintf("did you mean /%s/?", path.Join(path.Dir(rel), n))
		}
	}
	return "look at how the file is called; links are written like ../procedures/rides.md"
}

// isFile tells that a file of this path will be there, other than a page.
func (l *linker) isFile(p string) bool {
	if _, ok := slices.BinarySearchFunc(l.ix.copied, p, byFile); ok {
		return true
	}
	_, extra := l.in.Extra[p]
	return extra || l.made[p]
}
