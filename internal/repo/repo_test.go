package repo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

var (
	ctx  = context.Background()
	ana  = Signature{Name: "Ana"}
	when = time.Date(2026, 11, 3, 14, 0, 0, 0, time.UTC)
)

func TestMain(m *testing.M) {
	for _, kv := range []string{
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_EDITOR=true", "LC_ALL=C",
		"GIT_AUTHOR_NAME=Bo", "GIT_AUTHOR_EMAIL=bo@example.org", "GIT_COMMITTER_NAME=Bo", "GIT_COMMITTER_EMAIL=bo@example.org",
	} {
		k, v, _ := strings.Cut(kv, "=")
		os.Setenv(k, v)
	}
	if dir := os.Getenv("REPO_TEST_CHILD"); dir != "" {
		child(dir)
	}
	code := m.Run()
	if sshHome != "" {
		os.RemoveAll(sshHome)
	}
	os.Exit(code)
}

// network makes a repository with a first commit by git.
func network(t testing.TB) (*Repo, string) {
	t.Helper()
	dir := t.TempDir()
	_, err := Init(dir, false)
	check(t, err)
	write(t, dir, "site.toml", "title = \"x\"\n")
	write(t, dir, "content/index.md", "hello\n")
	write(t, dir, ".gitignore", "/var/\n")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "first")
	r, err := Open(dir)
	check(t, err)
	return r, dir
}

func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := tryGit(dir, args...)
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func tryGit(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return strings.TrimRight(string(out), "\n"), err
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	check(t, os.MkdirAll(filepath.Dir(path), 0o755))
	check(t, os.WriteFile(path, []byte(text), 0o644))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// sound asks git whether everything is in order, and whether nothing of ours is left lying about.
func sound(t testing.TB, dir, status string) {
	t.Helper()
	if out := git(t, dir, "fsck", "--strict", "--no-dangling"); out != "" {
		t.Fatalf("git fsck: %s", out)
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
		equal(t, "git status", git(t, dir, "status", "--porcelain"), status)
	}
	filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(p, ".lock") {
			t.Errorf("left behind: %s", p)
		}
		return nil
	})
}

func proposal(id string) Proposal {
	return Proposal{
		Ref: "refs/potluck/inbox/" + id, Path: "content/requests/2026/11/" + id + ".md",
		Data: []byte("+++\ntitle = \"" + id + "\"\n+++\n"), Message: "request " + id, Author: Signature{Name: "potluck"}, When: when,
		Trailers: []Trailer{{"State", "waiting"}},
	}
}

func publish(path, text string) Change {
	return Change{Files: map[string][]byte{path: []byte(text)}, Message: "publish " + path, Author: ana, When: when}
}

func TestOpenAndInit(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(dir)
	if !errors.Is(err, ErrNoRepo) {
		t.Fatalf("Open of a plain folder: %v", err)
	}
	for _, bare := range []bool{false, true} {
		dir := t.TempDir()
		r, err := Init(dir, bare)
		check(t, err)
		equal(t, "Bare", r.Bare(), bare)
		_, err = r.Head()
		if !errors.Is(err, ErrNoCommit) {
			t.Fatalf("Head: %v", err)
		}
		_, err = r.Propose(ctx, proposal("a"))
		if !errors.Is(err, ErrNoCommit) {
			t.Fatalf("Propose: %v", err)
		}
		if _, ok := r.Identity(); ok {
			t.Fatal("an identity from nowhere")
		}
		h, err := r.Commit(ctx, publish("content/index.md", "hello"))
		check(t, err)
		equal(t, "main", git(t, dir, "rev-parse", "main"), h.String())
		equal(t, "author", git(t, dir, "log", "-1", "--format=%an <%ae> %cn %cI"), "Ana <ana@potluck.invalid> Ana 2026-11-03T14:00:00+00:00")
		sound(t, dir, "")
		git(t, dir, "config", "user.name", "Cy")
		r, err = Init(dir, bare)
		check(t, err)
		if who, ok := r.Identity(); !ok || who.Name != "Cy" {
			t.Fatalf("Identity: %v", who)
		}
	}
}

