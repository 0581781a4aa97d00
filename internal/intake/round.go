package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"potluck/internal/site"
)

// How far the clock may go between two rounds, and how long it is in doubt after it went
// further.
const (
	forward  = 7 * day
	backward = day
	doubtful = 3 * day
)

// noteDays is how long it is known that an item was erased.
const noteDays = 365

// Keep makes the round now and every hour until ctx is done.
func (s *Service) Keep(ctx context.Context, report func(error)) {
	for ctx.Err() == nil {
		if _, err := s.Round(ctx, false); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Hour):
		}
	}
}

// Round does what time asks for: listings end, matches that came to nothing open again,
// private answers are deleted. done counts it by operation. It can be made at any time and
// stopped at any point. sure says that the clock is right; else, when it jumped, the round
// does nothing and gives ErrClock.
func (s *Service) Round(ctx context.Context, sure bool) (done map[string]int, err error) {
	if s.o.Git == nil {
		return nil, ErrNoGit
	}
	if err := s.clock(sure); err != nil {
		return nil, err
	}
	done = map[string]int{}
	var errs []error
	var doomed []string
	for _, in := range []string{inboxRef, doneRef} {
		refs, err := s.o.Git.Refs(in)
		errs = append(errs, err)
		for _, ref := range slices.Sorted(maps.Keys(refs)) {
			if ctx.Err() != nil {
				return done, errors.Join(append(errs, ctx.Err())...)
			}
			op, err := s.age(ctx, ref)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", ref, err))
			} else if op != "" {
				done[op]++
			}
			if err == nil && (op == "purge" || op == "erase") {
				doomed = append(doomed, ref)
			}
		}
	}
	errs = append(errs, s.o.Git.Erase(ctx, doomed...), s.sweep()) // and what an earlier one left
	return done, errors.Join(errs...)
}

// clock remembers the time, and tells when it cannot be trusted.
func (s *Service) clock(sure bool) error {
	seen, doubt, err := s.o.Vault.Clock()
	if err != nil && !sure {
		return err
	}
	now := s.Now()
	switch jumped := !seen.IsZero() && (now.Sub(seen) > forward || seen.Sub(now) > backward); {
	case sure:
		doubt = time.Time{}
	case jumped:
		doubt = now
	case now.Sub(doubt) >= doubtful:
		doubt = time.Time{}
	}
	if err := s.o.Vault.SetClock(now, doubt); err != nil {
		return err
	}
	if !doubt.IsZero() {
		return ErrClock
	}
	return nil
}

// age does with one item what time asks for.
func (s *Service) age(ctx context.Context, ref string) (op string, err error) {
	unlock, err := s.lock()
	if err != nil {
		return "", err
	}
	defer unlock()
	it, err := s.item(ref)
	if notThere(err) { // moved in the meantime
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if why, _ := s.o.Vault.Gone(it.ID); why != "" { // an erasure was stopped
		if why == "erased" {
			err = s.onMain(ctx, it, nil, "erase", machine)
		}
		return "erase", errors.Join(err, s.o.Vault.Erase(it.ID, why, s.Now()))
	}
	if it.unrecorded() {
		return "note", s.record(ctx, it)
	}
	switch op = s.due(it); op {
	case "":
		return "", s.file(ctx, it)
	case "purge":
		if err := s.witness(machine, op, it.ID); err != nil {
			return "", err
		}
		return op, s.o.Vault.Erase(it.ID, "purged", s.Now())
	case "expire":
		return op, s.do(ctx, it, act{op: op, who: Clock, by: machine, reason: "expired"})
	}
	return op, s.do(ctx, it, act{op: op, who: Clock, by: machine})
}

// due is what the clock does with an item now, or "".
func (s *Service) due(it *Item) string {
	now, loc := s.Now(), s.Config().Location
	over := func(d site.Date) bool { return !d.IsZero() && !now.Before(d.End(loc)) }
	lasted, end := now.Sub(it.Since), s.end(it.Makes, it.Page, it.Received)
	switch it.State {
	case Waiting, Held:
		if over(end.AddDays(keptDays)) && !end.IsZero() {
			return "expire"
		}
	case Asked:
		if over(end) && lasted > answerDays*day {
			return "expire"
		}
	case Open:
		if over(s.shown(it).Expires) {
			return "expire"
		}
	case Matched:
		if lasted > matchDays*day {
			return "unmatch"
		}
	case Closed:
		if over(s.KeptUntil(it)) {
			return "purge"
		}
	}
	return ""
}

// Notice writes into the records of items what an organizer did to their pages with git alone.
// paths are those that changed on main; others than items' are left out. What it misses, the
// next round finds.
func (s *Service) Notice(ctx context.Context, paths []string) error {
	if s.o.Git == nil {
		return ErrNoGit
	}
	var errs []error
	for _, p := range paths {
		if id, ok := strings.CutSuffix(path.Base(p), ".md"); ok && isID(id) {
			errs = append(errs, s.notice(ctx, id))
		}
	}
	return errors.Join(errs...)
}

func (s *Service) notice(ctx context.Context, id string) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for _, in := range []string{inboxRef, doneRef} {
		it, err := s.item(in + id)
		if notThere(err) {
			continue
		}
		if err == nil && it.unrecorded() && it.State != Purged {
			err = s.record(ctx, it)
		}
		return err
	}
	return nil
}

// unrecorded tells that an item is as its page on main says, and not as its ref does.
func (it *Item) unrecorded() bool { return it.State != it.recorded || it.accepted }

// record writes into an item's record what an organizer did to its page by hand.
func (s *Service) record(ctx context.Context, it *Item) error {
	trailers := [][2]string{{"State", string(it.State)}}
	if it.State == Closed {
		trailers = append(trailers, [2]string{"Reason", it.Reason})
	}
	if it.accepted {
		trailers = append(trailers, [2]string{"Change", "accepted"})
	}
	err := s.o.Git.Commit(ctx, Change{
		Ref: it.ref, By: machine, When: s.Now().UTC().Truncate(time.Hour), Trailers: trailers,
		Message: "note that " + it.Kind + " " + it.ID + " is " + string(it.State),
	})
	if err != nil {
		return err
	}
	it.recorded, it.accepted = it.State, false
	return s.file(ctx, it)
}

// sweep finishes what erasing left in the vault, and forgets what was erased long ago.
func (s *Service) sweep() error {
	gone, err := s.o.Vault.AllGone()
	errs := []error{err}
	for id, left := range gone {
		why, since := s.o.Vault.Gone(id)
		if left {
			errs = append(errs, s.o.Vault.Erase(id, why, s.Now()))
		}
		if s.Now().Sub(since) > noteDays*day {
			errs = append(errs, s.o.Vault.Forget(id))
		}
	}
	return errors.Join(errs...)
}
