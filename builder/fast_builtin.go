package builder

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// builtins are functions of text/template, as far as layouts need them.
var builtins = map[string]func([]*expr) *expr{
	"and": func(args []*expr) *expr { return either(args, false) }, "or": func(args []*expr) *expr { return either(args, true) },
	"not": not, "len": length, "index": index, "slice": slice, "printf": printf,
	"print": func(args []*expr) *expr { return call(fmt.Sprint, args) },
	"eq":    func(args []*expr) *expr { return equal(args, true) },
	"ne":    func(args []*expr) *expr { need(args, 2, 2); return equal(args, false) },
	"lt":    func(args []*expr) *expr { return compare(args, func(c int) bool { return c < 0 }) },
	"le":    func(args []*expr) *expr { return compare(args, func(c int) bool { return c <= 0 }) },
	"gt":    func(args []*expr) *expr { return compare(args, func(c int) bool { return c > 0 }) },
	"ge":    func(args []*expr) *expr { return compare(args, func(c int) bool { return c >= 0 }) },
}

func need(args []*expr, least, most int) {
	if len(args) < least || len(args) > most {
		slowly("number of arguments")
	}
}

// either is and or or: the first argument of that truth, else the last.
func either(args []*expr, truth bool) *expr {
	need(args, 1, 100)
	typ := args[0].typ
	for _, a := range args {
		if a.typ != typ {
			typ = nil
		}
	}
	e := exprOf(typ, func(f *frame) (v reflect.Value) {
		for _, a := range args {
			if v = a.val(f); isTrue(v) == truth {
				break
			}
		}
		return v
	})
	e.truth = func(f *frame) bool {
		for _, a := range args {
			if a.truth(f) == truth {
				return truth
			}
		}
		return !truth
	}
	return e
}

func not(args []*expr) *expr {
	need(args, 1, 1)
	truth := args[0].truth
	return result(func(f *frame) bool { return !truth(f) })
}

func isString(e *expr) bool { return e.str != nil }

// equal is eq, or ne of two. All arguments are evaluated, as text/template does.
func equal(args []*expr, want bool) *expr {
	need(args, 2, 100)
	if slices.ContainsFunc(args, func(e *expr) bool { return !isString(e) }) {
		return result(func(f *frame) bool { return equalValues(f, args) == want })
	}
	first, rest := args[0].str, args[1:]
	return result(func(f *frame) bool {
		a, same := first(f), false
		for _, e := range rest {
			same = e.str(f) == a || same
		}
		return same == want
	})
}

func equalValues(f *frame, args []*expr) bool {
	var values []reflect.Value
	for _, a := range args {
		values = append(values, a.val(f))
	}
	for _, v := range values[1:] {
		if order(values[0], v) == 0 {
			return true
		}
	}
	return false
}

func compare(args []*expr, holds func(int) bool) *expr {
	need(args, 2, 2)
	return result(func(f *frame) bool {
		a, b := args[0].val(f), args[1].val(f)
		if out(a).Kind() == reflect.Bool {
			slowly("order of truth")
		}
		return holds(order(a, b))
	})
}

func out(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}

// order compares texts, numbers and, for equality, truths.
func order(a, b reflect.Value) int {
	a, b = out(a), out(b)
	switch {
	case a.Kind() == reflect.String && b.Kind() == reflect.String:
		return strings.Compare(a.String(), b.String())
	case a.CanInt() && b.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint() && b.CanInt() && b.Int() >= 0:
		return cmp.Compare(a.Uint(), uint64(b.Int()))
	case a.Kind() == reflect.Bool && b.Kind() == reflect.Bool && a.Bool() == b.Bool():
		return 0
	case a.Kind() == reflect.Bool && b.Kind() == reflect.Bool:
		return 1
	}
	slowly("comparison")
	return 0
}

func length(args []*expr) *expr {
	need(args, 1, 1)
	val := args[0].val
	return result(func(f *frame) int {
		v := indirect(val(f))
		if k := v.Kind(); k != reflect.String && k != reflect.Slice && k != reflect.Map {
			slowly("len")
		}
		return v.Len()
	})
}

// index takes one thing out of a map or a slice.
func index(args []*expr) *expr {
	need(args, 2, 2)
	item, at := args[0], args[1]
	if item.typ == reflect.TypeFor[map[string]string]() && at.typ == reflect.TypeFor[string]() {
		m, key := as[map[string]string](item), at.str
		return result(func(f *frame) string { return m(f)[key(f)] })
	}
	var typ reflect.Type
	if item.typ != nil && (item.typ.Kind() == reflect.Map || item.typ.Kind() == reflect.Slice) {
		typ = plainType(item.typ.Elem())
	}
	return exprOf(typ, func(f *frame) reflect.Value { return indexed(indirect(item.val(f)), out(at.val(f))) })
}

func indexed(v, at reflect.Value) reflect.Value {
	switch {
	case v.Kind() == reflect.Slice && at.CanInt():
		return v.Index(int(at.Int()))
	case v.Kind() == reflect.Map && at.IsValid() && at.Type() == v.Type().Key():
		if x := v.MapIndex(at); x.IsValid() {
			return x
		}
		return reflect.Zero(v.Type().Elem())
	}
	slowly("index")
	return v
}

// slice cuts texts.
func slice(args []*expr) *expr {
	need(args, 2, 3)
	s, from := as[string](args[0]), as[int](args[1])
	if len(args) == 2 {
		return result(func(f *frame) string { return s(f)[from(f):] })
	}
	to := as[int](args[2])
	return result(func(f *frame) string { return s(f)[from(f):to(f)] })
}

// printf puts texts together where that is all the format asks for.
func printf(args []*expr) *expr {
	e := call(fmt.Sprintf, args)
	if !args[0].known {
		return e
	}
	parts := strings.Split(args[0].str(&frame{}), "%s")
	texts := len(parts) == len(args) && !strings.Contains(strings.Join(parts, ""), "%")
	for _, a := range args[1:] {
		texts = texts && a.typ == reflect.TypeFor[string]()
	}
	if !texts {
		return e
	}
	return result(func(f *frame) string {
		s := parts[0]
		for i, a := range args[1:] {
			s += a.str(f) + parts[i+1]
		}
		return s
	})
}
