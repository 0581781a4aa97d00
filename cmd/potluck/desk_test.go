package main

import (
	"errors"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
	"potluck/internal/vault"
)

// deskNet is a network with June, a keeper, and Robin, an organizer, and things that wait;
// words are their passphrases.
func deskNet(t testing.TB, posts ...url.Values) (dir string, words map[string]string, ids []string) {
	t.Helper()
	dir = newNet(t)
	six, err := os.ReadFile(passphraseFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(dir, "var"))
	if err != nil {
		t.Fatal(err)
	}
	robin, err := v.EnterAnew("Robin", site.AnOrganizer)
	if err != nil {
		t.Fatal(err)
	}
	n, err := openAt(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	svc, err := openIntake(n)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range posts {
		kind := p.Get("kind")
		d, faults := svc.Check(n.cfg().Kind(kind), p)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		r, err := svc.Submit(d, svc.Ticket("", svc.Now().Add(-time.Minute)), false)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	if err := svc.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dir, map[string]string{"June": string(six), "Robin": robin}, ids
}

func posted(kind, title string) url.Values {
	v := request(title)
	v.Set("kind", kind)
	return v
}

// organizer is a browser in which a person is signed in.
type organizer struct {
	*running
	client *http.Client
	posted []string // item/k7m2q9x4ad/
}

func (r *running) organizer(name, passphrase string) *organizer {
	r.t.Helper()
	jar, _ := cookiejar.New(nil)
	o := &organizer{running: r, client: &http.Client{Jar: jar}}
	if a := o.post("sign-in/", "_name", name, "_passphrase", passphrase); !strings.Contains(a.body, "desk-parts") {
		r.t.Fatalf("%s cannot sign in: %d\n%s", name, a.status, a.body)
	}
	return o
}

func (o *organizer) get(path string) answer {
	o.t.Helper()
	resp, err := o.client.Get(o.url + "desk/" + path)
	if err != nil {
		o.t.Fatal(err)
	}
	return read(resp)
}

func (o *organizer) post(path string, pairs ...string) answer {
	o.t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return o.send(path, v)
}

func (o *organizer) send(path string, form url.Values) answer {
	o.t.Helper()
	o.posted = append(o.posted, path)
	resp, err := o.client.PostForm(o.url+"desk/"+path, form)
	if err != nil {
		o.t.Fatal(err)
	}
	return read(resp)
}

var seenInput = regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`)

// seen is what the page of an item says was looked at; "none" where nothing can be done there.
func (o *organizer) seen(id string) string {
	if m := seenInput.FindStringSubmatch(o.get("item/" + id + "/").body); m != nil {
		return m[1]
	}
	return "none"
}

// decide does something on the page of an item as it is now.
func (o *organizer) decide(id, do string, pairs ...string) answer {
	o.t.Helper()
	a := o.post("item/"+id+"/", append(pairs, "_do", do, "seen", o.seen(id))...)
	if a.status != http.StatusOK {
		o.t.Fatalf("%s: %d\n%s", do, a.status, a.body)
	}
	return a
}

// TestTwoWays: the desk and the command line give the same commits: the same trees, messages
// and names on main and on each ref, the same files in the vault, and the same people and audit.
// Each act of the desk is one of them, or it is named in notHere.
func TestTwoWays(t *testing.T) {
	t.Parallel()
	dir, words, id := deskNet(t, posted("request", "A ride"), posted("request", "A table, call 555-0142"), posted("request", "Buy watches"),
		posted("request", "Warm boots"), posted("offer", "I drive"), posted("request", "A bed"), posted("offer", "A box of books"))
	write(t, filepath.Join(dir, sharedPage), "+++\ntitle = \"Old Mill\"\n+++\n\nBread on Tuesdays.\n")
	git(t, dir, "add", "content")
	git(t, dir, "commit", "-qm", "a page")
	other := filepath.Join(t.TempDir(), "net")
	if err := os.CopyFS(other, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	ride, table, watches, boots, drive, bed, books := id[0], id[1], id[2], id[3], id[4], id[5], id[6]
	o := start(t, "serve", "-C", dir).organizer("June", words["June"])
	cli := func(args ...string) { must(t, append(args, "-C", other, "-as", "June")...) }
	key := []string{"-passphrase-file", passphraseFile(dir)}
	done := map[string]bool{}

	for _, act := range []struct {
		desk func()
		line []string
	}{
		{func() { o.decide(ride, "claim") }, []string{"claim", ride}},
		{func() { o.decide(ride, "note", "words", "Called her.") }, []string{"note", ride, "-words", "Called her."}},
		{func() { o.decide(ride, "publish") }, []string{"publish", ride}},
		{func() {
			page := o.get("item/" + table + "/edit/").body
			form := carried(page)
			maps.Copy(form, url.Values{"title": {"A table"}, "body": {"It would help a lot."}, "categories": {"food"}, "areas": {"harbor"}, "_do": {"edit"}})
			o.send("item/"+table+"/edit/", form)
		}, []string{"edit", table, "-set", "title=A table"}},
		{func() { o.decide(table, "let-go") }, []string{"let-go", table}},
		{func() { o.decide(table, "publish") }, []string{"publish", table}},
		{func() {
			pick := regexp.MustCompile(`name="pick" value="(` + watches + ` [0-9a-f]+)"`).FindStringSubmatch(o.get("").body)
			o.post("decline/", "pick", pick[1], "reason", "spam")
		}, []string{"decline", watches, "-reason", "spam"}},
		{func() { o.decide(watches, "undo") }, []string{"undo", watches}},
		{func() { o.decide(watches, "decline", "reason", "declined", "words", "Not here.") }, []string{"decline", watches, "-words", "Not here."}},
		{func() { o.decide(boots, "ask", "words", "Which size?") }, []string{"ask", boots, "-question", "Which size?"}},
		{func() { o.decide(drive, "hold") }, []string{"hold", drive}},
		{func() { o.decide(drive, "release") }, []string{"release", drive}},
		{func() { o.decide(drive, "publish") }, []string{"publish", drive}},
		{func() { o.decide(ride, "match", "with", drive) }, []string{"match", ride, "-with", drive}},
		{func() { o.decide(ride, "unmatch") }, []string{"unmatch", ride}},
		{func() { o.decide(ride, "match", "with-other", drive) }, []string{"match", ride, "-with", drive}},
		{func() { o.decide(ride, "close", "reason", "fulfilled") }, []string{"close", ride}},
		{func() { o.decide(bed, "refer", "with-other", "/about/", "words", "They know more.") }, []string{"refer", bed, "-with", "about.md", "-words", "They know more."}},
		{func() { o.decide(table, "close", "reason", "withdrawn") }, []string{"close", table, "-reason", "withdrawn"}},
		{func() { o.decide(table, "reopen") }, []string{"reopen", table}},
		{func() {
			o.post("item/"+books+"/erase/", "confirm", "yes", "_passphrase", words["June"])
		}, []string{"erase", books}},
		{func() { o.post("item/" + ride + "/contact/") }, append([]string{"show", ride}, key...)},
	} {
		act.desk()
		cli(append([]string{"inbox"}, act.line...)...)
		done[act.line[0]] = true
	}
	for _, act := range []struct {
		desk []string
		line []string
	}{
		{[]string{"reports/true/", "page", "resources/mill.md"}, []string{"report", "true", "resources/mill"}},
		{[]string{"reports/numbers/"}, []string{"report", "numbers", "-publish"}},
		{[]string{"reports/contacts/"}, append([]string{"report", "twins", "-contacts"}, key...)},
		{[]string{"people/invite/", "who", "Ana", "role", "organizer"}, []string{"organizers", "invite", "Ana"}},
		{[]string{"people/role/", "who", "Robin", "role", "keeper"}, append([]string{"organizers", "role", "Robin", "keeper"}, key...)},
		{[]string{"people/remove/", "who", "Robin"}, append([]string{"organizers", "remove", "Robin"}, key...)},
		{[]string{"people/seal/"}, append([]string{"keys", "seal"}, key...)},
		{[]string{"me/", "_passphrase", words["June"]}, append([]string{"keys", "rotate", "June"}, key...)},
	} {
		if a := o.post(act.desk[0], act.desk[1:]...); a.status != http.StatusOK {
			t.Errorf("%v: %d\n%s", act.desk, a.status, a.body)
		}
		cli(act.line...)
	}
	for _, d := range intake.Decisions() {
		if !done[d] {
			t.Errorf("%s is not decided in both ways", d)
		}
	}
	for _, row := range deskActs(t) {
		if !slices.ContainsFunc(o.posted, regexp.MustCompile("^"+row+"$").MatchString) && notHere[row] == "" {
			t.Errorf("/desk/%s is not done in both ways", row)
		}
	}
	if a, b := history(t, dir), history(t, other); a != b {
		t.Errorf("the desk has\n%s\nthe command line\n%s", a, b)
	}
	sound(t, dir)
}

// notHere are the acts of the desk that are compared elsewhere, or are no acts of a network.
var notHere = map[string]string{
	"edit/.*": "TestDeskPages", "new/": "TestDeskPages", "history/.*": "TestDeskPages", "move/.*": "TestDeskPages",
	"sign-in/": "a session is of the desk alone", "sign-out/": "a session is of the desk alone",
	"invite/": "who is invited has no command line",
}

// deskActs are the rows of the desk's table that act, as forms of addresses.
func deskActs(t testing.TB) (rows []string) {
	t.Helper()
	files, err := filepath.Glob("../../internal/desk/*.go")
	if err != nil {
		t.Fatal(err)
	}
	row, part := regexp.MustCompile(`(?m)^\t\{method: "POST", path: "([^"]+)"`), regexp.MustCompile(`\{\w+(\.\.\.)?\}`)
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range row.FindAllStringSubmatch(string(src), -1) {
			rows = append(rows, part.ReplaceAllStringFunc(m[1], func(s string) string {
				if strings.HasSuffix(s, "...}") {
					return ".*"
				}
				return "[^/]+"
			}))
		}
	}
	if len(rows) < 15 {
		t.Fatalf("the desk has %d acts only", len(rows))
	}
	return rows
}

