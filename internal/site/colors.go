package site

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// Colors are a network's own colours, for a light and a dark screen. What is left
// out is the theme's own; dark ones that are left out are made of the light ones.
type Colors struct {
	Need  string `toml:"need" doc:"the colour of what is needed"`   // asked for: #rrggbb, as all
	Give  string `toml:"give" doc:"the colour of offers and links"` // offered, and links
	Paper string `toml:"paper" doc:"the ground"`                    // ground
	Ink   string `toml:"ink" doc:"the words"`                       // words
	Dark  Shades `toml:"dark" doc:"the same for dark screens; left out, made of the light ones"`
}

// Shades are the colours of one kind of screen.
type Shades struct {
	Need  string `toml:"need" doc:"the colour of what is needed"`
	Give  string `toml:"give" doc:"the colour of offers and links"`
	Paper string `toml:"paper" doc:"the ground"`
	Ink   string `toml:"ink" doc:"the words"`
}

// The theme's own colours, as its style sheet has them.
var (
	ownLight = Shades{Need: "#a3341a", Give: "#14594f", Paper: "#fbf5e9", Ink: "#1f2230"}
	ownDark  = Shades{Need: "#fba17c", Give: "#86d0b8", Paper: "#1b1916", Ink: "#f4ecde"}
)

// The least contrast that WCAG 2.2 allows at level AA: for words (1.4.3), and for
// edges of what can be used (1.4.11).
const (
	forWords = 4.5
	forEdges = 3
)

// Property is a custom property of the style sheet.
type Property struct{ Name, Value string }

// Own tells whether site.toml names any colour.
func (c *Colors) Own() bool { return *c != Colors{} }

// Light gives the colours of a light screen.
func (c *Colors) Light() Shades {
	return Shades{c.Need, c.Give, c.Paper, c.Ink}.or(ownLight)
}

// Night gives the colours of a dark screen. Where only a light one is named, it
// is mixed with white until it can be read.
func (c *Colors) Night() Shades {
	s := c.Dark.or(Shades{Paper: ownDark.Paper, Ink: ownDark.Ink})
	for _, x := range []struct {
		is         *string
		light, own string
	}{{&s.Need, c.Need, ownDark.Need}, {&s.Give, c.Give, ownDark.Give}} {
		if *x.is == "" && x.light != "" {
			*x.is = s.lightened(x.light)
		} else if *x.is == "" {
			*x.is = x.own
		}
	}
	return s
}

// lightened mixes a colour with white until it can be read in the dark.
func (s Shades) lightened(color string) string {
	for step := range 21 {
		if c := mix(color, "#ffffff", float64(step)/20); contrast(c, mix(s.Paper, c, .18)) >= forWords && contrast(c, s.sheet(true)) >= forWords {
			return c
		}
	}
	return "#ffffff"
}

func (s Shades) or(own Shades) Shades {
	for _, x := range []struct{ is, own *string }{{&s.Need, &own.Need}, {&s.Give, &own.Give}, {&s.Paper, &own.Paper}, {&s.Ink, &own.Ink}} {
		if *x.is == "" {
			*x.is = *x.own
		}
	}
	return s
}

// sheet is the ground of cards.
func (s Shades) sheet(dark bool) string {
	if dark {
		return mix(s.Paper, "#ffffff", .05)
	}
	return mix(s.Paper, "#ffffff", .7)
}

// Properties gives what a style sheet needs to wear these colours.
func (s Shades) Properties(dark bool) []Property {
	sheet, wash := s.sheet(dark), .12
	if dark {
		wash = .18
	}
	ps := []Property{{"paper", s.Paper}, {"sheet", sheet}, {"ink", s.Ink},
		{"soft", readable(mix(s.Ink, s.Paper, .35), s.Ink, s.Paper, sheet)},
		{"line", mix(s.Paper, s.Ink, .16)}, {"edge", atLeast(forEdges, mix(s.Paper, s.Ink, .45), s.Ink, s.Paper, sheet)}}
	for _, x := range []Property{{"need", s.Need}, {"give", s.Give}} {
		fill := x.Value
		if dark {
			fill = mix(x.Value, "#000000", .3)
		}
		ps = append(ps, x, Property{x.Name + "-fill", readable(fill, "#000000", "#ffffff")}, Property{x.Name + "-wash", mix(s.Paper, x.Value, wash)})
	}
	return append(ps, Property{"cloth", s.Need + "6b"})
}

