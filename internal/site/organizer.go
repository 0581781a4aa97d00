package site

// Organizer is a person who decides on what neighbours send. The name is a first name or a
// made-up one.
type Organizer struct {
	Name      string
	Role      Role
	Recipient string // her public key: age1…, ssh-ed25519 … or ssh-rsa …
	SignsIn   bool   // her private key is kept under her passphrase, so she can use the desk
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