func TestKindsOfRepositoryThatAreRefused(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q", "--object-format=sha256")
	_, err := Open(dir)
	if !errors.Is(err, ErrFormat) {
		t.Fatalf("sha256: %v", err)
	}
	r, dir := network(t)
	git(t, dir, "checkout", "-q", "-b", "other")
	git(t, dir, "worktree", "add", "-q", filepath.Join(t.TempDir(), "w"), "main")
	if _, err := r.Commit(ctx, publish("a", "b")); !errors.Is(err, ErrFormat) {
		t.Fatalf("main in a linked worktree: %v", err)
	}
	r, dir = network(t)
	git(t, dir, "update-index", "--index-version", "4")
	if _, err := r.Commit(ctx, publish("a", "b")); !errors.Is(err, ErrFormat) {
		t.Fatalf("index 4: %v", err)
	}
	git(t, dir, "update-index", "--index-version", "2")
	git(t, dir, "update-index", "--split-index")
	if _, err := r.Commit(ctx, publish("a", "b")); !errors.Is(err, ErrFormat) {
		t.Fatalf("split index: %v", err)
	}
}

func TestSparseCheckout(t *testing.T) {
	_, dir := network(t)
	write(t, dir, "content/x/a.md", "a")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "x")
	git(t, dir, "sparse-checkout", "set", "content/y")
	r, err := Open(dir)
	check(t, err)
	_, err = r.Commit(ctx, publish("content/y/b.md", "b"))
	check(t, err)
	sound(t, dir, "")
}

func TestProposeAndRecord(t *testing.T) {
	r, dir := network(t)
	main, err := r.Head()
	check(t, err)
	ps := []Proposal{proposal("a"), proposal("b"), proposal("a")}
	hs, err := r.ProposeAll(ctx, ps)
	check(t, err)
	equal(t, "the same twice in a batch", hs[2], hs[0])
	again := proposal("a")
	again.When = when.Add(time.Hour)
	h, err := r.Propose(ctx, again)
	check(t, err)
	equal(t, "the same again", h, hs[0])
	moved := proposal("c")
	moved.Unless = "refs/potluck/inbox/b"
	h, err = r.Propose(ctx, moved)
	check(t, err)
	equal(t, "unless", h, hs[1])
	equal(t, "diff", git(t, dir, "diff", "--name-status", "main", "refs/potluck/inbox/a"), "A\tcontent/requests/2026/11/a.md")
	sound(t, dir, "")

	_, err = r.Commit(ctx, Change{Ref: ps[0].Ref, Old: hs[0], Message: "hold", Author: ana, When: when, Trailers: []Trailer{{"State", "held"}}})
	check(t, err)
	_, err = r.Commit(ctx, Change{Ref: ps[0].Ref, Old: hs[0], Message: "claim", Author: ana, When: when})
	if !errors.Is(err, ErrMoved) {
		t.Fatalf("a second decision on what was: %v", err)
	}
	record, err := r.Record(ps[0].Ref)
	check(t, err)
	equal(t, "length of the record", len(record), 2)
	equal(t, "state", record[0].Trailer("state")+" "+record[1].Trailer("state"), "held waiting")
	equal(t, "parent", record[1].Parent, main)
	equal(t, "trailers as git reads them", git(t, dir, "log", "-1", "--format=%(trailers:key=State,valueonly)", ps[0].Ref), "held")
	data, err := r.ReadAt(ps[0].Ref, ps[0].Path)
	check(t, err)
	equal(t, "data", string(data), string(ps[0].Data))
	refs, err := r.Refs("refs/potluck/inbox/")
	check(t, err)
	equal(t, "refs", len(refs), 2)
	sound(t, dir, "")
}

func TestBadNamesAreRefused(t *testing.T) {
	r, _ := network(t)
	for _, path := range []string{"", ".", "../x", "/x", "a//b", "a/.git/config", ".GIT/x", "a\\b", "git~1/x", "x\x00", "con:x", ".git\u200c/x"} {
		p := proposal("a")
		if p.Path = path; r.mustRefuse(p) {
			t.Errorf("took the path %q", path)
		}
	}
	for _, ref := range []string{"", "HEAD", "main", "refs/../HEAD", "refs/a.lock", "refs/.a", "refs/a b", "refs/a..b", "refs/a/", "refs/a\n"} {
		p := proposal("a")
		if p.Ref = ref; r.mustRefuse(p) {
			t.Errorf("took the ref %q", ref)
		}
	}
}

