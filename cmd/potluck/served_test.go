package main

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// number gives what an environment variable says, else a number that depends on POTLUCK_LONG.
func number(name string, normal, long int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	if os.Getenv("POTLUCK_LONG") != "" {
		return long
	}
	return normal
}

// TestServedIsBuilt: after each of many edits the program that serves gives, at every address
// that changed and now and then at all, the bytes that it wrote to its folder; what is gone
// there is gone here; and the folder is the one that a new build makes. POTLUCK_STEPS and POTLUCK_SEED say how many and which.
func TestServedIsBuilt(t *testing.T) {
	t.Parallel()
	dir, out := newNet(t), filepath.Join(t.TempDir(), "public")
	for _, some := range []string{"agreements", "groups", "practices", "stories"} { // fewer pages to ask for
		if err := os.RemoveAll(filepath.Join(dir, "content", some)); err != nil {
			t.Fatal(err)
		}
	}
	e := &editor{rand.New(rand.NewPCG(uint64(number("POTLUCK_SEED", 1, 1)), 2)), t, dir}
	r := start(t, "serve", "-C", dir, "-out", out)
	before := map[string]string{}
	steps := number("POTLUCK_STEPS", 20, 1000)
	for i := range steps {
		what := e.edit(i)
		e.put("content/step.md", fmt.Sprintf("+++\ntitle = \"Step %d\"\n+++\n\nIt is step number %d.\n", i, i))
		var now map[string]string
		wrong := "it is not served"
		for end := time.Now().Add(20 * time.Second); wrong != ""; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("step %d, %s: %s\n%s", i, what, wrong, r.output())
			}
			if !strings.Contains(r.get("/step/").body, fmt.Sprintf("number %d.", i)) {
				continue
			}
			now = folderFiles(t, out)
			wrong = r.differs(now, before, i%5 == 4 || i == steps-1)
		}
		before = now
		if i%10 == 9 || i == steps-1 {
			git(t, dir, "add", "-A")
			git(t, dir, "-c", "gc.auto=0", "commit", "-qm", fmt.Sprint("Step ", i)) // pages say so
			fresh := filepath.Join(t.TempDir(), "fresh")
			must(t, "build", "-C", dir, "-out", fresh)
			clean := folderFiles(t, fresh)
			for end := time.Now().Add(20 * time.Second); !maps.Equal(before, clean); before = folderFiles(t, out) {
				if time.Now().After(end) {
					t.Fatalf("step %d, %s: a new build makes another folder: %s", i, what, firstOther(before, clean))
				}
				time.Sleep(20 * time.Millisecond)
			}
		}
	}
	r.stop()
}

// firstOther names a file that is not the same in both.
func firstOther(a, b map[string]string) string {
	for _, p := range slices.Sorted(maps.Keys(b)) {
		if was, there := a[p]; !there || was != b[p] {
			return p
		}
	}
	for _, p := range slices.Sorted(maps.Keys(a)) {
		if _, there := b[p]; !there {
			return p
		}
	}
	return ""
}

