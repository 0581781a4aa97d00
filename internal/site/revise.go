package site

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// ErrByHand says that a file is not written so that a program could change it and
// leave the rest alone.
var ErrByHand = errors.New("the front matter can only be changed by hand")

// Revise gives the file of a page with other values of fields, by their names; nil
// takes a field out. The Go types are those of [Meta]. Where body is not nil, the
// text is another too. Whatever else stands in the file, comments and order
// included, stays as it is, so that a change reads as what it is. Private fields
// are not looked for here: Parse names them.
func Revise(src []byte, values map[string]any, body *string) ([]byte, error) {
	p := &parser{page: &Page{}}
	text := p.clean(src)
	head, old, line := p.split(text)
	if len(p.problems) > 0 {
		return nil, ErrByHand
	}
	before, err := decodeHeader(head)
	if err != nil {
		return nil, ErrByHand
	}
	revised := head
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if revised, err = reviseLine(revised, key, values[key]); err != nil {
			return nil, err
		}
	}
	if after, err := decodeHeader(revised); err != nil || !sameButFor(before, after, values) {
		return nil, ErrByHand
	}
	if body != nil && tidyBody(*body) != tidyBody(old) {
		old = "\n" + tidyBody(*body)
	}
	if line == 0 && revised == "" {
		return []byte(old), nil
	}
	return []byte(fence + "\n" + revised + fence + "\n" + old), nil
}

// reviseLine sets the lines of one key, at the end where there were none.
func reviseLine(head, key string, v any) (string, error) {
	if n, ok := v.(float64); ok && key == "weight" && n == 0 || v == false || v == "" {
		v = nil // says no more than no line at all
	}
	var b bytes.Buffer
	if list, ok := v.([]string); v != nil && (!ok || len(list) > 0) {
		if err := writeEntry(&b, key, v); err != nil {
			return "", err
		}
	}
	lines := strings.SplitAfter(head, "\n")
	if at, _ := keyPlace(head, toml.Key{key}); at > 0 {
		end := at
		for end < len(lines) && !whole(strings.Join(lines[at-1:end], "")) {
			end++
		}
		return strings.Join(lines[:at-1], "") + b.String() + strings.Join(lines[end:], ""), nil
	}
	if head != "" && !strings.HasSuffix(head, "\n") {
		head += "\n"
	}
	return head + b.String(), nil
}

// whole tells that lines of TOML stand by themselves: a list or a long text ends in them.
func whole(s string) bool { _, err := decodeHeader(s); return err == nil }

// sameButFor holds that nothing but what was wanted has another value.
func sameButFor(before, after []entry, values map[string]any) bool {
	index := func(es []entry) map[string]string {
		m := map[string]string{}
		for _, e := range es {
			if _, ok := values[e.key]; !ok {
				m[e.key] = fmt.Sprintf("%T %v", e.value, e.value)
			}
		}
		return m
	}
	return reflect.DeepEqual(index(before), index(after))
}
