package formhandler

import (
	"html/template"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// Paper gives the form of a kind for paper, in a language. draw makes a picture of an
// address, an <svg>; nil makes none.
func Paper(svc *intake.Service, k *site.Kind, lang string, sheets int, draw func(string) string) PaperView {
	c := svc.Config()
	v := &visit{c: c, lang: lang, kind: k}
	origin := strings.TrimSuffix(c.BaseURL, "/")
	p := PaperView{
		Kind: k.Name, Makes: k.Makes, Lead: v.lead(), Readers: k.Readers,
		URL: origin + c.FormPath(lang, k.Name), MineURL: origin + c.MinePath(lang),
	}
	if draw != nil {
		p.QR = template.HTML(draw(p.URL))
	}
	for _, q := range intake.Questions(c, k) {
		if q.Class == site.Public {
			p.Public = append(p.Public, v.input(q))
		} else {
			p.Private = append(p.Private, v.input(q))
		}
	}
	for range sheets {
		number, code := svc.NewSlip()
		p.Sheets = append(p.Sheets, Sheet{number, code.String(), intake.Reference(code.ID())})
	}
	return p
}
