package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"potluck/builder"
	"potluck/formhandler"
)

// referenceFiles hold the types that layouts meet: all exported structs of a file,
// or those that are named.
var referenceFiles = []struct{ file, types string }{
	{"builder/view.go", ""},
	{"builder/map.go", ""},
	{"builder/builder.go", "Change"},
	{"internal/site/page.go", "Header Meta Heading Link"},
	{"internal/site/place.go", "Place"},
	{"internal/site/date.go", "Date"},
	{"internal/site/review.go", "Header"},
	{"internal/site/kind.go", "Field"},
	{"builder/search.go", "SearchPage SearchFacet SearchOption"},
	{"internal/search/query.go", "Query Slip"},
	{"formhandler/view.go", ""},
	{"internal/intake/review.go", "Talk"},
	{"internal/intake/input.go", "Input Option"},
	{"internal/intake/diff.go", "Difference Part"},
}

// TestHelpThemeReference holds themes/commons/reference.txt to the sources, and sees to
// it that every type which a layout can reach stands in it. UPDATE=1 writes it anew.
func TestHelpThemeReference(t *testing.T) {
	file := "../../themes/commons/" + themeReference
	want := themeText(t)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the sources say (%v); UPDATE=1 go test ./cmd/potluck -run ThemeReference writes it", file, err)
	}
	seen := map[reflect.Type]bool{}
	for _, v := range []any{builder.View{}, builder.SearchPage{}, formhandler.FormView{}, formhandler.CheckView{}, formhandler.ReceiptView{}, formhandler.CodeView{}, formhandler.StatusView{}, formhandler.NoticeView{}} {
		leadsTo(reflect.TypeOf(v), seen)
	}
	for typ := range seen {
		if !strings.Contains(want, "\n"+typ.String()+"\n") {
			t.Errorf("the reference lacks %s; add its file to referenceFiles", typ)
		}
	}
}

func leadsTo(t reflect.Type, seen map[reflect.Type]bool) {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, t.Kind()) {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || !strings.HasPrefix(t.PkgPath(), "potluck/") {
		return
	}
	seen[t] = true
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() {
			leadsTo(f.Type, seen)
		}
	}
}

// themeText writes it: the comment that explains themes, then the types.
func themeText(t *testing.T) string {
	fset := token.NewFileSet()
	var b strings.Builder
	b.WriteString("What layouts are given, and what they may call. Written from the sources by a test.\n")
	for i, r := range referenceFiles {
		f, err := parser.ParseFile(fset, "../../"+r.file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			at := slices.IndexFunc(f.Comments, func(c *ast.CommentGroup) bool { return strings.HasPrefix(c.Text(), "A theme is") })
			b.WriteString("\n" + f.Comments[at].Text())
		}
		for _, d := range f.Decls {
			describe(&b, fset, f.Name.Name, d, strings.Fields(r.types))
		}
	}
	return b.String()
}

// describe writes an exported struct with its fields, or a method of one.
func describe(b *strings.Builder, fset *token.FileSet, pkg string, d ast.Decl, only []string) {
	wanted := func(name string) bool {
		return ast.IsExported(name) && (len(only) == 0 || slices.Contains(only, name))
	}
	switch d := d.(type) {
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if ts, ok := s.(*ast.TypeSpec); ok && wanted(ts.Name.Name) {
				if st, ok := ts.Type.(*ast.StructType); ok {
					fmt.Fprintf(b, "\n%s.%s\n%s", pkg, ts.Name.Name, indent(d.Doc.Text(), "  # "))
					for _, f := range st.Fields.List {
						field(b, fset, f)
					}
				}
			}
		}
	case *ast.FuncDecl:
		if d.Recv != nil && d.Name.IsExported() && d.Type.Results != nil {
			if recv := strings.TrimLeft(source(fset, d.Recv.List[0].Type), "*"); wanted(recv) {
				call := strings.TrimPrefix(source(fset, d.Type), "func")
				fmt.Fprintf(b, "\n%s.%s .%s%s\n%s", pkg, recv, d.Name.Name, call, indent(d.Doc.Text(), "  # "))
			}
		}
	}
}

func field(b *strings.Builder, fset *token.FileSet, f *ast.Field) {
	typ := source(fset, f.Type)
	names := []string{"all of " + strings.TrimLeft(typ, "*")} // embedded
	if len(f.Names) > 0 {
		names = nil
		for _, n := range f.Names {
			if n.IsExported() {
				names = append(names, "."+n.Name)
			}
		}
	}
	for _, n := range names {
		line := fmt.Sprintf("  %-14s %-18s %s", n, typ, strings.Join(strings.Fields(f.Comment.Text()), " "))
		if n[0] != '.' {
			line = "  " + n
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

func source(fset *token.FileSet, n ast.Node) string {
	var b bytes.Buffer
	_ = printer.Fprint(&b, fset, n) // into memory
	return b.String()
}

func indent(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(by+line, " \n") + "\n")
	}
	return b.String()
}
