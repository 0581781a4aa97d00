package main

import (
	"bytes"
	"encoding/gob"
	"os"
	"path/filepath"
	"strings"

	"potluck/builder"
	"potluck/internal/durable"
	"potluck/internal/repo"
	"potluck/internal/site"
)

// past is who changed each file of content/, and why, at a commit: the last time or,
// with All, each time. It is kept in var/cache/history; from one commit to a later one
// only what lies between is read. It may be deleted at any time.
type past struct {
	Head    repo.Hash
	All     bool
	Changes map[string][]builder.Change // by path below content/, newest first
}

// history gives the changes of each page, as many as the site shows; nil without git or
// a commit. One that cannot be read is a problem, and the site is built without it.
func (n *network) history() map[string][]builder.Change {
	if n.repo == nil {
		return nil
	}
	rev := n.rev
	if rev == "" {
		rev = "HEAD"
	}
	head, err := n.repo.Resolve(rev)
	if err != nil || head.IsZero() {
		return nil // a new repository
	}
	all := n.cfg().Outputs.History
	if n.past.Changes == nil {
		n.past = readPast(n.path("var", "cache", "history"))
	}
	if n.past.All != all {
		n.past = past{}
	}
	if n.past.Changes == nil || n.past.Head != head {
		next, read, err := n.since(head, n.past, all)
		if err != nil {
			n.problems = append(n.problems, site.Problem{Path: ".git", Severity: site.Warning, Text: "the history cannot be read: " + err.Error(), Hint: "see what git fsck says"})
			return nil
		}
		if n.past.Changes == nil || read >= worthKeeping {
			next.keep(n.path("var", "cache", "history"))
		}
		n.past = next
	}
	return n.past.Changes
}

// worthKeeping is how many changes are read, after the first time, before they are kept: one act
// of an organizer is read again in a moment, and all that is known is much to write.
const worthKeeping = 100

// since reads the history of head, down to what is known, and tells how many changes it read.
func (n *network) since(head repo.Hash, known past, all bool) (p past, changes int, err error) {
	read, err := n.repo.Past(head.String(), "content/", repo.Since{Base: known.Head, All: all})
	if err != nil {
		return past{}, 0, err
	}
	p = past{head, all, map[string][]builder.Change{}}
	below := func(file string) string { return strings.TrimPrefix(file, "content/") }
	for file, entries := range read.Changes {
		changes += len(entries)
		for _, e := range entries {
			p.Changes[below(file)] = append(p.Changes[below(file)], builder.Change{When: e.When.UTC(), Who: site.CleanLine(e.Author.Name), Why: site.CleanLine(e.Subject)})
		}
	}
	for now, then := range read.Rest {
		if before := known.Changes[below(then)]; len(before) > 0 {
			p.Changes[below(now)] = append(p.Changes[below(now)], before...)
		}
	}
	return p, changes, nil
}

func readPast(name string) (p past) {
	b, err := os.ReadFile(name)
	if err != nil || gob.NewDecoder(bytes.NewReader(b)).Decode(&p) != nil {
		return past{}
	}
	return p
}

// keep is no error when it fails: the history is then read each time.
func (p past) keep(name string) {
	var b bytes.Buffer
	if gob.NewEncoder(&b).Encode(p) == nil && durable.MkdirAll(filepath.Dir(name), 0o700) == nil {
		_ = durable.WriteFile(name, b.Bytes(), 0o600)
	}
}
