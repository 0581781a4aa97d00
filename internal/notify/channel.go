package notify

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	random "math/rand/v2"
	"os"
	"sync"
	"time"

	"potluck/internal/durable"
)

// ChannelStatus is how a channel does.
type ChannelStatus struct {
	Channel string    `json:"channel"` // "mail" or "webhook"
	Waiting int       `json:"waiting"` // submissions
	Held    int       `json:"held"`    // of these
	Unsent  string    `json:"unsent"`  // ID of the notice that is still to be sent; "": all is told
	Next    time.Time `json:"next"`    // not before then
	Tries   int       `json:"tries"`   // that failed since the last success
	Error   string    `json:"error"`   // of the last try; "" when it went well
}

type channel struct {
	path, link string
	o          Options
	send       func(context.Context, notice) error
	kick       chan struct{}
	mu         sync.Mutex
	s, saved   ChannelStatus
}

// load reads the file. One that cannot be read is as none: what waits is told once more.
func (c *channel) load(name string) {
	if data, err := os.ReadFile(c.path); err == nil && json.Unmarshal(data, &c.s) != nil {
		c.s = ChannelStatus{}
	}
	c.s.Channel, c.saved = name, c.s
	if soon := time.Now().Add(c.o.Retry); c.s.Tries > 0 && c.s.Next.After(soon) { // it may have been mended
		c.s.Next = soon
	}
}

func (c *channel) save() {
	if c.s == c.saved {
		return
	}
	data, _ := json.Marshal(c.s)
	if err := durable.WriteFile(c.path, data, 0o600); err != nil {
		c.fault(err)
	} else {
		c.saved = c.s
	}
}

func (c *channel) fault(err error) {
	if c.s.Error = oneLine(err.Error()); c.o.Report != nil {
		c.o.Report(fmt.Errorf("notices by %s: %w", c.s.Channel, err))
	}
}

func (c *channel) waiting(waiting, held int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if waiting == 0 {
		c.s.Unsent = ""
	} else if waiting > c.s.Waiting { // a new ID, for the old one may be on its way
		c.s.Unsent = rand.Text()
	}
	c.s.Waiting, c.s.Held = waiting, held
	c.save()
	select {
	case c.kick <- struct{}{}:
	default:
	}
}

func (c *channel) run(ctx context.Context) {
	for ctx.Err() == nil {
		c.mu.Lock()
		s, now := c.s, time.Now()
		c.mu.Unlock()
		wait := min(s.Next.Sub(now), time.Minute) // and look again, for clocks are set
		if s.Unsent == "" {
			wait = time.Hour
		} else if wait <= 0 || s.Next.After(now.Add(2*time.Hour)) {
			c.deliver(ctx, s)
		}
		select {
		case <-ctx.Done():
		case <-c.kick:
		case <-time.After(wait):
		}
	}
}

// deliver tries once. What the end of the program cuts short does not count.
func (c *channel) deliver(ctx context.Context, s ChannelStatus) {
	err := c.send(ctx, notice{s.Unsent, oneLine(c.o.Words(s.Waiting, s.Held)), c.link, s.Waiting, s.Held})
	if err != nil && ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		d := min(c.o.Retry<<min(c.s.Tries, 12), time.Hour)
		c.s.Next = time.Now().Add(d/2 + random.N(d))
		c.s.Tries++
		c.fault(err)
	} else {
		c.s.Next, c.s.Tries, c.s.Error = time.Now().Add(c.o.Every), 0, ""
		if c.s.Unsent == s.Unsent {
			c.s.Unsent = ""
		}
	}
	c.save()
}
