package site

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// hardHeads are front matters that take a parser of TOML minutes, gigabytes or the whole
// stack, each filled up to a size.
func hardHeads(size int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	numbered := func(form string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, form, i)
		}
		return b.String()
	}
	return map[string]string{
		"keys": numbered("k%d = 1\n"), "tables": numbered("[k%d]\n"), "arrays of tables": fill("[[a]]\n"), "values": "categories = [" + numbered(`"c%d",`) + "]",
		"brackets": "a = " + fill("["), "brackets over lines": "a = " + fill("[\n"), "braces": "a = " + fill("{a="), "dots": "a" + fill(".a") + " = 1", "dots in a table": "[a" + fill(".a") + "]",
		"quotes": "a = " + fill(`"`), "list": "aliases = [" + fill(`"a",`) + "]", "a long title": "title = \"" + fill("a") + "\"", "equals": fill("="), "comments": fill("#\n"),
		"one key": fill("a=1\n"), "escapes": "title = \"" + fill(`\u0041`) + "\"", "many lines": "title = '''" + fill("a\n") + "'''", "digits": "weight = " + fill("1"), "blanks": fill(" "),
	}
}

// Hostile front matter is answered soon and in bounded memory, in a page of the largest
// size and in one just below the limit of front matter; the body stays.
func TestHardHeads(t *testing.T) {
	c, _ := ParseConfig([]byte("title = \"X\""))
	pl, err := c.PlaceOf("x.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{5 << 20, maxHead - 100} {
		for name, head := range hardHeads(size) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			page, problems := Parse(c, pl, []byte("+++\n"+head+"\n+++\n\nthe body\n"))
			runtime.ReadMemStats(&after)
			if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 300 {
				t.Errorf("%s, %d bytes: took %d MiB", name, size, mib)
			}
			if page.Body != "the body\n" || len(problems) > maxFaults {
				t.Errorf("%s, %d bytes: %d problems, body %.20q", name, size, len(problems), page.Body)
			}
			if size > maxHead && (len(problems) == 0 || problems[0].Line == 0 || problems[0].Hint == "") {
				t.Errorf("%s, %d bytes: %v", name, size, problems)
			}
		}
	}
}

// The same texts in site.toml and in a data file do not bring the program down.
func TestHardFiles(t *testing.T) {
	for name, text := range hardHeads(maxHead / 4) {
		_, problem := ParseData([]byte(text))
		c, problems := ParseConfig([]byte("title = \"X\"\n" + text))
		if c == nil {
			t.Error(name)
		}
		if deep := strings.Contains(name, "bra") || strings.Contains(name, "dots"); deep && (problem == nil || problem.Text != nested || problems[len(problems)-1].Text != nested) {
			t.Errorf("%s: %v, %v", name, problem, problems)
		}
	}
}
