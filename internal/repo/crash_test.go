package repo

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"potluck/internal/durable"
	"potluck/internal/durable/crash"
)

// rounds is how often a test by chance is tried.
func rounds(short, long int) int {
	if os.Getenv("POTLUCK_LONG") != "" {
		return long
	}
	return short
}

// child works on the repository until it is killed, and prints what it was promised.
func child(dir string) {
	r, err := Open(dir)
	if err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		id := fmt.Sprintf("%d-%d", os.Getpid(), i)
		if _, err = r.ProposeAll(ctx, []Proposal{proposal(id), proposal(id + "b")}); err != nil {
			panic(err)
		}
		fmt.Printf("refs/potluck/inbox/%s %s\n", id, proposal(id).Path)
		path := "content/offers/2026/11/" + id + ".md"
		if _, err = r.Commit(ctx, publish(path, id)); err != nil {
			panic(err)
		}
		fmt.Printf("refs/heads/main %s\n", path)
		if err = r.MoveRef(ctx, "refs/potluck/inbox/"+id, "refs/potluck/done/"+id); err != nil {
			panic(err)
		}
		fmt.Printf("refs/potluck/done/%s %s\n", id, proposal(id).Path)
	}
}

// A process is killed at any moment; what it had acknowledged is there, git finds nothing wrong,
// and the next process works on, past the locks of the dead one.
func TestKill(t *testing.T) {
	r, dir := network(t)
	rnd, acks := rand.New(rand.NewSource(1)), 0
	for range rounds(6, 60) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "REPO_TEST_CHILD="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		check(t, err)
		check(t, cmd.Start())
		time.AfterFunc(time.Duration(30+rnd.Intn(150))*time.Millisecond, func() { cmd.Process.Kill() })
		moved := map[string]string{}
		for s := bufio.NewScanner(out); s.Scan(); acks++ {
			ref, path, _ := strings.Cut(s.Text(), " ")
			if ref == Main || strings.Contains(ref, "/done/") {
				delete(moved, strings.Replace(ref, "/done/", "/inbox/", 1))
			}
			moved[ref+" "+path] = path
		}
		if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("child: %v", err)
		}
		for key, path := range moved {
			ref, _, _ := strings.Cut(key, " ")
			if id, ok := strings.CutPrefix(ref, "refs/potluck/inbox/"); ok {
				if _, err := r.Ref("refs/potluck/done/" + id); err == nil {
					continue
				}
			}
			if _, err := r.ReadAt(ref, path); err != nil {
				t.Fatalf("acknowledged and lost: %s %s: %v", ref, path, err)
			}
		}
		if out := git(t, dir, "fsck", "--strict", "--no-dangling"); out != "" {
			t.Fatalf("git fsck: %s", out)
		}
	}
	heal(t, dir)
	t.Logf("%d acknowledged", acks)
}

// heal publishes what a killed process had begun to, and finds everything in order.
func heal(t *testing.T, dir string) {
	t.Helper()
	r, err := Open(dir)
	check(t, err)
	for line := range strings.SplitSeq(git(t, dir, "status", "--porcelain", "-uall"), "\n") {
		if len(line) > 3 {
			text, err := os.ReadFile(filepath.Join(dir, line[3:]))
			check(t, err)
			_, err = r.Commit(ctx, publish(line[3:], string(text)))
			check(t, err)
		}
	}
	_, err = r.Commit(ctx, publish("content/last.md", "last"))
	check(t, err)
	sound(t, dir, "")
}

