package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var program *Program

func TestMain(m *testing.M) {
	code := 1
	err := WithProgram(func(p *Program, _ string) error {
		program = p
		code = m.Run()
		return nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// open gives a tab, skips where there is no Chromium, and fails for that in CI.
func open(t *testing.T, look Look) context.Context {
	t.Helper()
	ctx, cancel, err := Browser(look)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no browser: %v", err)
		}
		t.Skipf("no browser: %v", err)
	}
	t.Cleanup(cancel)
	return ctx
}

// do takes the actions one after the other. One that met a page which went away under it, or
// which had only begun, has done nothing yet, and is taken again on the page that came.
func do(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	for i, a := range actions {
		step, cancel := context.WithTimeout(ctx, 30*time.Second)
		err := chromedp.Run(step, a)
		for unready(err) && step.Err() == nil {
			time.Sleep(50 * time.Millisecond)
			err = chromedp.Run(step, a)
		}
		cancel()
		if err != nil {
			var url, body string
			look, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			_ = chromedp.Run(look, chromedp.Location(&url), chromedp.Text("body", &body, chromedp.ByQuery))
			t.Fatalf("step %d: %v\nat %s\n%s", i+1, err, url, body)
		}
	}
}

// unready tells the errors by which Chromium says that a node, or the whole page, is no longer
// there (its code -32000), and that a script did not find what it reads (it threw).
func unready(err error) bool {
	var gone *cdproto.Error
	var threw *runtime.ExceptionDetails
	return errors.As(err, &gone) && gone.Code == -32000 || errors.As(err, &threw)
}

func demo(t *testing.T) (*Server, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "net")
	s, err := program.Start("demo", "-addr", "127.0.0.1:0", dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s, dir
}

// awaited waits for a promise.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// listen serves h until the test is over, and gives its address.
func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/"
}

func press(selector string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		wait, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		return chromedp.Run(wait, chromedp.ScrollIntoView(selector, chromedp.ByQuery), chromedp.Click(selector, chromedp.ByQuery))
	})
}

func fill(name, text string) chromedp.Action {
	return chromedp.SendKeys(fmt.Sprintf(`[name=%q]`, name), text, chromedp.ByQuery)
}

var secrets = []string{"Canaria Quill", "555-0177", "9 Canary Court", "whistle twice at the gate"}

// TestNeighbourAsks is the main job: a neighbour with an old phone and no
// scripts asks, an organizer publishes, and everyone can see it.
func TestNeighbourAsks(t *testing.T) {
	for _, look := range []Look{{Width: 320, Height: 640, NoScripts: true}, {Width: 1280, Height: 900}} {
		t.Run(fmt.Sprintf("%dpx noscript=%v", look.Width, look.NoScripts), func(t *testing.T) { asks(t, look) })
	}
}

func asks(t *testing.T, look Look) {
	s, dir := demo(t)
	ctx := open(t, look)
	receipt := post(t, ctx, s)
	if !regexp.MustCompile(`[0-9A-Z]{3}-[0-9A-Z]{3}`).MatchString(receipt) {
		t.Fatalf("the receipt shows no reference:\n%s", receipt)
	}
	id := waits(t, dir, "A bed frame for my son")
	sealed(t, dir, id)
	published(t, s, dir, id)
}

// post goes from the start page to the receipt, by way of an error and of the
// check page, and gives what the receipt says.
func post(t *testing.T, ctx context.Context, s *Server) (receipt string) {
	t.Helper()
	var summary, kept, card string
	do(t, ctx,
		chromedp.Navigate(s.URL+"request/"),
		press(`a[href="/forms/request/"]`),
		chromedp.WaitVisible(`form [name="title"]`, chromedp.ByQuery),
		fill("title", "A bed frame for my son"),
		fill("body", "He has grown out of his cot."),
		fill("name", secrets[0]), fill("contact", secrets[1]), fill("address", secrets[2]), fill("notes", secrets[3]),
		press(`main form button[type="submit"]`),
		chromedp.WaitVisible(`[role="alert"]`, chromedp.ByQuery),
		chromedp.Text(`[role="alert"]`, &summary, chromedp.ByQuery),
		chromedp.Value(`[name="title"]`, &kept, chromedp.ByQuery),
	)
	if kept != "A bed frame for my son" || summary == "" {
		t.Errorf("the error page lost words: title %q, summary %q", kept, summary)
	}
	do(t, ctx, choose("categories", "things"), choose("areas", "harbor"), choose("contact_how", "phone"),
		press(`main form button[type="submit"]`),
		chromedp.WaitVisible(`button[name="confirm"]`, chromedp.ByQuery),
		chromedp.Text("main", &card, chromedp.ByQuery),
	)
	for _, want := range append([]string{"A bed frame for my son", "grown out of his cot"}, secrets...) {
		if !strings.Contains(card, want) {
			t.Errorf("the check page does not show %q:\n%s", want, card)
		}
	}
	time.Sleep(2500 * time.Millisecond) // a person reads before she sends
	do(t, ctx, press(`button[name="confirm"]`),
		chromedp.WaitNotPresent(`button[name="confirm"]`, chromedp.ByQuery),
		chromedp.WaitVisible("main h1", chromedp.ByQuery),
		chromedp.Text("main", &receipt, chromedp.ByQuery))
	return receipt
}

