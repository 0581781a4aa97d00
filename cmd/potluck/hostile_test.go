package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"
	"unicode/utf8"

	"potluck"
	"potluck/builder"
	"potluck/internal/intake"
	"potluck/internal/site"
	"potluck/internal/vault"
)

// corpus reads a file of testdata/hostile: lines without comments.
func corpus(t testing.TB, name string) (lines []string) {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", "hostile", name))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(src)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// unquote reads texts as Go writes them, "x" * 9 for nine of one, and puts them together.
func unquote(t testing.TB, s string) string {
	t.Helper()
	var b strings.Builder
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			t.Fatalf("not a text: %.60s", s)
		}
		text, _ := strconv.Unquote(quoted)
		times := 1
		if s = strings.TrimSpace(s[len(quoted):]); strings.HasPrefix(s, "* ") {
			number, rest, _ := strings.Cut(s[2:], " ")
			if times, err = strconv.Atoi(number); err != nil {
				t.Fatal(err)
			}
			s = rest
		}
		b.WriteString(strings.Repeat(text, times))
	}
	return b.String()
}

// wholePage fails unless an answer is a page of ours from end to end, with its headers.
func wholePage(t *testing.T, what string, a answer) {
	t.Helper()
	if !strings.HasSuffix(strings.TrimSpace(a.body), "</html>") || !utf8.ValidString(a.body) {
		t.Errorf("%s: the answer is no whole page: %d\n%.300s", what, a.status, a.body)
	}
	if a.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none'") || a.header.Get("Set-Cookie") != "" {
		t.Errorf("%s: headers %v", what, a.header)
	}
	harmless(t, what, a.body)
}

var (
	mainPart   = regexp.MustCompile(`(?s)<main .*</main>`)
	acts       = regexp.MustCompile(`(?i)<(script|iframe|object|embed|base|meta|style|math|template)\b|<[a-z][^>"']*\son[a-z]+\s*=|(href|src|action)\s*=\s*"?\s*(javascript|vbscript|data):|<img\b`)
	isolated   = regexp.MustCompile(`\x{2068}([^\x{2066}-\x{2069}]*)\x{2069}`) // by the theme, around names
	ownScripts = regexp.MustCompile(`<script src="/assets/[^"]*" defer></script>`)
)

// harmless fails where words became code, or signs that mislead came through.
func harmless(t *testing.T, what, page string) {
	t.Helper()
	text := isolated.ReplaceAllString(ownScripts.ReplaceAllString(mainPart.FindString(page), ""), "$1")
	if bad := acts.FindString(text); bad != "" {
		t.Errorf("%s: the page has %q", what, bad)
	}
	if i := strings.IndexFunc(text, misleads); i >= 0 {
		t.Errorf("%s: the page has %q", what, text[i:i+3])
	}
}

