package intake

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"potluck/internal/site"
)

const (
	mainRef  = "refs/heads/main"
	inboxRef = "refs/potluck/inbox/"
	doneRef  = "refs/potluck/done/"
)

// Git is the network's repository. What is not there is an error that is fs.ErrNotExist.
// Everything can be repeated without harm.
type Git interface {
	// Propose makes each Ref with a commit of main plus one file, unless Ref or Unless is there.
	Propose(ctx context.Context, ps []Proposal) error
	// Refs gives the full names of the refs that begin with prefix.
	Refs(prefix string) ([]string, error)
	// Record gives the commits of an item's ref, newest first, down to the proposal.
	Record(ref string) ([]Entry, error)
	Read(ref, path string) ([]byte, error)
	// Commit puts a file onto a ref where there is none or the same one. Without a Path
	// it makes an empty commit, to carry trailers.
	Commit(ctx context.Context, c Change) error
	// Move gives a ref another name.
	Move(ctx context.Context, from, to string) error
}

// Proposal is one submission on its way into git; State becomes a trailer.
type Proposal struct {
	Ref, Unless string
	Path        string
	Data        []byte
	Message     string
	State       State
	When        time.Time
}

// Entry is one commit of an item's record.
type Entry struct {
	Path  string // of the proposed page, on the first
	State State  // "" when the commit did not change it
	When  time.Time
}

// Person is the organizer who decides. A name is enough, and may be made up.
type Person struct{ Name, Email string }

// Change is a commit to be made.
type Change struct {
	Ref, Path string
	Data      []byte
	Message   string
	Trailers  [][2]string
	By        Person
	When      time.Time
}

// Item is a submission as an organizer sees it.
type Item struct {
	ID        string
	Reference string
	Kind      string
	State     State
	Received  time.Time // to the hour
	Path      string    // content/requests/2026/11/ID.md
	Markdown  []byte
	Page      *site.Page

	// What Show opened, as lines of TOML; nil for what the key does not open.
	Sealed     []byte
	Organizers []byte

	ref string
}

// List gives what waits for a decision, oldest first. An item that cannot be read does
// not hide the others; the errors are joined.
func (s *Service) List() ([]*Item, error) {
	if s.o.Git == nil {
		return nil, ErrNoGit
	}
	refs, err := s.o.Git.Refs(inboxRef)
	var items []*Item
	errs := []error{err}
	for _, ref := range refs {
		it, err := s.item(ref)
		if err == nil {
			items = append(items, it)
		} else if !errors.Is(err, fs.ErrNotExist) { // else decided in the meantime
			errs = append(errs, fmt.Errorf("%s: %w", ref, err))
		}
	}
	slices.SortFunc(items, func(a, b *Item) int {
		return cmp.Or(a.Received.Compare(b.Received), strings.Compare(a.ID, b.ID))
	})
	return items, errors.Join(errs...)
}

// item reads an item off its ref.
func (s *Service) item(ref string) (*Item, error) {
	record, err := s.o.Git.Record(ref)
	if err != nil {
		return nil, err
	}
	first := record[len(record)-1]
	it := &Item{ID: ref[strings.LastIndexByte(ref, '/')+1:], Path: first.Path, Received: first.When, ref: ref}
	it.Reference = Reference(it.ID)
	for _, e := range record {
		it.State = cmp.Or(it.State, e.State)
	}
	if it.Markdown, err = s.o.Git.Read(ref, first.Path); err != nil {
		return nil, err
	}
	pl, err := s.Config().PlaceOf(strings.TrimPrefix(first.Path, "content/"))
	it.Page, _ = site.Parse(s.Config(), pl, it.Markdown)
	it.Kind = it.Page.Kind
	return it, err
}

