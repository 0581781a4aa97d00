package site

import "slices"

// Class is a field's privacy class. The schema fixes it; the author of a page cannot.
type Class uint8

// The privacy classes. The zero value is the strictest, so that a field that
// names none is sealed.
const (
	Sealed     Class = iota // sealed to keepers and to the receipt
	Organizers              // sealed to every organizer
	Public                  // may be rendered
)

// Type is the shape of a field's value.
type Type string

// The types a field may have, with the Go type of the value in [Meta.Fields].
const (
	Text     Type = "text"     // string, one line
	LongText Type = "longtext" // string, many lines
	Choice   Type = "choice"   // string, one of Options
	Choices  Type = "choices"  // []string, some of Options
	List     Type = "list"     // []string, free
	Day      Type = "date"     // Date
	Number   Type = "number"   // float64
	Phone    Type = "phone"    // string
	Phones   Type = "phones"   // []string
	Email    Type = "email"    // string
	URL      Type = "url"      // string, http or https
	Hours    Type = "hours"    // string, see ParseHours
	YesNo    Type = "yesno"    // bool
)

var types = []string{"text", "longtext", "choice", "choices", "list", "date", "number", "phone", "phones", "email", "url", "hours", "yesno"}

// Field is one entry of a kind's schema.
type Field struct {
	Name     string
	Label    Words // empty: the theme's strings name it
	Hint     Words
	Type     Type
	Options  []string
	Min, Max float64 // of a whole number; both 0: any number
	Class    Class
	Ask      bool // is on the public form
	Required bool // on the public form
	Own      bool // of site.toml, not built in
}

// Kind is a sort of page and the fields it has beside those of every page; or a sort of
// message, of which there are no pages.
type Kind struct {
	Name    string
	Folder  string // its top folder under content/; "" for none
	Label   Words
	Lead    Words // a sentence at the top of its form
	Fields  []*Field
	Form    bool     // neighbours can post one
	Makes   Makes    // what its form makes
	Readers []string // names of the keepers who alone can read what it brings; nil: as its classes say
	byName  map[string]*Field
}

// Makes is what a form makes of what was posted.
type Makes string

// The zero value is a page, such as an offer. A message is sealed whole and never becomes
// public. A change is other words for a page that is there.
const (
	APage    Makes = ""
	AMessage Makes = "message"
	AChange  Makes = "change"
)

// Field gives the field of that name, or nil.
func (k *Kind) Field(name string) *Field { return k.byName[name] }

// Asked gives the fields of the public form of one class, in order.
func (k *Kind) Asked(c ...Class) []*Field {
	var fs []*Field
	for _, f := range k.Fields {
		if f.Ask && slices.Contains(c, f.Class) {
			fs = append(fs, f)
		}
	}
	return fs
}

func (k *Kind) add(f *Field) {
	if k.byName == nil {
		k.byName = map[string]*Field{}
	}
	if old := k.byName[f.Name]; old != nil {
		*old = *f
		return
	}
	k.byName[f.Name] = f
	k.Fields = append(k.Fields, f)
}

// Urgencies, States, LocationTypes and Sorts are the values of the built-in choices.
var (
	Urgencies     = []string{"low", "normal", "soon", "today"}
	States        = []string{"open", "matched", "closed"}
	LocationTypes = []string{"physical", "virtual", "confidential"}
	Sorts         = []string{"weight", "newest", "oldest", "updated", "title", "start"}
	makes         = map[string]Makes{"": APage, "page": APage, "message": AMessage, "change": AChange}
	helpNeeds     = []string{"ride", "childcare", "interpreter", "step-free", "help with the form"}
	contactHow    = []string{"phone", "text", "email", "code", "person"}
	channels      = []string{"web", "phone", "paper", "in person"}
)

// commonFields are the front matter of every kind. Title, categories, areas and
// languages are asked on every form; they live in [Meta], not in Fields.
var commonFields = []Field{
	{Name: "title", Type: Text}, {Name: "summary", Type: Text},
	{Name: "date", Type: Day}, {Name: "updated", Type: Day}, {Name: "draft", Type: YesNo},
	{Name: "publish_from", Type: Day}, {Name: "expires", Type: Day},
	{Name: "categories", Type: List}, {Name: "areas", Type: List}, {Name: "languages", Type: List},
	{Name: "aliases", Type: List}, {Name: "weight", Type: Number}, {Name: "lang", Type: Text}, {Name: "html", Type: YesNo}, {Name: "kind", Type: Text},
}

