package site

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