var hexColor = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// colors checks the colours. Where one of them cannot be read, none is used: a
// site in the theme's own colours is better than one that people cannot read.
func (p *configParser) colors() {
	c, bad := &p.c.Colors, false
	for _, x := range []struct {
		key string
		is  *string
	}{{"need", &c.Need}, {"give", &c.Give}, {"paper", &c.Paper}, {"ink", &c.Ink},
		{"dark.need", &c.Dark.Need}, {"dark.give", &c.Dark.Give}, {"dark.paper", &c.Dark.Paper}, {"dark.ink", &c.Dark.Ink}} {
		*x.is = strings.ToLower(*x.is)
		if *x.is != "" && !hexColor.MatchString(*x.is) {
			p.add(colorKey(x.key), `write a colour as "#a3341a"`, "%q is not a colour", *x.is)
			bad = true
		}
	}
	if !bad && c.Own() {
		bad = p.contrast("", c.Light(), false)
		bad = p.contrast("dark.", c.Night(), true) || bad
	}
	if bad {
		*c = Colors{}
	}
}

func colorKey(name string) toml.Key {
	return append(toml.Key{"colors"}, strings.Split(name, ".")...)
}

// contrast looks at each pair of words and ground that the theme shows.
func (p *configParser) contrast(prefix string, s Shades, dark bool) (bad bool) {
	wash, toward := .12, "#000000"
	if dark {
		wash, toward = .18, "#ffffff"
	}
	for _, x := range []Property{{"ink", s.Ink}, {"need", s.Need}, {"give", s.Give}} {
		grounds := []string{s.Paper, s.sheet(dark), mix(s.Paper, x.Value, wash)}
		if x.Name == "ink" {
			grounds[2] = mix(s.Paper, s.Need, wash)
		}
		for _, ground := range grounds {
			if got := contrast(x.Value, ground); got < forWords {
				key := colorKey(prefix + x.Name)
				if line, _ := keyPlace(p.src, key); line == 0 {
					key = colorKey(prefix + "paper")
				}
				p.add(key, fmt.Sprintf("%s could be %s", x.Name, readable(x.Value, toward, grounds...)),
					"words in %s%s %s on %s have a contrast of %.1f to 1, but 4.5 is the least that people can read (WCAG 2.2, 1.4.3); the theme's own colours are used", prefix, x.Name, x.Value, ground, math.Floor(got*10)/10)
				bad = true
				break
			}
		}
	}
	return bad
}

// readable moves a colour toward another until words in it can be read on all grounds.
func readable(color, toward string, grounds ...string) string {
	return atLeast(forWords, color, toward, grounds...)
}

func atLeast(ratio float64, color, toward string, grounds ...string) string {
	for step := range 21 {
		c, ok := mix(color, toward, float64(step)/20), true
		for _, g := range grounds {
			ok = ok && contrast(c, g) >= ratio
		}
		if ok {
			return c
		}
	}
	return toward
}

// contrast is the ratio that WCAG 2.2 defines, from 1 to 21.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

// luminance is WCAG's relative luminance.
func luminance(color string) float64 {
	sum := 0.
	for i, weight := range []float64{.2126, .7152, .0722} {
		v := float64(part(color, i)) / 255
		if v <= .04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

// part gives red, green or blue of #rrggbb.
func part(color string, i int) int {
	n, _ := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
	return int(n)
}

func mix(a, b string, share float64) string {
	var c [3]int
	for i := range c {
		c[i] = int(math.Round(float64(part(a, i))*(1-share) + float64(part(b, i))*share))
	}
	return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2])
}
