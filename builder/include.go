package builder

import (
	"html"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/site"
)

// maxIncluded bounds what one page takes in, in bytes. Each include counts for
// at least 1 KiB, so that pages which include each other end soon.
const maxIncluded = 2 << 20

// include gives the body of the page that link k leads to, or of the part below
// the heading it names, without that heading. Its own links and includes are
// resolved from where that page lies, which also tells what is wrong with them;
// its headings get no anchors, which are those of this page.
//
// Templates still cannot reach another page's body: it is put into the hole when
// links are resolved, and a page with includes is resolved in every build, so
// that a change of what it includes is seen (see relink).
func (r *resolver) include(k int) string {
	dest := r.h.Links[k].Dest
	file, rest := cutPath(dest)
	asked := r.from(unescapePath(file))
	n, li := r.markdownNode(strings.TrimPrefix(asked, "/"))
	if n == nil || n.docs[li] == nil {
		r.dead(k, asked)
		return ""
	}
	d := r.docs[n.at[li]]
	r.found(target{n.spot, li})
	_, part, _ := strings.Cut(rest, "#")
	switch {
	case slices.Contains(r.within, d.Header):
		r.add(k, site.Error, "take out one of the two includes", "content/%s includes this page, or itself", d.Header.Path)
		return ""
	case d.notes:
		r.add(k, site.Error, "write the notes into the text", "content/%s has footnotes, whose numbers would mix with those of this page", d.Header.Path)
		return ""
	}
	in := &resolver{l: r.l, doc: d, h: d.Header, li: r.li, docs: r.docs, within: append(slices.Clone(r.within), d.Header), left: r.left, inner: true}
	return r.wrap(d, in.part(r, k, unescapePath(part)))
}

// part fills the body, or what stands below one heading of it.
func (r *resolver) part(host *resolver, k int, id string) string {
	from, to := 0, len(r.doc.Body.Holes)
	start, end := 0, len(r.doc.Body.HTML)
	if id != "" {
		h := r.l.heading(r.h, id)
		switch {
		case h < 0:
			host.anchor(k, r.h, id)
			return ""
		case !r.doc.tops[h]:
			host.add(k, site.Error, "include the whole page", "#%s stands in a list, a quote or a box", id)
			return ""
		}
		from, start, to, end = r.doc.below(h)
	}
	if *r.left -= 1024 + end - start; *r.left < 0 {
		return "" // a problem of the page that is being made; see resolve
	}
	part := Body{HTML: r.doc.Body.HTML[start:end]}
	var fills []string
	for _, h := range r.doc.Body.Holes[from:to] {
		fills = append(fills, r.hole(h))
		h.At -= start
		part.Holes = append(part.Holes, h)
	}
	return part.fill(fills)
}

// below finds what stands under a heading: up to the next of its level or a
// higher one.
func (d *Doc) below(h int) (from, start, to, end int) {
	level := d.Header.Headings[h].Level
	closing := "</h" + strconv.Itoa(level) + ">\n"
	to, end = len(d.Body.Holes), len(d.Body.HTML)
	for i, hole := range d.Body.Holes {
		if hole.Kind != headingHole || hole.N < h {
			continue
		}
		if hole.N == h {
			start = hole.At + strings.Index(d.Body.HTML[hole.At:], closing) + len(closing)
			for from = i + 1; from < len(d.Body.Holes) && d.Body.Holes[from].At < start; from++ {
			}
		} else if d.tops[hole.N] && d.Header.Headings[hole.N].Level <= level {
			return from, start, i, hole.At - len("<h2")
		}
	}
	return from, start, to, end
}

// wrap says which language an included text is in, where that differs.
func (r *resolver) wrap(d *Doc, text string) string {
	lang, dir := otherThan(r.h.Language(), d.Header.Language())
	if text == "" || lang == "" {
		return text
	}
	return `<div lang="` + html.EscapeString(lang) + `" dir="` + dir + "\">\n" + text + "</div>\n"
}
