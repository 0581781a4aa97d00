package repo

import (
	"iter"
	"strings"
	"time"
)

// proposes is the trailer that marks the first commit of an item's record.
const proposes = "Proposes"

// Entry is one commit as a log tells it.
type Entry struct {
	Hash, Parent Hash // Parent is the first one, zero when there is none
	Author       Signature
	When         time.Time
	Subject      string
	Message      string // whole, trailers included
	Trailers     []Trailer
	tree         Hash
	parents      []Hash
	committed    time.Time
}

// Trailer is the value of the trailer of that name, "" when there is none.
func (e *Entry) Trailer(key string) string {
	for _, t := range e.Trailers {
		if strings.EqualFold(t.Key, key) {
			return t.Value
		}
	}
	return ""
}

func (o *objects) entry(h Hash) (e Entry, err error) {
	c, err := o.commit(h)
	if err != nil {
		return e, err
	}
	subject, _, _ := strings.Cut(c.Message, "\n")
	e = Entry{h, Hash{}, Signature{c.Author.Name, c.Author.Email}, c.Author.When, subject, c.Message, trailers(c.Message), c.TreeHash, c.ParentHashes, c.Committer.When}
	if len(c.ParentHashes) > 0 {
		e.Parent = c.ParentHashes[0]
	}
	return e, nil
}

// Log gives the commits of a revision, newest first, along first parents. An error ends it.
func (r *Repo) Log(rev string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		h, err := r.Resolve(rev)
		for err == nil && !h.IsZero() {
			var e Entry
			if e, err = r.read.entry(h); err == nil && !yield(e, nil) {
				return
			}
			h = e.Parent
		}
		if err != nil {
			yield(Entry{}, err)
		}
	}
}

// Record is the log of an item's ref, newest first, down to the commit that proposed it.
func (r *Repo) Record(ref string) (record []Entry, err error) {
	for e, err := range r.Log(ref) {
		if err != nil {
			return nil, err
		}
		record = append(record, e)
		if e.Trailer(proposes) != "" {
			return record, nil
		}
	}
	return nil, &Error{ErrNotFound, ref + " is not an item's record", "see refs/potluck/inbox/"}
}
