package builder

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"potluck/internal/site"
)

// geography is the town as content/data/areas.geojson draws it (RFC 7946), brought
// to whole numbers on a sheet mapWidth wide, and made as simple as a small picture
// needs. It depends on the bytes of that file alone.
type geography struct {
	west, north   float64 // degrees at the left and upper edge of what is drawn
	scaleX, scale float64 // units of the sheet for a degree of longitude and of latitude
	height        int
	shapes        []shape
}

// shape is one feature: an area of the town, or something that helps to know it.
type shape struct {
	area  string    // value of the taxonomy; "" for all else
	draw  string    // water, park, road
	lines [][]point // rings of areas and of what is filled; the last point is not the first again
	open  bool      // lines are no rings
}

type point struct{ x, y int }

const (
	mapWidth     = 1000
	mapEdge      = 16
	maxMapPoints = 100_000
	maxMapBytes  = 16_000 // of all lines as they stand in the page
)

var drawn = []string{"water", "park", "road"}

type geoFile struct {
	Type     string
	Features []struct {
		Properties map[string]any
		Geometry   struct {
			Type        string
			Coordinates json.RawMessage
		}
	}
}

type degrees []float64 // longitude, latitude

// fromGeoJSON reads the file. Each feature has a property area, which names an area
// of site.toml, or draw: water, park or road.
func fromGeoJSON(data []byte) (any, *site.Problem) {
	var file geoFile
	if err := json.Unmarshal(data, &file); err != nil {
		_, p := fromJSON(data)
		if p == nil {
			p = &site.Problem{Text: "is not GeoJSON as RFC 7946 has it", Hint: "export a FeatureCollection of polygons and lines"}
		}
		return nil, p
	}
	g := &geography{}
	var lines [][]degrees
	for i, f := range file.Features {
		s := shape{open: f.Geometry.Type == "LineString" || f.Geometry.Type == "MultiLineString"}
		s.area, _ = f.Properties["area"].(string)
		s.draw, _ = f.Properties["draw"].(string)
		own, err := geoLines(f.Geometry.Type, f.Geometry.Coordinates)
		if err == nil {
			err = checkShape(&s, own)
		}
		if err != nil {
			return nil, &site.Problem{Text: fmt.Sprintf("feature %d %v", i+1, err), Hint: `a feature has "area": an area of site.toml, or "draw": water, park or road; and polygons or lines`}
		}
		s.lines = make([][]point, len(own))
		g.shapes, lines = append(g.shapes, s), append(lines, own...)
	}
	if len(g.shapes) == 0 {
		return nil, &site.Problem{Text: "draws nothing", Hint: "export a FeatureCollection with one polygon for each area"}
	}
	g.fit(lines)
	g.simplify()
	return g, nil
}

// geoLines gives the rings or lines of a geometry.
func geoLines(kind string, coordinates json.RawMessage) (lines [][]degrees, err error) {
	switch kind {
	case "LineString":
		lines = make([][]degrees, 1)
		err = json.Unmarshal(coordinates, &lines[0])
	case "Polygon", "MultiLineString":
		err = json.Unmarshal(coordinates, &lines)
	case "MultiPolygon":
		var parts [][][]degrees
		err = json.Unmarshal(coordinates, &parts)
		lines = slices.Concat(parts...)
	default:
		err = fmt.Errorf("is a %q, not a polygon or a line", kind)
	}
	return lines, err
}

func checkShape(s *shape, lines [][]degrees) error {
	switch {
	case s.area == "" && !slices.Contains(drawn, s.draw):
		return fmt.Errorf("names no area and nothing to draw")
	case s.area != "" && s.open:
		return fmt.Errorf("is an area, but a line")
	}
	n := 0
	for _, line := range lines {
		n += len(line)
		for _, d := range line {
			if len(d) < 2 || math.Abs(d[0]) > 180 || math.Abs(d[1]) > 85 {
				return fmt.Errorf("has a place that is not longitude, latitude in degrees")
			}
		}
	}
	if n == 0 || n > maxMapPoints {
		return fmt.Errorf("has %d points; from 1 to %d can be drawn", n, maxMapPoints)
	}
	return nil
}

// fit lays the sheet over all that is drawn: an equirectangular map, true in the
// middle of a town.
func (g *geography) fit(lines [][]degrees) {
	west, south, east, north := 180.0, 90.0, -180.0, -90.0
	for _, line := range lines {
		for _, d := range line {
			west, east = min(west, d[0]), max(east, d[0])
			south, north = min(south, d[1]), max(north, d[1])
		}
	}
	narrow := math.Cos((south + north) / 2 * math.Pi / 180)
	g.west, g.north = west, north
	g.scale = min((mapWidth-2*mapEdge)/max((east-west)*narrow, 1e-9), 2*mapWidth/max(north-south, 1e-9))
	g.scaleX = g.scale * narrow
	g.height = 2*mapEdge + int(math.Ceil((north-south)*g.scale))
	k := 0
	for i := range g.shapes {
		for j := range g.shapes[i].lines {
			var line []point
			for _, d := range lines[k] {
				if p := g.at(d[0], d[1]); len(line) == 0 || line[len(line)-1] != p {
					line = append(line, p)
				}
			}
			if n := len(line); n > 1 && !g.shapes[i].open && line[0] == line[n-1] {
				line = line[:n-1]
			}
			g.shapes[i].lines[j] = line
			k++
		}
	}
}

