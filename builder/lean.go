package builder

import "bytes"

// leanCSS leaves comments and the white space at the beginnings of lines out of a
// style sheet. They are for whoever writes it; each page of a site waits for the rest.
func leanCSS(src []byte) []byte {
	out := make([]byte, 0, len(src))
	var quote byte
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch {
		case quote != 0:
			if c == '\\' && i+1 < len(src) {
				out = append(out, c)
				i++
				c = src[i]
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '/' && i+1 < len(src) && src[i+1] == '*':
			end := bytes.Index(src[i+2:], []byte("*/"))
			if end < 0 {
				return out
			}
			i += 2 + end + 1
			c = ' ' // a comment parts words
		}
		if blank(c) && quote == 0 && (len(out) == 0 || out[len(out)-1] == '\n') {
			continue
		}
		out = append(out, c)
	}
	return out
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
