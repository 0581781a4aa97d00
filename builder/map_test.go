package builder

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

const mapConfig = `title = "Net"
base_url = "https://t.example/"
[taxonomy.area]
values = ["west", "east"]
labels.west.en = "The West of Town"
`

// coast is a crooked line from north to south, as a surveyor would draw it.
func coast(steps int) (line [][2]float64) {
	for i := range steps + 1 {
		at := float64(i) / float64(steps)
		line = append(line, [2]float64{-71.5 + .003*math.Sin(9*at) + .0004*math.Sin(170*at), 40.02 - .02*at})
	}
	return line
}

// twoAreas share a border of many points, each in its own direction.
func twoAreas(steps int) string {
	ring := func(border [][2]float64, lon float64) string {
		var b strings.Builder
		for _, p := range border {
			fmt.Fprintf(&b, "[%.7f,%.7f],", p[0], p[1])
		}
		last, first := border[len(border)-1], border[0]
		fmt.Fprintf(&b, "[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f]", lon, last[1], lon, first[1], first[0], first[1])
		return "[[" + b.String() + "]]"
	}
	border := coast(steps)
	west := ring(border, -71.52)
	back := make([][2]float64, len(border))
	for i, p := range border {
		back[len(border)-1-i] = p
	}
	feature := `{"type":"Feature","properties":{"area":%q},"geometry":{"type":"Polygon","coordinates":%s}}`
	return `{"type":"FeatureCollection","features":[` + fmt.Sprintf(feature, "west", west) + "," + fmt.Sprintf(feature, "east", ring(back, -71.48)) + "]}"
}

func pantryAt(title, more string) string {
	return fmt.Sprintf("+++\ntitle = %q\nlatitude = 40.0112\nlongitude = -71.4913\n%s\n+++\n", title, more)
}

func mapInput(t testing.TB, content map[string]string) Input {
	t.Helper()
	in := input(t, mapConfig, content)
	in.Theme = os.DirFS("../themes/commons")
	return in
}

// Where areas touch there is neither a gap nor a strip of both.
func TestBordersStayShared(t *testing.T) {
	v, p := fromGeoJSON([]byte(twoAreas(20_000)))
	if p != nil {
		t.Fatal(p)
	}
	g := v.(*geography)
	west, east := &g.shapes[0], &g.shapes[1]
	if n := len(west.path()) + len(east.path()); n > maxMapBytes || n < 200 {
		t.Fatalf("two areas of 20,000 points were written in %d bytes", n)
	}
	for x := mapEdge + 3; x < mapWidth-mapEdge; x += 7 {
		for y := mapEdge + 3; y < g.height-mapEdge-3; y += 5 {
			if p := (point{x, y}); west.inside(p) == east.inside(p) {
				t.Fatalf("%v is in both areas or in none (west: %v)", p, west.inside(p))
			}
		}
	}
}

