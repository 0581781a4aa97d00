package builder

import (
	"reflect"
	"strings"
	"text/template/parse"
)

// expr is a part of a pipeline. Of a type that is known, val gives a value of
// exactly that type; else any, or the invalid Value where text/template has no value.
type expr struct {
	typ   reflect.Type // nil: known only when run, or an interface
	known bool         // it is the same each time
	val   func(*frame) reflect.Value
	str   func(*frame) string // where typ is a kind of string; without a detour by reflect
	truth func(*frame) bool
	write func(*frame) // as it is, where that can be done without having it; else nil
}

// plainType gives a type that values are sure to have.
func plainType(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Interface {
		return nil
	}
	return t
}

func exprOf(typ reflect.Type, val func(*frame) reflect.Value) *expr {
	e := &expr{typ: typ, val: val, truth: func(f *frame) bool { return isTrue(val(f)) }}
	if typ != nil && typ.Kind() == reflect.String {
		e.str = func(f *frame) string { return val(f).String() }
		e.truth = func(f *frame) bool { return val(f).Len() > 0 }
	}
	return e
}

// result is what a function of a type that is known gives.
func result[T any](run func(*frame) T) *expr {
	e := exprOf(plainType(reflect.TypeFor[T]()), func(f *frame) reflect.Value { return reflect.ValueOf(run(f)) })
	switch run := any(run).(type) {
	case func(*frame) string:
		e.str, e.truth = run, func(f *frame) bool { return run(f) != "" }
	case func(*frame) bool:
		e.truth = run
	}
	return e
}

func constant[T any](v T) *expr {
	val := reflect.ValueOf(v)
	e := result(func(*frame) T { return v })
	e.known, e.val = true, func(*frame) reflect.Value { return val }
	return e
}

// isTrue is text/template's, with indirectInterface before it.
func isTrue(v reflect.Value) bool {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Invalid:
		return false
	case reflect.Slice, reflect.Map, reflect.String, reflect.Array:
		return v.Len() > 0
	case reflect.Bool:
		return v.Bool()
	case reflect.Pointer:
		return !v.IsNil()
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16, reflect.Int8:
		return v.Int() != 0
	case reflect.Struct:
		return true
	}
	slowly("truth")
	return false
}