// The Nth operation on the disk fails, for every N; once it fails alone, once everything after it
// fails too, as when the process is stopped there. git finds nothing wrong, an organizer's commit
// does no harm, and the second try makes one commit. In short runs the other changes than to propose
// and to publish are stopped at some operations only.
func TestFaultAtEveryOperation(t *testing.T) {
	template, from := network(t)
	first := publish("content/offers/2026/11/a.md", "one\n")
	_, err := template.Commit(ctx, first)
	check(t, err)
	_, err = template.Propose(ctx, proposal("moved"))
	check(t, err)
	git(t, from, "pack-refs", "--all")
	remove := publish("content/offers/2026/11/a.md", "")
	remove.Files["content/offers/2026/11/a.md"] = nil
	actions := []struct {
		name string
		act  func(r *Repo) error
		main string // commits on main afterwards
		refs string
		step int
	}{
		{"propose", func(r *Repo) error {
			_, err := r.Propose(ctx, proposal("x"))
			return err
		}, "2", "inbox/moved inbox/x", rounds(5, 1)},
		{"propose two", func(r *Repo) error {
			_, err := r.ProposeAll(ctx, []Proposal{proposal("x"), proposal("y")})
			return err
		}, "2", "inbox/moved inbox/x inbox/y", rounds(19, 1)},
		{"propose many", func(r *Repo) error {
			var ps []Proposal
			for i := range 35 {
				ps = append(ps, proposal(fmt.Sprint("m", i)))
			}
			_, err := r.ProposeAll(ctx, ps)
			return err
		}, "2", "", rounds(199, 7)},
		{"publish", func(r *Repo) error {
			_, err := r.Commit(ctx, publish("content/requests/2026/11/b.md", "b\n"))
			return err
		}, "3", "inbox/moved", rounds(5, 1)},
		{"publish over", func(r *Repo) error {
			_, err := r.Commit(ctx, publish("content/offers/2026/11/a.md", "two\n"))
			return err
		}, "3", "inbox/moved", rounds(11, 1)},
		{"withdraw", func(r *Repo) error { _, err := r.Commit(ctx, remove); return err }, "3", "inbox/moved", rounds(11, 1)},
		{"move", func(r *Repo) error { return r.MoveRef(ctx, "refs/potluck/inbox/moved", "refs/potluck/done/moved") }, "2", "done/moved", rounds(7, 1)},
	}
	swept := 0
	for _, a := range actions {
		for _, sticky := range []bool{false, true} {
			for at := 1; ; at += a.step {
				dir := filepath.Join(t.TempDir(), "n")
				check(t, os.CopyFS(dir, os.DirFS(from)))
				r, err := Open(dir)
				check(t, err)
				hit := crash.FailAt(at, sticky)
				err = a.act(r)
				durable.Fault = nil
				if !*hit {
					check(t, err)
					break
				}
				swept++
				where := fmt.Sprintf("%s, fault %d, sticky %v", a.name, at, sticky)
				if at%rounds(5, 1) == 0 {
					equal(t, where+": git fsck", git(t, dir, "fsck", "--strict", "--no-dangling"), "")
				}
				byHand := sticky && a.name == "publish" && at%2 == 0 && organizerCommits(t, dir, where)
				if r, err = Open(dir); err == nil {
					err = a.act(r)
				}
				if err != nil {
					t.Fatalf("%s: the second try: %v", where, err)
				}
				if byHand {
					equal(t, where+": page", git(t, dir, "show", "main:content/requests/2026/11/b.md"), "b")
					continue
				}
				equal(t, where+": commits on main", git(t, dir, "rev-list", "--count", "main"), a.main)
				refs := strings.ReplaceAll(git(t, dir, "for-each-ref", "--format=%(refname)", "refs/potluck"), "refs/potluck/", "")
				if a.refs == "" {
					continue
				}
				equal(t, where+": refs", strings.ReplaceAll(refs, "\n", " "), a.refs)
				sound(t, dir, "")
			}
		}
	}
	t.Logf("%d fault points", swept)
}

// organizerCommits commits another file by hand, if the dead process's locks let git. What was on main
// must stay on main.
func organizerCommits(t *testing.T, dir, where string) bool {
	before := git(t, dir, "ls-tree", "-r", "--name-only", "main")
	write(t, dir, "content/other.md", "other")
	if _, err := tryGit(dir, "add", "content/other.md"); err != nil {
		check(t, os.Remove(filepath.Join(dir, "content/other.md")))
		return false
	}
	if _, err := tryGit(dir, "commit", "-qm", "other"); err != nil {
		git(t, dir, "rm", "-qf", "content/other.md")
		return false
	}
	after := git(t, dir, "ls-tree", "-r", "--name-only", "main")
	for path := range strings.Lines(before) {
		if !strings.Contains(after, strings.TrimSpace(path)) {
			t.Fatalf("%s: the organizer's commit took away %s", where, path)
		}
	}
	return true
}

