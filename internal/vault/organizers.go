package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"

	"potluck/internal/durable"
)

// Organizer is one entry of organizers.toml.
type Organizer struct {
	Name      string
	Role      string // "keeper" or "organizer"
	Recipient string // age1…
}

func (v *Vault) organizersFile() string { return filepath.Join(v.dir, "organizers.toml") }

// Organizers reads organizers.toml: [[organizer]] and lines of key = "value".
// Anything else is an error, so that nobody is left out unnoticed.
func (v *Vault) Organizers() ([]Organizer, error) {
	src, err := os.ReadFile(v.organizersFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []Organizer
	for i, line := range strings.Split(string(src), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line == "[[organizer]]" {
			list = append(list, Organizer{})
		} else if len(list) == 0 || !list[len(list)-1].set(line) {
			return nil, &Error{fmt.Sprintf("%s:%d: this line cannot be read", v.organizersFile(), i+1),
				`write [[organizer]], then name = "…", role = "keeper" or "organizer", recipient = "age1…", each on its own line`}
		}
	}
	return list, err
}

func (o *Organizer) set(line string) bool {
	key, value, _ := strings.Cut(line, "=")
	s, err := strconv.Unquote(strings.TrimSpace(value))
	switch strings.TrimSpace(key) {
	case "name":
		o.Name = s
	case "role":
		o.Role = s
		return err == nil && (s == "keeper" || s == "organizer")
	case "recipient":
		o.Recipient = s
		_, err = age.ParseX25519Recipient(s)
	default:
		return false
	}
	return err == nil
}

// recipients gives whom to seal to: the keepers, and keepers and organizers together.
func (v *Vault) recipients() (keepers, all []string, err error) {
	list, err := v.Organizers()
	if err != nil {
		return nil, nil, err
	}
	for _, o := range list {
		if o.Recipient == "" {
			continue
		}
		all = append(all, o.Recipient)
		if o.Role == "keeper" {
			keepers = append(keepers, o.Recipient)
		}
	}
	if keepers == nil {
		return nil, nil, ErrNoKeeper
	}
	return keepers, all, nil
}

// NewKeeper makes a keeper's key in keys/keeper.txt and enters it in
// organizers.toml under the name. A key that is there already is kept.
func (v *Vault) NewKeeper(name string) (keyFile string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	keyFile = filepath.Join(v.dir, "keys", "keeper.txt")
	text := fmt.Sprintf("# created: %s\n# public key: %s\n%s\n", time.Now().UTC().Format(time.RFC3339), id.Recipient(), id)
	if err := durable.CreateFile(keyFile, []byte(text), 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	ids, err := identities(keyFile)
	if err != nil {
		return "", err
	}
	own, ok := ids[0].(*age.X25519Identity)
	if !ok {
		return "", &Error{keyFile + " is not an X25519 key", "move it away and try again"}
	}
	return keyFile, v.enter(Organizer{Name: name, Role: "keeper", Recipient: own.Recipient().String()})
}

// enter adds an organizer to organizers.toml, unless the recipient is there.
func (v *Vault) enter(o Organizer) error {
	src, err := os.ReadFile(v.organizersFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if bytes.Contains(src, []byte(o.Recipient)) {
		return nil
	}
	src = fmt.Appendf(src, "[[organizer]]\nname = %q\nrole = %q\nrecipient = %q\n\n", o.Name, o.Role, o.Recipient)
	return durable.WriteFile(v.organizersFile(), src, 0o600)
}
