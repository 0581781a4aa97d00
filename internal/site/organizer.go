package site

import (
	"strings"
	"time"
)

// Organizer is a person who decides on what neighbours send. The name is a first name or a
// made-up one.
type Organizer struct {
	Name      string
	Role      Role
	Recipient string // her public key: age1…, ssh-ed25519 … or ssh-rsa …
	SignsIn   bool   // her private key is kept under her passphrase, so she can use the desk
}

// Invite lets a person make a key of her own, once.
type Invite struct {
	Name  string
	Role  Role
	Until time.Time
}

// Role is what a person may do. A greater one may do all that a smaller one may.
type Role int

// A keeper also reads contact details, and decides who is an organizer.
const (
	Nobody Role = iota
	AnOrganizer
	Keeper
)

// Roles are the names of roles, as they are written.
var Roles = []string{"nobody", "organizer", "keeper"}

func (r Role) String() string { return Roles[r] }

// ParseRole gives the role of a name. Nobody is not one that can be given.
func ParseRole(name string) (Role, bool) {
	for r := AnOrganizer; r <= Keeper; r++ {
		if Roles[r] == name {
			return r, true
		}
	}
	return Nobody, false
}

// IsName tells that a name can stand for a person, in the history too: one line of 1 to 40
// letters, without what git keeps for addresses.
func IsName(name string) bool {
	return name != "" && name == CleanLine(name) && len([]rune(name)) <= 40 && !strings.ContainsAny(name, "<>")
}

// Audit is a line of what was done with private words, or with who may read them. It holds
// no word of a neighbour.
type Audit struct {
	When  time.Time
	Who   string // an organizer's name, or potluck
	Did   string // reveal, erase, purge, invite, join, role, key, leave, seal
	About string // the ID of an item, or an organizer's name and role
}
