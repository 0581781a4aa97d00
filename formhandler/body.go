package formhandler

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"potluck/internal/intake"
	"potluck/internal/site"
)

const (
	bodyLimit = 64 << 10
	drained   = 16 << 20 // of a post that is too long, so that the browser comes to read the answer
)

// Names of what a page carries beside the answers. No field can have them.
const (
	nonceName = "_nonce"
	stampName = "_stamp"
	codeName  = "_code"
	doName    = "_do"
	wordsName = "_words"          // yes: a correction was filled in
	pageName  = intake.AboutField // the address of the page that a message or a change is about
)

// read parses the post. When it cannot, it gives the status and the text of the answer;
// the values that could be read are there all the same.
func (v *visit) read() (status int, text string) {
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(nil, whole, bodyLimit)
	kind, _, _ := mime.ParseMediaType(v.r.Header.Get("Content-Type")) // none: answered below
	if v.r.Header.Get("Content-Encoding") != "" {                     // no browser packs a form
		kind = ""
	}
	var err error
	switch kind {
	case "application/x-www-form-urlencoded":
		err = v.r.ParseForm()
	case "multipart/form-data":
		if err = v.r.ParseMultipartForm(bodyLimit); err == nil && len(v.r.MultipartForm.File) > 0 {
			err = errors.New("files are not asked for")
		}
	default:
		return http.StatusUnsupportedMediaType, "notice.unreadable"
	}
	v.values = v.r.PostForm
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		_, _ = io.CopyN(io.Discard, whole, drained)
		return http.StatusRequestEntityTooLarge, "notice.too-large"
	case err != nil:
		return http.StatusBadRequest, "notice.unreadable"
	}
	return 0, ""
}

// words are all answers as pairs of a form, and the trap.
func (v *visit) words() []Pair {
	var ps []Pair
	for _, q := range v.asks.Questions {
		for _, s := range v.typed(q.Name) {
			ps = append(ps, Pair{q.Name, s})
		}
	}
	if s := v.values.Get(pageName); s != "" {
		ps = append(ps, Pair{pageName, site.CleanLine(s)})
	}
	for _, s := range v.values[v.trap()] {
		ps = append(ps, Pair{v.trap(), site.CleanLong(s)})
	}
	return ps
}

// again is the whole post, to be sent once more.
func (v *visit) again() []Pair {
	ps := v.words()
	for _, name := range []string{nonceName, stampName, "confirm"} {
		if s := v.values.Get(name); s != "" {
			ps = append(ps, Pair{name, site.CleanLine(s)})
		}
	}
	return ps
}

// typed gives what was typed into a field, without what no page can hold.
func (v *visit) typed(name string) []string {
	var texts []string
	for _, s := range v.values[name] {
		if s = site.CleanLong(s); s != "" {
			texts = append(texts, s)
		}
	}
	return texts
}

// trap is the name of the trap: one that programs like and no field has.
func (v *visit) trap() string {
	names := []string{"website", "homepage", "company", "fax"}
	i := slices.IndexFunc(names, func(n string) bool { return v.kind.Field(n) == nil })
	return names[max(i, 0)]
}
