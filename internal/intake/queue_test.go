package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"potluck/internal/intake"
)

func (b *bench) queue(t testing.TB, show string, from, most int) *intake.Queue {
	t.Helper()
	q, err := b.Queue(show, "June", from, most)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func titles(items []*intake.Item) string {
	var all []string
	for _, it := range items {
		all = append(all, it.Page.Title)
	}
	return strings.Join(all, ", ")
}

// TestQueue: the one that waits longest is first, each part has its own, and a page of it
// is what it says. It follows every change.
func TestQueue(t *testing.T) {
	b := newBench(t)
	var ids []string
	for i := range 6 {
		ids = append(ids, b.submit(t, fmt.Sprint("Ride ", i)).ID)
		b.now = b.now.Add(time.Hour)
	}
	b.drain(t)
	for range 2 {
		q := b.queue(t, "waiting", 2, 3)
		if titles(q.Items) != "Ride 2, Ride 3, Ride 4" || q.Total != 6 || q.Count["waiting"] != 6 {
			t.Errorf("%s of %d, %v", titles(q.Items), q.Total, q.Count)
		}
		q.Items[0].State, q.Items[1].Claimed = intake.Purged, "June" // they are the caller's
	}
	b.decide(t, intake.Decision{Do: "hold", ID: ids[0], By: june})
	b.decide(t, intake.Decision{Do: "ask", ID: ids[1], By: june, Words: "When?"})
	b.decide(t, intake.Decision{Do: "claim", ID: ids[2], By: june})
	b.decide(t, intake.Decision{Do: "claim", ID: ids[3], By: robin})
	b.decide(t, intake.Decision{Do: "publish", ID: ids[4], By: june})
	for show, want := range map[string]string{"waiting": "Ride 2, Ride 3, Ride 5", "held": "Ride 0", "asked": "Ride 1", "mine": "Ride 2"} {
		q := b.queue(t, show, 0, 10)
		if titles(q.Items) != want || q.Total != len(q.Items) || q.Count[show] != q.Total {
			t.Errorf("%s: %s, %d, %v", show, titles(q.Items), q.Total, q.Count)
		}
	}
	b.now = b.now.Add(25 * time.Hour)
	if q := b.queue(t, "mine", 0, 10); len(q.Items) != 0 {
		t.Errorf("after a day June still has %s", titles(q.Items))
	}
	if q := b.queue(t, "waiting", 10, 10); len(q.Items) != 0 || q.Total != 3 {
		t.Errorf("behind the end: %s", titles(q.Items))
	}
}

// TestWarnings: numbers and addresses in public words, twins, and why one was held.
func TestWarnings(t *testing.T) {
	b := newBench(t)
	send := func(title, body string, suspect bool) string {
		v := request(title)
		v["body"] = []string{body}
		r, err := b.Submit(b.draft(t, "request", v), b.ticket(), suspect)
		if err != nil {
			t.Fatal(err)
		}
		b.drain(t)
		b.now = b.now.Add(time.Hour)
		return r.ID
	}
	long := "We are three people in two rooms near the old bridge and we look for a strong table that four can sit at"
	first := send("A table, please", long, false)
	send("Table", strings.Replace(long, "strong", "good", 1)+" for our meals", false)
	send("A  TABLE please!", "It can be small.", false)
	send("Chairs", "Call 555-0142 or write to kim@example.org", true)
	send("Chairs", strings.Repeat("cheap chairs ", 30), false)
	var got []string
	for _, show := range []string{"waiting", "held"} {
		for _, it := range b.queue(t, show, 0, 10).Items {
			for _, w := range it.Warnings {
				if w.What == "twin" && w.ID != first {
					t.Errorf("the twin of %s is %s", it.Page.Title, w.ID)
				}
				got = append(got, it.Page.Title+": "+w.What+" "+w.Text)
			}
		}
	}
	want := []string{
		"Table: twin A table, please", "A TABLE please!: twin A table, please",
		"Chairs: phone 555-0142", "Chairs: email kim@example.org", "Chairs: form ", "Chairs: repeats ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("warnings:\n%q\nnot\n%q", got, want)
	}
}
