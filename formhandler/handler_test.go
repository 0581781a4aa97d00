package formhandler_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"potluck/formhandler"
	"potluck/internal/durable"
	"potluck/internal/intake"
	"potluck/internal/site"
	"potluck/internal/vault"
)

const network = `
title = "Riverside"
base_url = "https://riverside.example.org/"
languages = ["en", "es"]
timezone = "America/New_York"
phone = "+1 555 0134"
[taxonomy.category]
values = ["food", "transport", "transport/rides"]
[taxonomy.category.labels."transport/rides"]
en = "Rides"
es = "Viajes"
[taxonomy.area]
values = ["harbor", "old-mill"]
[kind.request.field.stairs]
type = "choice"
options = ["none", "a few"]
class = "organizers"
[kind.request.field.secret]
type = "text"
`

// inbox stands for the repository: proposals by ref, and the states that were put on them.
// The real one is used in cmd/potluck.
type inbox struct {
	intake.Git
	mu     sync.Mutex
	refs   map[string]intake.Proposal
	states map[string][]intake.Entry // newest first
}

func (g *inbox) Propose(_ context.Context, ps []intake.Proposal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range ps {
		g.refs[p.Ref] = p
	}
	return nil
}

func (g *inbox) Record(ref string) ([]intake.Entry, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p, ok := g.refs[ref]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return append(slices.Clone(g.states[path.Base(ref)]), intake.Entry{Path: p.Path, State: p.State, When: p.When}), nil
}

func (g *inbox) Read(ref, path string) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p, ok := g.refs[ref]; ok {
		return p.Data, nil
	}
	return nil, fs.ErrNotExist
}

func (g *inbox) Commit(_ context.Context, c intake.Change) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := intake.Entry{State: intake.State(c.Trailers[0][1]), When: c.When}
	g.states[path.Base(c.Ref)] = append([]intake.Entry{e}, g.states[path.Base(c.Ref)]...)
	if p := g.refs[c.Ref]; c.Data != nil {
		p.Data = c.Data
		g.refs[c.Ref] = p
	}
	return nil
}

func (g *inbox) Move(_ context.Context, from, to string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refs[to] = g.refs[from]
	delete(g.refs, from)
	return nil
}

// plainTheme shows views as lines of text.
type plainTheme struct{ broken string }

func (p *plainTheme) Render(w io.Writer, lang, layout, title string, view any) error {
	if p.broken == layout {
		return errors.New("template: CANARY words")
	}
	fmt.Fprintf(w, "<h1>%s</h1> %s %s\n", title, layout, lang)
	carry := func(ps []formhandler.Pair) {
		for _, c := range ps {
			fmt.Fprintf(w, "carry %s=%s\n", c.Name, html.EscapeString(strings.ReplaceAll(c.Value, "\n", "\\n")))
		}
	}
	switch v := view.(type) {
	case formhandler.FormView:
		fmt.Fprintf(w, "action %s trap %s\n", v.Action, v.Trap)
		for _, e := range v.Errors {
			fmt.Fprintf(w, "error %s %s\n", e.ID, e.Text)
		}
		for _, f := range append(v.Public, v.Private...) {
			fmt.Fprintf(w, "input %s %s=%s %v\n", f.ID, f.Name, html.EscapeString(f.Value), f.Options)
		}
	case formhandler.CheckView:
		fmt.Fprintf(w, "card %s\n", v.Card)
		for _, r := range append(v.Public, v.Private...) {
			fmt.Fprintf(w, "row %s=%s\n", r.Field.Name, html.EscapeString(strings.Join(r.Text, "|")))
		}
		fmt.Fprintf(w, "reveals %d move=%v moved=%v\n", len(v.Reveals), v.Move, v.Moved)
		carry(v.Carry)
	case formhandler.CodeView:
		fmt.Fprintf(w, "code page %s %s\n", v.Action, v.Error)
	case formhandler.StatusView:
		fmt.Fprintf(w, "status %s did=%s %v\n", v.State, v.Did, v.Can)
		carry(v.Carry)
	case formhandler.ReceiptView:
		fmt.Fprintf(w, "receipt %s %s %s %d\n", v.Reference, v.Code, v.KeptUntil, v.Waiting)
	case formhandler.NoticeView:
		fmt.Fprintf(w, "notice %s %s retry=%s\n", v.Text, v.Words, v.Retry)
		for _, r := range v.Rows {
			fmt.Fprintf(w, "row %s=%s\n", r.Field.Name, html.EscapeString(strings.Join(r.Text, "|")))
		}
		carry(v.Carry)
	}
	return nil
}

