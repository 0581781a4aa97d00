package qr

import (
	"encoding/xml"
	"strings"
	"testing"
)

func TestSVG(t *testing.T) {
	svg := SVG("https://riverside.example.org/")
	if err := xml.Unmarshal([]byte(svg), new(struct{})); err != nil {
		t.Fatal(err)
	}
	// Version 3 has 29 modules; the top left corner is a black run of seven.
	if !strings.Contains(svg, `viewBox="0 0 37 37"`) || !strings.Contains(svg, "M4 4h7v1h-7z") || len(svg) > 8<<10 {
		t.Error(len(svg), svg)
	}
	if SVG(strings.Repeat("x", 5000)) != "" {
		t.Error("a text that is too long has a picture")
	}
}
