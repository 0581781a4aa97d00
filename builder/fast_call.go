package builder

import (
	"html/template"
	"reflect"
	"time"

	"potluck/internal/site"
)

// fixed are the functions of theme.go that depend on their arguments alone,
// within one theme and language. The others ask the Index.
var fixed = map[string]bool{"t": true, "label": true, "asset": true, "policy": true, "printf": true, "print": true}

func (s *scope) function(name string, args []*expr) *expr {
	e := s.applied(name, args)
	if !fixed[name] {
		return e
	}
	for _, a := range args {
		if !a.known {
			return e
		}
	}
	if v, ok := e.val(&frame{}).Interface().(string); ok {
		return constant(v)
	}
	return e
}

func (s *scope) applied(name string, args []*expr) *expr {
	if fn, ok := s.funcs[name]; ok {
		return call(fn, args)
	}
	if compile := builtins[name]; compile != nil {
		return compile(args)
	}
	slowly("function " + name)
	return nil
}

// call compiles a call: plainly where the function has one of the types that
// those of theme.go and the methods of headers have, else by reflect.
func call(fn any, args []*expr) *expr {
	t := reflect.TypeOf(fn)
	if !accepts(t, args) {
		slowly("arguments")
	}
	switch fn := fn.(type) {
	case func() string:
		return result(func(*frame) string { return fn() })
	case func(string) string:
		return call1(fn, args)
	case func(string) template.URL:
		return call1(fn, args)
	case func(string) []string:
		return call1(fn, args)
	case func(int) string:
		return call1(fn, args)
	case func(any) string:
		return call1(fn, args)
	case func(time.Time) bool:
		return call1(fn, args)
	case func(site.Date) string:
		return call1(fn, args)
	case func(site.Date) bool:
		return call1(fn, args)
	case func(Change) site.Date:
		return call1(fn, args)
	case func(*site.Header) site.Date:
		return call1(fn, args)
	case func(*site.Header) template.URL:
		return call1(fn, args)
	case func(string, string) string:
		return call2(fn, args)
	case func(string, []string) []Link:
		return call2(fn, args)
	case func(*site.Header, string) string:
		return call2(fn, args)
	case func(*site.Header, string) []string:
		return call2(fn, args)
	case func(*site.Header, string) site.Date:
		return call2(fn, args)
	case func(*site.Header, string) bool:
		return call2(fn, args)
	case func(*Card, string) string:
		return call2(fn, args)
	case func(*Card, string) site.Date:
		return call2(fn, args)
	case func(*Card, string) bool:
		return call2(fn, args)
	case func(string, ...any) string:
		first, rest := as[string](args[0]), list(args[1:])
		return result(func(f *frame) string { return fn(first(f), rest(f)...) })
	case func(string, ...any) template.HTML:
		first, rest := as[string](args[0]), list(args[1:])
		return result(func(f *frame) template.HTML { return fn(first(f), rest(f)...) })
	case func(...any) string:
		all := list(args)
		return result(func(f *frame) string { return fn(all(f)...) })
	case func(...any) (map[string]any, error):
		all := list(args)
		return result(func(f *frame) map[string]any {
			m, err := fn(all(f)...)
			if err != nil {
				slowly("error")
			}
			return m
		})
	}
	v := reflect.ValueOf(fn)
	return exprOf(plainType(t.Out(0)), func(f *frame) reflect.Value { return callValue(v, f, args) })
}

// accepts compares arguments with parameters, as far as types are known.
func accepts(t reflect.Type, args []*expr) bool {
	outs := t.NumOut() == 1 || t.NumOut() == 2 && t.Out(1) == reflect.TypeFor[error]()
	if !outs || t.Out(0) == reflect.TypeFor[reflect.Value]() || len(args) < t.NumIn() && !t.IsVariadic() || len(args) < t.NumIn()-1 {
		return false
	}
	for i, a := range args {
		if i >= t.NumIn() && !t.IsVariadic() || a.typ != nil && !a.typ.AssignableTo(param(t, i)) {
			return false
		}
	}
	return true
}

func param(t reflect.Type, i int) reflect.Type {
	if t.IsVariadic() && i >= t.NumIn()-1 {
		return t.In(t.NumIn() - 1).Elem()
	}
	return t.In(i)
}

func call1[A, T any](fn func(A) T, args []*expr) *expr {
	a := as[A](args[0])
	return result(func(f *frame) T { return fn(a(f)) })
}

func call2[A, B, T any](fn func(A, B) T, args []*expr) *expr {
	a, b := as[A](args[0]), as[B](args[1])
	return result(func(f *frame) T { return fn(a(f), b(f)) })
}

func list(args []*expr) func(*frame) []any {
	return func(f *frame) []any {
		all := make([]any, len(args))
		for i, a := range args {
			all[i] = valueAs[any](a.val(f))
		}
		return all
	}
}

// as gives an expression as an argument of type T.
func as[T any](e *expr) func(*frame) T {
	if str, ok := any(e.str).(func(*frame) T); ok && e.str != nil && e.typ == reflect.TypeFor[T]() {
		return str
	}
	return func(f *frame) T { return valueAs[T](e.val(f)) }
}

func valueAs[T any](v reflect.Value) T {
	if v.CanAddr() && v.Type() == reflect.TypeFor[T]() {
		return *v.Addr().Interface().(*T) // without a copy
	}
	x, ok := whole(out(v)).Interface().(T)
	if !ok {
		slowly("type of argument")
	}
	return x
}

// callValue calls by reflect.
func callValue(fn reflect.Value, f *frame, args []*expr) reflect.Value {
	t := fn.Type()
	if !accepts(t, args) {
		slowly("arguments")
	}
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		v := a.val(f)
		if v.Kind() == reflect.Interface && param(t, i).Kind() != reflect.Interface {
			v = v.Elem()
		}
		if !v.IsValid() || !v.Type().AssignableTo(param(t, i)) {
			slowly("type of argument")
		}
		in[i] = whole(v)
	}
	out := fn.Call(in)
	if len(out) > 1 && !out[1].IsZero() {
		slowly("error")
	}
	return out[0]
}
