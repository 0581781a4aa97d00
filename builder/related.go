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
	each(context.Background(), len(l.ix.langs), func(i int) {
		li := l.ix.langs[i]
		found := map[*site.Header]*relatives{}
		for _, n := range l.ix.nodes {
			if n.virtual && isTermOf(n, "category") {
				l.gather(found, n.items[li])
			}
		}
		for _, j := range l.ix.jobs {
			if j.li == li && j.doc != nil && found[j.doc.Header] != nil {
				j.view.Related = found[j.doc.Header].links()
			}
		}
	})
}

func isTermOf(n *node, taxonomy string) bool {
	return len(n.dir) > len(taxonomy) && n.dir[len(taxonomy)] == '/' && n.dir[:len(taxonomy)] == taxonomy
}

func (l *linker) gather(found map[*site.Header]*relatives, items []item) {
	for i, it := range items {
		h := it.card.Header
		r := found[h]
		if r == nil && !l.fromForm(h) {
			r = &relatives{}
			found[h] = r
		}
		for k := max(0, i-nearby); r != nil && k < min(len(items), i+nearby+1); k++ {
			if k != i {
				r.add(h, items[k].card)
			}
		}
	}
}

// relatives are the best cards so far, the best first. Which they are does not
// depend on the order in which cards come.
type relatives struct {
	n     int
	cards [maxRelated]*Card
	score [maxRelated]int
}

func (r *relatives) add(h *site.Header, c *Card) {
	score := 2*inCommon(h.Categories, c.Categories) + inCommon(h.Areas, c.Areas)
	if c.Kind == h.Kind {
		score += 100
	}
	at := r.n
	for ; at > 0; at-- {
		if better := cmp.Or(cmp.Compare(score, r.score[at-1]), compareHeaders(r.cards[at-1].Header, c.Header)); better == 0 {
			return // it is there already
		} else if better < 0 {
			break
		}
	}
	if at == maxRelated {
		return
	}
	r.n = min(r.n+1, maxRelated)
	copy(r.cards[at+1:], r.cards[at:])
	copy(r.score[at+1:], r.score[at:])
	r.cards[at], r.score[at] = c, score
}

func (r *relatives) links() (links []Link) {
	for _, c := range r.cards[:r.n] {
		links = append(links, *c.link())
	}
	return links
}

func inCommon(a, b []string) int {
	n := 0
	for _, v := range a {
		if slices.Contains(b, v) {
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
func (l *linker) backlinks() {
	jobs := map[*site.Header]*job{}
	for _, j := range l.ix.jobs {
		if j.doc != nil {
			jobs[j.doc.Header] = j
		}
	}
	for _, j := range l.ix.jobs {
		if j.doc == nil || dirOf(j.doc.Header.Place) == "." || l.fromForm(j.doc.Header) {
			continue
		}
		for _, h := range j.targets {
			if to := jobs[h]; to != nil && to != j {
				to.linkedBy(j, l.cfg.BasePath)
			}
		}
	}
}

func (j *job) linkedBy(from *job, base string) {
	h := from.doc.Header
	k := Link{Text: h.Title, Href: base + h.URL}
	k.Lang, k.Dir = otherThan(j.view.Lang, h.Language())
	if v := j.view; len(v.Backlinks) < maxBacklinks && !slices.Contains(v.Backlinks, k) {
		v.Backlinks = append(v.Backlinks, k)
	}
}
