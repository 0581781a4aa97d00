package builder

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/template/parse"
	"unsafe"
)

// Layouts are written for html/template and mean what it says they mean. But it
// walks its tree anew for each page, and looks up by name what could be known
// beforehand; that is most of the time of a build. So here a layout is compiled
// into closures, once for each language:
//
//   - fast.go takes the trees that html/template has escaped: it writes its
//     contextual escapers into their pipelines, and we keep to them.
//   - fast_nodes.go compiles text, actions, if, with, range and template. What is
//     known beforehand, such as {{t "foot.talk"}}, becomes text.
//   - fast_expr.go compiles pipelines, fields and variables; fast_call.go methods
//     and functions; fast_builtin.go those of text/template itself.
//   - fast_escape.go holds the escapers of HTML text, attributes and addresses.
//
// Types are followed from *View on, so that a field is an index and a method or
// function a plain call. Behind an interface, as in .Form, they are looked up
// when run.
//
// The law: both paths give the same bytes. What is compiled does what
// text/template does, or panics; it is never near enough. What is not known here
// (another escaper, range over a map, a nil pointer, a function that fails …)
// compiles to such a panic, and a page that meets one is made by html/template
// from its beginning, with its errors and their places. That is right because
// nothing but the bytes comes out of either path: functions of templates change
// nothing but what Index.ask remembers, where twice is the same as once.
type program struct {
	run   step
	typ   reflect.Type // of dot; nil where it is known only when run
	slots int          // for variables; the first is $
}

// frame is the state of one page while it is rendered.
type frame struct {
	out   []byte
	part  []byte // of a value, between two escapers
	dot   reflect.Value
	vars  []reflect.Value // of the template that runs; a part of stack
	stack []reflect.Value
	depth int

	shared *sharing // nil: nothing is shared
}

// maxDepth of templates within templates that are run here.
const maxTemplates = 200

// slowly leaves a page to html/template.
func slowly(why string) { panic(unknown(why)) }

type unknown string

var frames = sync.Pool{New: func() any { return new(frame) }}

// program gives a compiled layout; nil where there is none.
func (s *set) program(layout, name string, data reflect.Type) *program {
	f, _ := s.programs.LoadOrStore(layout+"\x00"+name, sync.OnceValue(func() *program {
		p, _ := s.compile(layout, name, data)
		return p
	}))
	return f.(func() *program)()
}

// part is a layout in a language.
type part struct {
	li     int
	layout string
}

func (th *theme) compilePart(p part) {
	th.sets[p.li].program(p.layout, "layouts/site.html", reflect.TypeFor[*View]())
}

