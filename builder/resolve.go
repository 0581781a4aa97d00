package builder

import (
	"cmp"
	"fmt"
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
	problems []site.Problem
}

func (r *resolver) all() []string {
	hrefs := make([]string, len(r.h.Links))
	for i := range r.h.Links {
		hrefs[i] = r.href(i)
	}
	return hrefs
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
		if _, anchor, ok := strings.Cut(rest, "#"); ok {
			r.anchor(k, r.h, anchor)
		}
		return rest
	}
	asked := unescapePath(p)
	abs := strings.HasPrefix(asked, "/")
	if !abs {
		asked = path.Join("/", path.Dir(r.h.Path), asked)
	}
	asked = path.Clean(asked)
	if href, doc := r.page(asked, strings.HasSuffix(p, ".md"), image); href != "" {
		if _, anchor, ok := strings.Cut(rest, "#"); ok && doc != nil {
			r.anchor(k, doc, anchor)
		}
		return r.l.cfg.BasePath + href + rest
	}
	r.dead(k, asked)
	if strings.HasSuffix(p, "/") && asked != "/" {
		asked += "/"
	}
	return r.l.cfg.BasePath + asked + rest
}

// page finds a page, a list, a copied file, an output or an address of the form handler.
func (r *resolver) page(asked string, markdown, image bool) (string, *site.Header) {
	rel := cmp.Or(strings.TrimPrefix(asked, "/"), ".")
	if r.l.isFile(rel) {
		return asked, nil
	}
	if image {
		return "", nil
	}
	if markdown {
		return r.markdown(rel)
	}
	if n := r.l.ix.nodes[rel]; n != nil {
		return r.inLanguage(n, r.li)
	}
	lang, sub, _ := strings.Cut(rel, "/")
	if li, ok := r.l.li[lang]; ok && li > 0 {
		if n := r.l.ix.nodes[cmp.Or(sub, ".")]; n != nil && n.href[li] != "" {
			return r.inLanguage(n, li)
		}
	}
	if slices.Contains(site.Owned, lang) && lang != "assets" && r.l.ix.nodes[lang] == nil {
		return asked, nil
	}
	if r.l.paths[rel+"/index.html"] != nil {
		return asked + "/", nil
	}
	return "", nil
}

// markdown finds a page by its file. A language that the name spells out is
// meant; without one, the reader's own is preferred.
func (r *resolver) markdown(file string) (string, *site.Header) {
	pl, err := r.l.cfg.PlaceOf(file)
	if err != nil {
		return "", nil
	}
	n := r.l.ix.nodes[dirOf(pl)]
	if n == nil {
		return "", nil
	}
	if d, _ := n.doc(r.li); d == nil || d.Header.Index != pl.Index {
		return "", nil
	}
	li := r.li
	if strings.HasSuffix(file, "."+pl.Lang+".md") {
		li = r.l.li[pl.Lang]
	}
	return r.inLanguage(n, li)
}

func (r *resolver) inLanguage(n *node, li int) (string, *site.Header) {
	if li = n.in(li); li < 0 {
		return "", nil
	}
	if d := n.docs[li]; d != nil {
		return n.href[li], d.Header
	}
	return n.href[li], nil
}

// anchor checks that a heading is there. Anchors of the theme are not known here.
func (r *resolver) anchor(k int, h *site.Header, id string) {
	id = unescapePath(id)
	if id == "" || id == "top" || strings.HasPrefix(id, "fn") {
		return
	}
	var ids []string
	for _, x := range h.Headings {
		if x.ID == id {
			return
		}
		ids = append(ids, x.ID)
	}
	hint := "the page has no headings"
	if n := site.Nearest(id, ids); n != "" {
		hint = fmt.Sprintf("did you mean #%s?", n)
	} else if len(ids) > 0 {
		hint = "its headings are #" + strings.Join(ids[:min(len(ids), 8)], ", #")
	}
	r.add(k, site.Warning, hint, "there is no heading #%s in content/%s", id, h.Path)
}

func (r *resolver) dead(k int, asked string) {
	rel := strings.TrimPrefix(asked, "/")
	for _, file := range []string{rel, rel + ".md", rel + "/index.md"} {
		if shown, ok := r.l.shown[file]; ok && !shown {
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

// hint looks for a page of the same name elsewhere, then for one with nearly the
// same name in the same folder.
func (r *resolver) hint(rel string) string {
	base := strings.TrimSuffix(path.Base(rel), ".md")
	if same := r.l.bases[base]; len(same) > 0 {
		return fmt.Sprintf("did you mean /%s/?", same[0].dir)
	}
	if s := r.l.ix.nodes[path.Dir(rel)]; s != nil && s.list && len(s.items[r.li]) < 1000 {
		var names []string
		for _, it := range s.items[r.li] {
			names = append(names, path.Base(it.node.dir))
		}
		if n := site.Nearest(base, names); n != "" {
			return fmt.Sprintf("did you mean /%s/?", path.Join(path.Dir(rel), n))
		}
	}
	return "look at how the file is called; links are written like ../procedures/rides.md"
}

// isFile tells that a file of this path will be there, other than a page.
func (l *linker) isFile(p string) bool {
	byPath := func(f File, p string) int { return strings.Compare(f.Path, p) }
	if _, ok := slices.BinarySearchFunc(l.ix.copied, p, byPath); ok {
		return true
	}
	_, extra := l.in.Extra[p]
	return extra || slices.ContainsFunc(l.ix.outputs, func(f File) bool { return f.Path == p })
}
