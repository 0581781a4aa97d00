package repo

import (
	"container/heap"
	"iter"
	"strings"
)

// FileChange is a commit that changed a file.
type FileChange struct {
	Entry
	Path string // of the file then; "" where the commit removed it
}

// Changes gives the commits of a revision that changed the file at path, newest first, as they
// are found; the file may be gone. They are those that [Repo.Past] gives of a file that is there.
func (r *Repo) Changes(rev, path string) iter.Seq2[FileChange, error] {
	return func(yield func(FileChange, error) bool) {
		head, err := r.Resolve(rev)
		if err != nil {
			yield(FileChange{}, err)
			return
		}
		top, _, _ := strings.Cut(path, "/")
		h := &historian{o: r.read, prefix: top, since: Since{All: true}, at: map[Hash]*place{}, one: true}
		more, told := true, map[Hash]bool{}
		h.tell = func(e Entry, there, _ string) {
			if more && !told[e.Hash] {
				told[e.Hash] = true
				more = yield(FileChange{e, there}, nil)
			}
		}
		if err = h.begin(head, path); err == nil {
			for more && err == nil && len(h.queue) > 0 {
				pl := heap.Pop(&h.queue).(*place)
				delete(h.at, pl.Hash)
				err = h.look(pl)
			}
		}
		if err != nil && more {
			yield(FileChange{}, err)
		}
	}
}
