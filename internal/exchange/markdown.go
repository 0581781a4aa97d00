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
	dayCode   = regexp.MustCompile(`^daycode([0-9]*)$`)
	codeForm  = regexp.MustCompile(`(?i)^([a-z]{2})[a-z]*?(?:([1-5])(?:st|nd|rd|th)|(last))?$`)
	anyLink   = regexp.MustCompile(`(!?)\[([^\]]*)\]\(\s*([^)\s]*)[^)]*\)`)
)

// ImportMarkdown reads every .md file below fsys: YAML between --- lines, then
// Markdown. Links to pages and files that do not come along become words, pictures
// elsewhere become links.
func ImportMarkdown(cfg *site.Config, fsys fs.FS, m Mapping) (*Report, error) {
	var recs []record
	faults, columns := map[string]string{}, map[string]bool{}
	err := fs.WalkDir(fsys, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(p) != ".md" {
			return err
		}
		rec, err := readMarkdown(fsys, p)
		if err != nil {
			faults[p] = err.Error()
		}
		for c := range rec.cells {
			columns[c] = true
		}
		recs = append(recs, rec)
		return nil
	})
	if err != nil {
		return nil, err
	}
	im, err := newImporter(cfg, m, slices.Sorted(maps.Keys(columns)))
	if err != nil {
		return nil, err
	}
	for _, rec := range recs {
		im.add(rec, faults[rec.where])
	}
	return im.finish(), nil
}

// readMarkdown reads one file.
func readMarkdown(fsys fs.FS, p string) (record, error) {
	rec := record{where: p, name: strings.TrimSuffix(path.Base(p), ".md"), cells: map[string]string{}}
	src, err := fs.ReadFile(fsys, p)
	text := strings.ReplaceAll(strings.TrimPrefix(string(src), "\ufeff"), "\r\n", "\n")
	m := yamlFence.FindStringSubmatch(text)
	switch {
	case err != nil:
		return rec, err
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return rec, fmt.Errorf("the file has bytes that are not UTF-8 text")
	case m == nil:
		return rec, fmt.Errorf("there is no front matter between two lines ---")
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(m[1]), &doc); err != nil {
		return rec, fmt.Errorf("the front matter cannot be read: %w", err)
	}
	if len(doc.Content) == 1 && doc.Content[0].Kind == yaml.MappingNode {
		for kv := range slices.Chunk(doc.Content[0].Content, 2) {
			rec.cells[kv[0].Value] = cellOf(kv[1])
		}
	}
	rec.body = strings.TrimSpace(m[2])
	return rec, nil
}

// cellOf gives a value as it was written, so that 0930 and 90012 stay what they
// are; a list has lines.
func cellOf(n *yaml.Node) string {
	if n.ShortTag() == "!!null" {
		return ""
	}
	list := []string{n.Value}
	for _, c := range n.Content {
		list = append(list, c.Value)
	}
	return strings.Trim(strings.Join(list, "\n"), "\n")
}

// localOnly takes out of Markdown what would point to files that are not there, or
// fetch a picture from elsewhere.
func (im *importer) localOnly(d *draft, body string) string {
	return anyLink.ReplaceAllStringFunc(body, func(s string) string {
		m := anyLink.FindStringSubmatch(s)
		words, dest := m[2], m[3]
		remote := strings.Contains(dest, "://") || strings.HasPrefix(dest, "mailto:") || strings.HasPrefix(dest, "#")
		if m[1] != "" {
			im.left(d, "body", dest, "is a picture, which does not come along")
		} else if !remote {
			im.left(d, "body", dest, "is a link to a page or file that is not here")
		}
		if remote {
			return "[" + words + "](" + dest + ")"
		}
		return words
	})
}

// dayCodes reads hours from cells such as daycode1 "Fri2nd", day1_open "1500" and
// day1_close "1700". A season cannot be said in hours, so with one they stay words.
func (im *importer) dayCodes(d *draft) {
	var w week
	var words []string
	for _, c := range slices.Sorted(maps.Keys(d.rec.cells)) {
		n := dayCode.FindStringSubmatch(c)
		if n == nil || d.rec.get(c) == "" || im.kind.Field("hours") == nil {
			continue
		}
		opens, closes := "open", "close"
		if n[1] != "" {
			opens, closes = "day"+n[1]+"_open", "day"+n[1]+"_close"
		}
		code, from, to := d.rec.get(c), d.rec.get(opens), d.rec.get(closes)
		words = append(words, code+" "+from+"–"+to)
		w.add(codeForm.ReplaceAllStringFunc(code, codeDay), []string{codeTime(from) + "-" + codeTime(to)})
	}
	if words == nil {
		return
	}
	norm, ok := w.normal()
	if season := d.rec.get("season_open") + "–" + d.rec.get("season_close"); season != "–" {
		words, ok = append(words, "Season: "+season), false
	}
	if !ok {
		norm = ""
	}
	im.setHours(d, strings.ReplaceAll(norm, "00:00-23:59", "00:00-24:00"), strings.Join(words, "\n"))
}

// codeDay makes Fr[2] of "Fri2nd" and Fr[-1] of "FriLast".
func codeDay(code string) string {
	m := codeForm.FindStringSubmatch(code)
	if nth := m[2] + strings.Replace(strings.ToLower(m[3]), "last", "-1", 1); nth != "" {
		return m[1] + "[" + nth + "]"
	}
	return m[1]
}

// codeTime reads "930", "0930" and "0".
func codeTime(s string) string {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return "?"
	}
	return hhmm(n/100*60 + n%100)
}
