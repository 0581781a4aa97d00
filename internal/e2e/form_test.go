package e2e

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var codeText = regexp.MustCompile(`[0-9A-Z]{5}(-[0-9A-Z]{5}){3}`)

// TestNeighbourComesBack is the whole way of a neighbour: an error, a change, words that are
// locked by one button, the receipt; then with her code a question and its answer, other words,
// taking it back, and erasing everything. On a small phone without scripts, and with them.
func TestNeighbourComesBack(t *testing.T) {
	for _, look := range []Look{{Width: 320, Height: 640, NoScripts: true}, {Width: 1280, Height: 900, Dark: true}} {
		t.Run(fmt.Sprintf("%dpx noscript=%v", look.Width, look.NoScripts), func(t *testing.T) { comesBack(t, look) })
	}
}

func comesBack(t *testing.T, look Look) {
	s, dir := demo(t)
	ctx := open(t, look)
	var page, title, body, contact string
	read := func(want string) {
		t.Helper()
		for end := time.Now().Add(15 * time.Second); !strings.Contains(page, want); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the page does not say %q:\n%s", want, page)
			}
			do(t, ctx, chromedp.WaitVisible("main h1", chromedp.ByQuery), chromedp.Text("main", &page, chromedp.ByQuery))
		}
		fits(t, ctx, look)
	}
	do(t, ctx, chromedp.Navigate(s.URL+"forms/request/"), chromedp.WaitVisible(`[name="title"]`, chromedp.ByQuery),
		fill("title", "A bed frame for my son"), fill("body", "Ring 555-0188 after six."), press(`main form button[type="submit"]`))
	read("Please look at these again")
	var focused string
	do(t, ctx, chromedp.Evaluate(`document.activeElement.className`, &focused),
		press(`.errors a[href="#f-categories"]`), choose("categories", "things"), choose("areas", "harbor"), choose("contact_how", "code"),
		press(`main form button[type="submit"]`))
	if !look.NoScripts && focused != "errors" {
		t.Errorf("the errors are not announced: %q has the focus", focused)
	}
	read("Is this meant for everyone?")
	do(t, ctx, press(`button[name="change"]`), chromedp.WaitVisible(`[name="title"]`, chromedp.ByQuery),
		chromedp.Value(`[name="title"]`, &title, chromedp.ByQuery), fill("title", kb.End+" and me"), press(`main form button[type="submit"]`),
		chromedp.WaitVisible(`button[name="move"]`, chromedp.ByQuery), press(`button[name="move"]`), chromedp.WaitVisible(`[role="status"]`, chromedp.ByQuery))
	read("Ring … after six.")
	if title != "A bed frame for my son" || strings.Count(page, "555-0188") != 1 || !strings.Contains(page, "A bed frame for my son and me") {
		t.Errorf("after a change and a lock (title %q):\n%s", title, page)
	}
	time.Sleep(2500 * time.Millisecond)
	do(t, ctx, press(`button[name="confirm"]`), chromedp.WaitVisible(".slip", chromedp.ByQuery))
	read("Thank you. We have it.")
	code := codeText.FindString(page)
	id := waits(t, dir, "A bed frame for my son and me")
	if out, err := program.Run("inbox", "ask", id, "-C", dir, "-as", "June", "-question", "How wide is the door?"); err != nil {
		t.Fatalf("ask: %v\n%s", err, out)
	}
	do(t, ctx, press(`main a[href="/mine/"]`), chromedp.WaitVisible(`[name="_code"]`, chromedp.ByQuery),
		fill("_code", strings.ToLower(strings.ReplaceAll(code, "-", " "))), press(`main form button`))
	read("How wide is the door?")
	do(t, ctx, fill("answer", "Seventy centimetres."), press(`button[value="answer"]`), chromedp.WaitNotPresent(`[name="answer"]`, chromedp.ByQuery))
	read("Seventy centimetres.")
	do(t, ctx, press(`button[value="correct"]`), chromedp.WaitVisible(`[name="body"]`, chromedp.ByQuery),
		chromedp.Value(`[name="body"]`, &body, chromedp.ByQuery), chromedp.Value(`[name="contact"]`, &contact, chromedp.ByQuery),
		fill("body", kb.End+" He is two."), press(`main form button[type="submit"]`))
	read("We have your new words.")
	if body != "Ring … after six." || contact != "555-0188" {
		t.Errorf("to be corrected: %q, %q", body, contact)
	}
	do(t, ctx, press(`button[value="withdraw"]`), chromedp.WaitNotPresent(`button[value="withdraw"]`, chromedp.ByQuery))
	read("It is taken back.")
	do(t, ctx, press(`button[value="erase"]`), chromedp.WaitVisible(`button[name="confirm"]`, chromedp.ByQuery))
	read("This cannot be undone.")
	do(t, ctx, press(`button[name="confirm"]`), chromedp.WaitNotPresent(`button[name="confirm"]`, chromedp.ByQuery))
	read("Everything private is erased.")
	if refs, err := Git(dir, "for-each-ref", "refs/potluck"); err != nil || strings.Contains(refs, id) {
		t.Errorf("a ref is left: %v\n%s", err, refs)
	}
}