// builtin is the table of kinds that every network has.
func builtin() []*Kind {
	listing := func(name, folder string, extra ...Field) *Kind {
		fields := append([]Field{
			{Name: "title", Type: Text, Class: Public, Ask: true, Required: true},
			{Name: "body", Type: LongText, Class: Public, Ask: true},
			{Name: "categories", Type: Choices, Class: Public, Ask: true, Required: true},
			{Name: "areas", Type: Choices, Class: Public, Ask: true, Required: true},
			{Name: "languages", Type: Choices, Class: Public, Ask: true},
			{Name: "state", Type: Choice, Options: States, Class: Public},
			{Name: "urgency", Type: Choice, Options: Urgencies, Class: Public, Ask: true},
			{Name: "needed_by", Type: Day, Class: Public, Ask: true},
			{Name: "quantity", Type: Text, Class: Public, Ask: true},
			{Name: "assured_date", Type: Day, Class: Public},
		}, extra...)
		fields = append(fields,
			*Standard("needs"), *Standard("channel"), *Standard("entered_by"), *Standard("consent"),
			*Standard("name"), *Standard("contact_how"), *Standard("contact"), *Standard("safe_to_leave_message"),
			*Standard("address"), *Standard("notes"))
		k := newKind(name, folder, fields...)
		k.Form = true
		return k
	}
	form := func(name string, makes Makes, fields ...Field) *Kind {
		k := newKind(name, "", fields...)
		k.Form, k.Makes = true, makes
		return k
	}
	message := func(name string, words Field) *Kind {
		return form(name, AMessage, words, *Standard("name"), *Standard("contact_how"), *Standard("contact"), *Standard("safe_to_leave_message"))
	}
	leave := Field{Name: "leave", Type: YesNo, Class: Public} // show the button "leave this site"
	reviewed := []Field{
		{Name: "owner", Type: Text, Class: Public}, {Name: "version", Type: Text, Class: Public},
		{Name: "reviewed", Type: Day, Class: Public}, {Name: "review_every", Type: Text, Class: Public}, leave,
	}
	return []*Kind{
		newKind("page", "", leave, // of a section, also how its list is made
			Field{Name: "sort", Type: Choice, Options: Sorts, Class: Public},
			Field{Name: "page_size", Type: Number, Min: 1, Max: 1000, Class: Public}),
		newKind("resource", "resources",
			Field{Name: "organization", Type: Text, Class: Public}, Field{Name: "address", Type: Text, Class: Public},
			Field{Name: "phones", Type: Phones, Class: Public}, Field{Name: "email", Type: Email, Class: Public},
			Field{Name: "url", Type: URL, Class: Public}, Field{Name: "hours", Type: Hours, Class: Public},
			Field{Name: "latitude", Type: Number, Class: Public}, Field{Name: "longitude", Type: Number, Class: Public},
			Field{Name: "accessibility", Type: List, Class: Public}, Field{Name: "eligibility_description", Type: LongText, Class: Public},
			Field{Name: "fees_description", Type: LongText, Class: Public}, Field{Name: "required_documents", Type: List, Class: Public},
			Field{Name: "application_process", Type: LongText, Class: Public}, Field{Name: "assured_date", Type: Day, Class: Public},
			Field{Name: "alert", Type: Text, Class: Public}, Field{Name: "closed_until", Type: Day, Class: Public},
			Field{Name: "location_type", Type: Choice, Options: LocationTypes, Class: Public},
			Field{Name: "source", Type: Text, Class: Public}, Field{Name: "source_url", Type: URL, Class: Public}, leave),
		listing("offer", "offers", Field{Name: "standing", Type: YesNo, Class: Public, Ask: true}),
		listing("request", "requests"),
		newKind("practice", "practices", reviewed...),
		newKind("procedure", "procedures", reviewed...),
		newKind("event", "events",
			Field{Name: "start", Type: Day, Class: Public}, Field{Name: "end", Type: Day, Class: Public},
			Field{Name: "place", Type: Text, Class: Public}, Field{Name: "place_accessibility", Type: Text, Class: Public}),
		newKind("group", "groups", Field{Name: "meets", Type: Text, Class: Public}, Field{Name: "contact_role", Type: Text, Class: Public}),
		newKind("agreement", "agreements", Field{Name: "decided", Type: Day, Class: Public},
			Field{Name: "reviewed", Type: Day, Class: Public}, Field{Name: "review_every", Type: Text, Class: Public}),
		newKind("news", "news"),
		newKind("story", "stories"),
		message("reply", *Standard("message")), // to a listing
		message("concern", Field{Name: "message", Type: LongText, Ask: true, Required: true}),
		form("suggestion", AChange, Field{Name: "reason", Type: LongText, Class: Organizers, Ask: true}, *Standard("contact")),
	}
}

// standard are the fields of forms that are not public and are always meant the same way.
var standard = []Field{
	{Name: "needs", Type: Choices, Options: helpNeeds, Class: Organizers, Ask: true},
	{Name: "channel", Type: Choice, Options: channels, Class: Organizers},
	{Name: "entered_by", Type: Text, Class: Organizers},
	{Name: "consent", Type: YesNo, Class: Organizers},
	{Name: "name", Type: Text, Class: Sealed, Ask: true},
	{Name: "contact_how", Type: Choice, Options: contactHow, Class: Sealed, Ask: true, Required: true},
	{Name: "contact", Type: Text, Class: Sealed, Ask: true},
	{Name: "safe_to_leave_message", Type: YesNo, Class: Sealed, Ask: true},
	{Name: "address", Type: Text, Class: Sealed, Ask: true},
	{Name: "notes", Type: LongText, Class: Sealed, Ask: true},
	{Name: "message", Type: LongText, Class: Organizers, Ask: true, Required: true},
}

// Standard gives a copy of the field that forms of every kind may have under this name, such
// as contact or entered_by; nil when there is none.
func Standard(name string) *Field {
	for _, f := range standard {
		if f.Name == name {
			return &f
		}
	}
	return nil
}

func newKind(name, folder string, fields ...Field) *Kind {
	k := &Kind{Name: name, Folder: folder}
	for _, f := range fields {
		k.add(&f)
	}
	return k
}
