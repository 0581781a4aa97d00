package formhandler_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potluck/formhandler"
	"potluck/internal/intake"
	"potluck/internal/site"
)

// receipt posts a request and gives the code of its receipt.
func (b *bench) receipt() string {
	b.t.Helper()
	a := b.post("/forms/request/", b.confirm(words()))
	if a.status != 200 || !strings.Contains(a.body, "receipt ") {
		b.t.Fatalf("%d\n%s", a.status, a.body)
	}
	return strings.Fields(a.body)[5]
}

// TestMineHostile: what opens nothing changes nothing, is answered with a page, and is
// neither logged nor kept.
func TestMineHostile(t *testing.T) {
	b := newBench(t)
	code := b.receipt()
	const form = "application/x-www-form-urlencoded"
	forged := "ABCDE-FGHJK-MNPQR-STVW" // and a check letter
	for _, r := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
		if _, ok := intake.ParseCode(forged + string(r)); ok {
			forged += string(r)
			break
		}
	}
	for name, c := range map[string]struct {
		method, path, kind, body string
		status                   int
		text                     string
	}{
		"the page":            {"GET", "/mine/", "", "", 200, "mine en"},
		"no slash":            {"GET", "/mine", "", "", 200, "mine en"},
		"Spanish":             {"GET", "/mine/es/", "", "", 200, "mine es\ncode page /mine/es/"},
		"default language":    {"GET", "/mine/en/", "", "", 404, "notice.unknown"},
		"deeper":              {"GET", "/mine/es/x/", "", "", 404, "notice.unknown"},
		"a code in the URL":   {"GET", "/mine/?_code=" + code + "&_do=erase&confirm=yes", "", "", 200, "mine en"},
		"a code in the path":  {"GET", "/mine/" + code, "", "", 404, "notice.unknown"},
		"DELETE":              {"DELETE", "/mine/", "", "", 405, "notice.unknown"},
		"nothing":             {"POST", "/mine/", form, "", 422, "mine.error-code"},
		"a wrong letter":      {"POST", "/mine/", form, "_code=" + code[:22] + "U", 422, "mine.error-code"},
		"forged":              {"POST", "/mine/", form, "_code=" + forged + "&_do=erase&confirm=yes", 404, "mine.error-unknown"},
		"the code of the URL": {"POST", "/mine/?_code=" + code, form, "_do=withdraw", 422, "mine.error-code"},
		"two codes":           {"POST", "/mine/", form, "_code=" + forged + "&_code=" + code + "&_do=withdraw", 404, "mine.error-unknown"},
		"10 MB":               {"POST", "/mine/", form, "_code=" + strings.Repeat("0", 10<<20), 413, "notice.too-large"},
		"60 kB":               {"POST", "/mine/", form, "_code=" + strings.Repeat("0", 60<<10), 422, "mine.error-code"},
		"bad escapes":         {"POST", "/mine/", form, "_code=" + code + "&_do=%zz", 400, "notice.unreadable"},
		"JSON":                {"POST", "/mine/", "application/json", "{}", 415, "notice.unreadable"},
		"an empty answer":     {"POST", "/mine/", form, "_do=answer&_code=" + code, 200, "status waiting did="},
		"no such operation":   {"POST", "/mine/", form, "_do=publish&_code=" + code, 200, "status waiting did="},
		"a renewal":           {"POST", "/mine/", form, "_do=renew&_code=" + code, 200, "status waiting did="},
		"done":                {"POST", "/mine/", form, "_do=done&_code=" + code, 200, "status waiting did="},
		"erase, not sure":     {"POST", "/mine/", form, "_do=erase&_code=" + code, 200, "<h1>mine.title-erase</h1>"},
		"a hostile change":    {"POST", "/mine/", form, "_do=correct&_words=yes&title=" + url.QueryEscape("\x00\xff") + "&_code=" + code, 422, "error f-categories error.required"},
	} {
		a := b.do(b.request(c.method, c.path, c.kind, strings.NewReader(c.body)))
		if a.status != c.status || !strings.Contains(a.body, c.text) {
			t.Errorf("%s: %d, not %d\n%.600s", name, a.status, c.status, a.body)
		}
		if strings.HasPrefix(c.path, "/mine") && a.status != 404 && a.header.Get("Cache-Control") != "no-store" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", name, a.header)
		}
		if a.status != 200 && strings.Contains(a.body, code) {
			t.Errorf("%s: the page has the code", name)
		}
	}
	for _, h := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		r := b.request("POST", "/mine/", form, strings.NewReader("_do=withdraw&_code="+code))
		r.Header.Set(h[0], h[1])
		if a := b.do(r); a.status != 403 || strings.Contains(a.body, code) {
			t.Errorf("%v: %d\n%s", h, a.status, a.body)
		}
	}
	if a := b.post("/mine/", url.Values{"_code": {code}}); !strings.Contains(a.body, "status waiting") {
		t.Errorf("after all of that:\n%s", a.body)
	}
	if b.log.String() != "" {
		t.Errorf("log: %s", b.log.String())
	}
	plainCode := strings.ReplaceAll(code, "-", "")
	_ = filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
		if data, _ := os.ReadFile(path); strings.Contains(string(data), plainCode) || strings.Contains(string(data), code) {
			t.Errorf("%s has the code", path)
		}
		return err
	})
}

