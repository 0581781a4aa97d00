package site

import (
	"fmt"

	"github.com/BurntSushi/toml"
)

// ParseStrings reads the words of a theme in one language: a TOML file of texts.
// Tables are joined with dots, so that [form] send = "Send" is "form.send".
func ParseStrings(src []byte) (map[string]string, error) {
	if words, ok := plainStrings(string(src)); ok {
		return words, nil
	}
	return decodeStrings(src)
}

func decodeStrings(src []byte) (map[string]string, error) {
	var m map[string]any
	if at := tooNested(string(src)); at > 0 {
		return nil, fmt.Errorf("line %d: %s", at, nested)
	}
	if err := toml.Unmarshal(src, &m); err != nil {
		return nil, err
	}
	words := map[string]string{}
	return words, flatten(words, "", m)
}

func flatten(words map[string]string, prefix string, m map[string]any) error {
	for k, v := range m {
		switch v := v.(type) {
		case string:
			words[prefix+k] = v
		case map[string]any:
			if err := flatten(words, prefix+k+".", v); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%q should be text in quotes", prefix+k)
		}
	}
	return nil
}
