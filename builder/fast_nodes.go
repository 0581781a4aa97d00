package builder

import (
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
)

// step writes what one node makes.
type step func(f *frame) signal

// signal tells the steps around what comes next.
type signal int

const (
	goOn signal = iota
	breakOff
	nextOne
)

type compiler struct {
	set      *template.Template
	funcs    template.FuncMap
	programs map[programKey]*program
	left     []string  // nodes that html/template must run, and why
	shared   *sync.Map // sharedKey → *program, of all layouts
}

// programKey names a template and what it is given.
type programKey struct {
	name string
	typ  reflect.Type
}

// program compiles a template for a type of dot. It may call itself.
func (c *compiler) program(name string, dot reflect.Type) *program {
	key := programKey{name, dot}
	if p := c.programs[key]; p != nil {
		return p
	}
	t := c.set.Lookup(name)
	if t == nil || t.Tree == nil || t.Tree.Root == nil {
		slowly("template " + name)
	}
	p := &program{typ: dot}
	c.programs[key] = p
	s := &scope{compiler: c, name: name, dot: dot, max: 1, vars: []variable{{"$", dot}}, changed: map[string]bool{}}
	s.assigned(t.Tree.Root)
	p.run = s.list(t.Tree.Root)
	p.slots = s.max
	return p
}

// scope is what is known at one place of a template.
type scope struct {
	*compiler
	name    string
	dot     reflect.Type
	vars    []variable // their place is their slot
	max     int
	changed map[string]bool // variables that are assigned to: their type is not fixed
}

type variable struct {
	name string
	typ  reflect.Type
}

// declare gives a variable its slot.
func (s *scope) declare(name string, typ reflect.Type) int {
	if s.changed[name] {
		typ = nil
	}
	s.vars = append(s.vars, variable{name, typ})
	s.max = max(s.max, len(s.vars))
	return len(s.vars) - 1
}

// slot finds the variable that a name means here.
func (s *scope) slot(name string) int {
	for i, v := range slices.Backward(s.vars) {
		if v.name == name {
			return i
		}
	}
	slowly("variable " + name)
	return 0
}

// within compiles with another dot, and forgets the variables declared there.
func (s *scope) within(dot reflect.Type, compile func()) {
	was, n := s.dot, len(s.vars)
	s.dot = dot
	compile()
	s.dot, s.vars = was, s.vars[:n]
}

func (s *scope) list(l *parse.ListNode) step {
	if l == nil {
		return func(*frame) signal { return goOn }
	}
	var steps []step
	var text []byte
	flush := func() {
		if len(text) > 0 {
			b := text
			steps = append(steps, func(f *frame) signal { f.out = append(f.out, b...); return goOn })
			text = nil
		}
	}
	for _, n := range l.Nodes {
		st, known := s.node(n)
		if text = append(text, known...); st != nil {
			flush()
			steps = append(steps, st)
		}
	}
	flush()
	if len(steps) == 1 {
		return steps[0]
	}
	return func(f *frame) signal {
		for _, st := range steps {
			if sig := st(f); sig != goOn {
				return sig
			}
		}
		return goOn
	}
}

// node compiles one node to a step, or to text that is known already. One that
// is not understood is left to html/template, when a page comes to it.
func (s *scope) node(n parse.Node) (st step, known []byte) {
	vars := len(s.vars)
	defer func() {
		if why := recover(); why != nil {
			s.left = append(s.left, fmt.Sprintf("%s: %s: %v", s.name, n, why))
			s.vars = s.vars[:vars]
			st, known = func(*frame) signal { panic(why) }, nil
		}
	}()
	switch n := n.(type) {
	case *parse.TextNode:
		return nil, n.Text
	case *parse.CommentNode:
		return nil, nil
	case *parse.ActionNode:
		return s.action(n)
	case *parse.IfNode:
		return s.branch(&n.BranchNode, false), nil
	case *parse.WithNode:
		return s.branch(&n.BranchNode, true), nil
	case *parse.RangeNode:
		return s.loop(n), nil
	case *parse.TemplateNode:
		return s.template(n), nil
	case *parse.BreakNode:
		return func(*frame) signal { return breakOff }, nil
	case *parse.ContinueNode:
		return func(*frame) signal { return nextOne }, nil
	}
	slowly("node")
	return nil, nil
}

func (s *scope) action(n *parse.ActionNode) (step, []byte) {
	if len(n.Pipe.Decl) > 0 {
		e := s.pipe(n.Pipe)
		return func(f *frame) signal { e.val(f); return goOn }, nil
	}
	e, write := s.escapedPipe(n.Pipe)
	st := escapeStep(e, write)
	if e.known {
		f := &frame{}
		st(f)
		return nil, f.out
	}
	return st, nil
}

// branch compiles if, and with, which changes the dot.
func (s *scope) branch(n *parse.BranchNode, with bool) (st step) {
	s.within(s.dot, func() {
		e := s.pipe(n.Pipe)
		dot := s.dot
		if with {
			dot = e.typ
		}
		var list, other step
		s.within(dot, func() { list = s.list(n.List) })
		s.within(s.dot, func() { other = s.list(n.ElseList) })
		st = branchStep(e, with, list, other)
	})
	return st
}