func misleads(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// cut gives the first n signs of a text.
func cut(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// TestHostileWords: words that attack whatever they come through are taken as words. They wait
// as one file, which says what they say; published, they are text on the pages, in feeds, in
// index.json and in the search; git finds nothing wrong.
func TestHostileWords(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	r := start(t, "serve", "-C", dir)
	every := 7
	if os.Getenv("POTLUCK_LONG") != "" {
		every = 1
	}
	sent := map[string]string{} // title by reference
	for i, line := range corpus(t, "words.txt") {
		status := http.StatusOK
		if code, rest, ok := strings.Cut(line, " "); ok && strings.HasPrefix(code, "!") {
			status, _ = strconv.Atoi(code[1:])
			line = rest
		}
		text, v := unquote(t, line), request(fmt.Sprintf("Hostile %d", i))
		v.Set("body", text)
		v.Set("title", v.Get("title")+" "+cut(text, 60))
		for _, field := range []string{"quantity", "name", "contact", "address", "notes"} {
			v.Set(field, cut(text, 300)+"x")
		}
		v.Set("website", "") // the trap
		what := fmt.Sprintf("%.40q", text)
		a, err := r.post("/forms/request/", v)
		if err != nil || a.status != status {
			t.Errorf("%s: %v, %d and not %d", what, err, a.status, status)
			continue
		}
		wholePage(t, what, a)
		if a.status != http.StatusOK || i%every != 0 {
			continue
		}
		next := carried(a.body)
		next.Set("confirm", "yes")
		if a, err = r.post("/forms/request/", next); err != nil || a.status != http.StatusOK || !reference.MatchString(a.body) {
			t.Errorf("%s: no receipt: %v %d", what, err, a.status)
			continue
		}
		sent[reference.FindString(a.body)] = fmt.Sprintf("Hostile %d", i)
	}
	if strings.Contains(r.output(), "Hostile") || strings.Contains(r.output(), "panic") {
		t.Errorf("the program says:\n%s", r.output())
	}
	r.stop()
	publishHostile(t, dir, sent)
	sound(t, dir)
}

func publishHostile(t *testing.T, dir string, sent map[string]string) {
	t.Helper()
	n, err := openAt(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	svc, err := openIntake(n)
	if err != nil {
		t.Fatal(err)
	}
	if err := svc.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for ref, title := range sent {
		it, err := svc.Publish(t.Context(), ref, intake.Person{Name: "June"})
		if err != nil || !strings.HasPrefix(it.Page.Title, title) || it.Page.Kind != "request" || !strings.HasPrefix(it.Path, "content/requests/") {
			t.Errorf("%s: %v %+v", title, err, it)
		}
	}
	log := git(t, dir, "log", "--format=%an|%(trailers:key=State,valueonly,separator=%x2c)|%(trailers:unfold,separator=%x2c)", "main")
	for line := range strings.Lines(log) {
		if f := strings.Split(strings.TrimSpace(line), "|"); len(f) != 3 || f[1] != "open" && f[1] != "" || strings.Contains(line, "evil") || strings.Contains(line, "Signed-off-by") {
			t.Errorf("a commit says %s", line)
		}
	}
	out := filepath.Join(dir, "public")
	must(t, "build", "-C", dir, "-out", out)
	_ = filepath.WalkDir(out, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, _ := os.ReadFile(p)
		switch rel, _ := filepath.Rel(out, p); {
		case strings.HasSuffix(p, ".html"):
			harmless(t, rel, string(data))
			if strings.Contains(string(data), ">stolen</h1>") || strings.Contains(string(data), `tracker.example.org/p.png"`) {
				t.Errorf("%s: words became more than words", rel)
			}
		case strings.HasSuffix(p, ".xml"):
			for dec := xml.NewDecoder(bytes.NewReader(data)); ; {
				if _, err := dec.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Errorf("%s: %v", rel, err)
					break
				}
			}
		case strings.HasSuffix(p, ".json") && !json.Valid(data):
			t.Errorf("%s is no JSON", rel)
		}
		return nil
	})
}

// TestHostileRequests: each request has the right status and a whole page; what was stored are
// the forms that were confirmed, each once, and those without a ticket are held.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	r := start(t, "serve", "-C", dir)
	own, a, err := r.submit("request", request("A quiet afternoon"))
	if err != nil || own == "" {
		t.Fatal(err)
	}
	check, err := r.checkPage("request", request("Sent as it should be"))
	if err != nil {
		t.Fatal(err)
	}
	words := request("Words")
	words.Set("website", "")
	fill := strings.NewReplacer("{words}", words.Encode(), "{check}", check.Encode(), "{ticket}", url.QueryEscape(check.Get("_stamp")),
		"{code}", codeForm.FindString(a.body), "{forged}", forged(), "{long}", strings.Repeat("a", 8000))
	stored := map[string]string{own: "own"} // what it was, by reference
	for _, line := range corpus(t, "requests.txt") {
		f := strings.Split(line, " | ")
		if len(f) != 5 {
			t.Fatalf("not five parts: %s", line)
		}
		a := r.send(t, fill.Replace(f[2]), f[3], fill.Replace(unquote(t, f[4])))
		if want, _ := strconv.Atoi(f[1]); a.status != want || strings.Contains(a.body, "planted") {
			t.Errorf("%s: %d and not %d\n%.900s", f[0], a.status, want, mainPart.FindString(a.body))
		}
		if a.status != http.StatusMethodNotAllowed || strings.Contains(f[2], "/forms/") {
			wholePage(t, f[0], a)
		}
		if ref := reference.FindString(a.body); strings.Contains(a.body, `class="narrow receipt`) && stored[ref] == "" {
			stored[ref] = f[0]
		}
	}
	shows(t, r.mine(codeForm.FindString(a.body), ""), "A quiet afternoon", "It waits")
	eventually(t, "all are in git", func() bool { return len(states(t, dir)) == len(stored) })
	for id, state := range states(t, dir) {
		switch what := stored[intake.Reference(id)]; {
		case what == "":
			t.Errorf("%s is stored, and nobody had a receipt", id)
		case what != "own" && what != "sent as it should be" && state != "held":
			t.Errorf("%s: it is %s, not held", what, state)
		}
	}
	if lines := strings.Count(strings.TrimSpace(r.output()), "\n"); lines > 0 {
		t.Errorf("the program says more than its address:\n%s", r.output())
	}
	sound(t, dir)
}

