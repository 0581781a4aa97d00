package intake

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"potluck/internal/site"
)

// A message is sealed whole. Its proposal in git says of which kind it is, and lies beside
// content/, so that no merge can make a page of it. A change is proposed at the path of the
// page that it is for. Both have a trailer Form: with their kind.
const messages = "messages/"

// AboutField is the answer that says which page a message is about: the address of the page.
// No field of site.toml can have this name.
const AboutField = "_page"

// messageDays is how long a message or a change is kept when nobody decides on it.
const messageDays = 60

// only are the operations that are not for every sort of submission.
var only = map[string]site.Makes{
	"publish": site.APage, "match": site.APage, "unmatch": site.APage, "renew": site.APage, "correct": site.APage, "edit": site.APage,
	"accept": site.APage, "refuse": site.APage, "close": site.APage,
	"settle": site.AMessage, "adopt": site.AChange,
}

// next is [State.Next] for this item.
func (it *Item) next(op string, who Who) (State, bool) {
	to, ok := it.State.Next(op, who)
	if makes, some := only[op]; some && makes != it.Makes {
		return it.State, false
	}
	return to, ok
}

// Form is what is asked of a neighbour now.
type Form struct {
	Kind      *site.Kind
	Questions []Question
	About     *site.Page // the page that a message or a change is about, or nil
	file      []byte     // of that page
}

// Form gives the form of a kind. address is that of a page, without the path of base_url, or
// "". A form for a change needs a page that everyone can see, else it is ErrNoPage.
func (s *Service) Form(k *site.Kind, address string) (*Form, error) {
	f := &Form{Kind: k}
	if k.Makes != site.APage && s.o.Git != nil {
		f.About, f.file = s.pageAt(address)
	}
	switch {
	case k.Makes != site.AChange:
	case f.About == nil:
		return nil, ErrNoPage
	default:
		f.Questions = changeQuestions(s.Config(), f.About)
	}
	f.Questions = append(f.Questions, Questions(s.Config(), k)...)
	return f, nil
}

// Values are what stands on a form before anything was typed: of a change, the words of the page.
func (f *Form) Values() map[string][]string {
	if f.Kind.Makes == site.AChange {
		return pageValues(f.About)
	}
	return nil
}

// pageAt finds the page of main that everyone can see at an address of the site.
func (s *Service) pageAt(address string) (*site.Page, []byte) {
	c := s.Config()
	dir, err := url.PathUnescape(strings.Trim(address, "/"))
	ext := ".md"
	if first, rest, _ := strings.Cut(dir, "/"); slices.Contains(c.Languages[1:], first) {
		dir, ext = rest, "."+first+".md"
	}
	if err != nil || address == "" || len(address) > 1000 {
		return nil, nil
	}
	for _, name := range []string{dir + ext, path.Join(dir, "index"+ext)} {
		pl, err := c.PlaceOf(name)
		if err != nil {
			continue
		}
		src, err := s.o.Git.Read(mainRef, "content/"+pl.Path)
		if err != nil {
			continue
		}
		p, _ := site.Parse(c, pl, src)
		if shown, _ := p.Shown(s.Now(), c.Location); shown && !p.Draft {
			return p, src
		}
	}
	return nil, nil
}

// changeQuestions are the words of a page that a neighbour may propose to change: its title,
// its text, and what its kind has beside them, if it is on the page or could well be missing.
func changeQuestions(c *site.Config, p *site.Page) []Question {
	words := pageValues(p)
	qs := []Question{{Field: &site.Field{Name: "title", Type: site.Text, Class: site.Public, Required: true}}}
	for _, f := range c.Kind(p.Kind).Fields {
		text := slices.Contains([]site.Type{site.Text, site.LongText, site.List, site.Phone, site.Phones, site.Email, site.URL, site.Hours}, f.Type)
		missed := slices.Contains([]string{"hours", "phones", "address", "email", "url"}, f.Name)
		if f.Class == site.Public && text && f.Name != "title" && f.Name != "body" && (missed || len(words[f.Name]) > 0) {
			own := *f
			own.Required = false
			qs = append(qs, Question{Field: &own})
		}
	}
	if body := words["body"][0]; len(url.QueryEscape(body)) < 40<<10 { // a post has 64 kB
		qs = append(qs, Question{Field: &site.Field{Name: "body", Type: site.LongText, Class: site.Public}, limit: max(4000, 2*utf8.RuneCountInString(body))})
	}
	return qs
}

