package main

import (
	"html"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"potluck/internal/site"
	"potluck/internal/vault"
)

// addKeeper enters a keeper with a key of her own, and gives its file.
func addKeeper(t *testing.T, dir, name string) (keyFile string) {
	t.Helper()
	keyFile = filepath.Join(t.TempDir(), name+".txt")
	recipient, err := vault.NewKeyFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(dir, "var"))
	if err == nil {
		err = v.Enter(site.Organizer{Name: name, Role: site.Keeper, Recipient: recipient})
	}
	if err != nil {
		t.Fatal(err)
	}
	return keyFile
}

// TestMessages: a reply to a listing, a concern for one keeper alone, and a sign-up that
// site.toml makes up. None is readable by who has the files, by another keeper where that is
// said, or on the site; each has a receipt, and ends.
func TestMessages(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	ana := addKeeper(t, dir, "Ana")
	appendTo(t, filepath.Join(dir, "site.toml"), `
[kind.concern]
readers = ["Ana"]
[kind.club]
form = true
makes = "message"
label = "Join the choir"
[kind.club.field.voice]
label = "Which voice?"
type = "choice"
options = ["high", "low"]
class = "organizers"
[kind.club.field.contact]
`)
	git(t, dir, "commit", "-qam", "forms of our own")
	r := start(t, "serve", "-C", dir)
	listing, _, err := r.submit("request", request("A ladder for a day"))
	if err != nil {
		t.Fatal(err)
	}
	out := must(t, "inbox", "publish", "-C", dir, "-as", "June", listing)
	page := strings.TrimSpace(out[strings.Index(out, "/requests/"):])
	eventually(t, "the listing is on the site", func() bool { return r.get(page).status == 200 })
	link := `href="/forms/reply/?page=` + strings.ToLower(url.QueryEscape(page)) + `"`
	if a := r.get(page); !strings.Contains(strings.ToLower(html.UnescapeString(a.body)), link) {
		t.Errorf("the listing has no %s", link)
	}
	form := r.get("/forms/reply/?page=" + url.QueryEscape(page))
	if form.status != 200 || !strings.Contains(form.body, "A ladder for a day") || !strings.Contains(form.body, `name="message"`) || strings.Contains(form.body, "group shown") {
		t.Errorf("the form of a reply: %d\n%s", form.status, form.body)
	}
	send := func(kind string, v url.Values) (ref, code, page string) {
		t.Helper()
		ref, a, err := r.submit(kind, v)
		if err != nil || ref == "" {
			t.Fatalf("%s: %v %d\n%s", kind, err, a.status, a.body)
		}
		return ref, codeForm.FindString(a.body), a.body
	}
	base := url.Values{"name": {canaries["name"]}, "contact_how": {"phone"}, "contact": {canaries["contact"]}, "message": {canaries["notes"]}}
	with := func(more ...string) url.Values {
		v := url.Values{}
		for k, x := range base {
			v[k] = x
		}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	reply, replyCode, receipt := send("reply", with("_page", page))
	if !strings.Contains(receipt, "both of you say yes") {
		t.Errorf("the receipt of a reply:\n%s", receipt)
	}
	concern, concernCode, _ := send("concern", with("_page", "/no/such/page/"))
	club, _, _ := send("club", url.Values{"voice": {"low"}, "contact": {canaries["contact"]}})
	list := ""
	eventually(t, "all are in git", func() bool {
		list = must(t, "inbox", "-C", dir)
		return strings.Count(list, "(sealed)") == 3
	})
	for _, kind := range []string{"reply", "concern", "club"} {
		if !strings.Contains(list, kind) {
			t.Errorf("the inbox does not name a %s:\n%s", kind, list)
		}
	}
	if found := leaks(t, dir, list+r.output()); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
	for _, line := range strings.Split(git(t, dir, "for-each-ref", "--format=%(refname)", "refs/potluck/inbox"), "\n") {
		if files := git(t, dir, "diff", "--name-only", "main", line); !strings.HasPrefix(files, "messages/") || strings.Contains(files, "content/") {
			t.Errorf("%s proposes %s", line, files)
		}
		if said := git(t, dir, "show", line); strings.Contains(said, "ladder") || strings.Contains(said, page) {
			t.Errorf("%s says what the message is about:\n%s", line, said)
		}
	}
	june := passphraseFile(dir)
	if out := must(t, "inbox", "show", "-C", dir, "-passphrase-file", june, reply); !strings.Contains(out, canaries["notes"]) || !strings.Contains(out, canaries["contact"]) || !strings.Contains(out, page) {
		t.Errorf("the keeper reads of the reply:\n%s", out)
	}
	if out := must(t, "inbox", "show", "-C", dir, "-passphrase-file", june, club); !strings.Contains(out, `voice = "low"`) {
		t.Errorf("the keeper reads of the sign-up:\n%s", out)
	}
	if out, ok := program(t, "inbox", "show", "-C", dir, "-passphrase-file", june, concern); ok || strings.Contains(out, canaries["notes"]) || !strings.Contains(out, "hint:") {
		t.Errorf("a keeper who is not named reads the concern:\n%s", out)
	}
	if out := must(t, "inbox", "show", "-C", dir, "-key", ana, concern); !strings.Contains(out, canaries["notes"]) || strings.Contains(out, "no/such") {
		t.Errorf("Ana reads of the concern:\n%s", out)
	}
	must(t, "inbox", "ask", "-C", dir, "-as", "Ana", "-question", "May I call you on Monday?", concern)
	shows(t, r.mine(concernCode, "answer", "answer", canaries["address"]), "May I call you on Monday?", canaries["address"])
	if out, _ := program(t, "inbox", "show", "-C", dir, "-passphrase-file", june, concern); strings.Contains(out, "Monday") || strings.Contains(out, canaries["address"]) {
		t.Errorf("what is asked and answered is read by a keeper who is not named:\n%s", out)
	}
	for _, op := range []string{"publish", "match"} {
		if out, ok := program(t, "inbox", op, "-C", dir, "-as", "June", reply); ok || !strings.Contains(out, "hint:") {
			t.Errorf("one can %s a message:\n%s", op, out)
		}
	}
	shows(t, r.mine(replyCode, ""), "It waits", "-name=\"_do\" value=\"correct\"", "-name=\"_do\" value=\"renew\"")
	must(t, "inbox", "close", "-C", dir, "-as", "June", reply)
	shows(t, r.mine(replyCode, ""), "We have dealt with it")
	must(t, "inbox", "reopen", "-C", dir, "-as", "June", reply)
	shows(t, r.mine(replyCode, "erase", "confirm", "yes"), "Everything private is erased")
	if refs := git(t, dir, "for-each-ref", "refs/potluck"); strings.Contains(refs, strings.ToLower(strings.ReplaceAll(reply, "-", ""))) {
		t.Errorf("a ref is left:\n%s", refs)
	}
	if main := git(t, dir, "ls-tree", "-r", "--name-only", "main"); strings.Contains(main, "messages/") {
		t.Errorf("a message is on main:\n%s", main)
	}
	sound(t, dir)
}

// TestConcernWithoutReader: a form that nobody could read the answers of is not offered.
func TestConcernWithoutReader(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	appendTo(t, filepath.Join(dir, "site.toml"), "\n[kind.concern]\nreaders = [\"Nobody\"]\n")
	r := start(t, "serve", "-C", dir)
	if a := r.get("/forms/concern/"); a.status != 503 || strings.Contains(a.body, `name="message"`) {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	if a := r.get("/forms/request/"); a.status != 200 {
		t.Errorf("the other forms: %d", a.status)
	}
}

// TestSuggestion: a neighbour changes the words of a page; an organizer puts them there, or
// is told that somebody else has changed the page since.
func TestSuggestion(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	file := filepath.Join(dir, "content", "resources", "pantry.md")
	before := "+++\n# checked by June\ntitle = \"Corner Pantry\"\nphones = [\"555-0101\", \"555-0102\"]\nhours = \"Mo 09:00-12:00\"\n+++\n\nCome in.\n\nBring a bag.\n"
	write(t, file, before)
	write(t, filepath.Join(dir, "content", "secret.md"), "+++\ntitle = \"Plans\"\ndraft = true\n+++\n\nNot for everyone.\n")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-qm", "pantry")
	r := start(t, "serve", "-C", dir)
	a := r.get("/resources/pantry/")
	if !strings.Contains(strings.ToLower(a.body), `href="/forms/suggestion/?page=%2fresources%2fpantry%2f"`) {
		t.Errorf("the page does not lead to the form:\n%s", a.body)
	}
	for _, gone := range []string{"?page=/nowhere/", "?page=/secret/", "?page=/../site.toml", "?page=%2F..%2F..%2Fetc%2Fpasswd", "?page=/%00/", "?page=/forms/", "?page=//evil.example/", "?page=" + strings.Repeat("a", 3000)} {
		if a := r.get("/forms/suggestion/" + gone); a.status != 404 || strings.Contains(a.body, "Not for everyone") || !strings.Contains(a.body, "<h1") {
			t.Errorf("%.40s: %d", gone, a.status)
		}
	}
	if a := r.get("/forms/suggestion/"); a.status != 200 || !strings.Contains(a.body, "Which page") || !strings.Contains(a.body, `action="/search/"`) {
		t.Errorf("of no page: %d\n%s", a.status, a.body)
	}
	a = r.get("/forms/suggestion/?page=/resources/pantry/")
	form := carried(a.body)
	for _, want := range []string{"Come in.\n\nBring a bag.", `value="Mo 09:00-12:00"`, "Corner Pantry", `name="reason"`, `name="address"`} {
		if !strings.Contains(html.UnescapeString(a.body), want) {
			t.Errorf("the form does not have %q:\n%s", want, a.body)
		}
	}
	for name, v := range map[string]string{"title": "Corner Pantry", "hours": "Mo 09:00-12:00", "body": "Come in.\r\n\r\nBring a bag.", "phones": "555-0101\r\n555-0102"} {
		form.Set(name, v)
	}
	if a, _ := r.post("/forms/suggestion/", form); a.status != 422 || !strings.Contains(a.body, "You have not changed anything yet") {
		t.Errorf("nothing is changed: %d\n%s", a.status, a.body)
	}
	suggest := func(body, hours string) string {
		t.Helper()
		form.Set("body", body)
		form.Set("hours", hours)
		form.Set("reason", "The door says so. "+canaries["notes"])
		form.Set("contact", canaries["contact"])
		check, err := r.post("/forms/suggestion/", form)
		if err != nil || check.status != 200 || strings.Contains(check.body, "555-0101</span>") {
			t.Fatalf("%v %d\n%s", err, check.status, check.body)
		}
		if !strings.Contains(check.body, `<del><bdi class="said">taken out: </bdi>`) || !strings.Contains(check.body, `<ins><bdi class="said">added: </bdi>`) {
			t.Errorf("she does not see what she would change:\n%s", check.body)
		}
		next := carried(check.body)
		next.Set("confirm", "yes")
		a, _ := r.post("/forms/suggestion/", next)
		ref := reference.FindString(a.body)
		if a.status != 200 || ref == "" {
			t.Fatalf("%d\n%s", a.status, a.body)
		}
		eventually(t, "it is in git", func() bool {
			return strings.Contains(git(t, dir, "for-each-ref", "refs/potluck/inbox"), strings.ToLower(strings.ReplaceAll(ref, "-", "")))
		})
		return ref
	}
	first := suggest("Come in.\r\n\r\nBring two bags.", "Mo 09:00-13:00")
	second := suggest("Come in.\r\n\r\nBring a box.", "Mo 09:00-12:00")
	if found := leaks(t, dir, r.output()); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
	if b, _ := os.ReadFile(file); string(b) != before {
		t.Error("the page changed before anybody decided")
	}
	if out := must(t, "inbox", "show", "-C", dir, "-passphrase-file", passphraseFile(dir), first); !strings.Contains(out, "{+two+} [-bag-]{+bags+}.") || !strings.Contains(out, "hours:\n[-Mo 09:00-12:00-]{+Mo 09:00-13:00+}") || !strings.Contains(out, canaries["notes"]) {
		t.Errorf("inbox show:\n%s", out)
	}
	must(t, "inbox", "publish", "-C", dir, "-as", "June", first)
	want := strings.NewReplacer("a bag", "two bags", "12:00", "13:00").Replace(before)
	if b, _ := os.ReadFile(file); string(b) != want {
		t.Errorf("the page is\n%s", b)
	}
	if who := git(t, dir, "log", "-1", "--format=%an", "main"); who != "June" {
		t.Errorf("git log names %q", who)
	}
	eventually(t, "the site shows it", func() bool { return strings.Contains(r.get("/resources/pantry/").body, "two bags") })
	if out, ok := program(t, "inbox", "publish", "-C", dir, "-as", "June", second); ok || !strings.Contains(out, "has changed since") || !strings.Contains(out, "hint:") {
		t.Errorf("an old suggestion is put over newer words:\n%s", out)
	}
	must(t, "inbox", "decline", "-C", dir, "-as", "June", "-reason", "duplicate", second)
	if out := must(t, "inbox", "-C", dir); !strings.Contains(out, "nothing waits") {
		t.Errorf("still there:\n%s", out)
	}
	sound(t, dir)
}
