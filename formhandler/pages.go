package formhandler

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// form answers with the form and everything that was typed.
func (v *visit) form(status int, faults []intake.Fault) {
	f := v.formView(v.action(), faults)
	f.Trap, f.Mine, f.Lead = v.trap(), v.mineHref(), v.lead()
	if v.asks.About != nil {
		f.Carry = []Pair{{pageName, v.asks.About.URL}}
	}
	v.render(status, "form", v.title(), f)
}

func (v *visit) about() *About {
	if p := v.asks.About; p != nil {
		return &About{p.Title, p.URL}
	}
	return nil
}

// lead is the sentence at the top of a form.
func (v *visit) lead() string {
	words := v.kind.Lead.In(v.lang, v.c.Languages[0])
	switch {
	case words != "":
		return words
	case slices.Contains([]string{"reply", "concern", "suggestion"}, v.kind.Name):
		return "form.lead-" + v.kind.Name
	}
	return "form.lead"
}

func (v *visit) formView(action string, faults []intake.Fault) FormView {
	f := FormView{Kind: v.kind.Name, Makes: v.kind.Makes, About: v.about(), Readers: v.kind.Readers, Action: action}
	for _, q := range v.asks.Questions {
		in := v.input(q)
		if i := slices.IndexFunc(faults, func(f intake.Fault) bool { return f.Field.Name == q.Name }); i >= 0 {
			in.Error = faults[i].Text
			f.Errors = append(f.Errors, FieldError{in.ID, q.Field, in.Error})
		}
		if q.Class == site.Public {
			f.Public = append(f.Public, in)
		} else {
			f.Private = append(f.Private, in)
		}
	}
	return f
}

func (v *visit) input(q intake.Question) FieldView { return q.Input(v.c, v.lang, v.typed(q.Name)) }

// check answers with the page "check your answers". nonce is that of an earlier one, or "".
func (v *visit) check(d *intake.Draft, nonce string) {
	t := v.Intake.Ticket(nonce, v.Intake.Now())
	v.checkPage(d, v.action(), "check.send-more", Pair{nonceName, t.Nonce}, Pair{stampName, t.Stamp})
}

// checkPage shows a draft before it is sent to action, with what must be sent beside the words. then
// says what comes of sending it.
func (v *visit) checkPage(d *intake.Draft, action, then string, beside ...Pair) {
	view := CheckView{
		Kind: v.kind.Name, Makes: v.kind.Makes, About: v.about(), Readers: v.kind.Readers, Action: action, Then: then,
		Change: v.asks.Change(v.c, d), Carry: append(v.words(), beside...),
	}
	if v.kind.Makes == site.APage {
		v.show(d, &view)
	}
	for _, a := range d.Answers {
		if a.Name == pageName {
			continue
		}
		row := Row{a.Field, v.text(a)}
		if a.Class == site.Public {
			view.Public = append(view.Public, row)
		} else {
			view.Private = append(view.Private, row)
		}
	}
	v.render(http.StatusOK, "check", "title.check", view)
}

// show puts on the check page what everyone will see, and what of it gives a person away.
func (v *visit) show(d *intake.Draft, view *CheckView) {
	for _, r := range intake.Reveals(v.kind, &d.Page) {
		view.Reveals = append(view.Reveals, Row{r.Field, []string{r.Text}})
	}
	view.Move, view.Moved = intake.CanConceal(v.asks.Questions), v.values.Get("move") != ""
	var err error
	if view.Card, err = v.Renderer.Card(v.lang, &d.Page); err != nil {
		v.log(fmt.Errorf("the theme cannot make the card of a %s", v.kind.Name)) // err may hold the words
	}
}

// text gives the lines of an answer.
func (v *visit) text(a intake.Answer) []string {
	switch val := a.Value.(type) {
	case nil:
		return nil
	case string:
		return strings.Split(val, "\n")
	case []string:
		lines := slices.Clone(val)
		for i, s := range lines {
			if l := intake.Label(v.c, a.Name, s, v.lang); l != "" {
				lines[i] = l
			}
		}
		return lines
	case bool:
		return []string{map[bool]string{true: "yes", false: "no"}[val]}
	case float64:
		return []string{strconv.FormatFloat(val, 'f', -1, 64)}
	}
	return []string{fmt.Sprint(a.Value)}
}

func (v *visit) notice(status int, title string, n NoticeView) {
	if len(n.Carry) == 0 {
		n.Retry = ""
	}
	for _, p := range n.Carry {
		if i := slices.IndexFunc(v.asked(), func(q intake.Question) bool { return q.Name == p.Name }); i >= 0 {
			n.Rows = append(n.Rows, Row{v.asks.Questions[i].Field, strings.Split(p.Value, "\n")})
		}
	}
	v.render(status, "notice", title, n)
}

// asked are the questions of the form, none on a page that is no form.
func (v *visit) asked() []intake.Question {
	if v.asks == nil {
		return nil
	}
	return v.asks.Questions
}

// render answers with a page of the theme, or with plain text when that fails.
func (v *visit) render(status int, layout, title string, view any) {
	var page bytes.Buffer
	kind := "text/html; charset=utf-8"
	if err := v.Renderer.Render(&page, v.lang, layout, title, view); err != nil {
		v.log(fmt.Errorf("the theme cannot make the page %q", layout)) // err may hold the words
		kind = "text/plain; charset=utf-8"
		page.Reset()
		if status = plain(&page, status, view); v.c.Phone != "" {
			fmt.Fprintf(&page, "\nCall us: %s\n", v.c.Phone)
		}
	}
	v.w.Header().Set("Content-Type", kind)
	v.w.WriteHeader(status)
	_, _ = v.w.Write(page.Bytes())
}

// plain is what stands on a page that the theme could not make.
func plain(b *bytes.Buffer, status int, view any) int {
	if r, ok := view.(ReceiptView); ok {
		fmt.Fprintf(b, "Thank you. We have it.\nYour reference: %s\nYour code, to write down: %s\n", r.Reference, r.Code)
		return status
	}
	if s, ok := view.(StatusView); ok {
		fmt.Fprintf(b, "Your reference: %s\nIt is now: %s\n", s.Reference, s.State)
		return status
	}
	fmt.Fprintln(b, "This page cannot be shown right now.")
	if n, ok := view.(NoticeView); ok {
		for _, p := range n.Carry {
			fmt.Fprintf(b, "%s: %s\n", p.Name, p.Value)
		}
		return max(status, http.StatusBadRequest)
	}
	return http.StatusServiceUnavailable
}
