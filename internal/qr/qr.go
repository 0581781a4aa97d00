// Package qr draws an address as a QR code, for paper. It is the one door to
// rsc.io/qr, and what it gives is a picture that can stand in a page as it is:
//
//	qr.SVG("https://riverside.example.org/")
//
// The picture is black on white, whatever the colours around it: phones read it
// so. It has the four modules of quiet edge that the standard asks for (ISO/IEC
// 18004), one path, and no style of its own. Error correction is at level M: a
// fold or a stain of 15 % does no harm.
package qr

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

const quiet = 4

// SVG gives the picture of a text, or "" for a text that is too long for one.
// It is hidden from readers of the page by ear: the address stands beside it.
func SVG(text string) string {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return ""
	}
	size := code.Size + 2*quiet
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="qr" viewBox="0 0 %d %d" shape-rendering="crispEdges" aria-hidden="true" focusable="false"><path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="`, size, size)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String()
}
