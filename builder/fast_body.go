package builder

import (
	"html/template"
	"reflect"
	"slices"
)

// Most layouts only write the body of a page. So a View is rendered with a body whose holes
// are not filled yet, which is written piece by piece; Body is made of it for whoever asks
// for more. As texts the bodies were a third of the memory that rendering takes.

// fillBody makes Body.
func (v *View) fillBody() {
	if v.body != nil {
		v.Body, v.body, v.fills = template.HTML(v.body.fill(v.fills)), nil, nil
	}
}

func (v *View) hasBody() bool {
	return v.Body != "" || v.body != nil && (v.body.HTML != "" || slices.ContainsFunc(v.fills, func(s string) bool { return s != "" }))
}

func (v *View) appendBody(out []byte) []byte {
	if v.body == nil {
		return append(out, v.Body...)
	}
	for piece := range v.body.pieces(v.fills) {
		out = append(out, piece...)
	}
	return out
}

var viewType = reflect.TypeFor[*View]()

// whole has the Body of a View made, for those who may look at all of it.
func whole(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Pointer && v.Type() == viewType && !v.IsNil() {
		v.Interface().(*View).fillBody()
	}
	return v
}

// bodyOf compiles .Body of a View; filled is the field.
func bodyOf(view, filled *expr) *expr {
	of := func(f *frame) *View { return view.val(f).Interface().(*View) }
	e := exprOf(filled.typ, func(f *frame) reflect.Value { of(f).fillBody(); return filled.val(f) })
	e.str = func(f *frame) string { v := of(f); v.fillBody(); return string(v.Body) }
	e.truth = func(f *frame) bool { return of(f).hasBody() }
	e.write = func(f *frame) { f.out = of(f).appendBody(f.out) }
	return e
}
