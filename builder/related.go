package builder

import (
	"cmp"
	"context"
	"slices"

	"potluck/internal/site"
)

const (
	maxRelated   = 4
	maxBacklinks = 20
	nearby       = 4 // entries of a list on each side that may be related
)

// relate finds for each page others about the same: of the entries that stand
// near it in the lists of its categories, those of its kind first, then those
// with most categories and areas in common. Looking at all entries would take
// the square of their number. Pages from forms come and go, and have none.
func (l *linker) relate() {
	for _, li := range l.ix.langs {
		lists, anew := l.ix.listsOf("category", li), l.standAnew(li)
		if anew != nil && len(anew) == 0 {
			continue
		}
		stands := map[*site.Header][]standing{}
		for _, items := range lists {
			for i, it := range items {
				if h := it.card.Header; (anew == nil || anew[h]) && !l.fromForm(h) {
					stands[h] = append(stands[h], standing{items, i})
				}
			}
		}
		rank := l.ranks(li)
		each(context.Background(), len(l.ix.jobs), func(i int) {
			if j := l.ix.jobs[i]; j.li == li && j.doc != nil && (anew == nil || anew[j.doc.Header]) {
				j.relatedTo(related(stands[j.doc.Header], rank))
			}
		})
	}
}

func (l *linker) ranks(li int) []int32 {
	rank := make([]int32, len(l.ix.nodes))
	for i, it := range l.ix.nodeAt(".").items[li] {
		rank[it.at.number] = int32(i)
	}
	return rank
}

// listsOf gives the lists of a taxonomy's terms in a language, by their addresses.
func (ix *Index) listsOf(taxonomy string, li int) map[string][]*item {
	lists := map[string][]*item{}
	for n := range ix.all() {
		if n.virtual && isTermOf(n, taxonomy) {
			lists[n.dir] = n.items[li]
		}
	}
	return lists
}

// standAnew gives the pages that were not there in the last build, or near which not all
// stand that stood there, in the same order; nil where it is another Config, and that may
// be any. What is related to the others is what it was, and they are given it.
func (l *linker) standAnew(li int) map[*site.Header]bool {
	if !l.sameConfig() {
		return nil
	}
	anew := map[*site.Header]bool{}
	lists, old := l.ix.listsOf("category", li), l.prev.index.listsOf("category", li)
	for dir, items := range lists {
		for _, it := range changedNearby(old[dir], items) {
			anew[it.card.Header] = true
		}
	}
	for dir, items := range old {
		if lists[dir] == nil {
			for _, it := range items {
				anew[it.card.Header] = true
			}
		}
	}
	for _, j := range l.ix.jobs {
		switch {
		case j.li != li || j.doc == nil:
		case j.was == nil || !sameHeader(j.was.doc, j.doc):
			anew[j.doc.Header] = true
		case j.view != j.was.view && !anew[j.doc.Header]:
			j.relatedTo(j.was.view.Related)
		}
	}
	return anew
}

// changedNearby gives the part of a list in which entries stand near one that came or
// went or changed.
func changedNearby(old, items []*item) []*item {
	if same(old, items) {
		return nil
	}
	first, last := sameEnds(old, items)
	if first == len(items) && first == len(old) {
		return nil
	}
	return items[max(0, first-nearby):min(len(items), len(items)-last+nearby)]
}

// standing is the place of a page in a list.
type standing struct {
	items []*item
	at    int
}

func related(stands []standing, rank []int32) []Link {
	r := relatives{rank: rank}
	for _, s := range stands {
		for k := max(0, s.at-nearby); k < min(len(s.items), s.at+nearby+1); k++ {
			if k != s.at {
				r.add(s.items[s.at], s.items[k])
			}
		}
	}
	return r.links()
}

func isTermOf(n *node, taxonomy string) bool {
	return len(n.dir) > len(taxonomy) && n.dir[len(taxonomy)] == '/' && n.dir[:len(taxonomy)] == taxonomy
}

// relatives are the best items so far, the best first. Which they are does not
// depend on the order in which items come.
type relatives struct {
	rank  []int32 // by the numbers of spots: where each stands in the order that all lists have
	n     int
	items [maxRelated]*item
	score [maxRelated]int
}

func (r *relatives) add(to, it *item) {
	score := 2*inCommon(to.terms.said[0], it.terms.said[0]) + inCommon(to.terms.said[1], it.terms.said[1])
	if it.card.Kind == to.card.Kind {
		score += 100
	}
	at := r.n
	for ; at > 0; at-- {
		if better := cmp.Or(cmp.Compare(score, r.score[at-1]), cmp.Compare(r.rank[r.items[at-1].at.number], r.rank[it.at.number])); better == 0 {
			return // it is there already
		} else if better < 0 {
			break
		}
	}
	if at == maxRelated {
		return
	}
	r.n = min(r.n+1, maxRelated)
	copy(r.items[at+1:], r.items[at:])
	copy(r.score[at+1:], r.score[at:])
	r.items[at], r.score[at] = it, score
}