// TestMineMove: where a correction gives a person away in public, she is asked as on the first
// form, one button locks the words, and nothing has changed before she sends it.
func TestMineMove(t *testing.T) {
	b := newBench(t)
	code := b.receipt()
	v := words()
	v.Set("body", "Come to 9 Canary Court.")
	for name, text := range map[string]string{"_code": code, "_do": "correct", "_words": "yes"} {
		v.Set(name, text)
	}
	a := b.post("/mine/", v)
	if a.status != 200 || !strings.Contains(a.body, "reveals 1 move=true moved=false") || !strings.Contains(a.body, "carry _code="+code) {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	press := func(page, button string) answer {
		t.Helper()
		form := carried(page)
		form.Set(button, "yes")
		return b.post("/mine/", form)
	}
	if change := press(a.body, "change"); change.status != 200 || !strings.Contains(change.body, "body=Come to 9 Canary Court.") {
		t.Errorf("change: %d\n%s", change.status, change.body)
	}
	moved := press(a.body, "move")
	for _, want := range []string{"reveals 0 move=true moved=true", "row body=Come to ….", "row address=9 Canary Court\n"} {
		if moved.status != 200 || !strings.Contains(moved.body, want) {
			t.Errorf("%d, no %q:\n%s", moved.status, want, moved.body)
		}
	}
	now := url.Values{"_code": {code}, "_do": {"correct"}}
	if now := b.post("/mine/", now); strings.Contains(now.body, "Canary Court") {
		t.Errorf("it has changed already:\n%s", now.body)
	}
	for _, c := range []struct{ page, body, address string }{
		{moved.body, "body=Come to ….", "address=9 Canary Court"},
		{a.body, "body=Come to 9 Canary Court.", "address= "},
	} {
		if sent := press(c.page, "confirm"); sent.status != 200 || !strings.Contains(sent.body, "mine.did-correct") {
			t.Errorf("sent: %d\n%s", sent.status, sent.body)
		}
		if now := b.post("/mine/", now); !strings.Contains(now.body, c.body) || !strings.Contains(now.body, c.address) {
			t.Errorf("not %q and %q:\n%s", c.body, c.address, now.body)
		}
	}
}

// TestMinePaused: codes keep working while the forms are closed, and need no keeper.
func TestMinePaused(t *testing.T) {
	b := newBench(t)
	code := b.receipt()
	b.cfg.Intake.Paused = site.Words{"": "Back on Monday."}
	if a := b.get("/mine/"); a.status != 200 || !strings.Contains(a.body, "code page") {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	for range 2 {
		if a := b.post("/mine/", url.Values{"_code": {code}, "_do": {"withdraw"}}); !strings.Contains(a.body, "status closed did=mine.did-withdraw") {
			t.Errorf("%d\n%s", a.status, a.body)
		}
	}
	off := newBench(t, func(o *intake.Options) { o.Git = nil })
	if a := off.post("/mine/", url.Values{"_code": {code}}); a.status != 200 || !strings.Contains(a.body, "notice.no-forms") {
		t.Errorf("no git: %d\n%s", a.status, a.body)
	}
}

// TestRates: wrong codes are limited by address, and time opens them again; many forms
// from one address are held, with the same receipt. A proxy is not taken for one person.
func TestRates(t *testing.T) {
	b := newBench(t)
	h := formhandler.New(formhandler.Options{Intake: b.svc, Renderer: b.theme})
	code := b.receipt()
	post := func(from, path string, v url.Values) (int, string) {
		r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	wrong, right := url.Values{"_code": {"x"}}, url.Values{"_code": {code}}
	for i := range 15 {
		want := http.StatusUnprocessableEntity
		if i >= 10 {
			want = http.StatusTooManyRequests
		}
		if got, body := post("203.0.113.7:99", "/mine/", wrong); got != want {
			t.Fatalf("wrong code %d: %d\n%s", i+1, got, body)
		}
		if got, _ := post(fmt.Sprintf("[2001:db8:1:2::%x]:99", i), "/mine/", wrong); got != want {
			t.Fatalf("wrong code %d from one IPv6 network: %d", i+1, got)
		}
		if got, _ := post("127.0.0.1:99", "/mine/", wrong); got == http.StatusTooManyRequests {
			t.Fatal("everybody behind a proxy is locked out")
		}
	}
	if got, _ := post("203.0.113.8:99", "/mine/", right); got != 200 {
		t.Errorf("another address: %d", got)
	}
	b.pass(11 * time.Minute)
	if got, _ := post("203.0.113.7:99", "/mine/", right); got != 200 {
		t.Errorf("after ten minutes: %d", got)
	}
	for i := range 12 {
		v := words()
		v.Set("title", fmt.Sprint("Thing ", i))
		form := b.confirm(v)
		if got, body := post("203.0.113.9:99", "/forms/request/", form); got != 200 || !strings.Contains(body, "receipt ") {
			t.Fatalf("form %d: %d", i, got)
		}
	}
	if err := b.svc.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, p := range b.git.refs {
		if p.State == intake.Held {
			held++
		}
	}
	if held != 2 {
		t.Errorf("of 12 forms from one address, %d are held", held)
	}
}
