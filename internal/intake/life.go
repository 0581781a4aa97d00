package intake

import "slices"

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

// Move is one line of the life of a submission.
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
	{"ask", []State{Waiting, Held}, Asked, []Who{Organizer}},
	{"answer", []State{Asked}, Waiting, []Who{Neighbour}},
	{"publish", []State{Waiting, Held}, Open, []Who{Organizer}},
	{"decline", []State{Waiting, Held, Asked}, Closed, []Who{Organizer}},
	{"withdraw", []State{Waiting, Held, Asked, Open, Matched}, Closed, []Who{Neighbour}},
	{"match", []State{Open}, Matched, []Who{Organizer}},
	{"unmatch", []State{Matched}, Open, []Who{Organizer, Clock}},
	{"close", []State{Open, Matched}, Closed, []Who{Organizer, Neighbour}},
	{"expire", []State{Asked, Open}, Closed, []Who{Clock}},
	{"reopen", []State{Closed}, Open, []Who{Organizer}},
	{"purge", []State{Closed}, Purged, []Who{Clock}},
}

// Next gives the state after op, or false when the table does not have it.
func (s State) Next(op string, by Who) (State, bool) {
	for _, m := range Life {
		if m.Op == op && slices.Contains(m.From, s) && slices.Contains(m.By, by) {
			return m.To, true
		}
	}
	return s, false
}

// Reasons are why an organizer may decline a submission.
var Reasons = []string{"declined", "duplicate", "referred", "spam"}
