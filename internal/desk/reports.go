package desk

import (
	"net/http"
	"slices"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var reportRoutes = []route{
	{method: "GET", path: "reports/", least: site.AnOrganizer, do: (*visit).reports},
	{method: "POST", path: "reports/true/", least: site.AnOrganizer, do: (*visit).stillTrue},
	{method: "POST", path: "reports/numbers/", least: site.AnOrganizer, do: (*visit).numbers},
	{method: "POST", path: "reports/contacts/", least: site.Keeper, fresh: true, do: (*visit).contacts},
}

// ReportsView is what wants care.
type ReportsView struct {
	Stale    []intake.Stale // the first of them
	Gaps     []intake.Gap
	Twins    []intake.Twins
	Loads    []intake.Load
	Months   []intake.Month
	Plot     Plot
	More     map[string]int // how many are not shown, by report
	Contacts [][]string     // references of items with one contact; nil: not compared
	Compared bool
}

// Plot is a drawing of columns, in pixels.
type Plot struct {
	Width, Height int
	Bars          []Bar
}

// Bar is a column, with what it stands for.
type Bar struct {
	X, Y, Width, Height int
	Name                string // 11
	Count               int
}

// reportLines is how many lines of a report are shown.
const reportLines = 40

func (v *visit) reports() { v.report(nil, false) }

func (v *visit) report(contacts [][]string, compared bool) {
	care, err := v.Intake.Care(0)
	if err != nil {
		v.log(err)
	}
	view := ReportsView{
		Stale: first(care.Stale), Gaps: first(care.Gaps), Twins: first(care.Twins), Loads: first(care.Loads), Months: care.Months,
		Plot: plot(care.Months), Contacts: contacts, Compared: compared,
		More: map[string]int{
			"stale": max(0, len(care.Stale)-reportLines), "gaps": max(0, len(care.Gaps)-reportLines), "twins": max(0, len(care.Twins)-reportLines),
		},
	}
	v.page(http.StatusOK, "desk-reports", "reports.title", view)
}

func first[T any](list []T) []T { return list[:min(len(list), reportLines)] }

// plot draws what was published in each month; nothing where nothing was.
func plot(months []intake.Month) Plot {
	const wide, high, foot, head = 24, 120, 20, 16
	p := Plot{Width: wide * len(months), Height: head + high + foot}
	top := 0
	for _, m := range months {
		top = max(top, m.Published)
	}
	if top == 0 {
		return Plot{}
	}
	for i, m := range months {
		h := m.Published * high / top
		p.Bars = append(p.Bars, Bar{i*wide + 3, head + high - h, wide - 6, h, m.Name[len(m.Name)-2:], m.Published})
	}
	return p
}

func (v *visit) stillTrue() {
	sh, err := v.Intake.StillTrue(v.r.Context(), v.form.Get("page"), v.person())
	if err != nil {
		v.fail(err)
		return
	}
	v.done("reports/", "reports.did-true", sh.Page.Title)
}

func (v *visit) numbers() {
	say := func(key string) string { return v.Renderer.Say(v.c.Languages[0], key) }
	if _, err := v.Intake.PublishNumbers(v.r.Context(), say, v.person()); err != nil {
		v.fail(err)
		return
	}
	v.done("edit/numbers.md", "reports.did-numbers", nil)
}

// contacts compares contacts, after unsealing. Only which items have one is shown, never it.
func (v *visit) contacts() {
	same, err := v.Intake.SameContact(v.key(), v.person())
	if err != nil {
		v.log(err)
	}
	v.report(slices.Clip(same), true)
}
