package site

import (
	"os"
	"strings"
	"testing"
)

func TestContrast(t *testing.T) {
	for _, x := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.47}, {"#a3341a", "#a3341a", 1}} {
		if got := contrast(x.a, x.b); got < x.want || got > x.want+.02 {
			t.Errorf("%s on %s: %.3f, want %.2f", x.a, x.b, got, x.want)
		}
	}
}

// The theme's own colours are the ones in its style sheet, and can be read.
func TestOwnColors(t *testing.T) {
	css, err := os.ReadFile("../../themes/commons/static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, _ := strings.Cut(string(css), "prefers-color-scheme: dark")
	for name, want := range map[string][2]string{"need": {ownLight.Need, ownDark.Need}, "give": {ownLight.Give, ownDark.Give}, "paper": {ownLight.Paper, ownDark.Paper}, "ink": {ownLight.Ink, ownDark.Ink}} {
		if !strings.Contains(light, "--"+name+": "+want[0]+";") || !strings.Contains(dark, "--"+name+": "+want[1]+";") {
			t.Errorf("the style sheet has another %s than %v", name, want)
		}
	}
	p := &configParser{c: &Config{}}
	if p.contrast("", ownLight, false) || p.contrast("dark.", ownDark, true) {
		t.Error(p.problems)
	}
}

func TestColors(t *testing.T) {
	c, ps := ParseConfig([]byte("title = \"T\"\n[colors]\nneed = \"#7A1F5C\"\ngive = \"#0b4f8a\"\n"))
	if len(ps) > 0 || c.Colors.Need != "#7a1f5c" {
		t.Fatal(c.Colors, ps)
	}
	for _, dark := range []bool{false, true} {
		s := c.Colors.Light()
		if dark {
			s = c.Colors.Night()
		}
		v := map[string]string{}
		for _, p := range s.Properties(dark) {
			v[p.Name] = p.Value
		}
		for _, pair := range []struct {
			words, ground string
			least         float64
		}{{"ink", "paper", 4.5}, {"soft", "paper", 4.5}, {"soft", "sheet", 4.5}, {"need", "need-wash", 4.5}, {"give", "give-wash", 4.5}, {"give", "paper", 4.5}, {"give", "sheet", 4.5}, {"edge", "sheet", 3}, {"edge", "paper", 3}} {
			if got := contrast(v[pair.words], v[pair.ground]); got < pair.least {
				t.Errorf("dark %v: %s %s on %s %s: %.2f", dark, pair.words, v[pair.words], pair.ground, v[pair.ground], got)
			}
		}
		for _, fill := range []string{"need-fill", "give-fill"} {
			if contrast("#ffffff", v[fill]) < 4.5 {
				t.Errorf("white on %s %s", fill, v[fill])
			}
		}
	}
}

func TestBadColors(t *testing.T) {
	c, ps := ParseConfig([]byte("title = \"T\"\n[colors]\nneed = \"#ff8800\"\n[colors.dark]\nink = \"gray\"\n"))
	if len(ps) != 1 || ps[0].Line != 5 || c.Colors.Own() {
		t.Fatal(c.Colors, ps)
	}
	c, ps = ParseConfig([]byte("title = \"T\"\n[colors]\nneed = \"#ff8800\"\n"))
	if len(ps) != 1 || ps[0].Line != 3 || !strings.Contains(ps[0].Text, "2.2 to 1") || c.Colors.Own() {
		t.Fatal(c.Colors, ps)
	}
	if _, hint, _ := strings.Cut(ps[0].Hint, "#"); contrast("#"+hint, ownLight.Paper) < 4.5 {
		t.Error(ps[0].Hint)
	}
	if c, ps := ParseConfig([]byte("title = \"T\"\n[safety]\nleave_url = \"javascript:x\"\n")); len(ps) != 1 || c.Safety.LeaveURL != leaveTo {
		t.Fatal(c.Safety, ps)
	}
}