// compileFor compiles the layouts of pages, each once, so that no page waits for another.
func (th *theme) compileFor(ctx context.Context, jobs []*job) {
	var parts []part
	for _, j := range jobs {
		if p := (part{j.li, j.layout}); !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	each(ctx, len(parts), func(i int) { th.compilePart(parts[i]) })
}

// compileAhead begins with the layouts that pages of these kinds have. It is done while
// they are linked, of which one processor alone does much.
func (th *theme) compileAhead(docs []*Doc) {
	var parts []part
	for _, d := range docs {
		p := part{slices.Index(th.cfg.Languages, d.Header.Lang), th.layout(d.Header.Kind)}
		if !slices.Contains(parts, p) {
			parts = append(parts, p)
			th.compilePart(p)
		}
	}
}

// quickly renders by a compiled layout, or tells that html/template must.
func (s *set) quickly(out []byte, layout, name string, data any) (page []byte, ok bool) {
	p := s.program(layout, name, reflect.TypeOf(data))
	if p == nil || p.typ != reflect.TypeOf(data) {
		return nil, false
	}
	fr := frames.Get().(*frame)
	defer func() {
		if recover() != nil {
			page, ok = nil, false
		}
		clear(fr.stack[:cap(fr.stack)])
		*fr = frame{stack: fr.stack[:0], part: fr.part}
		frames.Put(fr)
	}()
	fr.out = out
	if v, ok := data.(*View); ok {
		fr.shared = v.shared
	}
	fr.call(p, reflect.ValueOf(data))
	return fr.out, true
}

// call runs a template in variables of its own.
func (f *frame) call(p *program, dot reflect.Value) {
	if f.depth++; f.depth > maxTemplates {
		slowly("depth")
	}
	vars, was, at := f.vars, f.dot, len(f.stack)
	for range p.slots {
		f.stack = append(f.stack, reflect.Value{})
	}
	// Where stack was moved, the callers' variables stay in the old one.
	f.vars, f.dot = f.stack[at:len(f.stack):len(f.stack)], dot
	f.vars[0] = dot
	p.run(f)
	f.vars, f.dot, f.stack = vars, was, f.stack[:at]
	f.depth--
}

// sharedDots are the types of what many pages show alike: a card stands in many
// lists, the menu and what the frame says of the network on every page, facets on all
// pages of one list.
var sharedDots = []reflect.Type{cardType, facetsType, reflect.TypeFor[*SiteView](), reflect.TypeFor[[]NavLink]()}

var (
	cardType   = reflect.TypeFor[*Card]()
	facetsType = reflect.TypeFor[[]Facet]()
)

// sharedPart is a template and the place of its dot.
type sharedPart struct {
	p   *program
	dot unsafe.Pointer
	len int
}

// sharing keeps what templates of one language made of shared dots; but what was made
// of a card is kept by the card, and what was made of facets until the build is done.
type sharing struct {
	parts  sync.Map // sharedPart → []byte
	facets sync.Map // the same
	made   atomic.Int64
	first  int64 // made, when the first build that had it was done
}

func newSharing(languages int) []*sharing {
	all := make([]*sharing, languages)
	for i := range all {
		all[i] = &sharing{}
	}
	return all
}

// full tells that most of it is of dots that are no more.
func (s *sharing) full() bool { return s.made.Load() > 2*s.first+1000 }

// cardHTML is what a template made of a card.
type cardHTML struct {
	p    *program
	in   *sharing
	html []byte
}

// share runs a template, or takes what it made of the same dot for another page,
// or in an earlier build. That is right while templates get the same answers from the
// Index: what is at the place of the dot is never changed, a template sees nothing but
// its dot, and what it asks the Index was asked, and is remembered, when it ran.
func (f *frame) share(p *program, dot reflect.Value) {
	key := sharedPart{p: p, dot: dot.UnsafePointer()}
	if f.shared == nil || key.dot == nil {
		f.call(p, dot)
		return
	}
	if dot.Type() == cardType {
		f.card(p, dot, (*Card)(key.dot).made)
		return
	}
	if dot.Kind() == reflect.Slice {
		key.len = dot.Len()
	}
	parts := &f.shared.parts
	if dot.Type() == facetsType {
		parts = &f.shared.facets
	}
	if made, ok := parts.Load(key); ok {
		f.out = append(f.out, made.([]byte)...)
		return
	}
	from := len(f.out)
	f.call(p, dot)
	parts.Store(key, bytes.Clone(f.out[from:]))
	if parts == &f.shared.parts {
		f.shared.made.Add(1)
	}
}

// card is share for a card, with the place where it keeps what is made of it.
func (f *frame) card(p *program, dot reflect.Value, made *atomic.Pointer[cardHTML]) {
	if made == nil {
		f.call(p, dot)
		return
	}
	if m := made.Load(); m != nil && m.p == p && m.in == f.shared {
		f.out = append(f.out, m.html...)
		return
	}
	from := len(f.out)
	f.call(p, dot)
	made.Store(&cardHTML{p, f.shared, bytes.Clone(f.out[from:])})
}

// compile compiles one template of a layout, and lists what it left to
// html/template. There is no program where html/template finds a fault.
func (s *set) compile(layout, name string, data reflect.Type) (*program, []string) {
	t := s.escaped(layout, name)
	if t == nil {
		return nil, nil
	}
	c := &compiler{set: t, funcs: s.th.funcs(s.li, s), programs: map[programKey]*program{}, shared: &s.shared}
	return c.program(name, data), c.left
}

// derived parts the name of a template from that which html/template gives to
// its copies for places other than HTML text.
const derived = "$htmltemplate_"

// escaped gives the templates of a layout as html/template escaped them. It
// keeps copies for attributes and tags to itself, but uses those that are there
// under the name that it would give them. Which it wants is seen in the calls,
// so it is asked again until none is new.
func (s *set) escaped(layout, name string) *template.Template {
	wanted, guessed := map[string]bool{}, map[string]bool{}
	s.derived.Range(func(n, _ any) bool { wanted[n.(string)], guessed[n.(string)] = true, true; return true })
	for {
		t, err := s.fresh(layout, name)
		if err != nil {
			return nil
		}
		for n := range wanted {
			base, _, _ := strings.Cut(n, derived)
			if b := t.Lookup(base); b == nil || b.Tree == nil {
				if !guessed[n] {
					return nil
				}
				delete(wanted, n) // another layout wants it
				delete(guessed, n)
			} else if _, err := t.AddParseTree(n, b.Tree.Copy()); err != nil {
				return nil
			}
		}
		_ = t.ExecuteTemplate(refuse{}, name, nil)
		if entry := t.Lookup(name); entry == nil || entry.Tree == nil {
			return nil // it could not be escaped
		}
		before := len(wanted)
		for _, x := range t.Templates() {
			if x.Tree != nil {
				inclusions(x.Tree.Root, func(n *parse.TemplateNode) {
					if strings.Contains(n.Name, derived) {
						wanted[n.Name] = true
					}
				})
			}
		}
		if len(wanted) == before {
			for n := range wanted {
				s.derived.Store(n, true)
			}
			return t
		}
	}
}

// refuse ends an execution at its first byte: escaping comes before it.
type refuse struct{}

func (refuse) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

// inclusions finds the calls of templates.
func inclusions(n parse.Node, found func(*parse.TemplateNode)) {
	both := func(b *parse.BranchNode) {
		inclusions(b.List, found)
		if b.ElseList != nil {
			inclusions(b.ElseList, found)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, n := range n.Nodes {
			inclusions(n, found)
		}
	case *parse.IfNode:
		both(&n.BranchNode)
	case *parse.WithNode:
		both(&n.BranchNode)
	case *parse.RangeNode:
		both(&n.BranchNode)
	case *parse.TemplateNode:
		found(n)
	}
}
