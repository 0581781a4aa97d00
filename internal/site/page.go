package site

import (
	"cmp"
	"reflect"
	"time"
)

// Meta is the public front matter of a page. There is no place in it for a field
// of another class.
type Meta struct {
	Title       string
	Summary     string
	Date        Date
	Updated     Date
	PublishFrom Date
	Expires     Date
	Draft       bool
	Categories  []string
	Areas       []string
	Languages   []string
	Aliases     []string
	Weight      int
	WrittenIn   string         // code of the language of the words, where that is not the one of the file's name
	HTML        bool           // the body may hold some HTML; not on pages from forms
	Fields      map[string]any // the public fields of the page's kind; see Type for the Go types
}

// Page is one Markdown file.
type Page struct {
	Place
	Kind string
	Meta
	Body string // Markdown with LF line ends, no blank lines around, one LF at the end if not empty
}

// Header is all that any other page may see of a page.
type Header struct {
	Place
	Kind string
	Meta
	Headings []Heading
	Links    []Link
	Words    int // of the body, in steps of 50, so that few edits show on other pages
}

// Language gives the code of the language that the page is written in. It stands
// at the address of Lang: a neighbour's words are not translated, only marked.
func (h *Header) Language() string { return cmp.Or(h.WrittenIn, h.Lang) }

// Language is that of the Header.
func (p *Page) Language() string { return cmp.Or(p.WrittenIn, p.Lang) }

// Heading is a heading of the body; Level counts from 2.
type Heading struct {
	Level int
	ID    string
	Text  string // plain text
	Own   bool   // the author chose the ID, by {#id}
}

// Link is a link out of a body as it was written. Its place in the file is no
// other page's business.
type Link struct {
	Dest    string
	Image   bool
	Include bool // the other page's body stands here
}

// Str gives a text field of the page's kind, or "".
func (m *Meta) Str(name string) string { s, _ := m.Fields[name].(string); return s }

// List gives a list field of the page's kind, or nil.
func (m *Meta) List(name string) []string { l, _ := m.Fields[name].([]string); return l }

// Day gives a date field of the page's kind, or the zero Date.
func (m *Meta) Day(name string) Date { d, _ := m.Fields[name].(Date); return d }

// Num gives a number field of the page's kind, or 0.
func (m *Meta) Num(name string) float64 { n, _ := m.Fields[name].(float64); return n }

// Has tells whether the page says anything in a field of its kind.
func (m *Meta) Has(name string) bool { _, ok := m.Fields[name]; return ok }

// Flag gives a yes-or-no field of the page's kind, or false.
func (m *Meta) Flag(name string) bool { b, _ := m.Fields[name].(bool); return b }

// Shown tells whether the page is shown at now, and when that changes next (the
// zero time: never). Drafts are the caller's matter.
func (m *Meta) Shown(now time.Time, loc *time.Location) (bool, time.Time) {
	if !m.PublishFrom.IsZero() {
		if from := m.PublishFrom.Start(loc); now.Before(from) {
			return false, from
		}
	}
	if m.Expires.IsZero() {
		return true, time.Time{}
	}
	end := m.Expires.End(loc)
	if !now.Before(end) {
		return false, time.Time{}
	}
	return true, end
}

// Value gives a field of the front matter by its name, in the Go type of its [Type], or
// nil where the page does not have it.
func (m *Meta) Value(name string) any {
	v, common := map[string]any{
		"title": m.Title, "summary": m.Summary, "date": m.Date, "updated": m.Updated, "publish_from": m.PublishFrom,
		"expires": m.Expires, "draft": m.Draft, "categories": m.Categories, "areas": m.Areas, "languages": m.Languages,
		"aliases": m.Aliases, "weight": float64(m.Weight), "html": m.HTML,
	}[name]
	if !common {
		return m.Fields[name]
	}
	if reflect.ValueOf(v).IsZero() {
		return nil
	}
	return v
}
