package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"
)

// Run drains the spool until ctx is done: at once after a submission, within a second of
// what another process put there, and with growing patience after a failure, which is
// reported.
func (s *Service) Run(ctx context.Context, report func(error)) {
	var wait, counted = time.Duration(0), time.Time{}
	for ctx.Err() == nil {
		kick := s.kick
		if err := s.Drain(ctx); err == nil {
			wait = 0
		} else {
			report(err)
			kick, wait = nil, min(max(2*wait, time.Second), time.Minute)
		}
		if time.Since(counted) > 30*time.Second { // listing refs takes long where there are many
			s.count()
			counted = time.Now()
		}
		select {
		case <-ctx.Done():
		case <-kick:
		case <-time.After(max(wait, time.Second)):
		}
	}
}

func (s *Service) count() {
	waiting, err := s.o.Git.Refs(inboxRef)
	spooled, err2 := s.o.Spool.List()
	if err == nil && err2 == nil {
		s.waiting.Store(int64(len(waiting) + len(spooled)))
	}
}

// Drain goes through the spool once. An item that fails does not keep the others back.
func (s *Service) Drain(ctx context.Context) error {
	if s.o.Git == nil {
		return ErrNoGit
	}
	ids, err := s.o.Spool.List()
	errs := []error{err}
	for batch := range slices.Chunk(ids, 64) {
		errs = append(errs, ctx.Err(), s.drainLocked(ctx, batch))
	}
	return errors.Join(errs...)
}

func (s *Service) drainLocked(ctx context.Context, ids []string) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	return s.drain(ctx, ids)
}

// drain moves a batch on: into the vault, into git, out of the spool.
func (s *Service) drain(ctx context.Context, ids []string) error {
	var errs []error
	var moved []string
	var proposals []Proposal
	parcels, failed := make([]*parcel, len(ids)), make([]error, len(ids))
	together(len(ids), func(i int) { parcels[i], failed[i] = s.stow(ids[i]) })
	for i, id := range ids {
		if err := failed[i]; err == nil {
			moved, proposals = append(moved, id), append(proposals, parcels[i].proposal())
		} else if err == ErrGone {
			errs = append(errs, s.o.Spool.Remove(id))
		} else if !errors.Is(err, fs.ErrNotExist) { // else another process was faster
			errs = append(errs, fmt.Errorf("var/spool/%s: %w", id, err))
		}
	}
	if len(moved) == 0 {
		return errors.Join(errs...)
	}
	err := s.o.Git.Propose(ctx, proposals)
	if err != nil && len(ids) == 1 {
		return fmt.Errorf("var/spool/%s: %w", ids[0], err)
	}
	if err == nil {
		return errors.Join(append(errs, s.o.Spool.Remove(moved...))...)
	}
	for _, id := range moved { // one of them may be at fault
		errs = append(errs, s.drain(ctx, []string{id}))
	}
	return errors.Join(errs...)
}

// together runs do for 0 to n-1, sixteen at a time: what waits for the disk together waits once.
func together(n int, do func(i int)) {
	slots := make(chan struct{}, 16)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() { do(i); <-slots })
	}
	all.Wait()
}

// stow reads a file of the spool and puts its private part into the vault.
func (s *Service) stow(id string) (*parcel, error) {
	data, err := s.o.Spool.Get(id)
	if err != nil {
		return nil, err
	}
	p := &parcel{}
	if json.Unmarshal(data, p) != nil || p.Version != 1 || p.ID != id || p.Kind == "" {
		return nil, &Error{Text: "this file cannot be read", Way: "keep it, and ask a keeper; a newer potluck may have written it"}
	}
	if why, _ := s.o.Vault.Gone(id); why != "" {
		return nil, ErrGone
	}
	if err := s.o.Vault.Put(id, p.Private, p.Organizers, p.Recipients, p.Readers); err != nil {
		return nil, fmt.Errorf("%v", err) // whatever is missing, it is not the file
	}
	return p, nil
}

func (p *parcel) proposal() Proposal {
	article := "a"
	if strings.ContainsAny(p.Kind[:1], "aeio") {
		article = "an"
	}
	path := p.Path
	if !strings.HasPrefix(path, messages) {
		path = "content/" + path
	}
	return Proposal{
		Ref: inboxRef + p.ID, Unless: doneRef + p.ID, Path: path, Data: []byte(p.Page), Form: p.Form,
		Message: fmt.Sprintf("intake: %s %s waits (%s)", article, p.Kind, p.ID), State: p.State, HeldFor: p.HeldFor, When: p.Received,
	}
}