func (p *plainTheme) Card(_ string, page *site.Page) (template.HTML, error) {
	return template.HTML(template.HTMLEscapeString(page.Title)), nil
}

type bench struct {
	*httptest.Server
	t     *testing.T
	svc   *intake.Service
	git   *inbox
	theme *plainTheme
	dir   string
	cfg   *site.Config

	mu  sync.Mutex
	now time.Time
	log strings.Builder
}

func newBench(t *testing.T, change ...func(*intake.Options)) *bench {
	t.Helper()
	cfg, problems := site.ParseConfig([]byte(network))
	dir := filepath.Join(t.TempDir(), "var")
	v, err := vault.Open(dir)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	recipient, err := vault.NewKeyFile(filepath.Join(t.TempDir(), "keeper.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Enter(site.Organizer{Name: "Robin", Role: site.Keeper, Recipient: recipient}); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, git: &inbox{refs: map[string]intake.Proposal{}, states: map[string][]intake.Entry{}}, theme: &plainTheme{}, dir: dir, cfg: cfg, now: time.Date(2026, 11, 23, 15, 41, 7, 0, time.UTC)}
	o := intake.Options{
		Config: func() *site.Config { return cfg }, Spool: v.Spool(), Vault: v, Git: b.git, Key: bytes.Repeat([]byte{7}, 32),
		Now: func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now },
	}
	for _, f := range change {
		f(&o)
	}
	b.svc = intake.New(o)
	b.Server = httptest.NewServer(formhandler.New(formhandler.Options{Intake: b.svc, Renderer: b.theme, Log: func(err error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		fmt.Fprintln(&b.log, err)
	}}))
	t.Cleanup(b.Close)
	return b
}

func (b *bench) pass(d time.Duration) { b.mu.Lock(); b.now = b.now.Add(d); b.mu.Unlock() }

type answer struct {
	status int
	body   string
	header http.Header
}

func (b *bench) do(r *http.Request) answer {
	b.t.Helper()
	resp, err := b.Client().Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{resp.StatusCode, string(body), resp.Header}
}

func (b *bench) request(method, path, kind string, body io.Reader) *http.Request {
	r, err := http.NewRequest(method, b.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	return r
}

func (b *bench) get(path string) answer {
	b.t.Helper()
	return b.do(b.request("GET", path, "", nil))
}

func (b *bench) post(path string, v url.Values) answer {
	b.t.Helper()
	return b.do(b.request("POST", path, "application/x-www-form-urlencoded", strings.NewReader(v.Encode())))
}

var carryLine = regexp.MustCompile(`(?m)^carry (\S+?)=(.*)$`)

// carried reads the hidden inputs of a page.
func carried(page string) url.Values {
	v := url.Values{}
	for _, m := range carryLine.FindAllStringSubmatch(page, -1) {
		v.Add(m[1], strings.ReplaceAll(html.UnescapeString(m[2]), "\\n", "\r\n"))
	}
	return v
}

func words() url.Values {
	return url.Values{
		"title": {"A ride"}, "body": {"On *Tuesdays*.\r\nTwo bags."}, "categories": {"transport/rides"}, "areas": {"old-mill"}, "needs": {"ride", "interpreter"},
		"contact_how": {"phone"}, "contact": {"555-0142"}, "needed_by": {"2026-12-01"}, "website": {""},
	}
}

// confirm goes to the check page, waits as a person does, and gives the next post.
func (b *bench) confirm(v url.Values) url.Values {
	b.t.Helper()
	a := b.post("/forms/request/", v)
	if a.status != 200 || !strings.Contains(a.body, "title.check") {
		b.t.Fatalf("no check page: %d\n%s", a.status, a.body)
	}
	next := carried(a.body)
	next.Set("confirm", "yes")
	b.pass(5 * time.Second)
	return next
}

func (b *bench) spooled() []string {
	ids, err := os.ReadDir(filepath.Join(b.dir, "spool"))
	if err != nil {
		b.t.Fatal(err)
	}
	var names []string
	for _, e := range ids {
		names = append(names, e.Name())
	}
	return names
}

// TestWholeWay: form, error, check, change, check, receipt, again, inbox.
func TestWholeWay(t *testing.T) {
	b := newBench(t)
	a := b.get("/forms/request/")
	for _, want := range []string{"<h1>title.request</h1> form en", "action /forms/request/ trap website", "{transport/rides Rides 1 false}", "{en  0 false}", "f-stairs"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the form has no %q:\n%s", want, a.body)
		}
	}
	if !strings.Contains(a.body, "{code ") || a.status != 200 {
		t.Error("the form does not offer to come back with the code")
	}
	v := words()
	v.Del("contact")
	v.Set("areas", "moon")
	a = b.post("/forms/request/", v)
	if a.status != 422 || !strings.Contains(a.body, "error f-areas error.choice\nerror f-contact error.contact\n") || !strings.Contains(a.body, "body=On *Tuesdays*.\nTwo bags.") {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	form := b.confirm(words())
	a = b.post("/forms/request/", words())
	for _, want := range []string{"card A ride", "row body=On *Tuesdays*.|Two bags.", "row categories=Rides", "row needs=ride|interpreter", "row needed_by=2026-12-01", "row urgency=\n"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the check page has no %q:\n%s", want, a.body)
		}
	}
	if len(b.spooled()) != 0 {
		t.Error("something was stored before it was sent")
	}
	change := carried(a.body)
	change.Set("change", "yes")
	if a = b.post("/forms/request/", change); a.status != 200 || !strings.Contains(a.body, "title=A ride") || strings.Contains(a.body, "error ") || strings.Contains(a.body, "_nonce") {
		t.Errorf("change: %d\n%s", a.status, a.body)
	}
	one := b.post("/forms/request/", form)
	if one.status != 200 || !regexp.MustCompile(`receipt [0-9A-Z]{3}-[0-9A-Z]{3} ([0-9A-Z]{5}-){3}[0-9A-Z]{5} 2027-01-13 1`).MatchString(one.body) {
		t.Fatalf("%d\n%s", one.status, one.body)
	}
	two := b.post("/forms/request/", form)
	if strings.Fields(two.body)[4] != strings.Fields(one.body)[4] || len(b.spooled()) != 1 {
		t.Errorf("the same post twice: %s%s%v", one.body, two.body, b.spooled())
	}
	if err := b.svc.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.git.refs) != 1 || len(b.spooled()) != 0 {
		t.Errorf("refs: %v", b.git.refs)
	}
	for _, p := range b.git.refs {
		if p.State != intake.Waiting {
			t.Errorf("state %s", p.State)
		}
	}
}

