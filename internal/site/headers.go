package site

import "regexp"

// Policy is the content security policy of every page, built or made by a
// handler: nothing but this site's own files, no code inside pages. It stands in
// the pages too, for hosts that send no headers. connect-src is for the search
// and for tools that read robots.txt.
const Policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; worker-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'"

// Headers are the names and values that go with every answer.
// frame-ancestors cannot stand in a page.
var Headers = [][2]string{
	{"Content-Security-Policy", Policy + "; frame-ancestors 'none'"},
	{"Referrer-Policy", "same-origin"},
	{"X-Content-Type-Options", "nosniff"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Permissions-Policy", "geolocation=(), camera=(), microphone=()"},
}

// Kept matches the addresses, without the path of base_url, of files whose name is
// made of their bytes: a browser may keep them for ever.
const Kept = `^/(assets|search/[0-9a-f]{10})/`

var kept = regexp.MustCompile(Kept)

// KeepForever is the Cache-Control of what [Kept] matches, AskAgain that of all else:
// the browser asks each time whether what it has is still the newest.
const (
	KeepForever = "public, max-age=31536000, immutable"
	AskAgain    = "no-cache"
)

// CacheControl gives the header for an address.
func CacheControl(path string) string {
	if kept.MatchString(path) {
		return KeepForever
	}
	return AskAgain
}
