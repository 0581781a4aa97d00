package site

import "fmt"

// Words is a short text in several languages, by language code. A text that was
// written once for all languages has the code "".
type Words map[string]string

// In gives the text in the first of the languages that has it, else the text for
// all languages, else "".
func (w Words) In(langs ...string) string {
	for _, l := range langs {
		if s := w[l]; s != "" {
			return s
		}
	}
	return w[""]
}

// UnmarshalTOML reads "text" or { en = "text", es = "texto" }.
func (w *Words) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case string:
		*w = Words{"": v}
		return nil
	case map[string]any:
		*w = Words{}
		for lang, s := range v {
			text, ok := s.(string)
			if !ok {
				return fmt.Errorf("the words for %q must be text in quotes", lang)
			}
			(*w)[lang] = text
		}
		return nil
	}
	return fmt.Errorf("expected a text, or a table with one text a language")
}
