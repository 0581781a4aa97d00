package site

import (
	"net/url"

	"github.com/BurntSushi/toml"
)

// Safety is for people who must not be seen on this site.
type Safety struct {
	LeaveURL string `toml:"leave_url" doc:"where the button \"leave this site\" leads: a harmless page elsewhere"` // where the button "leave this site" leads: a harmless page elsewhere
}

// Offline says whether people may keep a copy of the site on their device.
// Off also takes back the copies that are there, when their owners are next online.
type Offline struct {
	Off   bool     `toml:"off" doc:"take back the copies that are there, and offer no more"`
	Pages []string `toml:"pages" doc:"the sections that are kept, such as \"/resources/\""` // sections that are kept, such as "/resources/"
}

// leaveTo is a page that anybody may have open.
const leaveTo = "https://www.example.org/"

var offlinePages = []string{"/resources/", "/practices/", "/procedures/"}

func (p *configParser) safety() {
	s := &p.c.Safety
	if u, err := url.Parse(s.LeaveURL); s.LeaveURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		p.add(toml.Key{"safety", "leave_url"}, `write it like "https://www.weather.example/"`, "leave_url %q is not a web address", s.LeaveURL)
		s.LeaveURL = ""
	}
	if s.LeaveURL == "" {
		s.LeaveURL = leaveTo
	}
	if p.c.Offline.Pages == nil {
		p.c.Offline.Pages = offlinePages
	}
}
