package intake

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"potluck/internal/site"
)

// Question is one field of a form with the choices it has now; nil means any text.
type Question struct {
	*site.Field
	Options []string
	limit   int
}

// Taxonomies are the fields whose choices stand in site.toml, and the taxonomy of each.
var Taxonomies = map[string]string{"categories": "category", "areas": "area", "languages": "language"}

// Questions gives what the form of a kind asks: what becomes public first. A page needs
// a title, so that is always asked. A choice without choices is left out.
func Questions(c *site.Config, k *site.Kind) []Question {
	var qs []Question
	if f := k.Field("title"); k.Makes == site.APage && (f == nil || !f.Ask) {
		qs = append(qs, Question{Field: &site.Field{Name: "title", Type: site.Text, Class: site.Public, Required: true}})
	}
	for _, f := range append(k.Asked(site.Public), k.Asked(site.Organizers, site.Sealed)...) {
		q := Question{Field: f, Options: options(c, f)}
		if q.Options != nil || f.Type != site.Choice && f.Type != site.Choices {
			qs = append(qs, q)
		}
	}
	return qs
}

// Many tells that the question takes several answers.
func (q Question) Many() bool {
	return q.Type == site.Choices || q.Type == site.List || q.Type == site.Phones
}

// Limit is how many characters an answer may have.
func (q Question) Limit() int {
	switch {
	case q.limit > 0:
		return q.limit
	case q.Name == "title":
		return 120
	case q.Name == "body":
		return 4000
	case q.Type == site.LongText:
		return 2000
	}
	return 500
}

// Fault is what is wrong with one answer. Text is a key of the theme's strings.
type Fault struct {
	Field *site.Field
	Text  string
}

// Answer is a question and what was answered; nil for nothing. See [site.Type] for the
// Go types.
type Answer struct {
	Question
	Value any
}

// Draft is a post that was checked. The page has its public answers alone.
type Draft struct {
	Page    site.Page
	Answers []Answer
	kind    *site.Kind
	file    []byte // of a change: the page as it would be
	words   []byte // a hash of what was typed
}

// Check holds a post to the schema of a kind. Faults come in the order of the form;
// without any, the draft can be submitted.
func (s *Service) Check(k *site.Kind, values map[string][]string) (*Draft, []Fault) {
	return s.CheckForm(&Form{Kind: k, Questions: Questions(s.Config(), k)}, values)
}

func (s *Service) check(f *Form, values map[string][]string) (*Draft, []Fault) {
	c, k, d, words := s.Config(), f.Kind, &Draft{Page: site.Page{Kind: f.Kind.Name}, kind: f.Kind}, sha256.New()
	if f.About != nil {
		d.about(f, words)
	}
	if k.Field("state") != nil {
		d.put(Question{Field: k.Field("state")}, "open")
	}
	var faults []Fault
	for _, q := range f.Questions {
		v, fault := q.read(values[q.Name], words)
		switch day, _ := v.(site.Date); {
		case q.Name == "contact" && v == nil && fault == "" && d.needsContact():
			fault = "error.contact"
		case q.Name == "needed_by" && v != nil && s.Now().After(day.End(c.Location)):
			fault = "error.past"
		}
		if fault != "" {
			faults = append(faults, Fault{q.Field, fault})
			continue
		}
		d.Answers = append(d.Answers, Answer{q, v})
		if v != nil && q.Class == site.Public && k.Makes == site.APage {
			d.put(q, v)
		}
	}
	d.words = words.Sum(nil)
	if len(faults) == 0 && k.Makes == site.APage {
		if _, err := d.place(c, strings.Repeat("0", idLen), s.Now()); err != nil {
			faults = []Fault{{d.Answers[0].Field, "error.text"}}
		}
	}
	return d, faults
}