// An organizer commits and git gc runs all the while that submissions come in and are published.
func TestBesideGit(t *testing.T) {
	r, dir := network(t)
	n := rounds(30, 500)
	var wg sync.WaitGroup
	var done atomic.Bool
	var busy, committed atomic.Int64
	wg.Go(func() {
		for i := 0; !done.Load(); i++ {
			name := fmt.Sprintf("content/by-hand/%d.md", i)
			write(t, dir, name, name)
			for !done.Load() {
				_, err := tryGit(dir, "add", name)
				if err == nil {
					_, err = tryGit(dir, "commit", "-qm", name)
				}
				if err == nil {
					committed.Add(1)
					break
				}
				busy.Add(1)
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	wg.Go(func() {
		for !done.Load() {
			if out, err := tryGit(dir, "gc", "-q"); err != nil && !strings.Contains(out, "lock") {
				t.Errorf("git gc: %v %s; git fsck: %s", err, out, must(tryGit(dir, "fsck", "--strict")))
			}
		}
	})
	for i := range n {
		id := fmt.Sprint("n", i)
		_, err := r.Propose(ctx, proposal(id))
		check(t, err)
		for {
			_, err = r.Commit(ctx, publish("content/offers/2026/11/"+id+".md", id))
			if !errors.Is(err, ErrBusy) {
				break
			}
		}
		check(t, err)
		if i%2 == 0 {
			check(t, r.MoveRef(ctx, "refs/potluck/inbox/"+id, "refs/potluck/done/"+id))
		}
	}
	done.Store(true)
	wg.Wait()
	equal(t, "published", len(strings.Fields(git(t, dir, "ls-tree", "-r", "--name-only", "main", "content/offers"))), n)
	equal(t, "in the index", len(strings.Fields(git(t, dir, "ls-files", "content/offers"))), n)
	inbox, err := r.Refs("refs/potluck/inbox/")
	check(t, err)
	settled, err := r.Refs("refs/potluck/done/")
	check(t, err)
	equal(t, "refs", len(inbox)+len(settled), n)
	for ref := range inbox {
		_, err := r.Record(ref)
		check(t, err)
	}
	if out := git(t, dir, "fsck", "--strict", "--no-dangling"); out != "" {
		t.Fatalf("git fsck: %s", out)
	}
	t.Logf("%d commits by git, %d refused", committed.Load(), busy.Load())
}

// A rebase that read main just before our commit is called off, and takes main back. Commit sees it,
// and has its commit on main when it returns.
func TestRebaseCalledOff(t *testing.T) {
	t.Parallel()
	r, dir := network(t)
	before := git(t, dir, "rev-parse", "main")
	write(t, dir, ".git/FETCH_HEAD", "")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for must(tryGit(dir, "rev-parse", "main")) == before+"<nil>" {
			time.Sleep(time.Millisecond)
		}
		write(t, dir, ".git/rebase-merge/orig-head", before+"\n")
		write(t, dir, ".git/rebase-merge/head-name", Main+"\n")
		write(t, dir, ".git/rebase-merge/onto", before+"\n")
		time.Sleep(100 * time.Millisecond)
		for { // ours holds the index for a moment
			if _, err := tryGit(dir, "rebase", "--abort"); err == nil {
				return
			}
		}
	}()
	_, err := r.Commit(ctx, publish("content/offers/2026/11/a.md", "a"))
	check(t, err)
	<-done
	equal(t, "the page", git(t, dir, "show", "main:content/offers/2026/11/a.md"), "a")
	sound(t, dir, "")
	for path, want := range map[string]bool{"content/offers/2026/11/a.md": true, "content/index.md": true, "content/never.md": false} {
		got, err := r.Touched("main", path)
		check(t, err)
		equal(t, path, got, want)
	}
}

func must(out string, err error) string { return fmt.Sprint(out, err) }

// Two processes' worth of handles on one repository change it together.
func TestTwoWriters(t *testing.T) {
	_, dir := network(t)
	var wg sync.WaitGroup
	for w := range 3 {
		r, err := Open(dir)
		check(t, err)
		for g := range 2 {
			wg.Go(func() {
				for i := range 5 {
					if _, err := r.Commit(ctx, publish(fmt.Sprintf("content/%d/%d/%d.md", w, g, i), "x")); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	equal(t, "commits", git(t, dir, "rev-list", "--count", "main"), "31")
	sound(t, dir, "")
}

func BenchmarkPropose(b *testing.B) {
	for _, size := range []int{1000, rounds(10000, 100000)} {
		_, dir := network(b)
		c := publish("content/index.md", "hello\n")
		for i := range size {
			c.Files[fmt.Sprintf("content/requests/20%02d/%02d/%d.md", i%20, i/20%12, i)] = []byte(fmt.Sprint(i))
		}
		bare := b.TempDir()
		git(b, bare, "clone", "-q", "--bare", dir, ".")
		r, err := Open(bare)
		check(b, err)
		_, err = r.Commit(ctx, c)
		check(b, err)
		git(b, bare, "gc", "-q")
		for _, batch := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("files=%d/batch=%d", size, batch), func(b *testing.B) {
				for n := 0; b.Loop(); n++ {
					var ps []Proposal
					for i := range batch {
						ps = append(ps, proposal(fmt.Sprintf("%d-%d-%d", batch, n, i)))
					}
					_, err := r.ProposeAll(ctx, ps)
					check(b, err)
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*batch), "µs/submission")
			})
		}
	}
}
