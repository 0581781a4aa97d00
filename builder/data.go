package builder

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"potluck/internal/site"
)

// dataFile is what one file of content/data/ holds, or what is wrong with it.
type dataFile struct {
	sum     Sum
	value   any
	problem *site.Problem
}

// isData tells that layouts may read a file, as .Site.Data.NAME: a table of a
// .toml file; rows of a .csv file, each a table by the names in its first line;
// whatever a .json file holds. areas.geojson is for the map, see geojson.go. Data
// files are copied to the site as well.
func isData(p string) bool {
	dir, name := path.Split(p)
	return p == areasFile || dir == "data/" && slices.Contains([]string{".toml", ".csv", ".json"}, path.Ext(name))
}

// readData reads the data files. One of the last build is taken where its bytes
// are the same: it depends on nothing else.
func (n *build) readData(prev *build) {
	n.data = map[string]*dataFile{}
	for _, f := range n.content.copied {
		if !isData(f.Path) {
			continue
		}
		d := prev.data[f.Path]
		if d == nil || d.sum != f.Sum {
			d = newData(f)
		}
		n.data[f.Path] = d
		if d.problem != nil {
			n.problems = append(n.problems, *d.problem)
		}
	}
	n.nameData()
}

// nameData gives each file its name; of two with one name the first stays.
func (n *build) nameData() {
	n.values = map[string]any{}
	for _, p := range slices.Sorted(maps.Keys(n.data)) {
		name := strings.TrimSuffix(path.Base(p), path.Ext(p))
		if p == areasFile {
			continue
		} else if _, taken := n.values[name]; taken {
			n.problems = append(n.problems, site.Problem{Path: "content/" + p, Text: "another data file is called " + name, Hint: "rename one of the two"})
		} else if v := n.data[p]; v.problem == nil {
			n.values[name] = v.value
		}
	}
}

func newData(f File) *dataFile {
	d := &dataFile{sum: f.Sum}
	switch path.Ext(f.Path) {
	case ".toml":
		d.value, d.problem = fromTOML(f.Data)
	case ".csv":
		d.value, d.problem = fromCSV(f.Data)
	case ".geojson":
		d.value, d.problem = fromGeoJSON(f.Data)
	case ".json":
		d.value, d.problem = fromJSON(f.Data)
	}
	if d.problem != nil {
		d.problem.Path = "content/" + f.Path
	}
	return d
}

func fromTOML(data []byte) (any, *site.Problem) {
	m, p := site.ParseData(data)
	return m, p
}

func fromCSV(data []byte) (any, *site.Problem) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	rows, err := r.ReadAll()
	if err != nil {
		p := &site.Problem{Text: err.Error(), Hint: "each line has as many cells as the first, and a cell with a comma or a quote stands in quotes"}
		var pe *csv.ParseError
		if errors.As(err, &pe) {
			p.Line, p.Col, p.Text = pe.Line, pe.Column, pe.Err.Error()
		}
		return nil, p
	}
	list := []map[string]string{}
	for i := 1; i < len(rows); i++ {
		row := map[string]string{}
		for k, name := range rows[0] {
			row[strings.TrimSpace(name)] = rows[i][k]
		}
		list = append(list, row)
	}
	return list, nil
}

func fromJSON(data []byte) (v any, _ *site.Problem) {
	err := json.Unmarshal(data, &v)
	if err == nil {
		return v, nil
	}
	p := &site.Problem{Text: err.Error(), Hint: "look for a comma or a quote that is missing or too much"}
	var se *json.SyntaxError
	if errors.As(err, &se) {
		before := data[:min(int(se.Offset), len(data))]
		p.Line, p.Col = 1+bytes.Count(before, []byte("\n")), max(1, len(before)-1-bytes.LastIndexByte(before, '\n'))
	}
	return nil, p
}

// sameData tells that layouts would read the same.
func sameData(a, b *build) bool {
	return maps.EqualFunc(a.data, b.data, func(x, y *dataFile) bool { return x.sum == y.sum })
}
