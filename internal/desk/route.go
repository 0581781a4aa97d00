package desk

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"potluck/internal/site"
)

// route is one address of the desk.
type route struct {
	method string    // GET or POST
	path   string    // below /desk/, as http.ServeMux writes it: "item/{id}/"
	least  site.Role // who may; Nobody: also who is not signed in
	fresh  bool      // the passphrase was typed within the last minutes, or is asked for first
	body   int64     // bytes of a post; 0: 64 KB
	do     func(*visit)
}

// routes is the whole table.
func routes() []route {
	return slices.Concat(queueRoutes, itemRoutes, pageRoutes, reportRoutes, peopleRoutes, signRoutes)
}

func (rt route) pattern() string {
	if strings.HasSuffix(rt.path, "...}") {
		return rt.method + " /desk/" + rt.path
	}
	return rt.method + " /desk/" + rt.path + "{$}"
}

// ServeHTTP is called by the mux, for the visit that the request carries.
func (rt route) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	v := r.Context().Value(visitKey{}).(*visit)
	v.r = r
	defer v.rescue(rt)
	v.follow(rt)
}

// rescue answers where our own code broke, with the words of the post. The keeper is told where;
// not what it broke on, since that may be somebody's words.
func (v *visit) rescue(rt route) {
	switch why := recover(); why {
	case nil:
	case http.ErrAbortHandler:
		panic(why)
	default:
		v.fail(fmt.Errorf("%s /desk/%s broke:\n%s", rt.method, rt.path, debug.Stack()))
	}
}

type visitKey struct{}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, h := range site.Headers {
		w.Header().Set(h[0], h[1])
	}
	w.Header().Set("Cache-Control", "no-store")
	v := &visit{desk: d, w: w, c: d.Intake.Config()}
	r = v.language(r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
	v.r = r
	switch _, pattern := d.mux.Handler(r); {
	case !v.safe():
		v.page(http.StatusForbidden, "desk-notice", "desk.title", Notice{Text: "desk.insecure"})
	case pattern == "":
		v.lost()
	default:
		v.recognize()
		d.mux.ServeHTTP(w, r)
	}
}

// language takes the language out of the path: /desk/es/item/…
func (v *visit) language(r *http.Request) *http.Request {
	v.lang, v.path = v.c.Languages[0], strings.TrimPrefix(r.URL.Path, "/desk/")
	code, rest, cut := strings.Cut(v.path, "/")
	if !cut || !slices.Contains(v.c.Languages[1:], code) {
		return r
	}
	v.lang, v.path = code, rest
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath = "/desk/"+rest, ""
	return r
}

// lost answers where no row of the table fits.
func (v *visit) lost() {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := v.r.Clone(v.r.Context())
		other.Method = method
		if _, pattern := v.mux.Handler(other); pattern != "" {
			v.w.Header().Set("Allow", method)
			v.page(http.StatusMethodNotAllowed, "desk-notice", "desk.title", Notice{Text: "desk.not-so"})
			return
		}
	}
	v.page(http.StatusNotFound, "desk-notice", "desk.title", Notice{Text: "desk.unknown"})
}

// follow does what a row says, for whom it allows.
func (v *visit) follow(rt route) {
	if rt.method == http.MethodPost && !v.read(rt.body) {
		return
	}
	switch {
	case rt.least > site.Nobody && v.who == nil:
		v.signInFirst()
	case v.me.Role < rt.least:
		v.page(http.StatusForbidden, "desk-notice", "desk.title", Notice{Text: "desk.keepers-only"})
	case rt.fresh && !v.fresh():
		v.askPassphrase()
	default:
		rt.do(v)
	}
}
