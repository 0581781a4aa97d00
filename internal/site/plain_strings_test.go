package site

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

var stringFiles = []string{
	"# c\na = \"b\"\n\n[t]\nx = \"1\"\ny-Z_9.one = \"2\"\n\"in person\" = \"3\"\n[t.u]\nz = \"\"\n", "[a.b]\nc = \"1\"\n[a]\nd = \"2\"\n",
	"[a.b]\nc = \"1\"\n[a]\nb = \"2\"\n", "[a.b]\nc = \"1\"\n[a]\nb.d = \"2\"\n", "[a]\nb.c = \"1\"\n[a.b]\nd = \"2\"\n", "[a]\nb.c = \"1\"\n[a.b.e]\nd = \"2\"\n",
	"a = \"1\"\n[a]\nb = \"2\"\n", "a = \"1\"\n[a.b]\nc = \"2\"\n", "[a]\nb = \"1\"\nb.c = \"2\"\n", "[a]\nb.c = \"1\"\nb = \"2\"\n", "[a]\nb.c = \"1\"\nb.c = \"2\"\n", "[a]\n[a]\n", "[a]\nb = \"1\"\n\"b\" = \"2\"\n",
	"a.b = \"1\"\n\"a.b\" = \"2\"\n", "a = 1\n", "a = \"x\" # c", "a = \"\"\"x\"\"\"", "a = \"\\u00e9\"", "a = 'x'", "[[a]]\nb = \"1\"\n", "[ a ]\n", "[a] # c\n", "[]\n", "[a.]\n", "# \x01\n", "# \t\n", "#\x7f\n", "a = \"\xff\"",
	"\ufeffa = \"1\"\n", "a = \"1\"\r\n", "\"\" = \"1\"\n", ". = \"1\"\n", "a. = \"1\"\n", ".a = \"1\"\n", " a . b = \"1\"\n", "a\n", "= \"1\"\n", "a == \"1\"\n", "\"a\"x = \"1\"\n",
}

// The plain path and the TOML package agree on files of strings, on whatever the plain path takes.
func FuzzPlainStrings(f *testing.F) {
	for _, s := range stringFiles {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		got, ok := plainStrings(src)
		if !ok || tooNested(src) > 0 { // of brackets in its words
			return
		}
		want, err := decodeStrings([]byte(src))
		if err != nil {
			t.Fatalf("%q: plain takes what TOML refuses: %v", src, err)
		}
		if !maps.Equal(got, want) {
			t.Fatalf("%q: %q, TOML gives %q", src, got, want)
		}
	})
}

// Our own strings take the plain path, and say what they said.
func TestPlainStringsOfTheTheme(t *testing.T) {
	files, _ := filepath.Glob("../../themes/commons/strings/*.toml")
	if len(files) < 3 {
		t.Fatalf("only the files %q", files)
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := plainStrings(string(src))
		if !ok {
			t.Errorf("%s is not plain", name)
		}
		if want, err := decodeStrings(src); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %v, or other words than TOML has", name, err)
		}
	}
}
