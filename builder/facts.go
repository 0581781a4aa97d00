package builder

import (
	"strconv"
	"strings"

	"potluck/internal/site"
)

// facts gives what a page says to the questions that site.toml adds to its kind.
// Layouts know the built-in fields; of these they cannot know.
func (l *linker) facts(h *site.Header) []Fact {
	k := l.cfg.Kind(h.Kind)
	if k == nil {
		return nil
	}
	var facts []Fact
	for _, f := range k.Fields {
		if v, ok := h.Fields[f.Name]; ok && f.Own && f.Class == site.Public {
			facts = append(facts, Fact{f, factText(v)})
		}
	}
	return facts
}

func factText(v any) []string {
	switch v := v.(type) {
	case string:
		return strings.Split(strings.TrimSpace(v), "\n")
	case []string:
		return v
	case site.Date:
		return []string{v.String()}
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	case bool:
		if v {
			return []string{"yes"}
		}
		return []string{"no"}
	}
	return nil
}
