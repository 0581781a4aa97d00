package main

import (
	"context"
	"time"

	"potluck/internal/repo"
)

// followMain sees main move, by whatever hand, until ctx is done: what an organizer did with git
// alone comes into the records of items, and the site is built again: pages that come from the
// repository, and in all of them who changed them.
func (s *server) followMain(ctx context.Context) {
	before, _ := s.n.repo.Head()
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, err := s.n.repo.Head()
		if err != nil || now == before {
			continue
		}
		ring(s.moved)
		ring(s.remoteBell)
		if err := s.noticeMain(ctx, before, now); err != nil && ctx.Err() == nil {
			s.c.warn(err)
		}
		before = now
	}
}

func (s *server) noticeMain(ctx context.Context, before, now repo.Hash) error {
	paths, err := s.n.repo.Changed(before, now, "content/")
	if err != nil {
		return err
	}
	return s.intake.Notice(ctx, paths)
}

// ring rings a bell that holds one ring.
func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}
