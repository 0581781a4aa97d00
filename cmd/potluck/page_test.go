package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"potluck/internal/intake"
)

const sharedPage = "content/resources/mill.md"

// pageNet makes a small network with one page, checked out or bare.
func pageNet(t *testing.T, bare bool) (dir string, svc *intake.Service) {
	t.Helper()
	dir = t.TempDir()
	work := filepath.Join(dir, "work")
	must(t, "new", work)
	git(t, work, "config", "user.name", "June")
	git(t, work, "config", "user.email", "june@june.example")
	write(t, filepath.Join(work, sharedPage), "+++\ntitle = \"Old Mill\"\nphones = [\"555-0100\"]\n+++\n\nTop.\n\nBread on Tuesdays.\n\nBottom.\n")
	git(t, work, "add", "-A")
	git(t, work, "commit", "-qm", "a page")
	if bare {
		git(t, dir, "clone", "-q", "--bare", work, "net.git")
		work = filepath.Join(dir, "net.git")
	}
	n, err := openAt(work, "")
	if err != nil {
		t.Fatal(err)
	}
	if svc, err = openIntake(n); err != nil {
		t.Fatal(err)
	}
	return work, svc
}

// onePage is one run of organizers who edit the same page at the same time. Each change
// brings a word of its own; what becomes of each word is known.
type onePage struct {
	t       *testing.T
	r       *rand.Rand
	dir     string
	bare    bool
	svc     *intake.Service
	open    map[string]*intake.Edit // what each has on her screen
	saved   map[string]bool         // words that somebody was told are saved
	dropped map[string]bool         // words that somebody left out knowingly
	clashes int
	count   int
}

var wordForm = regexp.MustCompile(`\bword[0-9]+\b`)

func (g *onePage) word() string { g.count++; return fmt.Sprintf("word%d", g.count) }

// step is one act of one of them.
func (g *onePage) step(who string) {
	switch e := g.open[who]; {
	case g.r.IntN(4) == 0:
		g.byGit()
	case e == nil:
		sh, err := g.svc.Sheet(sharedPage)
		if err != nil {
			g.t.Fatal(err)
		}
		g.open[who] = &intake.Edit{Path: sharedPage, Base: sh.Base, Data: g.written(sh.Source)}
	default:
		g.save(who, *e)
		delete(g.open, who)
	}
}

// written is a page with a new word somewhere.
func (g *onePage) written(page []byte) []byte {
	word := g.word()
	old := []string{"Top.", "Bread", "Bottom.", "title = \"", "phones = ["}[g.r.IntN(5)]
	now := map[string]string{"title = \"": old + word + " ", "phones = [": old + "\"555-0101 " + word + "\", "}[old]
	return []byte(strings.Replace(string(page), old, cmp.Or(now, old+" "+word), 1))
}

// save puts an edit on main. She whose page is no longer as she saw it is told, has all
// three versions, and decides.
func (g *onePage) save(who string, e intake.Edit) {
	g.t.Helper()
	_, err := g.svc.Save(g.t.Context(), e, intake.Person{Name: who})
	for clash := (*intake.Clash)(nil); errors.As(err, &clash); {
		if string(clash.Mine) != string(e.Data) || clash.Theirs == nil || clash.Last.Who == "" || clash.Last.Who == who && len(g.open) == 1 {
			g.t.Fatalf("%s is told %+v", who, clash)
		}
		g.clashes++
		keep := []intake.Keep{intake.KeepMine, intake.KeepTheirs, intake.KeepBoth, intake.KeepBoth}[g.r.IntN(4)]
		settled, _ := clash.Settle(g.svc.Config(), keep, e)
		if keep == intake.KeepTheirs {
			return
		}
		for _, w := range wordForm.FindAllString(string(clash.Theirs), -1) {
			if !strings.Contains(string(settled.Data), w) {
				g.dropped[w] = true
			}
		}
		if keep == intake.KeepBoth {
			g.holds(settled.Data, clash.Mine, clash.Base, clash.Theirs)
		}
		e = settled
		clash = nil
		_, err = g.svc.Save(g.t.Context(), e, intake.Person{Name: who})
	}
	if err != nil {
		g.t.Fatal(err)
	}
	for _, w := range wordForm.FindAllString(string(e.Data), -1) {
		g.saved[w] = true
	}
}

