package repo

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var carriers = map[string]func(*Repo, Remote) carrier{
	"git":    func(r *Repo, to Remote) carrier { return &program{r, to} },
	"go-git": func(r *Repo, to Remote) carrier { return &wire{r, to} },
}

// far is a remote, with a clone of somebody who pushes there.
type far struct {
	t           testing.TB
	dir, clone  string
	to          Remote
	near        *Repo
	nearDir     string
	makeCarrier func(*Repo, Remote) carrier
}

func (f *far) sync() error { return f.near.syncBy(ctx, f.to, f.makeCarrier(f.near, f.to)) }

// elsewhere commits a file in the clone and pushes it.
func (f *far) elsewhere(name, text string) {
	f.t.Helper()
	git(f.t, f.clone, "pull", "-q", "--rebase", "origin", "main")
	write(f.t, f.clone, name, text)
	git(f.t, f.clone, "add", name)
	git(f.t, f.clone, "commit", "-qm", "elsewhere: "+name)
	git(f.t, f.clone, "push", "-q", "origin", "HEAD:main")
}

func (f *far) here(name, text string) {
	f.t.Helper()
	_, err := f.near.Commit(ctx, publish(name, text))
	check(f.t, err)
}

func (f *far) same() {
	f.t.Helper()
	equal(f.t, "main there", git(f.t, f.dir, "rev-parse", "main"), git(f.t, f.nearDir, "rev-parse", "main"))
	equal(f.t, "refs there", git(f.t, f.dir, "for-each-ref", "--format=%(refname)"), Main)
	git(f.t, f.dir, "fsck", "--strict")
	s, err := f.near.Standing(f.to)
	check(f.t, err)
	if s.Ahead+s.Behind > 0 || s.Error != "" || s.Met.IsZero() {
		f.t.Errorf("standing: %+v", s)
	}
}

// TestSync: over HTTP and SSH, by the git program and by go-git, where main is checked out and where
// it is bare; in short runs each of them twice.
func TestSync(t *testing.T) {
	t.Parallel()
	startSSH()
	for how, makeCarrier := range carriers {
		for over, serve := range map[string]func(testing.TB, string) string{"http": serveHTTP, "ssh": serveSSH} {
			for _, bare := range []bool{false, true} {
				if bare == (how == "git") == (over == "ssh") && rounds(0, 1) == 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s over %s, bare %v", how, over, bare), func(t *testing.T) {
					t.Parallel()
					if _, err := exec.LookPath("ssh"); err != nil && how == "git" && over == "ssh" {
						t.Skip("no ssh program")
					}
					f := &far{t: t, dir: bareRepo(t), clone: t.TempDir(), makeCarrier: makeCarrier}
					f.to.URL = serve(t, f.dir)
					f.near, f.nearDir = network(t)
					if bare {
						from := f.nearDir
						f.nearDir = t.TempDir()
						git(t, f.nearDir, "clone", "-q", "--bare", from, ".")
						var err error
						f.near, err = Open(f.nearDir)
						check(t, err)
					}
					f.walk(bare)
				})
			}
		}
	}
}

func (f *far) walk(bare bool) {
	t := f.t
	_, err := f.near.Propose(ctx, proposal("waits"))
	check(t, err)
	for range 2 {
		check(t, f.sync()) // into an empty repository
		f.same()
	}
	git(t, f.clone, "clone", "-q", f.dir, ".")
	f.elsewhere("content/theirs.md", "theirs")
	f.elsewhere("content/run.sh", "#!")
	git(t, f.clone, "update-index", "--chmod=+x", "content/run.sh")
	git(t, f.clone, "commit", "-qm", "run")
	git(t, f.clone, "push", "-q", "origin", "HEAD:main")
	git(t, f.clone, "checkout", "-q", "--", ".")
	check(t, f.sync())
	f.same()
	f.here("content/one.md", "one")
	f.here("content/two.md", "two")
	f.elsewhere("content/theirs.md", "theirs again")
	git(t, f.clone, "rm", "-q", "content/index.md")
	git(t, f.clone, "commit", "-qm", "elsewhere: no index")
	git(t, f.clone, "push", "-q", "origin", "HEAD:main")
	check(t, f.sync())
	f.same()
	log := git(t, f.dir, "log", "--format=%an %s", "-4", "main")
	want := "Ana publish content/two.md\nAna publish content/one.md\nBo elsewhere: no index\nBo elsewhere: content/theirs.md"
	equal(t, "log", log, want)
	f.here("content/both.md", "the same")
	f.elsewhere("content/both.md", "the same") // by two people: one page
	check(t, f.sync())
	f.same()
	f.here("content/theirs.md", "ours now")
	f.elsewhere("content/theirs.md", "theirs still")
	before := git(t, f.nearDir, "rev-parse", "main")
	if err := f.sync(); !errors.Is(err, ErrDiverged) {
		t.Fatalf("both changed one file: %v", err)
	}
	equal(t, "main", git(t, f.nearDir, "rev-parse", "main"), before)
	s, err := f.near.Standing(f.to)
	if check(t, err); s.Ahead != 1 || s.Behind != 1 || s.Since.IsZero() || !strings.Contains(s.Error, "theirs.md") || s.Hint == "" {
		t.Errorf("standing: %+v", s)
	}
	git(t, f.clone, "pull", "-q", "--no-rebase", "-s", "ours", "--no-edit", f.nearDir, "main")
	git(t, f.clone, "push", "-q", "origin", "HEAD:main")
	check(t, f.sync())
	f.same()
	if bare {
		git(t, f.nearDir, "fsck", "--strict")
		return
	}
	sound(t, f.nearDir, "")
	f.edits()
}

