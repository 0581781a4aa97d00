package repo

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// subjects tells the changes of some files.
func (p *Past) subjects(files ...string) string {
	var b strings.Builder
	for _, f := range files {
		for i, e := range p.Changes[f] {
			if i > 0 {
				b.WriteByte('<')
			}
			b.WriteString(e.Subject)
		}
		b.WriteByte(';')
	}
	return b.String()
}

func past(t *testing.T, r *Repo, s Since) *Past {
	t.Helper()
	p, err := r.Past("main", "content/", s)
	check(t, err)
	return p
}

func TestPast(t *testing.T) {
	r, dir := network(t)
	for i := range 5 {
		write(t, dir, fmt.Sprintf("content/%d.md", i%3), fmt.Sprint(i))
		git(t, dir, "add", ".")
		git(t, dir, "commit", "-qm", fmt.Sprint("edit ", i))
	}
	git(t, dir, "rm", "-q", "content/2.md")
	git(t, dir, "commit", "-qm", "gone")
	files := []string{"content/0.md", "content/1.md", "content/2.md", "content/index.md", "site.toml"}
	p := past(t, r, Since{})
	equal(t, "last", p.subjects(files...), "edit 3;edit 4;;first;;")
	equal(t, "author", p.Changes["content/0.md"][0].Author.Name, "Bo")
	equal(t, "all", past(t, r, Since{All: true}).subjects(files...), "edit 3<edit 0;edit 4<edit 1;;first;;")
}

// A file keeps its past when it is moved, with a change or without, and what is known is gone on from.
func TestPastMoves(t *testing.T) {
	r, dir := network(t)
	commit := func(subject string) Hash {
		git(t, dir, "add", "-A")
		git(t, dir, "commit", "-qm", subject)
		h, err := r.Head()
		check(t, err)
		return h
	}
	write(t, dir, "content/a.md", "one\ntwo\nthree\nfour\n")
	write(t, dir, "content/b.md", "two")
	commit("both")
	git(t, dir, "mv", "content/a.md", "content/deep.md")
	base := commit("moved")
	write(t, dir, "content/b.md", "three")
	commit("b again")
	git(t, dir, "mv", "content/deep.md", "content/deeper.md")
	write(t, dir, "content/deep.md", "new")
	commit("moved and new")
	write(t, dir, "content/x/deepest.md", "one\ntwo\nthree\nfive\n")
	git(t, dir, "rm", "-q", "content/deeper.md")
	commit("moved and changed")

	files := []string{"content/x/deepest.md", "content/deep.md", "content/b.md"}
	equal(t, "last", past(t, r, Since{}).subjects(files...), "moved and changed;moved and new;b again;")
	equal(t, "all", past(t, r, Since{All: true}).subjects(files...), "moved and changed<both;moved and new<both;b again<both;")

	p := past(t, r, Since{Base: base})
	equal(t, "last since", p.subjects(files...)+p.Rest["content/index.md"]+p.Rest["content/b.md"], "moved and changed;moved and new;b again;content/index.md")
	p = past(t, r, Since{Base: base, All: true})
	equal(t, "all since", p.subjects(files...)+p.Rest["content/x/deepest.md"]+" "+p.Rest["content/b.md"], "moved and changed;moved and new;b again;content/deep.md content/b.md")

	shallow := filepath.Join(t.TempDir(), "shallow")
	git(t, dir, "clone", "-q", "--depth", "2", "file://"+dir, shallow)
	s, err := Open(shallow)
	check(t, err)
	p = past(t, s, Since{All: true})
	equal(t, "shallow", fmt.Sprint(len(p.Changes), " ", p.subjects(files[0])), "1 moved and changed;")
}

// changes tells the changes of one file; a minus stands before one that took it away.
func changes(t *testing.T, r *Repo, file string) string {
	t.Helper()
	var all []string
	for c, err := range r.Changes("main", file) {
		check(t, err)
		if c.Path == "" {
			c.Subject = "-" + c.Subject
		}
		all = append(all, c.Subject)
	}
	return strings.Join(all, "<")
}

// A file that is gone has a past, too, whichever side of a merge took it away.
func TestChangesOfWhatIsGone(t *testing.T) {
	r, dir := network(t)
	commit := func(subject string) { git(t, dir, "add", "-A"); git(t, dir, "commit", "-qm", subject) }
	write(t, dir, "content/a.md", "one\ntwo\n")
	commit("begun")
	git(t, dir, "checkout", "-qb", "other")
	git(t, dir, "mv", "content/a.md", "content/b.md")
	write(t, dir, "content/b.md", "one\ntwo\nthree\n")
	commit("moved")
	git(t, dir, "checkout", "-q", "main")
	write(t, dir, "content/c.md", "else")
	commit("something else")
	git(t, dir, "merge", "-q", "--no-ff", "-m", "merged", "other")
	git(t, dir, "rm", "-q", "content/b.md")
	commit("gone")
	write(t, dir, "content/b.md", "anew")
	commit("anew")
	equal(t, "moved and gone", changes(t, r, "content/a.md"), "-moved<begun")
	equal(t, "come back", changes(t, r, "content/b.md"), "anew<-gone<moved<begun")
	equal(t, "never there", changes(t, r, "content/z.md"), "")
}

// TestPastAsGitSays: over random histories with branches and merges, it tells of each file what
// git log tells.
func TestPastAsGitSays(t *testing.T) {
	runs := 4
	if os.Getenv("POTLUCK_LONG") != "" {
		runs = 100
	}
	for seed := range runs {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()

			r, dir := network(t)
			randomHistory(t, dir, rand.New(rand.NewPCG(uint64(seed), 7)))
			last, all := past(t, r, Since{}), past(t, r, Since{All: true})
			for _, file := range strings.Split(git(t, dir, "ls-files", "content"), "\n") {
				said := strings.ReplaceAll(git(t, dir, "log", "--format=%s", "--", file), "\n", "<")
				first, _, _ := strings.Cut(said, "<")
				equal(t, "all changes of "+file, all.subjects(file), said+";")
				equal(t, "the last change of "+file, last.subjects(file), first+";")
				equal(t, "the changes of "+file, changes(t, r, file), said)
			}
		})
	}
}

// randomHistory edits files, by turns on two branches that are merged now and then. Nothing is
// removed, so that git log and we need not guess what was moved.
func randomHistory(t *testing.T, dir string, random *rand.Rand) {
	now, step := int64(1790000000), 0
	do := func(args ...string) {
		t.Helper()
		now += 60
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), fmt.Sprintf("GIT_AUTHOR_DATE=%d +0000", now), fmt.Sprintf("GIT_COMMITTER_DATE=%d +0000", now))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %s", args, out)
		}
	}
	edit := func(files ...int) {
		step++
		name := fmt.Sprintf("content/%c/%d.md", 'a'+rune(files[0]%2), files[random.IntN(len(files))])
		write(t, dir, name, fmt.Sprint("text ", step))
		do("add", ".")
		do("commit", "-qm", fmt.Sprint("edit ", step))
	}
	do("branch", "other")
	for range 12 {
		switch random.IntN(5) {
		case 0:
			step++
			do("merge", "-q", "--no-ff", "-m", fmt.Sprint("merge ", step), "other")
			do("branch", "-f", "other", "main")
		case 1, 2:
			do("checkout", "-q", "other")
			edit(1, 3, 5)
			do("checkout", "-q", "main")
		default:
			edit(0, 2, 4)
		}
	}
}
