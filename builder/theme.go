package builder

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"html/template"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/template/parse"

	"potluck/internal/site"
)

// theme is a theme read and parsed, for one Config.
type theme struct {
	cfg      *site.Config
	tree     *tree
	words    words
	spoken   [][]string // by language: see langs
	assets   []File
	hrefs    map[string]string             // of assets, by their path below static/
	base     *template.Template            // partials and frame
	layouts  map[string]*template.Template // each parsed by itself, see fresh
	sets     []*set                        // by language
	problems []site.Problem
}

// loadTheme reads the theme. It gives the last one where no file of it and
// nothing in the Config changed: what is made of it depends on nothing else but
// the Index, which use sets. A nil theme cannot be used, for the problems given.
func (n *build) loadTheme(ctx context.Context, prev *build) (*theme, []site.Problem) {
	in := &n.in
	root := "themes/" + in.Config.Theme
	was := prev.themeFiles
	if prev.in.Config == nil || prev.in.Config.Theme != in.Config.Theme {
		was = &tree{}
	}
	read := n.look(ctx, root, in.Theme, was)
	n.themeFiles = read
	problems := read.problems
	if prev.theme.cfg == in.Config && sameTree(read, prev.theme.tree) {
		return prev.theme, append(problems, prev.theme.problems...)
	}
	th := newTheme(in.Config, read)
	for _, src := range read.sources {
		switch dir, name := path.Split(src.Path); {
		case strings.HasPrefix(dir, "static/"):
			th.asset(src)
		case dir == "strings/":
			th.strings(root, name, src.Data)
		}
	}
	th.colors()
	if failed := th.parse(root); len(failed) > 0 {
		return nil, failed
	}
	th.check(root)
	for li := range in.Config.Languages {
		th.sets = append(th.sets, newSet(th, li))
	}
	return th, append(problems, th.problems...)
}

func newTheme(cfg *site.Config, read *tree) *theme {
	th := &theme{cfg: cfg, tree: read, words: words{}, hrefs: map[string]string{}}
	for _, lang := range cfg.Languages {
		th.spoken = append(th.spoken, slices.Compact(append(cfg.Understood(lang), "en")))
	}
	return th
}

func sameTree(a, b *tree) bool {
	return b != nil && slices.EqualFunc(a.sources, b.sources, func(a, b *Source) bool { return a.Path == b.Path && a.Sum == b.Sum })
}

// asset gives a file a name that changes with its bytes, so that it can be kept for ever.
func (th *theme) asset(src *Source) {
	name := strings.TrimPrefix(src.Path, "static/")
	ext := path.Ext(name)
	hashed := "assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(src.Sum[:5]) + ext
	f := newFile(hashed, src.Data)
	if ext == ".css" {
		f = newFile(hashed, leanCSS(src.Data))
	}
	th.assets = append(th.assets, f)
	th.hrefs[name] = th.cfg.BasePath + "/" + hashed
}

func (th *theme) strings(root, name string, src []byte) {
	m, err := site.ParseStrings(src)
	if err != nil {
		th.problems = append(th.problems, site.Problem{Path: path.Join(root, "strings", name), Text: err.Error(), Hint: `each line is key = "words"`})
	}
	th.words[strings.TrimSuffix(name, ".toml")] = m
}

// parse parses partials and frame, and each layout.
func (th *theme) parse(root string) (failed []site.Problem) {
	funcs := th.funcs(0, nil)
	base := template.New("").Funcs(funcs)
	th.base, th.layouts = base, map[string]*template.Template{}
	var layouts []*Source
	frame := false
	for _, src := range th.tree.sources {
		dir, name := path.Split(src.Path)
		switch {
		case !strings.HasSuffix(name, ".html"):
		case dir == "partials/" || src.Path == "layouts/site.html":
			frame = frame || dir == "layouts/"
			if _, err := base.New(src.Path).Parse(string(src.Data)); err != nil {
				failed = append(failed, th.templateProblem(root, err))
			}
		case dir == "layouts/":
			layouts = append(layouts, src)
		}
	}
	for _, src := range layouts {
		own := template.New(src.Path).Funcs(funcs)
		if _, err := own.Parse(string(src.Data)); err != nil {
			failed = append(failed, th.templateProblem(root, err))
		}
		th.layouts[strings.TrimSuffix(path.Base(src.Path), ".html")] = own
	}
	if !frame || th.layouts["page"] == nil {
		failed = append(failed, site.Problem{Path: root, Text: "the theme has no layouts/site.html or no layouts/page.html", Hint: "choose an existing theme in site.toml"})
	}
	return failed
}

// layout gives the name of the first layout that the theme has.
func (th *theme) layout(names ...string) string {
	for _, n := range names {
		if th.layouts[n] != nil {
			return n
		}
	}
	return "page"
}

// langs gives the languages in which words are looked for.
func (th *theme) langs(li int) []string { return th.spoken[li] }

// use makes the functions of all templates answer from an Index. Build calls it
// before it renders, and again with the old one when it failed.
func (th *theme) use(ix *Index) {
	for _, s := range th.sets {
		s.index.Store(ix)
	}
}

// set is the templates of one language, copied and escaped when first used.
type set struct {
	th    *theme
	li    int
	index atomic.Pointer[Index]
	ready sync.Map // layout and name → func() (*template.Template, error)

	programs sync.Map // layout and name → func() *program
	shared   sync.Map // see sharedKey
	derived  sync.Map // names that escaped found → bool: other layouts want most of them too
}