// TestMove: words that give a person away are shown on the check page, and one button locks
// them; every other word stays, and nothing is stored on the way.
func TestMove(t *testing.T) {
	b := newBench(t)
	v := words()
	v.Set("body", "Ring 555-0167 or come to 9 Canary Court.\r\nTwo bags.")
	a := b.post("/forms/request/", v)
	if a.status != 200 || !strings.Contains(a.body, "reveals 2 move=true moved=false") {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	move := carried(a.body)
	move.Set("move", "yes")
	move.Set("confirm", "yes") // no button sends both
	a = b.post("/forms/request/", move)
	for _, want := range []string{"reveals 0 move=true moved=true", "row body=Ring … or come to ….|Two bags.", "row contact=555-0142\n", "row address=9 Canary Court\n", "row notes=555-0167\n", "row needs=ride|interpreter"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("no %q:\n%s", want, a.body)
		}
	}
	if a.status != 200 || len(b.spooled()) != 0 {
		t.Errorf("%d, stored %v", a.status, b.spooled())
	}
	next := carried(a.body)
	next.Set("confirm", "yes")
	if b.pass(5 * time.Second); !strings.Contains(b.post("/forms/request/", next).body, "receipt ") {
		t.Error("it cannot be sent")
	}
	v.Set("title", "555-0167") // nothing would be left of it
	v.Set("move", "yes")
	if a = b.post("/forms/request/", v); a.status != 422 || !strings.Contains(a.body, "error f-title error.required") || !strings.Contains(a.body, "notes=555-0167") {
		t.Errorf("%d\n%s", a.status, a.body)
	}
}