// history is all that git and the vault hold of what was decided, but for times and bytes
// that are sealed.
func history(t testing.TB, dir string) string {
	var b strings.Builder
	for ref := range strings.Lines("refs/heads/main\n" + git(t, dir, "for-each-ref", "--format=%(refname)", "refs/potluck/")) {
		ref = strings.TrimSpace(ref)
		fmt.Fprintf(&b, "%s\n%s\n", ref, git(t, dir, "log", "-30", "--format=%T %an <%ae> %cn%n%B", ref))
	}
	files, err := fs.Glob(os.DirFS(filepath.Join(dir, "var/vault")), "*")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&b, slices.Sorted(slices.Values(files)))
	when := regexp.MustCompile(`\S*\d{4}-\d\d-\d\d \d\d:\d\d`)
	b.WriteString(when.ReplaceAllString(must(t, "organizers", "-C", dir)+must(t, "organizers", "audit", "-C", dir), "WHEN"))
	return b.String()
}

// TestTwoOrganizers: two act on the same item, and commits land between. Nothing is lost, and
// each is told what happened.
func TestTwoOrganizers(t *testing.T) {
	t.Parallel()
	dir, words, ids := deskNet(t, posted("request", "A ride to the eye clinic"))
	id := ids[0]
	r := start(t, "serve", "-C", dir)
	june, robin := r.organizer("June", words["June"]), r.organizer("Robin", words["Robin"])
	looked := june.seen(id)
	robin.decide(id, "claim")
	appendTo(t, filepath.Join(dir, "content/about.md"), "\nWritten meanwhile.\n")
	git(t, dir, "commit", "-qam", "about: written meanwhile")

	told := func(a answer, texts ...string) {
		t.Helper()
		for _, s := range texts {
			if a.status != http.StatusConflict || !strings.Contains(html.UnescapeString(a.body), s) {
				t.Errorf("%d, and not %q:\n%s", a.status, s, a.body)
			}
		}
	}
	told(june.post("item/"+id+"/", "_do", "ask", "words", "When would it be?", "seen", looked), "Robin\u2069 has this in hand since", "When would it be?")
	told(june.post("es/item/"+id+"/", "_do", "ask", "words", "When would it be?", "seen", looked), "Robin\u2069 se ocupa de esto desde las")
	robin.decide(id, "publish")
	told(june.post("item/"+id+"/", "_do", "decline", "reason", "spam", "words", "Sorry!", "seen", looked), "This has changed since you looked at it", "Sorry!")
	told(june.post("decline/", "pick", id+" "+looked, "reason", "spam"), "This has changed since you looked at it", "A ride to the eye clinic")

	page := filepath.Join(dir, "content", filepath.FromSlash(pagePath(t, dir, id)))
	unsaved, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	appendTo(t, page, "\nAn edit that is not committed.\n")
	if a := june.post("item/"+id+"/", "_do", "close", "reason", "fulfilled", "seen", june.seen(id)); a.status == http.StatusOK || !strings.Contains(a.body, "not committed") && !strings.Contains(a.body, "unsaved") {
		t.Errorf("over an unsaved edit: %d\n%s", a.status, a.body)
	}
	git(t, dir, "commit", "-qam", "ride: an edit by hand")
	june.decide(id, "close", "reason", "fulfilled")
	after, _ := os.ReadFile(page)
	if !strings.Contains(string(after), "An edit that is not committed.") || !strings.Contains(string(after), `state = "closed"`) || string(unsaved) == string(after) {
		t.Errorf("the page:\n%s", after)
	}
	log := git(t, dir, "log", "-5", "--format=%an: %s", "main")
	want := "June: close request " + id + ": A ride to the eye clinic\nGit Person: ride: an edit by hand\nRobin: publish request " + id + ": A ride to the eye clinic\nGit Person: about: written meanwhile"
	if !strings.HasPrefix(log, want) {
		t.Errorf("git log:\n%s", log)
	}
	sound(t, dir)
}

