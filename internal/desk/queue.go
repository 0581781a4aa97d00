package desk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var queueRoutes = []route{
	{method: "GET", path: "", least: site.AnOrganizer, do: (*visit).queue},
	{method: "GET", path: "find/", least: site.AnOrganizer, do: (*visit).find},
	{method: "POST", path: "decline/", least: site.AnOrganizer, do: (*visit).declineMany},
}

// inQueue is how many items stand on a page of the queue.
const inQueue = 25

// QueueView is a part of what waits, longest waiting first.
type QueueView struct {
	Show    string // one of intake.Shows
	Tabs    []Tab
	Rows    []Row
	From    int // number of the first
	Total   int
	Newer   string // hrefs; "" where there is none
	Older   string
	Reasons []string // for the chosen ones
	Decline string   // href to post them to
	Find    string   // href of the search for a reference
	Nudges  []Row    // matches to ask about
}

// Tab leads to a part of the queue.
type Tab struct {
	Show    string
	Href    string
	Count   int
	Current bool
}

// Row is an item as a list has it.
type Row struct {
	*intake.Item
	Href   string
	Waits  Span // that it waits; of what does not, that it is in its state
	Mine   bool // who reads has it in hand
	Pick   string
	Sort   string // its kind in the words of site.toml; "" where the theme names it
	Answer bool   // the neighbour has answered a question
}

// Span is a length of time as a person says it.
type Span struct {
	Unit string // hours or days
	N    int
}

func span(d time.Duration) Span {
	if d < 48*time.Hour {
		return Span{"hours", max(0, int(d.Hours()))}
	}
	return Span{"days", int(d.Hours() / 24)}
}

func (v *visit) queue() {
	q := v.r.URL.Query()
	show := q.Get("show")
	if !slices.Contains(intake.Shows, show) {
		show = intake.Shows[0]
	}
	from, _ := strconv.Atoi(q.Get("from"))
	from = max(0, from)
	found, err := v.Intake.Queue(show, v.me.Name, from, inQueue)
	if err != nil {
		if v.log(err); found == nil {
			v.fail(err)
			return
		}
	}
	view := QueueView{Show: show, From: from, Total: found.Total, Reasons: intake.Reasons, Decline: v.href("decline/"), Find: v.href("find/")}
	if show == "held" {
		view.Reasons = []string{"spam", "declined", "duplicate"}
	}
	for _, s := range intake.Shows {
		view.Tabs = append(view.Tabs, Tab{s, v.part(s, 0), found.Count[s], s == show})
	}
	for _, it := range found.Items {
		view.Rows = append(view.Rows, v.row(it))
	}
	if from > 0 {
		view.Newer = v.part(show, from-inQueue)
	}
	if from+inQueue < found.Total {
		view.Older = v.part(show, from+inQueue)
	}
	if show == intake.Shows[0] && from == 0 {
		view.Nudges = v.nudges()
	}
	v.page(http.StatusOK, "desk-queue", "queue.title", view)
}

// part is the href of a part of the queue, from an item on.
func (v *visit) part(show string, from int) string {
	q := url.Values{}
	if show != intake.Shows[0] {
		q.Set("show", show)
	}
	if from > 0 {
		q.Set("from", strconv.Itoa(from))
	}
	if len(q) == 0 {
		return v.href("")
	}
	return v.href("") + "?" + q.Encode()
}

func (v *visit) row(it *intake.Item) Row {
	since := it.Since
	if it.State == intake.Waiting || it.State == intake.Held || it.Changed {
		since = it.Waits
	}
	return Row{
		Item: it, Href: v.href(itemPath(it.ID)), Waits: span(v.Intake.Now().Sub(since)), Mine: it.Claimed == v.me.Name,
		Pick: it.ID + " " + it.Seen(), Answer: it.Answered(), Sort: v.sort(it.Kind),
	}
}

// sort gives what site.toml calls a kind.
func (v *visit) sort(kind string) string {
	if k := v.c.Kind(kind); k != nil {
		return k.Label.In(v.lang, v.c.Languages[0])
	}
	return kind
}

// nudges are matches to ask about. Without them the queue is still good.
func (v *visit) nudges() (rows []Row) {
	all, err := v.Intake.Nudges()
	if err != nil {
		v.log(err)
	}
	for _, n := range all {
		rows = append(rows, v.row(n.Item))
	}
	return rows
}

func itemPath(id string) string { return "item/" + id + "/" }

// find goes to the item of a reference that a neighbour says aloud.
func (v *visit) find() {
	it, err := v.Intake.Show(v.r.URL.Query().Get("q"), nil)
	var none *intake.Error
	switch {
	case errors.As(err, &none):
		v.page(http.StatusNotFound, "desk-notice", "queue.title", Notice{Text: "queue.find-none"})
	case err != nil:
		v.fail(err)
	default:
		v.done(itemPath(it.ID), "", nil)
	}
}

// OutcomeView is what became of each of several items.
type OutcomeView struct {
	Done   int
	Failed []Outcome
}

// Outcome is an item that was left as it is, and why.
type Outcome struct {
	Row
	Trouble
}

// declineMany declines what was chosen. What somebody else changed or has in hand meanwhile
// stays, and is named.
func (v *visit) declineMany() {
	var view OutcomeView
	for _, pick := range v.form["pick"] {
		id, seen := cutPick(pick)
		it, err := v.Intake.Decide(v.r.Context(), intake.Decision{Do: "decline", ID: id, Seen: seen, Reason: v.form.Get("reason"), By: v.person()})
		switch t, told := v.trouble(err); {
		case err == nil:
			view.Done++
		case !told || it == nil:
			v.fail(err)
			return
		default:
			view.Failed = append(view.Failed, Outcome{v.row(it), t})
		}
	}
	if len(view.Failed) == 0 {
		v.done("", "item.did-decline-many", view.Done)
		return
	}
	v.page(http.StatusConflict, "desk-outcome", "queue.outcome", view)
}