// What must not be found is not on the map: no home, and no secret address.
func TestMapShowsNoHomes(t *testing.T) {
	res := mustBuild(t, New(), mapInput(t, map[string]string{
		"data/areas.geojson":    twoAreas(50),
		"resources/pantry.md":   pantryAt("The Pantry", `areas = ["east"]`),
		"resources/shelter.md":  pantryAt("The Hidden House", "areas = [\"east\"]\nlocation_type = \"confidential\""),
		"requests/2026/11/a.md": pantryAt("A Bed for My Son", `areas = ["east"]`),
		"offers/2026/11/b.md":   pantryAt("A Room of Mine", `areas = ["east"]`),
	}))
	page := file(t, res, "/map/")
	for _, want := range []string{"The Pantry", `href="geo:40.0112,-71.4913?q=40.0112,-71.4913"`, `href="/area/east/"`, ">The West of<", ">Town<", `id="place-1"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the map lacks %s", want)
		}
	}
	for _, secret := range []string{"Hidden House", "A Bed for My Son", "A Room of Mine", `id="place-2"`} {
		if strings.Contains(page, secret) {
			t.Errorf("the map shows %s", secret)
		}
	}
	if strings.Contains(file(t, res, "/resources/shelter/"), "40.0112") {
		t.Error("the page of the hidden house tells where it is")
	}
}

// A large directory on a detailed survey is a small page all the same.
func TestMapIsSmall(t *testing.T) {
	for _, places := range []int{maxPlaces, maxPlaces + 1} {
		content := map[string]string{"data/areas.geojson": twoAreas(40_000)}
		for i := range places {
			content[fmt.Sprintf("resources/p%d.md", i)] = pantryAt(fmt.Sprintf("Place %d of many", i), "address = \"5 Long Road\"\nareas = [\"east\"]")
		}
		res := mustBuild(t, New(), mapInput(t, content))
		page := file(t, res, "/map/")
		if n := len(Gzip.Pack("map.html", []byte(page), true)); n > 30<<10 {
			t.Errorf("the map with %d places has %d bytes, compressed", places, n)
		}
		if numbers := strings.Count(page, `class="pin"`); numbers != places && places == maxPlaces || numbers > maxPlaces {
			t.Errorf("%d of %d places have a number", numbers, places)
		}
		if !strings.Contains(page, fmt.Sprintf(`<span class="count">%d</span>`, places)) {
			t.Errorf("the list does not say that there are %d places", places)
		}
	}
}

// Numbers stand clear of each other, even of places under one roof.
func TestNumbersStandApart(t *testing.T) {
	tn := &town{geography: &geography{height: 800}}
	for i := range maxPlaces {
		tn.places = append(tn.places, townPlace{at: point{500 + i%3, 400}})
	}
	tn.part()
	for i, a := range tn.places {
		for _, b := range tn.places[:i] {
			if a.at.far(b.at) < 2*pinSize-2 {
				t.Fatalf("numbers at %v and %v cover each other", a.at, b.at)
			}
		}
	}
}

func TestMapFaults(t *testing.T) {
	feature := func(properties, geometry string) string {
		return `{"type":"FeatureCollection","features":[{"properties":{` + properties + `},"geometry":{` + geometry + `}}]}`
	}
	square := `"type":"Polygon","coordinates":[[[-71.5,40],[-71.4,40],[-71.4,40.1],[-71.5,40]]]`
	for _, x := range []struct{ file, says string }{
		{"{", "unexpected end"},
		{`[]`, "is not GeoJSON"},
		{`{"features":[]}`, "draws nothing"},
		{feature("", square), "names no area and nothing to draw"},
		{feature(`"draw":"dragons"`, square), "nothing to draw"},
		{feature(`"area":"west"`, `"type":"Point","coordinates":[1,2]`), `is a "Point"`},
		{feature(`"area":"west"`, `"type":"LineString","coordinates":[[1,2],[3,4]]`), "but a line"},
		{feature(`"area":"west"`, `"type":"Polygon","coordinates":[[[40,-171.5],[40,-171.4],[41,-171.4]]]`), "longitude, latitude"},
		{feature(`"area":"west"`, `"type":"Polygon","coordinates":[]`), "has 0 points"},
	} {
		res := mustBuild(t, New(), mapInput(t, map[string]string{"data/areas.geojson": x.file}))
		if got := problems(res); !strings.Contains(got, x.says) || !strings.Contains(got, "content/data/areas.geojson") {
			t.Errorf("%s: the problem does not say %q:\n%s", x.file, x.says, got)
		}
		if _, _, ok := res.Lookup("/map/"); ok {
			t.Errorf("%s: there is a map", x.file)
		}
	}
	for _, odd := range []string{`"type":"Polygon","coordinates":[[[1,2]]]`, `"type":"Polygon","coordinates":[[],[[1,2],[1,2]]]`, `"type":"MultiPolygon","coordinates":[[[[1,2],[1,3],[1,2],[1,3]]]]`} {
		mustBuild(t, New(), mapInput(t, map[string]string{"data/areas.geojson": feature(`"area":"west"`, odd)})) // and does not panic
	}
}
