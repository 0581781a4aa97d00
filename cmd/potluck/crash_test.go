package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"potluck/internal/durable"
	"potluck/internal/durable/crash"
	"potluck/internal/intake"
	"potluck/internal/repo"
)

// journey is three submissions on their way, from the post to the end, in one network. Whoever
// stops it and goes on must find what was promised.
type journey struct {
	t        *testing.T
	ctx      context.Context
	n        *network
	svc      *intake.Service
	tickets  map[string]intake.Ticket   // of the check pages
	receipts map[string]*intake.Receipt // by title
	ended    bool                       // nothing is on its way any more
}

// step is a part of the way; done tells that what it promised is so, then and ever after.
type step struct {
	name string
	do   func(*journey) error
	done func(*journey) error
}

var june = intake.Person{Name: "June"}

var way = []step{
	post("kettle"), post("pram"),
	{"drain", func(j *journey) error { return j.svc.Drain(j.ctx) }, nil},
	{"ask", decide("pram", intake.Decision{Do: "ask", Words: "When?"}), said("pram", "When?", "")},
	{"publish", decide("kettle", intake.Decision{Do: "publish"}), shown("kettle", "open matched closed")},
	{"answer", func(j *journey) error {
		_, err := j.svc.Answer(j.ctx, j.receipts["pram"].Code, "At six.")
		return err
	}, said("pram", "When?", "At six.")},
	{"match", decide("kettle", intake.Decision{Do: "match"}), shown("kettle", "matched closed")},
	{"done", func(j *journey) error {
		_, err := j.svc.Done(j.ctx, j.receipts["kettle"].Code)
		return err
	}, shown("kettle", "closed")},
	{"publish what was asked about", decide("pram", intake.Decision{Do: "publish"}), shown("pram", "open")},
	post("quokka"),
	{"drain", func(j *journey) error { return j.svc.Drain(j.ctx) }, nil},
	{"erase", func(j *journey) error {
		_, err := j.svc.Erase(j.ctx, j.receipts["quokka"].Code)
		return err
	}, erased("quokka")},
}

func post(title string) step {
	return step{"post", func(j *journey) error {
		if title == "quokka" && len(j.receipts) == 3 {
			if it, err := j.svc.Mine(j.ctx, j.receipts[title].Code); err == nil && it.State == intake.Purged {
				return nil
			}
		}
		d, faults := j.svc.Check(j.n.cfg().Kind("request"), request(title))
		if len(faults) > 0 {
			j.t.Fatal(faults)
		}
		r, err := j.svc.Submit(d, j.tickets[title], false)
		if err == nil {
			if old := j.receipts[title]; old != nil && old.Code != r.Code {
				return fmt.Errorf("%s has a second receipt", title)
			}
			j.receipts[title] = r
		}
		return err
	}, func(j *journey) error { return j.once(title) }}
}

// once: what was acknowledged is there one time; on its way from one ref to another it may have both.
func (j *journey) once(title string) error {
	id := j.receipts[title].ID
	it, err := j.svc.Mine(j.ctx, j.receipts[title].Code) // brings it to git, too
	if err != nil || it.State == intake.Purged {
		return err
	}
	waiting, err := j.n.repo.Refs("refs/potluck/inbox/" + id)
	done, err2 := j.n.repo.Refs("refs/potluck/done/" + id)
	heads := map[any]bool{}
	for _, refs := range []map[string]repo.Hash{waiting, done} {
		for _, h := range refs {
			heads[h] = true
		}
	}
	if len(heads) != 1 || j.ended && len(waiting)+len(done) != 1 {
		return fmt.Errorf("%s has refs %v and %v: %v", title, waiting, done, errors.Join(err, err2))
	}
	return nil
}

func decide(title string, d intake.Decision) func(*journey) error {
	return func(j *journey) error {
		d.ID, d.By = j.receipts[title].ID, june
		_, err := j.svc.Decide(j.ctx, d)
		return err
	}
}

