package builder

import (
	"fmt"
	"html/template"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/site"
)

var (
	templateError = regexp.MustCompile(`^(?:html/)?template: ?([^:]+):(\d+)(?::(\d+))?: ((?s:.*))$`)
	noField       = regexp.MustCompile(`can't evaluate field (\w+) in type (\S+)`)
	noFunction    = regexp.MustCompile(`function "(\w+)" not defined`)
	noTemplate    = regexp.MustCompile(`template "([^"]+)" not defined|no such template "([^"]+)"`)
)

// templateProblem takes the place out of an error of html/template, and looks for
// the name that its author may have meant.
func (th *theme) templateProblem(root string, err error) site.Problem {
	p := site.Problem{Path: root, Text: err.Error(), Hint: "mend the template; until then the site stays as it was"}
	m := templateError.FindStringSubmatch(err.Error())
	if m == nil {
		return p
	}
	p.Path, p.Text = path.Join(root, m[1]), m[4]
	p.Line, _ = strconv.Atoi(m[2])
	p.Col, _ = strconv.Atoi(m[3])
	if near := th.meant(p.Text); near != "" {
		p.Hint = fmt.Sprintf("did you mean %s? Until it is mended the site stays as it was", near)
	}
	return p
}

// meant gives the nearest name to that which an error does not know, or "".
func (th *theme) meant(text string) string {
	if m := noField.FindStringSubmatch(text); m != nil {
		if near := nearest(m[1], fieldNames(strings.TrimLeft(m[2], "*[]"))); near != "" {
			return "." + near
		}
	}
	if m := noFunction.FindStringSubmatch(text); m != nil {
		var names []string
		for n := range th.funcs(0, nil) {
			names = append(names, n)
		}
		return nearest(m[1], append(names, builtinNames...))
	}
	if m := noTemplate.FindStringSubmatch(text); m != nil {
		if near := nearest(m[1]+m[2], th.templateNames()); near != "" {
			return fmt.Sprintf("{{template %q .}}", near)
		}
	}
	return ""
}

// builtinNames are functions of html/template that layouts have use for.
var builtinNames = []string{"and", "or", "not", "len", "index", "slice", "printf", "print", "eq", "ne", "lt", "le", "gt", "ge"}

func nearest(name string, names []string) string {
	lower := make([]string, len(names))
	slices.Sort(names)
	for i, n := range names {
		lower[i] = strings.ToLower(n)
	}
	if i := slices.Index(lower, site.Nearest(name, lower)); i >= 0 {
		return names[i]
	}
	return ""
}

// fieldNames lists what a template can ask of a type of ours.
func fieldNames(typ string) []string {
	t := viewTypes(reflect.TypeFor[View](), map[string]reflect.Type{})[typ]
	if t == nil {
		return nil
	}
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() {
			names = append(names, f.Name)
		}
	}
	for m := range reflect.PointerTo(t).NumMethod() {
		names = append(names, reflect.PointerTo(t).Method(m).Name)
	}
	return names
}

// viewTypes finds the structs that a type leads to, by name.
func viewTypes(t reflect.Type, found map[string]reflect.Type) map[string]reflect.Type {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, t.Kind()) {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && found[t.String()] == nil {
		found[t.String()] = t
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				viewTypes(f.Type, found)
			}
		}
	}
	return found
}

// templateNames lists what is defined in partials and layouts, files left out.
func (th *theme) templateNames() []string {
	var names []string
	add := func(t *template.Template) {
		for _, t := range t.Templates() {
			if n := t.Name(); n != "" && !strings.Contains(n, "/") && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	add(th.base)
	for _, own := range th.layouts {
		add(own)
	}
	return names
}
