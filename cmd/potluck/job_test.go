package main

import (
	"fmt"
	"html"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// TestMainJob is the main job from end to end: a demo, a post without an
// account, the inbox, publishing, the site.
func TestMainJob(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	r := start(t, "demo", dir)
	if a := r.get("/"); a.status != 200 || !strings.Contains(a.body, "Riverside Mutual Aid") {
		t.Fatalf("home: %d\n%s", a.status, a.body)
	}
	if items := inbox(t, dir); len(items) < 3 {
		t.Errorf("the demo's inbox holds %v", items)
	}
	v := request("A kettle for the new flat")
	v.Set("contact", "555-0199")
	ref, a, err := r.submit("request", v)
	if err != nil || ref == "" {
		t.Fatalf("no receipt: %v\n%s", err, a.body)
	}
	if a.header.Get("Cache-Control") != "no-store" {
		t.Error("a receipt may be kept by a cache")
	}
	var id string
	eventually(t, "the submission is in git", func() bool {
		ids := inbox(t, dir)["A kettle for the new flat"]
		if len(ids) == 1 {
			id = ids[0]
		}
		return id != "" && strings.Contains(git(t, dir, "for-each-ref", "refs/potluck/inbox"), id)
	})
	shown := git(t, dir, "show", "refs/potluck/inbox/"+id)
	if !strings.Contains(shown, "A kettle for the new flat") || strings.Contains(shown, "555-0199") {
		t.Errorf("git show:\n%s", shown)
	}
	if out := must(t, "inbox", "show", "-C", dir, "-passphrase-file", filepath.Join(dir, demoPassphrase), id); !strings.Contains(out, "555-0199") {
		t.Errorf("the keeper cannot read the contact:\n%s", out)
	}
	must(t, "inbox", "publish", "-C", dir, "-as", "June", ref)
	path := "/requests/" + time.Now().In(newYork(t)).Format("2006/01") + "/" + id + "/"
	eventually(t, path+" is on the site", func() bool { return r.get(path).status == 200 })
	if !strings.Contains(r.get("/requests/").body, "A kettle for the new flat") {
		t.Error("the list does not show it")
	}
	if who := git(t, dir, "log", "-1", "--format=%an|%cn"); who != "June|June" {
		t.Errorf("git log names %q", who)
	}
	sound(t, dir)
	r.stop()
}

func newYork(t testing.TB) *time.Location {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// TestDecline: a declined item leaves the inbox and never becomes public.
func TestDecline(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	r := start(t, "serve", "-C", dir)
	ref, _, err := r.submit("request", request("Buy cheap watches"))
	if err != nil || ref == "" {
		t.Fatal(err)
	}
	must(t, "inbox", "decline", "-C", dir, "-as", "June", "-reason", "spam", ref)
	if items := inbox(t, dir); len(items) != 0 {
		t.Errorf("still waiting: %v", items)
	}
	if out, ok := program(t, "inbox", "publish", "-C", dir, "-as", "June", ref); ok || !strings.Contains(out, "potluck: hint:") {
		t.Errorf("publishing what was declined: %s", out)
	}
	if log := git(t, dir, "log", "--format=%s", "main"); strings.Contains(log, "watches") || strings.Count(log, "\n") != 0 {
		t.Errorf("main has moved:\n%s", log)
	}
	sound(t, dir)
}

// TestUnsavedEdits: publishing leaves an organizer's unsaved and staged edits alone.
func TestUnsavedEdits(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	r := start(t, "serve", "-C", dir)
	ref, _, err := r.submit("request", request("A pram"))
	if err != nil {
		t.Fatal(err)
	}
	about, privacy := filepath.Join(dir, "content/about.md"), filepath.Join(dir, "content/privacy.md")
	appendTo(t, about, "\nNot saved in git yet.\n")
	appendTo(t, privacy, "\nStaged.\n")
	git(t, dir, "add", "content/privacy.md")
	must(t, "inbox", "publish", "-C", dir, "-as", "June", ref)
	if got := git(t, dir, "status", "--porcelain"); got != "M content/about.md\nM  content/privacy.md" {
		t.Errorf("git status:\n%s", got)
	}
	git(t, dir, "commit", "-qm", "an organizer's own commit")
	if got := git(t, dir, "ls-tree", "-r", "--name-only", "main", "content/requests"); !strings.Contains(got, "content/requests/20") {
		t.Errorf("the organizer's commit lost the published page:\n%s", got)
	}
	if b, _ := os.ReadFile(about); !strings.Contains(string(b), "Not saved in git yet.") {
		t.Error("the unsaved edit is gone")
	}
}

func appendTo(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// TestHundredAtOnce: 100 posts at the same moment give 100 receipts and 100
// refs; one of them sent again gives the same receipt.
func TestHundredAtOnce(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	r := start(t, "serve", "-C", dir)
	refs := make([]string, 100)
	var wg sync.WaitGroup
	for i := range refs {
		wg.Go(func() {
			ref, a, err := r.submit("request", request(fmt.Sprintf("Thing %d", i)))
			if err != nil || ref == "" {
				t.Errorf("post %d: %v %d", i, err, a.status)
			}
			refs[i] = ref
		})
	}
	wg.Wait()
	form, err := r.checkPage("request", request("Twice"))
	if err != nil {
		t.Fatal(err)
	}
	one, _ := r.post("/forms/request/", form)
	two, _ := r.post("/forms/request/", form)
	if a, b := reference.FindString(one.body), reference.FindString(two.body); a == "" || a != b {
		t.Errorf("the same post twice gave %q and %q", a, b)
	}
	eventually(t, "101 refs", func() bool {
		return strings.Count(git(t, dir, "for-each-ref", "refs/potluck/inbox")+"\n", "\n") == 101
	})
	items := inbox(t, dir)
	for i, ref := range refs {
		if ids := items[fmt.Sprintf("Thing %d", i)]; len(ids) != 1 || !strings.HasPrefix(ids[0], strings.ToLower(strings.ReplaceAll(ref, "-", ""))) {
			t.Errorf("thing %d has reference %s and IDs %v", i, ref, ids)
		}
	}
	sound(t, dir)
}

// TestKill: serve, and an organizer's command, are killed at random moments while people post and
// she publishes. Every receipt has its submission, once, and what she was told is public is public.
func TestKill(t *testing.T) {
	t.Parallel()
	if os.Getenv("POTLUCK_LONG") == "" {
		killing(t, 5, 400)
		return
	}
	from, to, _ := piece(1)
	for network := from; network <= min(to, 8); network++ {
		killing(t, 25, 1000)
	}
}

func killing(t *testing.T, rounds, longest int) {
	dir := newNet(t)
	var mu sync.Mutex
	receipts, public := map[string]bool{}, map[string]bool{}
	for round := range rounds {
		out, _ := program(t, "inbox", "-C", dir)
		r := start(t, "serve", "-C", dir)
		var wg sync.WaitGroup
		for client := range 4 {
			wg.Go(func() { postUntilDead(r, fmt.Sprintf("r%d c%d", round, client), &mu, receipts) })
		}
		until := time.Now().Add(time.Duration(20+rand.IntN(longest)) * time.Millisecond)
		wg.Go(func() { publishUntilDead(t, dir, out, until, public) })
		time.Sleep(time.Until(until))
		r.kill()
		wg.Wait()
		git(t, dir, "fsck", "--strict")
		noEmptyRef(t, dir)
	}
	must(t, "purge", "-C", dir) // the round completes a publish that was killed between main and the record
	items := inbox(t, dir)
	pages := git(t, dir, "ls-tree", "-r", "--name-only", "main")
	words := git(t, dir, "grep", "-h", "^title = ", "main", "--", "content") + "\n"
	for title := range receipts {
		if n := len(items[title]) + strings.Count(words, fmt.Sprintf("title = %q\n", title)); n != 1 {
			t.Errorf("%q was acknowledged and is there %d times", title, n)
		}
	}
	for id := range public {
		if !strings.Contains(pages, id+".md") {
			t.Errorf("%s was published, and is not on main", id)
		}
	}
	t.Logf("%d kills, %d receipts, %d submissions wait, %d published", rounds, len(receipts), len(items), len(public))
	if len(receipts) == 0 {
		t.Error("nothing was acknowledged, so nothing was shown")
	}
	must(t, "purge", "-C", dir)
	git(t, dir, "fsck", "--strict")
}

// publishUntilDead publishes one line of an inbox after the other; the last command is killed.
func publishUntilDead(t *testing.T, dir, out string, until time.Time, public map[string]bool) {
	for line := range strings.Lines(out) {
		id, _, ok := strings.Cut(line, " ")
		if !ok || len(id) != 10 {
			continue
		}
		cmd := exec.Command(os.Args[0], "inbox", "publish", "-C", dir, "-as", "June", id)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		if err := cmd.Start(); err != nil {
			t.Error(err)
			return
		}
		stop := time.AfterFunc(time.Until(until), func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		if err == nil {
			public[id] = true
		}
		if !stop.Stop() || err != nil {
			return
		}
	}
}

// noEmptyRef: git calls a branch whose file is empty broken.
func noEmptyRef(t *testing.T, dir string) {
	t.Helper()
	_ = filepath.WalkDir(filepath.Join(dir, ".git/refs"), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(p, ".lock") {
			if b, _ := os.ReadFile(p); len(b) != 41 {
				t.Errorf("%s holds %q", p, b)
			}
		}
		return nil
	})
}

func postUntilDead(r *running, name string, mu *sync.Mutex, receipts map[string]bool) {
	for i := 0; ; i++ {
		title := fmt.Sprintf("%s n%d", name, i)
		form, err := r.quietCheck(request(title))
		if err != nil {
			return
		}
		a, err := r.post("/forms/request/", form)
		if err != nil || a.status != 200 || !strings.Contains(a.body, "</html>") {
			return
		}
		if reference.FindString(a.body) != "" {
			mu.Lock()
			receipts[title] = true
			mu.Unlock()
		}
	}
}

// quietCheck is checkPage where the server may die at any moment.
func (r *running) quietCheck(values url.Values) (url.Values, error) {
	a, err := r.post("/forms/request/", values)
	if err != nil || a.status != 200 {
		return nil, fmt.Errorf("%d %v", a.status, err)
	}
	next := carried(a.body)
	next.Set("confirm", "yes")
	return next, nil
}

// commitWithRetry commits as a person does: when git says that the index is
// locked, that main moved, or that its own gc took a folder of objects away under
// it, she tries again.
func commitWithRetry(t *testing.T, dir, message string) {
	for range 200 {
		cmd := exec.Command("git", "-C", dir, "-c", "user.name=Git Person", "-c", "user.email=git@example.org", "commit", "-qm", message, "content/about.md")
		if out, err := cmd.CombinedOutput(); err == nil {
			return
		} else if !strings.Contains(string(out), "lock") && !strings.Contains(string(out), "unable to create temporary file") {
			t.Errorf("git commit: %s", out)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("git commit never got its turn")
}

// canaries, one in each field that is not public.
var canaries = map[string]string{
	"name": "Canaria Quill", "contact": "555-0123 ext 98765", "address": "9 Canary Court", "notes": "whistle-twice-at-the-gate",
}

// bird gives an answer to a private question that can be told from all other text, "" for a choice.
func bird(q intake.Question, kind string, n int) string {
	switch name := kind + "-" + q.Name; q.Type {
	case site.Text, site.List:
		return "canary " + name
	case site.LongText:
		return "canary " + name + " in a long text"
	case site.Email:
		return "canary." + name + "@example.org"
	case site.URL:
		return "https://canary.example.org/" + name
	case site.Phone, site.Phones:
		return fmt.Sprintf("555-01%02d ext 77%03d", n%100, n)
	case site.Number:
		return fmt.Sprint(7_300_100 + n)
	case site.Day:
		return fmt.Sprintf("2031-%02d-%02d", n%12+1, n%28+1)
	}
	return ""
}

// private are questions of every type, in both classes that are not public.
func private(kind string) (toml string) {
	for _, class := range []string{"organizers", "sealed"} {
		for _, of := range []string{"text", "longtext", "list", "email", "url", "phone", "phones", "number", "date"} {
			toml += fmt.Sprintf("[kind.%s.field.%s_%s]\nlabel = %q\ntype = %q\nclass = %q\nask = true\n", kind, class, of, class+" "+of, of, class)
		}
	}
	return toml
}

// TestCanary: what was written for organizers, in whatever field of whatever form, is in no file,
// git object, page, notice or line of output but sealed, on the desk only for those whom it is meant
// for, and there what is sealed to keepers only when one asked for it; and the search finds a leak
// that is planted.
func TestCanary(t *testing.T) {
	t.Parallel()
	dir, words, _ := deskNet(t)
	conf, told := filepath.Join(dir, "site.toml"), newHook(t)
	appendTo(t, conf, "\n"+private("request")+private("reply")+"\n[notices.webhook]\nstyle = \"ntfy\"\nurl = \""+told.URL+"\"\n")
	git(t, dir, "commit", "-qam", "questions of every type")
	cfg, problems := site.ParseConfig(readFile(t, conf))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r, birds, forms := start(t, "serve", "-C", dir, "-out", filepath.Join(dir, "public")), maps.Clone(canaries), 0
	june, robin := r.organizer("June", words["June"]), r.organizer("Robin", words["Robin"])
	sealed := maps.Clone(canaries)
	for _, k := range cfg.Kinds {
		if !k.Form {
			continue
		}
		v := request("A coat by " + k.Name)
		for n, q := range intake.Questions(cfg, k) {
			if word := bird(q, k.Name, 100*forms+n); q.Class != site.Public && q.Name != "contact_how" && q.Name != "contact" && word != "" {
				v.Set(q.Name, word)
				birds[k.Name+" "+q.Name] = word
				if q.Class == site.Sealed {
					sealed[k.Name+" "+q.Name] = word
				}
			} else if q.Required && v.Get(q.Name) == "" && len(q.Options) > 0 {
				v.Set(q.Name, q.Options[0])
			} else if q.Required && v.Get(q.Name) == "" {
				v.Set(q.Name, "Something")
			}
		}
		v.Set("contact", canaries["contact"])
		if k.Makes != site.APage {
			v.Set("_page", "/about/")
		}
		forms++
		bad := maps.Clone(v)
		bad.Set("categories", "no such thing")
		_, _ = r.post("/forms/"+k.Name+"/", bad) // a page of errors, where it minds
		ref, a, err := r.submit(k.Name, v)
		if err != nil || ref == "" {
			t.Errorf("%s: %v %d", k.Name, err, a.status)
			continue
		}
		must(t, "inbox", "-C", dir)
		asksAtDesk(t, june, robin, words, k.Name, ref, sealed)
		if k.Makes == site.APage {
			must(t, "inbox", "publish", "-C", dir, "-as", "June", ref)
		}
	}
	eventually(t, "it is published", func() bool { return strings.Contains(r.get("/requests/").body, "A coat by request") })
	eventually(t, "a notice is sent", func() bool { return told.sent() != "" })
	said := told.sent()
	for _, page := range []string{"/desk/", "/desk", "/mine/", "/search/?q=canary", "/index.json", "/requests/index.xml", "/no-such-page/"} {
		said += r.get(page).body
	}
	for _, o := range []*organizer{june, robin} {
		for _, page := range []string{"", "?q=canary", "people/", "audit/", "pages/", "reports/", "me/"} {
			said += o.get(page).body
		}
	}
	r.stop()
	if found := leaksOf(t, birds, dir, said+r.output()); len(found) > 0 {
		t.Errorf("private words in clear: %v", found)
	}
	if forms < 3 || len(birds) < 40 {
		t.Errorf("%d forms and %d canaries show little", forms, len(birds))
	}
	t.Logf("%d canaries in %d forms", len(birds), forms)
	for where, plant := range map[string]func(){
		"a file": func() { write(t, filepath.Join(dir, "var", "leak"), "x 9 Canary Court x") },
		"git": func() {
			appendTo(t, filepath.Join(dir, "content/about.md"), "canary request-sealed_text")
			git(t, dir, "commit", "-qam", "a leak")
			git(t, dir, "reset", "-q", "--hard", "HEAD~1")
		},
	} {
		before := len(leaksOf(t, birds, dir, ""))
		if plant(); len(leaksOf(t, birds, dir, "")) == before {
			t.Errorf("the search does not see a leak planted in %s", where)
		}
	}
}

// asksAtDesk: of one item, what is sealed to keepers is on no page of the desk until June, a keeper, asks
// for it with her passphrase, and then on that one answer; Robin, an organizer, never gets it.
func asksAtDesk(t *testing.T, june, robin *organizer, words map[string]string, kind, ref string, sealed map[string]string) {
	t.Helper()
	look := func(o *organizer) (all string) {
		for _, page := range []string{"", "item/" + ref + "/", "item/" + ref + "/edit/", "item/" + ref + "/match/"} {
			all += o.get(page).body
		}
		return html.UnescapeString(all)
	}
	hidden := func(what, text string) {
		for field, c := range sealed {
			if strings.Contains(text, c) {
				t.Errorf("%s of a %s has %s", what, kind, field)
			}
		}
	}
	before := look(june)
	hidden("June's desk", before)
	hidden("Robin's desk", look(robin)+robin.post("item/"+ref+"/contact/", "_passphrase", words["Robin"]).body)
	if kind == "request" && !strings.Contains(before, "canary request-organizers_text") {
		t.Errorf("she does not see what is for organizers:\n%s", before)
	}
	asked := html.UnescapeString(june.post("item/"+ref+"/contact/", "_passphrase", words["June"]).body)
	if strings.Contains(before, "/contact/") && !strings.Contains(asked, canaries["contact"]) || kind == "request" && !strings.Contains(asked, "canary request-sealed_text") {
		t.Errorf("asked for, a %s is not shown:\n%s", kind, asked)
	}
	hidden("June's desk, afterwards,", look(june))
}

// leaks searches every file, every git object and what was printed for canaries.
func leaks(t *testing.T, dir, output string) []string { return leaksOf(t, canaries, dir, output) }

func leaksOf(t *testing.T, birds map[string]string, dir, output string) []string {
	t.Helper()
	var found []string
	look := func(where, text string) {
		for field, c := range birds {
			if strings.Contains(text, c) {
				found = append(found, field+" in "+where)
			}
		}
	}
	look("output", output)
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		look(p, string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	look("git", git(t, dir, "cat-file", "--batch-all-objects", "--batch"))
	return found
}
