package builder

import (
	"bytes"
	"path"
	"slices"

	"potluck/internal/site"
)

// manifestFile is the web manifest's name; manifest is that of Write.
const manifestFile = "manifest.webmanifest"

// inFolder gives the path of a file in the top folder of a language.
func (l *linker) inFolder(li int, name string) string {
	_, out := l.cfg.Address(l.cfg.Languages[li], ".")
	return path.Join(path.Dir(out), name)
}

// listing is an offer, a request or a resource as index.json tells of it.
type listing struct {
	URL        string         `json:"url"`
	Kind       string         `json:"kind"`
	Language   string         `json:"language"`
	Title      string         `json:"title"`
	Summary    string         `json:"summary,omitempty"`
	Date       string         `json:"date,omitempty"`
	Updated    string         `json:"updated,omitempty"`
	Categories []string       `json:"categories,omitempty"`
	Areas      []string       `json:"areas,omitempty"`
	Languages  []string       `json:"languages,omitempty"`
	Fields     map[string]any `json:"fields,omitempty"`
}

// whereabouts are not told of a place whose address is kept secret.
var whereabouts = []string{"address", "latitude", "longitude"}

// listingsFile is all listings of a language, each as JSON.
type listingsFile struct {
	title, url, lang string
	entries          [][]byte
}

// listings plans index.json in each language. What it tells of an entry is made
// of the entry's Header and the Config alone, so it is kept with the Header.
func (l *linker) listings() {
	if !l.cfg.Outputs.Listings {
		return
	}
	l.ix.listed = map[*site.Header][]byte{}
	for _, li := range l.ix.langs {
		f := listingsFile{title: l.ix.sites[li].Title, url: l.absolute(l.ix.sites[li].Home), lang: l.cfg.Languages[li]}
		for _, it := range l.ix.nodeAt(".").items[li] {
			if h := it.card.Header; isListing(l.cfg.Kind(h.Kind)) {
				f.entries = append(f.entries, l.listing(h))
			}
		}
		if len(f.entries) > 0 {
			l.plan(l.inFolder(li, "index.json"), f)
		}
	}
}

func isListing(k *site.Kind) bool { return k != nil && (k.Form || k.Name == "resource") }

func (l *linker) listing(h *site.Header) []byte {
	if e := l.ix.listed[h]; e != nil {
		return e
	}
	e := l.was[h]
	if e == nil {
		e = bytes.TrimSpace(jsonText(l.listingOf(h), ""))
	}
	l.ix.listed[h] = e
	return e
}

func (l *linker) listingOf(h *site.Header) listing {
	e := listing{URL: l.absolute(l.cfg.BasePath + h.URL), Kind: h.Kind, Language: h.Language(), Title: h.Title, Summary: h.Summary,
		Date: iso(h.Date), Updated: iso(h.Updated), Categories: h.Categories, Areas: h.Areas, Languages: h.Languages, Fields: map[string]any{}}
	secret := h.Str("location_type") == "confidential"
	for _, f := range l.cfg.Kind(h.Kind).Fields {
		v, ok := h.Fields[f.Name]
		if !ok || f.Class != site.Public || secret && slices.Contains(whereabouts, f.Name) {
			continue
		}
		if d, day := v.(site.Date); day {
			v = iso(d)
		}
		e.Fields[f.Name] = v
	}
	if s := l.state(h); s != "" {
		e.Fields["state"] = s
	}
	return e
}

func (f listingsFile) bytes() []byte {
	var b bytes.Buffer
	head := jsonText(map[string]any{"version": 1, "title": f.title, "url": f.url, "language": f.lang}, "")
	b.Write(bytes.TrimSuffix(head, []byte("}\n")))
	b.WriteString(",\"listings\":[\n")
	b.Write(bytes.Join(f.entries, []byte(",\n")))
	b.WriteString("\n]}\n")
	return b.Bytes()
}

// webManifest is what a phone needs to put the site on its first screen (W3C
// Web Application Manifest).
type webManifest struct {
	Name        string         `json:"name"`
	ShortName   string         `json:"short_name"`
	Description string         `json:"description,omitempty"`
	Lang        string         `json:"lang"`
	Dir         string         `json:"dir"`
	ID          string         `json:"id"`
	StartURL    string         `json:"start_url"`
	Scope       string         `json:"scope"`
	Display     string         `json:"display"`
	Icons       []manifestIcon `json:"icons,omitempty"`
}

type manifestIcon struct {
	Src   string `json:"src"`
	Sizes string `json:"sizes"`
	Type  string `json:"type"`
}

func (m webManifest) bytes() []byte { return jsonText(m, " ") }

func (l *linker) manifests() {
	if !l.cfg.Outputs.Manifest {
		return
	}
	for _, li := range l.ix.langs {
		s, lang := l.ix.sites[li], l.cfg.Languages[li]
		m := webManifest{Name: s.Title, ShortName: shorten(s.Title, 30), Description: s.Description, Lang: lang, Dir: langDir(lang),
			ID: s.Home, StartURL: s.Home, Scope: l.cfg.BasePath + "/", Display: "minimal-ui"}
		if icon := l.theme.hrefs["favicon.svg"]; icon != "" {
			m.Icons = []manifestIcon{{Src: icon, Sizes: "any", Type: "image/svg+xml"}}
		}
		l.plan(l.inFolder(li, manifestFile), m)
	}
}
