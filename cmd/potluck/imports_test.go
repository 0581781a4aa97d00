package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// table is the design's table of packages: what each may import of ours, and
// which third-party module it is the one door to. A package may import less.
var table = map[string]struct {
	ours   string
	others string
}{
	".":                      {"", ""},
	"internal/durable":       {"", ""},
	"internal/durable/crash": {"internal/durable", ""},
	"internal/site":          {"", "github.com/BurntSushi/toml"},
	"internal/search":        {"internal/site", "golang.org/x/text"},
	"builder":                {"internal/site internal/search", "github.com/yuin/goldmark github.com/microcosm-cc/bluemonday github.com/andybalholm/brotli golang.org/x/text"},
	"internal/repo":          {"internal/site internal/durable", "github.com/go-git/go-git/v5 github.com/go-git/go-billy/v5"},
	"internal/vault":         {"internal/site internal/durable", "filippo.io/age golang.org/x/crypto/ssh"},
	"internal/notify":        {"internal/durable", "github.com/wneessen/go-mail"},
	"internal/intake":        {"internal/site", ""},
	"formhandler":            {"internal/site internal/intake internal/search", ""},
	"internal/desk":          {"internal/site internal/intake", ""},
	"internal/exchange":      {"internal/site", "go.yaml.in/yaml/v3"},
	"internal/pictures":      {"internal/durable", "golang.org/x/image"},
	"internal/watch":         {"", "github.com/fsnotify/fsnotify"},
	"internal/qr":            {"", "rsc.io/qr"},
	"internal/outside":       {"internal/durable", ""},
	"cmd/potluck": {". builder formhandler internal/durable internal/site internal/search internal/repo internal/vault " +
		"internal/notify internal/intake internal/desk internal/exchange internal/pictures internal/watch internal/qr internal/outside", ""},
}

// reasons says, for each third-party module, why it is here.
var reasons = map[string]string{
	"github.com/BurntSushi/toml":         "given by the owner: site.toml and front matter",
	"github.com/yuin/goldmark":           "given by the owner: Markdown",
	"github.com/microcosm-cc/bluemonday": "an allow list for HTML in organizers' pages",
	"github.com/andybalholm/brotli":      "pages a tenth smaller than gzip makes them, in Go alone; the standard library has none",
	"github.com/go-git/go-git/v5":        "given by the owner: git objects, trees, packs and transport",
	"github.com/go-git/go-billy/v5":      "go-git's own file system interface; nothing else comes with it",
	"github.com/fsnotify/fsnotify":       "given by the owner: changes of files",
	"filippo.io/age":                     "sealing that stock tools open",
	"github.com/wneessen/go-mail":        "mail by the submission ports, with TLS, SCRAM and time limits; net/smtp is frozen",
	"golang.org/x/crypto":                "SSH keys under a passphrase, for organizers who read with theirs; tests: an SSH server",
	"golang.org/x/image":                 "reading WebP and scaling pictures",
	"golang.org/x/text":                  "Unicode normal forms for search; numbers as each language writes them",
	"go.yaml.in/yaml/v3":                 "front matter of Jekyll sites, for the importer",
	"rsc.io/qr":                          "the QR code on posters and booklets: two thousand lines of tables that we need not own",
	"github.com/rogpeppe/go-internal":    "tests: scripts that run the real program, and txtar",
}

// testOnly modules may be imported by any test.
var testOnly = []string{"github.com/rogpeppe/go-internal", "golang.org/x/crypto"}

func TestImportTable(t *testing.T) {
	for dir, files := range sources(t) {
		row, ok := table[dir]
		if !ok {
			t.Errorf("%s: the design's table has no such package", dir)
			continue
		}
		for _, file := range files {
			for _, imp := range imports(t, file) {
				checkImport(t, file, imp, row.ours, row.others)
			}
		}
	}
}

func checkImport(t *testing.T, file, imp, ours, others string) {
	t.Helper()
	if imp == "potluck" || strings.HasPrefix(imp, "potluck/") {
		own := strings.TrimPrefix(strings.TrimPrefix(imp, "potluck"), "/")
		if own == "" {
			own = "."
		}
		if !slices.Contains(strings.Fields(ours), own) && own != path.Dir(filepath.ToSlash(file)) && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s imports %s, which the table does not allow", file, own)
		}
		return
	}
	if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") {
		return // standard library
	}
	within := func(m string) bool { return imp == m || strings.HasPrefix(imp, m+"/") }
	if slices.ContainsFunc(strings.Fields(others), within) || strings.HasSuffix(file, "_test.go") && slices.ContainsFunc(testOnly, within) {
		return
	}
	t.Errorf("%s imports %s, and is not its door", file, imp)
}

// TestReasons holds go.mod's direct modules and the reasons together.
func TestReasons(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var direct []string
	for line := range strings.Lines(string(mod)) {
		f := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(f) < 2 || !strings.HasPrefix(f[1], "v") || strings.Contains(line, "// indirect") {
			continue
		}
		direct = append(direct, f[0])
		if len(f) < 4 || f[2] != "//" {
			t.Errorf("go.mod does not say why %s is there", f[0])
		}
		if reasons[f[0]] == "" {
			t.Errorf("no reason is given for %s", f[0])
		}
	}
	if len(direct) == 0 {
		t.Error("go.mod names no module")
	}
	for _, m := range slices.Sorted(maps.Keys(reasons)) {
		if !slices.Contains(direct, m) {
			t.Errorf("a reason is given for %s, which go.mod does not name", m)
		}
	}
}

// sources lists the Go files of this module by folder, from the module's root,
// where the test then stands; internal/e2e is a module of its own.
func sources(t *testing.T) map[string][]string {
	t.Chdir("../..")
	files := map[string][]string{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || p == filepath.Join("internal", "e2e") || p == "potluck-demo"):
			return filepath.SkipDir
		case strings.HasSuffix(p, ".go"):
			dir := filepath.ToSlash(filepath.Dir(p))
			files[dir] = append(files[dir], p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func imports(t *testing.T, file string) []string {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, imp := range f.Imports {
		p, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}

// TestPackageComments: every package says what it is for.
func TestPackageComments(t *testing.T) {
	for dir, files := range sources(t) {
		said := false
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			said = said || f.Doc != nil && len(f.Doc.Text()) > 80
		}
		if !said {
			t.Errorf("%s has no package comment that says what it is for", dir)
		}
	}
}
