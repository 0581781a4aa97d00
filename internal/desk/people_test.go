package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"potluck/internal/site"
)

// nobody is a browser in which nobody is signed in.
func (b *bench) nobody() *person { return &person{b: b} }

func has(t *testing.T, what string, a answer, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: %d, not %d\n%s", what, a.status, status, a.body)
	}
	for _, s := range texts {
		if !strings.Contains(a.body, s) {
			t.Errorf("%s: %q is not there:\n%s", what, s, a.body)
		}
	}
}

// TestSession: how long it lasts, what its cookie is, and that an old one is nothing.
func TestSession(t *testing.T) {
	b := newBench(t)
	june := b.signIn("June")
	if c := june.cookie; !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || c.Path != "/" || len(c.Value) != 43 || c.Name != "potluck" {
		t.Errorf("the cookie: %v", c)
	}
	b.pass(idle - time.Minute)
	if !june.signedIn() {
		t.Error("signed out before an hour")
	}
	b.pass(idle + time.Second)
	if june.signedIn() {
		t.Error("still signed in when unused for an hour")
	}
	june = b.signIn("June")
	for range 14 {
		b.pass(50 * time.Minute)
		june.signedIn()
	}
	if !june.signedIn() {
		t.Error("signed out before twelve hours")
	}
	b.pass(50 * time.Minute)
	if june.signedIn() {
		t.Error("still signed in after twelve hours")
	}
	june = b.signIn("June")
	b.pass(-time.Minute)
	if june.signedIn() {
		t.Error("a session from the future")
	}
	here, there, robin := b.signIn("June"), b.signIn("June"), b.signIn("Robin")
	if a := here.do("POST", "/desk/sign-out/", nil); a.status != http.StatusSeeOther || len(a.cookies) != 1 || a.cookies[0].MaxAge >= 0 {
		t.Errorf("sign out: %d %v", a.status, a.cookies)
	}
	if here.signedIn() || !there.signedIn() {
		t.Error("signing out at one browser")
	}
	there.do("POST", "/desk/sign-out/", url.Values{"everywhere": {"yes"}})
	if there.signedIn() || !robin.signedIn() {
		t.Error("signing out everywhere")
	}
	for _, bad := range []string{"", "x", strings.Repeat("A", 43), robin.cookie.Value[:42], robin.cookie.Value + "A"} {
		c := *robin.cookie
		c.Value = bad
		if (&person{b, &c}).signedIn() {
			t.Errorf("the cookie %q is good", bad)
		}
	}
	b.desk.sessions.mu.Lock()
	for id, x := range b.desk.sessions.open {
		if strings.Contains(fmt.Sprintf("%x %+v", id, x), robin.cookie.Value) {
			t.Error("the cookie itself is kept")
		}
	}
	b.desk.sessions.mu.Unlock()
}

// TestSignIn: wrong words, many of them, and where it goes on.
func TestSignIn(t *testing.T) {
	b := newBench(t)
	try := func(name, six, next string) answer {
		return b.nobody().do("POST", "/desk/sign-in/", url.Values{nameName: {name}, passphraseName: {six}, nextName: {next}})
	}
	a := b.nobody().do("GET", "/desk/es/people/", nil)
	has(t, "signed out", a, http.StatusOK, "es desk-sign-in", "Next:people/")
	if a.header.Get("Cache-Control") != "no-store" {
		t.Error("may be kept")
	}
	for next, to := range map[string]string{"": "/desk/", "people/": "/desk/people/", "//example.org/": "/desk/", "/example.org": "/desk/", "https://example.org/": "/desk/https:/example.org/", `\\example.org`: "/desk/", "?x": "/desk/", "../../x": "/desk/"} {
		if a := try("june", b.words["June"], next); a.status != http.StatusSeeOther || a.header.Get("Location") != to {
			t.Errorf("%q goes on to %q", next, a.header.Get("Location"))
		}
	}
	a = try("June", b.words["Robin"], "people/")
	has(t, "another's words", a, http.StatusUnprocessableEntity, "desk.error-passphrase", "Name:June", "Next:people/")
	if strings.Contains(a.body, b.words["Robin"]) {
		t.Error("the page has the passphrase in it")
	}
	b.desk.attempts.Near = 5 // the test comes from this machine
	for range 3 {
		try("June", "wrong", "")
	}
	has(t, "the fifth", try("June", "wrong", ""), http.StatusUnprocessableEntity)
	has(t, "the sixth", try("June", b.words["June"], ""), http.StatusTooManyRequests, "desk.error-slow")
	elsewhere := b.nobody().do("POST", "/desk/sign-in/", url.Values{nameName: {"June"}, passphraseName: {b.words["June"]}}, byProxy(b, "203.0.113.9", "https"))
	if elsewhere.status != http.StatusSeeOther {
		t.Errorf("she is locked out elsewhere, too: %d", elsewhere.status)
	}
	b.pass(11 * time.Minute)
	if a := try("June", b.words["June"], ""); a.status != http.StatusSeeOther {
		t.Errorf("after a while: %d", a.status)
	}
	if strings.Contains(b.log.String(), "-") {
		t.Errorf("the log: %s", b.log.String())
	}
}

