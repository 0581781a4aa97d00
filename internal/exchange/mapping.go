package exchange

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"potluck/internal/site"
)

// known are the names of columns for each field, in the order in which they are
// asked: small letters, with _ between words. A field's own name comes first.
var known = map[string]string{
	"title": "name title service_name agency_name site_name location_name program_name", "organization": "organization_name agency provider",
	"summary": "short_desc short_description", "body": "description notes details comments", "date": "", "expires": "",
	"phones": "phone telephone phone_number tel", "email": "e_mail email_address", "url": "website web_site web homepage link",
	"hours": "opening_hours open_hours schedule", "latitude": "lat", "longitude": "lon lng long",
	"categories": "category services service_type taxonomy tags", "areas": "area neighborhood service_area", "languages": "language",
	"eligibility_description": "eligibility", "fees_description": "fees cost", "required_documents": "documents", "application_process": "how_to_apply",
	"accessibility": "", "assured_date": "last_assured_date last_verified", "alert": "", "location_type": "", "source": "", "source_url": "",
	"start": "", "end": "", "place": "venue",
}

// addressParts are the names of the columns of an address, each with what stands before it.
var addressParts = [][2]string{
	{"", "address address_1 address1 street street_address"}, {", ", "address_2 address2 unit"}, {", ", "city town locality"},
	{", ", "state province region state_province"}, {" ", "zip zipcode zip_code postal_code postcode"},
}

// common are the fields of every kind that an import can fill.
var common = map[string]*site.Field{
	"title": {Type: site.Text}, "summary": {Type: site.Text}, "body": {}, "date": {Type: site.Day}, "updated": {Type: site.Day}, "publish_from": {Type: site.Day},
	"expires": {Type: site.Day}, "categories": {}, "areas": {}, "languages": {}, "aliases": {Type: site.List},
}

var (
	hole    = regexp.MustCompile(`\{([^{}]*)\}`)
	nonWord = regexp.MustCompile(`[^a-z0-9]+`)
	commas  = regexp.MustCompile(`(?:[ \t]*,)+[ \t]*`)
)

// plan is where each field comes from: texts with {column} in them.
type plan map[string][]string

// newPlan maps columns to the fields of a kind by name, then as fields says.
func newPlan(kind *site.Kind, fields map[string]string, columns []string) (plan, error) {
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
	p := plan{"city": find(addressParts[2][1])}
	for field, names := range known {
		if field != "title" {
			names = field + " " + names
		}
		if takes(kind, field) != nil {
			p[field] = find(names)
		}
	}
	var address string
	for _, part := range addressParts {
		if holes := find(part[1]); holes != nil {
			address += part[0] + holes[0]
		}
	}
	if address != "" && takes(kind, "address") != nil {
		p["address"] = []string{strings.TrimLeft(address, ", ")}
	}
	for field, text := range fields {
		if err := p.override(kind, field, text, columns); err != nil {
			return nil, err
		}
	}
	if p["title"] == nil {
		return nil, fmt.Errorf("no column has the title; say which with title=COLUMN; the columns are %s", strings.Join(columns, ", "))
	}
	return p, nil
}

// takes gives the field if a page of the kind can have it.
func takes(kind *site.Kind, field string) *site.Field {
	if f := common[field]; f != nil {
		return f
	}
	if f := kind.Field(field); f != nil && f.Class == site.Public {
		return f
	}
	return nil
}

func (p plan) override(kind *site.Kind, field, text string, columns []string) error {
	if takes(kind, field) == nil {
		if kind.Field(field) != nil {
			return fmt.Errorf("%q is private and has no place in a page", field)
		}
		return fmt.Errorf("a page of kind %s has no field %q", kind.Name, field)
	}
	if p[field] = nil; text == "" {
		return nil
	}
	if !strings.Contains(text, "{") {
		text = "{" + text + "}"
	}
	for _, h := range hole.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(columns, h[1]) {
			return fmt.Errorf("there is no column %q for %s; the columns are %s", h[1], field, strings.Join(columns, ", "))
		}
	}
	p[field] = []string{text}
	return nil
}

// values gives what the record says for a field: of each source that says
// something, or only of the first.
func (p plan) values(field string, rec *record, all bool) []string {
	var list []string
	for _, text := range p[field] {
		if list != nil && !all {
			break
		}
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
	read  map[string]bool   // columns that were read
}

// get gives a cell, clean.
func (r *record) get(column string) string {
	if r.read == nil {
		r.read = map[string]bool{}
	}
	r.read[column] = true
	return site.CleanLong(r.cells[column])
}

// fill puts cells into a text; it is empty when they all are. Of commas with
// nothing between them one stays.
func (r *record) fill(text string) string {
	some := ""
	s := hole.ReplaceAllStringFunc(text, func(h string) string {
		v := r.get(h[1 : len(h)-1])
		some += v
		return v
	})
	if some != "" && strings.Count(text, "{") > 1 {
		s = strings.Trim(commas.ReplaceAllString(s, ", "), " ,\n")
	}
	return s[:len(s)*min(1, len(some))]
}
