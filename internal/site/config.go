package site

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// Config is what site.toml says, with defaults filled in and built-in kinds added.
type Config struct {
	Title          Words                `toml:"title" doc:"the name of the network"`
	Description    Words                `toml:"description" doc:"one sentence on what the network does"`
	BaseURL        string               `toml:"base_url" doc:"the address of the site, such as \"https://riverside.example.org/\""` // with a slash at the end
	Languages      []string             `toml:"languages" doc:"codes of the site's languages; the first is the default"`
	Fallback       map[string][]string  `toml:"fallback" doc:"for a language, those shown where a page is not in it, in order, before the default, such as ca = [\"es\"]"`
	Timezone       string               `toml:"timezone" doc:"the clock of the town, such as \"America/New_York\""` // IANA name
	Phone          string               `toml:"phone" doc:"a number that a person answers"`
	Email          string               `toml:"email" doc:"an address that a person reads"`
	Theme          string               `toml:"theme" doc:"the folder below themes/ that makes the look"`
	PageSize       int                  `toml:"page_size" doc:"entries on one page of a list, 1 to 1000"`
	Menu           []MenuItem           `toml:"menu" doc:"an entry of the main menu; without any, the sections that have pages"`
	Taxonomy       map[string]*Taxonomy `toml:"taxonomy" doc:"how lists can be narrowed: category, area or language"`
	Intake         Intake               `toml:"intake" doc:"how the forms behave"`
	Notices        Notices              `toml:"notices" doc:"where organizers are told that something waits"`
	Remote         Remote               `toml:"remote" doc:"another place where the network's main branch also lies"`
	Outputs        Outputs              `toml:"outputs" doc:"what is made beside the pages"`
	Colors         Colors               `toml:"colors" doc:"your own colours, each #rrggbb; left out, those of the theme"`
	TrustedProxies []string             `toml:"trusted_proxies" doc:"addresses of the web servers in front of potluck, such as \"127.0.0.1\"; what they say about a visitor is believed"`
	Safety         Safety               `toml:"safety" doc:"for people who must not be seen on this site"`
	Offline        Offline              `toml:"offline" doc:"whether people may keep a copy of the site on their phone"`
	KindTables     map[string]kindTable `toml:"kind" doc:"a sort of page, built in or your own"`

	Kinds    []*Kind        `toml:"-"`
	Broken   *Problem       `toml:"-"` // why site.toml could not be read; what stands here is then not all that it says
	Location *time.Location `toml:"-"`
	proxies  []netip.Prefix // of TrustedProxies
	BasePath string         `toml:"-"` // path of BaseURL without its last slash: "" or "/network"
}

// MenuItem is an entry of the main navigation: a page of the site and its label.
type MenuItem struct {
	Page  string `toml:"page" doc:"the page it leads to, such as \"/resources/\""`
	Label Words  `toml:"label" doc:"what it says; left out, the title of the page"`
}

// Taxonomy is one facet of listings. Without Values any value may be used.
// A value such as "food/hot-meals" lies under "food".
type Taxonomy struct {
	Values []string         `toml:"values" doc:"the values there are, in order; a slash means is part of; left out, any value may be used"`
	All    string           `toml:"all" doc:"of areas: the value that stands for all of them, so that help which is given there is near everyone"`
	Labels map[string]Words `toml:"labels" doc:"the words for each value"`
}

// Near gives areas as they are held against each other: none where one of them stands for all.
func (c *Config) Near(areas []string) []string {
	if t := c.Taxonomy["area"]; t != nil && t.All != "" && slices.Contains(areas, t.All) {
		return nil
	}
	return areas
}

// Intake says how forms behave. Paused, when not empty, is shown instead of them.
type Intake struct {
	Paused Words `toml:"paused" doc:"words shown instead of the forms; empty means open"`
}

