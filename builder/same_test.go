package builder

import (
	"reflect"
	"testing"
	"time"

	"potluck/internal/site"
)

// filled puts something into all of a value, down to a few levels.
func filled(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(1)
	case reflect.Pointer:
		if depth > 0 && v.Type().Elem().Kind() == reflect.Struct {
			v.Set(reflect.New(v.Type().Elem()))
			filled(v.Elem(), depth-1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		filled(v.Index(1), depth-1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.Interface:
		v.Set(reflect.ValueOf(SearchPage{Langs: "en"}))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type() != reflect.TypeFor[site.Date]() {
				filled(v.Field(i), depth)
			}
		}
	}
}

// each field of a view counts, however deep it lies; and views that were made apart
// are the same where all of them are.
func TestSameView(t *testing.T) {
	view := func() *View {
		v := &View{}
		filled(reflect.ValueOf(v).Elem(), 4)
		v.Changed.When = time.Unix(5, 0)
		return v
	}
	a := view()
	if !sameView(a, view()) || !sameView(&View{}, &View{}) {
		t.Fatal("the same views differ")
	}
	b := view()
	differs := func(where string) {
		if sameView(a, b) || sameView(b, a) || reflect.DeepEqual(a, b) {
			t.Errorf("%s does not count", where)
		}
	}
	var zeroed func(v reflect.Value, where string)
	zeroed = func(v reflect.Value, where string) {
		was := reflect.New(v.Type()).Elem()
		was.Set(v)
		if !v.IsZero() {
			v.SetZero()
			differs(where)
			v.Set(was)
		}
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				zeroed(v.Elem(), where+"*")
			}
		case reflect.Slice:
			for i := range v.Len() {
				zeroed(v.Index(i), where+"[]")
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() {
					zeroed(v.Field(i), where+"."+f.Name)
				}
			}
		}
	}
	zeroed(reflect.ValueOf(b).Elem(), "View")
	if !sameView(a, b) {
		t.Error("put back, it is the same again")
	}
}