func (r *Repo) mustRefuse(p Proposal) bool { _, err := r.Propose(ctx, p); return err == nil }

func TestMoveAndDeleteRefs(t *testing.T) {
	for _, packed := range []bool{false, true} {
		r, dir := network(t)
		from, to := "refs/potluck/inbox/a", "refs/potluck/done/a"
		h, err := r.Propose(ctx, proposal("a"))
		check(t, err)
		_, err = r.Propose(ctx, proposal("b"))
		check(t, err)
		git(t, dir, "tag", "-a", "-m", "t", "v1")
		if packed {
			git(t, dir, "pack-refs", "--all")
		}
		for range 2 {
			check(t, r.MoveRef(ctx, from, to))
			equal(t, "moved", git(t, dir, "rev-parse", to), h.String())
			equal(t, "refs", git(t, dir, "for-each-ref", "--format=%(refname)", "refs/potluck"), to+"\nrefs/potluck/inbox/b")
		}
		if err := r.DeleteRef(ctx, to, ParseHash(strings.Repeat("1", 40))); !errors.Is(err, ErrMoved) {
			t.Fatalf("delete of another: %v", err)
		}
		check(t, r.DeleteRef(ctx, to, h))
		check(t, r.DeleteRef(ctx, to, h))
		if _, err := r.Ref(to); !errors.Is(err, ErrNotFound) {
			t.Fatalf("deleted ref: %v", err)
		}
		if err := r.MoveRef(ctx, from, to); !errors.Is(err, ErrNotFound) {
			t.Fatalf("move of nothing: %v", err)
		}
		equal(t, "tag", git(t, dir, "rev-parse", "v1^{}"), git(t, dir, "rev-parse", "main"))
		sound(t, dir, "")
	}
}

func TestCommitWhereMainIsCheckedOut(t *testing.T) {
	r, dir := network(t)
	path := "content/offers/2026/11/a.md"
	write(t, dir, "content/index.md", "unsaved\n")
	write(t, dir, "site.toml", "staged\n")
	write(t, dir, "content/new.md", "untracked\n")
	git(t, dir, "add", "site.toml")
	status := "M  site.toml\n M content/index.md\n?? content/new.md"
	if got := git(t, dir, "status", "--porcelain"); got != " M content/index.md\nM  site.toml\n?? content/new.md" {
		t.Fatal(got)
	}
	status = " M content/index.md\nM  site.toml\n?? content/new.md"
	for _, text := range []string{"one\n", "two\n"} {
		for range 2 {
			h, err := r.Commit(ctx, publish(path, text))
			check(t, err)
			equal(t, "on main", git(t, dir, "show", "main:"+path)+"\n", text)
			equal(t, "head", git(t, dir, "rev-parse", "HEAD"), h.String())
			sound(t, dir, status)
			equal(t, "staged", git(t, dir, "diff", "--cached", "--name-only"), "site.toml")
		}
	}
	equal(t, "commits", git(t, dir, "rev-list", "--count", "main"), "3")

	for _, c := range []Change{publish("content/index.md", "ours"), publish("site.toml", "ours"), publish("content/new.md", "ours"),
		{Files: map[string][]byte{"site.toml": nil}, Message: "m", Author: ana, When: when}, publish("content/new.md/x", "ours")} {
		if _, err := r.Commit(ctx, c); !errors.Is(err, ErrUnsaved) {
			t.Fatalf("over an unsaved edit: %v", err)
		}
		sound(t, dir, status)
	}
	git(t, dir, "commit", "-qm", "staged")
	equal(t, "still there after the organizer's commit", git(t, dir, "show", "main:"+path), "two")

	c := publish(path, "")
	c.Files[path] = nil
	for range 2 {
		_, err := r.Commit(ctx, c)
		check(t, err)
		if _, err := os.Stat(filepath.Join(dir, "content/offers")); err == nil {
			t.Fatal("withdrawn, and still in the working tree")
		}
		sound(t, dir, " M content/index.md\n?? content/new.md")
	}
}