// TestWrittenIn: a page from a form in another language than the first says so.
func TestWrittenIn(t *testing.T) {
	b := newBench(t)
	for path, want := range map[string]string{"/forms/es/request/": "\nlang = \"es\"\n", "/forms/request/": ""} {
		form := carried(b.post(path, words()).body)
		form.Set("confirm", "yes")
		b.pass(5 * time.Second)
		if a := b.post(path, form); a.status != 200 || !strings.Contains(a.body, "receipt") {
			t.Fatalf("%s: %d\n%s", path, a.status, a.body)
		}
		if err := b.svc.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		found := false
		for ref, p := range b.git.refs {
			if has := strings.Contains(string(p.Data), "\nlang = "); has != (want != "") || !strings.Contains(string(p.Data), want) {
				t.Errorf("%s became\n%s", path, p.Data)
			}
			found = true
			delete(b.git.refs, ref)
		}
		if !found {
			t.Errorf("%s made no page", path)
		}
	}
}

// TestTrapAndStamp: who is suspected gets the same receipt; who is late is asked again.
func TestTrapAndStamp(t *testing.T) {
	for name, c := range map[string]struct {
		change func(url.Values)
		want   intake.State
	}{
		"person": {func(url.Values) {}, intake.Waiting}, "trap filled": {func(v url.Values) { v.Set("website", "http://x") }, intake.Held},
		"trap missing": {func(v url.Values) { v.Del("website") }, intake.Held}, "no stamp": {func(v url.Values) { v.Del("_stamp") }, intake.Held},
		"no nonce": {func(v url.Values) { v.Del("_nonce") }, intake.Held}, "forged": {func(v url.Values) { v.Set("_stamp", "1.00") }, intake.Held},
	} {
		b := newBench(t)
		form := b.confirm(words())
		c.change(form)
		if a := b.post("/forms/request/", form); a.status != 200 || !strings.Contains(a.body, "receipt ") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if err := b.svc.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, p := range b.git.refs {
			if p.State != c.want {
				t.Errorf("%s: %s", name, p.State)
			}
		}
	}
	b := newBench(t)
	form := b.confirm(words())
	b.pass(25 * time.Hour)
	a := b.post("/forms/request/", form)
	next := carried(a.body)
	if !strings.Contains(a.body, "title.check") || next.Get("_nonce") != form.Get("_nonce") || next.Get("_stamp") == form.Get("_stamp") || next.Get("title") != "A ride" || len(b.spooled()) != 0 {
		t.Errorf("too late: %d %s", a.status, a.body)
	}
}

