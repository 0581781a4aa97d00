package builder

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"path"
	"slices"
	"strings"
)

// A person can keep a part of the site on her device: see sw.js of the theme,
// which does it, and the layout offline, where she asks for it. Here is made what
// the worker reads: a list of files with the sums of their bytes, so that a newer
// list brings over only what changed. Pages that one may have to leave in a hurry
// are never on it.
const (
	maxSaved      = 200     // files
	maxSavedBytes = 2 << 20 // before compression
)

// killed takes back what the worker of an earlier build keeps, and the worker too.
const killed = `self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", e => e.waitUntil(caches.keys()
	.then(all => Promise.all(all.filter(k => k.startsWith("potluck:" + base + ":")).map(k => caches.delete(k))))
	.then(() => self.registration.unregister())));
`

type keptList struct {
	Places []keptPlace `json:"places"`
	Files  [][2]string `json:"files"` // address and sum
}

// keptPlace is a language: the addresses that begin with At speak it.
type keptPlace struct {
	At      string `json:"at"`
	Lang    string `json:"lang"`
	Page    string `json:"page"`    // shown for a page that is not kept
	Saved   string `json:"saved"`   // HTML; {0} is a date
	Missing string `json:"missing"` // HTML
}

// offline makes the worker and its list from the rendered pages. It depends on
// nothing but them, the theme and the Config.
func (n *build) offline() []File {
	cfg := n.in.Config
	src := n.theme.tree.at("sw.js")
	if src == nil {
		return nil
	}
	if cfg.Offline.Off || n.theme.layouts["offline"] == nil {
		return []File{newFile("sw.js", fmt.Appendf(nil, "const base = %q;\n%s", cfg.BasePath, killed))}
	}
	data, err := json.Marshal(keptList{n.keptPlaces(), n.kept()})
	if err != nil {
		panic(err) // strings alone always can be
	}
	list := newFile("", data)
	list.Path = "assets/offline." + hex.EncodeToString(list.Sum[:5]) + ".json"
	worker := fmt.Appendf(nil, "const base = %q, list = %q;\n%s", cfg.BasePath, cfg.BasePath+"/"+list.Path, src.Data)
	return []File{list, newFile("sw.js", worker)}
}

// keptPlaces gives the default language last: all addresses begin with its own.
func (n *build) keptPlaces() []keptPlace {
	var places []keptPlace
	for _, li := range n.index.langs {
		s, langs := n.index.sites[li], n.theme.langs(li)
		say := func(key string) string { return html.EscapeString(n.theme.words.say(langs, key)) }
		places = append(places, keptPlace{s.Home, n.in.Config.Languages[li], s.Sections["offline"], say("offline.saved"), say("offline.missing")})
	}
	slices.Reverse(places)
	return places
}

// kept chooses: what every page needs, home, the sections of site.toml, then the
// pages in them, until there are enough.
func (n *build) kept() [][2]string {
	var files [][2]string
	seen, size := map[string]bool{}, 0
	add := func(f File) {
		if seen[f.Path] || len(files) >= maxSaved || size+f.Size > maxSavedBytes {
			return
		}
		seen[f.Path] = true
		size += f.Size
		href := n.in.Config.BasePath + (&url.URL{Path: "/" + strings.TrimSuffix(f.Path, "index.html")}).EscapedPath()
		files = append(files, [2]string{href, hex.EncodeToString(f.Sum[:5])})
	}
	for _, f := range n.theme.assets {
		for _, name := range []string{"style.css", "colors.css", "favicon.svg", "save.js"} {
			if n.theme.hrefs[name] == n.in.Config.BasePath+"/"+f.Path {
				add(f)
			}
		}
	}
	for _, j := range n.index.jobs {
		if j.layout == "offline" || j.layout == "home" {
			add(j.file)
		}
	}
	for _, whole := range []bool{false, true} {
		for _, section := range n.in.Config.Offline.Pages {
			n.keptSection(strings.Trim(section, "/"), whole, add)
		}
	}
	return files
}

func (n *build) keptSection(dir string, whole bool, add func(File)) {
	for _, li := range n.index.langs {
		_, below := n.in.Config.Address(n.in.Config.Languages[li], dir)
		if whole {
			below = path.Dir(below) + "/"
		}
		first, _ := slices.BinarySearchFunc(n.index.jobs, below, byJobPath)
		for _, j := range n.index.jobs[first:] {
			if !strings.HasPrefix(j.path, below) {
				break
			}
			if j.li == li && j.layout != "" && !j.leave {
				add(j.file)
			}
		}
	}
}

// savedPage leads to what is kept.
func (l *linker) savedPage(v *View, li int) {
	v.NoIndex = true
	for _, section := range l.cfg.Offline.Pages {
		if n := l.ix.nodeAt(strings.Trim(section, "/")); n != nil && n.in(li) >= 0 {
			v.Terms = append(v.Terms, l.linkTo(n, li))
		}
	}
}
