package builder

import (
	"reflect"
	"sync"
	"unsafe"
)

// comparer tells that two values of one type are the same, which lie at two places.
type comparer func(a, b unsafe.Pointer) bool

// sameView compares two views deeply.
func sameView(a, b *View) bool { return a == b || compareViews(unsafe.Pointer(a), unsafe.Pointer(b)) }

var compareViews = comparerOf(reflect.TypeFor[View]())

// comparerOf makes reflect.DeepEqual for values without circles, which views are: it
// need not note where it has been, and knows beforehand what lies where. That is most of
// DeepEqual's time. What is at one place is the same. In doubt it says no.
func comparerOf(t reflect.Type) comparer {
	switch t.Kind() {
	case reflect.Bool:
		return plainly[bool]
	case reflect.Int:
		return plainly[int]
	case reflect.Int64:
		return plainly[int64]
	case reflect.Uint64:
		return plainly[uint64]
	case reflect.String:
		return plainly[string]
	case reflect.Pointer:
		elem := sync.OnceValue(func() comparer { return comparerOf(t.Elem()) }) // a type may hold pointers to itself
		return func(a, b unsafe.Pointer) bool {
			a, b = *(*unsafe.Pointer)(a), *(*unsafe.Pointer)(b)
			return a == b || a != nil && b != nil && elem()(a, b)
		}
	case reflect.Struct:
		return structComparer(t)
	case reflect.Slice:
		return sliceComparer(t)
	}
	return func(a, b unsafe.Pointer) bool {
		return reflect.DeepEqual(reflect.NewAt(t, a).Elem().Interface(), reflect.NewAt(t, b).Elem().Interface())
	}
}

func plainly[T comparable](a, b unsafe.Pointer) bool { return *(*T)(a) == *(*T)(b) }

func structComparer(t reflect.Type) comparer {
	type part struct {
		at   uintptr
		same comparer
	}
	var parts []part
	for f := range t.Fields() {
		parts = append(parts, part{f.Offset, comparerOf(f.Type)})
	}
	return func(a, b unsafe.Pointer) bool {
		for _, p := range parts {
			if !p.same(unsafe.Add(a, p.at), unsafe.Add(b, p.at)) {
				return false
			}
		}
		return true
	}
}

func sliceComparer(t reflect.Type) comparer {
	elem, size := sync.OnceValue(func() comparer { return comparerOf(t.Elem()) }), t.Elem().Size()
	return func(a, b unsafe.Pointer) bool {
		x, y := *(*[]byte)(a), *(*[]byte)(b) // of whatever type, this holds its place and length
		if len(x) != len(y) || (x == nil) != (y == nil) {
			return false
		}
		p, q := unsafe.Pointer(unsafe.SliceData(x)), unsafe.Pointer(unsafe.SliceData(y))
		for i := 0; p != q && i < len(x); i++ {
			if at := uintptr(i) * size; !elem()(unsafe.Add(p, at), unsafe.Add(q, at)) {
				return false
			}
		}
		return true
	}
}
