package builder

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"potluck/internal/site"
)

// Map is a picture of the town without tiles, scripts or anybody else's server: the
// areas that content/data/areas.geojson draws, and the places of the directory as
// numbers. The same places stand beside it in words. Homes are never on it: only
// resources that say where they are, and never one whose address is kept secret.
type Map struct {
	Width, Height int
	Areas         []MapArea
	Ground        []MapLine  // drawn below the areas' edges, in the order of the file
	Groups        []MapGroup // the places by area; the areas alone where there are too many places for numbers
	Numbered      bool       // there are places with numbers
}

// MapArea is an area of the town; its page is its Link, with the count of its
// entries. Href is "" where it has none.
type MapArea struct {
	Link
	Path  string   // as d of an SVG path
	X, Y  int      // the middle of its name
	Lines []string // its name, in short lines
}

// MapLine is a river, a park, a road.
type MapLine struct {
	Draw string // water, park, road
	Open bool   // a line, not to be filled
	Path string
}

// MapGroup is the places in an area, or (without a Text) those in none that is drawn.
type MapGroup struct {
	Link
	Places []MapPlace
}

// MapPlace is a place of the directory.
type MapPlace struct {
	*Card
	Number int
	X, Y   int // near where it is: numbers do not cover each other
}

const (
	areasFile = "data/areas.geojson"
	maxPlaces = 99
	pinSize   = 34 // half the room that a number has
	labelLine = 12 // characters, if it can be
)

// town is what the maps of all languages share.
type town struct {
	*geography
	areas  []int // indexes of shapes, as site.toml lists them
	places []townPlace
	names  []point // by areas: the middle of the name
}

type townPlace struct {
	node *node
	area int // index of areas; len(areas) for none
	at   point
}

// hasMap tells whether there is to be a map.
func (l *linker) hasMap() bool {
	d := l.data[areasFile]
	return d != nil && d.problem == nil
}

// mapped draws the map of a language.
func (l *linker) mapped(v *View, li int) {
	if l.town == nil {
		l.town = l.plot(l.data[areasFile].value.(*geography))
	}
	t := l.town
	m := &Map{Width: mapWidth, Height: t.height, Numbered: len(t.places) > 0}
	for i := range t.shapes {
		if s := &t.shapes[i]; s.area == "" {
			m.Ground = append(m.Ground, MapLine{s.draw, s.open, s.path()})
		}
	}
	for i, at := range t.areas {
		s := &t.shapes[at]
		a := MapArea{Link: l.areaLink(s.area, li), Path: s.path(), X: t.names[i].x, Y: t.names[i].y}
		a.Lines = inLines(a.Text)
		m.Areas = append(m.Areas, a)
		if a.Href != "" {
			m.Groups = append(m.Groups, MapGroup{Link: a.Link, Places: l.placesIn(i, li)})
		}
	}
	if rest := l.placesIn(len(t.areas), li); len(rest) > 0 {
		m.Groups = append(m.Groups, MapGroup{Places: rest})
	}
	v.Map = m
}

func (l *linker) areaLink(area string, li int) Link {
	k := Link{Text: label(l.cfg, "area", area, l.cfg.Languages[li])}
	if n := l.ix.nodeAt("area/" + area); n != nil && n.href[li] != "" {
		k.Href, k.Count = l.cfg.BasePath+n.href[li], len(n.items[li])
	}
	return k
}

func (l *linker) placesIn(area, li int) []MapPlace {
	var places []MapPlace
	for i, p := range l.town.places {
		if p.area == area {
			places = append(places, MapPlace{Card: l.card(li, p.node), Number: i + 1, X: p.at.x, Y: p.at.y})
		}
	}
	return places
}

