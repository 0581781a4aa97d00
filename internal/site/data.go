package site

import (
	"errors"
	"time"

	"github.com/BurntSushi/toml"
)

// ParseData reads a data file in TOML. Dates become [Date]; a time of day stays
// as it is. The Problem has a place and no path.
func ParseData(src []byte) (map[string]any, *Problem) {
	var m map[string]any
	if at := tooNested(string(src)); at > 0 {
		return nil, &Problem{Line: at, Col: 1, Text: nested, Hint: "write it more simply"}
	}
	if _, err := toml.Decode(string(src), &m); err != nil {
		p := &Problem{Text: err.Error(), Hint: `each line is key = value, and text stands in quotes`}
		var pe toml.ParseError
		if errors.As(err, &pe) {
			p.Line, p.Col, p.Text = pe.Position.Line, max(pe.Position.Col, 1), tomlMessage(pe)
		}
		return nil, p
	}
	return withDates(m).(map[string]any), nil
}

func withDates(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = withDates(v[k])
		}
	case []map[string]any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = withDates(v[i])
		}
		return list
	case []any:
		for i := range v {
			v[i] = withDates(v[i])
		}
	case time.Time:
		if d, err := fromTOML(v); err == nil {
			return d
		}
	}
	return v
}
