package builder

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"maps"
	"path"
	"slices"
	"strings"

	"potluck/internal/site"
)

// redirectsFile is read from content/, and written for hosts that know it. Each
// line sends one address on: FROM TO, with 301 after it if you like.
//
//	# the old site
//	/pantries.html   /resources/
//	/rides/          /procedures/rides/   301
//
// A page may also name its old addresses itself: aliases = ["/rides/", "old-name/"].
// Those without a slash in front are seen from the page's folder.
const redirectsFile = "_redirects"

// Redirect sends readers of an old address on.
type Redirect struct {
	From string // path below the site's root, decoded: "/old/" or "/old.html"
	To   string // href, or a whole address elsewhere
}

// redirect is one as it was asked for.
type redirect struct {
	from string // without slashes around
	file bool   // from is a file, not a folder
	to   string // "" when it is known where it leads
	href string
	say  func(hint, format string, args ...any) // adds a problem at its place
}

// redirects gathers the old addresses, checks them, and plans a page for each.
// Hosts that read no _redirects, and readers of a copy, are sent on by the page.
func (l *linker) redirects() {
	all := map[string]*redirect{}
	for _, r := range append(l.aliases(), l.redirectLines()...) {
		switch other := all[r.from]; {
		case r.from == "" || slices.Contains(site.Owned, strings.Split(r.from, "/")[0]):
			r.say("choose another address", "this address belongs to potluck itself: /%s", r.from)
		case other != nil:
			r.say("leave one of the two out", "/%s is sent on twice", r.from)
		case l.taken(r):
			r.say("rename the page, or leave this out", "there is a page or a file at /%s", r.from)
		default:
			all[r.from] = r
		}
	}
	for _, from := range slices.Sorted(maps.Keys(all)) {
		r := all[from]
		if href := l.leadsTo(r, all); href != "" {
			from := "/" + r.from
			if !r.file {
				from += "/"
			}
			l.ix.redirects = append(l.ix.redirects, Redirect{from, href})
			if out := r.out(); strings.HasSuffix(out, ".html") {
				l.plan(out, l.redirectPage(href))
			}
		}
	}
	slices.SortFunc(l.ix.redirects, func(a, b Redirect) int { return strings.Compare(a.From, b.From) })
}

// headMarks finds where a page's front matter names its old addresses and its end,
// for problems that are known only when all pages are.
func headMarks(h *site.Header, src []byte) map[string]place {
	if len(h.Aliases) == 0 && h.Day("end").IsZero() {
		return nil
	}
	found := map[string]place{}
	mark := func(name, text string) {
		if i := bytes.Index(src, []byte(text)); i >= 0 {
			i += strings.Count(text[:1], "\n")
			found[name] = place{1 + bytes.Count(src[:i], []byte("\n")), i - bytes.LastIndexByte(src[:i], '\n')}
		}
	}
	mark("end", "\nend")
	for _, a := range h.Aliases {
		mark(a, `"`+a+`"`)
	}
	return found
}

// aliases gives the old addresses that pages name.
func (l *linker) aliases() []*redirect {
	var all []*redirect
	for _, d := range l.ix.docs {
		h := d.Header
		for _, alias := range h.Aliases {
			n := l.ix.nodeAt(dirOf(h.Place))
			at := n.at[l.li[h.Lang]]
			r := &redirect{href: l.cfg.BasePath + h.URL}
			r.say = func(hint, format string, args ...any) {
				l.ix.placed = append(l.ix.placed, placed{at, alias,
					site.Problem{Path: "content/" + h.Path, Text: fmt.Sprintf(format, args...), Hint: hint}})
			}
			if !strings.HasPrefix(alias, "/") {
				alias = path.Join("/", path.Dir(h.Path), alias) + alias[len(strings.TrimRight(alias, "/")):]
			}
			if r.set(alias) {
				all = append(all, r)
			}
		}
	}
	return all
}

// redirectLines reads content/_redirects.
func (l *linker) redirectLines() []*redirect {
	if l.content.redirects == nil {
		return nil
	}
	var all []*redirect
	for i, line := range strings.Split(string(l.content.redirects.Data), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		say := func(hint, format string, args ...any) {
			l.problem(site.Problem{Path: "content/" + redirectsFile, Line: i + 1, Col: 1, Text: fmt.Sprintf(format, args...), Hint: hint})
		}
		if len(words) < 2 || len(words) > 3 || len(words) == 3 && words[2] != "301" {
			say("write the old address, a space, the new one: /old/ /new/", "this line cannot be read")
			continue
		}
		if r := (&redirect{to: words[1], say: say}); r.set(words[0]) {
			all = append(all, r)
		}
	}
	return all
}

