package main

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"potluck/internal/intake"
)

var slipForm = regexp.MustCompile(`<bdi dir="ltr">([0-9A-Z]{5}-[0-9A-Z]{5})</bdi>`)

// TestPaper goes the way of a paper: printed, filled in, typed in by a volunteer, and opened
// again by the neighbour with the code that she tore off.
func TestPaper(t *testing.T) {
	t.Parallel()
	dir, out := newNet(t), t.TempDir()
	for lang, want := range map[string]string{"en": `<html lang="en" dir="ltr">`, "es": `<html lang="es" dir="ltr">`, "ar": `<html lang="ar" dir="rtl">`} {
		file := filepath.Join(out, lang+".html")
		must(t, "paper", "request", "-C", dir, "-lang", lang, "-copies", "3", "-out", file)
		page, _ := os.ReadFile(file)
		text := string(page)
		if !strings.Contains(text, want) || strings.Count(text, `<article class="paper">`) != 3 || !strings.Contains(text, "<svg") {
			t.Errorf("%s:\n%.2000s", lang, text)
		}
		for _, bad := range []string{"<script", "<link", "src=", "href=", "unsafe-inline", ">ask.", ">hint.", ">paper.", ">option."} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: the file is not whole by itself: %s", lang, bad)
			}
		}
		if codes := codeForm.FindAllString(text, -1); len(codes) != 3 || codes[0] == codes[1] {
			t.Errorf("%s: codes %v", lang, codes)
		}
		if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
			t.Errorf("others on this machine can read the codes: %v", info.Mode())
		}
	}
	for _, place := range []string{"public/x.html", "content/x.html", ".git/x.html"} {
		if said, ok := program(t, "paper", "request", "-C", dir, "-out", filepath.Join(dir, place)); ok || !strings.Contains(said, "hint:") {
			t.Errorf("codes are written into %s", place)
		}
	}
	page, _ := os.ReadFile(filepath.Join(out, "en.html"))
	number, code := slipForm.FindStringSubmatch(string(page))[1], codeForm.FindString(string(page))
	answers := filepath.Join(out, "answers")
	write(t, answers, "# from the yellow box\ntitle = A winter coat\nbody = Size L.\nbody = Any colour.\ncategories = things/clothes\nareas = harbor\nneeds = ride\nneeds = interpreter\n"+
		"contact_how = person\nname = "+canaries["name"]+"\ncontact = "+canaries["contact"]+"\nnotes = "+canaries["notes"]+"\nconsent = yes\n")
	wrong := map[bool]string{true: "Y", false: "Z"}[number[0] == 'Z'] + number[1:]
	typed := strings.ReplaceAll(strings.ToLower(number), "0", "o")
	said := must(t, "intake", "request", "-C", dir, "-as", "June", "-slip", typed, "-answers", answers)
	ref := reference.FindString(said)
	if ref == "" || codeForm.MatchString(said) || !strings.Contains(string(page), ">"+ref+"<") {
		t.Errorf("the paper says another reference, or the code is shown to who types it in:\n%s", said)
	}
	for _, c := range []struct{ what, slip, file, text string }{
		{"the same paper again", number, "", "is in already"},
		{"a wrong letter", wrong, "", "is not the number"},
		{"no yes", "", "title = A coat\ncategories = food\nareas = harbor\ncontact_how = code\n", "said yes"},
		{"no area", "", "title = A coat\ncategories = food\ncontact_how = code\nconsent = yes\n", "areas: Please answer this"},
		{"no such question", "", "titel = A coat\n", "has no question \"titel\""},
	} {
		file := answers
		if c.file != "" {
			file = filepath.Join(out, "other")
			write(t, file, c.file)
		}
		said, ok := program(t, "intake", "request", "-C", dir, "-as", "June", "-slip", c.slip, "-answers", file)
		if ok || !strings.Contains(said, c.text) || !strings.Contains(said, "hint:") {
			t.Errorf("%s:\n%s", c.what, said)
		}
	}
	if items := inbox(t, dir); len(items) != 1 || len(items["A winter coat"]) != 1 {
		t.Errorf("the inbox has %v", items)
	}
	shown := must(t, "inbox", "show", "-C", dir, "-passphrase-file", passphraseFile(dir), ref)
	for _, want := range []string{`channel = "paper"`, `entered_by = "June"`, "consent = true", "Size L.\nAny colour."} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %s in\n%s", want, shown)
		}
	}
	r := start(t, "serve", "-C", dir)
	shows(t, r.mine(code, ""), "A winter coat")
	shows(t, r.mine(code, "private"), canaries["contact"])
	if found := leaks(t, dir, r.output()); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
	_ = filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		b, _ := os.ReadFile(p)
		if strings.Contains(string(b), code) || strings.Contains(string(b), strings.ReplaceAll(code, "-", "")) || strings.Contains(string(b), number) {
			t.Errorf("%s has the code or the number", p)
		}
		return err
	})
	sound(t, dir)
}

// TestTypist: a volunteer at a terminal goes back, takes a wrong choice again, locks a number
// that everyone could have read, changes one answer, and says yes.
func TestTypist(t *testing.T) {
	t.Parallel()
	n, svc := openBench(t)
	say, err := n.words("en")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	ask := func(lines ...string) (*intake.Draft, error) {
		out.Reset()
		form, err := svc.Form(n.cfg().Kind("request"), "")
		if err != nil {
			t.Fatal(err)
		}
		ty := &typist{in: bufio.NewScanner(strings.NewReader(strings.Join(lines, "\n") + "\n")), out: &out, cfg: n.cfg(), lang: "en", say: say, form: form}
		values := map[string][]string{}
		if err := ty.all(values); err != nil {
			return nil, err
		}
		return ty.review(svc, values)
	}
	// title, body, categories, areas, languages, urgency, needed_by, quantity; needs, name, contact_how, contact, safe, address, notes
	draft, err := ask("A wrong title", "<", "A coat", "Call 555-0142.", "Size L.", "", "9", "1", "1", "", "", "", "",
		"1, 3", "Ana", "5", "At the library", "no", "", "",
		"yes",      // lock the number
		"8", "Two", // how much
		"yes", "yes")
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if draft.Page.Title != "A coat" || draft.Page.Body != "Call ….\nSize L.\n" || draft.Page.Str("quantity") != "Two" {
		t.Errorf("%+v", draft.Page)
	}
	got, err := svc.TypeIn(draft, intake.Hand{By: "June", Channel: "phone"})
	if err != nil || got.Code == "" {
		t.Fatal(err)
	}
	for _, want := range []string{"What do you need, in a few words?", "! Please choose one of these.", "555-0142", "== Only for organizers ==", "A ride\n      An interpreter"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if _, err := ask("A coat", "", "1", "1", "", "", "", "", "", "", "4", "", "", "", "", "yes", "no"); err == nil || !strings.Contains(err.Error(), "did not say yes") {
		t.Errorf("without her yes: %v\n%s", err, out.String())
	}
	if _, err := ask("A coat", ""); err != errStopped {
		t.Errorf("cut short: %v", err)
	}
	if _, err := svc.TypeIn(draft, intake.Hand{By: "June", Channel: "pigeon"}); err == nil {
		t.Error("a pigeon brought it")
	}
}
