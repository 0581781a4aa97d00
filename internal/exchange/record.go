package exchange

import (
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"potluck/internal/site"
)

// importer turns records into pages. Names are given when all records are known.
type importer struct {
	cfg    *site.Config
	kind   *site.Kind
	m      Mapping
	plan   *plan
	rep    *Report
	drafts []*draft
}

// draft is a page that has no place yet.
type draft struct {
	rec  record
	page *site.Page
	slug string
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
	p, err := newPlan(kind, m, columns)
	if err != nil {
		return nil, err
	}
	return &importer{cfg: cfg, kind: kind, m: m, plan: p, rep: &Report{Unused: map[string]int{}, Made: map[string]int{}}}, nil
}

func (im *importer) refuse(where, title, reason string) {
	im.rep.Refused = append(im.rep.Refused, Note{Where: where, Value: title, Reason: reason})
}

func (d *draft) left(im *importer, field, value, reason string) {
	im.rep.Left = append(im.rep.Left, Note{Where: d.rec.where, Field: field, Value: value, Reason: reason})
}

// add makes a draft of a record.
func (im *importer) add(rec record) {
	d := &draft{rec: rec, page: &site.Page{Kind: im.kind.Name}}
	for column, v := range rec.cells {
		if strings.TrimSpace(v) != "" && !im.plan.used[column] {
			im.rep.Unused[column]++
		}
	}
	titles := im.plan.values("title", &rec)
	if titles == nil {
		im.refuse(rec.where, "", "there is no title")
		return
	}
	d.page.Title = site.CleanLine(titles[0])
	if d.slug = slug(rec.name); d.slug == "" {
		d.slug = slug(d.page.Title)
	}
	for _, field := range slices.Sorted(maps.Keys(im.plan.fields)) {
		if values := im.plan.values(field, &rec); values != nil && field != "title" && field != "longitude" {
			im.fill(d, field, values)
		}
	}
	im.localOnly(d)
	im.dayCodes(d)
	if im.m.Source != "" && d.page.Str("source") == "" && takes(im.kind, "source") {
		im.field(d, "source", im.m.Source)
	}
	im.drafts = append(im.drafts, d)
}

// fill puts what a record says for one field into the draft.
func (im *importer) fill(d *draft, field string, values []string) {
	m := &d.page.Meta
	switch field {
	case "body":
		for _, v := range values {
			d.text = slices.Insert(d.text, 0, plainText(v))
		}
	case "summary":
		m.Summary = site.CleanLine(values[0])
	case "categories":
		m.Categories = im.terms(d, "category", field, values)
	case "areas":
		m.Areas = im.terms(d, "area", field, values)
	case "languages":
		m.Languages = im.terms(d, "language", field, values)
	case "aliases":
		m.Aliases = listOf(values[0])
	case "date", "updated", "publish_from", "expires":
		im.date(d, field, values[0])
	case "hours":
		im.hours(d, values[0])
	case "phones":
		im.phones(d, values)
	case "latitude":
		im.coordinates(d, values[0])
	case "url", "source_url":
		im.field(d, field, webAddress(values[0]))
	default:
		im.field(d, field, values[0])
	}
}

// field sets a field of the kind, or leaves the value out with the reason.
func (im *importer) field(d *draft, name, text string) {
	f := im.kind.Field(name)
	values := []string{text}
	if f.Type == site.List || f.Type == site.Choices || f.Type == site.Phones {
		values = listOf(text)
	}
	v, err := f.Coerce(values...)
	if err != nil {
		d.left(im, name, text, reasonOf(err, text))
	} else if v != nil {
		if d.page.Fields == nil {
			d.page.Fields = map[string]any{}
		}
		d.page.Fields[name] = v
	}
}

// reasonOf takes the value out of an error, so that the same reasons are counted together.
func reasonOf(err error, value string) string {
	return strings.TrimSuffix(strings.ReplaceAll(err.Error(), fmt.Sprintf("%q", value), ""), ": ")
}

