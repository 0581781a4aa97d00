package builder

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"potluck/internal/site"
)

// The most that a sitemap may hold (https://www.sitemaps.org/protocol.html); the
// bytes are fewer than the 50 MiB that are allowed.
const (
	sitemapURLs  = 50000
	sitemapBytes = 45 << 20
)

type sitemapURL struct {
	loc     string
	lastMod string
	others  []hreflang // the page in all its languages, where it has several
}

type hreflang struct{ code, href string }

// sitemap lists the pages that search engines may show, and robots.txt says
// where that list is and which addresses belong to people's own business.
func (l *linker) sitemap() {
	if l.cfg.Outputs.Sitemap {
		var urls []string
		for _, j := range l.jobs {
			if j.view.URL != "" && !j.view.NoIndex && j == l.ix.jobs[j.number] {
				j.mapped = l.onSitemap(j)
				urls = append(urls, j.mapped)
			}
		}
		for _, f := range sitemaps(l.cfg.BaseURL, urls, sitemapURLs) {
			l.plan(f.path, f.of)
		}
	}
	if l.cfg.Outputs.Robots {
		l.plan("robots.txt", plain(l.robots()))
	}
}

// onSitemap gives what the sitemap says of a page: with the View of the last build, what
// it said then.
func (l *linker) onSitemap(j *job) string {
	if j.was != nil && j.view == j.was.view {
		return j.was.mapped
	}
	u := sitemapURL{loc: j.view.URL, others: l.alternates(j.view)}
	if j.view.Page != nil {
		u.lastMod = l.changedOn(j.view.Page)
	}
	return u.xml()
}

// alternates gives the page in each of its languages, and which of them is for
// readers of any other.
func (l *linker) alternates(v *View) []hreflang {
	if v.Pager.Number > 1 {
		return nil
	}
	var others []hreflang
	for _, k := range v.Languages {
		if k.Translated {
			others = append(others, hreflang{k.Code, l.absolute(k.Href)})
		}
	}
	if len(others) < 2 {
		return nil
	}
	return append(others, hreflang{"x-default", others[0].href})
}

// sitemaps is one file or, of too many pages, an index and its parts.
func sitemaps(base string, urls []string, most int) []output {
	parts, from, size := [][]string{}, 0, 0
	for i, u := range urls {
		if i-from == most || size > sitemapBytes {
			parts, from, size = append(parts, urls[from:i]), i, 0
		}
		size += len(u)
	}
	parts = append(parts, urls[from:])
	if len(parts) == 1 {
		return []output{{path: "sitemap.xml", of: plain(urlset(parts[0]))}}
	}
	var files []output
	var index strings.Builder
	index.WriteString(xml.Header + "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n")
	for i, part := range parts {
		name := fmt.Sprintf("sitemap-%d.xml", i+1)
		files = append(files, output{path: name, of: plain(urlset(part))})
		index.WriteString(" <sitemap>\n  <loc>" + escapeXML(base+name) + "</loc>\n </sitemap>\n")
	}
	index.WriteString("</sitemapindex>\n")
	return append(files, output{path: "sitemap.xml", of: plain(index.String())})
}

func urlset(urls []string) string {
	const head = xml.Header + "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n"
	return strings.Join(slices.Concat([]string{head}, urls, []string{"</urlset>\n"}), "")
}

func (u *sitemapURL) xml() string {
	var b strings.Builder
	b.WriteString(" <url>\n  <loc>" + escapeXML(u.loc) + "</loc>\n")
	if u.lastMod != "" {
		b.WriteString("  <lastmod>" + u.lastMod + "</lastmod>\n")
	}
	for _, o := range u.others {
		b.WriteString("  <xhtml:link rel=\"alternate\" hreflang=\"" + escapeXML(o.code) + "\" href=\"" + escapeXML(o.href) + "\"/>\n")
	}
	b.WriteString(" </url>\n")
	return b.String()
}

// escapeXML makes a text fit to stand in XML. What cannot, such as control characters,
// becomes U+FFFD.
func escapeXML(s string) string {
	for i := range len(s) {
		if !plainXML[s[i]] {
			var b strings.Builder
			_ = xml.EscapeText(&b, []byte(s)) // into memory
			return b.String()
		}
	}
	return s
}

// plainXML are the bytes that stay as they are in XML.
var plainXML = func() (plain [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		plain[c] = !strings.ContainsRune("<>&\"'", c)
	}
	return plain
}()

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
