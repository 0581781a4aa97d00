package intake

import (
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
	// Refs gives the refs whose full names begin with prefix, and the commit of each.
	Refs(prefix string) (map[string]string, error)
	// Record gives the commits of an item's ref, newest first, down to the proposal.
	Record(ref string) ([]Entry, error)
	Read(ref, path string) ([]byte, error)
	// Touched tells whether the history of a ref has a commit in which the file was there.
	Touched(ref, path string) (bool, error)
	// Commit puts a file onto a ref in the place of Old, or removes it where Data is nil.
	// A file that is as wanted makes no commit. Without a Path the commit is empty, to
	// carry trailers. An error that is ErrMoved says that the ref or the file is not as
	// the change expects.
	Commit(ctx context.Context, c Change) error
	// Move gives a ref another name.
	Move(ctx context.Context, from, to string) error
	// Erase removes refs and all that only they needed.
	Erase(ctx context.Context, refs ...string) error
}

// Proposal is one submission on its way into git; State and HeldFor become trailers.
type Proposal struct {
	Ref, Unless string
	Path        string
	Data        []byte
	Message     string
	State       State
	HeldFor     string
	Form        string // the kind of a message or a change, a trailer too; or ""
	When        time.Time
}

// Entry is one commit of an item's record.
type Entry struct {
	Commit string // its hash
	By     string // the name of who made it
	Op     string // the first word of its message
	Path   string // of the proposed page, on the first
	Form   string // the kind of a message or a change, on the first
	Parent string // the commit before
	State  State  // "" when the commit did not change it
	Held   string // what looked like spam about it, of [Suspicions], with blanks between
	When   time.Time
	Reason string // why it was closed
	Change string // a correction of what is public: waits, accepted or refused
	Claim  string // who has it in hand from then on; "-" for nobody
	Note   string // the number of a note that came with it
	Match  string // what it was brought together with: an ID, or the path of a page; "-" for nothing
}

// Person is the organizer who decides. A name is enough, and may be made up.
type Person struct{ Name, Email string }

// machine is this program as an author.
var machine = Person{"potluck", "handler@potluck.invalid"}

// Change is a commit to be made.
type Change struct {
	Ref, Path string
	At        string // the commit that Ref is at; "" for any
	Old, Data []byte
	Message   string
	Trailers  [][2]string
	By        Person
	When      time.Time
}

// Item is a submission as an organizer sees it, or the neighbour who has its code.
type Item struct {
	ID        string
	Reference string
	Kind      string
	State     State
	Since     time.Time // of the state, to the hour
	Reason    string    // why it is closed
	Changed   bool      // it is public, and other words for it wait
	Received  time.Time // to the hour
	Path      string    // content/requests/2026/11/ID.md
	Markdown  []byte    // as proposed last
	Page      *site.Page
	Public    []byte // as it is on main; nil: it is not
	Makes     site.Makes
	Base, Now []byte // of a change: the page when it was proposed, and on main now; nil: it is gone
	Claimed   string // who has it in hand, or ""
	ClaimedAt time.Time
	Match     string    // what it is brought together with: an ID, or the path of a page; or ""
	Record    []Entry   // newest first
	Warnings  []Warning // of [Service.Queue] and [Service.Warn]
	Waits     time.Time // since when it waits for an organizer

	// What the key opened, as lines of TOML; nil for what it does not open.
	Sealed     []byte
	Organizers []byte
	Talk       []Talk
	Notes      []Note
	Parting    *Parting

	ref      string
	head     string // the newest commit of its record; "" where that does not matter
	by       string // the operation that brought it into its state
	recorded State  // as its ref says; an organizer may have changed the page by hand
	accepted bool   // and put the words that waited there; the record does not have it
	held     string // what looked like spam about it
	notes    int    // how many there are
	asked    int    // how many questions there were
}

// Talk is a question to a neighbour, and the answer or "".
type Talk struct{ Question, Answer string }

// List gives what waits for a decision, oldest first. An item that cannot be read does
// not hide the others; the errors are joined.
func (s *Service) List() ([]*Item, error) {
	items, err := s.inbox()
	errs := []error{err}
	items = slices.DeleteFunc(items, func(it *Item) bool {
		err := s.look(it)
		errs = append(errs, err)
		return err != nil || it.State == Purged
	})
	return items, errors.Join(errs...)
}

// item reads an item off its ref and off main.
func (s *Service) item(ref string) (*Item, error) {
	it, err := s.read(ref)
	if err != nil {
		return nil, err
	}
	it.lapse(s.Now())
	return it, s.look(it)
}

// read reads an item off its ref.
func (s *Service) read(ref string) (*Item, error) {
	record, err := s.o.Git.Record(ref)
	if err != nil {
		return nil, err
	}
	first := record[len(record)-1]
	it := &Item{ID: ref[strings.LastIndexByte(ref, '/')+1:], Path: first.Path, Received: first.When, Record: record, ref: ref, head: record[0].Commit}
	it.Reference = Reference(it.ID)
	it.follow(record)
	if it.Markdown, err = s.o.Git.Read(ref, first.Path); err != nil {
		return nil, err
	}
	pl, err := s.Config().PlaceOf(strings.TrimPrefix(first.Path, "content/"))
	it.Page, _ = site.Parse(s.Config(), pl, it.Markdown)
	it.Kind = it.Page.Kind
	if first.Form != "" {
		err = s.sort(it, first)
	}
	return it, err
}