func said(title, question, answer string) func(*journey) error {
	return func(j *journey) error {
		it, err := j.svc.Mine(j.ctx, j.receipts[title].Code)
		if err != nil || len(it.Talk) != 1 || it.Talk[0].Question != question || answer != "" && it.Talk[0].Answer != answer {
			return fmt.Errorf("%s: %+v %v", title, it, err)
		}
		return nil
	}
}

// shown: the page is on main, in one of these states.
func shown(title, states string) func(*journey) error {
	return func(j *journey) error {
		it, err := j.svc.Mine(j.ctx, j.receipts[title].Code)
		if err != nil || it.Public == nil || !strings.Contains(states, string(it.State)) {
			return fmt.Errorf("%s: %+v %v", title, it, err)
		}
		return nil
	}
}

// erased: not a byte of its words is left.
func erased(title string) func(*journey) error {
	return func(j *journey) error {
		it, err := j.svc.Mine(j.ctx, j.receipts[title].Code)
		if err != nil || it.State != intake.Purged {
			return fmt.Errorf("%s: %+v %v", title, it, err)
		}
		if strings.Contains(git(j.t, j.n.dir, "cat-file", "--batch-all-objects", "--batch"), title) {
			return fmt.Errorf("git has %s", title)
		}
		return filepath.WalkDir(j.n.dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			words, err := os.ReadFile(p)
			mine := strings.HasPrefix(d.Name(), j.receipts[title].ID) && !strings.HasSuffix(p, ".gone") && len(words) > 0 // a lock is empty
			if mine || strings.Contains(string(words), title) || strings.Contains(p, "tmp_obj_") {
				return fmt.Errorf("left of %s: %s", title, p)
			}
			return err
		})
	}
}

// open starts the program, as it were.
func (j *journey) open(dir string) {
	j.t.Helper()
	var err error
	if j.n, err = openAt(dir, ""); err == nil {
		j.svc, err = openIntake(j.n)
	}
	if err != nil {
		j.t.Fatal(err)
	}
}

// goOn makes the steps from the one on, again where need be, and holds all promises.
func (j *journey) goOn(where string, from int) {
	j.t.Helper()
	j.keeps(where, from)
	for i, s := range way[from:] {
		err := s.do(j)
		if refused := (*intake.Error)(nil); err != nil && !errors.As(err, &refused) { // it had come to its end
			j.t.Fatalf("%s, then %s: %v", where, way[from+i].name, err)
		}
	}
	if _, err := j.svc.Round(j.ctx, true); err != nil {
		j.t.Fatalf("%s, then the round: %v", where, err)
	}
	j.ended = true
	j.keeps(where+", at the end", len(way))
	if got := git(j.t, j.n.dir, "rev-list", "--count", "main"); got != "5" {
		j.t.Fatalf("%s: %s commits on main, not 5", where, got)
	}
	sound(j.t, j.n.dir)
}

// keeps holds the promises of the first steps.
func (j *journey) keeps(where string, steps int) {
	j.t.Helper()
	for _, s := range way[:steps] {
		if s.done == nil {
			continue
		}
		if err := s.done(j); err != nil {
			j.t.Fatalf("%s: %s was done, and now: %v", where, s.name, err)
		}
	}
}

// begin makes the network of a journey.
func begin(t *testing.T) *journey {
	n, svc := openBench(t)
	j := &journey{t: t, ctx: t.Context(), n: n, svc: svc, tickets: map[string]intake.Ticket{}, receipts: map[string]*intake.Receipt{}}
	for _, title := range []string{"kettle", "pram", "quokka"} {
		j.tickets[title] = svc.Ticket("", time.Now().Add(-time.Minute))
	}
	return j
}

// in is the same journey in a copy of its network.
func (j *journey) in(t *testing.T) *journey {
	dir := filepath.Join(t.TempDir(), "net")
	if err := os.CopyFS(dir, os.DirFS(j.n.dir)); err != nil {
		t.Fatal(err)
	}
	other := &journey{t: t, ctx: t.Context(), tickets: j.tickets, receipts: map[string]*intake.Receipt{}}
	other.open(dir)
	return other
}