// byProxy makes the test's own address that of a trusted proxy.
func byProxy(b *bench, from, proto string) func(*http.Request) {
	return func(r *http.Request) {
		r.Host = "riverside.example.org"
		r.Header.Set("X-Forwarded-For", from)
		r.Header.Set("X-Forwarded-Proto", proto)
		r.Header.Set("X-Test-Proxy", "yes")
	}
}

// TestSafe: off this machine by https alone; a proxy that is not trusted is noticed.
func TestSafe(t *testing.T) {
	b := newBench(t)
	for what, x := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"this machine":              {func(*http.Request) {}, 200},
		"by name":                   {func(r *http.Request) { r.Host = "localhost:8080" }, 200},
		"by IPv6":                   {func(r *http.Request) { r.Host = "[::1]:8080" }, 200},
		"another host":              {func(r *http.Request) { r.Host = "riverside.example.org" }, 403},
		"a name of this machine":    {func(r *http.Request) { r.Host = "127.0.0.1.example.org" }, 403},
		"a proxy that says so":      {func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.9") }, 403},
		"another proxy":             {func(r *http.Request) { r.Header.Set("Via", "1.1 x") }, 403},
		"another origin":            {func(r *http.Request) { r.Header.Set("Origin", "http://riverside.example.org") }, 403},
		"https, not trusted":        {func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }, 403},
		"a trusted proxy, https":    {byProxy(b, "203.0.113.9", "https"), 200},
		"a trusted proxy, no https": {byProxy(b, "203.0.113.9", "http"), 403},
	} {
		a := b.nobody().do("GET", "/desk/sign-in/", nil, x.change)
		if a.status != x.want || a.status == 403 && !strings.Contains(a.body, "desk.insecure") {
			t.Errorf("%s: %d\n%s", what, a.status, a.body)
		}
	}
	a := b.nobody().do("POST", "/desk/sign-in/", url.Values{nameName: {"June"}, passphraseName: {b.words["June"]}}, byProxy(b, "203.0.113.9", "https"))
	if len(a.cookies) != 1 || a.cookies[0].Name != "__Host-potluck" || !a.cookies[0].Secure {
		t.Fatalf("the cookie by https: %v", a.cookies)
	}
	if (&person{b, a.cookies[0]}).signedIn() {
		t.Error("the cookie of https is good without it")
	}
}

