package builder

import (
	"html/template"
	"sync/atomic"

	"potluck/internal/site"
)

// A theme is these folders:
//
//	layouts/site.html    the frame: the whole document, with {{block "main" .}}{{end}}
//	layouts/LAYOUT.html  each defines "main" (and whatever else the frame asks for)
//	partials/*.html      templates that all layouts may use, by {{define}}; "card" must be
//	                     among them, for a *Card
//	strings/LANG.toml    the words, for t; tables are joined with dots
//	static/…             served as /assets/NAME.HASH.ext; see asset
//	sw.js                served as /sw.js, after a line that names base and list; see offline.go
//
// A page's layout is that of its kind, else page. Pages that potluck makes use
// home, list, term (else list) and 404, else page.
//
// Functions in templates, beside those of html/template. LANG is that of the frame.
//
//	t KEY ARG…            the words of strings/LANG.toml, else of the default language, else of
//	                      English, else KEY. {0}, {1} … stand for the arguments. Where KEY.other is
//	                      there, KEY.zero, .one, .two, .few, .many or .other is taken, by the first
//	                      argument that is a whole number
//	told KEY ARG…         the same with each argument in a <bdi>: names, and words of people, go in
//	                      their own direction
//	label TAXONOMY VALUE  a category, area or language in words
//	fieldLabel FIELD      a *site.Field's label, else t field.NAME
//	optionLabel FIELD V   t option.NAME.V, else a date or a number as LANG writes it, else V itself
//	number N              a number as LANG writes it: "1,250"; t does so with its arguments
//	day DATE              "November 23, 2026"; "" for no date
//	month DATE            "November 2026"
//	daytime DATE          the same with the time where it has one
//	iso DATE              for datetime attributes
//	href "/offer/"        the page's href in LANG, else in another; for an address that is no page, the address itself
//	facet TAXONOMY VALUE  href of the term's page, or ""
//	terms TAXONOMY LIST   a Link for each of the values: label, and facet
//	asset "style.css"     href of a file of static/, or ""
//	tel PHONE             href to call a number
//	bare ADDRESS          "example.org/pantry" of "https://example.org/pantry/"
//	geo PAGE              href to see a place on a phone's own map, or ""; PAGE is a Header
//	hoursText TEXT        opening hours in words, a list with one line a rule
//	policy                the content security policy, for the meta element
//	join LIST SEP, list A B …, dict KEY VALUE …
//
// Words that potluck itself looks up, beside field.NAME and option.NAME.VALUE:
// history.title, notfound.title, list.about (what a list is, with its title and the network's),
// PAGE.title and PAGE.lead of the pages that potluck makes, taxonomy.category, taxonomy.area, taxonomy.language, and
// kinds.KIND for a section without an index.md of its own.
//
// Ids of headings in bodies hold letters, digits and "-" only.

// View is what every layout is given as its dot. A layout sees other pages only
// as Cards and Links, never their bodies.
type View struct {
	Site        *SiteView
	Layout      string // name of the layout: a kind, or home, list, term, history, 404, form, check, receipt, notice, inbox
	Lang        string // of the page's frame
	Dir         string // "ltr" or "rtl", of Lang
	Title       string // the h1, plain text
	Description string // one or two sentences, plain text; may be ""
	URL         string // absolute; "" where a page has no address of its own (404, forms)
	NoIndex     bool   // search engines are asked to leave it out
	Feed        string // href of the feed of this page, or ""
	JSONFeed    string // the same as JSON Feed
	Calendar    string // href of a calendar file: of the event, or of the events of the list
	Languages   []LangLink
	Crumbs      []Link // from home (by the network's title) to the parent
	Nav         []NavLink

	Page      *site.Header   // the page itself; nil on pages made by potluck
	Tongue    string         // code of the language of Title, Description and Body where it is not Lang, else ""
	TongueDir string         // with Tongue
	Body      template.HTML  // its rendered Markdown
	Contents  []site.Heading // its headings, where there are three or more
	Prev      *Link          // neighbour in its section
	Next      *Link
	Related   []Link // pages about the same, four at most
	Backlinks []Link // pages that link here
	State     string // offers and requests: open, matched, closed; resources: closed while closed_until is ahead; events: over
	Facts     []Fact // answers to the public questions that site.toml adds
	Changed   Change // the page's last change, where it is known
	History   string // href of the page with all its changes, or ""
	Overdue   bool   // its review date has passed, or it was not assured for 180 days, at Input.Now

	Entries []*Card // lists: this list page's entries
	Groups  []Facet // lists: the facets of all entries of the list, with counts
	Pager   Pager
	Term    *Link // term pages: what the list is about
	Terms   []Link

	Needs  []*Card // home: newest open requests
	Offers []*Card // home: newest open offers
	Events []*Card // home: next events
	News   []*Card // home

	Map      *Map          // map: the town, drawn
	Leave    bool          // show the button "leave this site"
	Chapters []Chapter     // booklet: practices and procedures, with their bodies
	QR       template.HTML // booklet, poster: the address of the home page as a picture, an <svg>; or ""

	Changes []Change // history: the changes of a page, newest first
	Older   int      // history: how many more there are

	Form any // pages of the form handler: what it gave (see formhandler/view.go)

	shared *sharing // see frame.share; nil for pages of the form handler
	body   *Body    // what Body is made of when it is wanted, see fast_body.go; nil: it is there
	fills  []string // of body
}

