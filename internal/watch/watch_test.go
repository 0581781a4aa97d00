package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, parts ...string) {
	t.Helper()
	p := filepath.Join(parts...)
	must(t, os.MkdirAll(filepath.Dir(p), 0o755))
	must(t, os.WriteFile(p, []byte(time.Now().String()), 0o644))
}

func watch(t *testing.T, dir string, opts Options) *Watcher {
	t.Helper()
	w, err := New([]string{dir}, opts)
	must(t, err)
	t.Cleanup(w.Close)
	return w
}

// rings tells whether the bell rings soon.
func (w *Watcher) rings() bool {
	select {
	case <-w.C:
		return true
	case <-time.After(5 * time.Second):
		return false
	}
}

// still tells that the bell does not ring for a moment.
func (w *Watcher) still(moment time.Duration) bool {
	select {
	case <-w.C:
		return false
	case <-time.After(moment):
		return true
	}
}

// settle waits until the bell is still: a busy machine may make two bursts of one.
func (w *Watcher) settle() {
	for !w.still(150 * time.Millisecond) {
	}
}

func TestRings(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "content/a.md")
	write(t, dir, "content/var/a.md")
	w := watch(t, dir, Options{})
	for _, c := range []struct {
		what string
		do   func()
	}{
		{"change", func() { write(t, dir, "content/a.md") }},
		{"new file", func() { write(t, dir, "content/b.md") }},
		{"remove", func() { must(t, os.Remove(filepath.Join(dir, "content/b.md"))) }},
		{"save by rename", func() {
			write(t, dir, "content/.a.md.tmp")
			must(t, os.Rename(filepath.Join(dir, "content/.a.md.tmp"), filepath.Join(dir, "content/a.md")))
		}},
		{"folders made later", func() { write(t, dir, "content/x/y/z/a.md") }},
		{"file in a folder made later", func() { write(t, dir, "content/x/y/z/b.md") }},
		{"folder var further down", func() { write(t, dir, "content/var/a.md") }},
		{"folder moved", func() {
			must(t, os.Rename(filepath.Join(dir, "content/x"), filepath.Join(dir, "content/w")))
		}},
		{"file in a folder moved", func() { write(t, dir, "content/w/y/z/b.md") }},
		{"folder removed", func() { must(t, os.RemoveAll(filepath.Join(dir, "content/w"))) }},
	} {
		c.do()
		if !w.rings() {
			t.Fatalf("%s: no ring", c.what)
		}
		w.settle()
	}
}

func TestDoesNotRing(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "content/a.md")
	write(t, dir, "public/a.html")
	write(t, dir, ".git/HEAD")
	write(t, dir, "var/spool/a")
	pass := func(name string) bool { return name == ".git" || strings.HasSuffix(name, "~") }
	w := watch(t, dir, Options{Ignore: []string{filepath.Join(dir, "public")}, Pass: pass})
	for _, p := range []string{"public/a.html", "public/x/b.html", ".git/HEAD", ".git/refs/a", "var/spool/b", "content/a.md~", "content/old~/a.md"} {
		write(t, dir, p)
	}
	must(t, os.Chmod(filepath.Join(dir, "content/a.md"), 0o600))
	if !w.still(150 * time.Millisecond) {
		t.Error("it rang")
	}
}

func TestBurstRingsOnceThenAtLatest(t *testing.T) {
	dir := t.TempDir()
	w := watch(t, dir, Options{Quiet: 500 * time.Millisecond, Max: time.Hour})
	for range 200 {
		write(t, dir, "a.md")
	}
	if !w.rings() || !w.still(700*time.Millisecond) {
		t.Error("a burst should ring once")
	}
	w = watch(t, dir, Options{Quiet: time.Hour, Max: 50 * time.Millisecond})
	write(t, dir, "a.md")
	if !w.rings() {
		t.Error("no ring at the latest")
	}
}

func TestFallsBackToLooking(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "content/a.md")
	full := func(f *fsnotify.Watcher, p string) error {
		if strings.HasSuffix(p, "full") {
			return syscall.ENOSPC
		}
		return f.Add(p)
	}
	pass := func(name string) bool { return name == ".git" }
	w := watch(t, dir, Options{Poll: 20 * time.Millisecond, Pass: pass, add: full})
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	write(t, dir, "content/full/a.md")
	if !w.rings() || w.Err() == nil || !strings.Contains(w.Err().Error(), "fs.inotify.max_user_watches") {
		t.Fatalf("got %v", w.Err())
	}
	w.settle()
	for _, p := range []string{"content/a.md", "content/full/b.md"} {
		write(t, dir, p)
		if !w.rings() {
			t.Errorf("%s: no ring", p)
		}
	}
	w.settle()
	write(t, dir, ".git/HEAD")
	if !w.still(150 * time.Millisecond) {
		t.Error("it rang for a hidden folder")
	}
}

func TestCloseAndMissing(t *testing.T) {
	w, err := New([]string{t.TempDir()}, Options{})
	must(t, err)
	w.Close()
	if _, ok := <-w.C; ok {
		t.Error("C is open after Close")
	}
	if _, err := New([]string{filepath.Join(t.TempDir(), "no")}, Options{}); err == nil {
		t.Error("a missing folder is no error")
	}
}

// What was touched is named, a new folder for all below it; once it is told, it is
// forgotten. The first time it is asked, anything may have changed.
func TestTouched(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "content/a.md")
	w := watch(t, dir, Options{})
	if got := w.Touched(); got != nil {
		t.Errorf("at first %q", got)
	}
	write(t, dir, "content/a.md")
	must(t, os.Mkdir(filepath.Join(dir, "new"), 0o755))
	must(t, os.Rename(filepath.Join(dir, "content/a.md"), filepath.Join(dir, "content/b.md")))
	w.rings()
	w.settle()
	got := w.Touched()
	slices.Sort(got)
	if want := []string{"content/a.md", "content/b.md", "new"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := w.Touched(); got == nil || len(got) > 0 {
		t.Errorf("told twice: %q", got)
	}
}

// Ten thousand folders are watched, and a change in the last of them rings.
func TestManyFolders(t *testing.T) {
	n := 300
	if os.Getenv("POTLUCK_LONG") != "" {
		n = 10_000
	}
	dir := t.TempDir()
	folder := func(i int) string {
		return filepath.Join(dir, "content", fmt.Sprint(i%100), fmt.Sprint(i))
	}
	for i := range n {
		must(t, os.MkdirAll(folder(i), 0o755))
	}
	start := time.Now()
	w := watch(t, dir, Options{})
	if w.Err() != nil {
		t.Skip(w.Err()) // the limit of this machine is lower
	}
	t.Logf("watching %d folders after %s", n, time.Since(start))
	for _, i := range []int{0, n / 2, n - 1} {
		start := time.Now()
		write(t, folder(i), "a.md")
		if !w.rings() {
			t.Fatalf("folder %d: no ring", i)
		}
		t.Logf("folder %d rang after %s", i, time.Since(start))
		w.settle()
	}
}