// TestCodeOpens: with the code of the receipt a neighbour comes back, sees what
// an organizer asks, answers, and erases everything; the inbox follows.
func TestCodeOpens(t *testing.T) {
	s, dir := demo(t)
	ctx := open(t, Look{Width: 320, Height: 640, NoScripts: true})
	code := regexp.MustCompile(`[0-9A-Z]{5}(-[0-9A-Z]{5}){3}`).FindString(post(t, ctx, s))
	id := waits(t, dir, "A bed frame for my son")
	if out, err := program.Run("inbox", "ask", id, "-C", dir, "-as", "June", "-question", "How wide is the door?"); err != nil {
		t.Fatalf("ask: %v\n%s", err, out)
	}
	var page string
	do(t, ctx, press(`main a[href="/mine/"]`), chromedp.WaitVisible(`[name="_code"]`, chromedp.ByQuery),
		fill("_code", "00000-00000-00000-00000"), press(`main form button`), chromedp.WaitVisible(`[role="alert"]`, chromedp.ByQuery),
		fill("_code", " "+strings.ToLower(code)+" "), press(`main form button`),
		chromedp.WaitVisible(`[name="answer"]`, chromedp.ByQuery), chromedp.Text("main", &page, chromedp.ByQuery))
	if !strings.Contains(page, "How wide is the door?") || !strings.Contains(page, "A bed frame for my son") {
		t.Errorf("the page does not show the question:\n%s", page)
	}
	do(t, ctx, fill("answer", "Seventy centimetres."), press(`button[value="answer"]`),
		chromedp.WaitNotPresent(`[name="answer"]`, chromedp.ByQuery),
		press(`button[value="erase"]`), chromedp.WaitVisible(`button[name="confirm"]`, chromedp.ByQuery),
		press(`button[name="confirm"]`), chromedp.WaitNotPresent(`button[name="confirm"]`, chromedp.ByQuery),
		chromedp.WaitVisible("main h1", chromedp.ByQuery), chromedp.Text("main", &page, chromedp.ByQuery))
	for range 50 {
		out, _ := program.Run("inbox", "-C", dir)
		if !strings.Contains(out, id) {
			if refs, _ := Git(dir, "for-each-ref", "refs/potluck"); strings.Contains(refs, id) {
				t.Errorf("a ref is left:\n%s", refs)
			}
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("it still waits after:\n%s", page)
}

// choose ticks or selects a value, whatever the theme made of the field.
func choose(name, value string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		box := fmt.Sprintf(`input[name=%q][value=%q]`, name, value)
		var boxes int
		if err := chromedp.Evaluate(fmt.Sprintf(`document.querySelectorAll('%s').length`, box), &boxes).Do(ctx); err != nil {
			return err
		}
		if boxes > 0 {
			return chromedp.Run(ctx, press(fmt.Sprintf(`label:has(%s)`, box)), chromedp.WaitReady(box+":checked", chromedp.ByQuery))
		}
		return chromedp.SetValue(fmt.Sprintf(`select[name=%q]`, name), value, chromedp.ByQuery).Do(ctx)
	})
}

// waits finds the submission in the inbox and gives its ID.
func waits(t *testing.T, dir, title string) string {
	t.Helper()
	var out string
	for range 40 {
		var err error
		if out, err = program.Run("inbox", "-C", dir); err != nil {
			t.Fatalf("inbox: %v\n%s", err, out)
		}
		for line := range strings.Lines(out) {
			if strings.Contains(line, title) {
				return strings.Fields(line)[0]
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%q is not in the inbox:\n%s", title, out)
	return ""
}

// sealed: git shows the proposed page and no private field, and the keeper's passphrase
// opens the private part.
func sealed(t *testing.T, dir, id string) {
	t.Helper()
	shown, err := Git(dir, "show", "refs/potluck/inbox/"+id)
	if err != nil || !strings.Contains(shown, "A bed frame for my son") {
		t.Errorf("git show: %v\n%s", err, shown)
	}
	out, err := program.Run("inbox", "show", id, "-C", dir, "-passphrase-file", filepath.Join(dir, "var/demo-passphrase.txt"))
	if err != nil {
		t.Errorf("inbox show: %v\n%s", err, out)
	}
	for _, s := range secrets {
		if strings.Contains(shown, s) {
			t.Errorf("git shows %q", s)
		}
		if !strings.Contains(out, s) {
			t.Errorf("the sealed part does not hold %q:\n%s", s, out)
		}
	}
}

// published: the page is on the running site within a second, in the
// organizer's name, and the repository is sound.
func published(t *testing.T, s *Server, dir, id string) {
	t.Helper()
	out, err := program.Run("inbox", "publish", id, "-C", dir, "-as", "June")
	if err != nil {
		t.Fatalf("publish: %v\n%s", err, out)
	}
	path := regexp.MustCompile(`/requests/\S+`).FindString(out)
	asked := time.Now()
	for {
		resp, err := http.Get(strings.TrimSuffix(s.URL, "/") + path)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(asked) > 10*time.Second {
			t.Fatalf("%s is not on the site", path)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("on the site after %v", time.Since(asked).Round(time.Millisecond))
	if who, _ := Git(dir, "log", "-1", "--format=%an"); who != "June" {
		t.Errorf("git log names %q", who)
	}
	if out, err := Git(dir, "fsck", "--strict"); err != nil {
		t.Errorf("git fsck: %v\n%s", err, out)
	}
	if out, _ := Git(dir, "status", "--porcelain"); out != "" {
		t.Errorf("git status: %s", out)
	}
}
