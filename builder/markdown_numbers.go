package builder

import (
	"regexp"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// numbers keeps a number of several groups in its order: without a <bdi>, a page that
// is read from the right shows +1 555 0134 as 0134 555 1+ (Unicode Bidirectional
// Algorithm, UAX #9: blanks between numbers take the direction of the paragraph).
type numbers struct{}

// isolate is a number that a page sets apart. Its child is the text.
type isolate struct{ ast.BaseInline }

var (
	kindIsolate = ast.NewNodeKind("Isolate")
	leftwardKey = parser.NewContextKey() // bool: the page is read from the right
	grouped     = regexp.MustCompile(`^(\+[0-9]+|\(?[0-9]{2,}\)?)([ \x{a0}./-]\(?[0-9]{2,}\)?)+`)
)

func (isolate) Kind() ast.NodeKind { return kindIsolate }

func (n *isolate) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Trigger has the blank, for which goldmark also calls at the start of a line and after
// another mark.
func (numbers) Trigger() []byte { return []byte("+( ") }

func (numbers) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if leftward, _ := pc.Get(leftwardKey).(bool); !leftward {
		return nil
	}
	line, at := block.PeekLine()
	blank := 0
	if line[0] == ' ' {
		blank = 1
	} else if before := block.PrecendingCharacter(); unicode.IsDigit(before) || unicode.IsLetter(before) {
		return nil
	}
	n := len(grouped.Find(line[blank:]))
	if n == 0 {
		return nil
	}
	if blank > 0 {
		ast.MergeOrAppendTextSegment(parent, at.WithStop(at.Start+blank))
	}
	block.Advance(blank + n)
	node := &isolate{}
	node.AppendChild(node, ast.NewTextSegment(text.NewSegment(at.Start+blank, at.Start+blank+n)))
	return node
}

func renderIsolate(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		w.WriteString("<bdi>")
	} else {
		w.WriteString("</bdi>")
	}
	return ast.WalkContinue, nil
}
