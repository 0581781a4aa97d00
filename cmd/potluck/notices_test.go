package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"potluck/internal/intake"
	"potluck/internal/vault"
)

// hook is the other end of a webhook.
type hook struct {
	*httptest.Server
	mu  sync.Mutex
	got []string
}

func newHook(t *testing.T) *hook {
	h := &hook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.got = append(h.got, r.URL.Path+"\n"+string(b))
	}))
	t.Cleanup(h.Close)
	return h
}

// sent is all that came.
func (h *hook) sent() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.got, "\n")
}

// TestNotices: organizers are told how many wait, and of nothing else; a
// channel that fails is shown.
func TestNotices(t *testing.T) {
	hook := newHook(t)
	dir := newNet(t)
	appendTo(t, filepath.Join(dir, "site.toml"), "\n[notices.webhook]\nurl = \""+hook.URL+"/topic\"\nstyle = \"ntfy\"\n[notices.mail]\nto = [\"desk@example.org\"]\nfrom = \"potluck@example.org\"\nserver = \"127.0.0.1:1\"\n")
	r := start(t, "serve", "-C", dir)
	v := request("A very quiet room")
	for k, c := range canaries {
		v.Set(k, c)
	}
	ref, _, err := r.submit("request", v)
	if err != nil || ref == "" {
		t.Fatal(err)
	}
	eventually(t, "a notice is sent", func() bool { return hook.sent() != "" })
	eventually(t, "the failing channel is shown", func() bool { return strings.Contains(r.output(), "notices by mail: ") })
	const banner = "Something waits, and the message that says so does not go out."
	if desk := r.signIn(t, dir); !strings.Contains(desk.get("").body, banner) {
		t.Error("the desk does not say that a notice fails")
	}
	r.stop()
	if out, ok := program(t, "doctor", "-C", dir); ok || !strings.Contains(out, "ILL   notices: notices by mail fail, ") || strings.Contains(out, "notices by webhook fail") {
		t.Errorf("doctor says of the failing channel:\n%s", out)
	}
	form := regexp.MustCompile(`^/topic\nOne submission waits\.( One of them may be spam\.)? http\S+/desk/$`)
	if !form.MatchString(hook.sent()) {
		t.Errorf("sent:\n%s", hook.sent())
	}
	words := []string{"quiet room", ref, strings.ToLower(strings.ReplaceAll(ref, "-", "")), "555-0123", "Canaria", "Canary"}
	for _, channel := range []string{"webhook", "mail"} {
		b, err := os.ReadFile(filepath.Join(dir, "var", "outbox", channel))
		if err != nil || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(string(b)+hook.sent()+r.output(), w) }) {
			t.Errorf("%v: %s", err, b)
		}
	}
}

// TestInboxView: what is decided and what is new are told apart, in spool and git.
func TestInboxView(t *testing.T) {
	n, svc := openBench(t)
	v := &inboxView{repo: n.repo, spool: vault.Spool(n.path("var", "spool"))}
	check := func(rest *tally, waiting, held int) {
		t.Helper()
		before, all, err := v.look()
		if err != nil || *all != (tally{waiting, held}) || (before == nil) != (rest == nil) || rest != nil && *before != *rest {
			t.Errorf("look: %v, before %v, %v", all, before, err)
		}
	}
	check(nil, 0, 0)
	one := submitTo(t, n, svc, "One")
	submitTo(t, n, svc, "Two")
	check(&tally{}, 2, 0) // still in the spool
	if err := svc.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(&tally{2, 0}, 2, 0)
	if _, err := svc.Decline(t.Context(), one.ID, "spam", intake.Person{Name: "June"}); err != nil {
		t.Fatal(err)
	}
	submitTo(t, n, svc, "Three")
	check(&tally{1, 0}, 2, 0)
	if err := svc.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(&tally{2, 0}, 2, 0)
}