func (im *importer) date(d *draft, field, text string) {
	v, err := site.ParseDate(strings.TrimSpace(text))
	if err != nil {
		d.left(im, field, text, strings.TrimSpace(reasonOf(err, text)))
		return
	}
	m := &d.page.Meta
	*map[string]*site.Date{"date": &m.Date, "updated": &m.Updated, "publish_from": &m.PublishFrom, "expires": &m.Expires}[field] = v
}

// finish names the drafts, writes the pages, and gives the report.
func (im *importer) finish() *Report {
	count := map[string]int{}
	for _, d := range im.drafts {
		count[d.slug]++
	}
	taken := map[string]bool{}
	for _, d := range im.drafts {
		base := d.slug
		if city := slug(d.rec.fill(im.plan.city)); count[base] > 1 && city != "" && !strings.HasSuffix(base, "-"+city) {
			base += "-" + city
		}
		name := base
		for n := 2; taken[name] || im.foreign(d, name); n++ {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		taken[name] = true
		im.write(d, name)
	}
	return im.rep
}

func (im *importer) file(name string) string { return path.Join(im.m.Folder, name+".md") }

// foreign tells that the file is there and is from another source.
func (im *importer) foreign(d *draft, name string) bool {
	if im.m.Have == nil {
		return false
	}
	src, err := fs.ReadFile(im.m.Have, im.file(name))
	pl, errPlace := im.cfg.PlaceOf(im.file(name))
	if err != nil || errPlace != nil {
		return false
	}
	old, _ := site.Parse(im.cfg, pl, src)
	return old.Str("source") != d.page.Str("source")
}

func (im *importer) write(d *draft, name string) {
	pl, err := im.cfg.PlaceOf(im.file(name))
	if err != nil {
		im.refuse(d.rec.where, d.page.Title, err.Error())
		return
	}
	d.page.Place = pl
	if d.rec.body != "" {
		d.text = slices.Insert(d.text, 0, d.rec.body)
	}
	if d.text != nil {
		d.page.Body = strings.Join(d.text, "\n\n") + "\n"
	}
	src, err := site.Format(im.cfg, d.page)
	if err != nil {
		im.refuse(d.rec.where, d.page.Title, err.Error())
		return
	}
	d.page, _ = site.Parse(im.cfg, pl, src)
	im.rep.Pages = append(im.rep.Pages, Item{Where: d.rec.where, Page: d.page, Bytes: src})
}

// folds are the Latin letters that slugs write in ASCII.
var folds = func() *strings.Replacer {
	var pairs []string
	for ascii, letters := range map[string]string{
		"a": "àáâãåāăąǎạảấầ", "ae": "æä", "c": "çćčĉċ", "d": "ďđð", "e": "èéêëēĕėęěẹẻẽếề", "g": "ğĝġģ", "h": "ĥħ", "i": "ìíîïĩīĭįıị",
		"j": "ĵ", "k": "ķ", "l": "ĺļľł", "n": "ñńņňŋ", "o": "òóôõōŏőøọỏốồơ", "oe": "œö", "r": "ŕŗř", "s": "śŝşšș", "ss": "ß", "t": "ţťŧț", "th": "þ",
		"u": "ùúûũūŭůűųụủư", "ue": "ü", "w": "ŵ", "y": "ýÿŷỳ", "z": "źżž", "": "'’‘´`.\u0300\u0301\u0302\u0303\u0308\u030c\u0327", " and ": "&",
	} {
		for _, l := range letters {
			pairs = append(pairs, string(l), ascii)
		}
	}
	return strings.NewReplacer(pairs...)
}()

// slug makes a file name of a title: small ASCII letters, digits and single
// hyphens. A title without any of them gets a name from its hash.
func slug(s string) string {
	if s = strings.ToLower(site.CleanLine(s)); s == "" {
		return ""
	}
	name := strings.Trim(nonWord.ReplaceAllString(folds.Replace(s), "-"), "-")
	if len(name) > 70 {
		name = name[:70]
		name = name[:max(strings.LastIndexByte(name, '-'), 40)]
	}
	if name == "" || name == "index" {
		h := fnv.New32a()
		_, _ = h.Write([]byte(s))
		name = fmt.Sprintf("entry-%08x", h.Sum32())
	}
	return name
}
