package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html"
	"image"
	"image/jpeg"
	"maps"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"potluck/internal/intake"
)

const sharedPage = "content/resources/mill.md"

// pageNet makes a small network with one page, checked out or bare.
func pageNet(t *testing.T, bare bool) (dir string, svc *intake.Service) {
	t.Helper()
	work := newNet(t)
	dir = filepath.Dir(work)
	git(t, work, "config", "user.name", "June")
	git(t, work, "config", "user.email", "june@june.example")
	write(t, filepath.Join(work, sharedPage), "+++\ntitle = \"Old Mill\"\nphones = [\"555-0100\"]\n+++\n\nTop.\n\nBread on Tuesdays.\n\nBottom.\n")
	git(t, work, "add", "-A")
	git(t, work, "commit", "-qm", "a page")
	if bare {
		git(t, dir, "clone", "-q", "--bare", work, "net.git")
		work = filepath.Join(dir, "net.git")
	}
	n, err := openAt(work, "")
	if err != nil {
		t.Fatal(err)
	}
	if svc, err = openIntake(n); err != nil {
		t.Fatal(err)
	}
	return work, svc
}

// onePage is one run of organizers who edit the same page at the same time. Each change
// brings a word of its own; what becomes of each word is known.
type onePage struct {
	t       *testing.T
	r       *rand.Rand
	dir     string
	bare    bool
	svc     *intake.Service
	open    map[string]*intake.Edit // what each has on her screen
	saved   map[string]bool         // words that somebody was told are saved
	dropped map[string]bool         // words that somebody left out knowingly
	clashes int
	count   int
}

var wordForm = regexp.MustCompile(`\bword[0-9]+\b`)

func (g *onePage) word() string { g.count++; return fmt.Sprintf("word%d", g.count) }

// step is one act of one of them.
func (g *onePage) step(who string) {
	switch e := g.open[who]; {
	case g.r.IntN(4) == 0:
		g.byGit()
	case e == nil:
		sh, err := g.svc.Sheet(sharedPage)
		if err != nil {
			g.t.Fatal(err)
		}
		g.open[who] = &intake.Edit{Path: sharedPage, Base: sh.Base, Data: g.written(sh.Source)}
	default:
		g.save(who, *e)
		delete(g.open, who)
	}
}

// written is a page with a new word somewhere.
func (g *onePage) written(page []byte) []byte {
	word := g.word()
	old := []string{"Top.", "Bread", "Bottom.", "title = \"", "phones = ["}[g.r.IntN(5)]
	now := map[string]string{"title = \"": old + word + " ", "phones = [": old + "\"555-0101 " + word + "\", "}[old]
	return []byte(strings.Replace(string(page), old, cmp.Or(now, old+" "+word), 1))
}

// save puts an edit on main. She whose page is no longer as she saw it is told, has all
// three versions, and decides.
func (g *onePage) save(who string, e intake.Edit) {
	g.t.Helper()
	_, err := g.svc.Save(g.t.Context(), e, intake.Person{Name: who})
	for clash := (*intake.Clash)(nil); errors.As(err, &clash); {
		if string(clash.Mine) != string(e.Data) || clash.Theirs == nil || clash.Last.Who == "" || clash.Last.Who == who && len(g.open) == 1 {
			g.t.Fatalf("%s is told %+v", who, clash)
		}
		g.clashes++
		keep := []intake.Keep{intake.KeepMine, intake.KeepTheirs, intake.KeepBoth, intake.KeepBoth}[g.r.IntN(4)]
		settled, _ := clash.Settle(g.svc.Config(), keep, e)
		if keep == intake.KeepTheirs {
			return
		}
		for _, w := range wordForm.FindAllString(string(clash.Theirs), -1) {
			if !strings.Contains(string(settled.Data), w) {
				g.dropped[w] = true
			}
		}
		if keep == intake.KeepBoth {
			g.holds(settled.Data, clash.Mine, clash.Base, clash.Theirs)
		}
		e = settled
		clash = nil
		_, err = g.svc.Save(g.t.Context(), e, intake.Person{Name: who})
	}
	if err != nil {
		g.t.Fatal(err)
	}
	for _, w := range wordForm.FindAllString(string(e.Data), -1) {
		g.saved[w] = true
	}
}

