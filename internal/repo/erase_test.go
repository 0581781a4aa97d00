package repo

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestErase: no object is left of what only an erased ref needed, loose or packed; what main
// needs, also deep in its history, is still there.
func TestErase(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	for _, gc := range []string{"", "gc -q", "gc -q --prune=now", "repack -a -d -q"} {
		r, err := Init(t.TempDir(), false)
		if err != nil {
			t.Fatal(err)
		}
		run := func(args ...string) string {
			out, err := exec.Command("git", append([]string{"-C", r.work}, args...)...).CombinedOutput()
			if err != nil {
				t.Fatalf("git %v: %v %s", args, err, out)
			}
			return string(out)
		}
		who, now := Signature{Name: "June"}, time.Now()
		commit := func(ref, path, data string) {
			files := map[string][]byte{path: []byte(data)}
			if data == "" {
				files[path] = nil
			}
			if _, err := r.Commit(t.Context(), Change{Ref: ref, Files: files, Message: "m", Author: who, When: now}); err != nil {
				t.Fatal(err)
			}
		}
		commit("", "content/index.md", "home")
		for _, id := range []string{"a", "b"} {
			p := Proposal{Ref: "refs/potluck/inbox/" + id, Path: "content/x/" + id + ".md", Data: []byte("words of " + id), Message: "m", Author: who, When: now}
			if _, err := r.Propose(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			commit(p.Ref, p.Path, "second words of "+id)
		}
		commit("", "content/x/b.md", "words of b") // b was public for a while
		commit("", "content/x/b.md", "")
		commit("", "content/index.md", "home again")
		if gc != "" {
			run(strings.Fields(gc)...)
		}
		for range 2 {
			if err := r.Erase(t.Context(), "refs/potluck/inbox/a", "refs/potluck/inbox/b"); err != nil {
				t.Fatal(err)
			}
		}
		back := exec.Command("git", "-C", r.work, "hash-object", "-w", "--stdin") // as a repack that began before
		back.Stdin = strings.NewReader("second words of a")
		if out, err := back.CombinedOutput(); err != nil {
			t.Fatal(err, string(out))
		}
		if err := r.Erase(t.Context()); err != nil {
			t.Fatal(err)
		}
		old := now.Add(-2 * time.Hour)
		if err := os.Chtimes(r.path("potluck-erase"), old, old); err != nil {
			t.Fatal(err)
		}
		if err := r.Erase(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"potluck-erase", "gc.pid"} {
			if _, err := os.Stat(r.path(name)); err == nil {
				t.Errorf("%s is left", name)
			}
		}
		run("fsck", "--strict")
		all := run("cat-file", "--batch-all-objects", "--batch", "--unordered")
		for text, want := range map[string]bool{"words of a": false, "second words": false, "words of b": true, "home again": true} {
			if strings.Contains(all, text) != want {
				t.Errorf("after git %s, %q is there: %v", gc, text, !want)
			}
		}
		if out := run("fsck", "--unreachable", "--no-reflogs"); out != "" {
			t.Errorf("after git %s: %s", gc, out)
		}
	}
}
