package repo

import (
	"bytes"
	"cmp"
	"container/heap"
	"errors"
	"maps"
	"slices"

	"github.com/go-git/go-git/v5/plumbing/object"
)

// Past is what is known of the files of a revision.
type Past struct {
	// Changes are the commits that changed each file, newest first, by its path now.
	Changes map[string][]Entry
	// Rest has the files whose past goes on at the commit that [Since] named, and their path there.
	Rest map[string]string
}

// Since says how far a [Past] goes back.
type Since struct {
	Base Hash // it is not looked at, nor what came before; zero: to the beginning
	All  bool // every change of each file; else the last alone
}

// Past gives who changed the files below prefix in one walk over the log.
//
// It tells what git log tells of each file: where branches were merged, a file's past is on the
// side that it came from, and the merge itself counts only where it made the file anew. A file that
// was moved keeps its past; the move counts where it changed the file too. Where a shallow clone
// ends, what came before is not known.
func (r *Repo) Past(rev, prefix string, s Since) (*Past, error) {
	head, err := r.Resolve(rev)
	if err != nil {
		return nil, err
	}
	past := &Past{map[string][]Entry{}, map[string]string{}}
	h := &historian{o: r.read, prefix: prefix, since: s, at: map[Hash]*place{}, tell: past.add}
	if err := h.begin(head, ""); err != nil {
		return nil, err
	}
	for len(h.queue) > 0 {
		pl := heap.Pop(&h.queue).(*place)
		delete(h.at, pl.Hash)
		if pl.Hash == s.Base {
			for there, files := range pl.wanted {
				for _, now := range files {
					past.Rest[now] = there
				}
			}
		} else if err := h.look(pl); err != nil {
			return nil, err
		}
	}
	return past, nil
}

// add files a change. Clocks that are wrong may lead to a commit twice.
func (p *Past) add(e Entry, _, now string) {
	if list := p.Changes[now]; !slices.ContainsFunc(list, func(x Entry) bool { return x.Hash == e.Hash }) {
		p.Changes[now] = append(list, e)
	}
}

// historian walks back over a log, from children to parents.
type historian struct {
	o      *objects
	prefix string
	since  Since
	queue  places
	at     map[Hash]*place                  // of queue
	one    bool                             // a single file is wanted, which may not be there
	tell   func(e Entry, there, now string) // of a change, and the path of the file then; "" where it was removed
}

// place is a commit to be looked at, and the files whose past leads there.
type place struct {
	Entry
	wanted map[string][]string // by the path there: the paths now
}

// places is a heap, the newest commit first.
type places []*place

func (q places) Len() int           { return len(q) }
func (q places) Less(i, j int) bool { return q[i].committed.After(q[j].committed) }
func (q places) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *places) Push(x any)        { *q = append(*q, x.(*place)) }
func (q *places) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// begin looks for the past of the file at path from a commit on, or of all files.
func (h *historian) begin(head Hash, path string) error {
	e, err := h.o.entry(head)
	if err != nil {
		return err
	}
	if h.one {
		h.hand(e, map[string][]string{path: {path}})
		return nil
	}
	all := map[string][]string{}
	err = h.o.diff(e.tree, Hash{}, "", h.prefix, func(p string, _ object.TreeEntry) { all[p] = []string{p} })
	h.hand(e, all)
	return err
}

// hand looks for the past of many files at a commit. It is given the map.
func (h *historian) hand(e Entry, wanted map[string][]string) {
	if len(wanted) > 0 && h.at[e.Hash] == nil {
		h.at[e.Hash] = &place{e, wanted}
		heap.Push(&h.queue, h.at[e.Hash])
		return
	}
	for there, files := range wanted {
		for _, now := range files {
			h.follow(e, there, now)
		}
	}
}

// follow looks for the past of a file at a commit.
func (h *historian) follow(e Entry, there, now string) {
	if h.at[e.Hash] == nil {
		h.hand(e, map[string][]string{there: {now}})
	} else if pl := h.at[e.Hash]; !slices.Contains(pl.wanted[there], now) {
		pl.wanted[there] = append(pl.wanted[there], now)
	}
}

