package e2e

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Stop is a page of one type.
type Stop struct {
	Name string // a layout of the theme, and what is special: "form-errors"
	Path string // below the server's address
	HTML string // of a page that only a post makes; else ""
}

// places are the stops that an address leads to. LANG/ stands for the language's
// part of an address.
var places = []Stop{
	{Name: "home", Path: "LANG/"}, {Name: "list", Path: "LANG/resources/"}, {Name: "list-requests", Path: "LANG/requests/"}, {Name: "list-events", Path: "LANG/events/"},
	{Name: "resource", Path: "LANG/resources/old-mill-food-pantry/"}, {Name: "resource-leave", Path: "LANG/resources/harbor-light-house/"},
	{Name: "resource-alert", Path: "LANG/resources/north-side-night-shelter/"}, {Name: "offer", Path: "LANG/offers/FIRST/"}, {Name: "request", Path: "LANG/requests/FIRST/"},
	{Name: "page", Path: "LANG/about/"}, {Name: "page-start", Path: "LANG/request/"}, {Name: "practice", Path: "LANG/practices/safe-for-both-sides/"},
	{Name: "procedure", Path: "LANG/procedures/food-distribution/"}, {Name: "event", Path: "LANG/events/long-table-december/"}, {Name: "group", Path: "LANG/groups/food-group/"},
	{Name: "agreement", Path: "LANG/agreements/how-we-decide/"}, {Name: "news", Path: "LANG/news/2026-11-october-in-numbers/"}, {Name: "story", Path: "LANG/stories/the-ramp/"},
	{Name: "term", Path: "LANG/category/food/"}, {Name: "term-all", Path: "LANG/area/"}, {Name: "map", Path: "LANG/map/"}, {Name: "booklet", Path: "LANG/booklet/"},
	{Name: "poster", Path: "LANG/poster/"}, {Name: "offline", Path: "LANG/offline/"}, {Name: "styleguide", Path: "LANG/styleguide/"}, {Name: "404", Path: "LANG/nothing-here/"},
	{Name: "search", Path: "LANG/search/?q=food"}, {Name: "search-nothing", Path: "LANG/search/?q=xylophone"}, {Name: "form", Path: "forms/LANG/request/"},
	{Name: "mine", Path: "mine/LANG/"}, {Name: "notice", Path: "forms/LANG/nothing/"},
}

// Tour gives a page of every type that is there in a language, "" for the first of the
// site. It sends a request to reach those that follow one.
func (s *Server) Tour(lang string) ([]Stop, error) {
	in := strings.NewReplacer("LANG/", "")
	if lang != "" {
		in = strings.NewReplacer("LANG", lang)
	}
	var stops []Stop
	for _, p := range places {
		p.Path = in.Replace(p.Path)
		if section, ok := strings.CutSuffix(p.Path, "FIRST/"); ok {
			list, err := s.ask(section, nil)
			if err != nil {
				return nil, err
			}
			p.Path = regexp.MustCompile(section + `2\d+/\d+/\w+/`).FindString(list)
		}
		there, err := s.has(p)
		if err != nil {
			return nil, err
		}
		if there {
			stops = append(stops, p)
		}
	}
	posted, err := s.posted(in.Replace("forms/LANG/request/"), in.Replace("mine/LANG/"))
	return append(stops, posted...), err
}

// has tells whether a stop is there: those that show what is not there are answered so.
func (s *Server) has(stop Stop) (bool, error) {
	resp, err := http.Get(s.URL + stop.Path)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	shown := slices.Contains([]string{"404", "notice"}, stop.Name)
	return (stop.Path != "" || stop.Name == "home") && (resp.StatusCode == http.StatusNotFound) == shown, nil
}

// posted asks for something, and looks at it with the code.
func (s *Server) posted(form, mine string) (stops []Stop, err error) {
	last := ""
	next := func(name, path string, more url.Values) {
		if err != nil {
			return
		}
		values := hidden(last)
		for k, v := range more {
			values[k] = v
		}
		if last, err = s.ask(path, values); err == nil && name != "" {
			stops = append(stops, Stop{Name: name, Path: path, HTML: last})
		}
	}
	if last, err = s.ask(form, nil); err != nil {
		return nil, err
	}
	asked := url.Values{"title": {"A lamp for the desk of my son"}, "body": {"He reads at night, and the light in the room is broken."}, "categories": {"things"}, "areas": {"harbor"},
		"urgency": {"soon"}, "languages": {"en", "es"}, "name": {"Noor"}, "contact_how": {"phone"}, "contact": {"555-0123"}, "notes": {"Please ring twice."}, "needs": {"ride"}}
	next("form-errors", form, url.Values{"title": asked["title"]})
	last, err = s.ask(form, nil)
	next("check", form, asked)
	next("receipt", form, url.Values{"confirm": {"yes"}})
	code := regexp.MustCompile(`[0-9A-Z]{5}(-[0-9A-Z]{5}){3}`).FindString(last)
	if err == nil && code == "" {
		return nil, fmt.Errorf("no receipt, but\n%s", last)
	}
	last = ""
	next("mine-error", mine, url.Values{"_code": {"00000-00000-00000-00000"}})
	last = ""
	next("status", mine, url.Values{"_code": {code}})
	status := last
	next("correct", mine, url.Values{"_do": {"correct"}})
	last = status
	next("erase", mine, url.Values{"_do": {"erase"}})
	return stops, err
}

// ask gets a page, or posts values to it.
func (s *Server) ask(path string, values url.Values) (string, error) {
	var resp *http.Response
	var err error
	if values == nil {
		resp, err = http.Get(s.URL + path)
	} else {
		resp, err = http.PostForm(s.URL+path, values)
	}
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

func hidden(page string) url.Values {
	values := url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(page, -1) {
		values.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return values
}

// Go opens a stop in a tab.
func (s *Server) Go(stop Stop) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		err := chromedp.Run(ctx, chromedp.Navigate(s.URL+stop.Path))
		if err != nil || stop.HTML == "" {
			return err
		}
		tree, err := page.GetFrameTree().Do(ctx)
		if err != nil {
			return err
		}
		if err := page.SetDocumentContent(tree.Frame.ID, stop.HTML).Do(ctx); err != nil {
			return err
		}
		return chromedp.Run(ctx, chromedp.WaitReady("#main", chromedp.ByQuery), chromedp.WaitReady(`link[rel="stylesheet"]`, chromedp.ByQuery))
	})
}