// send makes a request of a line of requests.txt.
func (r *running) send(t *testing.T, line, headers, body string) answer {
	t.Helper()
	method, path, _ := strings.Cut(line, " ")
	req, err := http.NewRequest(method, "http://x/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	raw, query, _ := strings.Cut(path, "?")
	req.URL = &url.URL{Scheme: "http", Host: address.Host, Opaque: raw, RawQuery: query}
	for _, h := range strings.Split(headers, "; ") {
		switch name, value, ok := strings.Cut(h, ": "); {
		case ok && name == "Host":
			req.Host = value
		case ok:
			req.Header.Set(name, value)
		case h == "form":
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		case h == "-":
		case req.Header.Get("Content-Type") != "" && h != "":
			req.Header.Set("Content-Type", req.Header.Get("Content-Type")+"; "+h)
		case h != "":
			req.Header.Set("Content-Type", h)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Errorf("%.80s: %v", line, err)
		return answer{}
	}
	return read(resp)
}

// states gives what is in the inbox, by ID.
func states(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for line := range strings.Lines(must(t, "inbox", "-C", dir)) {
		if f := strings.Fields(line); len(f) > 2 {
			all[f[0]] = f[1]
		}
	}
	return all
}

// forged is a code that is whole, and opens nothing.
func forged() string {
	for _, last := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
		code := "ABCDE-FGHJK-MNPQR-STVW" + string(last)
		if _, ok := intake.ParseCode(code); ok {
			return code
		}
	}
	return ""
}

// TestHostileBytes: what is hardly HTTP has an answer or none, and the program goes on for
// others, also while some send slowly.
func TestHostileBytes(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	r := start(t, "serve", "-C", dir)
	address, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	dial := func() net.Conn {
		t.Helper()
		c, err := net.Dial("tcp", address.Host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	for range 100 { // who sends a letter and waits
		c := dial()
		fmt.Fprint(c, "POST /forms/request/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 50000\r\n\r\ntitle=a")
	}
	slow := dial()
	fmt.Fprint(slow, "POST /forms/request/ HTTP/1.1\r\nHost: x\r\nX: ")
	for _, line := range corpus(t, "raw.txt") {
		f := strings.Split(line, " | ")
		c := dial()
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		go func() { _, _ = io.WriteString(c, unquote(t, f[2])) }()
		status := 0
		if resp, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
			status = resp.StatusCode
			resp.Body.Close()
		}
		if want, _ := strconv.Atoi(f[1]); status != want {
			t.Errorf("%s: %d and not %d", f[0], status, want)
		}
	}
	if ref, _, err := r.submit("request", request("In spite of it all")); err != nil || ref == "" {
		t.Errorf("nobody else is served: %v", err)
	}
	if os.Getenv("POTLUCK_LONG") != "" { // who does not go on is let go, with headers after 10 s
		_ = slow.SetReadDeadline(time.Now().Add(15 * time.Second))
		if _, err := io.ReadAll(slow); err != nil {
			t.Errorf("a slow sender is still there: %v", err)
		}
	}
	if lines := strings.Count(strings.TrimSpace(r.output()), "\n"); lines > 0 {
		t.Errorf("the program says more than its address:\n%s", r.output())
	}
}

// FuzzPost holds a law: whatever is posted is refused with words, or becomes one page of its
// kind, that says what was typed and nothing else, in git and on the site.
func FuzzPost(f *testing.F) {
	for i, line := range corpus(f, "words.txt") {
		if _, rest, ok := strings.Cut(line, "\""); ok && i%8 == 0 {
			text := unquote(f, "\""+rest)
			f.Add(cut(text, 100), cut(text, 3000), cut(text, 400))
		}
	}
	b := builder.New()
	theme, err := fs.Sub(potluck.Files, "themes/commons")
	if err != nil {
		f.Fatal(err)
	}
	cfg, _ := site.ParseConfig([]byte("title = \"Net\"\n[taxonomy.category]\nvalues = [\"food\"]\n[taxonomy.area]\nvalues = [\"harbor\"]\n[outputs]\n" +
		"json_feeds = false\ncalendar = false\nsitemap = false\nfacets = false\nsearch = false\nmanifest = false\nheaders = false\n"))
	v, err := vault.Open(filepath.Join(f.TempDir(), "var"))
	if err == nil {
		_, err = v.EnterAnew("June", site.Keeper)
	}
	if err != nil {
		f.Fatal(err)
	}
	svc := intake.New(intake.Options{Config: func() *site.Config { return cfg }, Spool: v.Spool(), Vault: v, Git: gitPort{}, Key: []byte("key")})
	f.Fuzz(func(t *testing.T, title, body, other string) {
		values := map[string][]string{"title": {title}, "body": {body}, "categories": {"food"}, "areas": {"harbor"}, "quantity": {other}, "needed_by": {other},
			"contact_how": {"phone"}, "contact": {other}, "notes": {body}, "name": {title}}
		d, faults := svc.Check(cfg.Kind("request"), values)
		if slices.ContainsFunc(faults, func(x intake.Fault) bool { return x.Field.Name == "needed_by" }) {
			delete(values, "needed_by")
			d, faults = svc.Check(cfg.Kind("request"), values)
		}
		if len(faults) > 0 {
			return
		}
		got, err := svc.Submit(d, svc.Ticket("", svc.Now()), false)
		if err != nil {
			t.Fatal(err)
		}
		data, err := v.Spool().Get(got.ID)
		if err == nil {
			err = v.Spool().Remove(got.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		var parcel struct{ Path, Page string }
		if err := json.Unmarshal(data, &parcel); err != nil {
			t.Fatal(err)
		}
		pl, err := cfg.PlaceOf(parcel.Path)
		if err != nil || pl.Section != "requests" {
			t.Fatalf("%q: %v", parcel.Path, err)
		}
		p, problems := site.Parse(cfg, pl, []byte(parcel.Page))
		if len(problems) > 0 || p.Kind != "request" || p.Title != site.CleanLine(title) || strings.TrimSpace(p.Body) != site.CleanLong(body) || p.Str("state") != "open" {
			t.Fatalf("%v\n%s", problems, parcel.Page)
		}
		content := fstest.MapFS{"index.md": {Data: []byte("+++\ntitle = \"Home\"\n+++\n")}, parcel.Path: {Data: []byte(parcel.Page)}}
		res, err := b.Build(t.Context(), builder.Input{Config: cfg, Content: content, Theme: theme, Forms: true, Now: svc.Now()})
		if err != nil {
			t.Fatal(err)
		}
		page, _, ok := res.Lookup(pl.URL)
		if !ok {
			t.Fatalf("the page is not on the site: %v", res.Problems)
		}
		harmless(t, "the page", string(page))
	})
}