func newSet(th *theme, li int) *set { return &set{th: th, li: li} }

func (s *set) template(layout, name string) (*template.Template, error) {
	f, _ := s.ready.LoadOrStore(layout+"\x00"+name, sync.OnceValues(func() (*template.Template, error) { return s.fresh(layout, name) }))
	return f.(func() (*template.Template, error))()
}

// fresh gives a template of a layout with all that it calls, before html/template has
// escaped it. The trees are copies, since escaping changes them; to copy those of the
// whole theme would take longer than all else that is done with a layout.
func (s *set) fresh(layout, name string) (*template.Template, error) {
	t := template.New("").Funcs(s.th.funcs(s.li, s))
	want := []string{name}
	for len(want) > 0 {
		name, want = want[0], want[1:]
		tree := s.th.defined(layout, name)
		if tree == nil || t.Lookup(name) != nil {
			continue
		}
		if _, err := t.AddParseTree(name, tree.Copy()); err != nil {
			return nil, err
		}
		inclusions(tree.Root, func(n *parse.TemplateNode) { want = append(want, n.Name) })
	}
	return t, nil
}

// defined gives what a name stands for in a layout: what the layout itself defines, unless
// that is empty, goes before partials and frame.
func (th *theme) defined(layout, name string) (tree *parse.Tree) {
	if t := th.base.Lookup(name); t != nil {
		tree = t.Tree
	}
	if t := th.layouts[layout].Lookup(name); t != nil && t.Tree != nil && (tree == nil || !parse.IsEmptyTree(t.Tree.Root)) {
		tree = t.Tree
	}
	return tree
}

// execute runs one template of a layout, "layouts/site.html" for a whole page,
// and appends what it makes to out: compiled (see fast.go) or, where that cannot
// be, by html/template.
func (s *set) execute(out []byte, layout, name string, data any) ([]byte, error) {
	if page, ok := s.quickly(out, layout, name, data); ok {
		return page, nil
	}
	return s.slowly(out, layout, name, data)
}

func (s *set) slowly(out []byte, layout, name string, data any) ([]byte, error) {
	if v, ok := data.(*View); ok {
		v.fillBody()
	}
	t, err := s.template(layout, name)
	if err != nil {
		return nil, err
	}
	buf := bytes.NewBuffer(out)
	if err := t.ExecuteTemplate(buf, name, data); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// funcs binds the functions of view.go to a language. Without a set they serve
// only to parse.
func (th *theme) funcs(li int, s *set) template.FuncMap {
	lang, langs, loc := th.cfg.Languages[li], th.langs(li), th.cfg.Location
	spoken := hoursSpeaker{words: th.words, lang: lang, langs: langs, said: &sync.Map{}}
	return template.FuncMap{
		"t":           func(key string, args ...any) string { return th.words.say(langs, key, args...) },
		"told":        func(key string, args ...any) template.HTML { return th.words.tell(langs, key, args...) },
		"label":       func(taxonomy, value string) string { return label(th.cfg, taxonomy, value, lang) },
		"fieldLabel":  func(f *site.Field) string { return th.words.fieldLabel(langs, f) },
		"optionLabel": func(f *site.Field, value string) string { return th.words.optionLabel(langs, f, value, loc) },
		"number":      func(n any) string { return fmt.Sprint(written(lang, []any{n})[0]) },
		"day":         func(d site.Date) string { return day(lang, d, loc) },
		"month":       func(d site.Date) string { return month(lang, d, loc) },
		"daytime":     func(d site.Date) string { return daytime(lang, d, loc) },
		"iso":         iso,
		"href":        func(page string) string { return s.index.Load().href(li, page) },
		"facet":       func(taxonomy, value string) string { return s.index.Load().facet(li, taxonomy, value) },
		"terms": func(taxonomy string, values []string) []Link {
			links, ix := make([]Link, len(values)), s.index.Load()
			for i, v := range values {
				links[i] = Link{Text: label(th.cfg, taxonomy, v, lang), Href: ix.facet(li, taxonomy, v)}
			}
			return links
		},
		"asset":     func(name string) string { return th.hrefs[name] },
		"tel":       telHref,
		"bare":      bare,
		"geo":       geoHref,
		"policy":    func() string { return site.Policy },
		"hoursText": spoken.text,
		"join":      strings.Join,
		"list":      func(v ...any) []any { return v },
		"dict":      dict,
	}
}

// telHref makes a number that phones can call: html/template knows no tel:.
func telHref(phone string) template.URL {
	number, ext, _ := strings.Cut(strings.ToLower(phone), "x")
	keep := func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' || r == '*' || r == '#' {
			return r
		}
		return -1
	}
	href := "tel:" + strings.Map(keep, number)
	if ext = strings.Map(keep, ext); ext != "" {
		href += ";ext=" + ext
	}
	return template.URL(strings.ReplaceAll(href, "#", "%23"))
}

// bare is an address as people say it: without https:// and the last slash.
func bare(address string) string {
	_, rest, web := strings.Cut(address, "://")
	if !web {
		return address
	}
	return strings.TrimSuffix(rest, "/")
}

func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict needs a value for each key")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		k, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("a key of dict must be text")
		}
		m[k] = pairs[i+1]
	}
	return m, nil
}
