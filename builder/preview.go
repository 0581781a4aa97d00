package builder

import (
	"bytes"
	"context"
	"encoding/base64"
	"html/template"
	"net/http"
	"path"
	"regexp"
	"slices"

	"potluck/internal/site"
)

// Preview makes a page as the site would have it with other words in the file at p, and names
// what is wrong with that file. beside are files that would lie next to it, by name. main is
// what stands between the page's head and foot; it is nil where the page would not be shown
// now. Nothing of it stays, and no other page is made.
func (b *Builder) Preview(ctx context.Context, p string, data []byte, beside map[string][]byte) (main template.HTML, problems []site.Problem, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	prev := b.last
	if prev == nil {
		return "", nil, errNotBuilt
	}
	n := &build{in: prev.in, theme: prev.theme, content: prev.content.with(p, data)}
	for name, data := range beside {
		n.content = n.content.with(path.Join(path.Dir(p), name), data)
	}
	n.docs = n.parse(ctx, prev)
	n.pictures(ctx, prev)
	n.readData(prev)
	if err := ctx.Err(); err != nil {
		return "", nil, err
	}
	n.in.Drafts = n.in.Drafts || slices.ContainsFunc(n.docs, func(d *Doc) bool { return d.Header.Path == p && d.Header.Draft })
	n.index = n.link(prev)
	n.index.shared = newSharing(len(n.in.Config.Languages)) // it is not to be kept
	n.theme.use(n.index)
	defer n.theme.use(prev.index)
	for _, j := range n.index.jobs {
		if j.doc == nil || j.doc.Header.Path != p {
			continue
		}
		if !j.loaded { // else nothing changed
			if err := n.page(j); err != nil {
				return "", nil, err
			}
		}
		main = template.HTML(n.alone(inside(j.file.Data), p, beside))
		break
	}
	for _, found := range n.result().Problems {
		if found.Path == "content/"+p {
			problems = append(problems, found)
		}
	}
	return main, problems, nil
}

// with gives the folder with another file in it.
func (t *tree) with(p string, data []byte) *tree {
	s := &Source{Path: p, Data: data, Sum: newFile(p, data).Sum}
	next := &tree{sources: slices.Clone(t.sources)}
	at, found := slices.BinarySearchFunc(next.sources, p, byPath)
	if found {
		next.sources[at] = s
	} else {
		next.sources = slices.Insert(next.sources, at, s)
	}
	return next
}

// inside cuts out what stands in <main>.
func inside(page []byte) []byte {
	_, rest, _ := bytes.Cut(page, []byte("<main"))
	_, rest, _ = bytes.Cut(rest, []byte(">"))
	main, _, _ := bytes.Cut(rest, []byte("</main>"))
	return main
}

var (
	img     = regexp.MustCompile(`<img\b[^>]*>`)
	sizesOf = regexp.MustCompile(` (srcset|sizes)="[^"]*"`)
)

// alone makes a page one that can be looked at before it is there: its pictures come with
// it, and its links open beside it.
func (n *build) alone(main []byte, p string, beside map[string][]byte) []byte {
	main = bytes.ReplaceAll(main, []byte("<a href="), []byte(`<a target="_blank" href=`))
	return img.ReplaceAllFunc(main, func(tag []byte) []byte {
		for name, data := range beside {
			src := `src="` + n.in.Config.BasePath + escapeURL("/"+path.Join(path.Dir(p), name)) + `"`
			if bytes.Contains(tag, []byte(src)) {
				uri := `src="data:` + http.DetectContentType(data) + ";base64," + base64.StdEncoding.EncodeToString(data) + `"`
				return sizesOf.ReplaceAll(bytes.Replace(tag, []byte(src), []byte(uri), 1), nil)
			}
		}
		return tag
	})
}