// holds that both versions' new words of the text stand, and mine of the fields.
func (g *onePage) holds(both, mine, base, theirs []byte) {
	for _, w := range wordForm.FindAllString(string(mine)+string(theirs), -1) {
		inTitle := regexp.MustCompile(`title = .*\b` + w + `\b`).Match(theirs)
		if !strings.Contains(string(both), w) && !strings.Contains(string(base), w) && !inTitle {
			g.t.Fatalf("keeping both lost %s\n%s\nmine\n%s\ntheirs\n%s", w, both, mine, theirs)
		}
	}
}

// byGit is an organizer who knows git: she pushes to a bare repository, or commits where
// main is checked out; while her edit is not committed, nobody writes over it.
func (g *onePage) byGit() {
	g.t.Helper()
	clone := g.dir
	if g.bare {
		clone = filepath.Join(g.t.TempDir(), "clone")
		git(g.t, filepath.Dir(clone), "clone", "-q", g.dir, clone)
	}
	file := filepath.Join(clone, sharedPage)
	page, err := os.ReadFile(file)
	if err != nil {
		g.t.Fatal(err)
	}
	page = g.written(page)
	write(g.t, file, string(page))
	if !g.bare {
		sh, err := g.svc.Sheet(sharedPage)
		if err != nil {
			g.t.Fatal(err)
		}
		_, err = g.svc.Save(g.t.Context(), intake.Edit{Path: sharedPage, Base: sh.Base, Data: g.written(sh.Source)}, intake.Person{Name: "Sam"})
		if !errors.Is(err, intake.ErrUnsaved) {
			g.t.Fatalf("an unsaved edit is in the way: %v", err)
		}
	}
	git(g.t, clone, "commit", "-qam", "by git")
	if g.bare {
		git(g.t, clone, "push", "-q", "origin", "main")
	}
	for _, w := range wordForm.FindAllString(string(page), -1) {
		g.saved[w] = true
	}
}

// TestTwoOnOnePage: whatever two organizers and a push do to one page, in whatever order,
// no saved word goes but by somebody's decision, and each is told.
func TestTwoOnOnePage(t *testing.T) {
	t.Parallel()
	runs, clashes := 2, 0
	if os.Getenv("POTLUCK_LONG") != "" {
		runs = 500
	}
	for i := range runs {
		g := &onePage{t: t, r: rand.New(rand.NewPCG(uint64(i), 7)), bare: i%2 == 0, open: map[string]*intake.Edit{}, saved: map[string]bool{}, dropped: map[string]bool{}}
		g.dir, g.svc = pageNet(t, g.bare)
		for range 14 {
			g.step([]string{"June", "Sam"}[g.r.IntN(2)])
		}
		sh, err := g.svc.Sheet(sharedPage)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range slices.Sorted(maps.Keys(g.saved)) {
			if !strings.Contains(string(sh.Source), w) && !g.dropped[w] {
				t.Fatalf("run %d: %s is lost\n%s\n%s", i, w, sh.Source, git(t, g.dir, "log", "-p", "--", sharedPage))
			}
		}
		history := git(t, g.dir, "log", "-p", "main", "--", sharedPage)
		for w := range g.saved {
			if !strings.Contains(history, w) {
				t.Fatalf("run %d: the history does not have %s", i, w)
			}
		}
		if !g.bare {
			sound(t, g.dir)
		}
		clashes += g.clashes
	}
	if clashes < runs {
		t.Errorf("only %d clashes in %d runs: this shows little", clashes, runs)
	}
	t.Logf("%d runs, %d clashes", runs, clashes)
}

// atDesk is a browser of an organizer who is signed in.
type atDesk struct {
	*running
	client *http.Client
}