// fits fails when a page is wider than the screen, or does not have one h1.
func fits(t *testing.T, ctx context.Context, look Look) {
	t.Helper()
	var wide, h1s int
	do(t, ctx, chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide), chromedp.Evaluate(`document.querySelectorAll("h1").length`, &h1s))
	if wide > look.Width || h1s != 1 {
		var at string
		do(t, ctx, chromedp.Location(&at))
		t.Errorf("%s is %d px wide, and has %d h1", at, wide, h1s)
	}
}

// TestMessagesByHand: a reply, a suggested change and a concern, each begun at a link on a page.
func TestMessagesByHand(t *testing.T) {
	s, dir := demo(t)
	look := Look{Width: 320, Height: 640, NoScripts: true}
	ctx := open(t, look)
	var page, href string
	do(t, ctx, chromedp.Navigate(s.URL+"requests/"), press(`main .card h3 a`), chromedp.WaitVisible(`a[href*="/forms/reply/"]`, chromedp.ByQuery),
		press(`main a[href*="/forms/reply/"]`), chromedp.WaitVisible(`[name="message"]`, chromedp.ByQuery), chromedp.Location(&href))
	fits(t, ctx, look)
	send := func(more ...chromedp.Action) {
		t.Helper()
		do(t, ctx, append(more, press(`main form button[type="submit"]`), chromedp.WaitVisible(`button[name="confirm"]`, chromedp.ByQuery))...)
		fits(t, ctx, look)
		time.Sleep(2500 * time.Millisecond)
		do(t, ctx, press(`button[name="confirm"]`), chromedp.WaitVisible(".slip", chromedp.ByQuery), chromedp.Text("main", &page, chromedp.ByQuery))
		fits(t, ctx, look)
	}
	send(fill("message", "I can do this on Monday."), choose("contact_how", "code"))
	if !strings.Contains(page, "both of you say yes") || !strings.Contains(href, "?page=") {
		t.Errorf("%s\n%s", href, page)
	}
	do(t, ctx, chromedp.Navigate(s.URL+"resources/bike-kitchen/"), press(`.say a[href*="/forms/suggestion/"]`), chromedp.WaitVisible(`[name="reason"]`, chromedp.ByQuery))
	fits(t, ctx, look)
	send(fill("hours", kb.End+"; PH off"), fill("reason", "It says so on the door."))
	do(t, ctx, chromedp.Navigate(s.URL+"resources/bike-kitchen/"), press(`.say a[href*="/forms/concern/"]`), chromedp.WaitVisible(`[name="message"]`, chromedp.ByQuery))
	send(fill("message", "Nobody was there."), choose("contact_how", "code"))
	for range 50 {
		out, err := program.Run("inbox", "-C", dir)
		if err == nil && strings.Count(out, "(sealed)") >= 4 && strings.Contains(out, "suggestion  ") && strings.Contains(out, "concern") {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("they do not wait in the inbox")
}

// TestFormByKeyboard: a person who uses no pointer comes from the top of the form to its check
// page by Tab, blanks and letters alone, and always sees where she is.
func TestFormByKeyboard(t *testing.T) {
	s, _ := demo(t)
	ctx := open(t, Look{Width: 1280, Height: 900})
	do(t, ctx, chromedp.Navigate(s.URL+"forms/request/"), chromedp.WaitVisible(`[name="title"]`, chromedp.ByQuery))
	type place struct {
		Name, Type, Tag string
		Outline         bool
	}
	now := func() (p place) {
		t.Helper()
		do(t, ctx, chromedp.Evaluate(`(() => { const e = document.activeElement, s = getComputedStyle(e); return {Name: e.name || "", Type: e.type || "", Tag: e.tagName, Outline: s.outlineStyle != "none" && s.outlineWidth != "0px" || s.boxShadow != "none"} })()`, &p))
		return p
	}
	words := map[string]string{"title": "A ladder", "body": "For a day.", "categories": "T", "areas": "H", "contact_how": " " + kb.ArrowDown + kb.ArrowDown + kb.ArrowDown} // I come back with my code
	seen := map[string]bool{}
	for range 80 {
		do(t, ctx, chromedp.KeyEvent(kb.Tab))
		p := now()
		if !p.Outline && p.Type != "date" { // of a date the browser marks the part that one is in
			t.Fatalf("nobody sees that %+v has the focus", p)
		}
		if p.Name == "website" {
			t.Fatal("the trap can be reached")
		}
		if p.Tag == "BUTTON" && p.Type == "submit" && seen["contact_how"] {
			do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`button[name="confirm"]`, chromedp.ByQuery))
			return
		}
		if text := words[p.Name]; text != "" && !seen[p.Name] {
			seen[p.Name] = true
			do(t, ctx, chromedp.KeyEvent(text))
		}
	}
	t.Fatalf("the end of the form was not reached; answered: %v", seen)
}
