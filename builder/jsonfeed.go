package builder

import (
	"bytes"
	"cmp"
	"encoding/json"
)

// The parts of a JSON Feed that we write (https://www.jsonfeed.org/version/1.1/).
type jsonFeed struct {
	Version  string       `json:"version"`
	Title    string       `json:"title"`
	Home     string       `json:"home_page_url"`
	Self     string       `json:"feed_url"`
	Language string       `json:"language"`
	Authors  []jsonAuthor `json:"authors"`
	Items    []jsonItem   `json:"items"`
}

type jsonAuthor struct {
	Name string `json:"name"`
}

type jsonItem struct {
	ID       string   `json:"id"`
	URL      string   `json:"url"`
	Title    string   `json:"title"`
	Text     string   `json:"content_text"` // the summary: a feed sees no bodies
	Date     string   `json:"date_published"`
	Changed  string   `json:"date_modified"`
	Tags     []string `json:"tags,omitempty"`
	Language string   `json:"language,omitempty"`
}

type jsonFile struct{ feed }

func (in jsonFile) bytes() []byte {
	loc := in.cfg.Location
	f := jsonFeed{Version: "https://jsonfeed.org/version/1.1", Title: in.title, Home: in.home, Self: in.json, Language: in.lang, Authors: []jsonAuthor{{in.site}}}
	for _, c := range in.cards {
		url := absolute(in.cfg, c.Href)
		f.Items = append(f.Items, jsonItem{ID: url, URL: url, Title: c.Title, Text: cmp.Or(c.Summary, c.Title),
			Date: stamp(c.Date, loc), Changed: stamp(c.changed(), loc), Tags: in.tags(c), Language: c.Lang})
	}
	return jsonText(f, " ")
}

// jsonText writes JSON as it is read: < stays <.
func jsonText(v any, indent string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		panic(err) // only types of ours come here
	}
	return b.Bytes()
}
