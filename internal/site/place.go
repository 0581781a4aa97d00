package site

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
)

// Place says where a page's file lies and where it is read. All paths are
// slash-separated and relative to content/.
type Place struct {
	Path    string // resources/pantry.es.md
	Key     string // resources/pantry: the same for all translations; "resources/index" for a folder's own page
	URL     string // /es/resources/pantry/, escaped, without the path of base_url
	Out     string // es/resources/pantry/index.html
	Lang    string // es
	Section string // resources: the top folder, or ""
	Index   bool   // the folder's own page
}

// Owned are the top folders that belong to the form handler or to the builder's
// own outputs; no page may lie there.
var Owned = []string{"forms", "mine", "search", "desk", "category", "area", "language", "assets"}

// FormPath is where the form of a kind is in a language, without the path of base_url.
func (c *Config) FormPath(lang, kind string) string {
	if lang == c.Languages[0] {
		return "/forms/" + kind + "/"
	}
	return "/forms/" + lang + "/" + kind + "/"
}

// MinePath is where a code opens what belongs to it.
func (c *Config) MinePath(lang string) string {
	if lang == c.Languages[0] {
		return "/mine/"
	}
	return "/mine/" + lang + "/"
}

// PlaceOf finds the place of the page in the file at p. The error says why no
// page can lie there.
func (c *Config) PlaceOf(p string) (Place, error) {
	base, ok := strings.CutSuffix(p, ".md")
	if !ok {
		return Place{}, fmt.Errorf("not a Markdown file")
	}
	if err := checkName(p); err != nil {
		return Place{}, err
	}
	pl := Place{Path: p, Lang: c.Languages[0]}
	if i := strings.LastIndexByte(base, '.'); i > strings.LastIndexByte(base, '/')+1 && slices.Contains(c.Languages, base[i+1:]) {
		pl.Lang, base = base[i+1:], base[:i]
	}
	pl.Key, pl.Index = base, path.Base(base) == "index"
	dir := base
	if pl.Index {
		dir = path.Dir(base)
	}
	if i := strings.IndexByte(base, '/'); i >= 0 {
		pl.Section = base[:i]
	}
	if slices.Contains(Owned, pl.Section) || slices.Contains(Owned, dir) {
		return Place{}, fmt.Errorf("the folder /%s/ belongs to potluck itself", strings.Split(dir, "/")[0])
	}
	if top, _, _ := strings.Cut(dir, "/"); slices.Contains(c.Languages[1:], top) {
		return Place{}, fmt.Errorf("/%s/ is for translations, which stand beside the page: name.%s.md", top, top)
	}
	pl.URL, pl.Out = c.Address(pl.Lang, dir)
	return pl, nil
}

// FileOf gives the file of the page with a key in a language.
func (c *Config) FileOf(key, lang string) string {
	if lang == "" || lang == c.Languages[0] {
		return key + ".md"
	}
	return key + "." + lang + ".md"
}

// Address gives the URL and the output file of the page dir (such as
// "resources/pantry", or "." for home) in a language.
func (c *Config) Address(lang, dir string) (href, out string) {
	dir = path.Clean(dir)
	if lang != c.Languages[0] {
		dir = path.Join(lang, dir)
	}
	if dir == "." {
		return "/", "index.html"
	}
	return (&url.URL{Path: "/" + dir + "/"}).EscapedPath(), dir + "/index.html"
}

// KindAt gives the kind of the page at a place that does not say so itself: that
// of its top folder. The page of the top folder itself is a plain page.
func (c *Config) KindAt(pl Place) string {
	if pl.Index && pl.Key == pl.Section+"/index" {
		return "page"
	}
	for _, k := range c.Kinds {
		if k.Folder != "" && k.Folder == pl.Section {
			return k.Name
		}
	}
	return "page"
}

// PassedOver tells that a file or folder of this name, without its path, is no part of a
// network: it is hidden, or was left beside a file by vim (4913, ~, .swp), Emacs (#…#), a
// browser or a program that saves into another file first. An old copy of a page must not
// come to be public because it lies there.
func PassedOver(name string) bool {
	return name == "4913" || strings.ContainsAny(name[:min(len(name), 1)], ".#~") || strings.HasSuffix(name, "~") ||
		slices.Contains([]string{".swp", ".swx", ".tmp", ".part", ".lock", ".crdownload"}, path.Ext(name))
}

// checkName refuses names that cannot be a clean address or that could mislead.
func checkName(p string) error {
	for _, r := range p {
		if r == unicode.ReplacementChar || r == '\\' || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return fmt.Errorf("the file name has a character that cannot be in an address (%q)", r)
		}
	}
	for _, part := range strings.Split(p, "/") {
		if part == "" || part == "." || part == ".." || strings.HasPrefix(part, ".") {
			return fmt.Errorf("the file name cannot be an address")
		}
		if len(part) > 200 {
			return fmt.Errorf("the file name is longer than 200 bytes")
		}
	}
	return nil
}