func branchStep(e *expr, with bool, list, other step) step {
	truth := e.truth
	if !with {
		return func(f *frame) signal {
			if truth(f) {
				return list(f)
			}
			return other(f)
		}
	}
	str, kind := e.str, reflect.TypeFor[string]()
	return func(f *frame) signal {
		var v reflect.Value
		if str == nil || e.typ != kind {
			v = e.val(f)
			if !isTrue(v) {
				return other(f)
			}
		} else if s := str(f); s != "" {
			v = reflect.ValueOf(s)
		} else {
			return other(f)
		}
		was := f.dot
		f.dot = v
		sig := list(f)
		f.dot = was
		return sig
	}
}

func (s *scope) template(n *parse.TemplateNode) step {
	if n.Pipe == nil {
		p := s.program(n.Name, nil)
		return func(f *frame) signal { f.call(p, reflect.Value{}); return goOn }
	}
	e := s.pipe(n.Pipe)
	p := s.program(n.Name, e.typ)
	if slices.Contains(sharedDots, e.typ) {
		one, _ := s.compiler.shared.LoadOrStore(sharedKey{s.source(n.Name), e.typ}, p)
		p = one.(*program)
		return func(f *frame) signal { f.share(p, e.val(f)); return goOn }
	}
	return func(f *frame) signal { f.call(p, e.val(f)); return goOn }
}

// sharedKey names a program by all that it is made of, so that layouts which have
// the same partial, and share what it makes, have one program.
type sharedKey struct {
	source string
	typ    reflect.Type
}

// source gives a template as it was escaped, with those that it calls.
func (c *compiler) source(name string) string {
	var b strings.Builder
	names := []string{name}
	for i := 0; i < len(names); i++ {
		b.WriteString("{{define " + strconv.Quote(names[i]) + "}}")
		if t := c.set.Lookup(names[i]); t != nil && t.Tree != nil {
			b.WriteString(t.Tree.Root.String())
			inclusions(t.Tree.Root, func(n *parse.TemplateNode) {
				if !slices.Contains(names, n.Name) {
					names = append(names, n.Name)
				}
			})
		}
	}
	return b.String()
}

// loop compiles range over slices.
func (s *scope) loop(n *parse.RangeNode) (st step) {
	s.within(s.dot, func() {
		over := s.pipe(&parse.PipeNode{NodeType: parse.NodePipe, Cmds: n.Pipe.Cmds})
		r := &looper{over: over, index: -1, elem: -1, seen: len(n.Pipe.Decl) > 0 && (n.Pipe.IsAssign || n.ElseList != nil)}
		typ := over.typ
		if typ != nil && typ.Kind() == reflect.Slice {
			typ = plainType(typ.Elem())
		} else {
			typ = nil
		}
		s.loopVars(r, n.Pipe, typ)
		s.within(typ, func() { r.list = s.list(n.List) })
		s.within(s.dot, func() { r.other = s.list(n.ElseList) })
		st = r.step
	})
	return st
}

// loopVars finds or makes the slots.
func (s *scope) loopVars(r *looper, p *parse.PipeNode, elem reflect.Type) {
	types := []reflect.Type{reflect.TypeFor[int](), elem}[2-len(p.Decl):]
	for i, v := range p.Decl {
		var slot int
		if p.IsAssign {
			slot = s.slot(v.Ident[0])
		} else {
			slot = s.declare(v.Ident[0], types[i])
		}
		if i == len(p.Decl)-1 {
			r.elem = slot
		} else {
			r.index = slot
		}
	}
}

type looper struct {
	over        *expr
	index, elem int  // slots, or -1
	seen        bool // the variables are seen after a range over nothing
	list, other step
}

func (r *looper) step(f *frame) signal {
	v := indirect(r.over.val(f))
	if v.IsValid() && v.Kind() != reflect.Slice {
		slowly("range")
	}
	if !v.IsValid() || v.Len() == 0 {
		if r.seen {
			slowly("variables of an empty range")
		}
		return r.other(f)
	}
	was := f.dot
	for i := range v.Len() {
		f.dot = v.Index(i)
		if r.elem >= 0 {
			f.vars[r.elem] = f.dot
		}
		if r.index >= 0 {
			f.vars[r.index] = reflect.ValueOf(i)
		}
		if r.list(f) == breakOff {
			break
		}
	}
	f.dot = was
	return goOn
}

// assigned finds the variables whose value changes after they are declared.
func (s *scope) assigned(n parse.Node) {
	pipe := func(p *parse.PipeNode) {
		if p != nil && p.IsAssign {
			for _, v := range p.Decl {
				s.changed[v.Ident[0]] = true
			}
		}
	}
	both := func(b *parse.BranchNode) {
		pipe(b.Pipe)
		s.assigned(b.List)
		if b.ElseList != nil {
			s.assigned(b.ElseList)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, n := range n.Nodes {
			s.assigned(n)
		}
	case *parse.ActionNode:
		pipe(n.Pipe)
	case *parse.TemplateNode:
		pipe(n.Pipe)
	case *parse.IfNode:
		both(&n.BranchNode)
	case *parse.WithNode:
		both(&n.BranchNode)
	case *parse.RangeNode:
		both(&n.BranchNode)
	}
}
