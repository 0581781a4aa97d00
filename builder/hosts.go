package builder

import (
	"net/url"
	"strings"

	"potluck/internal/site"
)

// hostFiles plans _headers and _redirects, which some hosts of plain files read
// (Netlify, Cloudflare Pages and others; one format).
func (l *linker) hostFiles() {
	if l.cfg.Outputs.Headers {
		l.plan("_headers", plain(l.headers()))
	}
	if l.cfg.Outputs.Redirects && len(l.ix.redirects) > 0 {
		var b strings.Builder
		for _, r := range l.ix.redirects {
			b.WriteString(l.cfg.BasePath + (&url.URL{Path: r.From}).EscapedPath() + " " + r.To + " 301\n")
		}
		l.plan(redirectsFile, plain(b.String()))
	}
}

// headers says what goes with every answer, and what may be kept for ever: files
// whose name is made of their bytes.
func (l *linker) headers() string {
	var b strings.Builder
	b.WriteString(l.cfg.BasePath + "/*\n")
	for _, h := range site.Headers {
		b.WriteString("  " + h[0] + ": " + h[1] + "\n")
	}
	kept := []string{"/assets/*"}
	if f := l.ix.search; f != nil && f.page.Data != "" {
		kept = append(kept, strings.TrimPrefix(f.page.Data, l.cfg.BasePath)+"*")
	}
	for _, p := range kept {
		b.WriteString(l.cfg.BasePath + p + "\n  Cache-Control: " + site.KeepForever + "\n")
	}
	return b.String()
}
