package main

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"potluck/internal/intake"
)

var codeForm = regexp.MustCompile(`\b([0-9A-Z]{5}-){3}[0-9A-Z]{5}\b`)

// mine posts to the page of a code.
func (r *running) mine(code, do string, more ...string) answer {
	r.t.Helper()
	v := url.Values{"_code": {code}}
	if do != "" {
		v.Set("_do", do)
	}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	a, err := r.post("/mine/", v)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// shows fails unless an answer is 200 and has the texts; one with a "-" before it must not
// be there.
func shows(t *testing.T, a answer, texts ...string) {
	t.Helper()
	body := html.UnescapeString(a.body)
	if a.status != http.StatusOK {
		t.Fatalf("%d\n%s", a.status, body)
	}
	if a.header.Get("Cache-Control") != "no-store" || !strings.Contains(body, "</html>") {
		t.Errorf("may be kept, or is no page: %v", a.header)
	}
	for _, text := range texts {
		if not, ok := strings.CutPrefix(text, "-"); strings.Contains(body, not) == ok {
			t.Errorf("%q: %v\n%s", not, ok, regexp.MustCompile(`(?s)<main.*</main>`).FindString(body))
		}
	}
}

// TestMine goes the whole way of a neighbour who comes back with her code: by the real
// program, its theme, git and keys.
func TestMine(t *testing.T) {
	dir := newNet(t)
	r := start(t, "serve", "-C", dir, "-out", filepath.Join(dir, "public"))
	v := request("A winter coat")
	maps.Copy(v, url.Values{"contact_how": {"code"}, "contact": {""}})
	for k, c := range canaries {
		v.Set(k, c)
	}
	ref, a, err := r.submit("request", v)
	if err != nil || ref == "" {
		t.Fatal(err)
	}
	code := codeForm.FindString(a.body)
	if !strings.Contains(a.body, `href="/mine/"`) {
		t.Error("the receipt does not lead to the page of the code")
	}
	shows(t, r.get("/mine/"), `name="_code"`, "-"+ref)
	shows(t, r.get("/mine/?_code="+code+"&_do=erase&confirm=yes"), `name="_code"`, "-"+ref) // nothing acts on GET

	shows(t, r.mine(strings.ToLower(strings.ReplaceAll(code, "-", " ")), ""), "It waits.", ref, "A winter coat", "Erase everything", "-Canaria")
	shows(t, r.mine(strings.NewReplacer("0", "o", "1", "l", "-", "").Replace(code), ""), "It waits.")
	for range 2 {
		must(t, "inbox", "release", "-C", dir, "-as", "June", ref) // the test was too fast for a person
		must(t, "inbox", "hold", "-C", dir, "-as", "June", ref)
	}
	shows(t, r.mine(code, ""), "It waits.", "-held", "-spam")
	must(t, "inbox", "release", "-C", dir, "-as", "June", ref)

	must(t, "inbox", "ask", "-C", dir, "-as", "June", "-question", "Which size? 42-question", ref)
	shows(t, r.mine(code, ""), "We have a question for you.", "Which size? 42-question", `name="answer"`)
	for range 2 { // sent twice
		shows(t, r.mine(code, "answer", "answer", "Size L, answer-tiger"), "It waits.", "answer-tiger")
	}
	if out := must(t, "inbox", "show", "-C", dir, "-passphrase-file", passphraseFile(dir), ref); !strings.Contains(out, "Asked: Which size? 42-question\nAnswered: Size L, answer-tiger") {
		t.Errorf("the keeper reads:\n%s", out)
	}

	shows(t, r.mine(code, "private"), "Canaria Quill", "9 Canary Court")
	shows(t, r.mine(code, "correct"), `value="A winter coat"`, `value="Canaria Quill"`, "Send the change")
	v.Set("title", "A warm coat, size L")
	v.Set("_code", code)
	v.Set("_do", "correct")
	v.Set("_words", "yes")
	v.Del("areas")
	if a, _ := r.post("/mine/", v); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "A warm coat, size L") {
		t.Errorf("a fault: %d", a.status)
	}
	v.Set("areas", "harbor")
	v.Set("body", "Call 555-0177 for it.")
	a, _ = r.post("/mine/", v)
	shows(t, a, "Is this meant for everyone?", "555-0177", "Lock these words", `name="confirm"`, "-you get a receipt", "-We have your new words.")
	v.Set("body", "It would help a lot.")
	correct := func() {
		t.Helper()
		a, err := r.post("/mine/", v)
		if err != nil {
			t.Fatal(err)
		}
		shows(t, a, "We have your new words.", v.Get("title"))
	}
	correct()
	correct()
	if items := inbox(t, dir); len(items["A warm coat, size L"]) != 1 || len(items) != 1 {
		t.Errorf("the inbox has %v", items)
	}

	for lang, text := range map[string]string{"es": "Está en espera.", "ar": "ينتظر."} {
		if a, err := r.post("/mine/"+lang+"/", url.Values{"_code": {code}}); err != nil || !strings.Contains(a.body, text) {
			t.Errorf("%s: %v\n%s", lang, err, a.body)
		}
	}

	out := must(t, "inbox", "publish", "-C", dir, "-as", "June", ref)
	page := regexp.MustCompile(`/requests/\S+`).FindString(out)
	eventually(t, "it is on the site", func() bool { return r.get(page).status == 200 })
	shows(t, r.mine(code, ""), "It is on the site.", page, "It is done", "-Keep it on the site", "-A winter coat")

	v.Set("title", "A warm coat and boots")
	correct()
	shows(t, r.mine(code, ""), "You changed the words.")
	if out := must(t, "inbox", "-C", dir); !strings.Contains(out, "changed  request") {
		t.Errorf("the inbox: %s", out)
	}
	if strings.Contains(r.get(page).body, "boots") {
		t.Error("a correction is public before anybody read it")
	}
	must(t, "inbox", "match", "-C", dir, "-as", "June", ref)
	must(t, "inbox", "publish", "-C", dir, "-as", "June", ref)
	eventually(t, "the correction is shown", func() bool {
		b := r.get(page).body
		return strings.Contains(b, "boots") && strings.Contains(b, "Someone is arranging this now")
	})
	shows(t, r.mine(code, ""), "Someone is arranging this now.", "-You changed")
	v.Set("title", "Buy my watches")
	correct()
	must(t, "inbox", "decline", "-C", dir, "-as", "June", ref)
	shows(t, r.mine(code, ""), "Someone is arranging this now.", "-You changed", "-watches")

	for range 2 {
		shows(t, r.mine(code, "done"), "It is over.", "It is done.", "deleted on")
	}
	eventually(t, "it has left the list", func() bool { return !strings.Contains(r.get("/requests/").body, "boots") })
	must(t, "inbox", "reopen", "-C", dir, "-as", "June", ref)
	must(t, "inbox", "close", "-C", dir, "-as", "June", "-reason", "referred", ref)
	shows(t, r.mine(code, ""), "We passed it on")
	log := git(t, dir, "log", "--format=%an: %s", "main")
	for _, want := range []string{"potluck: close request", "June: change request", "June: match request", "June: reopen request"} {
		if !strings.Contains(log, want) {
			t.Errorf("main has no %q:\n%s", want, log)
		}
	}

	shows(t, r.mine(code, "erase"), "Erase everything?", "stay in the history", `name="confirm"`)
	shows(t, r.mine(code, ""), "It is over.")
	for range 2 {
		shows(t, r.mine(code, "erase", "confirm", "yes"), "It is deleted.", "-boots")
	}
	eventually(t, "the page is gone", func() bool { return r.get(page).status == 404 })
	if left, _ := filepath.Glob(filepath.Join(dir, "var/vault/*.age")); len(left) > 0 {
		t.Errorf("left in the vault: %v", left)
	}
	if refs := git(t, dir, "for-each-ref", "refs/potluck"); refs != "" {
		t.Errorf("refs: %s", refs)
	}
	r.stop()
	said := r.output()
	if strings.Contains(said, code) || strings.Contains(said, strings.ReplaceAll(code, "-", "")) || strings.Contains(said, "potluck: error") {
		t.Errorf("it printed:\n%s", said)
	}
	if found := leaks(t, dir, said); len(found) > 0 {
		t.Errorf("private words in clear: %v", found)
	}
	objects := git(t, dir, "cat-file", "--batch-all-objects", "--batch")
	for _, text := range []string{"42-question", "answer-tiger", "A winter coat", "watches", strings.ReplaceAll(code, "-", "")} {
		if strings.Contains(objects, text) {
			t.Errorf("git has %q", text)
		}
	}
	sound(t, dir)
}

