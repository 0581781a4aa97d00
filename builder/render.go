package builder

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"potluck/internal/site"
)

// render gives each View to the theme, or takes the page of the last build.
//
// That is right where all that the page was made of is the same: the templates
// and the Config (same theme), the layout and the View, compared deeply (other
// pages stand in it as *Headers, which are never changed), the body and the
// addresses in its holes; and where the templates, which may ask the Index for
// an address, would get the answers they got then. Who asked what is not known,
// so one different answer renders all pages of its language anew.
func (n *build) render(ctx context.Context, old *Index) []site.Problem {
	stale := n.theme.stale(old, n.index)
	n.index.share(old, stale)
	var jobs []*job
	for _, j := range n.index.jobs {
		if !j.loaded {
			jobs = append(jobs, j)
		}
	}
	if into, ok := n.in.Into.(Expecting); ok {
		paths := make([]string, len(jobs))
		for i, j := range jobs {
			paths[i] = j.path
		}
		n.unput.set(into.Expect(paths))
	}
	n.theme.compileFor(ctx, jobs)
	errs := make([]error, len(jobs))
	var rendered atomic.Int64
	each(ctx, len(jobs), func(i int) {
		j := jobs[i]
		if was := j.was; was != nil && !stale[j.li] && j.sameAs(was) && n.index.sameChapters(old, j, was) {
			j.file, j.loaded = was.file, true
			return
		}
		rendered.Add(1)
		errs[i] = n.page(j)
	})
	for _, j := range jobs {
		j.was = nil
	}
	for _, s := range n.index.shared {
		s.first = cmp.Or(s.first, s.made.Load())
		s.facets.Clear()
	}
	n.stats.Rendered = int(rendered.Load())
	return n.failures(errs)
}

// stale tells for each language whether pages of the old Index must not be
// reused, and takes over what is known to have been asked.
func (th *theme) stale(old, ix *Index) []bool {
	stale := make([]bool, len(th.cfg.Languages))
	if old.theme != th || old.asked == nil {
		for li := range stale {
			stale[li] = true
		}
		return stale
	}
	if old.asked == ix.asked {
		return stale
	}
	old.asked.Range(func(q, a any) bool {
		ask := q.(asking)
		if ix.ask(ask) != a.(string) {
			stale[ask.li] = true
		}
		return true
	})
	return stale
}

// share keeps of the old Index what pages have in common, where those are reused.
func (ix *Index) share(old *Index, stale []bool) {
	for li := range stale {
		if !stale[li] && !old.shared[li].full() {
			ix.shared[li] = old.shared[li]
		}
	}
}

func (j *job) sameAs(was *job) bool {
	return sameBody(j.doc, was.doc) && slices.Equal(j.hrefs, was.hrefs) && sameView(j.view, was.view)
}

func sameBody(a, b *Doc) bool {
	if a == b || a == nil || b == nil {
		return a == b
	}
	return a.Body == b.Body || a.Body.HTML == b.Body.HTML && slices.Equal(a.Body.Holes, b.Body.Holes)
}

// entries are the kinds that have the most pages. Their bodies stand in no other page,
// but where one includes them; that is done when they are rendered.
var entries = []string{"resource", "offer", "request"}

// page renders one page.
func (n *build) page(j *job) error {
	defer n.watch.page(j.path)()
	s := sheets.Get().(*sheet)
	defer s.leave()
	v := &s.view
	*v = *j.view
	if j.doc != nil {
		v.body, v.fills = j.doc.Body, j.hrefs
	}
	v.Chapters, v.shared = n.index.bodies(j), n.index.shared[j.li]
	data, err := n.theme.sets[j.li].execute(s.data, v.Layout, "layouts/site.html", v)
	if s.data = data; err != nil {
		return err
	}
	j.file, j.loaded = newFile(j.path, data), true
	if n.in.Into != nil {
		n.put(&j.file)
		j.forget()
	} else {
		j.file.Data = bytes.Clone(data)
	}
	return nil
}

// forget drops what a page was made of, when nothing else is made of it any more.
func (j *job) forget() {
	j.view = nil
	if j.doc != nil && slices.Contains(entries, j.doc.Header.Kind) {
		j.hrefs, j.doc.Body = nil, nil
	}
}

// sheet is what a page is rendered on, one page after the other.
type sheet struct {
	view View
	data []byte
}

var sheets = sync.Pool{New: func() any { return new(sheet) }}

func (s *sheet) leave() {
	if cap(s.data) <= maxRoom {
		*s = sheet{data: s.data[:0]}
		sheets.Put(s)
	}
}

// failures gives each different error of templates once.
func (n *build) failures(errs []error) []site.Problem {
	var failed []site.Problem
	for _, err := range errs {
		if err != nil {
			failed = append(failed, n.theme.templateProblem("themes/"+n.in.Config.Theme, err))
		}
	}
	site.SortProblems(failed)
	return slices.Compact(failed)
}

var errNotBuilt = errors.New("the site has not been built yet")

// Render writes a page of the form handler with the templates of the last good
// build: formhandler.Renderer says what the arguments are. A layout whose name begins
// with desk- has the frame that the partial "desk" defines. It may be called while Build
// runs.
func (b *Builder) Render(w io.Writer, lang, layout, titleKey string, view any) error {
	ix := b.live.Load()
	if ix == nil {
		return errNotBuilt
	}
	li := ix.language(lang)
	cfg, th := ix.in.Config, ix.theme
	v := &View{
		Site: ix.sites[li], Layout: th.layout(layout), Lang: cfg.Languages[li], Dir: langDir(cfg.Languages[li]),
		Title: th.words.say(th.langs(li), titleKey), NoIndex: true, Languages: ix.homes[li], Nav: ix.nav[li], Form: view,
	}
	frame := "layouts/site.html"
	if strings.HasPrefix(v.Layout, "desk-") {
		frame = "desk"
	}
	data, err := th.sets[li].execute(nil, v.Layout, frame, v)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// Say gives words of the theme in a language by their key, with arguments put into them.
func (b *Builder) Say(lang, key string, args ...any) string {
	ix := b.live.Load()
	if ix == nil {
		return key
	}
	return ix.theme.words.say(ix.theme.langs(ix.language(lang)), key, args...)
}

// Card renders what lists and the page itself will show of a proposed page.
func (b *Builder) Card(lang string, p *site.Page) (template.HTML, error) {
	ix := b.live.Load()
	if ix == nil {
		return "", errNotBuilt
	}
	m := markdown{cfg: ix.in.Config, page: p, firstLine: 1, proposed: true}
	d := m.doc()
	li := ix.language(lang)
	c := &Card{Header: d.Header, Body: template.HTML(d.Body.fill(d.alone()))}
	c.Lang, c.Dir = otherThan(ix.in.Config.Languages[li], p.Language())
	data, err := ix.theme.sets[li].execute(nil, "page", "card", c)
	return template.HTML(bytes.TrimSpace(data)), err
}

func (ix *Index) language(lang string) int {
	return max(0, slices.Index(ix.in.Config.Languages, strings.TrimSpace(lang)))
}
