package intake

import (
	"cmp"
	"encoding/json"
	"errors"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"potluck/internal/site"
)

// Spool is a folder of files that are on disk when Put returns. Put keeps a file that is
// there. Get of one that is not there is an error that is fs.ErrNotExist.
type Spool interface {
	Put(id string, data []byte) error
	List() ([]string, error)
	Get(id string) ([]byte, error)
	Remove(ids ...string) error
}

// Vault seals private answers and keeps them. Ready is nil when somebody can open what is
// sealed. Read and Hear give nil for what the key does not open.
type Vault interface {
	Keys
	// Where readers are named, both parts are for these keepers alone, now and later.
	Ready(readers []string) error
	Seal(code string, readers []string, sealed, organizers []byte) (private, org []byte, recipients []string, err error)
	Put(id string, private, org []byte, recipients, readers []string) error
	Read(id string, open func(sealed []byte) ([]byte, error)) (private, org []byte, err error)

	// Owns tells that the code is the one of the item. Open and Reseal are for its owner.
	Owns(id, code string) bool
	Open(id, code string) ([]byte, error)
	Reseal(id string, sealed []byte) error
	// Tell and Hear carry words between organizers and the owner, who has the code and no key.
	Tell(id, name string, words []byte) error
	// Note keeps words among organizers, which Hear opens as N.note.
	Note(id, n string, words []byte) error
	Hear(id, name, code string, open func(sealed []byte) ([]byte, error)) ([]byte, error)

	// Erase leaves a note that says why; Gone reads it. AllGone tells for each whether
	// anything else is left of it.
	Erase(id, why string, now time.Time) error
	Gone(id string) (why string, since time.Time)
	AllGone() (map[string]bool, error)
	Forget(id string) error

	// Clock keeps the time that was seen last, and since when it is in doubt.
	Clock() (seen, doubt time.Time, err error)
	SetClock(seen, doubt time.Time) error
	// Lock keeps other processes from changing items.
	Lock() (unlock func(), err error)
}

// Key is an organizer's or keeper's private key, opened and held in memory: it opens what
// was sealed to her, and gives nil for what was sealed to others. The vault makes it, of a
// file or of a name and a passphrase. nil is no key.
type Key func(sealed []byte) (plain []byte, err error)

// Options is what a Service works with.
type Options struct {
	Config  func() *site.Config // as it is now
	Spool   Spool
	Vault   Vault
	Git     Git                            // nil without a repository
	Pages   func() ([]*site.Header, error) // of the site, sorted by path; nil: matches and referrals are off
	Archive Archive                        // nil without a repository

	// Picture makes a picture fit to be published, and gives the end of its name: ".jpg".
	// nil: no pictures are taken.
	Picture func(data []byte) (made []byte, ext string, err error)

	Key    []byte           // the server's secret
	Now    func() time.Time // nil: the machine's clock
	MinAge time.Duration    // of a stamp, 0: two seconds
	MaxAge time.Duration    // 0: a day
}

// Service takes submissions in and moves them on. It is safe for concurrent use.
type Service struct {
	o       Options
	kick    chan struct{}
	waiting atomic.Int64 // about how many submissions wait
	items   sync.Mutex   // held while items change
	recent  recent
	memo    memo
}

// lock makes the caller the only one who changes items, in this process and in others.
func (s *Service) lock() (unlock func(), err error) {
	if s.o.Git == nil {
		return nil, ErrNoGit
	}
	s.items.Lock()
	release, err := s.o.Vault.Lock()
	if err != nil {
		s.items.Unlock()
		return nil, err
	}
	return func() { release(); s.items.Unlock() }, nil
}

// New makes a Service.
func New(o Options) *Service {
	o.MinAge, o.MaxAge = cmp.Or(o.MinAge, 2*time.Second), cmp.Or(o.MaxAge, 24*time.Hour)
	return &Service{o: o, kick: make(chan struct{}, 1), recent: recent{seed: maphash.MakeSeed()}}
}

// Config is the network's configuration as it is now.
func (s *Service) Config() *site.Config { return s.o.Config() }

