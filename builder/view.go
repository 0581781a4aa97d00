package builder

import (
	"html/template"

	"potluck/internal/site"
)

// View is what every layout is given as its dot. A layout sees other pages only
// as Cards and Links, never their bodies.
type View struct {
	Site        *SiteView
	Layout      string // name of the layout: a kind, or home, list, term, 404, form, check, receipt, notice, inbox
	Lang        string // of the page's frame
	Dir         string // "ltr" or "rtl", of Lang
	Title       string // the h1, plain text
	Description string // one or two sentences, plain text; may be ""
	URL         string // absolute; "" where a page has no address of its own (404, forms)
	NoIndex     bool   // search engines are asked to leave it out
	Feed        string // href of the feed of this page, or ""
	Languages   []LangLink
	Crumbs      []Link // from home to the parent
	Nav         []NavLink

	Page     *site.Header   // the page itself; nil on pages made by potluck
	Body     template.HTML  // its rendered Markdown
	Contents []site.Heading // its headings, where there are three or more
	Prev     *Link          // neighbour in its section
	Next     *Link
	State    string // offers and requests: open, matched, closed
	Overdue  bool   // its review date has passed, or it was not assured for 180 days, at Input.Now

	Entries []*Card // lists: this list page's entries
	Groups  []Facet // lists: the facets of all entries of the list, with counts
	Pager   Pager
	Term    *Link // term pages: what the list is about
	Terms   []Link

	Needs  []*Card // home: newest open requests
	Offers []*Card // home: newest open offers
	Events []*Card // home: next events
	News   []*Card // home

	Form any // pages of the form handler: what it gave (see formhandler/view.go)
}

// SiteView is what is the same on all pages of a language.
type SiteView struct {
	Title       string
	Description string
	Phone       string // as written
	PhoneHref   string // tel:…
	Email       string
	Home        string            // href of the home page in this language
	Sections    map[string]string // href of a section ("resources", "offer", "privacy" …) in this language or the default one; only those that exist
	Forms       bool              // a form handler answers at /forms/
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
	Now  string // resources: "closed" while closed_until is ahead; else ""
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
