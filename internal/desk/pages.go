package desk

import (
	"cmp"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var pageRoutes = []route{
	{method: "GET", path: "pages/{dir...}", least: site.AnOrganizer, do: (*visit).pages},
	{method: "GET", path: "edit/{page...}", least: site.AnOrganizer, do: (*visit).pageForm},
	{method: "POST", path: "edit/{page...}", least: site.AnOrganizer, body: editLimit, do: (*visit).postPage},
	{method: "GET", path: "new/", least: site.AnOrganizer, do: (*visit).newPage},
	{method: "POST", path: "new/", least: site.AnOrganizer, body: editLimit, do: (*visit).postPage},
	{method: "GET", path: "history/{page...}", least: site.AnOrganizer, do: (*visit).history},
	{method: "POST", path: "history/{page...}", least: site.AnOrganizer, do: (*visit).restore},
	{method: "GET", path: "move/{page...}", least: site.AnOrganizer, do: (*visit).movePage},
	{method: "POST", path: "move/{page...}", least: site.AnOrganizer, do: (*visit).move},
}

// editLimit is how much an edit may bring: a photo of a phone, and the page.
const editLimit = 24 << 20

// Names of what the form of a page brings beside its fields.
const (
	baseName    = "_base"    // the revision that was looked at
	oldName     = "_old"     // the one before, after a clash
	textName    = "_text"    // the whole file
	whyName     = "_why"     // for the history
	kindName    = "_kind"    // of a new page
	langName    = "_lang"    // of a new page
	ofName      = "_of"      // the page that a new one says in another language
	doName      = "_do"      // save, preview, both, theirs
	pictureName = "_picture" // a file
	wordsName   = "_words"   // what it shows
	heldName    = "_held"    // a picture that came before: its name, a colon, its bytes in base 64
	toName      = "_to"      // where a page goes, or its readers
)

// PagesView is a folder of pages.
type PagesView struct {
	Dir    string // below content/
	Up     string // href of the folder above, or ""
	Find   string
	Leaves []LeafView
	Total  int
	Next   string // href of the rest, or ""
	Kind   string // of pages in this folder
}

// LeafView is an entry of a folder.
type LeafView struct {
	intake.Leaf
	Name string
	Href string
}

// pagesShown is how many entries of a folder stand on one page.
const pagesShown = 50

func (v *visit) pages() {
	q := v.r.URL.Query()
	dir := strings.Trim(v.r.PathValue("dir"), "/")
	from, _ := strconv.Atoi(q.Get("from")) // none: the first
	leaves, total, err := v.Intake.Folder(dir, q.Get("find"), from, pagesShown)
	if err != nil {
		v.fail(err)
		return
	}
	view := PagesView{Dir: dir, Find: q.Get("find"), Total: total, Kind: "page"}
	for _, k := range v.c.Kinds {
		if k.Folder == strings.Split(dir, "/")[0] {
			view.Kind = k.Name
		}
	}
	if dir != "" {
		view.Up = v.href("pages/" + strings.TrimPrefix(path.Dir(dir), ".") + "/")
		view.Up = strings.ReplaceAll(view.Up, "//", "/")
	}
	for _, l := range leaves {
		href := v.href("edit/" + escape(l.Path))
		if l.Folder {
			href = v.href("pages/" + escape(l.Path) + "/")
		}
		view.Leaves = append(view.Leaves, LeafView{l, path.Base(l.Path), href})
	}
	if next := from + pagesShown; next < total {
		view.Next = v.href("pages/"+escape(dir+"/")) + "?" + url.Values{"find": {view.Find}, "from": {strconv.Itoa(next)}}.Encode()
	}
	v.page(http.StatusOK, "desk-pages", "pages.title", view)
}

func escape(p string) string { return strings.TrimPrefix((&url.URL{Path: "/" + p}).EscapedPath(), "/") }

// PageView is the form of a page. Without Fields it is the file itself, in Text.
type PageView struct {
	Action   string
	Path     string // content/events/picnic.md; "" for a new page
	Name     string // the same as the desk's addresses have it: events/picnic.md
	Href     string // of the page on the site, or ""
	Kind     string
	Lang     string
	Fields   []intake.Input
	More     []intake.Input // what is seldom changed, or empty
	Body     string
	Text     string
	Why      string
	Words    string // of a picture
	Pictures bool   // the page may have some
	Held     []template.URL
	Errors   []PageError
	Problems []site.Problem // with their line and hint
	Twice    []*site.Field  // what two people changed
	Refused  string         // key of the theme's strings: why nothing was saved
	Also     Why            // more about it
	Looked   bool           // a preview was asked for
	Preview  template.HTML
	Langs    []string // in which the page is not there
	Carry    []Pair
}

// PageError is a line of the error summary.
type PageError struct {
	ID    string
	Field *site.Field // nil: about something that is no field
	Text  string      // key of the theme's strings
}

// draft is what was posted, worked out.
type draft struct {
	intake.Edit
	pl      site.Place
	kind    string
	raw     bool
	typed   map[string][]string // fields as they were typed, where they cannot be a page
	errors  []PageError
	twice   []*site.Field
	refused string
	also    Why
	status  int
}

func (v *visit) pageForm() {
	sh, err := v.Intake.Sheet(v.r.PathValue("page"))
	if err != nil {
		v.fail(err)
		return
	}
	v.form = url.Values{}
	v.editor(&draft{
		Edit: intake.Edit{Path: sh.Path, Base: sh.Base, Data: sh.Source}, pl: sh.Page.Place, kind: sh.Page.Kind,
		raw: v.r.URL.Query().Get("file") != "", status: http.StatusOK,
	})
}

// NewView asks what kind of page a new one is.
type NewView struct{ Kinds []*site.Kind }

func (v *visit) newPage() {
	q := v.r.URL.Query()
	v.form = url.Values{kindName: {q.Get("kind")}, langName: {q.Get("lang")}, ofName: {q.Get("of")}}
	if q.Get("kind") == "" && q.Get("of") == "" {
		v.page(http.StatusOK, "desk-new", "pages.new", NewView{v.c.Kinds})
		return
	}
	d, ok := v.begun()
	if !ok {
		return
	}
	if of := q.Get("of"); of != "" {
		sh, err := v.Intake.Sheet(of)
		if err != nil {
			v.fail(err)
			return
		}
		d.Data = sh.Source
	}
	v.editor(d)
}

// begun is a draft of the page that the form is about, with nothing in it yet.
func (v *visit) begun() (*draft, bool) {
	d := &draft{Edit: intake.Edit{Base: v.form.Get(baseName), Why: v.form.Get(whyName)}, status: http.StatusOK}
	name := v.r.PathValue("page")
	lang := cmp.Or(v.form.Get(langName), v.c.Languages[0])
	switch {
	case !slices.Contains(v.c.Languages, lang):
		v.fail(&intake.Error{Text: "there is no such language", Way: "choose one of this network's"})
		return nil, false
	case name != "":
		sh, err := v.Intake.SheetAt(name, d.Base)
		if err != nil {
			v.fail(err)
			return nil, false
		}
		d.Path, d.pl, d.kind, d.Data = sh.Path, sh.Page.Place, sh.Page.Kind, sh.Source
	case v.form.Get(ofName) != "":
		sh, err := v.Intake.Sheet(v.form.Get(ofName))
		if err != nil {
			v.fail(err)
			return nil, false
		}
		d.kind = sh.Page.Kind
		d.Path = "content/" + v.c.FileOf(sh.Page.Key, lang)
		if d.pl, err = v.c.PlaceOf(strings.TrimPrefix(d.Path, "content/")); err != nil {
			v.fail(&intake.Error{Text: err.Error(), Way: "choose a language of this network"})
			return nil, false
		}
	default:
		k := v.c.Kind(v.form.Get(kindName))
		if k == nil {
			v.fail(&intake.Error{Text: "there is no such kind of page", Way: "choose one"})
			return nil, false
		}
		d.kind = k.Name
		d.pl = site.Place{Path: path.Join(k.Folder, "new.md"), Key: path.Join(k.Folder, "new"), Lang: lang, Section: k.Folder}
	}
	return d, true
}

// postPage takes what was posted: to look at it, or to save it.
func (v *visit) postPage() {
	d, ok := v.begun()
	if !ok {
		return
	}
	switch v.form.Get(doName) {
	case "theirs":
		v.done("edit/"+escape(strings.TrimPrefix(d.Path, "content/")), "pages.did-theirs", nil)
		return
	case "both":
		v.both(d)
		return
	}
	v.fill(d)
	v.picture(d)
	if len(d.errors) > 0 {
		d.status = http.StatusUnprocessableEntity
		v.editor(d)
		return
	}
	if v.form.Get(doName) != "save" {
		v.editor(d)
		return
	}
	v.save(d)
}

// fill works out the file that the form says.
func (v *visit) fill(d *draft) {
	if text, ok := v.form[textName]; ok {
		d.raw, d.Data = true, []byte(strings.ReplaceAll(text[0], "\r\n", "\n"))
		d.place(v)
		return
	}
	typed := map[string][]string{}
	for _, q := range intake.PageQuestions(v.c, d.kind) {
		if values, ok := v.form[q.Name]; ok || q.Type == site.Choices { // no box ticked: nothing is posted
			typed[q.Name] = append([]string{}, values...)
		}
	}
	d.typed = typed
	data, faults, err := intake.Fill(v.c, d.pl, d.Data, d.kind, typed)
	for _, f := range faults {
		d.errors = append(d.errors, PageError{"f-" + f.Field.Name, f.Field, f.Text})
	}
	switch {
	case err != nil:
		d.errors = append(d.errors, PageError{"f-title", nil, "pages.error-by-hand"})
	case len(faults) == 0:
		d.Data, d.typed = data, nil
		d.place(v)
	}
}

// place finds a place for a new page, by its title.
func (d *draft) place(v *visit) {
	if d.Path != "" {
		return
	}
	p, _ := site.Parse(v.c, d.pl, d.Data)
	name, err := v.Intake.NewPath(d.kind, p.Title)
	var refused *intake.Error
	if errors.As(err, &refused) {
		d.errors = append(d.errors, PageError{"f-title", nil, "pages.error-title"})
		return
	}
	pl, err2 := v.c.PlaceOf(strings.TrimPrefix(name, "content/"))
	if err == nil && err2 == nil && d.pl.Lang != v.c.Languages[0] {
		pl, err2 = v.c.PlaceOf(v.c.FileOf(pl.Key, d.pl.Lang))
	}
	if err != nil || err2 != nil {
		d.errors = append(d.errors, PageError{"f-title", nil, "pages.error-title"})
		return
	}
	d.pl = pl
}

// picture puts a picture that came with the form below the text, and takes those along that
// came before.
func (v *visit) picture(d *draft) {
	for _, held := range v.form[heldName] {
		name, coded, _ := strings.Cut(held, ":")
		if data, err := base64.StdEncoding.DecodeString(coded); err == nil && name == path.Base(name) {
			if d.Pictures == nil {
				d.Pictures = map[string][]byte{}
			}
			d.Pictures[name] = data
		}
	}
	if v.r.MultipartForm == nil || len(v.r.MultipartForm.File[pictureName]) == 0 {
		return
	}
	f, err := v.r.MultipartForm.File[pictureName][0].Open()
	if err != nil {
		d.errors = append(d.errors, PageError{"f-picture", nil, "pages.error-picture"})
		return
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	switch {
	case err == nil && len(data) == 0:
		return
	case site.CleanLine(v.form.Get(wordsName)) == "":
		d.errors = append(d.errors, PageError{"f-words", nil, "pages.error-words"})
		return
	case d.typed != nil: // the page itself is not right yet
		d.errors = append(d.errors, PageError{"f-picture", nil, "pages.error-picture-again"})
		return
	}
	e := d.Edit
	e.Path = "content/" + d.pl.Path
	if e, err = v.Intake.WithPicture(e, data, v.form.Get(wordsName)); err != nil {
		d.errors = append(d.errors, PageError{"f-picture", nil, "pages.error-picture"})
		return
	}
	d.Data, d.Pictures = e.Data, e.Pictures
	v.form.Del(wordsName)
}

// save puts the page on main, or says why not, with every word.
func (v *visit) save(d *draft) {
	d.Path = "content/" + d.pl.Path
	sh, err := v.Intake.Save(v.r.Context(), d.Edit, v.person())
	var clash *intake.Clash
	var faulty *intake.Faulty
	why, refused := v.why(err)
	switch {
	case err == nil:
		v.done("edit/"+escape(strings.TrimPrefix(sh.Path, "content/")), "pages.did-save", sh.Page.Title)
	case errors.As(err, &clash):
		v.clash(d, clash)
	case errors.As(err, &faulty):
		d.status = http.StatusUnprocessableEntity
		v.editor(d)
	case errors.Is(err, intake.ErrUnsaved):
		d.status, d.refused = http.StatusConflict, "pages.unsaved"
		v.editor(d)
	case refused:
		d.status, d.refused, d.also = http.StatusConflict, "pages.not-saved", why
		v.editor(d)
	default:
		v.log(err)
		d.status, d.refused = http.StatusServiceUnavailable, "pages.not-saved"
		v.editor(d)
	}
}

// ClashView shows the three versions of a page that two people changed.
type ClashView struct {
	Action  string
	Path    string
	Last    intake.Version
	Day     site.Date
	Gone    bool // theirs: the page was removed or moved
	MineIs  []intake.Difference
	Theirs  []intake.Difference
	Base    string
	Mine    string
	TheirIs string
	Carry   []Pair // with the whole of mine
}

func (v *visit) clash(d *draft, c *intake.Clash) {
	view := ClashView{
		Action: v.href("edit/" + escape(d.pl.Path)), Path: c.Path, Last: c.Last, Gone: c.Theirs == nil,
		Base: string(c.Base), Mine: string(c.Mine), TheirIs: string(c.Theirs),
		MineIs: intake.Diff(v.c, d.pl, c.Base, c.Mine), Theirs: intake.Diff(v.c, d.pl, c.Base, c.Theirs),
		Carry: append([]Pair{{textName, string(c.Mine)}, {baseName, c.Tip}, {oldName, d.Base}, {whyName, d.Why}}, held(d.Pictures)...),
	}
	if !c.Last.When.IsZero() {
		view.Day = site.Date{Time: c.Last.When.UTC(), Form: site.InstantForm}
	}
	v.page(http.StatusConflict, "desk-clash", "pages.clash", view)
}

// held are the pictures that wait for a page to be saved, as pairs of a form.
func held(pictures map[string][]byte) (ps []Pair) {
	for name, data := range pictures {
		ps = append(ps, Pair{heldName, name + ":" + base64.StdEncoding.EncodeToString(data)})
	}
	slices.SortFunc(ps, func(a, b Pair) int { return strings.Compare(a.Value, b.Value) })
	return ps
}

// both shows the form with both versions put together.
func (v *visit) both(d *draft) {
	v.fill(d)
	v.picture(d)
	e := d.Edit
	e.Base = v.form.Get(oldName)
	both, twice, err := v.Intake.Both(e)
	if err != nil {
		v.fail(err)
		return
	}
	d.Edit, d.twice, d.raw = both, twice, false
	v.editor(d)
}

// editor answers with the form.
func (v *visit) editor(d *draft) {
	view := PageView{
		Action: v.href("new/"), Name: d.pl.Path, Kind: d.kind, Lang: d.pl.Lang, Why: d.Why, Words: v.form.Get(wordsName),
		Errors: d.errors, Twice: d.twice, Refused: d.refused, Also: d.also, Carry: held(d.Pictures),
	}
	if k := v.c.Kind(d.kind); k != nil {
		view.Pictures = !k.Form
	}
	if d.Path != "" && v.r.PathValue("page") != "" {
		view.Action, view.Path = v.href("edit/"+escape(d.pl.Path)), d.Path
	}
	for _, name := range []string{kindName, langName, ofName} {
		if s := v.form.Get(name); s != "" {
			view.Carry = append(view.Carry, Pair{name, s})
		}
	}
	if d.Base != "" {
		view.Carry = append(view.Carry, Pair{baseName, d.Base})
		view.Href = v.c.BasePath + d.pl.URL
	}
	for _, data := range d.Pictures {
		view.Held = append(view.Held, template.URL("data:"+http.DetectContentType(data)+";base64,"+base64.StdEncoding.EncodeToString(data)))
	}
	v.inputs(&view, d)
	v.look(&view, d)
	if view.Path != "" && d.status == http.StatusOK {
		view.Langs = v.missing(d.pl)
	}
	title := "pages.edit"
	if view.Path == "" {
		title = "pages.new"
	}
	v.page(d.status, "desk-edit", title, view)
}

// seldom are the fields that stand apart, as do those of a page that are empty; always are
// those that never do.
var always = []string{"title", "summary", "categories", "areas", "state", "start", "assured_date", "reviewed"}

var seldom = []string{"date", "publish_from", "expires", "updated", "weight", "aliases", "html", "leave", "sort", "page_size", "latitude", "longitude", "source", "source_url"}

// inputs makes the fields of the form; the file itself, where it cannot be changed by one.
func (v *visit) inputs(view *PageView, d *draft) {
	p, problems := site.Parse(v.c, d.pl, d.Data)
	broken := d.Data != nil && slices.ContainsFunc(problems, func(p site.Problem) bool { return p.Severity == site.Error })
	if d.typed == nil && (d.raw || broken) {
		view.Text = string(d.Data)
		return
	}
	values := d.typed
	if values == nil {
		if d.Data == nil {
			p = &site.Page{Place: d.pl, Kind: d.kind}
			p.Date = site.OnDay(v.Intake.Now().In(v.c.Location))
		}
		values = intake.PageValues(v.c, p)
	}
	for _, q := range intake.PageQuestions(v.c, d.kind) {
		if q.Name == "body" {
			view.Body = strings.Join(values["body"], "\n")
			continue
		}
		in := q.Input(v.c, v.lang, values[q.Name])
		for _, e := range d.errors {
			if e.ID == in.ID && e.Field != nil {
				in.Error = e.Text
			}
		}
		if in.Error == "" && (slices.Contains(seldom, q.Name) || view.Path != "" && in.Value == "" && !slices.Contains(always, q.Name)) {
			view.More = append(view.More, in)
		} else {
			view.Fields = append(view.Fields, in)
		}
	}
}

// look shows the page as it will be, where that was asked for, and what is wrong with it.
func (v *visit) look(view *PageView, d *draft) {
	if d.Data == nil || d.typed != nil {
		return
	}
	main, problems, err := v.Renderer.Preview(v.r.Context(), d.pl.Path, d.Data, d.Pictures)
	if err != nil {
		v.log(err)
		return
	}
	view.Problems = problems
	if view.Looked = v.form.Get(doName) != ""; !view.Looked {
		return
	}
	if view.Preview = main; main == "" { // it is over, or not yet
		p, _ := site.Parse(v.c, d.pl, d.Data)
		view.Preview, _ = v.Renderer.Card(v.lang, p)
	}
}

// missing are the languages in which a page is not there.
func (v *visit) missing(pl site.Place) (langs []string) {
	for _, lang := range v.c.Languages {
		if sh, err := v.Intake.Sheet(v.c.FileOf(pl.Key, lang)); err != nil || sh.Source == nil {
			langs = append(langs, lang)
		}
	}
	return langs
}

// HistoryView is who changed a page, when and why; and one of these changes.
type HistoryView struct {
	Path     string
	Name     string
	Versions []VersionView
	More     bool // there are older ones
	Shown    *VersionView
	Diff     []intake.Difference
	There    bool // the page was there in the version shown
	Base     string
	Action   string
}

// VersionView is one change.
type VersionView struct {
	intake.Version
	Day  site.Date
	Href string
	Why  string
}

// versionsShown is how many changes stand on one page.
const versionsShown = 50

func (v *visit) history() {
	name := v.r.PathValue("page")
	versions, err := v.Intake.History(name, versionsShown+1)
	if err != nil {
		v.fail(err)
		return
	}
	here := v.href("history/" + escape(name))
	view := HistoryView{Path: "content/" + strings.TrimPrefix(name, "content/"), Name: name, Action: here, More: len(versions) > versionsShown}
	for _, ver := range versions[:min(len(versions), versionsShown)] {
		view.Versions = append(view.Versions, v.versionView(here, ver))
	}
	if rev := v.r.URL.Query().Get("rev"); rev != "" {
		ver, data, before, err := v.Intake.Past(name, rev)
		if err != nil {
			v.fail(err)
			return
		}
		shown := v.versionView(here, ver)
		view.Shown, view.There = &shown, data != nil
		pl, err := v.c.PlaceOf(strings.TrimPrefix(cmp.Or(ver.Path, view.Path), "content/"))
		if err == nil {
			view.Diff = intake.Diff(v.c, pl, before, data)
		}
		if sh, err := v.Intake.Sheet(name); err == nil {
			view.Base = sh.Base
		}
	}
	v.page(http.StatusOK, "desk-history", "pages.history", view)
}

func (v *visit) versionView(here string, ver intake.Version) VersionView {
	page, why, ok := strings.Cut(ver.Why, ": ")
	if !ok || strings.Contains(page, " ") { // it does not begin with the page
		why = ver.Why
	}
	return VersionView{ver, site.Date{Time: ver.When.UTC(), Form: site.InstantForm}, here + "?rev=" + ver.Rev, why}
}

func (v *visit) restore() {
	name := v.r.PathValue("page")
	sh, err := v.Intake.Restore(v.r.Context(), name, v.form.Get("rev"), v.form.Get(baseName), "", v.person())
	var clash *intake.Clash
	switch {
	case errors.As(err, &clash):
		pl, _ := v.c.PlaceOf(strings.TrimPrefix(clash.Path, "content/"))
		v.clash(&draft{pl: pl, Edit: intake.Edit{Path: clash.Path, Base: v.form.Get(baseName)}}, clash)
	case err != nil:
		v.fail(err)
	default:
		v.done("edit/"+escape(strings.TrimPrefix(sh.Path, "content/")), "pages.did-restore", sh.Page.Title)
	}
}

// MoveView asks where a page goes, or its readers.
type MoveView struct {
	Path   string
	Name   string // without .md
	Title  string
	Action string
	Base   string
	Up     string // address of its section
}

func (v *visit) movePage() {
	sh, err := v.Intake.Sheet(v.r.PathValue("page"))
	if err != nil {
		v.fail(err)
		return
	}
	up := path.Dir(strings.TrimSuffix(sh.Page.Key, "/index"))
	view := MoveView{Path: sh.Path, Name: strings.TrimSuffix(sh.Page.Key, "/index"), Title: sh.Page.Title, Action: v.href("move/" + escape(sh.Page.Path)), Base: sh.Base, Up: "/"}
	if up != "." {
		view.Up = "/" + up + "/"
	}
	v.page(http.StatusOK, "desk-move", "pages.move", view)
}

func (v *visit) move() {
	name, to, base := v.r.PathValue("page"), v.form.Get(toName), v.form.Get(baseName)
	if v.form.Get(doName) == "delete" {
		if err := v.Intake.Remove(v.r.Context(), name, to, base, v.form.Get(whyName), v.person()); err != nil {
			v.fail(err)
			return
		}
		v.done("pages/"+escape(strings.TrimPrefix(path.Dir(name)+"/", "./")), "pages.did-delete", name)
		return
	}
	sh, err := v.Intake.Rename(v.r.Context(), name, to, base, v.form.Get(whyName), v.person())
	if err != nil {
		v.fail(err)
		return
	}
	v.done("edit/"+escape(strings.TrimPrefix(sh.Path, "content/")), "pages.did-move", sh.Page.Title)
}