// holds that both versions' new words of the text stand, and mine of the fields.
func (g *onePage) holds(both, mine, base, theirs []byte) {
	for _, w := range wordForm.FindAllString(string(mine)+string(theirs), -1) {
		inTitle := regexp.MustCompile(`title = .*\b` + w + `\b`).Match(theirs)
		if !strings.Contains(string(both), w) && !strings.Contains(string(base), w) && !inTitle {
			g.t.Fatalf("keeping both lost %s\n%s\nmine\n%s\ntheirs\n%s", w, both, mine, theirs)
		}
	}
}

// byGit is an organizer who knows git: she pushes to a bare repository, or commits where
// main is checked out; while her edit is not committed, nobody writes over it.
func (g *onePage) byGit() {
	g.t.Helper()
	clone := g.dir
	if g.bare {
		clone = filepath.Join(g.t.TempDir(), "clone")
		git(g.t, filepath.Dir(clone), "clone", "-q", g.dir, clone)
	}
	file := filepath.Join(clone, sharedPage)
	page, err := os.ReadFile(file)
	if err != nil {
		g.t.Fatal(err)
	}
	page = g.written(page)
	write(g.t, file, string(page))
	if !g.bare {
		sh, err := g.svc.Sheet(sharedPage)
		if err != nil {
			g.t.Fatal(err)
		}
		_, err = g.svc.Save(g.t.Context(), intake.Edit{Path: sharedPage, Base: sh.Base, Data: g.written(sh.Source)}, intake.Person{Name: "Sam"})
		if !errors.Is(err, intake.ErrUnsaved) {
			g.t.Fatalf("an unsaved edit is in the way: %v", err)
		}
	}
	git(g.t, clone, "commit", "-qam", "by git")
	if g.bare {
		git(g.t, clone, "push", "-q", "origin", "main")
	}
	for _, w := range wordForm.FindAllString(string(page), -1) {
		g.saved[w] = true
	}
}

// TestTwoOnOnePage: whatever two organizers and a push do to one page, in whatever order,
// no saved word goes but by somebody's decision, and each is told.
func TestTwoOnOnePage(t *testing.T) {
	t.Parallel()
	runs, clashes := 2, 0
	if os.Getenv("POTLUCK_LONG") != "" {
		runs = 500
	}
	for i := range runs {
		g := &onePage{t: t, r: rand.New(rand.NewPCG(uint64(i), 7)), bare: i%2 == 0, open: map[string]*intake.Edit{}, saved: map[string]bool{}, dropped: map[string]bool{}}
		g.dir, g.svc = pageNet(t, g.bare)
		for range 14 {
			g.step([]string{"June", "Sam"}[g.r.IntN(2)])
		}
		sh, err := g.svc.Sheet(sharedPage)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range slices.Sorted(maps.Keys(g.saved)) {
			if !strings.Contains(string(sh.Source), w) && !g.dropped[w] {
				t.Fatalf("run %d: %s is lost\n%s\n%s", i, w, sh.Source, git(t, g.dir, "log", "-p", "--", sharedPage))
			}
		}
		history := git(t, g.dir, "log", "-p", "main", "--", sharedPage)
		for w := range g.saved {
			if !strings.Contains(history, w) {
				t.Fatalf("run %d: the history does not have %s", i, w)
			}
		}
		if !g.bare {
			sound(t, g.dir)
		}
		clashes += g.clashes
	}
	if clashes < runs {
		t.Errorf("only %d clashes in %d runs: this shows little", clashes, runs)
	}
	t.Logf("%d runs, %d clashes", runs, clashes)
}
