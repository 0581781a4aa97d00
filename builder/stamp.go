package builder

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Stamped is a Sink that knows of what it was filled. A build that would fill it
// with the same ends before anything is parsed: the same Input gives the same
// bytes, and Now decides nothing until the next of the moments that the site
// itself named. A site with problems is not stamped, since they are to be said again.
type Stamped interface {
	Sink
	// Filled tells that it may hold a site: else Is need not be asked.
	Filled() bool
	// Is tells that the Sink still holds what was made of key, and that it is right at now.
	Is(key Sum, now time.Time) bool
	// Stamp says what the files that were put are made of, and until when they are
	// right; zero: for ever.
	Stamp(key Sum, from, until time.Time)
}

// key is over all that the site depends on but Now. ok is false where that is not
// known: no program is named.
func (n *build) key() (key Sum, ok bool) {
	if n.in.Program == "" {
		return key, false
	}
	cfg, err := json.Marshal(n.in.Config)
	if err != nil {
		return key, false
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %v %v\n", n.in.Program, cfg, n.in.Drafts, n.in.Forms)
	for _, c := range n.in.Pack {
		fmt.Fprintf(h, "pack %q\n", c.Name)
	}
	for _, t := range []*tree{n.content, n.themeFiles} {
		for _, s := range t.sources {
			io.WriteString(h, s.Path+"\x00")
			h.Write(s.Sum[:])
		}
		h.Write(make([]byte, len(key)))
	}
	for _, p := range slices.Sorted(maps.Keys(n.in.History)) {
		for _, c := range n.in.History[p] {
			fmt.Fprintf(h, "%q %d %q %q\n", p, c.When.UnixNano(), c.Who, c.Why)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(n.in.Extra)) {
		fmt.Fprintf(h, "%q %x\n", p, sha256.Sum256(n.in.Extra[p]))
	}
	return Sum(h.Sum(nil)), true
}

// filled tells that Input.Into may hold this site already. To know whether it does, all
// files must be read before the first is parsed.
func (n *build) filled() bool {
	into, stamped := n.in.Into.(Stamped)
	return stamped && into.Filled()
}

// isThere tells that Input.Into, which is filled, holds this site already.
func (n *build) isThere() bool {
	if len(n.problems) > 0 {
		return false
	}
	key, ok := n.key()
	return ok && n.in.Into.(Stamped).Is(key, n.in.Now)
}

// stampIt stamps Input.Into after all was put there.
func (n *build) stampIt(r *Result) {
	into, stamped := n.in.Into.(Stamped)
	if !stamped || len(r.Problems) > 0 {
		return
	}
	if key, ok := n.key(); ok {
		into.Stamp(key, n.in.Now, r.NextChange)
	}
}