func pagePath(t testing.TB, dir, id string) string {
	t.Helper()
	for line := range strings.Lines(git(t, dir, "ls-tree", "-r", "--name-only", "main")) {
		if strings.Contains(line, id) {
			return strings.TrimPrefix(strings.TrimSpace(line), "content/")
		}
	}
	t.Fatalf("%s is not on main", id)
	return ""
}

// TestManyHands is two organizers at the desk, one on the command line and one with git
// alone, at the same time and in a random order, on the same few items. What was answered
// as done is in the record, and everything else was told.
func TestManyHands(t *testing.T) {
	t.Parallel()
	rounds := 8
	if os.Getenv("POTLUCK_LONG") != "" {
		rounds = 125 // by four people
	}
	dir, words, ids := deskNet(t, posted("request", "A ride"), posted("request", "A table"), posted("offer", "I drive"))
	r := start(t, "serve", "-C", dir)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done, told := map[string]int{}, map[int]int{}
	atDesk := func(name string, seed uint64) {
		o, rng, looked := r.organizer(name, words[name]), rand.New(rand.NewPCG(seed, 3)), map[string]string{}
		for range rounds {
			id := ids[rng.IntN(len(ids))]
			if looked[id] == "" || rng.IntN(2) == 0 {
				looked[id] = o.seen(id)
			}
			do := []string{"claim", "let-go", "publish", "decline", "hold", "release", "close", "reopen", "undo", "note", "ask", "match", "unmatch"}[rng.IntN(13)]
			a := o.post("item/"+id+"/", "_do", do, "seen", looked[id], "words", "Words.", "reason", map[string]string{"decline": "spam", "close": "fulfilled"}[do])
			mu.Lock()
			if told[a.status]++; a.status == http.StatusOK {
				done[name+" "+id]++
			}
			mu.Unlock()
		}
	}
	wg.Go(func() { atDesk("June", 1) })
	wg.Go(func() { atDesk("Robin", 2) })
	wg.Go(func() {
		rng := rand.New(rand.NewPCG(4, 4))
		for range rounds / 2 {
			id := ids[rng.IntN(len(ids))]
			_, _ = program(t, "inbox", []string{"publish", "hold", "release", "undo"}[rng.IntN(4)], id, "-C", dir, "-as", "Kim")
		}
	})
	wg.Go(func() {
		for i := range rounds {
			appendTo(t, filepath.Join(dir, "content/about.md"), fmt.Sprintf("\nLine %d.\n", i))
			commitWithRetry(t, dir, fmt.Sprintf("about: line %d", i))
		}
	})
	wg.Wait()
	for status := range told {
		if status != http.StatusOK && status != http.StatusConflict {
			t.Errorf("answered %d: %v", status, told)
		}
	}
	about := git(t, dir, "show", "main:content/about.md")
	for i := range rounds {
		if !strings.Contains(about, fmt.Sprintf("Line %d.", i)) {
			t.Errorf("line %d is lost", i)
		}
	}
	n, err := openAt(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	svc, err := openIntake(n)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		it, err := svc.Show(id, nil)
		if err != nil {
			t.Fatal(err)
		}
		entries := map[string]int{}
		for _, e := range it.Record {
			entries[e.By]++
		}
		t.Logf("%s is %s after %v; the desk did %v", id, it.State, entries, done)
		for _, name := range []string{"June", "Robin"} {
			if entries[name] > done[name+" "+id] {
				t.Errorf("%s was told that %s is done %d times, and the record has %d", name, id, done[name+" "+id], entries[name])
			}
		}
		if it.Public != nil && it.State != intake.Open && it.State != intake.Matched && it.State != intake.Closed {
			t.Errorf("%s is %s, and on the site", id, it.State)
		}
	}
	sound(t, dir)
}

