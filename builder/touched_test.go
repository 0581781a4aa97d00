package builder

import (
	"io/fs"
	"testing"
)

// closedFS fails the test when anything is looked at.
type closedFS struct{ t *testing.T }

func (c closedFS) Open(name string) (fs.File, error) {
	c.t.Errorf("%s was looked at", name)
	return nil, fs.ErrNotExist
}

// When it is only later than at the last build, and nothing was touched, no file is
// looked at to take away what has expired.
func TestLaterLooksAtNoFile(t *testing.T) {
	in := input(t, tinyConfig, map[string]string{"news/a.md": "+++\ntitle = \"A\"\nexpires = 2026-11-24T10:00:00Z\n+++\n", "news/b.md": titled("B")})
	b := New()
	first := mustBuild(t, b, in)
	if _, _, ok := first.Lookup("/news/a/"); !ok || first.NextChange.IsZero() {
		t.Fatal("the page is not there, or its end is not known")
	}
	in.Content, in.Theme, in.Touched, in.Now = closedFS{t}, closedFS{t}, []string{}, first.NextChange
	then := mustBuild(t, b, in)
	if _, _, ok := then.Lookup("/news/a/"); ok {
		t.Error("the page that expired is still there")
	}
	if !then.NextChange.IsZero() {
		t.Errorf("it is to change again: %s", then.NextChange)
	}
}