// TestEraseLeavesNothing: of what was never published no byte is in a file or an object,
// also after git gc; and the same post sent again does not bring it back.
func TestEraseLeavesNothing(t *testing.T) {
	dir := newNet(t)
	r := start(t, "serve", "-C", dir)
	form, err := r.checkPage("request", request("A quokka blanket"))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	a, err := r.post("/forms/request/", form)
	if err != nil {
		t.Fatal(err)
	}
	code, id := codeForm.FindString(a.body), ""
	eventually(t, "it is in git", func() bool {
		if ids := inbox(t, dir)["A quokka blanket"]; len(ids) == 1 {
			id = ids[0]
		}
		return id != "" && strings.Contains(git(t, dir, "for-each-ref", "refs/potluck"), id)
	})
	git(t, dir, "gc", "-q")
	shows(t, r.mine(code, "erase"), "nothing of it is left")
	shows(t, r.mine(code, "erase", "confirm", "yes"), "It is deleted.", "Everything private is erased.")
	if a, err = r.post("/forms/request/", form); err != nil || a.status != 200 || codeForm.MatchString(a.body) || !strings.Contains(a.body, "A quokka blanket") {
		t.Errorf("the same post again: %d %v\n%s", a.status, err, a.body)
	}
	shows(t, r.mine(code, ""), "It is deleted.", "-Erase everything")
	r.stop()
	objects := git(t, dir, "cat-file", "--batch-all-objects", "--batch")
	if strings.Contains(objects, "quokka") || strings.Contains(objects, id) {
		t.Error("git still has it")
	}
	err = filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, _ := os.ReadFile(p)
			if strings.Contains(string(b), "quokka") || strings.Contains(p, id) && !strings.HasSuffix(p, ".gone") {
				t.Errorf("%s is left", p)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, dir)
}

