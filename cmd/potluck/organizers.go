package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var organizersCommand = &command{
	name: "organizers", usage: "organizers [invite|role|… NAME]", short: "say who decides, and who reads what is private",
	long: `
  potluck organizers               lists organizers, keepers and invitations
  potluck organizers invite NAME   makes a link for NAME, good once and for 72 hours, and a word
                                   that you say to her, not write; -role keeper for a keeper.
                                   Who has lost her passphrase is invited again
  potluck organizers remove NAME   takes her out, or her invitation
  potluck organizers role NAME keeper|organizer
  potluck organizers audit         who looked at private words, erased them, or changed who reads

An organizer decides, and reads what neighbours write for organizers. A keeper also reads
how to reach them, and decides who is an organizer. What was sealed before is sealed anew
when the list changes, so that who comes can read it and who left cannot: your passphrase
is asked for, or it is done when a keeper signs in at the desk.`,
	flags: "C as",
	more: func(c *call) {
		keyFlags(c)
		c.flags.String("role", "organizer", "invite: `what` she will be, organizer or keeper")
	},
	run: func(ctx context.Context, c *call) error {
		n, svc, err := openForReview(c)
		if err != nil {
			return err
		}
		switch what := strings.Join(c.args[:min(1, len(c.args))], ""); {
		case len(c.args) == 0:
			return listOrganizers(c, svc)
		case what == "audit" && len(c.args) == 1:
			return listAudit(c, svc)
		case what == "invite" && len(c.args) == 2:
			return invite(c, n, svc, c.args[1])
		case what == "remove" && len(c.args) == 2:
			return removeOrganizer(ctx, c, n, svc, c.args[1])
		case what == "role" && len(c.args) == 3:
			return setRole(ctx, c, n, svc, c.args[1], c.args[2])
		}
		return usageError(find("organizers"), "name what to do and for whom")
	},
}

func listOrganizers(c *call, svc *intake.Service) error {
	list, err := svc.Organizers()
	if err != nil {
		return err
	}
	for _, o := range list {
		how := "reads with a key of her own"
		if o.SignsIn {
			how = "signs in with her passphrase"
		}
		fmt.Fprintf(c.stdout, "%-20s  %-9s  %s\n", o.Name, o.Role, how)
	}
	invites, err := svc.Invites()
	for _, i := range invites {
		until := "until " + i.Until.In(svc.Config().Location).Format("2006-01-02 15:04")
		if !svc.Now().Before(i.Until) {
			until = "too late, since " + i.Until.In(svc.Config().Location).Format("2006-01-02 15:04")
		}
		fmt.Fprintf(c.stdout, "%-20s  %-9s  invited, %s\n", i.Name, i.Role, until)
	}
	if len(list)+len(invites) == 0 {
		fmt.Fprintln(c.stdout, "there is nobody")
	}
	if err == nil {
		err = sayStale(c, svc)
	}
	return err
}

// sayStale says what is still sealed as it was before the list changed.
func sayStale(c *call, svc *intake.Service) error {
	stale, err := svc.Stale()
	if stale > 0 {
		fmt.Fprintf(c.stdout, "\n%s sealed to others than who is listed. A keeper's key sets that right: potluck keys seal\n", isAre(stale, "item"))
	}
	return err
}

func isAre(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return count(n, noun) + " are"
}

func listAudit(c *call, svc *intake.Service) error {
	list, err := svc.Audit()
	for _, a := range list {
		fmt.Fprintf(c.stdout, "%s  %-20s  %-7s  %s\n", a.When.In(svc.Config().Location).Format("2006-01-02 15:04"), a.Who, a.Did, a.About)
	}
	if len(list) == 0 && err == nil {
		fmt.Fprintln(c.stdout, "nothing has been looked at")
	}
	return err
}

func invite(c *call, n *network, svc *intake.Service, name string) error {
	role, ok := site.ParseRole(c.word("role", ""))
	if !ok {
		return usageError(find("organizers"), "a role is organizer or keeper")
	}
	who, err := n.identity(c.as)
	if err != nil {
		return err
	}
	token, word, err := svc.Invite(name, role, intake.Person(who))
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, `Send this link to %s. It is good once, until %s:

  %sdesk/invite/%s/

Say this word to her, on the phone or in person; do not write it:

  %s
`, name, svc.Now().Add(intake.InviteFor).In(svc.Config().Location).Format("Monday 15:04"), svc.Config().BaseURL, token, word)
	return nil
}

// governing is a change of who reads: the key is opened before it and seals anew after it.
func governing(ctx context.Context, c *call, n *network, svc *intake.Service, change func(by intake.Person) error) error {
	who, err := n.identity(c.as)
	if err != nil {
		return err
	}
	key, err := openKey(c, n, svc)
	if err != nil {
		return err
	}
	if err := change(intake.Person(who)); err != nil {
		return err
	}
	if key == nil {
		return sayStale(c, svc)
	}
	return sealAnew(ctx, c, svc, key)
}

func sealAnew(ctx context.Context, c *call, svc *intake.Service, key intake.Key) error {
	began := time.Now()
	done, left, err := svc.SealAnew(ctx, key)
	if done > 0 {
		fmt.Fprintf(c.stdout, "%s sealed anew, in %s\n", isAre(done, "item"), time.Since(began).Round(time.Millisecond))
	}
	if left > 0 && err == nil {
		err = hinted(fmt.Errorf("%s sealed to others than who is listed, since your key does not open all of it", isAre(left, "item")), "another keeper does it when she signs in, or with potluck keys seal")
	}
	return err
}

func removeOrganizer(ctx context.Context, c *call, n *network, svc *intake.Service, name string) error {
	return governing(ctx, c, n, svc, func(by intake.Person) error {
		err := svc.Leave(name, by)
		if err == nil {
			fmt.Fprintf(c.stdout, "removed: %s\n", name)
		}
		return err
	})
}

func setRole(ctx context.Context, c *call, n *network, svc *intake.Service, name, role string) error {
	r, ok := site.ParseRole(role)
	if !ok {
		return usageError(find("organizers"), "a role is organizer or keeper")
	}
	return governing(ctx, c, n, svc, func(by intake.Person) error {
		err := svc.SetRole(name, r, by)
		if err == nil {
			fmt.Fprintf(c.stdout, "%s: %s\n", r, name)
		}
		return err
	})
}