// TestPromise: when nothing can be kept, the answer says so and holds every word; the
// same post works once the fault is gone.
func TestPromise(t *testing.T) {
	b := newBench(t)
	form := b.confirm(words())
	durable.Fault = func(op, path string) error {
		if strings.Contains(path, "spool") && op == "sync" {
			return syscall.ENOSPC
		}
		return nil
	}
	a := b.post("/forms/request/", form)
	durable.Fault = nil
	if a.status != 503 || !strings.Contains(a.body, "notice.not-saved") || !strings.Contains(a.body, "row contact=555-0142") || len(b.spooled()) != 0 {
		t.Fatalf("disk full: %d\n%s%v", a.status, a.body, b.spooled())
	}
	if !strings.Contains(b.log.String(), "no space") || strings.Contains(b.log.String(), "A ride") {
		t.Errorf("log: %s", b.log.String())
	}
	if a = b.post("/forms/request/", carried(a.body)); a.status != 200 || !strings.Contains(a.body, "receipt ") {
		t.Errorf("sent again: %d\n%s", a.status, a.body)
	}

	if err := os.Remove(filepath.Join(b.dir, "organizers.toml")); err != nil {
		t.Fatal(err)
	}
	if a = b.post("/forms/request/", words()); a.status != 503 || !strings.Contains(a.body, "carry body=On *Tuesdays*.\\nTwo bags.") {
		t.Errorf("no keeper: %d\n%s", a.status, a.body)
	}
	if a = b.get("/forms/request/"); a.status != 503 || !strings.Contains(a.body, "notice.no-forms") {
		t.Errorf("no keeper: %d\n%s", a.status, a.body)
	}
	off := newBench(t, func(o *intake.Options) { o.Git = nil })
	if a = off.get("/forms/request/"); a.status != 200 || !strings.Contains(a.body, "notice.no-forms") {
		t.Errorf("no git: %d\n%s", a.status, a.body)
	}
	paused := newBench(t)
	paused.cfg.Intake.Paused = site.Words{"": "Back on Monday."}
	if a = paused.get("/forms/es/request/"); a.status != 200 || !strings.Contains(a.body, "notice.paused Back on Monday. retry=\n") {
		t.Errorf("paused: %d\n%s", a.status, a.body)
	}
	if a = paused.post("/forms/request/", words()); a.status != 200 || !strings.Contains(a.body, "carry title=A ride") {
		t.Errorf("paused: %d\n%s", a.status, a.body)
	}
}

