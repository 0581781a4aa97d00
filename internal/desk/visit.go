package desk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// visit is one request and what is known about it.
type visit struct {
	*desk
	w    http.ResponseWriter
	r    *http.Request
	c    *site.Config
	lang string
	path string         // below /desk/, without the language
	who  *session       // nil: nobody is signed in
	me   site.Organizer // who is signed in, as organizers.toml has her now
	form url.Values     // of a post
}

// Page is what every layout of the desk is given as .Form.
type Page struct {
	Me       site.Organizer    // who is signed in; its Role is 0 when nobody is
	Root     string            // href of the desk in this language, with its last slash
	Here     string            // path of this page below Root
	Langs    map[string]string // href of this page in each language
	Menu     []MenuItem
	Said     *Said    // what was done just now; nil: nothing
	Warnings []string // keys of the theme's strings: what fails beside the desk
	View     any      // the page's own
}

// MenuItem is an entry of the desk's menu.
type MenuItem struct {
	Text    string // key of the theme's strings
	Href    string
	Current bool
}

// Said is told once, on the page after a post.
type Said struct {
	Text string // key of the theme's strings
	Arg  any    // for {0} in it
	Undo string // href of the item whose last decision can be undone; or ""
}

// Notice is a page with nothing but a message; and what was typed, when it was not taken.
type Notice struct {
	Text   string // key of the theme's strings
	Why    Why    // more about it
	Carry  []Pair // what was posted, to be sent once more or copied
	Action string // href to post Carry to again; or ""
}

// Pair is a name and a value of a form.
type Pair struct{ Name, Value string }

// menu is the desk's menu: an entry is shown to who may open it.
var menu = []struct {
	text, path string
	least      site.Role
}{
	{"queue.title", "", site.AnOrganizer},
	{"pages.title", "pages/", site.AnOrganizer},
	{"reports.title", "reports/", site.AnOrganizer},
	{"people.title", "people/", site.Keeper},
	{"me.title", "me/", site.AnOrganizer},
}

// person is who stands in the history for what is done here.
func (v *visit) person() intake.Person { return intake.Person{Name: v.me.Name} }

// key opens what is sealed to who is signed in.
func (v *visit) key() intake.Key { return v.who.key }

// href gives the address of a path below /desk/ in the language of the visit.
func (v *visit) href(path string) string { return v.hrefIn(v.lang, path) }

func (v *visit) hrefIn(lang, path string) string {
	if lang != v.c.Languages[0] {
		path = lang + "/" + path
	}
	return v.c.BasePath + "/desk/" + path
}

// page answers with a page of the theme, or with plain text when that fails.
func (v *visit) page(status int, layout, title string, view any) {
	p := Page{Me: v.me, Root: v.href(""), Here: v.path, Langs: map[string]string{}, View: view}
	for _, l := range v.c.Languages {
		p.Langs[l] = v.hrefIn(l, v.path)
	}
	for _, m := range menu {
		if v.who != nil && p.Me.Role >= m.least {
			current := v.path == m.path || m.path != "" && strings.HasPrefix(v.path, m.path)
			p.Menu = append(p.Menu, MenuItem{m.text, v.href(m.path), current})
		}
	}
	if v.who != nil {
		p.Said = v.sessions.said(v.who)
		if v.Warnings != nil {
			p.Warnings = v.Warnings()
		}
	}
	var b bytes.Buffer
	kind := "text/html; charset=utf-8"
	if err := v.Renderer.Render(&b, v.lang, layout, title, p); err != nil {
		v.log(fmt.Errorf("the theme cannot make the page %q: %w", layout, err))
		kind = "text/plain; charset=utf-8"
		b.Reset()
		fmt.Fprintln(&b, "This page cannot be shown right now. Nothing is lost.")
		for _, c := range v.carry() {
			fmt.Fprintf(&b, "%s: %s\n", c.Name, c.Value)
		}
		status = max(status, http.StatusInternalServerError)
	}
	v.w.Header().Set("Content-Type", kind)
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes())
}