// about says which page a message or a change is about. Which one it is, is for organizers.
func (d *Draft) about(f *Form, words io.Writer) {
	if d.kind.Makes == site.AChange {
		d.Page = *f.About
	} else {
		d.Answers = append(d.Answers, Answer{Question{Field: &site.Field{Name: AboutField, Type: site.Text, Class: site.Organizers}}, f.About.URL})
	}
	fmt.Fprintf(words, "page %q\n", f.About.Path)
}

// read turns what was typed into the value of the question, nil for nothing.
func (q Question) read(typed []string, words io.Writer) (v any, fault string) {
	var texts []string
	long := false
	for _, s := range q.items(typed) {
		if s = site.CleanLong(s); s != "" && !slices.Contains(texts, s) {
			texts = append(texts, s)
			long = long || utf8.RuneCountInString(s) > q.Limit() || len(texts) > 50
		}
	}
	fmt.Fprintf(words, "%s %q\n", q.Name, texts)
	if len(texts) > 0 && !q.Many() {
		texts = []string{strings.Join(texts, "\n")}
	}
	if long {
		return nil, "error.long"
	}
	return q.value(texts)
}

// value turns texts into the value of the question.
func (q Question) value(texts []string) (v any, fault string) {
	f := *q.Field
	f.Options = q.Options
	v, err := f.Coerce(q.items(texts)...)
	switch {
	case err != nil && (f.Type == site.Choices || f.Type == site.YesNo):
		return nil, "error.choice"
	case err != nil && f.Type == site.Phones:
		return nil, "error.phone"
	case err != nil: // choice, date, number, phone, email, url
		return nil, "error." + string(f.Type)
	case v == nil && q.Required:
		return nil, "error.required"
	}
	return v, ""
}

// put puts a public answer into the page.
func (d *Draft) put(q Question, v any) {
	switch m := &d.Page.Meta; q.Name {
	case "title":
		m.Title = v.(string)
	case "body":
		d.Page.Body = v.(string) + "\n"
	case "categories":
		m.Categories = v.([]string)
	case "areas":
		m.Areas = v.([]string)
	case "languages":
		m.Languages = v.([]string)
	default:
		if m.Fields == nil {
			m.Fields = map[string]any{}
		}
		m.Fields[q.Name] = v
	}
}

// needsContact tells that the way to be reached needs a number, an address or a name.
func (d *Draft) needsContact() bool {
	i := slices.IndexFunc(d.Answers, func(a Answer) bool { return a.Name == "contact_how" })
	return i >= 0 && d.Answers[i].Value != nil && d.Answers[i].Value != "code"
}

// days is how long a listing is on the site.
func days(p *site.Page) int {
	switch {
	case p.Kind == "request":
		return 21
	case p.Flag("standing"):
		return 365
	}
	return 60
}

// place gives the page its file and its dates, and writes it.
func (d *Draft) place(c *site.Config, id string, received time.Time) ([]byte, error) {
	day := received.In(c.Location)
	dir := strings.TrimPrefix(c.Kind(d.Page.Kind).Folder+"/", "/")
	pl, err := c.PlaceOf(dir + day.Format("2006/01/") + id + ".md")
	if err != nil {
		return nil, err
	}
	d.Page.Place, d.Page.Date = pl, site.OnDay(day)
	d.Page.Expires = d.Page.Date.AddDays(days(&d.Page))
	return site.Format(c, &d.Page)
}

// private writes the answers of one class as lines of TOML, for a person to read.
func (d *Draft) private(class site.Class) (b []byte) {
	for _, a := range d.Answers {
		if a.Class == class && a.Value != nil {
			b = fmt.Appendf(b, "%s = %s\n", a.Name, tomlValue(a.Value))
		}
	}
	return b
}

// tomlValue relies on the texts being clean: TOML has all of Go's escapes that are left.
func tomlValue(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case []string:
		items := make([]string, len(v))
		for i, s := range v {
			items[i] = strconv.Quote(s)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprint(v)
}