// indirect is text/template's: it ends at a nil.
func indirect(v reflect.Value) reflect.Value {
	for (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && !v.IsNil() {
		v = v.Elem()
	}
	return v
}

// dig takes a value out of an interface, as text/template does after each command.
func dig(e *expr) *expr {
	if e.typ != nil {
		return e
	}
	return exprOf(nil, func(f *frame) reflect.Value {
		v := e.val(f)
		if v.Kind() == reflect.Interface && v.Type().NumMethod() == 0 {
			return v.Elem()
		}
		return v
	})
}

// pipe compiles a pipeline and the variable that it sets.
func (s *scope) pipe(p *parse.PipeNode) *expr {
	e := s.commands(p.Cmds)
	if len(p.Decl) == 0 {
		return e
	}
	if len(p.Decl) > 1 {
		slowly("two variables")
	}
	var slot int
	if name := p.Decl[0].Ident[0]; p.IsAssign {
		slot = s.slot(name)
	} else {
		slot = s.declare(name, e.typ)
	}
	return exprOf(e.typ, func(f *frame) reflect.Value {
		v := e.val(f)
		f.vars[slot] = v
		return v
	})
}

func (s *scope) commands(cmds []*parse.CommandNode) *expr {
	var e *expr
	for _, cmd := range cmds {
		e = dig(s.command(cmd, e))
	}
	if e == nil {
		slowly("empty pipeline")
	}
	return e
}

// command compiles one command; final is what comes from the one before, or nil.
func (s *scope) command(cmd *parse.CommandNode, final *expr) *expr {
	var args []*expr
	for _, a := range cmd.Args[1:] {
		args = append(args, s.operand(a))
	}
	if final != nil {
		args = append(args, final)
	}
	switch n := cmd.Args[0].(type) {
	case *parse.FieldNode:
		return s.chain(s.dotExpr(), n.Ident, args)
	case *parse.ChainNode:
		return s.chain(s.parenthesis(n.Node), n.Field, args)
	case *parse.VariableNode:
		if len(n.Ident) > 1 {
			return s.chain(s.variable(n.Ident[0]), n.Ident[1:], args)
		}
	case *parse.IdentifierNode:
		return s.function(n.Ident, args)
	}
	if len(args) > 0 {
		slowly("arguments of what is no function")
	}
	return s.operand(cmd.Args[0])
}

// operand compiles an argument, or a command that can have none.
func (s *scope) operand(n parse.Node) *expr {
	switch n := n.(type) {
	case *parse.DotNode:
		return s.dotExpr()
	case *parse.FieldNode:
		return s.chain(s.dotExpr(), n.Ident, nil)
	case *parse.VariableNode:
		return s.chain(s.variable(n.Ident[0]), n.Ident[1:], nil)
	case *parse.ChainNode:
		return s.chain(s.parenthesis(n.Node), n.Field, nil)
	case *parse.PipeNode:
		return s.parenthesis(n)
	case *parse.IdentifierNode:
		return s.function(n.Ident, nil)
	case *parse.StringNode:
		return constant(n.Text)
	case *parse.BoolNode:
		return constant(n.True)
	case *parse.NumberNode:
		if n.IsInt && strings.Trim(n.Text, "0123456789") == "" {
			return constant(int(n.Int64))
		}
	}
	slowly("operand")
	return nil
}

func (s *scope) parenthesis(n parse.Node) *expr {
	p, ok := n.(*parse.PipeNode)
	if !ok || len(p.Decl) > 0 {
		slowly("parenthesis")
	}
	return s.commands(p.Cmds)
}

func (s *scope) dotExpr() *expr {
	return exprOf(s.dot, func(f *frame) reflect.Value { return f.dot })
}

func (s *scope) variable(name string) *expr {
	slot := s.slot(name)
	return exprOf(s.vars[slot].typ, func(f *frame) reflect.Value { return f.vars[slot] })
}

// chain compiles .A.B.C; the last may be a method with arguments.
func (s *scope) chain(e *expr, names []string, args []*expr) *expr {
	for i, name := range names {
		if i < len(names)-1 {
			e = s.member(e, name, nil)
		} else {
			e = s.member(e, name, args)
		}
	}
	return e
}

// member compiles a method, a field, or an entry of a map.
func (s *scope) member(e *expr, name string, args []*expr) *expr {
	typ := e.typ
	if typ == nil {
		return lookup(e, name, args)
	}
	under := typ
	if typ.Kind() == reflect.Pointer {
		under = typ.Elem()
	}
	if under.Kind() == reflect.Map && under == typ && typ.Key() == reflect.TypeFor[string]() && typ.NumMethod() == 0 {
		return entry(e, name, args)
	}
	if under.Kind() != reflect.Struct {
		return lookup(e, name, args)
	}
	if m, ok := typ.MethodByName(name); ok {
		return call(m.Func.Interface(), append([]*expr{e}, args...))
	}
	if _, ok := reflect.PointerTo(under).MethodByName(name); ok {
		return lookup(e, name, args) // where the struct has an address
	}
	field, ok := under.FieldByName(name)
	if !ok || !field.IsExported() || len(args) > 0 {
		slowly("field " + name)
	}
	f := fieldOf(e, field, under != typ)
	if typ == viewType && name == "Body" {
		return bodyOf(e, f)
	}
	return f
}

func fieldOf(e *expr, field reflect.StructField, pointer bool) *expr {
	path, val := field.Index, e.val
	if pointer {
		val = func(f *frame) reflect.Value { return e.val(f).Elem() }
	}
	if len(path) > 1 {
		return exprOf(plainType(field.Type), func(f *frame) reflect.Value { return val(f).FieldByIndex(path) })
	}
	i := path[0]
	return exprOf(plainType(field.Type), func(f *frame) reflect.Value { return val(f).Field(i) })
}

// entry compiles .key of a map with texts for keys. What is not there is no value.
func entry(e *expr, name string, args []*expr) *expr {
	if len(args) > 0 {
		slowly("arguments of an entry")
	}
	key := reflect.ValueOf(name)
	return exprOf(nil, func(f *frame) reflect.Value { return e.val(f).MapIndex(key) })
}

// lookup compiles a member that is looked up when run.
func lookup(e *expr, name string, args []*expr) *expr {
	return exprOf(nil, func(f *frame) reflect.Value {
		v := e.val(f)
		if !v.IsValid() {
			return v
		}
		if v = indirect(whole(out(v))); v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			slowly("nil")
		}
		ptr := v
		if v.CanAddr() {
			ptr = v.Addr()
		}
		if m := ptr.MethodByName(name); m.IsValid() {
			return callValue(m, f, args)
		}
		if len(args) > 0 {
			slowly("arguments of a field")
		}
		return fieldFound(v, name)
	})
}

func fieldFound(v reflect.Value, name string) reflect.Value {
	switch v.Kind() {
	case reflect.Struct:
		if field, ok := v.Type().FieldByName(name); ok && field.IsExported() {
			return v.FieldByIndex(field.Index)
		}
	case reflect.Map:
		if v.Type().Key() == reflect.TypeFor[string]() {
			return v.MapIndex(reflect.ValueOf(name))
		}
	}
	slowly("field " + name)
	return v
}