// piece says through which points a sweep goes: from, to, and the step between them. A short run goes
// through some. With POTLUCK_LONG=1 it is each, or each of POTLUCK_POINTS=from-to, so that a sweep
// that takes long can be made in pieces.
func piece(step int) (from, to, by int) {
	if os.Getenv("POTLUCK_LONG") == "" {
		return 1, math.MaxInt, step
	}
	if _, err := fmt.Sscanf(os.Getenv("POTLUCK_POINTS"), "%d-%d", &from, &to); err != nil {
		from, to = 1, math.MaxInt
	}
	return from, to, 1
}

// TestFaults: at every write, sync, rename, link and removal from the post to the end of the way
// the disk is full once, or the process stops there for good and is started again (in short runs, at
// some of them). What was acknowledged is there, once; the rest can be done again; git is sound.
func TestFaults(t *testing.T) {
	start := begin(t)
	t.Run("full", func(t *testing.T) { start.fail(t, false) })
	t.Run("stops", func(t *testing.T) { start.fail(t, true) })
}

func (j *journey) fail(t *testing.T, stops bool) {
	defer func() { durable.Fault = nil }()
	points := 0
	from, to, by := piece(211)
	for at := from; at <= to; at += by {
		if !j.in(t).failAt(at, stops) {
			t.Logf("%d is past the last point", at)
			break
		}
		points++
	}
	t.Logf("%d fault points", points)
}

// failAt goes the way with a fault at one point, and on to the end; it tells whether the way has such a point.
func (j *journey) failAt(at int, stops bool) bool {
	defer os.RemoveAll(filepath.Dir(j.n.dir))
	where, reached := fmt.Sprintf("point %d, stops %v", at, stops), atomic.Int64{}
	durable.Fault = func(op, path string) error {
		if n := reached.Add(1); n == int64(at) || stops && n > int64(at) {
			return syscall.ENOSPC
		}
		return nil
	}
	acked := len(way)
	for i, s := range way {
		err := s.do(j)
		if err == nil {
			continue
		}
		if !strings.Contains(err.Error(), syscall.ENOSPC.Error()) {
			j.t.Fatalf("%s: %s: %v", where, s.name, err)
		}
		acked = i
		break
	}
	durable.Fault = nil
	if stops {
		j.open(j.n.dir)
	}
	j.goOn(where, acked)
	return reached.Load() >= int64(at)
}

// TestPowerCut: the power fails after any operation on the disk. What was not synced is lost, torn
// or there, in any order; the same law holds.
func TestPowerCut(t *testing.T) {
	first := begin(t)
	disk, err := crash.Listen(first.n.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	first.open(first.n.dir)
	var acked []int // how many operations there were when a step was done
	for _, s := range way {
		if err := s.do(first); err != nil {
			t.Fatal(s.name, err)
		}
		acked = append(acked, disk.Len())
	}
	disk.Close()
	first.keeps("without a failure", len(way))
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	chance := []func(int) int{rnd.IntN, rnd.IntN, func(int) int { return 0 }, func(k int) int { return k - 1 }}
	tries, states := 1, 0
	if os.Getenv("POTLUCK_LONG") != "" {
		tries = len(chance)
	}
	from, to, by := piece(131)
	for n := from - 1; n <= disk.Len() && n < to; n += by {
		for try := range tries {
			where := fmt.Sprintf("power failed after operation %d of %d, chance %d, seed %d", n, disk.Len(), try, seed)
			dir := filepath.Join(t.TempDir(), "net")
			if err := disk.Restore(dir, n, chance[try]); err != nil {
				t.Fatal(err)
			}
			git(t, dir, "fsck", "--strict")
			steps := 0
			for steps < len(acked) && acked[steps] <= n {
				steps++
			}
			j := &journey{t: t, ctx: t.Context(), tickets: first.tickets, receipts: first.receipts}
			j.open(dir)
			j.goOn(where, steps)
			os.RemoveAll(filepath.Dir(dir))
			states++
		}
	}
	t.Logf("%d operations, %d states of the disk", disk.Len(), states)
}
