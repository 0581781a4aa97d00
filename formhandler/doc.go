// Package formhandler answers neighbours: the forms, the page "check your answers", the
// receipt, and what the code of a receipt opens.
//
//	GET  /forms/request/       the form; /forms/es/request/ in another language
//	  ?page=/about/            the page that a message or a change is about; a change without
//	                           one asks which
//	POST /forms/request/       422 the form with its errors, or 200 the check page
//	  with confirm=yes         200 the receipt; 503 when nothing could be promised
//	  with change=yes          200 the form again
//	  with move=yes            200 the check page; what gives a person away is locked now
//	GET  /mine/                an input for a code; /mine/es/ in another language
//	POST /mine/                _code=: 200 the state; 404 or 422 when it opens nothing
//	  with _do=                answer, correct, renew, done, withdraw, private; erase
//	                           shows a page first, and erases with confirm=yes; correct
//	                           shows the check page where public words give a person away
//
// Rules:
//
//   - It keeps nothing between two posts: each page carries every word to the next.
//     Whatever goes wrong, the answer holds the words, or says what to do.
//   - Nothing is stored before the check page, and nothing acts on GET.
//   - The address of the page that a message or a change is about is the one thing that may
//     stand in a query. A page that is gone takes no words with it.
//   - The schema makes the form, its check and its trap: an input that people do not
//     see. Who fills it in, or leaves it out, gets the same receipt; it only marks.
//   - A code is in the body of a post and in a hidden input, never in an address, a
//     cookie, a file or a log. Wrong ones are counted by salted hash of the address, in
//     memory. Who posts many forms in an hour gets the same receipt; it only marks.
//   - What a code opens keeps working while the forms are paused.
//   - No script, no cookie, no third party. No address, query, body or word of a
//     neighbour is logged.
//   - The theme makes the pages (see [Renderer]). If it cannot, plain text does.
package formhandler

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// Options is what the handler works with.
type Options struct {
	Intake   *intake.Service
	Renderer Renderer
	Log      func(error) // what a keeper should know; nil: nobody is told
}

type handler struct {
	Options
	origin *http.CrossOriginProtection
	wrong  intake.Rate // wrong codes
	posts  intake.Rate // forms that were sent
}

// New makes the handler of everything under /forms/ and /mine. A base path is cut off before.
func New(o Options) http.Handler {
	h := &handler{Options: o, origin: http.NewCrossOriginProtection()}
	h.wrong = intake.Rate{Most: 10, Near: 300, Per: 10 * time.Minute, Now: o.Intake.Now}
	h.posts = intake.Rate{Most: 10, Per: time.Hour, Now: o.Intake.Now}
	if u, err := url.Parse(o.Intake.Config().BaseURL); err == nil {
		_ = h.origin.AddTrustedOrigin(u.Scheme + "://" + u.Host) // also behind a proxy that changes Host
	}
	return h
}

// visit is one request and what is known about it.
type visit struct {
	*handler
	w      http.ResponseWriter
	r      *http.Request
	c      *site.Config
	lang   string
	kind   *site.Kind
	asks   *intake.Form
	values url.Values
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := h.Intake.Config()
	v := &visit{handler: h, w: w, r: r, c: c, lang: c.Languages[0]}
	secure(w.Header())
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	mine := v.isMine(parts)
	if mine {
		w.Header().Set("Cache-Control", "no-store")
	}
	switch found := mine || v.route(parts); {
	case !found:
		v.notice(http.StatusNotFound, "title.not-found", NoticeView{Text: "notice.unknown"})
	case mine && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		v.getMine()
	case mine && r.Method == http.MethodPost:
		v.postMine()
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		v.get()
	case r.Method == http.MethodPost:
		w.Header().Set("Cache-Control", "no-store")
		v.post()
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		v.notice(http.StatusMethodNotAllowed, "title.not-found", NoticeView{Text: "notice.unknown"})
	}
}

// from is the address of the visitor, or the one that a trusted proxy says.
func (v *visit) from() netip.Addr {
	from, _ := v.c.Visitor(v.r.RemoteAddr, v.r.Header)
	return from
}

func secure(h http.Header) {
	for _, x := range site.Headers {
		h.Set(x[0], x[1])
	}
	h.Set("Cache-Control", "no-cache")
}

// route reads language and kind off the path.
func (v *visit) route(parts []string) bool {
	if len(parts) == 3 && slices.Contains(v.c.Languages[1:], parts[1]) {
		v.lang = parts[1]
		parts = slices.Delete(parts, 1, 2)
	}
	if len(parts) != 2 || parts[0] != "forms" {
		return false
	}
	if v.kind = v.c.Kind(parts[1]); v.kind == nil || !v.kind.Form {
		return false
	}
	v.asks = &intake.Form{Kind: v.kind, Questions: intake.Questions(v.c, v.kind)}
	return true
}