// at gives where a place lies on the sheet.
func (g *geography) at(longitude, latitude float64) point {
	return point{mapEdge + int(math.Round((longitude-g.west)*g.scaleX)), mapEdge + int(math.Round((g.north-latitude)*g.scale))}
}

// holds tells whether a point is on the sheet.
func (g *geography) holds(p point) bool {
	return p.x >= 0 && p.y >= 0 && p.x <= mapWidth && p.y <= g.height
}

// simplify leaves points out (Douglas and Peucker) until the picture is small
// enough. Where areas touch, they keep the same points: lines are cut where they
// meet or part, and each piece is simplified from the same end.
func (g *geography) simplify() {
	ends := g.junctions()
	for slack := 1.0; ; slack *= 1.5 {
		size := 0
		shapes := slices.Clone(g.shapes)
		for i := range shapes {
			s := &shapes[i]
			var kept [][]point
			for _, line := range s.lines {
				if line = simpler(line, s.open, ends, slack); len(line) > 2 || s.open && len(line) == 2 {
					kept = append(kept, line)
				}
			}
			s.lines = kept
			size += len(s.path())
		}
		if size <= maxMapBytes || slack > mapWidth {
			g.shapes = shapes
			return
		}
	}
}

// junctions are the points between which lines run alike.
func (g *geography) junctions() map[point]bool {
	type pair [2]point
	beside, ends := map[point]pair{}, map[point]bool{}
	for _, s := range g.shapes {
		for _, line := range s.lines {
			met := false
			for i, p := range line {
				a, b := line[(i+len(line)-1)%len(line)], line[(i+1)%len(line)]
				if before(b, a) {
					a, b = b, a
				}
				was, seen := beside[p]
				beside[p] = pair{a, b}
				if seen && was != (pair{a, b}) || s.open && (i == 0 || i == len(line)-1) {
					ends[p] = true
				}
				met = met || ends[p]
			}
			if !met && len(line) > 0 {
				ends[slices.MinFunc(line, func(a, b point) int { return map[bool]int{true: -1, false: 1}[before(a, b)] })] = true
			}
		}
	}
	return ends
}

func before(a, b point) bool { return a.x < b.x || a.x == b.x && a.y < b.y }

func simpler(line []point, open bool, ends map[point]bool, slack float64) []point {
	if !open {
		first := max(0, slices.IndexFunc(line, func(p point) bool { return ends[p] }))
		line = slices.Concat(line[first:], line[:first], line[first:min(first+1, len(line))])
	}
	var out []point
	from := 0
	for i := 1; i < len(line); i++ {
		if ends[line[i]] || i == len(line)-1 {
			out = append(out, piece(line[from:i+1], slack)...)
			from = i
		}
	}
	if open && len(line) > 0 {
		out = append(out, line[len(line)-1])
	}
	return out
}

// piece simplifies a line between two ends, without the last point.
func piece(line []point, slack float64) []point {
	line = slices.Clone(line)
	n := len(line)
	turned := before(line[n-1], line[0]) || line[0] == line[n-1] && before(line[n-2], line[1])
	if turned {
		slices.Reverse(line)
	}
	line = douglasPeucker(line, slack)
	if turned {
		slices.Reverse(line)
	}
	return line[:len(line)-1]
}

func douglasPeucker(line []point, slack float64) []point {
	n := len(line)
	far, worst := 0, slack
	for i := 1; i < n-1; i++ {
		if d := line[i].from(line[0], line[n-1]); d > worst {
			far, worst = i, d
		}
	}
	if far == 0 {
		return []point{line[0], line[n-1]}
	}
	return slices.Concat(douglasPeucker(line[:far+1], slack), douglasPeucker(line[far:], slack)[1:])
}

// from gives how far a point is from the line between two others.
func (p point) from(a, b point) float64 {
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	px, py := float64(p.x-a.x), float64(p.y-a.y)
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = min(1, max(0, (px*dx+py*dy)/l))
	}
	return math.Hypot(px-t*dx, py-t*dy)
}

// path writes the lines as SVG does, each point as its distance from the last.
func (s *shape) path() string {
	var b []byte
	number := func(n int, first bool) {
		if n >= 0 && !first {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	for _, line := range s.lines {
		for i, p := range line {
			if i == 0 {
				b = append(b, 'M')
				number(p.x, true)
				number(p.y, false)
				continue
			}
			if i == 1 {
				b = append(b, 'l')
			}
			number(p.x-line[i-1].x, i == 1)
			number(p.y-line[i-1].y, false)
		}
		if !s.open {
			b = append(b, 'z')
		}
	}
	return string(b)
}

// inside tells whether a point lies in a shape (the even-odd rule).
func (s *shape) inside(p point) bool {
	in := false
	for _, line := range s.lines {
		for i, a := range line {
			b := line[(i+1)%len(line)]
			if (a.y > p.y) != (b.y > p.y) && float64(p.x-a.x) < float64(b.x-a.x)*float64(p.y-a.y)/float64(b.y-a.y) {
				in = !in
			}
		}
	}
	return in
}
