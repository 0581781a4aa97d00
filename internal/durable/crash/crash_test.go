package crash_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"potluck/internal/durable"
	"potluck/internal/durable/crash"
)

// lost gives all that a disk may hold under name after any moment of act.
func lost(t *testing.T, name string, act func(dir string)) map[string]bool {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	disk, err := crash.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	act(dir)
	disk.Close()
	seen := map[string]bool{}
	for n := range disk.Len() + 1 {
		for range 12 {
			other := filepath.Join(t.TempDir(), "state")
			if err := disk.Restore(other, n, rand.IntN); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(other, name))
			if errors.Is(err, fs.ErrNotExist) {
				got = []byte("nothing")
			} else if err != nil {
				t.Fatal(err)
			}
			seen[string(got)] = true
		}
	}
	return seen
}

// What durable writes is the old or the new; what skips one of its steps may be lost or torn.
func TestStates(t *testing.T) {
	stage := func(dir string) *durable.Temp {
		tmp, err := durable.Stage(filepath.Join(dir, "f"), []byte("new words"), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		return tmp
	}
	for name, c := range map[string]struct {
		act  func(dir string)
		file string
		want string
	}{
		"WriteFile":  {func(dir string) { durable.WriteFile(filepath.Join(dir, "f"), []byte("new words"), 0o600) }, "f", "map[new words:true old:true]"},
		"CreateFile": {func(dir string) { durable.CreateFile(filepath.Join(dir, "g"), []byte("new words"), 0o600) }, "g", "map[new words:true nothing:true]"},
		"Remove":     {func(dir string) { durable.Remove(filepath.Join(dir, "f")) }, "f", "map[nothing:true old:true]"},
		"no sync": {func(dir string) {
			stage(dir).Rename(filepath.Join(dir, "f"))
			durable.SyncDir(dir)
		}, "f", "map[:true \x00\x00\x00\x00\x00\x00\x00\x00\x00:true new :true new words:true old:true]"},
		"in a folder": {func(dir string) {
			durable.MkdirAll(filepath.Join(dir, "d"), 0o700)
			durable.CreateFile(filepath.Join(dir, "d/g"), []byte("new words"), 0o600)
		}, "d/g", "map[new words:true nothing:true]"},
	} {
		if got := fmt.Sprint(lost(t, c.file, c.act)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// At the end of a durable call nothing can be lost any more.
func TestPromise(t *testing.T) {
	dir := t.TempDir()
	disk, err := crash.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		durable.MkdirAll(filepath.Join(dir, "a/b"), 0o700),
		durable.CreateFile(filepath.Join(dir, "a/b/c"), []byte("kept"), 0o600),
		durable.WriteFile(filepath.Join(dir, "a/b/c"), []byte("kept now"), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	disk.Close()
	other := filepath.Join(t.TempDir(), "state")
	if err := disk.Restore(other, disk.Len(), func(int) int { return 0 }); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(other, "a/b/c")); string(got) != "kept now" {
		t.Errorf("%q %v", got, err)
	}
}