// TestBrokenTheme: the receipt is given all the same; nobody's words are logged.
func TestBrokenTheme(t *testing.T) {
	b := newBench(t)
	form := b.confirm(words())
	b.theme.broken = "receipt"
	if a := b.post("/forms/request/", form); a.status != 200 || !strings.Contains(a.body, "Your reference: ") || !strings.Contains(a.body, "+1 555 0134") {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	b.theme.broken = "form"
	if a := b.get("/forms/request/"); a.status != 503 || !strings.Contains(a.body, "+1 555 0134") {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	if b.log.String() == "" || strings.Contains(b.log.String(), "CANARY") {
		t.Errorf("log: %s", b.log.String())
	}
}

// TestHostile: each gets the right status, with a page, and stores nothing.
func TestHostile(t *testing.T) {
	b := newBench(t)
	const form = "application/x-www-form-urlencoded"
	files, body := &bytes.Buffer{}, ""
	w := multipart.NewWriter(files)
	part, _ := w.CreateFormFile("title", "x.exe")
	_, _ = part.Write([]byte("MZ"))
	w.Close()
	body = files.String()
	for name, c := range map[string]struct {
		method, path, kind, body string
		status                   int
		text                     string
	}{
		"10 MB":             {"POST", "/forms/request/", form, "title=" + strings.Repeat("a", 10<<20), 413, "notice.too-large"},
		"10 MB of fields":   {"POST", "/forms/request/", form, strings.Repeat("title=a&", 10<<20/8), 413, "notice.too-large"},
		"10 MB in parts":    {"POST", "/forms/request/", w.FormDataContentType(), strings.Replace(body, "MZ", strings.Repeat("MZ", 5<<20), 1), 413, "notice.too-large"},
		"a file":            {"POST", "/forms/request/", w.FormDataContentType(), body, 400, "notice.unreadable"},
		"bad escapes":       {"POST", "/forms/request/", form, "title=A+ride&body=%zz", 400, "row title=A ride"},
		"semicolons":        {"POST", "/forms/request/", form, "title=A+ride&a;b", 400, "row title=A ride"},
		"no boundary":       {"POST", "/forms/request/", "multipart/form-data", body, 400, "notice.unreadable"},
		"broken parts":      {"POST", "/forms/request/", w.FormDataContentType(), body[:40], 400, "notice.unreadable"},
		"JSON":              {"POST", "/forms/request/", "application/json", "{}", 415, "notice.unreadable"},
		"no type":           {"POST", "/forms/request/", "", "title=x", 415, "notice.unreadable"},
		"empty":             {"POST", "/forms/request/", form, "", 422, "error f-title error.required"},
		"confirm alone":     {"POST", "/forms/request/", form, "confirm=yes", 422, "error f-title error.required"},
		"unknown form":      {"POST", "/forms/nosuch/", form, "title=x", 404, "notice.unknown"},
		"not a form":        {"GET", "/forms/resource/", "", "", 404, "notice.unknown"},
		"no such language":  {"GET", "/forms/xx/request/", "", "", 404, "notice.unknown"},
		"default language":  {"GET", "/forms/en/request/", "", "", 404, "notice.unknown"},
		"traversal":         {"GET", "/forms/..%2f..%2fetc%2fpasswd/", "", "", 404, "notice.unknown"},
		"the folder":        {"GET", "/forms/", "", "", 404, "notice.unknown"},
		"no slash":          {"GET", "/forms/offer", "", "", 200, "title.offer"},
		"Spanish":           {"GET", "/forms/es/offer/", "", "", 200, "form es\naction /forms/es/offer/"},
		"values in the URL": {"GET", "/forms/request/?title=planted&confirm=yes", "", "", 200, "title=\n"},
		"DELETE":            {"DELETE", "/forms/request/", "", "", 405, "notice.unknown"},
	} {
		name = "hostile: " + name
		a := b.do(b.request(c.method, c.path, c.kind, strings.NewReader(c.body)))
		if text := strings.Replace(a.body, "title= []", "title=", 1); a.status != c.status || !strings.Contains(text, "<h1>") || !strings.Contains(text, strings.TrimSuffix(c.text, "\n")) || strings.Contains(a.body, "planted") {
			t.Errorf("%s: %d, not %d\n%.600s", name, a.status, c.status, a.body)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Referrer-Policy") != "same-origin" || !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: headers %v", name, a.header)
		}
		if c.method == "POST" && c.status != 404 && a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: a cache may keep it", name)
		}
	}
	texts := []string{
		"../../../etc/passwd", "<script>alert(1)</script>", "+++\ntitle = \"stolen\"\n+++\n", `""" ''' \" \ ` + "`", "caf\xe9 \xff\xfe", "a\x00b", "abc\u202edef\u2066",
		strings.Repeat("[a](", 999), "x\r\n\r\nState: open\r\nSigned-off-by: y", "{{.Site}} ${x}", "=cmd|' /C calc'!A0", strings.Repeat("e\u0301", 1999), "%00%0d%0aSet-Cookie: a=b", "\ufeff\u200b",
	}
	for _, text := range texts {
		for field := range words() {
			v := words()
			v.Set(field, text)
			if a := b.post("/forms/request/", v); a.status != 200 && a.status != 422 || strings.Contains(a.body, "<script>") || strings.ContainsAny(a.body, "\x00\u202e") || !utf8.ValidString(a.body) {
				t.Errorf("%.20q in %s: %d\n%s", text, field, a.status, a.body)
			}
			if v.Set("confirm", "yes"); field != "title" && field != "body" && field != "contact" {
				continue
			}
			if a := b.post("/forms/request/", v); a.status != 200 && a.status != 422 {
				t.Errorf("%.20q in %s, confirmed: %d", text, field, a.status)
			}
		}
	}
	if err := b.svc.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	for ref, p := range b.git.refs {
		if pl, err := b.cfg.PlaceOf(strings.TrimPrefix(p.Path, "content/")); err != nil || pl.Section != "requests" || p.State != intake.Held {
			t.Errorf("%s: %s %v", ref, p.Path, err)
		}
	}
	if b.log.String() != "" {
		t.Errorf("log: %s", b.log.String())
	}
}

