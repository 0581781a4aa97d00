package builder

import (
	"encoding/xml"
	"strings"

	"potluck/internal/site"
)

type sitemapURLs struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

// sitemap lists the pages that search engines may show, and robots.txt says
// where that list is and which addresses belong to people's own business.
func (l *linker) sitemap() {
	if l.cfg.Outputs.Sitemap {
		var m sitemapURLs
		for _, j := range l.ix.jobs {
			if j.view.URL != "" && !j.view.NoIndex {
				u := sitemapURL{Loc: j.view.URL}
				if j.view.Page != nil {
					u.LastMod = l.changedOn(j.view.Page)
				}
				m.URLs = append(m.URLs, u)
			}
		}
		l.ix.outputs = append(l.ix.outputs, newFile("sitemap.xml", marshal(m)))
	}
	if l.cfg.Outputs.Robots {
		l.ix.outputs = append(l.ix.outputs, newFile("robots.txt", []byte(l.robots())))
	}
}

func (l *linker) robots() string {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, dir := range site.Owned[:4] {
		b.WriteString("Disallow: " + l.cfg.BasePath + "/" + dir + "\n")
	}
	if l.cfg.Outputs.Sitemap {
		b.WriteString("Sitemap: " + l.cfg.BaseURL + "sitemap.xml\n")
	}
	return b.String()
}
