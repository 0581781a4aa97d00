package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"potluck/internal/site"
)

// What a sign-in, or taking up an invitation, may fail for.
var (
	ErrPassphrase = &Error{Text: "this name and this passphrase do not belong together", Way: "look whether every word is right; who has lost hers is invited again by a keeper"}
	ErrInvite     = &Error{Text: "this invitation is not there, or was used, or is too old", Way: "ask a keeper for another one"}
	ErrWord       = &Error{Text: "this is not the word that goes with the invitation", Way: "ask who invited you to say it again"}
)

// InviteFor is how long an invitation can be taken up.
const InviteFor = 72 * time.Hour

// Keys is what the vault knows of who may read. Whoever changes it holds the Vault's lock.
type Keys interface {
	Organizers() ([]site.Organizer, error)
	// Unlock opens the key that is kept under a person's passphrase. It gives nil when the
	// two do not belong together, and takes as long.
	Unlock(name, passphrase string) (person site.Organizer, open func(sealed []byte) ([]byte, error), err error)

	// Enter enters a person with a public key of her own, or changes her role or key; EnterAnew
	// makes her key and keeps it under a passphrase, which it gives this one time.
	Enter(site.Organizer) error
	EnterAnew(name string, role site.Role) (passphrase string, err error)
	// Rotate makes a new key for one who signs in, and keeps the old one beside it. It gives
	// no passphrase when the one of before is another.
	Rotate(name, passphrase string) (renewed string, err error)
	// Leave takes a person out, and her invitation.
	Leave(name string) error

	// Invite makes an invitation: a token for a link, and a word to be spoken. Invited tells
	// whom a token is for; its Name is "" when that is nobody. Join takes it up; it gives no
	// passphrase when the word is another one.
	Invites() ([]site.Invite, error)
	Invite(site.Invite) (token, word string, err error)
	Invited(token string, now time.Time) (site.Invite, error)
	Join(token, word string, now time.Time) (person site.Organizer, passphrase string, err error)

	// Stale lists the items that are sealed to others than who reads today. SealAnew seals one
	// to these, as far as the key opens it, and tells whether that was the whole.
	Stale() (ids []string, err error)
	SealAnew(id string, open func(sealed []byte) ([]byte, error)) (whole bool, err error)

	// Record adds a line to the audit, on disk on return.
	Record(site.Audit) error
	Audit() ([]site.Audit, error)
}

// Organizers gives who may decide, and who may read.
func (s *Service) Organizers() ([]site.Organizer, error) { return s.o.Vault.Organizers() }

// Invites gives who is invited and has not come yet.
func (s *Service) Invites() ([]site.Invite, error) { return s.o.Vault.Invites() }

// Audit gives what was done with private words and with who may read them, oldest first.
func (s *Service) Audit() ([]site.Audit, error) { return s.o.Vault.Audit() }

// Unlock opens the key that is kept under a person's passphrase, or gives ErrPassphrase.
func (s *Service) Unlock(name, passphrase string) (site.Organizer, Key, error) {
	person, open, err := s.o.Vault.Unlock(name, passphrase)
	if err == nil && open == nil {
		err = ErrPassphrase
	}
	return person, open, err
}

// Reveal is Show for a person who wants to read what is private. That she did is on disk
// before she sees it.
func (s *Service) Reveal(id string, key Key, by Person) (*Item, error) {
	it, err := s.find(id)
	if err == nil && key != nil {
		err = s.witness(by, "reveal", it.ID)
	}
	if err != nil {
		return nil, err
	}
	return s.Show(it.ID, key)
}

func (s *Service) witness(by Person, did, about string) error {
	return s.o.Vault.Record(site.Audit{When: s.Now(), Who: by.Name, Did: did, About: about})
}

// govern changes who may read, while nobody else changes anything, and records it first: a
// change that is not recorded is not made. One that then fails has a second line that says so.
func (s *Service) govern(by Person, did, about string, change func() error) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.witness(by, did, about); err != nil {
		return err
	}
	if err = change(); err == nil {
		return nil
	}
	if also := s.witness(by, "refused", about); also != nil {
		return errors.Join(err, also)
	}
	return err
}

// Invite invites a person to be an organizer or a keeper, or one who has lost her passphrase
// to make a new one. The token belongs into a link, the word is to be spoken.
func (s *Service) Invite(name string, role site.Role, by Person) (token, word string, err error) {
	name = site.CleanLine(name)
	err = s.govern(by, "invite", name+" "+role.String(), func() (err error) {
		token, word, err = s.o.Vault.Invite(site.Invite{Name: name, Role: role, Until: s.Now().Add(InviteFor)})
		return err
	})
	return token, word, err
}