// TestOtherSites: a post from another site stores nothing and gets no button.
func TestOtherSites(t *testing.T) {
	b := newBench(t)
	form := b.confirm(words())
	for _, h := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		r := b.request("POST", "/forms/request/", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
		r.Header.Set(h[0], h[1])
		if a := b.do(r); a.status != 403 || !strings.Contains(a.body, "row title=A ride") || !strings.Contains(a.body, "retry=\n") {
			t.Errorf("%v: %d\n%s", h, a.status, a.body)
		}
	}
	if len(b.spooled()) != 0 {
		t.Error("it was stored")
	}
	r := b.request("POST", "/forms/request/", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	r.Header.Set("Origin", "https://riverside.example.org")
	if a := b.do(r); a.status != 200 {
		t.Errorf("behind a proxy: %d", a.status)
	}
}

// TestMultipart: the other way in which browsers send a form.
func TestMultipart(t *testing.T) {
	b := newBench(t)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range words() {
		for _, s := range values {
			_ = w.WriteField(name, s)
		}
	}
	w.Close()
	if a := b.do(b.request("POST", "/forms/request/", w.FormDataContentType(), &body)); a.status != 200 || !strings.Contains(a.body, "row needs=ride|interpreter") {
		t.Errorf("%d\n%s", a.status, a.body)
	}
}

// TestCanary: what is not public is in no file in clear, no proposal, no receipt, no log.
func TestCanary(t *testing.T) {
	b := newBench(t)
	v := words()
	canaries := map[string]string{"name": "Canaria Quill", "contact": "555-0123 ext 98765", "address": "9 Canary Court", "notes": "whistle-twice", "secret": "s3cret-plan", "stairs": "a few", "needs": "childcare"}
	for field, c := range canaries {
		v.Set(field, c)
	}
	receipt := b.post("/forms/request/", b.confirm(v))
	if !strings.Contains(receipt.body, "receipt ") {
		t.Fatal(receipt.body)
	}
	places := map[string]string{"receipt": receipt.body}
	collect := func() {
		_ = filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
			if !d.IsDir() {
				data, _ := os.ReadFile(path)
				places[path] = string(data)
			}
			return err
		})
	}
	collect()
	if err := b.svc.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	collect()
	for ref, p := range b.git.refs {
		places[ref] = fmt.Sprint(p.Path, p.Message, string(p.Data))
	}
	places["log"] = b.log.String()
	code := strings.Fields(receipt.body)[5]
	for place, text := range places {
		for field, c := range canaries {
			if strings.Contains(text, c) || strings.Contains(place, c) {
				t.Errorf("%s has the field %s", place, field)
			}
		}
		if place != "receipt" && (strings.Contains(text, code) || strings.Contains(text, strings.ReplaceAll(code, "-", ""))) {
			t.Errorf("%s has the code", place)
		}
	}
	if len(places) < 8 {
		t.Errorf("only %d places were looked at", len(places))
	}
}

// TestManyAtOnce: each post has its receipt and arrives once, drained beside.
func TestManyAtOnce(t *testing.T) {
	b := newBench(t)
	ctx, stop := context.WithCancel(t.Context())
	var wg, drainer sync.WaitGroup
	drainer.Go(func() {
		for ctx.Err() == nil {
			if err := b.svc.Drain(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	for i := range 40 {
		wg.Go(func() {
			v := words()
			v.Set("title", fmt.Sprint("Thing ", i))
			form := carried(b.post("/forms/request/", v).body)
			form.Set("confirm", "yes")
			for range 2 {
				if a := b.post("/forms/request/", form); !strings.Contains(a.body, "receipt ") {
					t.Errorf("%d: %d", i, a.status)
				}
			}
		})
	}
	wg.Wait()
	stop()
	drainer.Wait()
	if err := b.svc.Drain(t.Context()); err != nil || len(b.git.refs) != 40 {
		t.Errorf("%d refs, %v", len(b.git.refs), err)
	}
}
