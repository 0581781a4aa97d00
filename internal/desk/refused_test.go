package desk

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestRefusals: each reason for which an organizer may be refused has words in the theme, and
// there are no words that nobody says. A reason without a key is one that the desk's own pages
// cannot lead to; it is shown in English.
func TestRefusals(t *testing.T) {
	key := regexp.MustCompile(`(?:refusal\(|Key: |func \(\w+ \*\w+\) Said\(\)[^\n]*\{\s*return |&Error\{.*, )"([a-z]+(?:-[a-z]+)*)"`)
	what := regexp.MustCompile(`&Conflict\{(?:What: )?"([a-z]+)"`)
	said := map[string]bool{}
	for _, dir := range []string{"../intake", "../vault", "../../cmd/potluck"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, f := range files {
			src, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range slices.Concat(key.FindAllSubmatch(src, -1), what.FindAllSubmatch(src, -1)) {
				if !strings.HasSuffix(f, "_test.go") {
					said[string(m[1])] = true
				}
			}
		}
	}
	words, err := os.ReadFile("../../themes/commons/strings/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(words), "\n[refused]\n")
	section, _, _ = strings.Cut(section, "\n[")
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+) = `).FindAllStringSubmatch(section, -1) {
		if !said[m[1]] {
			t.Errorf("nobody says refused.%s", m[1])
		}
		delete(said, m[1])
	}
	for k := range said {
		t.Errorf("there are no words for refused.%s", k)
	}
}
