package desk

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
	"potluck/internal/vault"
)

// bench is a desk with a real vault, a repository that is empty, and a theme that prints
// what it is given.
type bench struct {
	*httptest.Server
	t     *testing.T
	desk  *desk
	vault *vault.Vault
	dir   string            // var/
	words map[string]string // passphrases by name

	mu  sync.Mutex
	now time.Time
	log strings.Builder
}

func newBench(t *testing.T) *bench {
	t.Helper()
	cfg, problems := site.ParseConfig([]byte("title = \"Test\"\nlanguages = [\"en\", \"es\"]\ntrusted_proxies = [\"192.0.2.1\"]\n"))
	dir := filepath.Join(t.TempDir(), "var")
	v, err := vault.Open(dir)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	list, words := twoPeople()
	if err := os.WriteFile(filepath.Join(dir, "organizers.toml"), list, 0o600); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, vault: v, dir: dir, words: maps.Clone(words), now: time.Date(2026, 11, 23, 15, 41, 7, 0, time.UTC)}
	svc := intake.New(intake.Options{
		Config: func() *site.Config { return cfg }, Spool: v.Spool(), Vault: v, Git: noGit{}, Key: make([]byte, 32),
		Now: func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now },
	})
	b.desk = New(Options{Intake: svc, Renderer: printer{}, Log: func(err error) { b.mu.Lock(); fmt.Fprintln(&b.log, err); b.mu.Unlock() }}).(*desk)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Test-Proxy") != "" {
			r.RemoteAddr = "192.0.2.1:40000"
		}
		b.desk.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { b.Close(); b.desk.sealing.Lock() }) // what is sealed anew is done
	return b
}

// twoPeople are Robin, a keeper, and June, an organizer, made once: it takes a while.
var twoPeople = sync.OnceValues(func() (list []byte, words map[string]string) {
	dir, err := os.MkdirTemp("", "desk")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	v, err := vault.Open(dir)
	words = map[string]string{}
	for name, role := range map[string]site.Role{"Robin": site.Keeper, "June": site.AnOrganizer} {
		if err == nil {
			words[name], err = v.EnterAnew(name, role)
		}
	}
	if err == nil {
		list, err = os.ReadFile(filepath.Join(dir, "organizers.toml"))
	}
	if err != nil {
		panic(err)
	}
	return list, words
})

func (b *bench) pass(d time.Duration) { b.mu.Lock(); b.now = b.now.Add(d); b.mu.Unlock() }

// noGit is a repository without anything in it.
type noGit struct{ intake.Git }

func (noGit) Refs(string) (map[string]string, error) { return nil, nil }

type printer struct{}

func (printer) Render(w io.Writer, lang, layout, title string, view any) error {
	_, err := fmt.Fprintf(w, "%s %s %s\n%+v\n", lang, layout, title, view)
	return err
}

func (printer) Card(string, *site.Page) (template.HTML, error) { return "", nil }

func (printer) Say(_, key string, _ ...any) string { return key }

func (printer) Preview(context.Context, string, []byte, map[string][]byte) (template.HTML, []site.Problem, error) {
	return "", nil, nil
}

// person is a browser in which a person is signed in.
type person struct {
	b      *bench
	cookie *http.Cookie // nil: nobody
}

func (b *bench) signIn(name string) *person {
	b.t.Helper()
	a := (&person{b: b}).do("POST", "/desk/sign-in/", url.Values{nameName: {name}, passphraseName: {b.words[name]}})
	if a.status != http.StatusSeeOther || len(a.cookies) != 1 {
		b.t.Fatalf("%s cannot sign in: %d %s", name, a.status, a.body)
	}
	return &person{b, a.cookies[0]}
}

type answer struct {
	status  int
	body    string
	header  http.Header
	cookies []*http.Cookie
}

func (p *person) do(method, path string, form url.Values, change ...func(*http.Request)) answer {
	p.b.t.Helper()
	r, err := http.NewRequest(method, p.b.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.b.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if p.cookie != nil {
		r.AddCookie(p.cookie)
	}
	for _, f := range change {
		f(r)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		p.b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(body), resp.Header, resp.Cookies()}
}

func (p *person) signedIn() bool {
	return !strings.Contains(p.do("GET", "/desk/", nil).body, "desk-sign-in")
}

// example gives an address that a row of the table answers.
func (rt route) example() string {
	path := "/desk/" + rt.path
	for strings.Contains(path, "{") {
		head, rest, _ := strings.Cut(path, "{")
		_, tail, _ := strings.Cut(rest, "}")
		path = head + "k7m2q9x4ad" + tail
	}
	return path
}

// TestAccess: every row × who is signed out, an organizer, a keeper × the right method and the
// other one × this site and another.
func TestAccess(t *testing.T) {
	b := newBench(t)
	people := []struct {
		role site.Role
		in   *person
	}{{site.Nobody, &person{b: b}}, {site.AnOrganizer, b.signIn("June")}, {site.Keeper, b.signIn("Robin")}}
	reached := false
	for _, rt := range routes() {
		rt.do = func(v *visit) { reached = true; v.w.WriteHeader(http.StatusNoContent) }
		b.desk.mux = http.NewServeMux()
		b.desk.mux.Handle(rt.pattern(), rt)
		for _, p := range people {
			name := fmt.Sprintf("%s %s by a %s", rt.method, rt.path, p.role)
			b.desk.sessions.mu.Lock()
			for _, x := range b.desk.sessions.open {
				x.fresh = x.began
			}
			b.desk.sessions.mu.Unlock()
			reached = false
			a := p.in.do(rt.method, rt.example(), nil)
			asked := p.role == site.Nobody && rt.method == http.MethodGet && a.status == http.StatusOK && strings.Contains(a.body, "desk-sign-in")
			if reached != (p.role >= rt.least) || !reached && !asked && a.status != http.StatusForbidden {
				t.Errorf("%s: reached %v, %d", name, reached, a.status)
			}
			if rt.fresh && p.role >= rt.least {
				b.pass(freshFor + time.Second)
				reached = false
				if a := p.in.do(rt.method, rt.example(), nil); reached || a.status != http.StatusForbidden {
					t.Errorf("%s, long after the passphrase: reached %v, %d", name, reached, a.status)
				}
				b.pass(-freshFor - time.Second)
			}
			reached = false
			other := map[string]string{"GET": "POST", "POST": "GET"}[rt.method]
			if a := p.in.do(other, rt.example(), nil); reached || a.status != http.StatusMethodNotAllowed {
				t.Errorf("%s, by %s: reached %v, %d", name, other, reached, a.status)
			}
			if rt.method == http.MethodPost {
				a := p.in.do("POST", rt.example(), nil, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
				if reached || a.status != http.StatusForbidden {
					t.Errorf("%s, from another site: reached %v, %d", name, reached, a.status)
				}
			}
		}
	}
}