// held gives those of the items that may be spam.
func held(t testing.TB, dir string, ids []string) (some []string) {
	list := must(t, "inbox", "-C", dir)
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !strings.Contains(list, id+"  held") })
}

// BenchmarkDeskQueue is the first page of what waits, with a thousand waiting: time and size
// as a browser on the same machine sees them.
func BenchmarkDeskQueue(b *testing.B) {
	var posts []url.Values
	for i := range 1000 {
		v := posted([]string{"request", "offer"}[i%2], fmt.Sprintf("Thing number %d for somebody who needs it", i))
		v.Set("body", fmt.Sprintf("It would help a lot, in the week of number %d. We are %d people and come by on foot. Call 555-01%02d.", i, i%7, i%100))
		posts = append(posts, v)
	}
	dir, words, ids := deskNet(b, posts...)
	must(b, append([]string{"inbox", "release", "-C", dir, "-as", "June"}, held(b, dir, ids)...)...) // so many at once look like a flood
	o := start(b, "serve", "-C", dir).organizer("June", words["June"])
	size := 0
	for b.Loop() {
		a := o.get("")
		if size = len(a.body); !strings.Contains(a.body, ">1,000<") {
			b.Fatal(a.status, a.body)
		}
	}
	b.ReportMetric(float64(size), "bytes")
}