func (v *visit) action() string { return v.c.BasePath + v.c.FormPath(v.lang, v.kind.Name) }

func (v *visit) get() {
	page := v.r.URL.Query().Get("page")
	if v.shut(http.StatusOK) || v.which(page) || v.gone(page) {
		return
	}
	v.values = v.asks.Values()
	v.form(http.StatusOK, nil)
}

// which answers who came to the form for a change by itself: it says how to find a page.
func (v *visit) which(page string) bool {
	ask := page == "" && v.kind.Makes == site.AChange
	if ask {
		v.notice(http.StatusOK, v.title(), NoticeView{Text: "notice.which-page", Seek: true})
	}
	return ask
}

// gone finds the page that the form is about, and answers when there is none and no form
// without one.
func (v *visit) gone(address string) bool {
	asks, err := v.Intake.Form(v.kind, address)
	if err != nil {
		v.notice(http.StatusNotFound, v.title(), NoticeView{Text: "notice.no-page", Carry: v.words()})
		return true
	}
	v.asks = asks
	return false
}

// title is what stands over the form: words of site.toml, or the key of the theme's.
func (v *visit) title() string {
	if s := v.kind.Label.In(v.lang, v.c.Languages[0]); s != "" {
		return s
	}
	return "title." + v.kind.Name
}

// shut answers when no form can be taken: paused, without git, without a keeper.
func (v *visit) shut(status int) bool {
	n := NoticeView{Text: "notice.no-forms", Carry: v.again(), Retry: v.action()}
	err := v.Intake.Ready(v.kind)
	switch paused := v.c.Intake.Paused.In(v.lang, v.c.Languages[0]); {
	case paused != "":
		status, n.Text, n.Words = http.StatusOK, "notice.paused", paused
	case err == nil:
		return false
	case err != intake.ErrNoGit:
		v.log(err)
		status = http.StatusServiceUnavailable
	}
	v.notice(status, v.title(), n)
	return true
}

func (v *visit) log(err error) {
	if v.Log != nil {
		v.Log(err)
	}
}

func (v *visit) post() {
	if status, text := v.read(); status != 0 {
		v.notice(status, v.title(), NoticeView{Text: text, Carry: v.words()})
		return
	}
	if v.origin.Check(v.r) != nil { // another site may have written the words: no button to send them
		v.notice(http.StatusForbidden, v.title(), NoticeView{Text: "notice.not-saved", Carry: v.words()})
		return
	}
	if v.shut(http.StatusServiceUnavailable) || v.gone(v.values.Get(pageName)) {
		return
	}
	if v.values.Get("change") != "" {
		v.form(http.StatusOK, nil)
		return
	}
	if v.values.Get("move") != "" {
		v.values = intake.Conceal(v.asks.Questions, v.values)
	}
	draft, faults := v.Intake.CheckForm(v.asks, v.values)
	if v.kind.Makes == site.APage {
		draft.Page.WrittenIn = v.spoken()
	}
	switch {
	case len(faults) > 0:
		v.form(http.StatusUnprocessableEntity, faults)
	case v.values.Get("confirm") == "" || v.values.Get("move") != "":
		v.check(draft, "")
	default:
		v.submit(draft)
	}
}

// spoken gives the language of the form, for the words in it; "" for the first of
// the site, which is that of a page's file.
func (v *visit) spoken() string {
	if v.lang == v.c.Languages[0] {
		return ""
	}
	return v.lang
}

func (v *visit) submit(draft *intake.Draft) {
	ticket := intake.Ticket{Nonce: v.values.Get(nonceName), Stamp: v.values.Get(stampName)}
	trap, there := v.values[v.trap()]
	suspect := !there || strings.Join(trap, "") != "" || v.posts.Full(v.from())
	got, err := v.Intake.Submit(draft, ticket, suspect)
	switch {
	case err == intake.ErrGone:
		v.check(draft, "")
	case err == intake.ErrLate:
		v.check(draft, ticket.Nonce)
	case err != nil:
		v.log(err)
		v.notice(http.StatusServiceUnavailable, v.title(), NoticeView{Text: "notice.not-saved", Carry: v.again(), Retry: v.action()})
	default:
		v.posts.Add(v.from())
		v.render(http.StatusOK, "receipt", "title.receipt", ReceiptView{
			Mine: v.mineHref(), MineURL: strings.TrimSuffix(v.c.BaseURL, "/") + v.c.MinePath(v.lang), Kind: v.kind.Name, Makes: v.kind.Makes, Reference: got.Reference, Code: got.Code.String(), KeptUntil: got.KeptUntil, Waiting: got.Waiting,
		})
	}
}