func TestManyFilesInOneCommit(t *testing.T) {
	r, dir := network(t)
	c := publish("content/b/x.md", "x")
	for i := range 50 {
		c.Files[fmt.Sprintf("content/resources/%d/%d.md", i%3, i)] = []byte(fmt.Sprint(i))
	}
	_, err := r.Commit(ctx, c)
	check(t, err)
	sound(t, dir, "")
	equal(t, "files", len(strings.Fields(git(t, dir, "ls-files"))), 54)
}

func TestExpect(t *testing.T) {
	r, _ := network(t)
	c := publish("content/index.md", "new")
	c.Expect = map[string]Hash{"content/index.md": BlobHash([]byte("older\n"))}
	if _, err := r.Commit(ctx, c); !errors.Is(err, ErrMoved) {
		t.Fatalf("over a newer edit: %v", err)
	}
	c.Expect["content/index.md"] = BlobHash([]byte("hello\n"))
	for range 2 {
		_, err := r.Commit(ctx, c)
		check(t, err)
	}
}

func TestCommitElsewhere(t *testing.T) {
	r, dir := network(t)
	git(t, dir, "checkout", "-q", "-b", "draft")
	_, err := r.Commit(ctx, publish("content/a.md", "a"))
	check(t, err)
	sound(t, dir, "")
	if _, err := os.Stat(filepath.Join(dir, "content/a.md")); err == nil {
		t.Fatal("written to another branch's working tree")
	}
	bare := t.TempDir()
	git(t, bare, "clone", "-q", "--bare", dir, ".")
	b, err := Open(bare)
	check(t, err)
	_, err = b.Commit(ctx, publish("content/b.md", "b"))
	check(t, err)
	equal(t, "in the bare one", git(t, bare, "show", "main:content/b.md"), "b")
	sound(t, bare, "")
}

func TestRefusedInTheMiddleOfSomething(t *testing.T) {
	for _, command := range []string{"merge", "rebase", "cherry-pick", "revert"} {
		r, dir := network(t)
		git(t, dir, "checkout", "-q", "-b", "side")
		write(t, dir, "content/index.md", "side\n")
		git(t, dir, "commit", "-qam", "side")
		git(t, dir, "checkout", "-q", "main")
		write(t, dir, "content/index.md", "main\n")
		git(t, dir, "commit", "-qam", "main")
		write(t, dir, "content/index.md", "later\n")
		git(t, dir, "commit", "-qam", "later")
		target := "side"
		if command == "revert" {
			target = "HEAD~1"
		}
		if out, err := tryGit(dir, command, target); err == nil {
			t.Fatalf("git %s went through: %s", command, out)
		}
		_, err := r.Commit(ctx, publish("content/a.md", "a"))
		if !errors.Is(err, ErrInProgress) || err.(*Error).Hint() == "" {
			t.Fatalf("during a %s: %v", command, err)
		}
		git(t, dir, command, "--abort")
		_, err = r.Commit(ctx, publish("content/a.md", "a"))
		check(t, err)
		sound(t, dir, "")
	}
}

func TestUnsolvedConflictIsNotTakenForSaved(t *testing.T) {
	r, dir := network(t)
	write(t, dir, "content/index.md", "stash\n")
	git(t, dir, "stash", "-q")
	write(t, dir, "content/index.md", "main\n")
	git(t, dir, "commit", "-qam", "main")
	tryGit(dir, "stash", "pop")
	_, err := r.Commit(ctx, publish("content/index.md", "ours\n"))
	if !errors.Is(err, ErrUnsaved) {
		t.Fatalf("over a conflict: %v", err)
	}
	_, err = r.Commit(ctx, publish("content/a.md", "a"))
	check(t, err)
	sound(t, dir, "UU content/index.md")
}

