package intake

import (
	"hash/maphash"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"

	"potluck/internal/site"
)

// What makes a submission look like spam. Such a one is held for a person, never dropped.
const (
	manyLinks  = 3
	alike      = 0.8 // share of words in the same order
	alikePosts = 2   // so many others like it
	fewWords   = 25  // short ones may well be alike
	floodPosts = 60  // in floodTime; then everything is held
	floodTime  = 10 * time.Minute
)

// recent remembers posts of the last day, as hashes under a key of this process.
type recent struct {
	mu    sync.Mutex
	seed  maphash.Seed
	posts []post // oldest first
}

type post struct {
	id    string
	when  time.Time
	trios map[uint64]bool // hashes of three words in a row
}

var link = regexp.MustCompile(`(?i)\b(https?://|www\.)|\[url|<a\s`)

// Suspicions are why a submission may be held: it was filled in as by a program or many came
// from one place, the check page was
// not ours or answered faster than one can read, the text is full of links or says the same
// again and again, it is much like others of the last day, or there are very many.
var Suspicions = []string{"form", "stamp", "early", "links", "repeats", "alike", "flood"}

// suspicious gives what looks like spam about a draft.
func (s *Service) suspicious(d *Draft, id string) (why []string) {
	text := d.text()
	words := wordsOf(text)
	if len(link.FindAllString(text, manyLinks)) == manyLinks {
		why = append(why, "links")
	}
	if repeats(words) {
		why = append(why, "repeats")
	}
	return append(why, s.recent.busy(id, words, s.Now())...)
}

// wordsOf gives the words of a text in small letters.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// text is all that was typed into fields of free text.
func (d *Draft) text() string {
	var b strings.Builder
	for _, a := range d.Answers {
		if s, ok := a.Value.(string); ok && (a.Type == site.Text || a.Type == site.LongText) {
			b.WriteString(s + "\n")
		}
	}
	return b.String()
}

// repeats tells that a long text says few words again and again.
func repeats(words []string) bool {
	kinds := map[string]bool{}
	for _, w := range words {
		kinds[w] = true
	}
	return len(words) >= 40 && len(kinds)*5 < len(words)
}

// busy enters a post and tells that there are many, or others like it. The same one sent
// again counts once.
func (r *recent) busy(id string, words []string, now time.Time) (why []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.posts) > 0 && (len(r.posts) > 500 || now.Sub(r.posts[0].when) > day) {
		r.posts = r.posts[1:]
	}
	p := post{id, now, r.trios(words)}
	similar, flood := 0, 0
	for _, old := range r.posts {
		if old.id == id {
			return nil
		}
		if now.Sub(old.when) < floodTime {
			flood++
		}
		if len(words) >= fewWords && p.like(old) {
			similar++
		}
	}
	r.posts = append(r.posts, p)
	if similar >= alikePosts {
		why = append(why, "alike")
	}
	if flood >= floodPosts {
		why = append(why, "flood")
	}
	return why
}

func (r *recent) trios(words []string) map[uint64]bool {
	trios := map[uint64]bool{}
	for i := 0; i+3 <= len(words); i++ {
		trios[maphash.String(r.seed, strings.Join(words[i:i+3], " "))] = true
	}
	return trios
}

// like tells that two posts share most of their words.
func (p post) like(old post) bool {
	both := 0
	for t := range p.trios {
		if old.trios[t] {
			both++
		}
	}
	return float64(both) >= alike*float64(len(p.trios)+len(old.trios)-both)
}