// plot finds what is drawn where. Places are numbered area by area, so that
// numbers which lie together follow each other, and alike in all languages.
func (l *linker) plot(g *geography) *town {
	t := &town{geography: g}
	for i, s := range g.shapes {
		if s.area != "" {
			t.areas = append(t.areas, i)
		}
	}
	values := l.cfg.Taxonomy["area"].Values
	slices.SortStableFunc(t.areas, func(a, b int) int {
		return slices.Index(values, g.shapes[a].area) - slices.Index(values, g.shapes[b].area)
	})
	for _, it := range l.ix.nodeAt(".").items[0] {
		if p, ok := whereIs(it.card.Header); ok && g.holds(g.at(p[0], p[1])) {
			t.places = append(t.places, townPlace{l.ix.nodeOf(it.at), t.areaOf(it.card.Header), g.at(p[0], p[1])})
		}
	}
	if len(t.places) > maxPlaces {
		t.places = nil
	}
	slices.SortStableFunc(t.places, func(a, b townPlace) int { return a.area - b.area })
	t.part()
	for _, at := range t.areas {
		t.names = append(t.names, t.middle(&g.shapes[at]))
	}
	return t
}

// whereIs gives longitude and latitude of a place that may be on a map.
func whereIs(h *site.Header) (degrees, bool) {
	there := h.Has("latitude") && h.Has("longitude")
	return degrees{h.Num("longitude"), h.Num("latitude")}, there && h.Kind == "resource" && h.Str("location_type") != "confidential"
}

// geoHref leads phones to their own map (RFC 5870).
func geoHref(h *site.Header) template.URL {
	if p, ok := whereIs(h); ok {
		return template.URL(fmt.Sprintf("geo:%g,%g?q=%[1]g,%[2]g", p[1], p[0]))
	}
	return ""
}

func (t *town) areaOf(h *site.Header) int {
	for _, a := range h.Areas {
		if i := slices.IndexFunc(t.areas, func(at int) bool { return t.shapes[at].area == a }); i >= 0 {
			return i
		}
	}
	return len(t.areas)
}

// part moves numbers that would cover each other to the nearest free room.
func (t *town) part() {
	free := func(p point, n int) bool {
		return t.holds(p) && !slices.ContainsFunc(t.places[:n], func(o townPlace) bool { return o.at.far(p) < 2*pinSize })
	}
	for i := range t.places {
		at := t.places[i].at
		for ring := 0.0; ring < 12 && !free(t.places[i].at, i); ring++ {
			for k := 0.0; k < 6*ring; k++ {
				angle := 2 * math.Pi * k / (6 * ring)
				p := point{at.x + int(math.Round(2*pinSize*ring*math.Cos(angle))), at.y + int(math.Round(2*pinSize*ring*math.Sin(angle)))}
				if free(p, i) {
					t.places[i].at = p
					break
				}
			}
		}
	}
}

func (p point) far(o point) float64 { return math.Hypot(float64(p.x-o.x), float64(p.y-o.y)) }

// middle finds the room for an area's name: far from its edges and from numbers.
// Names are wide, so what is beside them counts for less than what is above; and they
// may come near an edge, but not under a number.
func (t *town) middle(s *shape) point {
	const steps, wide = 24, 3
	squeezed := func(p point) point { return point{p.x / wide, p.y} }
	lo, hi := point{mapWidth, t.height}, point{}
	for _, line := range s.lines {
		for _, p := range line {
			lo, hi = point{min(lo.x, p.x), min(lo.y, p.y)}, point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	best, room := point{(lo.x + hi.x) / 2, (lo.y + hi.y) / 2}, -1.0
	for i := 1; i < steps*steps; i++ {
		p := point{lo.x + (hi.x-lo.x)*(i%steps)/steps, lo.y + (hi.y-lo.y)*(i/steps)/steps}
		if !s.inside(p) {
			continue
		}
		r := math.Inf(1)
		for _, line := range s.lines {
			for k, a := range line {
				r = min(r, 1.7*squeezed(p).from(squeezed(a), squeezed(line[(k+1)%len(line)])))
			}
		}
		for _, o := range t.places {
			r = min(r, squeezed(o.at).far(squeezed(p))-pinSize/wide)
		}
		if r > room {
			best, room = p, r
		}
	}
	return best
}

// inLines breaks a name between its words.
func inLines(name string) []string {
	var lines []string
	for _, w := range strings.Fields(name) {
		if n := len(lines); n > 0 && len([]rune(lines[n-1]))+1+len([]rune(w)) <= labelLine {
			lines[n-1] += " " + w
			continue
		}
		lines = append(lines, w)
	}
	return lines
}