// Outputs says what is made beside pages.
type Outputs struct {
	Forms      bool `toml:"forms" doc:"links to the forms, which potluck serve answers; false where the site lies on a host of files alone and nobody answers there"`
	Feeds      bool `toml:"feeds" doc:"Atom feeds of the site and of its sections"`
	FacetFeeds bool `toml:"facet_feeds" doc:"feeds of each category, area and language too"`
	JSONFeeds  bool `toml:"json_feeds" doc:"the same feeds as JSON Feed"`
	Calendar   bool `toml:"calendar" doc:"calendar files of events, for phones and calendar programs"`
	Listings   bool `toml:"listings" doc:"index.json: the public fields of all offers, requests and resources"`
	Sitemap    bool `toml:"sitemap" doc:"sitemap.xml, for search engines"`
	Robots     bool `toml:"robots" doc:"robots.txt, for search engines"`
	Papers     bool `toml:"papers" doc:"the booklet of practices and procedures, and the poster, to print"`
	Facets     bool `toml:"facets" doc:"pages of each category, area and language"`
	FacetPairs bool `toml:"facet_pairs" doc:"pages of each category within each area"`
	History    bool `toml:"history" doc:"for each page, a page with all its changes, and the names and reasons that git has; left out, there are none"`
	Search     bool `toml:"search" doc:"the search page"`
	Manifest   bool `toml:"manifest" doc:"manifest.webmanifest: name and icon for the first screen of a phone"`
	Redirects  bool `toml:"redirects" doc:"_redirects, for hosts that read it; pages that send on are always made"`
	Headers    bool `toml:"headers" doc:"_headers, for hosts that read it"`
}

type kindTable struct {
	Folder  string                `toml:"folder" doc:"the folder below content/ where its pages lie"`
	Label   Words                 `toml:"label" doc:"its name in lists and menus"`
	Lead    Words                 `toml:"lead" doc:"a sentence at the top of its form"`
	Form    *bool                 `toml:"form" doc:"whether neighbours can post one"`
	Makes   string                `toml:"makes" doc:"what its form makes: page, message (sealed whole, never on the site) or change (other words for a page that is there)"`
	Readers []string              `toml:"readers" doc:"names of the keepers who alone can read what its form brings; left out, as the classes of its fields say"`
	Field   map[string]fieldTable `toml:"field" doc:"a question on its form, or a line of its pages"`
}

type fieldTable struct {
	Label    Words    `toml:"label" doc:"the question"`
	Hint     Words    `toml:"hint" doc:"a sentence below the question"`
	Type     string   `toml:"type" doc:"text, longtext, choice, choices, list, date, number, phone, phones, email, url, hours or yesno"`
	Options  []string `toml:"options" doc:"the answers of a choice"`
	Class    string   `toml:"class" doc:"who may read the answer: public, organizers or sealed; left out, sealed"`
	Ask      *bool    `toml:"ask" doc:"whether it stands on the form"`
	Required bool     `toml:"required" doc:"whether the form asks again when it is empty"`
}

// All is made but pairs, whose number is that of categories times areas.
var defaultOutputs = Outputs{Forms: true, Feeds: true, FacetFeeds: true, JSONFeeds: true, Calendar: true, Listings: true, Sitemap: true, Robots: true,
	Papers: true, Facets: true, Search: true, Manifest: true, Redirects: true, Headers: true}

var (
	langCode  = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)
	classes   = map[string]Class{"": Sealed, "sealed": Sealed, "organizers": Organizers, "public": Public}
)

// ParseConfig reads a site.toml. It always gives a Config that can be used;
// what was wrong is in the problems.
func ParseConfig(src []byte) (*Config, []Problem) {
	c := &Config{Theme: "commons", PageSize: 50, Outputs: defaultOutputs}
	p := &configParser{src: string(src), c: c}
	if at := tooNested(p.src); at > 0 {
		p.broken(Problem{Path: "site.toml", Line: at, Col: 1, Text: nested, Hint: "write it more simply"})
		p.src = ""
	}
	md, err := toml.Decode(p.src, c)
	if err != nil {
		p.syntax(err)
	}
	p.misspelt(md)
	p.settle()
	p.notices()
	p.remote()
	p.colors()
	p.safety()
	p.trust()
	p.kinds(md)
	SortProblems(p.problems)
	p.problems = slices.Compact(p.problems) // a kind is looked at once for each of its fields
	return c, p.problems
}

type configParser struct {
	src      string
	c        *Config
	problems []Problem
}

