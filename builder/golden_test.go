package builder

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "accept what golden sites give")

// A golden site is one file: site.toml, content/…, and what should come of it:
// want/PATH a built file, want-files all their paths, want-problems the problems
// with their hints. theme/… lies over the test theme. history has a line for each
// change of a file: day, path, name, reason.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) { golden(t, name) })
	}
}

func golden(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	theme, content, config := testTheme(t), map[string]string{}, ""
	var history map[string][]Change
	for _, f := range a.Files {
		if p, ok := strings.CutPrefix(f.Name, "content/"); ok {
			content[p] = string(f.Data)
		}
		if p, ok := strings.CutPrefix(f.Name, "theme/"); ok {
			theme[p] = string(f.Data)
		}
		if f.Name == "site.toml" {
			config = string(f.Data)
		}
		if f.Name == "history" {
			history = changes(t, string(f.Data))
		}
	}
	in := input(t, config, content)
	in.Theme, in.History, in.Pictures = folder(theme), history, fakePicture
	r := mustBuild(t, New(), in)
	for i := range a.Files {
		f := &a.Files[i]
		got := ""
		p, page := strings.CutPrefix(f.Name, "want/")
		switch {
		case page:
			got = squeeze(file(t, r, "/"+p))
		case f.Name == "want-files":
			got = strings.Join(paths(r), "\n") + "\n"
		case f.Name == "want-problems":
			got = problems(r)
		default:
			continue
		}
		if *update {
			f.Data = []byte(got)
		} else if got != string(f.Data) {
			t.Errorf("%s: got\n%s\nwant\n%s", f.Name, got, f.Data)
		}
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func changes(t *testing.T, lines string) map[string][]Change {
	all := map[string][]Change{}
	for line := range strings.Lines(lines) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 4)
		day, err := time.Parse(time.DateOnly, f[0])
		if err != nil {
			t.Fatal(err)
		}
		all[f[1]] = append(all[f[1]], Change{day, f[2], f[3]})
	}
	return all
}

// squeeze leaves out blank lines, which templates leave behind, and the CR that
// git would take out of the golden file.
func squeeze(s string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if strings.TrimSpace(line) != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