func (r *running) signIn(t *testing.T, dir string) *atDesk {
	t.Helper()
	six, err := os.ReadFile(passphraseFile(dir))
	jar, err2 := cookiejar.New(nil)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	d := &atDesk{r, &http.Client{Jar: jar}}
	if a := d.post("sign-in/", url.Values{"_name": {"June"}, "_passphrase": {string(six)}}); !strings.Contains(a.body, "You are signed in as") {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	return d
}

func (d *atDesk) do(r *http.Request) answer {
	d.t.Helper()
	resp, err := d.client.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	return read(resp)
}

func (d *atDesk) get(path string) answer {
	r, err := http.NewRequest("GET", d.url+"desk/"+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.do(r)
}

// post sends a form as a browser does, with files where there are any.
func (d *atDesk) post(path string, form url.Values, files ...string) answer {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, s := range values {
			_ = w.WriteField(name, s)
		}
	}
	for i := 0; i+1 < len(files); i += 2 {
		part, _ := w.CreateFormFile(files[i], "photo.jpg")
		_, _ = part.Write([]byte(files[i+1]))
	}
	w.Close()
	r, err := http.NewRequest("POST", d.url+"desk/"+path, &body)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	return d.do(r)
}

var (
	anyAttr   = regexp.MustCompile(`(\w+)(?:="([^"]*)")?`)
	areaTag   = regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]*)"[^>]*>\n?(.*?)</textarea>`)
	selectTag = regexp.MustCompile(`(?s)<select[^>]* name="([^"]*)".*?</select>`)
	optionTag = regexp.MustCompile(`<option value="([^"]*)" selected>`)
)

// filled is what a browser would post from a page: everything that stands in its forms.
func filled(page string) url.Values {
	_, page, _ = strings.Cut(page, `id="page-form"`)
	page, _, _ = strings.Cut(page, "</form>")
	v := url.Values{}
	for _, tag := range inputTag.FindAllString(page, -1) {
		a := map[string]string{}
		for _, m := range anyAttr.FindAllStringSubmatch(strings.TrimPrefix(tag, "<input"), -1) {
			a[m[1]] = html.UnescapeString(m[2])
		}
		_, checked := a["checked"]
		if box := a["type"] == "checkbox" || a["type"] == "radio"; a["type"] != "file" && (!box || checked) {
			v.Add(a["name"], a["value"])
		}
	}
	for _, m := range areaTag.FindAllStringSubmatch(page, -1) {
		v.Add(m[1], strings.ReplaceAll(html.UnescapeString(m[2]), "\n", "\r\n"))
	}
	for _, m := range selectTag.FindAllStringSubmatch(page, -1) {
		if o := optionTag.FindStringSubmatch(m[0]); o != nil {
			v.Add(m[1], html.UnescapeString(o[1]))
		}
	}
	return v
}