// edits: what is not saved stays, and keeps nothing else back for longer than it must.
func (f *far) edits() {
	t := f.t
	write(t, f.nearDir, "content/theirs.md", "not saved")
	write(t, f.nearDir, "content/new.md", "not in git")
	f.elsewhere("content/theirs.md", "on the way")
	for range 2 {
		if err := f.sync(); !errors.Is(err, ErrUnsaved) {
			t.Fatalf("over an unsaved edit: %v", err)
		}
	}
	got, _ := os.ReadFile(filepath.Join(f.nearDir, "content/theirs.md"))
	equal(t, "the edit", string(got), "not saved")
	equal(t, "status", git(t, f.nearDir, "status", "--porcelain"), " M content/theirs.md\n?? content/new.md")
	git(t, f.nearDir, "checkout", "-q", "content/theirs.md")
	f.elsewhere("content/new.md", "theirs of the same name")
	if err := f.sync(); !errors.Is(err, ErrUnsaved) {
		t.Fatalf("over a new file: %v", err)
	}
	check(t, os.Remove(filepath.Join(f.nearDir, "content/new.md")))
	git(t, f.nearDir, "checkout", "-q", "-b", "side")
	check(t, f.sync()) // main is not checked out now
	git(t, f.nearDir, "checkout", "-q", "main")
	f.elsewhere("content/more.md", "more")
	check(t, os.MkdirAll(filepath.Join(f.nearDir, ".git/rebase-merge"), 0o755))
	if err := f.sync(); !errors.Is(err, ErrInProgress) {
		t.Fatalf("during a rebase: %v", err)
	}
	check(t, os.Remove(filepath.Join(f.nearDir, ".git/rebase-merge")))
	check(t, f.sync())
	f.same()
	sound(t, f.nearDir, "")
}

// TestSyncRace: three networks' handlers follow one remote, and each commits all the while. Nothing
// is lost, and in the end all have the same.
func TestSyncRace(t *testing.T) {
	t.Parallel()
	dir, n := bareRepo(t), rounds(3, 60)
	var fs []*far
	for i := range 3 {
		how := []string{"git", "go-git", "git"}[i]
		f := &far{t: t, dir: dir, to: Remote{URL: serveHTTP(t, dir)}, makeCarrier: carriers[how]}
		if i == 0 {
			f.near, f.nearDir = network(t)
			check(t, f.sync())
		} else {
			f.nearDir = t.TempDir()
			git(t, f.nearDir, "clone", "-q", dir, ".")
			var err error
			f.near, err = Open(f.nearDir)
			check(t, err)
		}
		fs = append(fs, f)
	}
	var wg sync.WaitGroup
	for i, f := range fs {
		wg.Go(func() {
			for j := range n {
				f.here(fmt.Sprintf("content/%d/%d.md", i, j), "x")
				if err := f.sync(); err != nil && !errors.Is(err, ErrMoved) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for range 2 {
		for _, f := range fs {
			check(t, f.sync())
		}
	}
	for _, f := range fs {
		f.same()
		sound(t, f.nearDir, "")
	}
	equal(t, "pages", strings.Count(git(t, dir, "ls-tree", "-r", "--name-only", "main", "content/0", "content/1", "content/2"), ".md"), 3*n)
	equal(t, "commits", git(t, dir, "rev-list", "--count", "main"), fmt.Sprint(3*n+1))
}

func TestSyncFailsWithWords(t *testing.T) {
	t.Parallel()
	r, _ := network(t)
	for how, makeCarrier := range carriers {
		for _, url := range []string{"http://june:hunter2@127.0.0.1:1/net.git", "nosuchremote"} {
			to := Remote{URL: url}
			if err := r.syncBy(ctx, to, makeCarrier(r, to)); err == nil {
				t.Fatalf("%s: in step with nothing", how)
			}
			s, err := r.Standing(to)
			check(t, err)
			if s.Error == "" || s.Since.IsZero() || s.Hint == "" || strings.Contains(s.Error, "hunter2") {
				t.Errorf("%s: %+v", how, s)
			}
		}
	}
}