// TestPurgeLeavesNothing: when its time has passed, of what was never published no byte is in a
// file or an object, and of what was published no private one, also where git gc had packed all.
func TestPurgeLeavesNothing(t *testing.T) {
	t.Parallel()
	n, _ := openBench(t)
	o, err := intakeOptions(n)
	if err != nil {
		t.Fatal(err)
	}
	later, ctx := time.Duration(0), t.Context()
	o.Now = func() time.Time { return time.Now().Add(later) }
	svc := intake.New(o)
	post := func(title string) *intake.Receipt {
		t.Helper()
		v := request(title)
		for name, c := range canaries {
			v.Set(name, c)
		}
		d, faults := svc.Check(n.cfg().Kind("request"), v)
		r, err := svc.Submit(d, svc.Ticket("", svc.Now().Add(-time.Minute)), false)
		if len(faults) > 0 || err != nil {
			t.Fatal(faults, err)
		}
		return r
	}
	declined, public, unread := post("A quokka blanket"), post("A numbat lamp"), post("A dugong chair")
	if err := svc.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	for _, d := range []intake.Decision{
		{Do: "ask", ID: declined.ID, Words: "Which bilby?", By: june}, {Do: "decline", ID: declined.ID, Reason: "spam", By: june},
		{Do: "publish", ID: public.ID, By: june}, {Do: "close", ID: public.ID, Reason: "fulfilled", By: june},
	} {
		if _, err := svc.Decide(ctx, d); err != nil {
			t.Fatal(d.Do, err)
		}
		git(t, n.dir, "gc", "-q")
	}
	round := func(days int) {
		t.Helper()
		later = time.Duration(days) * 24 * time.Hour
		if _, err := svc.Round(ctx, true); err != nil {
			t.Fatal(err)
		}
	}
	left := func(words ...string) (found []string) {
		for name, src := range everything(t, n.dir) {
			if strings.HasSuffix(name, ".gone") || name == "var/audit.log" { // they say by its ID that it was deleted
				continue
			}
			for _, w := range words {
				if strings.Contains(name+string(src), w) {
					found = append(found, w+" in "+name)
				}
			}
		}
		return found
	}
	if round(29); len(left("quokka")) == 0 || len(left(public.ID+".age")) == 0 {
		t.Error("deleted before its day")
	}
	round(32)
	if found := left("quokka", "bilby", declined.ID, public.ID+".age", public.ID+".org.age"); len(found) > 0 {
		t.Errorf("after 32 days: %v", found)
	}
	if len(left("dugong")) == 0 || len(left("numbat")) == 0 {
		t.Error("too much is deleted")
	}
	round(60) // nobody read it: closed on the 51st day
	round(100)
	if found := left("dugong", unread.ID); len(found) > 0 {
		t.Errorf("after 100 days: %v", found)
	}
	if refs := git(t, n.dir, "for-each-ref", "refs/potluck"); refs != "" {
		t.Errorf("refs: %s", refs)
	}
	if it, err := svc.Mine(ctx, declined.Code); err != nil || it.State != intake.Purged || len(leaks(t, n.dir, "")) > 0 {
		t.Errorf("%v %v, in clear: %v", it, err, leaks(t, n.dir, ""))
	}
	sound(t, n.dir)
}

