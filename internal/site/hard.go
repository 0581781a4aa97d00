package site

import "strings"

// Limits of what is given to the TOML package, which runs out of stack where brackets
// lie deep within each other, and whose work grows with the square of some others. Real
// files stay below a tenth.
const (
	maxHead     = 32 << 10 // bytes of front matter
	maxHeadLine = 1000     // and its lines
	maxNested   = 50       // brackets within each other, or names with dots between
	maxFaults   = 50       // problems of one page that are listed
)

// tooNested finds the line of a TOML text where more lies within each other than any
// file needs; 0 where none does. It does not know texts in quotes, and forgives them
// their brackets as long as these come in pairs.
func tooNested(text string) int {
	n, depth := 0, 0
	for line := range strings.Lines(text) {
		n++
		key, _, _ := strings.Cut(line, "=")
		if strings.Count(key, ".") > maxNested {
			return n
		}
		if strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") {
			continue
		}
		for i := range len(line) {
			switch line[i] {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
			if depth > maxNested {
				return n
			}
		}
	}
	return 0
}

const nested = "brackets or names lie too deep within each other"
