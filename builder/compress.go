package builder

import (
	"bytes"
	"compress/gzip"
	"context"
	"path"
	"slices"
	"strings"
)

// packed are the types of files that become smaller.
var packed = []string{".html", ".css", ".js", ".xml", ".txt", ".json", ".webmanifest", ".svg", ".ics", ".csv"}

// Gzip packs a file as small as gzip can; nil where that is no gain. The same
// bytes give the same result.
func Gzip(name string, data []byte) []byte {
	if !slices.Contains(packed, strings.ToLower(path.Ext(name))) {
		return nil
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(data) // into memory
	_ = z.Close()
	if b.Len() >= len(data) {
		return nil
	}
	return b.Bytes()
}

// Compress gives the site with a packed NAME.gz beside each file that has gain
// of it, for hosts that serve those.
func Compress(ctx context.Context, r *Result) (*Result, error) {
	zips := make([]File, len(r.Files))
	each(ctx, len(r.Files), func(i int) {
		if z := Gzip(r.Files[i].Path, r.Files[i].Data); z != nil {
			zips[i] = newFile(r.Files[i].Path+".gz", z)
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := *r
	all.Files = slices.Concat(r.Files, slices.DeleteFunc(zips, func(f File) bool { return f.Data == nil }))
	slices.SortStableFunc(all.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	all.Files = slices.CompactFunc(all.Files, func(a, b File) bool { return a.Path == b.Path })
	return &all, nil
}