// TestPeople: a keeper invites; the link is good once, with the word; the new person signs in,
// becomes a keeper, and when she is removed her open session is nothing.
func TestPeople(t *testing.T) {
	b := newBench(t)
	robin, june := b.signIn("Robin"), b.signIn("June")
	a := robin.do("POST", "/desk/people/invite/", url.Values{whoName: {"Ana"}, roleName: {"organizer"}})
	has(t, "invite", a, http.StatusOK, "Name:Ana")
	token := regexp.MustCompile(`/desk/invite/([A-Z2-7]{26})/`).FindStringSubmatch(a.body)[1]
	word := regexp.MustCompile(`Word:(\w+)`).FindStringSubmatch(a.body)[1]
	has(t, "a bad name", robin.do("POST", "/desk/people/invite/", url.Values{whoName: {"<x>"}, roleName: {"organizer"}}), http.StatusUnprocessableEntity, "people.error-name", "<x>")
	for range 2 { // looking takes nothing up
		has(t, "the link", b.nobody().do("GET", "/desk/invite/"+token+"/", nil), http.StatusOK, "Name:Ana", "Role:organizer")
	}
	has(t, "another link", b.nobody().do("GET", "/desk/invite/"+token[1:]+"A/", nil), http.StatusNotFound, "invite.none")
	join := func(word string) answer {
		return b.nobody().do("POST", "/desk/invite/", url.Values{tokenName: {token}, wordName: {word}})
	}
	a = join("wrong")
	has(t, "a wrong word", a, http.StatusUnprocessableEntity, "invite.error-word", token)
	if strings.Contains(a.body, "wrong ") {
		t.Error("the word is shown")
	}
	a = join(word)
	has(t, "joined", a, http.StatusOK, "Name:Ana")
	six := regexp.MustCompile(`Words:\[([a-z ]+)\]`).FindStringSubmatch(a.body)[1]
	has(t, "replayed", join(word), http.StatusNotFound, "invite.none")
	has(t, "the link, used", b.nobody().do("GET", "/desk/invite/"+token+"/", nil), http.StatusNotFound)
	b.words["Ana"] = six
	ana := b.signIn("Ana")
	has(t, "an organizer", ana.do("GET", "/desk/people/", nil), http.StatusForbidden, "desk.keepers-only")
	if a := robin.do("POST", "/desk/people/role/", url.Values{whoName: {"Ana"}, roleName: {"keeper"}}); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	has(t, "said once", robin.do("GET", "/desk/people/", nil), http.StatusOK, "Said:0x", "Ana")
	has(t, "a keeper, in the same session", ana.do("GET", "/desk/people/", nil), http.StatusOK)
	has(t, "by an organizer", june.do("POST", "/desk/people/remove/", url.Values{whoName: {"Ana"}}), http.StatusForbidden)
	if a := robin.do("POST", "/desk/people/remove/", url.Values{whoName: {"Ana"}}); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	has(t, "removed", ana.do("GET", "/desk/", nil), http.StatusOK, "desk-sign-in")
	has(t, "removed, signing in", b.nobody().do("POST", "/desk/sign-in/", url.Values{nameName: {"Ana"}, passphraseName: {six}}), http.StatusUnprocessableEntity)
	has(t, "the last keeper", robin.do("POST", "/desk/people/remove/", url.Values{whoName: {"Robin"}}), http.StatusConflict, "refused.last-keeper")
	has(t, "the audit", robin.do("GET", "/desk/people/audit/", nil), http.StatusOK, "Who:Robin Did:leave About:Ana", "Who:Ana Did:join", "Role:keeper")
}

// TestNewPassphrase: it is made with the old one, shown once, and ends every session.
func TestNewPassphrase(t *testing.T) {
	b := newBench(t)
	robin, other := b.signIn("Robin"), b.signIn("Robin")
	has(t, "with another", robin.do("POST", "/desk/me/", url.Values{passphraseName: {"x"}}), http.StatusUnprocessableEntity, "desk.error-passphrase")
	a := robin.do("POST", "/desk/me/", url.Values{passphraseName: {b.words["Robin"]}})
	has(t, "new", a, http.StatusOK, "Name:Robin", "Changed:true")
	if robin.signedIn() || other.signedIn() {
		t.Error("a session of the old key is open")
	}
	has(t, "the old words", b.nobody().do("POST", "/desk/sign-in/", url.Values{nameName: {"Robin"}, passphraseName: {b.words["Robin"]}}), http.StatusUnprocessableEntity)
	b.words["Robin"] = regexp.MustCompile(`Words:\[([a-z ]+)\]`).FindStringSubmatch(a.body)[1]
	if !b.signIn("Robin").signedIn() {
		t.Error("the new words are not good")
	}
}

