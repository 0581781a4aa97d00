package intake

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"potluck/internal/site"
)

// Queue is a part of what waits.
type Queue struct {
	Items []*Item        // of one page, oldest first, with warnings
	Total int            // on all pages
	Count map[string]int // how many there are to [Shows], claims of this person included
}

// Shows are the parts of the inbox: what waits for a decision, what may be spam, what waits
// for an answer of the neighbour, and what the person has in hand.
var Shows = []string{"waiting", "held", "asked", "mine"}

// Warning is something to look at before deciding. What is phone, email or address, of
// words that everyone could read; twin, of another item that says much the same; or one of
// [Suspicions].
type Warning struct {
	What string
	Text string // the words, or the title of the other item
	ID   string // of the other item; "" where it is only on the site
	URL  string // of that, below the site's root
}

// Queue gives the items of one of [Shows], from the one with this number, and at most so
// many. by is the name of who asks. An item that cannot be read does not hide the others;
// the errors are joined.
func (s *Service) Queue(show, by string, from, most int) (*Queue, error) {
	all, err := s.inbox()
	q := &Queue{Count: map[string]int{}}
	var shown []*Item
	for _, it := range all {
		in := it.show()
		q.Count[in]++
		if it.Claimed == by && by != "" {
			q.Count["mine"]++
		}
		if in == show || show == "mine" && it.Claimed == by && by != "" {
			shown = append(shown, it)
		}
	}
	q.Total = len(shown)
	shown = shown[min(max(from, 0), len(shown)):]
	twins := s.memo.twins(s, all)
	for _, it := range shown[:min(most, len(shown))] {
		switch e := s.look(it); {
		case e != nil:
			err = errors.Join(err, fmt.Errorf("%s: %w", it.ref, e))
		case it.State != Purged:
			it.Warnings = s.warnings(it, twins)
			q.Items = append(q.Items, it)
		}
	}
	return q, err
}

// show is the one of [Shows] where an item of the inbox belongs.
func (it *Item) show() string {
	switch it.State {
	case Held:
		return "held"
	case Asked:
		return "asked"
	}
	return "waiting"
}

// Warn gives an item its warnings.
func (s *Service) Warn(it *Item) error {
	all, err := s.inbox()
	it.Warnings = s.warnings(it, s.memo.twins(s, all))
	return err
}

func (s *Service) warnings(it *Item, twins map[string]Warning) (all []Warning) {
	if k := s.Config().Kind(it.Kind); k != nil {
		for _, r := range Reveals(k, it.Page) {
			all = append(all, Warning{What: r.What, Text: r.Text})
		}
	}
	if twin, ok := twins[it.ID]; ok {
		all = append(all, twin)
	}
	for _, why := range strings.Fields(it.held) {
		if slices.Contains(Suspicions, why) {
			all = append(all, Warning{What: why})
		}
	}
	return all
}

// inbox gives what is in the inbox by the refs alone, longest waiting first; main is not
// looked at. The items belong to the caller.
func (s *Service) inbox() ([]*Item, error) {
	if s.o.Git == nil {
		return nil, ErrNoGit
	}
	refs, err := s.o.Git.Refs(inboxRef)
	items, err2 := s.memo.items(s, refs)
	slices.SortFunc(items, func(a, b *Item) int {
		return cmp.Or(a.Waits.Compare(b.Waits), strings.Compare(a.ID, b.ID))
	})
	return items, errors.Join(err, err2)
}

// memo keeps items as their refs say. That is right for as long as the ref points at the
// commit it was read from, and site.toml, by which its page is understood, is the same.
type memo struct {
	mu    sync.Mutex
	cfg   *site.Config
	known map[string]*Item // by ref
	words map[string]words // by ID

	found    map[string]Warning
	foundFor uint64 // a sum over the items that twins were looked for among
}

// words are what an item says, to be held against what others say.
type words struct {
	head  string
	title string // kind and title, as plain as they go
	trios []uint64
}

func (m *memo) items(s *Service, refs map[string]string) (items []*Item, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := s.Config(); m.cfg != c {
		m.cfg, m.known, m.words, m.foundFor = c, map[string]*Item{}, map[string]words{}, 0
	}
	maps.DeleteFunc(m.known, func(ref string, _ *Item) bool { _, there := refs[ref]; return !there })
	for ref, head := range refs {
		it := m.known[ref]
		if it == nil || it.head != head || head == "" {
			var e error
			if it, e = s.read(ref); e != nil {
				if !errors.Is(e, fs.ErrNotExist) { // else decided in the meantime
					err = errors.Join(err, fmt.Errorf("%s: %w", ref, e))
				}
				continue
			}
			m.known[ref] = it
		}
		own := *it
		own.lapse(s.Now())
		items = append(items, &own)
	}
	return items, err
}

// lapse ends a claim that nothing came of.
func (it *Item) lapse(now time.Time) {
	if it.Claimed != "" && now.Sub(it.ClaimedAt) > claimed {
		it.Claimed, it.ClaimedAt = "", time.Time{}
	}
}

// alike is the share of trios of words that make two items twins; long enough ones.
const (
	twinShare = 0.5
	twinTrios = 8
)

// twins finds for each item one that came before it and has the same title, or says much
// the same; or an open listing of the same title.
func (m *memo) twins(s *Service, items []*Item) map[string]Warning {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := maphash.Bytes(s.recent.seed, nil)
	for _, it := range items {
		sum ^= maphash.String(s.recent.seed, it.ref+it.head)
	}
	if m.found != nil && m.foundFor == sum {
		return m.found
	}
	m.found, m.foundFor = map[string]Warning{}, sum
	titles, trios := map[string]*Item{}, map[uint64][]*Item{}
	for _, it := range items {
		w := m.wordsOf(s, it)
		if other := cmp.Or(titles[w.title], most(w, trios, m.words)); other != nil {
			m.found[it.ID] = Warning{What: "twin", Text: other.Page.Title, ID: other.ID}
		}
		if strings.Count(w.title, " ") > 1 && titles[w.title] == nil { // "Groceries" says little
			titles[w.title] = it
		}
		for _, t := range w.trios {
			trios[t] = append(trios[t], it)
		}
	}
	return m.found
}

// wordsOf gives the words of an item.
func (m *memo) wordsOf(s *Service, it *Item) words {
	w, ok := m.words[it.ID]
	if !ok || w.head != it.head || it.head == "" {
		said := wordsOf(it.Page.Title + "\n" + it.Page.Body)
		w = words{it.head, it.Kind + " " + strings.Join(wordsOf(it.Page.Title), " "), slices.Collect(maps.Keys(s.recent.trios(said)))}
		m.words[it.ID] = w
	}
	return w
}

// most gives the item that shares the most trios with these words, when they are enough.
func most(w words, trios map[uint64][]*Item, all map[string]words) (twin *Item) {
	if len(w.trios) < twinTrios {
		return nil
	}
	shared, best := map[*Item]int{}, 0.0
	for _, t := range w.trios {
		for _, other := range trios[t] {
			shared[other]++
		}
	}
	for other, n := range shared {
		share := float64(n) / float64(len(w.trios)+len(all[other.ID].trios)-n)
		if share >= twinShare && (share > best || share == best && other.ID < twin.ID) {
			twin, best = other, share
		}
	}
	return twin
}
