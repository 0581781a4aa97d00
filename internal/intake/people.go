package intake

import "potluck/internal/site"

// ErrPassphrase says that a name and a passphrase do not belong together.
var ErrPassphrase = &Error{"this name and this passphrase do not belong together", "look whether every word is right; who has lost hers is invited again by a keeper"}

// Keys is what the vault knows of who may read.
type Keys interface {
	Organizers() ([]site.Organizer, error)
	// Unlock opens the key that is kept under a person's passphrase. It gives nil when the
	// two do not belong together, and takes as long.
	Unlock(name, passphrase string) (person site.Organizer, open func(sealed []byte) ([]byte, error), err error)
}

// Organizers gives who may decide, and who may read.
func (s *Service) Organizers() ([]site.Organizer, error) { return s.o.Vault.Organizers() }

// Unlock opens the key that is kept under a person's passphrase, or gives ErrPassphrase.
func (s *Service) Unlock(name, passphrase string) (site.Organizer, Key, error) {
	person, open, err := s.o.Vault.Unlock(name, passphrase)
	if err == nil && open == nil {
		err = ErrPassphrase
	}
	return person, open, err
}
