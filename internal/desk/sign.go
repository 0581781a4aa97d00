package desk

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var signRoutes = []route{
	{method: "GET", path: "sign-in/", do: (*visit).signInPage},
	{method: "POST", path: "sign-in/", do: (*visit).signIn},
	{method: "POST", path: "sign-out/", least: site.AnOrganizer, do: (*visit).signOut},
}

// Names of what the desk's own forms post.
const (
	nameName       = "_name"
	passphraseName = "_passphrase"
	nextName       = "_next" // a path below /desk/ to go on to
)

// SignInView is the page that asks for a name and a passphrase.
type SignInView struct {
	Action string
	Name   string
	Next   string // where she was going
	Error  string // key of the theme's strings, or ""
}

// PassphraseView asks for the passphrase again, before something that cannot be undone or
// that shows what is private. Carry is what she posted.
type PassphraseView struct {
	Action string
	Carry  []Pair
	Error  string
}

func (v *visit) signInPage() {
	if v.who != nil {
		v.done("", "", nil)
		return
	}
	v.askToSignIn(http.StatusOK, "", "")
}

func (v *visit) askToSignIn(status int, next, fault string) {
	v.page(status, "desk-sign-in", "desk.sign-in", SignInView{v.href("sign-in/"), v.form.Get(nameName), next, fault})
}

// signInFirst answers who is not signed in, or not any more. A page that she followed a link
// to is a page that works: it asks her to sign in, and goes on from there. What she posted is
// refused and comes back, to be copied: a form must not be sent in the name of whoever signs
// in next.
func (v *visit) signInFirst() {
	if v.r.Method == http.MethodPost {
		v.page(http.StatusForbidden, "desk-notice", "desk.sign-in", Notice{Text: "desk.signed-out", Carry: v.carry()})
		return
	}
	v.askToSignIn(http.StatusOK, v.path, "")
}

// tooMany answers when too many wrong passphrases or words came from one address.
func (v *visit) tooMany() bool {
	full := v.attempts.Full(v.from())
	if full {
		v.page(http.StatusTooManyRequests, "desk-notice", "desk.sign-in", Notice{Text: "desk.error-slow", Carry: v.carry()})
	}
	return full
}

// from is the address of the visitor, or the one that a trusted proxy says.
func (v *visit) from() netip.Addr {
	from, _ := v.c.Visitor(v.r.RemoteAddr, v.r.Header)
	return from
}

func (v *visit) signIn() {
	if v.tooMany() {
		return
	}
	person, key, err := v.Intake.Unlock(v.form.Get(nameName), v.form.Get(passphraseName))
	next := v.form.Get(nextName)
	switch {
	case err == intake.ErrPassphrase:
		v.attempts.Add(v.from())
		v.askToSignIn(http.StatusUnprocessableEntity, next, "desk.error-passphrase")
		return
	case err != nil:
		v.fail(err)
		return
	}
	cookie, x := v.sessions.begin(person, key)
	v.setCookie(cookie, int(absolute.Seconds()))
	if v.who, v.me = x, person; person.Role == site.Keeper {
		v.sealAnew(0)
	}
	v.done(inside(next), "", nil)
}

// inside gives a path below /desk/, or "" for what leads elsewhere.
func inside(path string) string {
	u, err := url.Parse("/" + path)
	if err != nil || strings.HasPrefix(path, "/") || u.Host != "" || strings.ContainsAny(path, "\\?#") || strings.Contains(path, "..") {
		return ""
	}
	return strings.TrimPrefix(u.EscapedPath(), "/")
}

func (v *visit) signOut() {
	v.sessions.end(v.who, v.form.Get("everywhere") != "")
	v.who, v.me = nil, site.Organizer{}
	v.setCookie("", -1)
	v.done("sign-in/", "", nil)
}

// recognize finds out who is signed in. Her role, and that she is still there, are read off
// organizers.toml each time.
func (v *visit) recognize() {
	c, err := v.r.Cookie(v.cookieName())
	if err != nil {
		return
	}
	x := v.sessions.of(c.Value)
	if x == nil {
		return
	}
	list, err := v.Intake.Organizers()
	i := slices.IndexFunc(list, func(o site.Organizer) bool { return o.Name == x.name && o.Recipient == x.to })
	if err != nil || i < 0 {
		v.sessions.end(x, false)
		return
	}
	v.who, v.me = x, list[i]
}

// fresh tells that the passphrase was typed lately, or with this post.
func (v *visit) fresh() bool {
	if v.sessions.isFresh(v.who) {
		return true
	}
	if v.form.Get(passphraseName) == "" || v.attempts.Full(v.from()) {
		return false
	}
	person, _, err := v.Intake.Unlock(v.me.Name, v.form.Get(passphraseName))
	if err != nil || person.Recipient != v.me.Recipient {
		v.attempts.Add(v.from())
		return false
	}
	v.sessions.renew(v.who)
	return true
}

// askPassphrase asks for it, and brings the post along.
func (v *visit) askPassphrase() {
	p := PassphraseView{Action: v.href(v.path), Carry: v.carry()}
	switch {
	case v.attempts.Full(v.from()):
		p.Error = "desk.error-slow"
	case v.form.Get(passphraseName) != "":
		p.Error = "desk.error-passphrase"
	}
	v.page(http.StatusForbidden, "desk-passphrase", "desk.passphrase-again", p)
}

// cookieName is that of the session's cookie. A browser takes one that begins with __Host-
// over https alone, and from no other host.
func (v *visit) cookieName() string {
	if v.https() {
		return "__Host-potluck"
	}
	return "potluck"
}

func (v *visit) setCookie(value string, seconds int) {
	http.SetCookie(v.w, &http.Cookie{
		Name: v.cookieName(), Value: value, Path: "/", MaxAge: seconds, Secure: v.https(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