// look holds an item against main, and against what was erased.
func (s *Service) look(it *Item) (err error) {
	switch it.Makes {
	case site.APage:
		err = s.compare(it)
	case site.AChange:
		if it.Now, err = s.o.Git.Read(mainRef, it.Path); notThere(err) {
			err = nil
		}
	}
	if why, since := s.o.Vault.Gone(it.ID); why != "" { // an erasure was stopped
		it.State, it.Reason, it.Since, it.Changed = Purged, why, since, false
	}
	return err
}

// follow goes through the record of an item, oldest first.
func (it *Item) follow(record []Entry) {
	change := ""
	for _, e := range slices.Backward(record) {
		change = cmp.Or(e.Change, change)
		it.note(e)
		if e.State == "" {
			continue
		}
		if e.State != it.State {
			it.Since, it.by = e.When, e.Op
			if e.State == Asked {
				it.asked++
			}
		}
		it.State, it.Reason = e.State, e.Reason
	}
	it.Changed = change == "waits" && it.State.public()
	it.Waits = it.waits(record)
	it.recorded = it.State
	if strings.HasPrefix(it.ref, doneRef) && (it.State == Waiting || it.State == Held) {
		it.State = Open // by an older potluck
	}
}

// waits is since when an item waits for an organizer: that it came, was answered, or that
// other words for its page came.
func (it *Item) waits(record []Entry) time.Time {
	for _, e := range record {
		if e.Op == "answer" || e.Op == "undo" || e.Op == "return" || it.Changed && e.Change == "waits" {
			return e.When
		}
	}
	return it.Received
}

// Answered tells that an item waits since the neighbour answered.
func (it *Item) Answered() bool { return it.by == "answer" }

// note takes from an entry who has the item in hand and what it is matched with. Both end
// with the state that they were for.
func (it *Item) note(e Entry) {
	if e.Claim != "" {
		it.Claimed, it.ClaimedAt = e.Claim, e.When
	}
	if e.Match != "" {
		it.Match = e.Match
	}
	it.held = cmp.Or(e.Held, it.held)
	if e.Note != "" {
		it.notes++
	}
	if it.Claimed == "-" || e.State != it.State && (e.State == Open || e.State == Closed) {
		it.Claimed, it.ClaimedAt = "", time.Time{}
	}
	if it.Match == "-" || e.State != it.State && (e.State == Open || e.State == Waiting) {
		it.Match = ""
	}
}

// compare looks at main: where an item is public, its page there says the state. An item
// that waits becomes public when its page comes to main, by whatever hand, and other words
// that wait for a page are accepted when the page has them. One whose page is gone was withdrawn, if
// main's history has the page; if not, it waits for a decision again.
func (s *Service) compare(it *Item) error {
	page, err := s.o.Git.Read(mainRef, it.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	it.Public = page
	switch {
	case page != nil:
		p, _ := site.Parse(s.Config(), it.Page.Place, page)
		said := State(p.Str("state"))
		if !said.public() && said != Closed {
			said = cmp.Or(map[State]State{Matched: Matched, Closed: Closed}[it.State], Open)
		}
		if said != it.State {
			it.State, it.Reason = said, map[State]string{Closed: "fulfilled"}[said]
		}
	case it.State.public():
		there, err := s.o.Git.Touched(mainRef, it.Path)
		if err != nil {
			return err
		}
		if it.State, it.Reason = Closed, "withdrawn"; !there { // somebody made main's history anew, without it
			it.State, it.Reason = Waiting, ""
		}
	}
	if it.Changed = it.Changed && it.State.public(); it.Changed {
		words, err := s.merged(it)
		it.accepted = err == nil && string(words) == string(page)
		it.Changed = !it.accepted
	}
	return nil
}

// find gives the item of an ID, or of the first letters of one, such as a reference.
func (s *Service) find(name string) (*Item, error) {
	if s.o.Git == nil {
		return nil, ErrNoGit
	}
	id := strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(name))
	if len(id) < 4 || len(id) > idLen || strings.Trim(id, strings.ToLower(letters)) != "" {
		return nil, refusal("no-reference", fmt.Sprintf("%q is not the ID of a submission", name), "it looks like k7m2q9x4ad, or K7M-2Q9; potluck inbox lists them", name)
	}
	for _, in := range []string{inboxRef, doneRef} {
		if len(id) == idLen { // a list of refs takes long where there are many
			if it, err := s.item(in + id); !notThere(err) {
				return it, err
			}
			continue
		}
		refs, err := s.o.Git.Refs(in + id)
		if err != nil {
			return nil, err
		}
		if len(refs) > 1 {
			return nil, refusal("several", fmt.Sprintf("%d submissions begin with %s", len(refs), id), "give more letters of the ID", len(refs), id)
		}
		for ref := range refs {
			return s.item(ref)
		}
	}
	return nil, refusal("no-item", "there is no submission "+id, "potluck inbox lists what is there", id)
}

// Show gives one item, by its ID or reference, with the private part that a key opens;
// without one when there is none.
func (s *Service) Show(id string, key Key) (*Item, error) {
	it, err := s.find(id)
	if err != nil || key == nil {
		return it, err
	}
	if it.Sealed, it.Organizers, err = s.o.Vault.Read(it.ID, key); err == nil {
		err = errors.Join(s.listen(it, "", key), s.readNotes(it, key))
	}
	return it, err
}