// find gives the item of an ID, or of the first letters of one, such as a reference.
func (s *Service) find(name string) (*Item, error) {
	if s.o.Git == nil {
		return nil, ErrNoGit
	}
	id := strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(name))
	if len(id) < 4 || len(id) > idLen || strings.Trim(id, strings.ToLower(letters)) != "" {
		return nil, &Error{fmt.Sprintf("%q is not the ID of a submission", name), "it looks like k7m2q9x4ad, or K7M-2Q9; potluck inbox lists them"}
	}
	for _, in := range []string{inboxRef, doneRef} {
		refs, err := s.o.Git.Refs(in + id)
		if err != nil {
			return nil, err
		}
		if len(refs) > 1 {
			return nil, &Error{fmt.Sprintf("%d submissions begin with %s", len(refs), id), "give more letters of the ID"}
		}
		if len(refs) == 1 {
			return s.item(refs[0])
		}
	}
	return nil, &Error{"there is no submission " + id, "potluck inbox lists what is there"}
}

// Show gives one item, by its ID or reference, with the private part that the age keys in
// keyFile open; without one when keyFile is "".
func (s *Service) Show(id, keyFile string) (*Item, error) {
	it, err := s.find(id)
	if err != nil || keyFile == "" {
		return it, err
	}
	it.Sealed, it.Organizers, err = s.o.Vault.Read(it.ID, keyFile)
	return it, err
}

// Publish puts an item's page on main by a commit of the organizer's.
func (s *Service) Publish(ctx context.Context, id string, by Person) (*Item, error) {
	it, to, err := s.decide(id, "publish")
	if err != nil {
		return nil, err
	}
	there, err := s.o.Git.Read(mainRef, it.Path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && bytes.Equal(there, it.Markdown) {
		err = s.o.Git.Commit(ctx, Change{
			Ref: mainRef, Path: it.Path, Data: it.Markdown, By: by, When: s.Now(),
			Message: "publish " + it.Kind + " " + it.ID, Trailers: [][2]string{{"State", string(to)}, {"Item", it.ID}},
		})
	} // else a Publish was stopped after its commit, and the page has been edited since
	return it, s.finish(ctx, it, to, err)
}

// Decline closes an item that is not public, for one of [Reasons].
func (s *Service) Decline(ctx context.Context, id, reason string, by Person) (*Item, error) {
	if !slices.Contains(Reasons, reason) {
		return nil, &Error{fmt.Sprintf("%q is not a reason to decline", reason), "use one of: " + strings.Join(Reasons, ", ")}
	}
	it, to, err := s.decide(id, "decline")
	if err != nil {
		return nil, err
	}
	if it.State != to { // else a Decline was stopped after its commit
		err = s.o.Git.Commit(ctx, Change{
			Ref: it.ref, By: by, When: s.Now(),
			Message: "decline " + it.Kind + " " + it.ID, Trailers: [][2]string{{"State", string(to)}, {"Reason", reason}},
		})
	}
	return it, s.finish(ctx, it, to, err)
}

// decide finds an item that an organizer may do op with, and the state after it.
func (s *Service) decide(id, op string) (it *Item, to State, err error) {
	if it, err = s.find(id); err != nil {
		return nil, "", err
	}
	to, ok := it.State.Next(op, Organizer)
	_, err = s.o.Git.Read(mainRef, it.Path)
	public := err == nil
	switch {
	case strings.HasPrefix(it.ref, doneRef) && it.State != Closed || public && op != "publish":
		return nil, "", &Error{it.ID + " is published already", "edit or remove " + it.Path}
	case op == "decline" && it.State == Closed && strings.HasPrefix(it.ref, inboxRef):
		return it, Closed, nil
	case !ok:
		return nil, "", &Error{fmt.Sprintf("%s is %s, so one cannot %s it", it.ID, it.State, op), "potluck inbox lists what waits"}
	}
	return it, to, nil
}

// finish files an item that was decided on.
func (s *Service) finish(ctx context.Context, it *Item, to State, err error) error {
	if err == nil {
		err = s.o.Git.Move(ctx, it.ref, doneRef+it.ID)
	}
	if err == nil {
		it.State = to
		s.waiting.Add(-1)
	}
	return err
}
