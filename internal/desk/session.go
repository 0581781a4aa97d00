package desk

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// How long a session lasts.
const (
	idle     = time.Hour      // unused
	absolute = 12 * time.Hour // at most
	freshFor = 5 * time.Minute
)

type hash [sha256.Size]byte

// session is a person at one browser, with her key opened. What changes is read and
// written by sessions alone.
type session struct {
	id    hash
	name  string
	key   intake.Key
	to    string // her public key: with another one she is another person
	began time.Time

	used  time.Time
	fresh time.Time // when the passphrase was typed last
	said  *Said
}

// sessions are who is signed in, by the hash of the cookie. They are in memory alone.
type sessions struct {
	now  func() time.Time
	mu   sync.Mutex
	open map[hash]*session
}

// begin makes a session, and gives what the cookie holds.
func (s *sessions) begin(person site.Organizer, key intake.Key) (cookie string, x *session) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // it does not fail
	s.mu.Lock()
	defer s.mu.Unlock()
	now, id := s.now(), hash(sha256.Sum256(secret[:]))
	x = &session{id: id, name: person.Name, to: person.Recipient, key: key, began: now, used: now, fresh: now}
	s.open[id] = x
	return base64.RawURLEncoding.EncodeToString(secret[:]), x
}

// of gives the session that a cookie belongs to, or nil.
func (s *sessions) of(cookie string) *session {
	secret, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	x := s.open[sha256.Sum256(secret)]
	if x != nil {
		x.used = s.now()
	}
	return x
}

// end ends one session, or all of its person.
func (s *sessions) end(x *session, everywhere bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, x.id)
	for id, o := range s.open {
		if everywhere && o.name == x.name {
			delete(s.open, id)
		}
	}
}

// say keeps what the next page of a session says.
func (s *sessions) say(x *session, said Said) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.said = &said
}

// said gives it, once.
func (s *sessions) said(x *session) *Said {
	s.mu.Lock()
	defer s.mu.Unlock()
	said := x.said
	x.said = nil
	return said
}

// renew notes that the passphrase was typed just now.
func (s *sessions) renew(x *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.fresh = s.now()
}

func (s *sessions) isFresh(x *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	age := s.now().Sub(x.fresh)
	return age >= 0 && age <= freshFor
}

// sweep ends what has lasted long enough.
func (s *sessions) sweep() {
	now := s.now()
	for id, x := range s.open {
		if now.Sub(x.used) > idle || now.Sub(x.began) > absolute || now.Before(x.began) {
			delete(s.open, id)
		}
	}
}
