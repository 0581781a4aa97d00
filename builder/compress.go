package builder

import (
	"bytes"
	"compress/gzip"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
)

// packed are the types of files that become smaller.
var packed = []string{".html", ".css", ".js", ".xml", ".txt", ".json", ".webmanifest", ".svg", ".ics", ".csv", ".geojson"}

// Coding is a way to pack files (RFC 9110, section 8.4.1).
type Coding struct {
	Name string // as browsers ask for it
	Ext  string // what hosts look for beside a file

	writer func(w io.Writer, once bool) io.WriteCloser
}

// Gzip and Brotli are the codings that browsers know. Brotli makes pages about a
// tenth smaller; it takes longer, and browsers ask for it over https only.
var (
	Gzip = Coding{"gzip", ".gz", func(w io.Writer, _ bool) io.WriteCloser {
		z, _ := gzip.NewWriterLevel(w, gzip.BestCompression)
		return z
	}}
	Brotli = Coding{"br", ".br", func(w io.Writer, once bool) io.WriteCloser {
		level := 5 // while somebody waits
		if once {
			level = 9
		}
		return brotli.NewWriterLevel(w, level)
	}}
)

// Pack packs a file; nil where that is no gain. With once it may take its time. The
// same bytes give the same result.
func (c Coding) Pack(name string, data []byte, once bool) []byte {
	if !slices.Contains(packed, strings.ToLower(path.Ext(name))) {
		return nil
	}
	var b bytes.Buffer
	z := c.writer(&b, once)
	_, _ = z.Write(data) // into memory
	_ = z.Close()
	if b.Len() >= len(data) {
		return nil
	}
	return b.Bytes()
}
