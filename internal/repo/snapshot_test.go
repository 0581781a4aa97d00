package repo

import (
	"errors"
	"testing"
)

// A snapshot's branch has no history of main's, holds its files and no others,
// and grows by a commit only where they changed.
func TestSnapshot(t *testing.T) {
	r, dir := network(t)
	take := func(ref string, files map[string][]byte) (Hash, error) {
		return r.Snapshot(ctx, Snapshot{Ref: ref, Files: files, Message: "site", Author: ana, When: when})
	}
	first, err := take("refs/heads/pages", map[string][]byte{"index.html": []byte("one"), "a/index.html": []byte("a")})
	check(t, err)
	again, err := take("refs/heads/pages", map[string][]byte{"index.html": []byte("one"), "a/index.html": []byte("a")})
	check(t, err)
	if first != again {
		t.Errorf("the same files made a new commit: %s, %s", first, again)
	}
	_, err = take("refs/heads/pages", map[string][]byte{"index.html": []byte("two"), "a": []byte("now a file")})
	check(t, err)
	if got := git(t, dir, "ls-tree", "-r", "--name-only", "pages"); got != "a\nindex.html" {
		t.Errorf("the branch holds %q", got)
	}
	if got := git(t, dir, "log", "--format=%an %s", "pages"); got != "Ana site\nAna site" {
		t.Errorf("log: %q", got)
	}
	git(t, dir, "fsck", "--strict")
	if got := git(t, dir, "status", "--porcelain"); got != "" {
		t.Errorf("status: %q", got)
	}
	if _, err := take(Main, nil); !errors.Is(err, ErrExists) {
		t.Errorf("onto main: %v", err)
	}
	git(t, dir, "checkout", "-q", "pages")
	if _, err := take("refs/heads/pages", nil); !errors.Is(err, ErrExists) {
		t.Errorf("onto what is checked out: %v", err)
	}
}
