package repo

import (
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"time"

	"potluck/internal/durable"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Remote is another repository where main also lies: at a forge, or on another machine. main alone
// is pushed there, to one branch and never by force.
type Remote struct {
	URL    string // an address, or the name of a remote in .git/config
	Branch string // "" is main
}

// Standing is how main and the remote's branch stand to each other.
type Standing struct {
	Ahead  int       // commits that are not there yet
	Behind int       // commits that are not here yet
	Met    time.Time // when they were last found, or made, the same
	Since  time.Time // since when that fails; zero when it does not
	Error  string    // why, without a secret
	Hint   string
}

// carrier carries objects between this repository and a remote.
type carrier interface {
	// fetch brings what the remote's branch points at; zero when it is not there.
	fetch(context.Context) (Hash, error)
	// push moves the remote's branch on from old, else ErrMoved.
	push(ctx context.Context, old, new Hash) error
}

// tries is how often a lost race is run again in one Sync.
const tries = 8

// Sync makes main and the remote's branch the same: what is new there comes here, then what is new
// here goes there. Where both have something new, ours is made again on top of theirs. Where main is
// checked out, the working tree follows; ErrUnsaved and ErrInProgress as with Commit, ErrDiverged
// when the same file was changed here and there. It takes as long as the network does; only the
// moves of main keep others waiting. How it went is kept for Standing.
func (r *Repo) Sync(ctx context.Context, to Remote) error {
	return r.syncBy(ctx, to, r.carrier(to))
}

func (r *Repo) syncBy(ctx context.Context, to Remote, c carrier) error {
	_ = r.meet(ctx, to.seen(r)) // what an earlier Sync that was stopped had begun
	err := r.race(ctx, to, c)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(err, r.noteSync(err))
}

func (r *Repo) race(ctx context.Context, to Remote, c carrier) (err error) {
	for try := range tries {
		if try > 0 && !wait(ctx, rand.N(time.Duration(50<<try)*time.Millisecond)) {
			break
		}
		var theirs, ours Hash
		if theirs, err = c.fetch(ctx); err == nil {
			err = r.setRef(ctx, to.tracking(), theirs)
		}
		if err == nil {
			err = r.meet(ctx, theirs)
		}
		if err == nil {
			ours, err = r.Head()
		}
		if err == nil && ours != theirs {
			err = c.push(ctx, theirs, ours)
		}
		if err == nil {
			return r.setRef(ctx, to.tracking(), ours)
		}
		if !errors.Is(err, ErrMoved) {
			return err
		}
	}
	return err
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (to Remote) branch() string {
	if to.Branch == "" {
		return Main
	}
	return "refs/heads/" + to.Branch
}

// tracking is the ref here of what the remote's branch was when it was last seen.
func (to Remote) tracking() string {
	return "refs/remotes/potluck/" + to.branch()[len("refs/heads/"):]
}

func (to Remote) seen(r *Repo) Hash {
	h, _ := r.Ref(to.tracking())
	return h
}

// setRef points a ref of our own anywhere.
func (r *Repo) setRef(ctx context.Context, name string, h Hash) error {
	return r.exclusive(ctx, func(ctx context.Context) error {
		old, err := r.Ref(name)
		if err == nil && old == h || h.IsZero() {
			return nil
		}
		return r.advance(ctx, &plan{ref: name, old: old, new: h}, nil)
	})
}

// meet makes main contain the commit theirs.
func (r *Repo) meet(ctx context.Context, theirs Hash) error {
	if theirs.IsZero() {
		return nil
	}
	var w *work
	err := r.exclusive(ctx, func(ctx context.Context) error {
		ours, err := r.Ref(Main)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		mine, missing, err := r.base.apart(ours, theirs)
		if err != nil || len(missing) == 0 {
			return err
		}
		tip := theirs
		if len(mine) > 0 {
			tip, err = r.replay(ours, theirs, mine)
		}
		var p *plan
		if err == nil {
			p, err = r.planMove(ours, tip)
		}
		if err == nil {
			w, err = r.apply(ctx, p)
		}
		return err
	})
	w.close()
	return err
}

// replay makes the commits of ours that theirs has not anew, on top of theirs: the same changes of
// files by the same people at the same time. What is there already makes no commit.
func (r *Repo) replay(ours, theirs Hash, mine map[Hash]bool) (Hash, error) {
	var line []*object.Commit // newest first
	for h := ours; mine[h]; {
		c, err := r.base.commit(h)
		if err != nil {
			return h, err
		}
		line, h = append(line, c), parent(c)
	}
	tip := theirs
	for _, c := range slices.Backward(line) {
		var err error
		if tip, err = r.replayOne(c, tip); err != nil {
			return tip, err
		}
	}
	return tip, nil
}

func parent(c *object.Commit) Hash {
	if len(c.ParentHashes) == 0 {
		return Hash{}
	}
	return c.ParentHashes[0]
}

func (r *Repo) replayOne(c *object.Commit, onto Hash) (Hash, error) {
	base, err := r.base.entry(onto)
	if err != nil {
		return onto, err
	}
	before, err := r.base.treeOf(parent(c))
	if err != nil {
		return onto, err
	}
	was, is, err := r.base.changes(before, c.TreeHash)
	if err != nil {
		return onto, err
	}
	files := map[string]Hash{}
	for p := range is {
		now, err := r.base.find(base.tree, p)
		switch {
		case err != nil:
			return onto, err
		case now.Hash == is[p].Hash:
		case now.Hash != was[p].Hash:
			return onto, &Error{ErrDiverged, p, "get both together by hand: git pull --rebase in a clone, and push to both; the rest goes on by itself then"}
		case !plain(is[p]):
			return onto, &Error{ErrDiverged, p + " is a link", "git pull --rebase in a clone, and push to both; the rest goes on by itself then"}
		default:
			files[p] = is[p].Hash
		}
	}
	b := batch{}
	tree, err := r.edit(b, base.tree, files)
	if err != nil || tree == base.tree && len(is) > 0 {
		return onto, err
	}
	again := *c
	again.TreeHash, again.ParentHashes, again.PGPSignature, again.MergeTag = tree, []Hash{onto}, "", ""
	h, err := b.addEncoded(&again)
	if err != nil {
		return onto, err
	}
	return h, r.store(b)
}

// planMove is the plan of moving main from one commit to another, whose objects are there.
func (r *Repo) planMove(from, to Hash) (*plan, error) {
	p := &plan{ref: Main, old: from, new: to}
	if r.work == "" {
		return p, nil
	}
	var trees [2]Hash
	for i, h := range []Hash{from, to} {
		var err error
		if trees[i], err = r.base.treeOf(h); err != nil {
			return nil, err
		}
	}
	was, is, err := r.base.changes(trees[0], trees[1])
	if err != nil {
		return nil, err
	}
	for path, e := range is {
		f := planned{path: path, head: was[path], want: e.Hash, mode: e.Mode}
		if !plain(e) || !plain(f.head) {
			return nil, &Error{ErrFormat, path + " is a link", "git pull --rebase in this folder; the rest goes on by itself then"}
		}
		if !e.Hash.IsZero() {
			if f.data, err = r.base.blob(e.Hash); err != nil {
				return nil, err
			}
		}
		p.files = append(p.files, f)
	}
	return p, nil
}

// plain tells that an entry is a file, or none.
func plain(e object.TreeEntry) bool {
	return e.Hash.IsZero() || e.Mode == filemode.Regular || e.Mode == filemode.Executable
}

func (o *objects) treeOf(h Hash) (Hash, error) {
	if h.IsZero() {
		return h, nil
	}
	e, err := o.entry(h)
	return e.tree, err
}

// changes gives the files that differ between two trees, as they were and as they are.
func (o *objects) changes(before, after Hash) (was, is map[string]object.TreeEntry, err error) {
	was, is = map[string]object.TreeEntry{}, map[string]object.TreeEntry{}
	for _, side := range []struct {
		a, b Hash
		into map[string]object.TreeEntry
	}{{before, after, was}, {after, before, is}} {
		if e := o.diff(side.a, side.b, "", "", func(p string, e object.TreeEntry) { side.into[p] = e }); e != nil {
			return nil, nil, e
		}
	}
	for p := range was {
		if _, there := is[p]; !there {
			is[p] = object.TreeEntry{} // what is gone has the zero Hash
		}
	}
	return was, is, nil
}

// apart gives the commits that only a has, and those that only b has, along all parents. It walks
// from the newest on, until all that is left is in both.
func (o *objects) apart(a, b Hash) (onlyA, onlyB map[Hash]bool, err error) {
	const inA, inB = 1, 2
	seen, queue := map[Hash]int{}, &newestFirst{}
	open := 0 // in the queue, and not in both
	mark := func(h Hash, flags int) error {
		old, known := seen[h]
		if h.IsZero() || known && old|flags == old {
			return nil
		}
		c, err := o.commit(h)
		if err != nil {
			return err
		}
		seen[h] = old | flags
		if seen[h] != inA|inB {
			open++
		}
		heap.Push(queue, walked{c, seen[h]})
		return nil
	}
	if err = errors.Join(mark(a, inA), mark(b, inB)); err != nil {
		return nil, nil, err
	}
	for queue.Len() > 0 && open > 0 {
		w := heap.Pop(queue).(walked)
		if w.flags != inA|inB {
			open--
		}
		for _, p := range w.c.ParentHashes {
			if err := mark(p, seen[w.c.Hash]); err != nil {
				return nil, nil, err
			}
		}
	}
	onlyA, onlyB = map[Hash]bool{}, map[Hash]bool{}
	for h, flags := range seen {
		switch flags {
		case inA:
			onlyA[h] = true
		case inB:
			onlyB[h] = true
		}
	}
	return onlyA, onlyB, nil
}

type walked struct {
	c     *object.Commit
	flags int
}

type newestFirst []walked

func (q newestFirst) Len() int           { return len(q) }
func (q newestFirst) Less(i, j int) bool { return q[i].c.Committer.When.After(q[j].c.Committer.When) }
func (q newestFirst) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *newestFirst) Push(x any)        { *q = append(*q, x.(walked)) }
func (q *newestFirst) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// noteSync keeps how a Sync went.
func (r *Repo) noteSync(err error) error {
	s, now := r.lastSync(), time.Now().UTC().Truncate(time.Second)
	switch {
	case err == nil:
		s = Standing{Met: now}
	case s.Since.IsZero():
		s.Since = now
	}
	if err != nil {
		s.Error, s.Hint = withoutSecret(err.Error()), "look whether the remote can be reached, and whether git push works there"
		if h := (interface{ Hint() string })(nil); errors.As(err, &h) {
			s.Hint = h.Hint()
		}
	}
	text, _ := json.Marshal(s)
	return durable.WriteFile(r.path("potluck-remote"), append(text, '\n'), 0o600)
}

func (r *Repo) lastSync() (s Standing) {
	if raw, err := os.ReadFile(r.path("potluck-remote")); err == nil {
		_ = json.Unmarshal(raw, &s) // what cannot be read is written anew by the next Sync
	}
	return s
}

// Standing tells how the last Sync went, by whichever process, and what differs now from what it saw.
func (r *Repo) Standing(to Remote) (Standing, error) {
	s := r.lastSync()
	ours, err := r.Ref(Main)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return s, err
	}
	mine, missing, err := r.read.apart(ours, to.seen(r))
	s.Ahead, s.Behind = len(mine), len(missing)
	return s, err
}

var userInURL = regexp.MustCompile(`//[^/@\s]+@`)

// withoutSecret takes out what stands before the @ of an address.
func withoutSecret(text string) string { return userInURL.ReplaceAllString(text, "//") }

// carrier is the git program, or go-git where there is none.
func (r *Repo) carrier(to Remote) carrier {
	if _, err := exec.LookPath("git"); err == nil {
		return &program{r, to}
	}
	return &wire{r, to}
}

// addEncoded adds an object that encodes itself.
func (b batch) addEncoded(o interface {
	Encode(plumbing.EncodedObject) error
}) (Hash, error) {
	obj := &plumbing.MemoryObject{}
	if err := o.Encode(obj); err != nil {
		return Hash{}, err
	}
	raw, err := contents(obj)
	return b.add(obj.Type(), raw), err
}