// look files what a commit changed of what is wanted there, and hands the rest to its parents:
// all that is as it was in the first one at once, since that is nearly all.
func (h *historian) look(pl *place) error {
	var sides []*side
	for _, p := range pl.parents {
		s, err := h.compare(pl.Entry, p, h.near(pl))
		if errors.Is(err, ErrNotFound) {
			return nil // the clone is shallow
		}
		if err != nil {
			return err
		}
		sides = append(sides, s)
	}
	changed := pl.wanted
	if len(sides) > 0 {
		changed = map[string][]string{}
		for _, list := range []map[string]Hash{sides[0].is, sides[0].was} {
			for there := range list {
				if files, ok := pl.wanted[there]; ok {
					changed[there] = files
					delete(pl.wanted, there)
				}
			}
		}
		h.hand(sides[0].Entry, pl.wanted)
	}
	for _, there := range slices.Sorted(maps.Keys(changed)) {
		for _, now := range changed[there] {
			if err := h.file(pl.Entry, sides, there, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// near is the part of a tree that has to be compared to see whether what is wanted was changed:
// of a single file its own folders, which takes a fraction of the time.
func (h *historian) near(pl *place) string {
	for there := range pl.wanted {
		if h.one {
			return there
		}
	}
	return h.prefix
}

// wide compares all again where a single file is new: it may have come from elsewhere.
func (h *historian) wide(e Entry, sides []*side, there string) (all []*side, err error) {
	for _, s := range sides {
		if !h.one || s.is[there].IsZero() || !s.was[there].IsZero() {
			return sides, nil
		}
	}
	for _, s := range sides {
		w, err := h.compare(e, s.Hash, h.prefix)
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// file finds where one file came from.
func (h *historian) file(e Entry, sides []*side, there, now string) error {
	for _, s := range sides {
		if s.is[there].IsZero() && s.was[there].IsZero() {
			h.follow(s.Entry, there, now)
			return nil
		}
	}
	if h.one {
		if is, err := h.o.find(e.tree, there); err != nil || is.Hash.IsZero() {
			return h.removed(e, sides, there, now, err)
		}
	}
	sides, err := h.wide(e, sides, there)
	if err != nil {
		return err
	}
	for _, s := range sides {
		if from := s.moved(there); from != "" {
			if h.one {
				h.tell(e, there, now)
			}
			h.follow(s.Entry, from, now)
			return nil
		}
	}
	h.tell(e, there, now)
	if !h.since.All {
		return nil
	}
	for _, s := range sides {
		from := there
		if s.was[there].IsZero() {
			from = h.alike(s, there)
		}
		if from == "" && h.one { // it may have been there before, and gone
			from = there
		}
		if from != "" {
			h.follow(s.Entry, from, now)
		}
	}
	return nil
}

// removed goes on where a file that is not there was taken away.
func (h *historian) removed(e Entry, sides []*side, there, now string, err error) error {
	if err == nil && len(sides) > 0 {
		h.tell(e, "", now)
	}
	for _, s := range sides {
		h.follow(s.Entry, there, now)
	}
	return err
}

// side is a parent, and in what a commit differs from it.
type side struct {
	Entry
	is   map[string]Hash   // files of the commit that the parent has not, or not the same
	was  map[string]Hash   // files of the parent that the commit has not, or not the same
	left map[Hash][]string // of was: the paths, sorted, at which each is no more
	from map[string]string // files of is that were only moved: their path in the parent
}

// compare tells in what a commit differs from a parent below prefix.
func (h *historian) compare(e Entry, parent Hash, prefix string) (*side, error) {
	p, err := h.o.entry(parent)
	if err != nil {
		return nil, err
	}
	s := &side{p, map[string]Hash{}, map[string]Hash{}, map[Hash][]string{}, map[string]string{}}
	err = cmp.Or(
		h.o.diff(e.tree, p.tree, "", prefix, func(path string, e object.TreeEntry) { s.is[path] = e.Hash }),
		h.o.diff(p.tree, e.tree, "", prefix, func(path string, e object.TreeEntry) { s.was[path] = e.Hash }))
	for _, path := range slices.Sorted(maps.Keys(s.was)) {
		s.left[s.was[path]] = append(s.left[s.was[path]], path)
	}
	return s, err
}

// moved gives the path that a file had in the parent, where it was only moved; "" else. No two
// files have one such path.
func (s *side) moved(there string) string {
	left := s.left[s.is[there]]
	if s.from[there] == "" && s.was[there].IsZero() && len(left) > 0 {
		s.from[there], s.left[s.is[there]] = left[0], left[1:]
	}
	return s.from[there]
}

// mostAlike is how many files that are gone are compared with one that is new.
const mostAlike = 100

// alike gives the path of a file in the parent that is no more and has at least half of its lines
// in common with a new one: it was moved and changed. "" when there is none.
func (h *historian) alike(s *side, there string) (from string) {
	text, best := h.lines(s.is[there]), 0
	gone := slices.SortedFunc(maps.Keys(s.left), func(a, b Hash) int { return bytes.Compare(a[:], b[:]) })
	for _, blob := range gone[:min(len(gone), mostAlike)] {
		old := h.lines(blob)
		both := 0
		for line := range old {
			if text[line] {
				both++
			}
		}
		if both > best && 2*both >= max(len(old), len(text)) && len(s.left[blob]) > 0 && s.is[s.left[blob][0]].IsZero() {
			best, from = both, s.left[blob][0]
		}
	}
	return from
}

// lines gives the different lines of a blob that hold something; of what is no blob, none.
func (h *historian) lines(blob Hash) map[string]bool {
	text, _ := h.o.blob(blob)
	found := map[string]bool{}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			found[string(line)] = true
		}
	}
	return found
}