// folderFiles gives the bytes of all files of a site.
func folderFiles(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".potluck" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() {
			return nil // it was removed meanwhile
		}
		data, _ := os.ReadFile(filepath.Join(dir, p))
		files[p] = string(data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// differs compares what is served with a built folder, whose files before are known: at all
// addresses, or at those whose files changed. Pages that only send readers on are redirects
// when served, and the search page answers by itself.
func (r *running) differs(built, before map[string]string, all bool) string {
	for p, want := range built {
		address := "/" + strings.TrimSuffix(p, "index.html")
		if strings.HasSuffix(p, "search/index.html") || !all && before[p] == want {
			continue
		}
		a := r.getOne(address)
		if a.status == http.StatusMovedPermanently && strings.Contains(want, `"`+a.header.Get("Location")+`"`) {
			continue
		}
		if a.status != http.StatusOK || a.body != want {
			return fmt.Sprintf("%s: %d, %d bytes, and the file has %d", address, a.status, len(a.body), len(want))
		}
	}
	for p := range before {
		if _, there := built[p]; there || strings.HasSuffix(p, "search/index.html") {
			continue
		}
		if a := r.getOne("/" + strings.TrimSuffix(p, "index.html")); a.status != http.StatusNotFound && a.status != http.StatusMovedPermanently {
			return fmt.Sprintf("%s is gone from the folder, and still served: %d", p, a.status)
		}
	}
	return ""
}

// getOne does not go where it is sent.
func (r *running) getOne(path string) answer {
	r.t.Helper()
	resp, err := stays.Get(strings.TrimSuffix(r.url, "/") + path)
	if err != nil {
		r.t.Fatal(err)
	}
	return read(resp)
}

var stays = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// editor changes a network at random, as people with editors do.
type editor struct {
	*rand.Rand
	t   testing.TB
	dir string
}

func (e *editor) put(name, text string) {
	p := filepath.Join(e.dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		e.t.Fatal(err)
	}
	if e.IntN(2) == 0 { // as some editors save
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			e.t.Fatal(err)
		}
		return
	}
	if err := os.WriteFile(p+".tmp", []byte(text), 0o644); err != nil {
		e.t.Fatal(err)
	}
	if err := os.Rename(p+".tmp", p); err != nil {
		e.t.Fatal(err)
	}
}

// page chooses one of the files, and gives its text.
func (e *editor) page() (name, text string) {
	var all []string
	_ = fs.WalkDir(os.DirFS(e.dir), "content", func(p string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(p, ".md") && p != "content/step.md" {
			all = append(all, p)
		}
		return err
	})
	slices.Sort(all)
	name = all[e.IntN(len(all))]
	data, err := os.ReadFile(filepath.Join(e.dir, name))
	if err != nil {
		e.t.Fatal(err)
	}
	return name, string(data)
}

var titleLine = regexp.MustCompile(`(?m)^title = .*$`)

// edit changes something, and says what.
func (e *editor) edit(i int) string {
	name, text := e.page()
	front := func(line string) string { return strings.Replace(text, "+++\n", "+++\n"+line+"\n", 1) }
	switch e.IntN(12) {
	case 0, 1:
		e.put(name, text+fmt.Sprintf("\nMore words, in step %d, and [a way](/resources/).\n", i))
		return "more in " + name
	case 2, 3:
		e.put(name, titleLine.ReplaceAllString(text, fmt.Sprintf("title = \"Titled in step %d\"", i)))
		return "title of " + name
	case 4, 5:
		where := []string{"requests", "offers", "news", "resources", "made/later"}[e.IntN(5)]
		e.put(fmt.Sprintf("content/%s/new-%d.md", where, i), fmt.Sprintf("+++\ntitle = \"New %d\"\ndate = 2026-11-%02d\ncategories = [\"food\"]\nareas = [\"harbor\"]\n+++\n\nNew words.\n", i, 1+i%28))
		return "new page in " + where
	case 6:
		if err := os.Remove(filepath.Join(e.dir, name)); err != nil {
			e.t.Fatal(err)
		}
		return "no " + name
	case 7:
		if !strings.Contains(text, "\nexpires =") {
			e.put(name, front("expires = 2020-01-01"))
		}
		return "expired " + name
	case 8:
		to := strings.TrimSuffix(name, ".md") + "-moved.md"
		if err := os.Rename(filepath.Join(e.dir, name), filepath.Join(e.dir, to)); err != nil {
			e.t.Fatal(err)
		}
		return name + " is " + to
	case 9:
		e.put("content/notes.txt", fmt.Sprint("step ", i))
		return "a file that is no page"
	case 10:
		e.put("themes/commons/layouts/story.html", fmt.Sprintf("{{define \"main\"}}<h1>{{.Title}}</h1>{{.Body}}<p>%d</p>{{end}}", i%3))
		return "a layout"
	}
	conf, err := os.ReadFile(filepath.Join(e.dir, "site.toml"))
	if err != nil {
		e.t.Fatal(err)
	}
	e.put("site.toml", regexp.MustCompile(`(?m)^phone = .*$`).ReplaceAllString(string(conf), fmt.Sprintf("phone = \"+1 555 01%02d\"", i%100)))
	return "the phone"
}