// CheckForm holds a post to a form. See [Service.Check].
func (s *Service) CheckForm(f *Form, values map[string][]string) (*Draft, []Fault) {
	d, faults := s.check(f, values)
	if f.Kind.Makes != site.AChange || len(faults) > 0 {
		return d, faults
	}
	changed, err := f.change(d)
	if err != nil {
		return d, []Fault{{d.Answers[0].Field, "error.text"}}
	}
	if i := slices.IndexFunc(d.Answers, func(a Answer) bool { return a.Name == "reason" }); !changed && i >= 0 && d.Answers[i].Value == nil {
		return d, []Fault{{d.Answers[i].Field, "error.unchanged"}}
	}
	return d, nil
}

// Change is what a draft for a change makes of the page; nil of any other.
func (f *Form) Change(c *site.Config, d *Draft) []Difference {
	if f.Kind.Makes != site.AChange {
		return nil
	}
	return Diff(c, d.Page.Place, f.file, d.file)
}

// change makes the draft the page as it would be, and leaves in its answers, of the public
// ones, those that differ. What nobody touched stays byte for byte.
func (f *Form) change(d *Draft) (changed bool, err error) {
	values, was := map[string]any{}, pageValues(f.About)
	var body *string
	d.Answers = slices.DeleteFunc(d.Answers, func(a Answer) bool {
		if a.Class != site.Public {
			return false
		}
		if unchanged(a.Value, was[a.Name]) {
			return true
		}
		if values[a.Name] = a.Value; a.Name == "body" {
			text, _ := a.Value.(string)
			body = &text
			delete(values, "body")
		}
		return false
	})
	file, err := site.Revise(f.file, values, body)
	d.file = file
	return string(file) != string(f.file), err
}

// unchanged tells that an answer says what the page says.
func unchanged(v any, was []string) bool {
	switch v := v.(type) {
	case nil:
		return strings.Join(was, "") == ""
	case string:
		return v == site.CleanLong(strings.Join(was, "\n"))
	case []string:
		return slices.Equal(v, was)
	}
	return false
}

// proposed gives the path and the text that a draft waits with in git.
func (s *Service) proposed(d *Draft, id string, received time.Time) (where, text string, err error) {
	switch d.kind.Makes {
	case site.AMessage:
		day := received.In(s.Config().Location)
		return messages + day.Format("2006/01/") + id + ".toml", fmt.Sprintf("kind = %q\n", d.kind.Name), nil
	case site.AChange:
		return d.Page.Path, string(d.file), nil
	}
	page, err := d.place(s.Config(), id, received)
	return d.Page.Path, string(page), err
}

// end is the last day on which something waits for a decision, or is on the site.
func (s *Service) end(makes site.Makes, p *site.Page, received time.Time) site.Date {
	if makes == site.APage {
		return p.Expires
	}
	return site.OnDay(received.UTC().Truncate(time.Hour).In(s.Config().Location)).AddDays(messageDays)
}

// sort tells messages and changes apart.
func (s *Service) sort(it *Item, first Entry) (err error) {
	it.Kind = first.Form
	if strings.HasPrefix(first.Path, messages) {
		it.Makes, it.Page = site.AMessage, &site.Page{Kind: first.Form}
		return nil
	}
	it.Makes = site.AChange
	if it.Base, err = s.o.Git.Read(first.Parent, first.Path); notThere(err) {
		err = nil
	}
	return err
}

// adopt puts the words of a change on main. Where the page is no longer as it was when they
// were written, a person has to look at both.
func (s *Service) adopt(ctx context.Context, it *Item, d Decision) error {
	switch _, ok := it.next("adopt", Organizer); {
	case it.State == Closed && it.by == "adopt": // it was stopped
		return s.file(ctx, it)
	case !ok:
		return it.refuse("publish")
	case string(it.Now) == string(it.Markdown): // it was stopped, or somebody did the same by hand
	case string(it.Now) != string(it.Base):
		return refusal("page-changed", it.Path+" has changed since these words were written", "change the page by hand, then close this: potluck inbox decline "+it.ID+" -reason duplicate", it.Path)
	default:
		err := s.o.Git.Commit(ctx, Change{
			Ref: mainRef, Path: it.Path, Old: it.Now, Data: it.Markdown, By: d.By, When: s.Now(),
			Message: headline("adopt", it, it.Page.Title), Trailers: [][2]string{{"Item", it.ID}},
		})
		if err != nil {
			return err
		}
		it.Now = it.Markdown
	}
	return s.do(ctx, it, act{op: "adopt", who: Organizer, by: d.By, reason: "fulfilled"})
}