func (p *configParser) add(key toml.Key, hint, format string, args ...any) {
	line, col := keyPlace(p.src, key)
	p.problems = append(p.problems, Problem{Path: "site.toml", Line: line, Col: col, Text: fmt.Sprintf(format, args...), Hint: hint})
}

func (p *configParser) syntax(err error) {
	pr := Problem{Path: "site.toml", Text: err.Error(), Hint: "compare with the example in the README; text stands in quotes"}
	var pe toml.ParseError
	if errors.As(err, &pe) {
		pr.Line, pr.Col, pr.Text = pe.Position.Line, pe.Position.Col, tomlMessage(pe)
	}
	p.broken(pr)
}

func (p *configParser) broken(pr Problem) {
	p.problems = append(p.problems, pr)
	p.c.Broken = &pr
}

// tomlMessage gives the message of a parse error without its place.
func tomlMessage(pe toml.ParseError) string {
	if pe.Message != "" {
		return pe.Message
	}
	msg := pe.Error()
	if i := strings.LastIndex(msg, "): "); i >= 0 {
		msg = msg[i+3:]
	}
	return strings.TrimPrefix(msg, "toml: ")
}

// misspelt names keys that nothing reads, and what was probably meant.
func (p *configParser) misspelt(md toml.MetaData) {
	var last string
	for _, k := range md.Undecoded() {
		if last != "" && strings.HasPrefix(k.String(), last+".") {
			continue
		}
		last = k.String()
		known := knownKeys(k[:len(k)-1])
		hint := "known here: " + strings.Join(known, ", ")
		if n := Nearest(k[len(k)-1], known); n != "" {
			hint = fmt.Sprintf("did you mean %q?", n)
		}
		p.add(k, hint, "nothing is called %q here", k[len(k)-1])
	}
}

