package exchange

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"potluck/internal/site"
)

// importer turns records into pages. They get their names when all are known.
type importer struct {
	cfg    *site.Config
	kind   *site.Kind
	m      Mapping
	plan   plan
	rep    *Report
	drafts []*draft
}

// draft is a page that has no place yet.
type draft struct {
	rec  record
	page *site.Page
	name string   // of its file
	city string   // as part of a name
	text []string // paragraphs of the body
}

func newImporter(cfg *site.Config, m Mapping, columns []string) (*importer, error) {
	if m.Kind == "" {
		m.Kind = "resource"
	}
	kind := cfg.Kind(m.Kind)
	if kind == nil {
		return nil, fmt.Errorf("there is no kind %q", m.Kind)
	}
	if m.Folder == "" {
		m.Folder = kind.Folder
	}
	for i, c := range columns {
		if c != "" && slices.Contains(columns[:i], c) {
			return nil, fmt.Errorf("two columns are called %q; rename one", c)
		}
	}
	p, err := newPlan(kind, m.Fields, columns)
	return &importer{cfg: cfg, kind: kind, m: m, plan: p, rep: &Report{Unused: map[string]int{}, Made: map[string]int{}}}, err
}

func (im *importer) refuse(rec record, title, reason string) {
	im.rep.Refused = append(im.rep.Refused, Note{Where: rec.where, Value: title, Reason: reason})
}

func (im *importer) left(d *draft, field, value, reason string) {
	im.rep.Left = append(im.rep.Left, Note{Where: d.rec.where, Field: field, Value: value, Reason: reason})
}

// add makes a draft of a record, or refuses it for the fault.
func (im *importer) add(rec record, fault string) {
	im.rep.Records++
	title := strings.Join(im.plan.values("title", &rec, false), "")
	if fault == "" && site.CleanLine(title) == "" {
		fault = "there is no title"
	}
	if fault != "" {
		im.refuse(rec, title, fault)
		return
	}
	d := &draft{rec: rec, page: &site.Page{Kind: im.kind.Name}, name: slug(rec.name), city: slug(strings.Join(im.plan.values("city", &rec, false), ""))}
	if d.name == "" {
		d.name = slug(title)
	}
	if rec.body != "" {
		d.text = []string{im.localOnly(d, rec.body)}
	}
	im.fill(d, "body")
	for _, field := range slices.Sorted(maps.Keys(im.plan)) {
		if field != "body" && field != "city" {
			im.fill(d, field)
		}
	}
	im.dayCodes(d)
	if im.m.Source != "" && d.page.Str("source") == "" && im.kind.Field("source") != nil {
		im.set(d, "source", im.m.Source)
	}
	for column, v := range rec.cells {
		if strings.TrimSpace(v) != "" && !d.rec.read[column] {
			im.rep.Unused[column]++
		}
	}
	im.drafts = append(im.drafts, d)
}

// fill puts what the record says for one field into the draft.
func (im *importer) fill(d *draft, field string) {
	all := slices.Contains([]string{"body", "categories", "areas", "languages", "phones"}, field)
	values := im.plan.values(field, &d.rec, all)
	if values == nil {
		return
	}
	m := &d.page.Meta
	switch field {
	case "body":
		for _, v := range values {
			d.text = append(d.text, plainText(v))
		}
	case "categories":
		m.Categories = im.terms(d, "category", field, values)
	case "areas":
		m.Areas = im.terms(d, "area", field, values)
	case "languages":
		m.Languages = im.terms(d, "language", field, values)
	case "hours":
		im.hours(d, values[0])
	case "phones":
		im.phones(d, values)
	case "latitude":
		im.coordinates(d, values[0])
	case "longitude": // with latitude
	case "url", "source_url":
		im.set(d, field, webAddress(values[0]))
	default:
		im.set(d, field, values[0])
	}
}

// set gives the page a value, or leaves the value out with the reason.
func (im *importer) set(d *draft, field, text string) {
	f, values := takes(im.kind, field), []string{text}
	if f.Type == site.List || f.Type == site.Choices || f.Type == site.Phones {
		values = listOf(text)
	}
	v, err := f.Coerce(values...)
	if err != nil {
		im.left(d, field, text, strings.Trim(strings.ReplaceAll(err.Error(), fmt.Sprintf("%q", text), ""), ": "))
		return
	}
	m := &d.page.Meta
	switch v := v.(type) {
	case nil:
	case string:
		if p := map[string]*string{"title": &m.Title, "summary": &m.Summary}[field]; p != nil {
			*p = v
			return
		}
	case site.Date:
		if p := map[string]*site.Date{"date": &m.Date, "updated": &m.Updated, "publish_from": &m.PublishFrom, "expires": &m.Expires}[field]; p != nil {
			*p = v
			return
		}
	case []string:
		if field == "aliases" {
			m.Aliases = v
			return
		}
	}
	if m.Fields == nil {
		m.Fields = map[string]any{}
	}
	m.Fields[field] = v
}

// finish names the drafts, writes the pages, and gives the report.
func (im *importer) finish() *Report {
	count, taken := map[string]int{}, map[string]bool{}
	for _, d := range im.drafts {
		count[d.name]++
	}
	for _, d := range im.drafts {
		base := d.name
		if count[base] > 1 && d.city != "" && !strings.HasSuffix(base, "-"+d.city) {
			base += "-" + d.city
		}
		d.name = base
		for n := 2; taken[d.name] || im.foreign(d); n++ {
			d.name = fmt.Sprintf("%s-%d", base, n)
		}
		taken[d.name] = true
		if err := im.write(d); err != nil {
			im.refuse(d.rec, d.page.Title, err.Error())
		}
	}
	return im.rep
}

// foreign tells that the file is there and is from another source.
func (im *importer) foreign(d *draft) bool {
	file := path.Join(im.m.Folder, d.name+".md")
	pl, err := im.cfg.PlaceOf(file)
	if im.m.Have == nil || err != nil {
		return false
	}
	src, err := fs.ReadFile(im.m.Have, file)
	old, _ := site.Parse(im.cfg, pl, src)
	return err == nil && old.Str("source") != d.page.Str("source")
}

func (im *importer) write(d *draft) (err error) {
	if d.page.Place, err = im.cfg.PlaceOf(path.Join(im.m.Folder, d.name+".md")); err != nil {
		return err
	}
	if d.text != nil {
		d.page.Body = strings.Join(d.text, "\n\n") + "\n"
	}
	src, err := site.Format(im.cfg, d.page)
	if err != nil {
		return err
	}
	d.page, _ = site.Parse(im.cfg, d.page.Place, src)
	im.rep.Pages = append(im.rep.Pages, Item{Where: d.rec.where, Page: d.page, Bytes: src})
	return nil
}
