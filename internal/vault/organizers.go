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

func (v *Vault) list() string { return filepath.Join(v.dir, "organizers.toml") }

// Organizers reads organizers.toml: [[organizer]] and lines of key = "value". Anything
// else is an error, so that nobody is left out unnoticed.
func (v *Vault) Organizers() (list []Organizer, err error) {
	src, err := os.ReadFile(v.list())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for i, line := range strings.Split(string(src), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line == "[[organizer]]":
			list = append(list, Organizer{})
		case len(list) == 0 || !list[len(list)-1].set(line):
			return nil, &Error{fmt.Sprintf("%s:%d: this line cannot be read", v.list(), i+1),
				`write [[organizer]], then name = "…", role = "keeper" or "organizer", recipient = "age1…", each on a line`}
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
		if o.Role == "" || o.Recipient == "" {
			return nil, nil, &Error{fmt.Sprintf("%s: %q has no role or no recipient", v.list(), o.Name), "add the line that is missing"}
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
	src, err := os.ReadFile(v.list())
	to := own.Recipient().String()
	if err != nil && !errors.Is(err, fs.ErrNotExist) || bytes.Contains(src, []byte(to)) {
		return keyFile, err
	}
	src = fmt.Appendf(src, "[[organizer]]\nname = %q\nrole = \"keeper\"\nrecipient = %q\n\n", name, to)
	return keyFile, durable.WriteFile(v.list(), src, 0o600)
}