// BenchmarkPublish is what an organizer waits for at a network of 10,000 pages: from the press
// of "publish" until she has an answer, and the page, its section, its category and the feed are
// served with it.
func BenchmarkPublish(b *testing.B) {
	var posts []url.Values
	for i := range b.N {
		posts = append(posts, posted("request", fmt.Sprintf("Needed number %d", i)))
	}
	dir, words, ids := deskNet(b, posts...)
	manyPages(b, dir, 10000)
	if h := held(b, dir, ids); len(h) > 0 {
		must(b, append([]string{"inbox", "release", "-C", dir, "-as", "June"}, h...)...)
	}
	r := start(b, "serve", "-C", dir)
	o := r.organizer("June", words["June"])
	var answered, took []time.Duration
	for i, id := range ids {
		seen, begun := o.seen(id), time.Now()
		if a := o.post("item/"+id+"/", "_do", "publish", "seen", seen); a.status != http.StatusOK {
			b.Fatalf("%d\n%s", a.status, a.body)
		}
		answered = append(answered, time.Since(begun))
		title := fmt.Sprintf("Needed number %d<", i)
		for _, list := range []string{"/requests/", "/category/food/", "/requests/feed.xml"} {
			for !strings.Contains(r.get(list).body, title) {
				time.Sleep(time.Millisecond)
			}
		}
		took = append(took, time.Since(begun))
	}
	b.ReportMetric(float64(part(answered, 50).Milliseconds()), "ms-answer")
	b.ReportMetric(float64(part(took, 50).Milliseconds()), "ms-live")
	b.ReportMetric(float64(part(took, 100).Milliseconds()), "ms-live-max")
	b.ReportMetric(0, "ns/op")
	r.stop()
}

// manyPages commits that many pages of earlier years: of the directory, and offers and requests
// that are open.
func manyPages(t testing.TB, dir string, n int) {
	words := strings.Repeat("Bring a bag and call before you come, since the **door** is at the back. ", 12)
	for i := range n {
		where := []string{"resources", "resources", "resources", "offers/2024/%02d", "requests/2024/%02d"}[i%5]
		if strings.Contains(where, "%") {
			where = fmt.Sprintf(where, i%12+1)
		}
		folder := filepath.Join(dir, "content", where)
		page := fmt.Sprintf("+++\ntitle = \"Earlier %d\"\nsummary = \"What page %d says.\"\ndate = 2024-%02d-%02d\ncategories = [%q]\nareas = [\"harbor\"]\n+++\n\n%s\n",
			i, i, i%12+1, i%28+1, []string{"food", "transport/rides", "housing"}[i%3], words)
		if err := errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, fmt.Sprintf("earlier-%d.md", i)), []byte(page), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", "-A")
	git(t, dir, "-c", "gc.auto=0", "commit", "-qm", "pages of earlier years") // nothing in the background
}