// knownKeys lists the keys of the table at a path, read off the structs.
func knownKeys(path toml.Key) []string {
	t := reflect.TypeFor[Config]()
	for _, k := range path {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() == reflect.Map {
			t = t.Elem()
			continue
		}
		if t.Kind() == reflect.Struct {
			for f := range fieldsOf(t) {
				if f.Tag.Get("toml") == k {
					t = f.Type
				}
			}
		}
	}
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	var names []string
	if t.Kind() == reflect.Struct {
		for f := range fieldsOf(t) {
			if n := f.Tag.Get("toml"); n != "" && n != "-" {
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	return names
}

func fieldsOf(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// settle checks the plain settings and fills in defaults.
func (p *configParser) settle() {
	c := p.c
	seen := map[string]bool{}
	c.Languages = slices.DeleteFunc(c.Languages, func(l string) bool {
		if langCode.MatchString(l) {
			twice := seen[l]
			seen[l] = true
			return twice
		}
		p.add(toml.Key{"languages"}, `write codes such as "en", "es", "zh-Hans"`, "%q is not a language code", l)
		return true
	})
	if len(c.Languages) == 0 {
		c.Languages = []string{"en"}
	}
	if c.Title.In(c.Languages...) == "" {
		p.add(toml.Key{"title"}, `add title = "Your network"`, "the network has no title")
		c.Title = Words{"": "Our network"}
	}
	p.fallback()
	p.baseURL()
	loc, err := time.LoadLocation(c.Timezone)
	if err != nil {
		p.add(toml.Key{"timezone"}, `use a name such as "America/New_York"`, "the time zone %q is not known", c.Timezone)
		loc = time.UTC
	}
	c.Location = loc
	if c.PageSize < 1 || c.PageSize > 1000 {
		p.add(toml.Key{"page_size"}, "use a number from 1 to 1000", "page_size cannot be %d", c.PageSize)
		c.PageSize = 50
	}
	if c.Taxonomy == nil {
		c.Taxonomy = map[string]*Taxonomy{}
	}
	for _, name := range []string{"category", "area", "language"} {
		if c.Taxonomy[name] == nil {
			c.Taxonomy[name] = &Taxonomy{}
		}
		if t := c.Taxonomy[name]; t.All != "" && t.Values != nil && !slices.Contains(t.Values, t.All) {
			p.add(toml.Key{"taxonomy", name, "all"}, "use one of values", "%q is not one of the values", t.All)
		}
	}
}

// fallback keeps the languages that the site has.
func (p *configParser) fallback() {
	for _, lang := range slices.Sorted(maps.Keys(p.c.Fallback)) {
		for _, l := range append([]string{lang}, p.c.Fallback[lang]...) {
			if !slices.Contains(p.c.Languages, l) {
				p.add(toml.Key{"fallback", lang}, "use those of languages", "%q is not a language of this site", l)
			}
		}
		p.c.Fallback[lang] = slices.DeleteFunc(p.c.Fallback[lang], func(l string) bool { return !slices.Contains(p.c.Languages, l) })
	}
}

// Instead gives the languages of the site in the order in which they are shown to
// readers of one: theirs, those of Fallback, the default, the others.
func (c *Config) Instead(lang string) []string {
	var order []string
	for _, l := range slices.Concat([]string{lang}, c.Fallback[lang], c.Languages) {
		if !slices.Contains(order, l) {
			order = append(order, l)
		}
	}
	return order
}

// Understood gives the first of Instead, down to the default: readers of a language
// are shown words in these.
func (c *Config) Understood(lang string) []string {
	order := c.Instead(lang)
	return order[:slices.Index(order, c.Languages[0])+1]
}

func (p *configParser) baseURL() {
	u, err := url.Parse(p.c.BaseURL)
	if p.c.BaseURL == "" {
		u, err = url.Parse("http://127.0.0.1:8080/")
	}
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		p.add(toml.Key{"base_url"}, `write it like "https://riverside.example.org/"`, "base_url %q is not a web address", p.c.BaseURL)
		u = &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}
	}
	u.Path = strings.TrimRight(u.Path, "/")
	p.c.BasePath, p.c.BaseURL = u.EscapedPath(), u.String()+"/"
}

// kinds adds the kinds and fields of site.toml to the built-in ones, in the order of the file.
func (p *configParser) kinds(md toml.MetaData) {
	p.c.Kinds = builtin()
	for _, k := range md.Keys() {
		switch {
		case len(k) == 2 && k[0] == "kind":
			p.kind(k)
		case len(k) == 4 && k[0] == "kind" && k[2] == "field":
			p.kind(k[:2])
			p.field(k)
		}
	}
}

func (p *configParser) kind(key toml.Key) {
	name, t := key[1], p.c.KindTables[key[1]]
	k := p.c.Kind(name)
	if k == nil {
		if !fieldName.MatchString(name) {
			p.add(key, "use small letters, digits and _", "%q cannot be the name of a kind", name)
			return
		}
		k = newKind(name, name+"s")
		p.c.Kinds = append(p.c.Kinds, k)
	}
	switch {
	case t.Folder == "":
	case !isTerm(t.Folder) || strings.Contains(t.Folder, "/") || slices.Contains(Owned, t.Folder):
		p.add(append(slices.Clone(key), "folder"), "use one name of small letters, such as \"tools\"", "%q cannot be the folder of a kind", t.Folder)
	default:
		k.Folder = t.Folder
	}
	if t.Label != nil {
		k.Label = t.Label
	}
	if t.Lead != nil {
		k.Lead = t.Lead
	}
	if t.Form != nil {
		k.Form = *t.Form
	}
	p.makes(key, k, t)
}

// makes says what a form makes of a post. A kind that is built in cannot be changed in this.
func (p *configParser) makes(key toml.Key, k *Kind, t kindTable) {
	m, ok := makes[t.Makes]
	builtIn := slices.ContainsFunc(builtin(), func(b *Kind) bool { return b.Name == k.Name })
	switch {
	case !ok:
		p.add(append(slices.Clone(key), "makes"), "use page, message or change", "a form cannot make %q", t.Makes)
	case t.Makes != "" && builtIn && m != k.Makes:
		p.add(append(slices.Clone(key), "makes"), "leave makes out; make a kind of your own instead", "what %q makes is fixed", k.Name)
	case !builtIn && m != APage:
		k.Makes, k.Folder = m, ""
	}
	if len(t.Readers) > 0 && k.Makes == APage {
		p.add(append(slices.Clone(key), "readers"), "leave readers out, or let the form make a message", "a page cannot be for some keepers alone")
		return
	}
	k.Readers = t.Readers
}

func (p *configParser) field(key toml.Key) {
	k, name := p.c.Kind(key[1]), key[3]
	if k == nil {
		return
	}
	t := p.c.KindTables[key[1]].Field[name]
	class, ok := classes[t.Class]
	if t.Type == "" && k.Form && k.Field(name) == nil && Standard(name) != nil {
		k.add(Standard(name))
	}
	f := &Field{Name: name, Label: t.Label, Hint: t.Hint, Type: Type(t.Type), Options: t.Options, Class: class, Ask: t.Ask == nil || *t.Ask, Required: t.Required, Own: true}
	switch old := k.Field(name); {
	case !fieldName.MatchString(name):
		p.add(key, "use small letters, digits and _", "%q cannot be the name of a field", name)
	case !ok:
		p.add(append(slices.Clone(key), "class"), "use public, organizers or sealed", "the class %q is not known", t.Class)
	case old != nil:
		p.override(key, old, f, t)
	case k.Makes != APage && class == Public:
		p.add(append(slices.Clone(key), "class"), "use organizers or sealed", "nothing that a %s holds becomes public", k.Name)
	case isCommon(name):
		p.add(key, "every page has this field; choose another name", "%q is a field of potluck itself", name)
	case !slices.Contains(types, t.Type):
		p.add(append(slices.Clone(key), "type"), "use one of "+strings.Join(types, ", "), "the type %q is not known", t.Type)
	case (f.Type == Choice || f.Type == Choices) && len(f.Options) == 0:
		p.add(key, `add options = ["…", "…"]`, "a choice needs options")
	default:
		k.add(f)
	}
}

// override lets site.toml change the words and choices of a built-in field, not
// its type and never its privacy class.
func (p *configParser) override(key toml.Key, old, f *Field, t fieldTable) {
	if t.Class != "" && f.Class != old.Class {
		p.add(append(slices.Clone(key), "class"), "leave class out; make a field of your own instead", "the privacy class of %q is fixed", old.Name)
		return
	}
	if t.Type != "" && f.Type != old.Type {
		p.add(append(slices.Clone(key), "type"), "leave type out", "the type of %q is fixed", old.Name)
		return
	}
	if t.Label != nil {
		old.Label = t.Label
	}
	if t.Hint != nil {
		old.Hint = t.Hint
	}
	if t.Options != nil {
		old.Options = t.Options
	}
	if t.Ask != nil {
		old.Ask = *t.Ask
	}
	old.Required = old.Required || t.Required
}

func isCommon(name string) bool {
	return name == "body" || slices.ContainsFunc(commonFields, func(f Field) bool { return f.Name == name })
}

// Kind gives the kind of that name, or nil.
func (c *Config) Kind(name string) *Kind {
	for _, k := range c.Kinds {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// Label gives the words for a value of a taxonomy ("category", "area",
// "language") in a language; without any, the value itself, readable.
func (c *Config) Label(taxonomy, value, lang string) string {
	if t := c.Taxonomy[taxonomy]; t != nil {
		if words := t.Labels[value]; len(words) > 0 {
			if s := words.In(c.Understood(lang)...); s != "" {
				return s
			}
		}
	}
	s := value[strings.LastIndexByte(value, '/')+1:]
	s = strings.ReplaceAll(s, "-", " ")
	if r, n := utf8.DecodeRuneInString(s); taxonomy != "language" && n > 0 {
		s = string(unicode.ToUpper(r)) + s[n:]
	}
	return s
}

// keyPlace finds the line and column of a dotted key in TOML text: the line of
// its table's header or of its assignment. 0, 0 when it is not found.
func keyPlace(src string, key toml.Key) (line, col int) {
	var table string
	want := key.String()
	for i, l := range strings.Split(src, "\n") {
		t := strings.TrimSpace(l)
		at := strings.Index(l, t) + 1
		if strings.HasPrefix(t, "[") {
			table = strings.Trim(strings.SplitN(t, "]", 2)[0], "[ ")
			if table == want || strings.HasPrefix(table, want+".") {
				return i + 1, at
			}
			continue
		}
		name, _, ok := strings.Cut(t, "=")
		full := strings.TrimSpace(name)
		if table != "" {
			full = table + "." + full
		}
		if ok && full == want {
			return i + 1, at
		}
	}
	return 0, 0
}
