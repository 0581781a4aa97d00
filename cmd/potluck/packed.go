package main

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"potluck/builder"
)

// packs keeps packed files by the sum of the plain ones: a page is packed once,
// however often the site is built. Too many are forgotten all at once.
type packs struct {
	mu    sync.Mutex
	files map[[sha256.Size]byte][]byte // nil: packing is no gain
	bytes int
}

const maxPacked = 64 << 20

// of gives the packed file, or nil.
func (p *packs) of(path string, data []byte) []byte {
	sum := sha256.Sum256(data)
	p.mu.Lock()
	z, ok := p.files[sum]
	p.mu.Unlock()
	if ok {
		return z
	}
	if strings.HasSuffix(path, "/") {
		path += "index.html"
	}
	z = builder.Gzip(path, data)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes += len(z); p.files == nil || p.bytes > maxPacked {
		p.files, p.bytes = map[[sha256.Size]byte][]byte{}, len(z)
	}
	p.files[sum] = z
	return z
}

// takesGzip tells whether the asker can unpack (RFC 9110, section 12.5.3).
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if strings.TrimSpace(coding) != "gzip" {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		n, err := strconv.ParseFloat(q, 64)
		return !found || err == nil && n > 0
	}
	return false
}
