package builder

import (
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
)

// spot is an address of the site without its language: where a page is, a list, or a
// folder of them. All builds of a Builder have the same spots with the same numbers, so
// that what the last build knew of one is found without looking for its name.
type spot struct {
	dir    string // resources/pantry; "." is home
	above  *spot  // nil: it lies at the top
	number int
}

// nodeAt gives the node of a spot by its name, or nil.
func (ix *Index) nodeAt(dir string) *node {
	if a := ix.spots[dir]; a != nil {
		return ix.nodeOf(a)
	}
	return nil
}

// nodeOf gives the node of a spot, or nil.
func (ix *Index) nodeOf(a *spot) *node {
	if a.number < len(ix.nodes) {
		return ix.nodes[a.number]
	}
	return nil
}

// all gives every node, in no order that means anything.
func (ix *Index) all() iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for _, n := range ix.nodes {
			if n != nil && !yield(n) {
				return
			}
		}
	}
}

func byDir(a, b *node) int { return strings.Compare(a.dir, b.dir) }

// ordered gives all nodes, sorted by their spots' names. Spots that were sorted before, or
// in the last build, are not sorted again.
func (l *linker) ordered() (nodes []*node) {
	byName := func(a, b *spot) int { return strings.Compare(a.dir, b.dir) }
	if old := len(l.ix.order); old < len(l.ix.spots) {
		var came []*spot
		for _, a := range l.ix.spots {
			if a.number >= old {
				came = append(came, a)
			}
		}
		slices.SortFunc(came, byName)
		l.ix.order = merged(l.ix.order, came, byName)
	}
	for _, a := range l.ix.order {
		if n := l.ix.nodeOf(a); n != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// spot gives a spot by its name. One that is new is put into a copy of those that the last
// build knew: readers may be asking that.
func (l *linker) spot(dir string) *spot {
	if a := l.ix.spots[dir]; a != nil {
		return a
	}
	a := &spot{dir: dir}
	if up := path.Dir(dir); up != "." {
		a.above = l.spot(up)
	}
	if !l.ownSpots {
		l.ownSpots = true
		l.ix.spots = maps.Clone(l.ix.spots)
	}
	a.number = len(l.ix.spots)
	l.ix.spots[dir] = a
	return a
}

// node gives the node of a spot; it makes it where there is none.
func (l *linker) node(dir string) *node {
	a := l.spot(dir)
	if missing := a.number + 1 - len(l.ix.nodes); missing > 0 {
		l.ix.nodes = append(l.ix.nodes, make([]*node, missing)...)
	}
	n := l.ix.nodes[a.number]
	if n == nil {
		k := len(l.cfg.Languages)
		n = &carve(&l.room.nodes, 1, roomPiece)[0]
		*n = node{spot: a, docs: carve(&l.room.docs, k, roomPiece), at: carve(&l.room.at, k, roomPiece), href: carve(&l.room.href, k, roomPiece), cards: carve(&l.room.cards, k, roomPiece), jobs: carve(&l.room.jobs, k, roomPiece), order: l.instead}
		l.ix.nodes[a.number] = n
	}
	return n
}

// virtual makes a node that has a page in each language in use.
func (l *linker) virtual(dir string) *node {
	n := l.node(dir)
	for _, li := range l.ix.langs {
		if n.href[li] == "" {
			n.href[li], _ = l.cfg.Address(l.cfg.Languages[li], dir)
		}
	}
	return n
}
