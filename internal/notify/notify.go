// Package notify tells organizers that submissions wait, and nothing more: two numbers and a link,
// "3 submissions wait, 1 of them held. LINK". A notice has no place for a name, a title or an ID.
//
//	out, err := notify.Open("var/outbox", cfg, notify.Options{Report: warn})
//	out.Waiting(3, 1)   // after each look at the inbox
//	out.Run(ctx)        // and out.Status() shows what fails, and when it is tried again
//
// Each channel has one file in the outbox, its ChannelStatus, on disk when Waiting returns. More
// than before make a notice. Later ones are merged into it until it is sent, with the numbers of
// that moment, or never when nothing waits any more. A channel carries one notice in 15 minutes.
// What fails is reported, and tried again after 30 seconds, then twice that, up to an hour, with
// jitter. Nobody waits for a channel but its own goroutine. A notice that goes out again, because
// the process was killed before its file said so, has the same ID (Message-ID, webhook-id).
// Passwords and secrets are read from their files each time, and are in no error.
package notify

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode"

	"potluck/internal/durable"
)

// Config is where notices go. A channel that is nil is off.
type Config struct {
	Link    string // to the desk; part of every notice
	Mail    *Mail
	Webhook *Webhook
}

// Options may all be left out.
type Options struct {
	Words  func(waiting, held int) string // one sentence; nil: English
	Report func(error)                    // each failure; some have a Hint
	Every  time.Duration                  // between two notices of a channel; 0: 15 minutes
	Retry  time.Duration                  // after the first failure; 0: 30 seconds
}

// Outbox is the notices of one network. It is safe for concurrent use.
type Outbox struct{ channels []*channel }

// notice is what a channel sends. Its ID is random.
type notice struct {
	id, text, link string
	waiting, held  int
}

// Open reads the outbox in the folder dir, and makes it where a channel is on.
func Open(dir string, cfg Config, o Options) (*Outbox, error) {
	o.Every, o.Retry = cmp.Or(o.Every, 15*time.Minute), cmp.Or(o.Retry, 30*time.Second)
	if o.Words == nil {
		o.Words = english
	}
	out := &Outbox{}
	add := func(name string, send func(context.Context, notice) error) {
		c := &channel{path: filepath.Join(dir, name), link: oneLine(cfg.Link), o: o, send: send, kick: make(chan struct{}, 1)}
		c.load(name)
		out.channels = append(out.channels, c)
	}
	if cfg.Mail != nil {
		add("mail", cfg.Mail.send)
	}
	if cfg.Webhook != nil {
		add("webhook", cfg.Webhook.send)
	}
	if out.channels == nil {
		return out, nil
	}
	durable.Sweep(dir)
	return out, durable.MkdirAll(dir, 0o700)
}

// Waiting says how many submissions wait now, and how many of them are held.
func (o *Outbox) Waiting(waiting, held int) {
	for _, c := range o.channels {
		c.waiting(waiting, held)
	}
}

// Run sends what is due until ctx is done.
func (o *Outbox) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, c := range o.channels {
		wg.Go(func() { c.run(ctx) })
	}
	wg.Wait()
}

// Status tells how each channel does.
func (o *Outbox) Status() (all []ChannelStatus) {
	for _, c := range o.channels {
		c.mu.Lock()
		all = append(all, c.s)
		c.mu.Unlock()
	}
	return all
}

func english(waiting, held int) string {
	words := fmt.Sprintf("%d submissions wait", waiting)
	if waiting == 1 {
		words = "1 submission waits"
	}
	if held > 0 {
		words += fmt.Sprintf(", %d of them held", held)
	}
	return words + "."
}

// oneLine makes a text safe for a header, a terminal and a chat.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }), " ")
}

// failure is an error with a way out.
type failure struct{ text, way string }

func (f *failure) Error() string { return f.text }
func (f *failure) Hint() string  { return f.way }

// secret reads a file that holds one line; without a path there is none.
func secret(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	data, err := os.ReadFile(path)
	s := strings.TrimSpace(string(data))
	if err != nil || s == "" || s != oneLine(s) {
		return "", &failure{fmt.Sprintf("%q holds no line with the secret", filepath.Base(path)), "write it into that file, in var/keys"}
	}
	return s, nil
}