// TestFresh: what needs the passphrase asks for it, keeps the post, and does it once it is right.
func TestFresh(t *testing.T) {
	b := newBench(t)
	robin := b.signIn("Robin")
	b.pass(freshFor + time.Second)
	post := url.Values{whoName: {"June"}, roleName: {"keeper"}}
	has(t, "not fresh", robin.do("POST", "/desk/people/role/", post), http.StatusForbidden, "desk-passphrase", "{Name:role Value:keeper}", "{Name:who Value:June}")
	post.Set(passphraseName, "wrong")
	a := robin.do("POST", "/desk/people/role/", post)
	has(t, "a wrong one", a, http.StatusForbidden, "desk.error-passphrase")
	post.Set(passphraseName, b.words["June"])
	has(t, "another's", robin.do("POST", "/desk/people/role/", post), http.StatusForbidden, "desk.error-passphrase")
	if role(t, b, "June") != site.AnOrganizer {
		t.Error("it was done all the same")
	}
	post.Set(passphraseName, b.words["Robin"])
	if a := robin.do("POST", "/desk/people/role/", post); a.status != http.StatusSeeOther || role(t, b, "June") != site.Keeper {
		t.Errorf("with the right one: %d", a.status)
	}
	post.Del(passphraseName)
	post.Set(roleName, "organizer")
	if a := robin.do("POST", "/desk/people/role/", post); a.status != http.StatusSeeOther || role(t, b, "June") != site.AnOrganizer {
		t.Errorf("a moment later: %d", a.status)
	}
}

func role(t *testing.T, b *bench, name string) site.Role {
	t.Helper()
	list, err := b.vault.Organizers()
	for _, o := range list {
		if o.Name == name {
			return o.Role
		}
	}
	t.Fatal(name, err)
	return site.Nobody
}

// TestSealAtSignIn: what was sealed before she came is hers to read once a keeper signs in.
func TestSealAtSignIn(t *testing.T) {
	b := newBench(t)
	private, org, record, err := b.vault.Seal("0123456789ABCDEFGHJK", nil, []byte("x = 1\n"), nil)
	if err == nil {
		err = b.vault.Put("k7m2q9x4ad", private, org, record, nil)
	}
	if err == nil {
		b.words["Ana"], err = b.vault.EnterAnew("Ana", site.Keeper)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, key, _ := b.vault.Unlock("Ana", b.words["Ana"])
	if _, _, err := b.vault.Read("k7m2q9x4ad", key); err == nil {
		t.Fatal("she reads it at once")
	}
	b.signIn("Robin")
	for range 300 {
		if private, _, err := b.vault.Read("k7m2q9x4ad", key); err == nil && private != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("she never reads it")
}

// TestNoTrace: no passphrase, token, word, cookie or address is in the log or on the disk.
func TestNoTrace(t *testing.T) {
	b := newBench(t)
	robin := b.signIn("Robin")
	a := robin.do("POST", "/desk/people/invite/", url.Values{whoName: {"Ana"}, roleName: {"organizer"}})
	secrets := []string{b.words["Robin"], robin.cookie.Value, "127.0.0.1", regexp.MustCompile(`/desk/invite/([A-Z2-7]{26})/`).FindStringSubmatch(a.body)[1]}
	b.nobody().do("POST", "/desk/sign-in/", url.Values{nameName: {"Robin"}, passphraseName: {"my-wrong-words"}})
	texts := b.log.String()
	files, _ := filepath.Glob(filepath.Join(b.dir, "*"))
	for _, f := range files {
		src, _ := os.ReadFile(f)
		texts += string(src)
	}
	for _, s := range append(secrets, "my-wrong-words") {
		if strings.Contains(texts, s) {
			t.Errorf("%q is kept", s)
		}
	}
}

// TestBroken: where our own code breaks, the words come back, and the keeper is told where it was.
func TestBroken(t *testing.T) {
	b := newBench(t)
	robin := b.signIn("Robin")
	rt := route{method: "POST", path: "broken/", least: site.AnOrganizer, do: func(v *visit) { panic(v.form.Get("words")) }}
	b.desk.mux.Handle(rt.pattern(), rt)
	has(t, "broken", robin.do("POST", "/desk/broken/", url.Values{"words": {"What I wrote."}}), http.StatusServiceUnavailable, "desk.not-now", "What I wrote.")
	if log := b.log.String(); !strings.Contains(log, "POST /desk/broken/ broke") || !strings.Contains(log, "people_test.go") || strings.Contains(log, "What I wrote.") {
		t.Errorf("the log: %s", log)
	}
}
