package exchange

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"potluck/internal/site"
)

var (
	yamlFence = regexp.MustCompile(`(?s)^---[ \t]*\n(.*?\n)?---[ \t]*(?:\n(.*))?$`)
	codeForm  = regexp.MustCompile(`(?i)^([a-z]{2})[a-z]*?(?:([1-5])(?:st|nd|rd|th)|(last))?$`)
	anyLink   = regexp.MustCompile(`(!?)\[([^\]]*)\]\(\s*([^)\s]*)[^)]*\)`)
)

// ImportMarkdown reads every .md file below fsys: YAML between --- lines, then
// Markdown. Pictures become links and local links become words, since their files
// do not come along.
func ImportMarkdown(cfg *site.Config, fsys fs.FS, m Mapping) (*Report, error) {
	var recs []record
	var refused []Note
	columns := map[string]bool{}
	err := fs.WalkDir(fsys, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(p) != ".md" {
			return err
		}
		rec, err := readMarkdown(fsys, p)
		if err != nil {
			refused = append(refused, Note{Where: p, Reason: err.Error()})
			return nil
		}
		for c := range rec.cells {
			columns[c] = true
		}
		recs = append(recs, rec)
		return nil
	})
	if err != nil || len(recs)+len(refused) == 0 {
		return nil, fmt.Errorf("no Markdown files can be read there: %w", errOr(err, fs.ErrNotExist))
	}
	im, err := newImporter(cfg, m, slices.Sorted(maps.Keys(columns)))
	if err != nil {
		return nil, err
	}
	im.rep.Records, im.rep.Refused = len(recs)+len(refused), refused
	for _, rec := range recs {
		im.add(rec)
	}
	return im.finish(), nil
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// readMarkdown reads one file.
func readMarkdown(fsys fs.FS, p string) (record, error) {
	src, err := fs.ReadFile(fsys, p)
	if err != nil {
		return record{}, err
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(src), "\ufeff"), "\r\n", "\n")
	m := yamlFence.FindStringSubmatch(text)
	switch {
	case !utf8.ValidString(text):
		return record{}, fmt.Errorf("the file has bytes that are not UTF-8 text")
	case strings.ContainsRune(text, 0):
		return record{}, fmt.Errorf("the file has a NUL character")
	case m == nil:
		return record{}, fmt.Errorf("there is no front matter between two lines ---")
	}
	rec := record{where: p, name: strings.TrimSuffix(path.Base(p), ".md"), cells: map[string]string{}}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(m[1]), &doc); err != nil {
		return record{}, fmt.Errorf("the front matter cannot be read: %w", err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return record{}, fmt.Errorf("the front matter has no keys")
	}
	for kv := range slices.Chunk(doc.Content[0].Content, 2) {
		rec.cells[kv[0].Value] = cellOf(kv[1])
	}
	rec.body = strings.TrimSpace(m[2])
	return rec, nil
}

// cellOf gives a value as it was written, so that 0930 and 90012 stay what they
// are; a list has semicolons between.
func cellOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		return ""
	case n.Kind == yaml.ScalarNode:
		return n.Value
	case n.Kind == yaml.AliasNode && n.Alias.Kind == yaml.ScalarNode:
		return n.Alias.Value
	}
	var items []string
	for _, c := range n.Content {
		if c.Kind == yaml.ScalarNode {
			items = append(items, c.Value)
		}
	}
	return strings.Join(items, "; ")
}

// localOnly takes out of Markdown what would point to files that are not there,
// or fetch a picture from elsewhere.
func (im *importer) localOnly(d *draft) {
	d.rec.body = anyLink.ReplaceAllStringFunc(d.rec.body, func(s string) string {
		m := anyLink.FindStringSubmatch(s)
		image, words, dest := m[1] != "", m[2], m[3]
		remote := strings.Contains(dest, "://") || strings.HasPrefix(dest, "mailto:") || strings.HasPrefix(dest, "#")
		switch {
		case image:
			d.left(im, "body", dest, "is a picture, which does not come along")
		case !remote:
			d.left(im, "body", dest, "is a link to a page or file that is not here")
		}
		if remote {
			return "[" + words + "](" + dest + ")"
		}
		return words
	})
}

// dayColumns are the columns of opening and closing of daycode and daycode1 to 7.
func dayColumns(n string) (open, shut string) {
	if n == "" {
		return "open", "close"
	}
	return "day" + n + "_open", "day" + n + "_close"
}

// dayCodes reads hours from columns such as daycode1 "Fri2nd", day1_open "1500"
// and day1_close "1700". A season cannot be said in hours, so it keeps them words.
func (im *importer) dayCodes(d *draft) {
	w, sure := week{}, d.rec.get("season_open")+d.rec.get("season_close") == ""
	var words []string
	for _, c := range slices.Sorted(maps.Keys(d.rec.cells)) {
		n := dayCode.FindStringSubmatch(c)
		if n == nil || d.rec.get(c) == "" || im.kind.Field("hours") == nil {
			continue
		}
		a, b := dayColumns(n[1])
		open, shut := d.rec.get(a), d.rec.get(b)
		words = append(words, d.rec.get(c)+" "+open+"–"+shut)
		day, from, to := codeDay(d.rec.get(c)), codeTime(open), codeTime(shut)
		if from == "00:00" && to == "23:59" {
			to = "24:00"
		}
		sure = sure && day != "" && from != "" && to != "" && from != to
		w.add([]string{day}, []string{from + "-" + to})
	}
	if words == nil {
		return
	}
	if norm, ok := w.normal(); ok && sure {
		im.field(d, "hours", norm)
		return
	}
	if s := d.rec.get("season_open") + "–" + d.rec.get("season_close"); s != "–" {
		words = append(words, "Season: "+s)

	}
	im.hoursInWords(d, strings.Join(words, "\n"))
}

// codeDay reads "Fri", "Fri2nd" and "FriLast".
func codeDay(s string) string {
	m := codeForm.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	day := dayOf(strings.ToLower(m[1]))
	switch {
	case day == "":
		return ""
	case m[2] != "":
		return day + "[" + m[2] + "]"
	case m[3] != "":
		return day + "[-1]"
	}
	return day
}

// codeTime reads "930", "0930", "0" and "09:30".
func codeTime(s string) string {
	s = strings.Replace(s, ":", "", 1)
	n, err := strconv.Atoi(s)
	if err != nil || len(s) > 5 || n < 0 || n > 2400 || n%100 > 59 {
		return ""
	}
	return hhmm(n/100*60 + n%100)
}