// set takes the old address, if it is a plain one.
func (r *redirect) set(from string) bool {
	from = unescapePath(from)
	if !strings.HasPrefix(from, "/") || strings.ContainsAny(from, "*?#:\\") || strings.ContainsFunc(from, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		r.say("write one whole address of this site, such as /old/page/", "%q cannot be sent on", from)
		return false
	}
	r.file = !strings.HasSuffix(from, "/") && path.Ext(from) != ""
	r.from = strings.Trim(path.Clean(from), "/")
	return true
}

// out gives the file that a page at the old address has.
func (r *redirect) out() string {
	if r.file {
		return r.from
	}
	return r.from + "/index.html"
}

func (l *linker) taken(r *redirect) bool {
	return findJob(l.ix.jobs, r.out()) != nil || l.isFile(r.out()) || l.isFile(r.from)
}

// leadsTo follows a redirect to a page, a file or another site.
func (l *linker) leadsTo(r *redirect, all map[string]*redirect) string {
	seen := map[*redirect]bool{}
	for next := r; ; {
		if next.href != "" {
			return next.href
		}
		if seen[next] {
			r.say("let one of these lines lead to a page", "/%s leads in a circle", r.from)
			return ""
		}
		seen[next] = true
		if strings.HasPrefix(next.to, "https://") || strings.HasPrefix(next.to, "http://") {
			return next.to
		}
		p, rest := cutPath(next.to)
		asked := path.Clean("/" + unescapePath(p))
		who := &resolver{l: l, h: &site.Header{}, li: 0}
		if href, _ := who.page(asked, strings.HasSuffix(p, ".md"), false); href != "" && strings.HasPrefix(p, "/") {
			return l.cfg.BasePath + href + rest
		}
		if next = all[strings.Trim(asked, "/")]; next == nil {
			r.say("write where the page is now, such as /resources/pantry/", "there is no page %s", asked)
			return ""
		}
	}
}

// redirectPage is the page at an old address.
type redirectPage struct{ lang, title, words, href, canonical string }

// redirectPage makes one in the language of the page that it leads to.
func (l *linker) redirectPage(href string) redirectPage {
	r := redirectPage{lang: l.cfg.Languages[0], title: href, href: href, canonical: href}
	if strings.HasPrefix(href, "/") {
		r.canonical = l.absolute(href)
		p, _ := cutPath(strings.TrimPrefix(href, l.cfg.BasePath+"/"))
		if j := findJob(l.ix.jobs, cmp.Or(unescapePath(p), "./")+"index.html"); j != nil {
			r.lang, r.title = j.view.Lang, j.view.Title
		} else if j := findJob(l.ix.jobs, "index.html"); p == "" && j != nil {
			r.title = j.view.Title
		}
	}
	r.words = l.theme.words.say(l.theme.langs(l.li[r.lang]), "moved.text")
	return r
}

func (r redirectPage) bytes() []byte {
	e := html.EscapeString
	return []byte("<!doctype html>\n<html lang=\"" + e(r.lang) + "\" dir=\"" + langDir(r.lang) + "\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta http-equiv=\"Content-Security-Policy\" content=\"" + e(site.Policy) + "\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" + e(r.title) + "</title>\n" +
		"<meta name=\"robots\" content=\"noindex\">\n<link rel=\"canonical\" href=\"" + e(r.canonical) + "\">\n" +
		"<meta http-equiv=\"refresh\" content=\"0; url=" + e(r.href) + "\">\n</head>\n<body>\n<main>\n<h1>" + e(r.title) + "</h1>\n" +
		"<p>" + e(r.words) + " <a href=\"" + e(r.href) + "\">" + e(r.title) + "</a></p>\n</main>\n</body>\n</html>\n")
}

// Redirect tells where the reader of an old address is sent, with or without its
// last slash.
func (r *Result) Redirect(from string) (to string, ok bool) {
	for _, p := range []string{from, from + "/"} {
		i, found := slices.BinarySearchFunc(r.Redirects, p, func(x Redirect, p string) int { return strings.Compare(x.From, p) })
		if found {
			return r.Redirects[i].To, true
		}
	}
	return "", false
}