// SiteView is what is the same on all pages of a language.
type SiteView struct {
	Title       string
	Description string
	Phone       string       // as written
	PhoneHref   template.URL // tel:…
	Email       string
	Home        string            // href of the home page in this language
	LeaveHref   string            // where "leave this site" leads
	Paper       string            // colour of the ground: #rrggbb
	PaperDark   string            // the same on a dark screen
	Sections    map[string]string // href of a section ("resources", "offer", "privacy" …) in this language or the default one; only those that exist
	Manifest    string            // href of the web manifest, or ""
	Data        map[string]any    // what the files of content/data/ hold, by name; see data.go
	Forms       map[string]string // where a form handler answers: href of the form of each kind that has one; else nil
	OtherForms  []Link            // with Forms: forms of messages that stand by themselves, such as a sign-up
	Mine        string            // with Forms: href where a code opens what was sent
	Live        bool              // never set in built bytes
}

// Link is a link to a page of this site.
type Link struct {
	Text  string
	Href  string // with the path of base_url
	Lang  string // of Text where it differs from the page's, else ""
	Dir   string // with Lang
	Count int    // entries behind the link, where that makes sense
}

// NavLink is an entry of the main navigation.
type NavLink struct {
	Link
	Current bool // the page itself or one below it is shown
}

// LangLink is the same page in another language, or that language's home page
// where the page is not translated.
type LangLink struct {
	Code       string
	Name       string // in its own words
	Dir        string
	Href       string
	Current    bool
	Translated bool // the same page, not the home page
}

// Card is what a list shows of a page.
type Card struct {
	*site.Header
	Href string
	Lang string // where it differs from the list's, else "" (shadows Header.Lang)
	Dir  string
	Now  string        // resources: "closed" while closed_until is ahead; events: "over"; else ""
	Body template.HTML // only where a person checks a proposed page: its rendered Markdown

	made *atomic.Pointer[cardHTML] // nil for cards that stand alone; see frame.share
}

// same tells that two cards say the same.
func (c Card) same(o Card) bool {
	c.made, o.made = nil, nil
	return c == o
}

// Chapter is a page that stands in the booklet.
type Chapter struct {
	*Card
	ID   string        // of its heading
	Body template.HTML // with headings from level 3 on (shadows Card.Body)
	path string
}

// Fact is a field of a page and what it says, a line or a choice each; yes or no;
// 2026-11-23. The partial "answers" knows how to show it.
type Fact struct {
	Field *site.Field
	Text  []string
}

// Facet is one way to narrow a list: its terms with counts.
type Facet struct {
	Taxonomy string // category, area, language
	Terms    []Link
}

// Pager tells where in a list of several pages a page stands. Pages count from 1.
type Pager struct {
	Number int
	Total  int
	Newer  string // href, or ""
	Older  string
	First  string
	Last   string
}
