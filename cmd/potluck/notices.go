package main

import (
	"context"
	"path"
	"reflect"
	"time"

	"potluck/internal/intake"
	"potluck/internal/notify"
	"potluck/internal/repo"
	"potluck/internal/site"
	"potluck/internal/vault"
)

// notices tells organizers that submissions wait, until ctx is done. It follows changes of
// [notices] in site.toml; s.outbox has how the channels do.
func (s *server) notices(ctx context.Context) {
	for ctx.Err() == nil {
		to := s.n.cfg().Notices
		out, err := notify.Open(s.n.path("var", "outbox"), noticeConfig(s.n, to), notify.Options{Words: s.waits, Report: s.c.warn})
		if err != nil {
			s.c.warn(err)
		}
		s.outbox.Store(out)
		s.tell(ctx, out, func() bool { return reflect.DeepEqual(to, s.n.cfg().Notices) })
	}
}

// waits says how many submissions wait, in the first language of the site.
func (s *server) waits(waiting, held int) string {
	say := func(key string, n int) string { return s.builder.Say(s.n.cfg().Languages[0], key, n) }
	if held == 0 {
		return say("desk.waits", waiting)
	}
	return say("desk.waits", waiting) + " " + say("desk.waits-held", held)
}

// tell looks at the inbox again and again, and sends what is due, as long as same is true.
func (s *server) tell(ctx context.Context, out *notify.Outbox, same func() bool) {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	defer func() { stop(); <-ended }()
	v := &inboxView{repo: s.n.repo, spool: vault.Spool(s.n.path("var", "spool"))}
	s.look(v, out)
	go func() { out.Run(ctx); close(ended) }()
	for same() && ctx.Err() == nil {
		took := s.look(v, out)
		select {
		case <-ctx.Done():
		case <-time.After(max(2*time.Second, 50*took)):
		}
	}
}

func (s *server) look(v *inboxView, out *notify.Outbox) (took time.Duration) {
	begun := time.Now()
	if len(out.Status()) == 0 {
		return 0
	}
	rest, all, err := v.look()
	if err != nil {
		s.c.warn(err)
		return time.Second
	}
	if rest != nil {
		out.Waiting(rest.waiting, rest.held) // what was decided makes room for what is new
	}
	out.Waiting(all.waiting, all.held)
	return time.Since(begun)
}

// noticeConfig is [notices] with paths that begin at the network's folder.
func noticeConfig(n *network, to site.Notices) notify.Config {
	file := func(name string) string {
		if name == "" {
			return ""
		}
		return n.path(name)
	}
	cfg := notify.Config{Link: to.Link}
	if m := to.Mail; len(m.To) > 0 {
		cfg.Mail = &notify.Mail{To: m.To, From: m.From, Server: m.Server, User: m.User, PasswordFile: file(m.PasswordFile)}
	}
	if w := to.Webhook; w.URL != "" || w.URLFile != "" {
		cfg.Webhook = &notify.Webhook{URL: w.URL, URLFile: file(w.URLFile), Style: w.Style, SecretFile: file(w.SecretFile)}
	}
	return cfg
}

// inboxView remembers what waited, so that one look reads only what is new.
type inboxView struct {
	repo  *repo.Repo
	spool vault.Spool
	seen  map[string]sight // nil before the first look
}

type sight struct {
	head  repo.Hash
	state intake.State
}

// tally is how many submissions wait for an organizer, held ones included.
type tally struct{ waiting, held int }

func (c *tally) add(s intake.State) {
	if s == intake.Held {
		c.held++
	}
	if s == intake.Held || s == intake.Waiting {
		c.waiting++
	}
}

// look counts what waits, and what of it waited before; nil on the first look. What the spool
// still has waits too, also when git cannot take it.
func (v *inboxView) look() (rest, all *tally, err error) {
	ids, err := v.spool.List() // before the refs, or what moves in between is in neither
	if err != nil {
		return nil, nil, err
	}
	refs, err := v.repo.Refs("refs/potluck/inbox/")
	if err != nil {
		return nil, nil, err
	}
	now := map[string]sight{}
	for _, id := range ids {
		now[id] = sight{state: intake.Waiting}
	}
	for ref, head := range refs {
		id := path.Base(ref)
		if now[id] = v.seen[id]; now[id].head != head {
			now[id] = sight{head, v.state(ref)}
		}
	}
	rest, all = &tally{}, &tally{}
	for id, s := range now {
		all.add(s.state)
		if old := v.seen[id].state; old == intake.Waiting || old == intake.Held {
			rest.add(s.state)
		}
	}
	if v.seen == nil {
		rest = nil
	}
	v.seen = now
	return rest, all, nil
}

// state reads an item's state. One that cannot be read waits, and so do other words for a
// page that is public.
func (v *inboxView) state(ref string) intake.State {
	record, _ := gitPort{v.repo}.Record(ref)
	for _, e := range record {
		if e.State == intake.Open || e.State == intake.Matched {
			return intake.Waiting
		}
		if e.State != "" {
			return e.State
		}
	}
	return intake.Waiting
}
