package exchange

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"potluck/internal/site"
)

// known are the names of columns for each field, in the order in which they are
// asked. Names are compared in small letters with _ between words.
var known = map[string]string{
	"title": "name title service_name agency_name site_name location_name program_name", "organization": "organization organization_name agency provider",
	"summary": "summary short_desc short_description", "body": "body description notes details comments",
	"phones": "phones phone telephone phone_number tel", "email": "email e_mail email_address",
	"url": "url website web_site web homepage link", "hours": "hours opening_hours open_hours schedule",
	"latitude": "latitude lat", "longitude": "longitude lon lng long",
	"categories": "categories category services service_type taxonomy tags", "areas": "areas area neighborhood service_area", "languages": "languages language",
	"eligibility_description": "eligibility_description eligibility", "fees_description": "fees_description fees cost", "required_documents": "required_documents documents",
	"application_process": "application_process how_to_apply", "accessibility": "accessibility", "assured_date": "assured_date last_assured_date last_verified",
	"alert": "alert", "location_type": "location_type", "source": "source", "source_url": "source_url", "date": "date", "expires": "expires",
	"start": "start", "end": "end", "place": "place venue",
}

// addressParts are the columns of an address, what stands before each, and the field of its own that each part may be.
var addressParts = []struct{ names, before string }{
	{"address address_1 address1 street street_address", ", "}, {"address_2 address2 unit", ", "},
	{"city town locality", ", "}, {"state province region state_province", ", "}, {"zip zipcode zip_code postal_code postcode", " "},
}

// common are the fields of every kind that an import can fill.
var common = []string{"title", "summary", "body", "date", "updated", "publish_from", "expires", "categories", "areas", "languages", "aliases"}

var (
	hole    = regexp.MustCompile(`\{([^{}]*)\}`)
	nonWord = regexp.MustCompile(`[^a-z0-9]+`)
	commas  = regexp.MustCompile(`(?:[ \t]*,)+[ \t]*`)
	dayCode = regexp.MustCompile(`^daycode([0-9]*)$`)
)

// plan is where each field comes from: texts with {column} in them.
type plan struct {
	fields map[string][]string
	city   string
	used   map[string]bool
}

// newPlan maps columns to the fields of a kind by name, then as m says.
func newPlan(kind *site.Kind, m Mapping, columns []string) (*plan, error) {
	p := &plan{fields: map[string][]string{}, used: map[string]bool{}}
	find := func(names string) (holes []string) {
		for name := range strings.FieldsSeq(names) {
			for _, c := range columns {
				if strings.Trim(nonWord.ReplaceAllString(strings.ToLower(c), "_"), "_") == name {
					holes = append(holes, "{"+c+"}")
				}
			}
		}
		return holes
	}
	for field, names := range known {
		if holes := find(names); holes != nil && takes(kind, field) {
			p.fields[field] = holes
		}
	}
	if cities := find(addressParts[2].names); cities != nil {
		p.city = cities[0]
	}
	var address string
	for _, part := range addressParts {
		if holes := find(part.names); holes != nil {
			address += part.before + holes[0]
		}
	}
	if address != "" && takes(kind, "address") {
		p.fields["address"] = []string{strings.TrimLeft(address, ", ")}
	}
	if err := p.override(kind, m.Fields, columns); err != nil {
		return nil, err
	}
	if p.fields["title"] == nil {
		return nil, fmt.Errorf("no column has the title; say which with title=COLUMN; the columns are %s", strings.Join(columns, ", "))
	}
	p.markUsed(columns)
	return p, nil
}

// takes tells that a page of the kind can have the field.
func takes(kind *site.Kind, field string) bool {
	f := kind.Field(field)
	return slices.Contains(common, field) || f != nil && f.Class == site.Public
}

func (p *plan) override(kind *site.Kind, fields map[string]string, columns []string) error {
	for field, text := range fields {
		switch f := kind.Field(field); {
		case f != nil && f.Class != site.Public && !slices.Contains(common, field):
			return fmt.Errorf("%q is private and has no place in a page", field)
		case !takes(kind, field):
			return fmt.Errorf("a page of kind %s has no field %q", kind.Name, field)
		}
		if !strings.Contains(text, "{") && text != "" {
			text = "{" + text + "}"
		}
		for _, h := range hole.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(columns, h[1]) {
				return fmt.Errorf("there is no column %q for %s; the columns are %s", h[1], field, strings.Join(columns, ", "))
			}
		}
		p.fields[field] = nil
		if text != "" {
			p.fields[field] = []string{text}
		}
	}
	return nil
}

func (p *plan) markUsed(columns []string) {
	for _, texts := range p.fields {
		for _, h := range hole.FindAllStringSubmatch(strings.Join(texts, ""), -1) {
			p.used[h[1]] = true
		}
	}
	for _, c := range columns {
		if n := dayCode.FindStringSubmatch(c); n != nil {
			open, shut := dayColumns(n[1])
			p.used[c], p.used[open], p.used[shut] = true, true, true
		}
	}
}

// values gives what the record says for a field: one text for each source that says something.
func (p *plan) values(field string, rec *record) []string {
	var list []string
	for _, text := range p.fields[field] {
		if s := rec.fill(text); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// record is one row or one file.
type record struct {
	where string
	name  string            // of the file, if it is one
	cells map[string]string // by column
	body  string            // Markdown
}

// get gives a cell, clean.
func (r *record) get(column string) string { return site.CleanLong(r.cells[column]) }

// fill puts cells into a text; it is empty when they all are. Commas that nothing
// stands between become one.
func (r *record) fill(text string) string {
	some := false
	s := hole.ReplaceAllStringFunc(text, func(h string) string {
		v := r.get(h[1 : len(h)-1])
		some = some || v != ""
		return v
	})
	switch {
	case !some:
		return ""
	case strings.Count(text, "{") > 1:
		s = strings.Trim(commas.ReplaceAllString(s, ", "), " ,\n")
	}
	return s
}