// Now is the time on the service's clock.
func (s *Service) Now() time.Time {
	if s.o.Now == nil {
		return time.Now()
	}
	return s.o.Now()
}

// Ready is nil when submissions of a kind can be taken, of any that is for all keepers when k
// is nil; ErrNoGit when that is not wanted.
func (s *Service) Ready(k *site.Kind) error {
	if s.o.Git == nil {
		return ErrNoGit
	}
	if k == nil {
		return s.o.Vault.Ready(nil)
	}
	return s.o.Vault.Ready(k.Readers)
}

// Receipt is what the neighbour is given.
type Receipt struct {
	ID        string
	Reference string
	Code      Code
	KeptUntil site.Date // nothing is deleted before
	Waiting   int       // submissions that wait, this one included
}

// parcel is a file of the spool, version 1. Private and Organizers are sealed.
type parcel struct {
	Version    int       `json:"version"`
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	Path       string    `json:"path"` // of a page under content/; of a message messages/…
	Page       string    `json:"page"`
	Private    []byte    `json:"vault"`
	Organizers []byte    `json:"org"`
	Recipients []string  `json:"recipients"`
	Readers    []string  `json:"readers,omitempty"`
	Form       string    `json:"form,omitempty"` // the kind of a message or a change
	Received   time.Time `json:"received"`       // to the hour
	State      State     `json:"state"`
	HeldFor    string    `json:"held_for,omitempty"` // see [Suspicions]
}

// Submit puts a draft on disk. suspect, for a trap that was filled in, marks it as held, as
// does a ticket that is missing, forged or too young, and what [Service.suspicious] says. ErrLate asks for a new
// check page, ErrGone for one with a new ticket.
func (s *Service) Submit(d *Draft, t Ticket, suspect bool) (*Receipt, error) {
	if err := s.Ready(d.kind); err != nil {
		return nil, err
	}
	received, made := s.Now(), s.made(t)
	age := received.Sub(made)
	var why []string
	if suspect {
		why = append(why, "form")
	}
	switch {
	case made.IsZero():
		why = append(why, "stamp")
	case age < s.o.MinAge:
		why = append(why, "early")
	case age > s.o.MaxAge:
		return nil, ErrLate
	default:
		received = made // the same post makes the same page tomorrow
	}
	code := newCode(s.o.Key, s.Ticket(t.Nonce, made).Nonce, d.words)
	if why, _ := s.o.Vault.Gone(code.ID()); why != "" {
		return nil, ErrGone
	}
	return s.keep(d, code, received, append(why, s.suspicious(d, code.ID())...))
}

// keep puts a draft on disk, and gives the receipt for it.
func (s *Service) keep(d *Draft, code Code, received time.Time, suspicions []string) (*Receipt, error) {
	if err := s.store(d, code, received, suspicions); err != nil {
		return nil, err
	}
	select {
	case s.kick <- struct{}{}:
	default:
	}
	id := code.ID()
	return &Receipt{id, Reference(id), code, s.end(d.kind.Makes, &d.Page, received).AddDays(keptDays), max(1, int(s.waiting.Add(1)))}, nil
}

// store seals a draft and puts it into the spool; held where there are suspicions.
func (s *Service) store(d *Draft, code Code, received time.Time, suspicions []string) error {
	op := "take"
	if len(suspicions) > 0 {
		op = "hold"
	}
	state, _ := Received.Next(op, Handler)
	p := parcel{
		Version: 1, ID: code.ID(), Kind: d.kind.Name, Readers: d.kind.Readers,
		Received: received.UTC().Truncate(time.Hour), State: state, HeldFor: strings.Join(suspicions, " "),
	}
	if d.kind.Makes != site.APage {
		p.Form = d.kind.Name
	}
	var err error
	if p.Path, p.Page, err = s.proposed(d, code.ID(), received); err != nil {
		return errors.New("the page cannot be written") // err may hold the neighbour's words
	}
	p.Private, p.Organizers, p.Recipients, err = s.o.Vault.Seal(string(code), d.kind.Readers, d.private(site.Sealed), d.private(site.Organizers))
	if err != nil {
		return err
	}
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.o.Spool.Put(p.ID, data)
}