// done ends a post that acted: the browser goes to a path of the desk, and the page there
// says what was done.
func (v *visit) done(path, text string, arg any) {
	if v.who != nil && text != "" {
		v.sessions.say(v.who, Said{Text: text, Arg: arg})
	}
	http.Redirect(v.w, v.r, v.href(path), http.StatusSeeOther)
}

// fail answers when an operation did not happen: with why, and with the words of the post.
func (v *visit) fail(err error) {
	n := Notice{Text: "desk.not-now", Carry: v.carry()}
	if len(n.Carry) > 0 {
		n.Action = v.href(v.path)
	}
	if why, told := v.why(err); told {
		n.Text, n.Why = "item.refused", why
		v.page(http.StatusConflict, "desk-notice", "desk.title", n)
		return
	}
	v.log(err)
	v.page(http.StatusServiceUnavailable, "desk-notice", "desk.title", n)
}

// Why is what a refusal says: in the language of the page, or in English where the theme has no
// words for it.
type Why struct {
	Text    string
	English bool
}

// why tells what an error says to her; false for one that says nothing about a way out.
func (v *visit) why(err error) (Why, bool) {
	var said interface{ Said() (string, []any) }
	if errors.As(err, &said) {
		if key, args := said.Said(); key != "" {
			return Why{Text: v.Renderer.Say(v.lang, "refused."+key, v.spoken(args)...)}, true
		}
	}
	var refused interface {
		error
		Hint() string
	}
	if errors.As(err, &refused) {
		return Why{refused.Error() + ". " + refused.Hint(), true}, true
	}
	return Why{}, false
}

// spoken are arguments of words: each a text that keeps its own direction, or words themselves.
func (v *visit) spoken(args []any) (out []any) {
	for _, a := range args {
		switch x := a.(type) {
		case intake.Words:
			a = v.Renderer.Say(v.lang, string(x))
		case string:
			a = "\u2068" + x + "\u2069"
		}
		out = append(out, a)
	}
	return out
}

// carry is the post once more, without what is not to be shown.
func (v *visit) carry() (ps []Pair) {
	for name, values := range v.form {
		for _, s := range values {
			if name != passphraseName && name != wordName {
				ps = append(ps, Pair{name, s})
			}
		}
	}
	slices.SortFunc(ps, func(a, b Pair) int { return strings.Compare(a.Name+"\x00"+a.Value, b.Name+"\x00"+b.Value) })
	return ps
}

func (v *visit) log(err error) {
	if v.Log != nil {
		v.Log(err)
	}
}

// bodyLimit is that of a post whose route names none.
const bodyLimit = 64 << 10

// read reads the post, or answers why it cannot. Another site's is not read at all.
func (v *visit) read(limit int64) bool {
	if v.origin.Check(v.r) != nil {
		v.page(http.StatusForbidden, "desk-notice", "desk.title", Notice{Text: "desk.other-site"})
		return false
	}
	if limit == 0 {
		limit = bodyLimit
	}
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(nil, whole, limit)
	err := error(http.ErrNotSupported)
	switch kind, _, _ := mime.ParseMediaType(v.r.Header.Get("Content-Type")); kind {
	case "application/x-www-form-urlencoded":
		err = v.r.ParseForm()
	case "multipart/form-data":
		err = v.r.ParseMultipartForm(limit)
	}
	v.form = v.r.PostForm
	if err == nil {
		return true
	}
	status, text := http.StatusBadRequest, "desk.unreadable"
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		_, _ = io.CopyN(io.Discard, whole, limit) // so that the browser comes to read the answer
		status, text = http.StatusRequestEntityTooLarge, "desk.too-large"
	}
	v.page(status, "desk-notice", "desk.title", Notice{Text: text, Carry: v.carry()})
	return false
}

// day is the day of a time in the network's town.
func (v *visit) day(t time.Time) site.Date { return site.OnDay(t.In(v.c.Location)) }
