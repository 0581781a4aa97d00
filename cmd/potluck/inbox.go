package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"potluck/internal/intake"
)

var inboxCommand = &command{
	name: "inbox", usage: "inbox [show|publish|decline ID]", short: "see what waits, and decide on it",
	long: `
  potluck inbox               lists what waits, oldest first
  potluck inbox show ID       the proposed page, and with a keeper's key the private part
  potluck inbox publish ID    puts the page on main, in your name
  potluck inbox decline ID    takes it off the list; -reason says why

The first letters of an ID are enough, and the reference that a neighbour says
aloud works too. The running site shows a published page within a second.`,
	flags: "C as",
	more: func(c *call) {
		c.flags.String("key", "", "`file` with a keeper's key (default: var/keys/keeper.txt where it is there)")
		c.flags.String("reason", "declined", "why: "+strings.Join(intake.Reasons, ", "))
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) > 2 || len(c.args) == 1 {
			return usageError(find("inbox"), "name what to do and one ID")
		}
		if err := guardSource(c); err != nil {
			return err
		}
		n, err := openNetwork(c)
		if err != nil {
			return err
		}
		if err := n.needRepo(); err != nil {
			return err
		}
		svc, err := openIntake(n)
		if err != nil {
			return err
		}
		if err := svc.Drain(ctx); err != nil {
			c.warn(err)
		}
		if len(c.args) == 0 {
			return listInbox(c, svc)
		}
		act := map[string]func(context.Context, *call, *network, *intake.Service) error{
			"show": showItem, "publish": publishItem, "decline": declineItem,
		}[c.args[0]]
		if act == nil {
			return usageError(find("inbox"), "there is no %q", c.args[0])
		}
		return act(ctx, c, n, svc)
	},
}

func listInbox(c *call, svc *intake.Service) error {
	items, err := svc.List()
	for _, it := range items {
		fmt.Fprintf(c.stdout, "%s  %-7s  %-8s  %s  %s\n", it.ID, it.State, it.Kind, it.Page.Date, it.Page.Title)
	}
	if len(items) == 0 && err == nil {
		fmt.Fprintln(c.stdout, "nothing waits")
	}
	return err
}

// showItem prints the proposed page, and what the key opens.
func showItem(_ context.Context, c *call, n *network, svc *intake.Service) error {
	key := c.flags.Lookup("key").Value.String()
	if own := n.path("var", "keys", "keeper.txt"); key == "" && exists(own) {
		key = own
	}
	it, err := svc.Show(c.args[1], key)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s  %s  %s\n\n%s\n", it.ID, it.State, it.Path, it.Markdown)
	if key == "" {
		fmt.Fprintln(c.stdout, "The private part is sealed. A keeper reads it with -key FILE.")
		return nil
	}
	fmt.Fprintf(c.stdout, "Private, never on the site:\n\n%s%s", it.Sealed, it.Organizers)
	return nil
}

func publishItem(ctx context.Context, c *call, n *network, svc *intake.Service) error {
	who, err := n.identity(c.as)
	if err != nil {
		return err
	}
	it, err := svc.Publish(ctx, c.args[1], intake.Person(who))
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "published: %s\n", strings.TrimSuffix(n.cfg().BaseURL, "/")+it.Page.URL)
	return nil
}

func declineItem(ctx context.Context, c *call, n *network, svc *intake.Service) error {
	who, err := n.identity(c.as)
	if err != nil {
		return err
	}
	it, err := svc.Decline(ctx, c.args[1], c.flags.Lookup("reason").Value.String(), intake.Person(who))
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "declined: %s\n", it.ID)
	return nil
}

// exists tells that there is a file or folder at path.
func exists(path string) bool { _, err := os.Stat(path); return err == nil }
