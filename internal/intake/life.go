package intake

import (
	"cmp"
	"slices"
)

// State is where a submission is in its life.
type State string

// The states, in the order of a usual life.
const (
	Received State = "received" // in the spool
	Waiting  State = "waiting"  // for an organizer
	Held     State = "held"     // the same, and may be spam
	Asked    State = "asked"    // a question to the neighbour is open
	Open     State = "open"     // on the site
	Matched  State = "matched"  // on the site, being arranged
	Closed   State = "closed"
	Purged   State = "purged" // private details are deleted
)

// Who moves a submission on.
type Who string

// Handler and Clock are this program; a Neighbour has the code of the receipt.
const (
	Handler   Who = "handler"
	Clock     Who = "clock"
	Neighbour Who = "neighbour"
	Organizer Who = "organizer"
)

// Move is one line of the life of a submission. Without To the state stays.
type Move struct {
	Op   string
	From []State
	To   State
	By   []Who
}

// Life is the whole of it. What it does not list cannot be done.
var Life = []Move{
	{"take", []State{Received}, Waiting, []Who{Handler}},
	{"hold", []State{Received, Waiting}, Held, []Who{Handler, Organizer}},
	{"release", []State{Held}, Waiting, []Who{Organizer}},
	{"ask", []State{Waiting, Held, Asked}, Asked, []Who{Organizer}},
	{"answer", []State{Asked}, Waiting, []Who{Neighbour}},
	{"publish", []State{Waiting, Held}, Open, []Who{Organizer}},
	{"decline", []State{Waiting, Held, Asked}, Closed, []Who{Organizer}},
	{"settle", []State{Waiting, Held, Asked}, Closed, []Who{Organizer}}, // a message
	{"adopt", []State{Waiting, Held}, Closed, []Who{Organizer}},         // a change of a page
	{"withdraw", []State{Waiting, Held, Asked, Open, Matched}, Closed, []Who{Neighbour}},
	{"match", []State{Open}, Matched, []Who{Organizer}},
	{"unmatch", []State{Matched}, Open, []Who{Organizer, Clock}},
	{"renew", []State{Open, Matched}, "", []Who{Neighbour}},
	{"correct", []State{Waiting, Held, Asked, Open, Matched}, "", []Who{Neighbour}},
	{"accept", []State{Open, Matched}, "", []Who{Organizer}}, // a correction of what is public
	{"refuse", []State{Open, Matched}, "", []Who{Organizer}},
	{"close", []State{Open, Matched}, Closed, []Who{Organizer, Neighbour}},
	{"expire", []State{Waiting, Held, Asked, Open}, Closed, []Who{Clock}},
	{"reopen", []State{Closed}, Open, []Who{Organizer}},    // what was public
	{"return", []State{Closed}, Waiting, []Who{Organizer}}, // what was not
	{"undo", []State{Open}, Waiting, []Who{Organizer}},     // that it was published
	{"claim", []State{Waiting, Held, Asked, Open, Matched}, "", []Who{Organizer}},
	{"let-go", []State{Waiting, Held, Asked, Open, Matched}, "", []Who{Organizer}},
	{"edit", []State{Waiting, Held, Asked, Open, Matched}, "", []Who{Organizer}}, // words that wait
	{"pair", []State{Open, Matched}, "", []Who{Organizer}},                       // brought together with another one, named by now
	{"refer", []State{Waiting, Held, Asked, Open, Matched}, Closed, []Who{Organizer}},
	{"note", []State{Waiting, Held, Asked, Open, Matched, Closed}, "", []Who{Organizer}},
	{"purge", []State{Closed}, Purged, []Who{Clock}},
	{"erase", []State{Waiting, Held, Asked, Open, Matched, Closed}, Purged, []Who{Neighbour, Organizer}},
}

// Next gives the state after op, or false when the table does not have it.
func (s State) Next(op string, by Who) (State, bool) {
	for _, m := range Life {
		if m.Op == op && slices.Contains(m.From, s) && slices.Contains(m.By, by) {
			return cmp.Or(m.To, s), true
		}
	}
	return s, false
}

// target is the state after an operation, "" where it stays.
func target(op string) State {
	i := slices.IndexFunc(Life, func(m Move) bool { return m.Op == op })
	return Life[i].To
}

// public tells that the page of an item in this state is on the site.
func (s State) public() bool { return s == Open || s == Matched }

// How many days a state lasts.
const (
	keptDays   = 30 // private answers, after closing
	answerDays = 14 // an open question, at least
	matchDays  = 21 // until a match that came to nothing is open again
	reopenDays = 14
)

// Reasons are why an organizer may decline a submission.
var Reasons = []string{"declined", "duplicate", "referred", "spam"}

// Endings are why an organizer may close what is public.
var Endings = []string{"fulfilled", "withdrawn", "referred", "duplicate"}
