package site

import (
	"fmt"
	"reflect"
	"strings"
)

// Key is one key of site.toml, as [Reference] tells of it.
type Key struct {
	Table   string // "[outputs]", "[[menu]]", "[kind.NAME]"; "" at the top
	Name    string // "" for the table itself
	Type    string // text, words, number, true or false, list, table
	Default string // as it is written; "" for none
	Doc     string // one line
}

// Reference lists all keys of site.toml in the order of the file: those at the
// top, then table by table. It is read off the structs that site.toml is read into.
func Reference() []Key {
	c, _ := ParseConfig([]byte(`title = "x"`))
	c.Title, c.Languages, c.BaseURL = nil, []string{"en"}, ""
	return keysOf("", reflect.ValueOf(*c))
}

func keysOf(table string, v reflect.Value) []Key {
	var keys, tables []Key
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := f.Tag.Get("toml")
		if name == "" || name == "-" {
			continue
		}
		k := Key{Table: table, Name: name, Doc: f.Tag.Get("doc")}
		if below, elem := tableOf(table, name, f.Type); elem != nil {
			tables = append(tables, Key{Table: below, Type: "table", Doc: k.Doc})
			tables = append(tables, keysOf(below, elemValue(v.Field(i), elem))...)
			continue
		}
		k.Type, k.Default = typeName(f.Type), defaultText(v.Field(i))
		keys = append(keys, k)
	}
	return append(keys, tables...)
}

// tableOf tells the heading of the table that a field is, and its struct; nil for a plain value.
func tableOf(table, name string, t reflect.Type) (string, reflect.Type) {
	path := strings.Trim(table, "[]")
	if path != "" {
		path += "."
	}
	switch {
	case t.Kind() == reflect.Struct:
		return "[" + path + name + "]", t
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return "[[" + path + name + "]]", t.Elem()
	case t.Kind() == reflect.Map && t != reflect.TypeFor[Words]():
		elem := t.Elem()
		if elem.Kind() == reflect.Pointer {
			elem = elem.Elem()
		}
		if elem.Kind() == reflect.Struct {
			return "[" + path + name + ".NAME]", elem
		}
	}
	return "", nil
}

// elemValue gives the value whose fields are the defaults of a table.
func elemValue(v reflect.Value, elem reflect.Type) reflect.Value {
	if v.Type() == elem {
		return v
	}
	return reflect.Zero(elem)
}

func typeName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[Words]():
		return "words"
	case t.Kind() == reflect.Map:
		return "table of words"
	case t.Kind() == reflect.Slice:
		return "list"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String:
		return "text"
	}
	return "number"
}

func defaultText(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Bool:
		return fmt.Sprint(v.Bool())
	case v.IsZero():
		return ""
	case v.Kind() == reflect.Slice:
		return strings.ReplaceAll(fmt.Sprintf("%q", v.Interface()), "\" \"", "\", \"")
	case v.Kind() == reflect.String:
		return fmt.Sprintf("%q", v.String())
	}
	return fmt.Sprint(v.Interface())
}