// TestLifeInGit: the record of an item, and main, as git shows them.
func TestLifeInGit(t *testing.T) {
	n, svc := openBench(t)
	ctx, june := t.Context(), intake.Person{Name: "June"}
	r := submitTo(t, n, svc, "A kettle")
	if it, err := svc.Mine(ctx, r.Code); err != nil || it.State != intake.Waiting { // still in the spool
		t.Fatal(it, err)
	}
	if _, err := svc.Publish(ctx, r.ID, june); err != nil {
		t.Fatal(err)
	}
	it, err := svc.Withdraw(ctx, r.Code)
	if err != nil || it.State != intake.Closed {
		t.Fatal(err)
	}
	got := git(t, n.dir, "log", "--format=%an|%s|%(trailers:key=State,valueonly,separator=%x2C)|%(trailers:key=Reason,valueonly,separator=%x2C)", "refs/potluck/done/"+r.ID)
	want := "potluck|withdraw request " + r.ID + "|closed|withdrawn\nJune|publish request " + r.ID + "|open|\npotluck|intake: a request waits (" + r.ID + ")|waiting|\n"
	if !strings.HasPrefix(got+"\n", want) {
		t.Errorf("the record:\n%s\nnot\n%s", got, want)
	}
	if main := git(t, n.dir, "show", "main:"+it.Path); !strings.Contains(main, `state = "closed"`) {
		t.Errorf("main says:\n%s", main)
	}
	sound(t, n.dir)
}

// TestEraseBesideEdits: while an organizer has unsaved edits in the page, what is private
// goes at once, her edits stay, and the round takes the page away when they are saved.
func TestEraseBesideEdits(t *testing.T) {
	dir := newNet(t)
	r := start(t, "serve", "-C", dir)
	ref, a, err := r.submit("request", request("A pram"))
	if err != nil {
		t.Fatal(err)
	}
	code := codeForm.FindString(a.body)
	page := filepath.Join(dir, "content", strings.Trim(regexp.MustCompile(`requests/\S+`).FindString(must(t, "inbox", "publish", "-C", dir, "-as", "June", ref)), "/")+".md")
	appendTo(t, page, "\nNot saved yet.\n")
	for range 2 {
		shows(t, r.mine(code, "erase", "confirm", "yes"), "The page leaves the site within a day.")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "var/vault/*.age")); len(left) > 0 {
		t.Errorf("left in the vault: %v", left)
	}
	if b, _ := os.ReadFile(page); !strings.Contains(string(b), "Not saved yet.") {
		t.Error("the organizer's edit is gone")
	}
	git(t, dir, "commit", "-qam", "an edit")
	must(t, "purge", "-C", dir)
	shows(t, r.mine(code, ""), "It is deleted.")
	if exists(page) || git(t, dir, "for-each-ref", "refs/potluck") != "" {
		t.Error("the round did not finish it")
	}
	sound(t, dir)
}

// TestEraseBesidePeople erases while git packs and an organizer commits. What git made
// impossible for the moment, the round finishes; nothing else is lost.
func TestEraseBesidePeople(t *testing.T) {
	n, svc := openBench(t)
	ctx := t.Context()
	var receipts []*intake.Receipt
	for i := range 12 {
		receipts = append(receipts, submitTo(t, n, svc, fmt.Sprint("Quokka ", i)))
	}
	if err := svc.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	about := n.path("content", "about.md")
	write(t, about, "+++\ntitle = \"About\"\n+++\n")
	git(t, n.dir, "add", "content/about.md")
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 4 {
			_ = exec.Command("git", "-C", n.dir, "gc", "-q").Run()
		}
	})
	wg.Go(func() {
		for i := range 10 {
			appendTo(t, about, fmt.Sprintf("\nLine %d.\n", i))
			commitWithRetry(t, n.dir, fmt.Sprintf("organizer %d", i))
		}
	})
	late := 0
	for _, r := range receipts[:10] {
		if _, err := svc.Erase(ctx, r.Code); err != nil {
			late++
		}
	}
	wg.Wait()
	if _, err := svc.Round(ctx, false); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of 10 were finished by the round", late)
	objects := git(t, n.dir, "cat-file", "--batch-all-objects", "--batch")
	for i := range receipts {
		if strings.Contains(objects, fmt.Sprintf("%q", fmt.Sprint("Quokka ", i))) != (i >= 10) {
			t.Errorf("Quokka %d: %v", i, i < 10)
		}
	}
	if log := git(t, n.dir, "log", "--format=%s", "main"); strings.Count(log, "organizer") != 10 {
		t.Errorf("the organizer's commits:\n%s", log)
	}
	sound(t, n.dir)
}
