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
		stands := map[*site.Header][]standing{}
		for _, n := range l.ix.nodes {
			if n.virtual && isTermOf(n, "category") {
				for i, it := range n.items[li] {
					if h := it.card.Header; !l.fromForm(h) {
						stands[h] = append(stands[h], standing{n.items[li], i})
					}
				}
			}
		}
		each(context.Background(), len(l.ix.jobs), func(i int) {
			if j := l.ix.jobs[i]; j.li == li && j.doc != nil {
				j.view.Related = related(stands[j.doc.Header])
			}
		})
	}
}

// standing is the place of a page in a list.
type standing struct {
	items []item
	at    int
}

func related(stands []standing) []Link {
	var r relatives
	for _, s := range stands {
		for k := max(0, s.at-nearby); k < min(len(s.items), s.at+nearby+1); k++ {
			if k != s.at {
				r.add(&s.items[s.at], &s.items[k])
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
		if better := cmp.Or(cmp.Compare(score, r.score[at-1]), cmp.Compare(r.items[at-1].rank, it.rank)); better == 0 {
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

func (r *relatives) links() (links []Link) {
	for _, it := range r.items[:r.n] {
		links = append(links, *it.card.link())
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
func (l *linker) backlinks() {
	jobs := make([]*job, len(l.docs)) // of pages
	for _, j := range l.ix.jobs {
		if j.doc != nil {
			jobs[j.at] = j
		}
	}
	for _, j := range l.ix.jobs {
		if j.doc == nil || dirOf(j.doc.Header.Place) == "." || l.fromForm(j.doc.Header) {
			continue
		}
		for _, t := range j.targets {
			if n := l.ix.nodes[t.dir]; n.docs[t.li] != nil {
				if to := jobs[n.at[t.li]]; to != nil && to != j {
					to.linkedBy(j, l.cfg.BasePath)
				}
			}
		}
	}
}

// linkedBy notes that a page links here, once: the links of one page come together.
func (j *job) linkedBy(from *job, base string) {
	h := from.doc.Header
	k := Link{Text: h.Title, Href: base + h.URL}
	k.Lang, k.Dir = otherThan(j.view.Lang, h.Language())
	v := j.view
	if last := len(v.Backlinks); last < maxBacklinks && (last == 0 || v.Backlinks[last-1] != k) {
		v.Backlinks = append(v.Backlinks, k)
	}
}