func (r *relatives) links() []Link {
	links := slices.Grow([]Link(nil), r.n)
	for _, it := range r.items[:r.n] {
		links = append(links, *it.link)
	}
	return links
}

func inCommon(a, b []*term) int {
	n := 0
	for _, t := range a {
		if slices.Contains(b, t) {
			n++
		}
	}
	return n
}

// fromForm tells that a page is of a kind that neighbours post.
func (l *linker) fromForm(h *site.Header) bool {
	k := l.cfg.Kind(h.Kind)
	return k != nil && k.Form
}

// backlinks tells each page which others link to it or include it, in the order
// of their addresses. Home and pages from forms are not counted: the one links
// to what is new, and the words of strangers do not vouch for a page.
//
// A page to which no link came, and from which none went, is linked by those that
// linked to it in the last build.
func (l *linker) backlinks(moved []bool) {
	changed := l.linkedAnew(moved)
	jobs := make([]*job, len(l.docs)) // of pages
	for _, j := range l.ix.jobs {
		switch {
		case j.doc == nil:
		case changed == nil || j.was == nil || changed[j.node.number]:
			jobs[j.at] = j
		default:
			j.from = j.was.from
		}
	}
	for _, j := range l.ix.jobs {
		leads := func(t target) bool { return changed == nil || changed[t.at.number] }
		if j.doc == nil || j.node.dir == "." || !slices.ContainsFunc(j.targets, leads) || l.fromForm(j.doc.Header) {
			continue
		}
		for _, t := range j.targets {
			if !leads(t) {
				continue
			}
			if n := l.ix.nodeOf(t.at); n.docs[t.li] != nil {
				if to := jobs[n.at[t.li]]; to != nil && to != j {
					to.linkedBy(j.doc.Header)
				}
			}
		}
	}
	each(context.Background(), len(l.ix.jobs), func(i int) { l.ledFrom(l.ix.jobs[i]) })
}

// linkedAnew tells by the numbers of spots to which pages links may have come or gone since
// the last build: where they moved, or where one leads that is new, gone or changed, or
// has other links. nil: to any.
func (l *linker) linkedAnew(moved []bool) []bool {
	if moved == nil {
		return nil
	}
	changed := slices.Clone(moved)
	leads := func(j *job) {
		for _, t := range j.targets {
			changed[t.at.number] = true
		}
	}
	stays := make([]bool, len(l.prev.index.jobs))
	for _, j := range l.ix.jobs {
		if was := j.was; was != nil && same(was.targets, j.targets) && was.li == j.li && sameHeader(was.doc, j.doc) {
			stays[was.number] = true
		} else {
			leads(j)
		}
	}
	for i, was := range l.prev.index.jobs {
		if !stays[i] {
			leads(was)
		}
	}
	return changed
}

// linkedBy notes that a page links here, once: the links of one page come together.
func (j *job) linkedBy(from *site.Header) {
	if last := len(j.from); last < maxBacklinks && (last == 0 || j.from[last-1] != from) {
		j.from = append(j.from, from)
	}
}

// ledFrom makes the links to the pages that lead to one, or takes those of the last
// build. That is right with the same Headers and Config.
func (l *linker) ledFrom(j *job) {
	if was := j.was; was != nil && was.view == j.view && same(was.from, j.from) {
		return
	} else if was != nil && l.sameConfig() && was.li == j.li && slices.Equal(was.from, j.from) {
		j.linkedFrom(was.view.Backlinks)
		return
	}
	links := slices.Grow([]Link(nil), len(j.from))
	for _, h := range j.from {
		k := Link{Text: h.Title, Href: l.cfg.BasePath + h.URL}
		k.Lang, k.Dir = otherThan(j.view.Lang, h.Language())
		links = append(links, k)
	}
	j.linkedFrom(links)
}

func (j *job) linkedFrom(links []Link) {
	if !same(j.view.Backlinks, links) {
		j.ownView().Backlinks = links
	}
}

func (j *job) relatedTo(links []Link) {
	if !same(j.view.Related, links) {
		j.ownView().Related = links
	}
}

// ownView gives the view to be changed: one of the last build stays as it is.
func (j *job) ownView() *View {
	if j.was != nil && j.view == j.was.view {
		v := *j.view
		j.view = &v
	}
	return j.view
}
