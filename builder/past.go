package builder

import (
	"path"

	"potluck/internal/site"
)

// maxChanges is how many changes the history of a page shows. The rest is in git.
const maxChanges = 500

// lastChange gives the last change of a page, the zero Change where it is not known.
func (l *linker) lastChange(h *site.Header) Change {
	if all := l.in.History[h.Path]; len(all) > 0 {
		return all[0]
	}
	return Change{}
}

// historyOf gives the address and the file of the page with all changes of a page;
// "" where there is none: it is not wanted, nothing is known, or the network has a page
// of its own there.
func (l *linker) historyOf(n *node, li int) (href, out string) {
	d := n.docs[li]
	if d == nil || !l.cfg.Outputs.History || l.theme.layouts["history"] == nil || len(l.in.History[d.Header.Path]) == 0 {
		return "", ""
	}
	dir := path.Join(n.dir, "history")
	if l.ix.nodeAt(dir) != nil {
		return "", ""
	}
	return l.cfg.Address(l.cfg.Languages[li], dir)
}

func (l *linker) historyHref(n *node, li int) string {
	if href, _ := l.historyOf(n, li); href != "" {
		return l.cfg.BasePath + href
	}
	return ""
}

// histories makes, for each page, the page with its changes. It stands in no list:
// the page leads there.
func (l *linker) histories() {
	if !l.cfg.Outputs.History {
		return
	}
	for _, d := range l.ix.docs {
		n, li := l.ix.nodeAt(dirOf(d.Header.Place)), l.li[d.Header.Lang]
		if href, out := l.historyOf(n, li); href != "" {
			l.history(n, li, href, out)
		}
	}
}

func (l *linker) history(n *node, li int, href, out string) {
	h := n.docs[li].Header
	v := l.frame(n, li, "history")
	v.URL, v.NoIndex = l.absolute(l.cfg.BasePath+href), true
	v.Title = l.theme.words.say(l.theme.langs(li), "history.title", h.Title)
	v.Crumbs = append(v.Crumbs, l.linkTo(n, li))
	for i, k := range v.Languages {
		to := l.historyHref(n, l.li[k.Code])
		v.Languages[i].Translated = to != ""
		if to != "" {
			v.Languages[i].Href = to
		}
	}
	v.Changes = l.in.History[h.Path]
	v.Older = max(0, len(v.Changes)-maxChanges)
	v.Changes = v.Changes[:len(v.Changes)-v.Older]
	l.add(plannedPage{view: v, out: out}, nil, li)
}