func TestIndexKeepsWhatWeDoNotKnow(t *testing.T) {
	r, dir := network(t)
	write(t, dir, "content/later.md", "x")
	git(t, dir, "add", "-N", "content/later.md")
	git(t, dir, "update-index", "--assume-unchanged", "site.toml")
	git(t, dir, "update-index", "--skip-worktree", "content/index.md")
	before := git(t, dir, "ls-files", "-v", "-s")
	_, err := r.Commit(ctx, publish("content/a.md", "a"))
	check(t, err)
	git(t, dir, "rm", "-q", "--cached", "content/a.md")
	equal(t, "index", git(t, dir, "ls-files", "-v", "-s"), before)
}

func TestFS(t *testing.T) {
	r, dir := network(t)
	write(t, dir, "a/x.md", "1")
	write(t, dir, "a-b/y.md", "2")
	write(t, dir, "a.md", "3")
	check(t, os.Chmod(filepath.Join(dir, "a.md"), 0o755))
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "more")
	git(t, dir, "tag", "-am", "t", "v1")
	for _, rev := range []string{"HEAD", "main", "v1", git(t, dir, "rev-parse", "HEAD")} {
		fsys, err := r.FS(rev)
		check(t, err)
		check(t, fstest.TestFS(fsys, "a/x.md", "a-b/y.md", "a.md", "content/index.md"))
	}
	check(t, os.Symlink("a.md", filepath.Join(dir, "link")))
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "link")
	fsys, err := r.FS("main")
	check(t, err)
	list, err := fs.ReadDir(fsys, ".")
	check(t, err)
	for _, e := range list {
		equal(t, e.Name(), e.Type()&fs.ModeSymlink != 0, e.Name() == "link")
	}
	if _, err := fs.ReadFile(fsys, "link"); err == nil {
		t.Fatal("followed a link")
	}
	if _, err := r.ReadAt("main", "nope.md"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("ReadAt: %v", err)
	}
	if _, err := r.FS("nope"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("FS: %v", err)
	}
}

func TestReadingAfterGC(t *testing.T) {
	r, dir := network(t)
	_, err := r.ProposeAll(ctx, []Proposal{proposal("a"), proposal("b")})
	check(t, err)
	for range 3 {
		_, err := r.ReadAt("refs/potluck/inbox/a", proposal("a").Path)
		check(t, err)
		write(t, dir, "content/n.md", time.Now().String())
		git(t, dir, "add", ".")
		git(t, dir, "commit", "-qm", "n")
		git(t, dir, "gc", "-q", "--prune=now")

		_, err = r.ReadAt("main", "content/n.md")
		check(t, err)
		_, err = r.Propose(ctx, proposal(fmt.Sprint(time.Now().UnixNano())))
		check(t, err)
	}
	sound(t, dir, "")
}

// A large object that was found stays readable when git gc takes its pack away at once.
func TestLargeObjectStays(t *testing.T) {
	r, dir := network(t)
	large := strings.Repeat("A line of a long page, which does not end soon.\n", 1000)
	write(t, dir, "content/large.md", large)
	for range 400 { // so many files that their folder is a large object
		write(t, dir, fmt.Sprintf("content/many/%s.md", rand.Text()), "one of many")
	}
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "large")
	for _, name := range []string{"main:content/large.md", "main:content/many"} {
		git(t, dir, "gc", "-q", "--prune=now")
		h := ParseHash(git(t, dir, "rev-parse", name))
		obj, err := r.read.get(plumbing.AnyObject, h)
		check(t, err)
		git(t, dir, "commit", "-q", "--allow-empty", "-m", "another pack")
		git(t, dir, "gc", "-q", "--prune=now")
		data, err := contents(obj)
		check(t, err)
		equal(t, name, plumbing.ComputeHash(obj.Type(), data), h)
	}
}

func TestOneHandler(t *testing.T) {
	r, dir := network(t)
	release, err := r.LockHandler()
	check(t, err)
	other, err := Open(dir)
	check(t, err)
	if _, err := other.LockHandler(); !errors.Is(err, ErrBusy) {
		t.Fatalf("two handlers: %v", err)
	}
	release()
	release, err = other.LockHandler()
	check(t, err)
	release()
}
