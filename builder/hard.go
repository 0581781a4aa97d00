package builder

import "strings"

// Limits of what is given to goldmark, whose work grows with the square of some
// of them. Real pages stay below a hundredth.
const (
	maxWork  = 100e6  // sum over blocks of marks × bytes: about 0.2 s
	maxDepth = 100    // quotes and lists within each other
	maxCells = 100000 // of a table: goldmark fills up short rows
)

// tooHard says, before anything is parsed, why a body would take too long or too
// much memory, and where. A block is what blank lines surround; each item of a
// list and each row of a table is one of its own.
func tooHard(body string) (offset int, why string) {
	var work, blockAt, bytes, marks, columns, cells int
	closeBlock := func(next int) {
		work += bytes * marks
		blockAt, bytes, marks = next, 0, 0
	}
	easy := len(body)*countMarks(body) < maxWork // then those of its blocks need not be counted
	for at := 0; at < len(body); {
		line := body[at : at+lineLength(body[at:])]
		trimmed := strings.TrimLeft(line, " \t>")
		switch {
		case strings.TrimSpace(line) == "":
			closeBlock(at + len(line))
			columns = 0
		case isDelimiterRow(trimmed):
			columns = strings.Count(line, "|") + 1
			closeBlock(at)
		case columns > 0 || startsBlock(trimmed):
			closeBlock(at)
		}
		cells += columns
		bytes += len(line)
		if !easy {
			marks += countMarks(line)
		}
		switch {
		case cells > maxCells:
			return at, "the table has too many cells"
		case depth(line) > maxDepth:
			return at, "lists and quotes lie too deep within each other"
		case work+bytes*marks > maxWork:
			return blockAt, "this text has too many marks such as [ and *"
		}
		at += len(line)
	}
	return 0, ""
}

func lineLength(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i + 1
	}
	return len(s)
}

func countMarks(s string) (n int) {
	for _, mark := range [...]string{"[", "]", "*", "_", "~", "`", "<", "!", "&"} {
		n += strings.Count(s, mark)
	}
	return n
}

// startsBlock tells that a line begins a list item or a heading, even amid a paragraph.
func startsBlock(s string) bool {
	return strings.HasPrefix(s, "- ") || strings.HasPrefix(s, "* ") || strings.HasPrefix(s, "+ ") || strings.HasPrefix(s, "# ") || strings.HasPrefix(s, "## ")
}

func isDelimiterRow(s string) bool {
	const parts = "|-: \t\n"
	return s != "" && strings.IndexByte(parts, s[0]) >= 0 && strings.Contains(s, "-") && strings.Contains(s, "|") && strings.Trim(s, parts) == ""
}

// depth estimates how deep a line lies: its indentation, and the marks of quotes
// and lists it begins with.
func depth(line string) int {
	indent, marks := 0, 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == ' ':
			indent++
		case c == '\t':
			indent += 4
		case c == '>', (c == '-' || c == '*' || c == '+') && i+1 < len(line) && (line[i+1] == ' ' || line[i+1] == '\t'):
			marks++
		case c >= '0' && c <= '9' || c == '.' || c == ')':
			// an ordered item: its dot counts
			if c == '.' || c == ')' {
				marks++
			}
		default:
			i = len(line)
		}
	}
	if marks == 0 {
		return 0
	}
	return marks + indent/2
}
