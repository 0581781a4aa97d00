// Package desk answers organizers: the pages under /desk/, where they sign in, decide on
// what neighbours send, and edit the site.
//
//	GET  /desk/            what waits; /desk/es/ in another language
//	GET  /desk/sign-in/    a name and a passphrase
//	POST /desk/sign-in/    303 to the desk, with a cookie
//	POST /desk/sign-out/   with everywhere=yes, from every machine
//	GET  /desk/pages/      any page, by folder; /desk/edit/PATH, /desk/history/PATH, /desk/move/PATH
//	GET  /desk/new/        a new page, of a kind or in another language
//	GET  /desk/reports/    what wants care
//	GET  /desk/people/     who decides and who reads, for keepers; and what they change there
//	GET  /desk/invite/…/   where an invitation leads
//	GET  /desk/me/         a new passphrase
//
// Each address is a row of a table (see [route]): method, path, the least role, and
// whether the passphrase must be fresh. What a row does not allow, no handler sees.
//
// Rules:
//
//   - Every page is made by the server and works without a script.
//   - Nothing acts on GET. What acts is a POST of this site's own pages: http's
//     CrossOriginProtection refuses others, and the cookie is SameSite=Lax.
//   - After a POST that acted the browser is sent on (303), and the next page says what was
//     done, once. A POST that could not act answers with the words that were posted.
//   - The form of a page carries the revision that was looked at, and a picture that waits to be
//     saved. When somebody else was faster, all versions come back (409), and a choice.
//   - There is no user table. Whoever is in var/organizers.toml with a key under a passphrase
//     can sign in: the passphrase opens the key, in memory, for the session. A session is 256
//     random bits in a cookie and their hash in memory; it ends an hour after it was used
//     last, twelve hours after it began, when its person is removed, and with the process.
//   - Wrong passphrases are counted by the address they come from, as salted hashes in memory,
//     so nobody can lock another person out.
//   - What is private is shown, deleted, or given to other readers only after the passphrase
//     was typed lately, and after a line in var/audit.log says so.
//   - When who reads has changed, what is there is sealed anew with the key of the keeper who
//     changed it, else of the next who signs in.
//   - Off this machine the desk works by https alone: our own, or that of a proxy which
//     trusted_proxies names.
//   - What the desk does is an operation of intake, which the command line has too. Handlers
//     read the form, call one operation, and show a page.
//   - Nothing here is kept by a browser (no-store) or logged: no address, code, word or body.
//
// To add a page: write its function in a file of its own,
//
//	func (v *visit) item() {
//		it, err := v.Intake.Show(v.r.PathValue("id"), nil)
//		if err != nil {
//			v.fail(err)
//			return
//		}
//		v.page(http.StatusOK, "desk-item", "item.title", it)
//	}
//
//	func (v *visit) publish() {
//		it, err := v.Intake.Publish(v.r.Context(), v.r.PathValue("id"), v.person())
//		if err != nil {
//			v.fail(err) // the form's words go back to her
//			return
//		}
//		v.done("", "item.did-publish", it.Reference)
//	}
//
// add its rows to the table, in that same file,
//
//	var itemRoutes = []route{
//		{method: "GET", path: "item/{id}/", least: site.AnOrganizer, do: (*visit).item},
//		{method: "POST", path: "item/{id}/publish/", least: site.AnOrganizer, do: (*visit).publish},
//	}
//
// name that list in routes (route.go), put the layout into themes/commons/layouts/desk-item.html
// with {{define "main"}}, and its words into the theme's strings. A layout finds its view in
// .Form.View, and begins every link with .Form.Root. A link in the desk's menu is a row of
// menu (visit.go).
package desk

import (
	"context"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// Options is what the desk works with.
type Options struct {
	Intake   *intake.Service
	Renderer Renderer
	Log      func(error)     // what a keeper should know; nil: nobody is told
	Warnings func() []string // what fails beside the desk: keys of the theme's strings; nil: nothing
}

// Renderer makes the desk's pages with the network's theme. builder has it.
type Renderer interface {
	// Render writes a whole page. A layout whose name begins with desk- has the desk's frame;
	// view reaches it as .Form. title is a key of the theme's strings.
	Render(w io.Writer, lang, layout, title string, view any) error
	// Card renders a proposed page as its own layout's card will show it.
	Card(lang string, p *site.Page) (template.HTML, error)
	// Say gives words of the theme by their key.
	Say(lang, key string, args ...any) string
	// Preview makes a page as it would be with other words in its file (below content/), and
	// names what is wrong with it; beside are pictures that would lie next to it. "" for a
	// page that would not be shown now.
	Preview(ctx context.Context, path string, data []byte, beside map[string][]byte) (template.HTML, []site.Problem, error)
}

type desk struct {
	Options
	mux      *http.ServeMux
	origin   *http.CrossOriginProtection
	sessions sessions
	attempts intake.Rate // passphrases and words that were wrong
	sealing  sync.Mutex  // held while what is there is sealed anew
}

// New makes the handler of everything under /desk/. A base path is cut off before.
func New(o Options) http.Handler {
	d := &desk{Options: o, mux: http.NewServeMux(), origin: http.NewCrossOriginProtection()}
	d.attempts = intake.Rate{Most: 10, Near: 100, Per: 10 * time.Minute, Now: o.Intake.Now}
	d.sessions = sessions{now: o.Intake.Now, open: map[hash]*session{}}
	if u, err := url.Parse(o.Intake.Config().BaseURL); err == nil {
		_ = d.origin.AddTrustedOrigin(u.Scheme + "://" + u.Host) // also behind a proxy that changes Host
	}
	for _, rt := range routes() {
		d.mux.Handle(rt.pattern(), rt)
	}
	return d
}