// Invited tells whom an invitation is for, or gives ErrInvite.
func (s *Service) Invited(token string) (site.Invite, error) {
	who, err := s.o.Vault.Invited(token, s.Now())
	if err == nil && who.Name == "" {
		err = ErrInvite
	}
	return who, err
}

// Join takes up an invitation, which is then gone, and gives the passphrase of the new key
// this one time. What was sealed before is hers to read once a keeper's key has sealed it
// anew, see [Service.SealAnew]. ErrInvite or ErrWord when not.
func (s *Service) Join(token, word string) (person site.Organizer, passphrase string, err error) {
	who, err := s.Invited(token)
	if err != nil {
		return person, "", err
	}
	err = s.govern(Person{Name: who.Name}, "join", who.Role.String(), func() (err error) {
		person, passphrase, err = s.o.Vault.Join(token, word, s.Now())
		switch {
		case err == nil && person.Name == "":
			err = ErrInvite
		case err == nil && passphrase == "":
			err = ErrWord
		}
		return err
	})
	return person, passphrase, err
}

// AddKey enters a person who keeps her private key herself, or gives her another key.
func (s *Service) AddKey(o site.Organizer, by Person) error {
	return s.govern(by, "key", o.Name+" "+o.Role.String(), func() error { return s.o.Vault.Enter(o) })
}

// NewKey makes a new key for a person who is there, and gives its passphrase this one time.
// One who signs in gives the passphrase that she has; or ErrPassphrase.
func (s *Service) NewKey(name, passphrase string, by Person) (renewed string, err error) {
	o, err := s.organizer(name)
	if err != nil {
		return "", err
	}
	err = s.govern(by, "key", o.Name+" "+o.Role.String(), func() (err error) {
		if !o.SignsIn {
			renewed, err = s.o.Vault.EnterAnew(o.Name, o.Role)
			return err
		}
		if renewed, err = s.o.Vault.Rotate(o.Name, passphrase); err == nil && renewed == "" {
			err = ErrPassphrase
		}
		return err
	})
	return renewed, err
}

// SetRole makes a person a keeper or an organizer. There is always a keeper left.
func (s *Service) SetRole(name string, role site.Role, by Person) error {
	o, err := s.organizer(name)
	if err != nil || o.Role == role {
		return err
	}
	o.Role = role
	return s.govern(by, "role", o.Name+" "+role.String(), func() error { return s.o.Vault.Enter(o) })
}

// Leave takes a person out, and her invitation. Nothing is sealed to her from now on; what
// was sealed before is closed to her by [Service.SealAnew].
func (s *Service) Leave(name string, by Person) error {
	return s.govern(by, "leave", site.CleanLine(name), func() error { return s.o.Vault.Leave(name) })
}

func (s *Service) organizer(name string) (site.Organizer, error) {
	list, err := s.Organizers()
	for _, o := range list {
		if strings.EqualFold(o.Name, strings.TrimSpace(name)) {
			return o, nil
		}
	}
	if err == nil {
		err = refusal("no-organizer", fmt.Sprintf("there is no organizer %q", name), "potluck organizers lists them", name)
	}
	return site.Organizer{}, err
}

// Stale counts the items that are sealed to others than who reads today, those in the spool
// not among them.
func (s *Service) Stale() (int, error) {
	ids, err := s.o.Vault.Stale()
	return len(ids), err
}

// SealAnew seals what is there to who reads today, and to nobody else, as far as the key
// opens it. left counts what it could not open. It can be stopped at any moment, and goes on
// where it was the next time.
func (s *Service) SealAnew(ctx context.Context, key Key) (done, left int, err error) {
	err = s.Drain(ctx)
	ids, err1 := s.o.Vault.Stale()
	errs := []error{err, err1}
	for _, id := range ids {
		if ctx.Err() != nil {
			return done, left, ctx.Err()
		}
		whole, err := s.sealAnew(id, key)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", id, err))
			left++
		case whole:
			done++
		default:
			left++
		}
	}
	return done, left, errors.Join(errs...)
}

// sealAnew does one item, so that neighbours need not wait for all of them.
func (s *Service) sealAnew(id string, key Key) (whole bool, err error) {
	unlock, err := s.lock()
	if err != nil {
		return false, err
	}
	defer unlock()
	return s.o.Vault.SealAnew(id, key)
}