// TestDeskPages: what is done at the desk is what the command line does: the same acts give
// the same files and messages; and nothing that was typed is lost when it cannot be saved.
func TestDeskPages(t *testing.T) {
	t.Parallel()
	desk, line := newNet(t), newNet(t)
	const page = "+++\ntitle = \"Old Mill\"\n# ask for Ana\nphones = [\"555-0101\"]\nassured_date = 2026-01-02\n+++\n\nBread on Tuesdays.\n"
	for _, dir := range []string{desk, line} {
		write(t, filepath.Join(dir, sharedPage), page)
		git(t, dir, "add", "-A")
		git(t, dir, "commit", "-qm", "a page")
	}
	r := start(t, "serve", "-C", desk)
	d := r.signIn(t, desk)

	// a corrected number
	form := filled(d.get("edit/resources/mill").body)
	if form.Get("phones") != "555-0101" || form.Get("body") != "Bread on Tuesdays.\r\n" || form.Get("_base") == "" {
		t.Fatalf("the form has %v", form)
	}
	form.Set("phones", "555-0102\r\n555-0103")
	form.Set("_why", "new numbers")
	form.Set("_do", "preview")
	a := d.post("edit/resources/mill", form)
	if a.status != 200 || !strings.Contains(a.body, "This is how it will look") || !strings.Contains(a.body, `href="tel:5550103"`) {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	form = filled(a.body)
	form.Set("_do", "save")
	if a := d.post("edit/resources/mill", form); !strings.Contains(a.body, "Saved: Old Mill") {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	edited := strings.Replace(page, `["555-0101"]`, `["555-0102", "555-0103"]`, 1)
	file := filepath.Join(t.TempDir(), "page.md")
	write(t, file, edited)
	must(t, "page", "edit", "-C", line, "-as", "June", "-file", file, "-why", "new numbers", "resources/mill")

	// a new event with a picture, whose place nobody needs to know
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 2000, 10)), nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("\xff\xd8\xff\xe1\x00\x14Exif\x00\x00CANARYPLACE\x00"), photo.Bytes()[2:]...)
	form = filled(d.get("new/?kind=event").body)
	form.Set("title", "Soup for all")
	form.Set("start", "2026-12-06 12:00")
	form.Set("date", "2026-11-25")
	form.Set("body", "Bring a bowl.")
	form.Set("_words", "a pot [of] soup")
	form.Set("_do", "preview")
	a = d.post("new/", form, "_picture", string(exif))
	if a.status != 200 || !strings.Contains(a.body, `src="data:image/jpeg;base64,`) || !strings.Contains(a.body, "![a pot (of) soup](soup-for-all-") {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	form = filled(a.body)
	form.Set("_do", "save")
	if a = d.post("new/", form); !strings.Contains(a.body, "Saved: Soup for all") {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	eventually(t, "the picture is on the site", func() bool { return strings.Contains(r.get("/events/soup-for-all/").body, "<img") })
	pictures, _ := filepath.Glob(filepath.Join(desk, "content/events/soup-for-all-*.jpg"))
	if len(pictures) != 1 {
		t.Fatalf("pictures: %v", pictures)
	}
	made, err := os.ReadFile(pictures[0])
	if err != nil || bytes.Contains(made, []byte("CANARY")) || bytes.Contains(made, []byte("Exif")) {
		t.Errorf("the picture says where it was taken: %v", err)
	}
	if c, _, err := image.DecodeConfig(bytes.NewReader(made)); err != nil || c.Width != 1600 {
		t.Errorf("%v %v", c, err)
	}
	write(t, file, "+++\ntitle = \"Soup for all\"\ndate = 2026-11-25\nstart = 2026-12-06T12:00:00\n+++\n\nBring a bowl.\n")
	photoFile := filepath.Join(t.TempDir(), "photo.jpg")
	write(t, photoFile, string(exif))
	must(t, "page", "new", "-C", line, "-as", "June", "-file", file, "-picture", photoFile, "-words", "a pot [of] soup", "event", "Soup for all")

	// another place, away, and back
	for _, form := range []url.Values{
		{"_do": {"move"}, "_to": {"resources/the-mill"}}, {"_do": {"delete"}, "_to": {"/resources/"}, "_why": {"closed"}},
	} {
		path := "move/resources/mill.md"
		if form.Get("_do") == "delete" {
			path = "move/resources/the-mill.md"
		}
		form.Set("_base", git(t, desk, "rev-parse", "main"))
		if a := d.post(path, form); a.status != 200 || !strings.Contains(a.body, `role="status"`) {
			t.Errorf("%v: %d\n%s", form, a.status, a.body)
		}
	}
	must(t, "page", "move", "-C", line, "-as", "June", "resources/mill", "resources/the-mill")
	must(t, "page", "delete", "-C", line, "-as", "June", "-to", "/resources/", "-why", "closed", "resources/the-mill")
	rev := func(dir string) string { return git(t, dir, "log", "--format=%H", "--grep=moved to", "-1") }
	shows(t, d.get("history/resources/the-mill.md"), "closed", "moved to resources/the-mill", "new numbers")
	shows(t, d.get("history/resources/the-mill.md?rev="+git(t, desk, "log", "--format=%H", "--grep=new numbers", "-1")), "<del>", "555-0101", "<ins>", "555-0102", "Make it like this again")
	if a := d.post("history/resources/the-mill.md", url.Values{"rev": {rev(desk)}, "_base": {git(t, desk, "rev-parse", "main")}}); !strings.Contains(a.body, "It is as it was: Old Mill") {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	must(t, "page", "restore", "-C", line, "-as", "June", "-rev", rev(line), "resources/the-mill")

	const told = "--format=%T %an %ae %s"
	a1, b1 := git(t, desk, "log", told, "--", "."), git(t, line, "log", told, "--", ".")
	if a1 == "" || a1 != b1 {
		t.Errorf("at the desk:\n%s\nby the command line:\n%s", a1, b1)
	}

	// somebody was faster: all three versions, and mine is there to be sent again
	form = filled(d.get("edit/resources/the-mill").body)
	write(t, file, "+++\ntitle = \"Soup for all\"\n+++\n\nBring a bowl.\n")
	must(t, "page", "edit", "-C", desk, "-as", "Sam", "-file", file, "-why", "Sam's", "resources/the-mill")
	form.Set("body", "Only <b>mine</b>.")
	form.Set("_do", "save")
	a = d.post("edit/resources/the-mill", form)
	if text := html.UnescapeString(a.body); a.status != 409 || !strings.Contains(text, "Sam changed this page while you wrote") || !strings.Contains(text, "Only <b>mine</b>.") || !strings.Contains(text, "Bring a bowl.") || !strings.Contains(text, "Bread on Tuesdays.") {
		t.Fatalf("%d\n%s", a.status, text)
	}
	clash := filled(strings.Replace(a.body, `<form class="form"`, `<form id="page-form"`, 1))
	clash.Set("_do", "both")
	a = d.post("edit/resources/the-mill", clash)
	both := filled(a.body)
	if a.status != 200 || !strings.Contains(both.Get("body"), "Only <b>mine</b>.") || !strings.Contains(both.Get("body"), "Bring a bowl.") || both.Get("title") != "Soup for all" {
		t.Fatalf("%d %v\n%s", a.status, both, a.body)
	}
	both.Set("_do", "save")
	if a = d.post("edit/resources/the-mill", both); !strings.Contains(a.body, "Saved: ") {
		t.Errorf("%d\n%s", a.status, a.body)
	}

	// what cannot be saved comes back whole, and says where and why
	lost := func(change func(url.Values), status int, texts ...string) {
		t.Helper()
		form := filled(d.get("edit/resources/the-mill").body)
		form.Set("body", "My words.\r\n\r\nAll of them.")
		form.Set("_do", "save")
		change(form)
		a := d.post("edit/resources/the-mill", form)
		text := html.UnescapeString(a.body)
		for _, want := range append(texts, "All of them.") {
			if a.status != status || !strings.Contains(text, want) {
				t.Errorf("%d, not %d; %q\n%s", a.status, status, want, text)
			}
		}
	}
	lost(func(v url.Values) { v.Set("title", "") }, 422, `href="#f-title"`)
	lost(func(v url.Values) { v.Set("closed_until", "soon") }, 422, `href="#f-closed_until"`)
	lost(func(v url.Values) { v.Set("_text", "+++\ntitle = \"A\"\nnotes = \"x\"\n+++\nAll of them.") }, 422, "Line 3:", "is private and must not stand in a content file")
	write(t, filepath.Join(desk, "content/resources/the-mill.md"), "+++\ntitle = \"Unsaved\"\n+++\n")
	lost(func(url.Values) {}, 409, "has changed this page and not committed it yet")
	git(t, desk, "checkout", "-q", "content")
	sound(t, desk)
	for _, path := range []string{"edit/nosuch", "edit/../../etc/passwd", "history/nosuch", "new/?kind=nosuch", "pages/nosuch/", "move/nosuch", "new/?of=about.md&lang=xx"} {
		if a := d.get(path); a.status < 400 || a.status >= 500 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	// what a neighbour had erased is not brought back
	ref, _, err := r.submit("request", request("A coat"))
	if err != nil {
		t.Fatal(err)
	}
	must(t, "inbox", "publish", "-C", desk, "-as", "June", ref)
	published := git(t, desk, "rev-parse", "main")
	coat := git(t, desk, "show", "--name-only", "--format=", "main")
	must(t, "inbox", "erase", "-C", desk, "-as", "June", ref)
	if out, ok := program(t, "page", "restore", "-C", desk, "-as", "June", "-rev", published, coat); ok || !strings.Contains(out, "was erased for the neighbour who wrote it") {
		t.Errorf("restored: %s", out)
	}
	shows(t, d.get("pages/"), "resources/", "About")
	shows(t, d.get("pages/events/?find=soup"), "Soup for all")
}
