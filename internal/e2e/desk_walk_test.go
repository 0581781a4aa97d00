package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// deskWalk is a person at the desk who opens every page and presses every button, in a
// language, and keeps each page that she is shown.
type deskWalk struct {
	t      *testing.T
	s      *Server
	dir    string
	root   string // desk/ or desk/ar/
	client *http.Client
	stops  []Stop
	asked  []string // POST item/k7m2q9x4ad/erase/
	last   string   // the page that was shown last
}

func newDeskWalk(t *testing.T, s *Server, dir, lang string) *deskWalk {
	return &deskWalk{t: t, s: s, dir: dir, root: strings.TrimSuffix("desk/"+lang, "/") + "/", client: visitor()}
}

// visitor is a browser with cookies that stays where it is sent on.
func visitor() *http.Client {
	jar, _ := cookiejar.New(nil) // it does not fail
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// get opens a page and keeps it under the name of its layout; "" does not keep it.
func (w *deskWalk) get(name, path string) string {
	w.t.Helper()
	r, err := http.NewRequest("GET", w.s.URL+w.root+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.take(name, path, r)
}

// post sends what the page shown last had ready, with what she types. A button that leads on
// shows the page behind it, which says what was done.
func (w *deskWalk) post(name, path string, pairs ...string) string {
	w.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest("POST", w.s.URL+w.root+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.take(name, path, r)
}

// picture sends the form of a page with a picture.
func (w *deskWalk) picture(name, path, file string, form url.Values) string {
	w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, values := range form {
		for _, v := range values {
			_ = m.WriteField(k, v)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	part, _ := m.CreateFormFile("_picture", "photo.png")
	_, _ = part.Write(data)
	_ = m.Close()
	r, err := http.NewRequest("POST", w.s.URL+w.root+path, &body)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.take(name, path, r)
}

func (w *deskWalk) take(name, path string, r *http.Request) string {
	w.t.Helper()
	resp, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	below, _, _ := strings.Cut(path, "?")
	w.asked = append(w.asked, r.Method+" "+below)
	if to := resp.Header.Get("Location"); to != "" {
		return w.get(name, strings.TrimPrefix(to, "/"+w.root))
	}
	if resp.StatusCode >= 500 {
		w.t.Errorf("%s %s: %d\n%s", r.Method, path, resp.StatusCode, body)
	}
	if key := bareKey.FindString(someTag.ReplaceAllString(string(body), "\n")); key != "" {
		w.t.Errorf("%s %s: there are no words for %s", r.Method, path, key)
	}
	if w.last = string(body); name != "" {
		w.stops = append(w.stops, Stop{Name: name, Path: w.root + path, HTML: w.last})
	}
	return w.last
}

// bareKey is a key of the theme's strings that stands on a page, since it has no words.
var bareKey = regexp.MustCompile(`\b(desk|queue|item|step|refused|pages|people|invite|six|me|reports)\.[a-z]{3}[a-z-]*`)

// hidden gives what the page shown last has ready under a name.
func (w *deskWalk) hidden(name string) string {
	w.t.Helper()
	v := hidden(w.last).Get(name)
	if v == "" {
		w.t.Fatalf("there is no %s on\n%s", name, w.last)
	}
	return v
}

// item opens an item and does something with it.
func (w *deskWalk) item(id, do string, pairs ...string) {
	w.t.Helper()
	w.get("", "item/"+id+"/")
	w.post("item-"+do, "item/"+id+"/", append(pairs, "_do", do, "seen", w.hidden("seen"))...)
}

func (w *deskWalk) signIn(name, six string) {
	w.t.Helper()
	w.client = visitor()
	if w.post("queue", "sign-in/", "_name", name, "_passphrase", six); !strings.Contains(w.last, "desk-parts") {
		w.t.Fatalf("%s is not signed in:\n%s", name, w.last)
	}
}

// all is the whole walk.
func (w *deskWalk) all() {
	w.strangers()
	six, err := os.ReadFile(filepath.Join(w.dir, "var/demo-passphrase.txt"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.signIn("Robin", strings.TrimSpace(string(six)))
	w.items()
	w.pages()
	w.care()
	w.people(strings.TrimSpace(string(six)))
}

var (
	inviteLink = regexp.MustCompile(`/desk/invite/(\S+)`)
	inviteWord = regexp.MustCompile(`(?m)^  ([a-z]+)$`)
	sixWords   = regexp.MustCompile(`(?s)class="desk-six"[^>]*>(.*?)</ol>`)
	someTag    = regexp.MustCompile(`<[^>]*>`)
)

// strangers are who comes without being signed in: to look, by an invitation, or too late.
func (w *deskWalk) strangers() {
	out := mustRun(w.t, "organizers", "invite", "Kim", "-C", w.dir, "-as", "Robin")
	link, word := inviteLink.FindStringSubmatch(out), inviteWord.FindStringSubmatch(out)
	if link == nil || word == nil {
		w.t.Fatalf("the invitation:\n%s", out)
	}
	token := strings.Trim(link[1], "/")
	w.get("sign-in", "sign-in/")
	w.get("sign-in", "people/")
	w.post("sign-in", "sign-in/", "_name", "Robin", "_passphrase", "not these words")
	w.post("notice-signed-out", "sign-out/")
	w.get("notice-no-invitation", "invite/"+strings.Repeat("A", len(token))+"/")
	w.get("notice-nothing-there", "nothing/")
	w.get("invite", "invite/"+token+"/")
	w.post("invite", "invite/", "_token", token, "_word", "wrong")
	w.post("six", "invite/", "_token", token, "_word", word[1])
	six := sixWords.FindStringSubmatch(w.last)
	if six == nil {
		w.t.Fatalf("no six words on\n%s", w.last)
	}
	w.signIn("Kim", strings.Join(strings.Fields(someTag.ReplaceAllString(six[1], " ")), " "))
	w.get("notice-keepers-only", "people/")
	w.item(waits(w.t, w.dir, "Someone to walk my dog while my foot heals"), "claim")
	w.post("sign-in", "sign-out/", "everywhere", "yes")
}

// items is what is done with what neighbours sent.
func (w *deskWalk) items() {
	id := func(title string) string { return waits(w.t, w.dir, title) }
	dog, clothes, ride, bikes := id("Someone to walk my dog while my foot heals"), id("Two bags of warm children's clothes"), id("A ride to the eye clinic"), id("I can fix bikes on Sundays")
	for _, show := range []string{"", "?show=held", "?show=asked", "?show=mine"} {
		w.get("queue", show)
	}
	for line := range strings.Lines(mustRun(w.t, "inbox", "-C", w.dir)) { // one of each sort
		if f := strings.Fields(line); len(f) > 1 && len(f[0]) == len(dog) {
			w.get("item", "item/"+f[0]+"/")
		}
	}
	w.get("notice-find", "find/?q=zzz-zzz")
	w.get("item", "find/?q="+ride)
	w.post("item-taken", "item/"+dog+"/", "_do", "ask", "words", "When would it be?", "seen", "x")
	w.get("queue", "")
	w.post("outcome", "decline/", "pick", dog+" x", "reason", "spam")
	w.item(dog, "claim", "over", "Kim")
	w.item(dog, "let-go")
	w.item(dog, "note", "words", "She has a car.")
	w.item(bikes, "ask", "words", "Which days?")
	w.get("item-asked", "item/"+bikes+"/")
	w.get("queue", "?show=asked")
	w.get("edit-item", "item/"+clothes+"/edit/")
	seen := w.hidden("seen")
	w.post("edit-item-error", "item/"+clothes+"/edit/", "_do", "look", "seen", seen, "title", "")
	w.post("edit-item", "item/"+clothes+"/edit/", "_do", "look", "seen", seen, "title", "Warm clothes", "body", "Two bags.", "categories", "things/clothes", "areas", "harbor")
	w.item(clothes, "publish")
	w.item(ride, "hold")
	w.get("item-held", "item/"+ride+"/")
	w.item(ride, "release")
	w.item(ride, "publish")
	w.item(ride, "undo")
	w.item(ride, "publish")
	w.get("match", "item/"+ride+"/match/")
	w.item(ride, "match", "with-other", clothes)
	w.get("item-matched", "item/"+ride+"/")
	w.item(ride, "match", "with-other", "nothing")
	w.item(ride, "unmatch")
	w.item(clothes, "close", "reason", "fulfilled")
	w.get("item-closed", "item/"+clothes+"/")
	w.item(clothes, "reopen")
	w.item(dog, "refer", "with-other", "/resources/dial-a-van/", "words", "They come by on foot, too.")
	w.get("item-referred", "item/"+dog+"/")
	w.post("item-contact", "item/"+ride+"/contact/")
	w.get("queue", "?show=held")
	pick := regexp.MustCompile(`name="pick" value="([^"]+)"`).FindStringSubmatch(w.last)
	if pick == nil {
		w.t.Fatalf("nothing is held:\n%s", w.last)
	}
	w.post("queue-declined", "decline/", "pick", pick[1], "reason", "spam")
	w.post("erase", "item/"+bikes+"/erase/")
	w.post("queue-erased", "item/"+bikes+"/erase/", "confirm", "yes")
}

// pages is what is done with pages of the site.
func (w *deskWalk) pages() {
	const van = "resources/dial-a-van.md"
	for _, p := range []string{"", "resources/", "resources/?find=van", "nothing-here/"} {
		w.get("pages", "pages/"+p)
	}
	w.get("edit", "edit/"+van)
	w.get("edit-file", "edit/"+van+"?file=1")
	base, file := w.hidden("_base"), filepath.Join(w.dir, "content", van)
	page, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	theirs := strings.Replace(string(page), "title = ", "# theirs\ntitle = ", 1)
	w.post("edit-error", "edit/"+van, "_base", base, "_do", "save", "title", "", "phones", "1")
	w.post("edit-problems", "edit/"+van, "_base", base, "_do", "save", "_text", "+++\ntitle = \"A\"\nnotes = \"x\"\n+++\nText.")
	w.post("edit-preview", "edit/"+van, "_base", base, "_do", "preview", "_text", theirs)
	w.post("edit-saved", "edit/"+van, "_base", base, "_do", "save", "_text", theirs+"\nMore by them.\n", "_why", "more is known")
	mine := string(page) + "\nMore by me.\n"
	w.post("clash", "edit/"+van, "_base", base, "_do", "save", "_text", mine)
	w.post("edit-both", "edit/"+van, "_base", w.hidden("_base"), "_old", base, "_do", "both", "_text", mine)
	w.post("edit-theirs", "edit/"+van, "_base", base, "_do", "theirs", "_text", mine)
	w.unsaved(van, file)
	w.get("new", "new/")
	w.get("edit-new", "new/?kind=event")
	w.get("edit-translated", "new/?lang=es&of="+van)
	photo := filepath.Join(w.t.TempDir(), "table.png")
	picture(w.t, photo)
	w.picture("edit-picture", "new/", photo, url.Values{"_kind": {"event"}, "_do": {"preview"}, "_words": {"A long table"}, "title": {"Soup"}, "start": {time.Now().AddDate(0, 0, 9).Format(time.DateOnly)}, "body": {"Bring a bowl."}})
	w.get("history", "history/"+van)
	rev := regexp.MustCompile(`\?rev=([0-9a-f]{40})`).FindStringSubmatch(w.last)
	if rev == nil {
		w.t.Fatalf("there is no change on\n%s", w.last)
	}
	w.get("history-change", "history/"+van+"?rev="+rev[1])
	w.post("edit-restored", "history/"+van, "rev", rev[1], "_base", w.hidden("_base"))
	w.get("move", "move/"+van)
	w.post("notice-move", "move/"+van, "_do", "move", "_to", "resources/tool-library", "_base", w.hidden("_base"))
	w.get("move", "move/"+van)
	w.post("edit-moved", "move/"+van, "_do", "move", "_to", "resources/the-van", "_base", w.hidden("_base"))
	w.get("move", "move/resources/the-van.md")
	w.post("pages-deleted", "move/resources/the-van.md", "_do", "delete", "_to", "/resources/", "_base", w.hidden("_base"))
}

// unsaved is a page that somebody changes in the network's folder meanwhile.
func (w *deskWalk) unsaved(name, file string) {
	w.get("edit", "edit/"+name+"?file=1")
	base := w.hidden("_base")
	page, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, append(page, "\nNot committed.\n"...), 0o644)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.post("edit-unsaved", "edit/"+name, "_base", base, "_do", "save", "_text", string(page)+"\nMine.\n")
	if err := os.WriteFile(file, page, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *deskWalk) care() {
	w.get("reports", "reports/")
	stale := regexp.MustCompile(`name="page" value="([^"]+)"`).FindStringSubmatch(w.last)
	if stale == nil {
		w.t.Fatalf("nothing is stale:\n%s", w.last)
	}
	w.post("reports-still-true", "reports/true/", "page", stale[1])
	w.post("reports-contacts", "reports/contacts/")
	w.post("edit-numbers", "reports/numbers/")
}

func (w *deskWalk) people(six string) {
	w.get("people", "people/")
	w.post("people-error", "people/invite/", "who", "<x>", "role", "organizer")
	w.post("link", "people/invite/", "who", "Ana", "role", "keeper")
	w.post("people-role", "people/role/", "who", "Kim", "role", "keeper")
	w.post("people-sealed", "people/seal/")
	w.post("people-removed", "people/remove/", "who", "Kim")
	w.post("notice-last-keeper", "people/remove/", "who", "Robin")
	w.get("audit", "people/audit/")
	w.get("me", "me/")
	w.post("me-error", "me/", "_passphrase", "wrong")
	w.post("six-new", "me/", "_passphrase", six)
}

// TestDeskForEverybody: axe finds nothing on any page of the desk, narrow and wide, light
// and dark, from left to right and from right to left; and no page is wider than the screen.
// The walk comes by each address of the desk's own table, and by each layout.
func TestDeskForEverybody(t *testing.T) {
	axe := axeCore(t)
	for lang, looks := range map[string][]Look{
		"":   {{Width: 320, Height: 640}, {Width: 320, Height: 640, Dark: true}, {Width: 1280, Height: 900}, {Width: 1280, Height: 900, Dark: true}},
		"ar": {{Width: 320, Height: 640}, {Width: 1280, Height: 900, Dark: true}},
	} {
		t.Run(cmp.Or(lang, "en"), func(t *testing.T) {
			s, dir := demo(t)
			send(t, s, "forms/concern/", url.Values{"message": {"The gate was locked."}, "contact_how": {"code"}})
			send(t, s, "forms/request/", url.Values{"title": {"Cheap watches, call 555-0142"}, "body": {strings.Repeat("http://watches.example ", 9)},
				"categories": {"things"}, "areas": {"harbor"}, "contact_how": {"code"}})
			w := newDeskWalk(t, s, dir, lang)
			w.all()
			w.whole()
			see := pictures()
			ctx := open(t, looks[0])
			for _, stop := range w.stops {
				do(t, ctx, s.Go(stop), chromedp.Evaluate(axe, nil), see(lang+stop.Name))
				for _, look := range looks {
					goodFor(t, ctx, stop, look)
				}
			}
			t.Logf("%d pages, each in %d looks", len(w.stops), len(looks))
		})
	}
}

// goodFor holds that the page that is shown is good for everybody in a look.
func goodFor(t *testing.T, ctx context.Context, stop Stop, look Look) {
	t.Helper()
	var found string
	var wide int
	do(t, ctx, look.emulate(), chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide), chromedp.Evaluate(violations, &found, awaited))
	var list []string
	if err := json.Unmarshal([]byte(found), &list); err != nil || len(list) > 0 {
		t.Errorf("%d px, dark %v, %s, /%s:\n%s", look.Width, look.Dark, stop.Name, stop.Path, strings.Join(list, "\n"))
	}
	if wide > look.Width {
		t.Errorf("%s, /%s, is %d px wide at %d", stop.Name, stop.Path, wide, look.Width)
	}
}

var routeRow = regexp.MustCompile(`\{method: "(GET|POST)", path: "([^"]*)"`)

// whole holds that the walk came by every row of the desk's table of addresses, and by every
// layout of the desk, but for the page of [TestPassphraseAgain].
func (w *deskWalk) whole() {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(Root(), "internal/desk/*.go"))
	if err != nil || len(files) == 0 {
		w.t.Fatal("no table of addresses", err)
	}
	rows := 0
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			w.t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") || strings.HasSuffix(f, "doc.go") {
			continue
		}
		for _, m := range routeRow.FindAllStringSubmatch(string(src), -1) {
			rows++
			below := regexp.MustCompile(`\{\w+\.\.\.\}`).ReplaceAllString(m[2], ".*")
			below = regexp.MustCompile(`\{\w+\}`).ReplaceAllString(below, "[^/]+")
			if row := regexp.MustCompile("(?m)^" + m[1] + " " + below + "$"); !row.MatchString(strings.Join(w.asked, "\n")) {
				w.t.Errorf("the walk does not come by %s /desk/%s", m[1], m[2])
			}
		}
	}
	if rows < 30 {
		w.t.Errorf("the table has %d rows only", rows)
	}
	seen := map[string]bool{"passphrase": true}
	for _, stop := range w.stops {
		for name := stop.Name; name != ""; name = name[:max(strings.LastIndex(name, "-"), 0)] {
			seen[name] = true
		}
	}
	layouts, _ := filepath.Glob(filepath.Join(Root(), "themes/commons/layouts/desk-*.html"))
	for _, l := range layouts {
		if name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(l), "desk-"), ".html"); !seen[name] {
			w.t.Errorf("the walk does not come by layouts/%s", filepath.Base(l))
		}
	}
}

// TestPassphraseAgain: who typed her passphrase a while ago types it again before she sees what
// is sealed. While that time passes, the other tests run.
func TestPassphraseAgain(t *testing.T) {
	s, dir := demo(t)
	w := newDeskWalk(t, s, dir, "")
	six, err := os.ReadFile(filepath.Join(dir, "var/demo-passphrase.txt"))
	if err != nil {
		t.Fatal(err)
	}
	w.signIn("Robin", strings.TrimSpace(string(six)))
	later := time.Now().Add(5*time.Minute + time.Second)
	t.Parallel() // goes on when all others have ended
	time.Sleep(time.Until(later))
	id := waits(t, dir, "A ride to the eye clinic")
	if w.post("passphrase", "item/"+id+"/contact/"); !strings.Contains(w.last, `name="_passphrase"`) || strings.Contains(w.last, "front desk of the library") {
		t.Fatalf("the contact is shown to who did not type her passphrase:\n%s", w.last)
	}
	axe := axeCore(t)
	ctx := open(t, Look{Width: 320, Height: 640})
	do(t, ctx, s.Go(w.stops[len(w.stops)-1]), chromedp.Evaluate(axe, nil))
	for _, look := range []Look{{Width: 320, Height: 640}, {Width: 320, Height: 640, Dark: true}, {Width: 1280, Height: 900}, {Width: 1280, Height: 900, Dark: true}} {
		goodFor(t, ctx, w.stops[len(w.stops)-1], look)
	}
	if w.post("item-contact", "item/"+id+"/contact/", "_passphrase", strings.TrimSpace(string(six))); !strings.Contains(w.last, "front desk of the library") {
		t.Errorf("the right passphrase does not show the contact:\n%s", w.last)
	}
}
