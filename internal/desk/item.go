package desk

import (
	"cmp"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var itemRoutes = []route{
	{method: "GET", path: "item/{id}/", least: site.AnOrganizer, do: (*visit).item},
	{method: "POST", path: "item/{id}/", least: site.AnOrganizer, do: (*visit).decide},
	{method: "POST", path: "item/{id}/contact/", least: site.Keeper, fresh: true, do: (*visit).contact},
	{method: "POST", path: "item/{id}/erase/", least: site.AnOrganizer, fresh: true, do: (*visit).erase},
	{method: "GET", path: "item/{id}/edit/", least: site.AnOrganizer, do: (*visit).wordsPage},
	{method: "POST", path: "item/{id}/edit/", least: site.AnOrganizer, do: (*visit).words},
	{method: "GET", path: "item/{id}/match/", least: site.AnOrganizer, do: (*visit).matchPage},
}

// ItemView is one item and all that can be done with it. A form posts _do, seen and what its
// fields hold to Action.
type ItemView struct {
	Row
	Action   string
	Seen     string
	Card     template.HTML // as it is on the site, or would be
	Wanted   template.HTML // where it is public and other words wait: as they would be
	Site     string        // href of the page, where it is public
	About    string        // href of the page that a message or a change is about; or ""
	Change   []intake.Difference
	Moved    bool       // the page of a change is not as it was when the change was written
	Private  []Answered // for every organizer
	Locked   bool       // they are sealed to others yet
	Contact  []Answered // sealed; where it was asked for
	Can      map[string]bool
	Undo     bool
	Sealed   bool // there are sealed answers, and who reads may ask for them
	Silent   bool // there are none
	Reasons  []string
	Endings  []string
	Partner  Partner
	Entries  []intake.Suggestion // pages of the site that may help
	Typed    map[string]string   // words that were not taken, by what was to be done
	Trouble  *Trouble
	Until    site.Date
	Kept     site.Date
	Received site.Date
	History  []Entry
}

// Answered is a private answer.
type Answered struct {
	Field *site.Field
	Text  []string
}

// Partner is what an item is matched with.
type Partner struct {
	Title string
	Href  string // of the item at the desk, or of the page
}

// Entry is one step of the record of an item.
type Entry struct {
	Day site.Date
	By  string // "" for the neighbour or the program
	Op  string
}

// Trouble is why something was not done: that somebody else was faster, or what intake says.
type Trouble struct {
	Why
	Words string // that were not taken, where there is no field for them any more
}

// trouble tells what an organizer should know of an error; false for one that is not hers.
func (v *visit) trouble(err error) (Trouble, bool) {
	why, told := v.why(err)
	return Trouble{Why: why}, told
}

func cutPick(pick string) (id, seen string) {
	id, seen, _ = strings.Cut(pick, " ")
	return id, seen
}

func (v *visit) item() {
	it, err := v.show(v.r.PathValue("id"))
	if err != nil {
		v.noItem(err)
		return
	}
	v.itemPage(http.StatusOK, it, nil)
}

// show gives an item with what the key of who is signed in opens of it. That may be nothing:
// who came lately reads what came before once a keeper has sealed it anew.
func (v *visit) show(id string) (*intake.Item, error) {
	it, err := v.Intake.Show(id, v.key())
	if err != nil && it != nil {
		return v.Intake.Show(id, nil)
	}
	return it, err
}

// noItem answers when an item cannot be shown.
func (v *visit) noItem(err error) {
	var none *intake.Error
	if errors.As(err, &none) {
		v.page(http.StatusNotFound, "desk-notice", "queue.title", Notice{Text: "queue.find-none"})
		return
	}
	v.fail(err)
}

// itemPage shows an item; with why something was not done, and the words that came with it.
func (v *visit) itemPage(status int, it *intake.Item, t *Trouble, contact ...Answered) {
	if err := v.Intake.Warn(it); err != nil {
		v.log(err)
	}
	view := ItemView{
		Row: v.row(it), Action: v.href(itemPath(it.ID)), Seen: it.Seen(), Can: map[string]bool{}, Undo: v.Intake.CanUndo(it),
		Reasons: intake.Reasons, Endings: intake.Endings, Typed: map[string]string{}, Trouble: t, Contact: contact,
		Until: v.Intake.Until(it), Kept: v.Intake.KeptUntil(it), Received: v.day(it.Received), Partner: v.partner(it),
	}
	for _, do := range intake.Decisions() {
		view.Can[do] = v.Intake.Allows(it, do)
	}
	for _, do := range []string{"settle", "adopt"} {
		view.Can[do] = v.Intake.Allows(it, do)
	}
	view.Can["edit"] = view.Can["edit"] && (it.Changed || it.Public == nil)
	view.Private = v.answers(it, intake.Answers(it.Organizers), site.Organizers)
	view.Locked = it.Organizers == nil && it.State != intake.Purged
	view.Sealed = v.me.Role == site.Keeper && len(it.Sealed) > 0 && contact == nil
	view.Silent = v.me.Role == site.Keeper && it.Sealed == nil && !view.Locked
	switch it.Makes {
	case site.APage:
		v.cards(&view, it)
	case site.AChange:
		view.Change = intake.Diff(v.c, it.Page.Place, it.Base, it.Markdown)
		view.Moved = string(it.Now) != string(it.Base)
		view.About = v.c.BasePath + it.Page.URL
	case site.AMessage:
		if about := intake.Answers(it.Organizers)[intake.AboutField]; about != nil {
			view.About = v.c.BasePath + about[0]
		}
	}
	if view.Can["refer"] {
		view.Entries = v.entries(it)
	}
	if t != nil {
		do, words := v.form.Get("_do"), v.form.Get("words")
		if view.Typed[do] = words; !view.Can[do] {
			t.Words = words
		}
	}
	for _, e := range slices.Backward(it.Record) {
		by := e.By
		if by == "potluck" {
			by = ""
		}
		view.History = append(view.History, Entry{v.day(e.When), by, e.Op})
	}
	v.page(status, "desk-item", "item.title", view)
}

// cards makes the public card, and that of the words that wait.
func (v *visit) cards(view *ItemView, it *intake.Item) {
	var err error
	if it.Public == nil {
		view.Card, err = v.Renderer.Card(v.lang, it.Page)
	} else {
		now, _ := site.Parse(v.c, it.Page.Place, it.Public)
		view.Site = v.c.BasePath + it.Page.URL
		view.Card, err = v.Renderer.Card(v.lang, now)
	}
	if err == nil && it.Changed {
		view.Wanted, err = v.Renderer.Card(v.lang, it.Page)
	}
	if err != nil {
		v.log(errors.New("the theme cannot make the card of a " + it.Kind)) // err may hold the words
	}
}

// answers gives private answers of one class in the order of the form.
func (v *visit) answers(it *intake.Item, values map[string][]string, class site.Class) (rows []Answered) {
	k := v.c.Kind(it.Kind)
	if k == nil {
		return nil
	}
	for _, f := range k.Fields {
		if f.Class == class && len(values[f.Name]) > 0 {
			var lines []string
			for _, s := range values[f.Name] {
				lines = append(lines, strings.Split(s, "\n")...)
			}
			rows = append(rows, Answered{f, lines})
		}
	}
	return rows
}

// entries are the resources that an item may be referred to.
func (v *visit) entries(it *intake.Item) (found []intake.Suggestion) {
	all, err := v.Intake.Suggest(it)
	if err != nil {
		v.log(err)
	}
	for _, s := range all {
		if s.Page.Kind == "resource" {
			found = append(found, s)
		}
	}
	return found
}

func (v *visit) partner(it *intake.Item) Partner {
	if it.Match == "" {
		return Partner{}
	}
	other, err := v.Intake.Other(it)
	switch {
	case err != nil:
		return Partner{Title: it.Match}
	case other.ID != "":
		return Partner{other.Page.Title, v.href(itemPath(other.ID))}
	}
	return Partner{other.Page.Title, v.c.BasePath + other.Page.URL}
}

// decide carries out what a form of the item's page says.
func (v *visit) decide() {
	f := v.form
	d := intake.Decision{
		Do: f.Get("_do"), ID: v.r.PathValue("id"), By: v.person(), Seen: f.Get("seen"),
		Reason: f.Get("reason"), Words: f.Get("words"), Over: f.Get("over"), With: f.Get("with"),
	}
	if own := strings.TrimSpace(f.Get("with-other")); own != "" {
		d.With = own
	}
	if d.Do == "erase" || d.Do == "edit" || !slices.Contains(intake.Decisions(), d.Do) { // they have addresses of their own
		v.page(http.StatusBadRequest, "desk-notice", "desk.title", Notice{Text: "desk.unreadable"})
		return
	}
	it, err := v.Intake.Decide(v.r.Context(), d)
	if err != nil {
		v.notDecided(it, err)
		return
	}
	v.decided(it, d.Do)
}

// notDecided shows the item as it is now, with why nothing was done.
func (v *visit) notDecided(it *intake.Item, err error) {
	t, told := v.trouble(err)
	if it == nil || !told {
		v.fail(err)
		return
	}
	if full, err := v.show(it.ID); err == nil {
		it = full
	}
	v.itemPage(http.StatusConflict, it, &t)
}

// leaving are the decisions after which the next item is looked at.
var leaving = []string{"publish", "decline", "hold", "refer", "ask"}

func (v *visit) decided(it *intake.Item, do string) {
	path, said := itemPath(it.ID), Said{Text: "item.did-" + do, Arg: cmp.Or(it.Page.Title, it.Reference)}
	if slices.Contains(leaving, do) {
		path = ""
		if v.Intake.CanUndo(it) {
			said.Undo = v.href(itemPath(it.ID))
		}
	}
	v.sessions.say(v.who, said)
	v.done(path, "", nil)
}

// contact shows the sealed answers, once, to a keeper who typed her passphrase.
func (v *visit) contact() {
	it, err := v.Intake.Reveal(v.r.PathValue("id"), v.key(), v.person())
	if err != nil {
		v.noItem(err)
		return
	}
	v.itemPage(http.StatusOK, it, nil, v.answers(it, intake.Answers(it.Sealed), site.Sealed)...)
}

// erase deletes what is kept of an item, when it was confirmed.
func (v *visit) erase() {
	id := v.r.PathValue("id")
	if v.form.Get("confirm") == "" {
		it, err := v.Intake.Show(id, nil)
		if err != nil {
			v.noItem(err)
			return
		}
		v.page(http.StatusOK, "desk-erase", "item.erase-title", ItemView{Row: v.row(it), Action: v.href(itemPath(it.ID)), Site: it.Page.URL})
		return
	}
	it, err := v.Intake.Decide(v.r.Context(), intake.Decision{Do: "erase", ID: id, By: v.person()})
	if err != nil {
		v.notDecided(it, err)
		return
	}
	v.done("", "item.did-erase", it.Reference)
}

// WordsView is the public words of an item in a form.
type WordsView struct {
	Row
	Action string // post _do look, edit or publish, and seen
	Back   string
	Seen   string
	Fields []intake.Input
	Errors []intake.Fault
	Card   template.HTML // as these words would look
	Can    map[string]bool
}

func (v *visit) wordsPage() {
	it, err := v.Intake.Show(v.r.PathValue("id"), nil)
	if err != nil {
		v.noItem(err)
		return
	}
	if !v.Intake.Allows(it, "edit") || it.Public != nil && !it.Changed {
		v.done(itemPath(it.ID), "", nil)
		return
	}
	v.wordsForm(http.StatusOK, it, it.Seen(), it.PublicWords(), nil)
}

func (v *visit) wordsForm(status int, it *intake.Item, seen string, values map[string][]string, faults []intake.Fault) {
	view := WordsView{
		Row: v.row(it), Action: v.href(itemPath(it.ID) + "edit/"), Back: v.href(itemPath(it.ID)), Seen: seen, Errors: faults,
		Can: map[string]bool{"publish": it.Changed || v.Intake.Allows(it, "publish")},
	}
	for _, q := range v.Intake.PublicQuestions(it) {
		in := q.Input(v.c, v.lang, values[q.Name])
		for _, f := range faults {
			if f.Field.Name == q.Name {
				in.Error = f.Text
			}
		}
		view.Fields = append(view.Fields, in)
	}
	if p, _, bad := v.Intake.Preview(it, values); len(bad) == 0 {
		view.Card, _ = v.Renderer.Card(v.lang, p)
	}
	v.page(status, "desk-edit-item", "item.edit", view)
}

// words looks at corrected words, saves them, or publishes them.
func (v *visit) words() {
	it, err := v.Intake.Show(v.r.PathValue("id"), nil)
	if err != nil {
		v.noItem(err)
		return
	}
	values := map[string][]string{}
	for _, q := range v.Intake.PublicQuestions(it) {
		values[q.Name] = v.form[q.Name]
	}
	do := v.form.Get("_do")
	_, _, faults := v.Intake.Preview(it, values)
	switch {
	case len(faults) > 0:
		v.wordsForm(http.StatusUnprocessableEntity, it, v.form.Get("seen"), values, faults)
		return
	case do != "edit" && do != "publish":
		v.wordsForm(http.StatusOK, it, v.form.Get("seen"), values, nil)
		return
	}
	it, err = v.Intake.Decide(v.r.Context(), intake.Decision{Do: do, ID: it.ID, By: v.person(), Seen: v.form.Get("seen"), Values: values})
	if err != nil {
		v.fail(err)
		return
	}
	v.decided(it, do)
}

// MatchView is what may go together with an item.
type MatchView struct {
	Row
	Action string // post _do=match, seen, with or with-other
	Back   string
	Seen   string
	Found  []Match
}

// Match is a suggestion, with where it can be read.
type Match struct {
	intake.Suggestion
	Href string
	With string
}

func (v *visit) matchPage() {
	it, err := v.Intake.Show(v.r.PathValue("id"), nil)
	if err != nil {
		v.noItem(err)
		return
	}
	found, err := v.Intake.Suggest(it)
	if err != nil {
		v.fail(err)
		return
	}
	view := MatchView{Row: v.row(it), Action: v.href(itemPath(it.ID)), Back: v.href(itemPath(it.ID)), Seen: it.Seen()}
	for _, s := range found {
		view.Found = append(view.Found, Match{s, v.c.BasePath + s.Page.URL, s.Page.Path})
	}
	v.page(http.StatusOK, "desk-match", "item.match", view)
}
