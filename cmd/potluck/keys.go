package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/site"
	"potluck/internal/vault"
)

var keysCommand = &command{
	name: "keys", usage: "keys [new|add|rotate|… NAME]", short: "see and change to whom private words are sealed",
	long: `
  potluck keys                    lists whose key opens what
  potluck keys new FILE           makes a key for yourself; the file is yours to keep, and
                                  what it prints is for keys add
  potluck keys add NAME KEY       enters NAME with her own public key, or a file that holds
                                  one: age1…, ssh-ed25519 … or ssh-rsa …; -role keeper
  potluck keys remove NAME        takes NAME and her key out
  potluck keys rotate NAME        makes a new key and passphrase for NAME, who gives the one
                                  that she has; who has lost it is invited again
  potluck keys rotate NAME KEY    gives NAME another key of her own
  potluck keys seal               seals everything anew to who is listed

Keys that are kept here are under a passphrase of six words, which only their owner has.
Who knows age or SSH can keep her own key elsewhere, and read with potluck inbox show -key
FILE, or with age itself. After a change everything is sealed anew with your key.`,
	flags: "C as",
	more: func(c *call) {
		keyFlags(c)
		c.flags.String("role", "organizer", "add: `what` she is, organizer or keeper")
	},
	run: func(ctx context.Context, c *call) error {
		what := strings.Join(c.args[:min(1, len(c.args))], "")
		if what == "new" && len(c.args) == 2 {
			return newKey(c, c.args[1])
		}
		n, svc, err := openForReview(c)
		if err != nil {
			return err
		}
		switch {
		case len(c.args) == 0:
			return listKeys(c, svc)
		case what == "add" && len(c.args) >= 3:
			return addKey(ctx, c, n, svc, c.args[1], strings.Join(c.args[2:], " "))
		case what == "remove" && len(c.args) == 2:
			return removeOrganizer(ctx, c, n, svc, c.args[1])
		case what == "rotate" && len(c.args) >= 2:
			return rotateKey(ctx, c, n, svc, c.args[1], strings.Join(c.args[2:], " "))
		case what == "seal" && len(c.args) == 1:
			return seal(ctx, c, n, svc)
		}
		return usageError(find("keys"), "name what to do")
	},
}

func newKey(c *call, file string) error {
	recipient, err := vault.NewKeyFile(file)
	if errors.Is(err, fs.ErrExist) {
		return hinted(fmt.Errorf("%s is there already", file), "name another file; a key is never overwritten")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, "The private key is in %s. Keep it to yourself, and a copy in a safe place. The public one is:\n", file)
	fmt.Fprintln(c.stdout, recipient)
	return nil
}

func listKeys(c *call, svc *intake.Service) error {
	list, err := svc.Organizers()
	if err != nil {
		return err
	}
	for _, o := range list {
		kept := "kept by her"
		if o.SignsIn {
			kept = "under her passphrase"
		}
		fmt.Fprintf(c.stdout, "%-20s  %-9s  %-20s  %s\n", o.Name, o.Role, kept, o.Recipient)
	}
	return sayStale(c, svc)
}

func addKey(ctx context.Context, c *call, n *network, svc *intake.Service, name, key string) error {
	role, ok := site.ParseRole(c.word("role", ""))
	if !ok {
		return usageError(find("keys"), "a role is organizer or keeper")
	}
	return enterKey(ctx, c, n, svc, site.Organizer{Name: site.CleanLine(name), Role: role}, key)
}

func enterKey(ctx context.Context, c *call, n *network, svc *intake.Service, o site.Organizer, key string) (err error) {
	if o.Recipient, err = publicKey(key); err != nil {
		return err
	}
	return governing(ctx, c, n, svc, func(by intake.Person) error {
		err := svc.AddKey(o, by)
		if err == nil {
			fmt.Fprintf(c.stdout, "%s: %s\n", o.Role, o.Name)
		}
		return err
	})
}

// publicKey reads a public key as it stands on the command line, or off a file.
func publicKey(key string) (string, error) {
	if src, err := os.ReadFile(key); err == nil {
		s, err := vault.PublicKey(string(src))
		if err != nil {
			err = fmt.Errorf("%s: %w", key, err)
		}
		return s, err
	}
	return vault.PublicKey(key)
}

func rotateKey(ctx context.Context, c *call, n *network, svc *intake.Service, name, key string) error {
	list, err := svc.Organizers()
	if err != nil {
		return err
	}
	signsIn := false
	for _, o := range list {
		if !strings.EqualFold(o.Name, name) {
			continue
		}
		if key != "" {
			return enterKey(ctx, c, n, svc, o, key)
		}
		signsIn = o.SignsIn
	}
	passphrase, err := c.passphrase(name)
	if err != nil {
		return err
	}
	if signsIn && passphrase == "" {
		return hinted(fmt.Errorf("the passphrase that %s has now is needed", name), "give it: -passphrase-file FILE; who has lost it is invited again: potluck organizers invite %s", name)
	}
	return governing(ctx, c, n, svc, func(by intake.Person) error {
		renewed, err := svc.NewKey(name, passphrase, by)
		if err == nil {
			fmt.Fprintf(c.stdout, "The new passphrase of %s, shown this one time:\n\n  %s\n\n", name, renewed)
		}
		return err
	})
}

func seal(ctx context.Context, c *call, n *network, svc *intake.Service) error {
	key, err := openKey(c, n, svc)
	if err != nil {
		return err
	}
	if key == nil {
		return hinted(errors.New("there is no key to open what is sealed"), "name your passphrase: -passphrase-file FILE, or your own key: -key FILE")
	}
	return sealAnew(ctx, c, svc, key)
}
