package main

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"potluck/builder"
)

// packs keeps packed files by the sum of the plain ones: a page is packed once
// for each coding, however often the site is built. Too many are forgotten all at once.
type packs struct {
	mu    sync.Mutex
	files map[packKey][]byte // nil: packing is no gain
	bytes int
}

type packKey struct {
	sum    [sha256.Size]byte
	coding string
}

const maxPacked = 64 << 20

// of gives the packed file, or nil.
func (p *packs) of(coding builder.Coding, path string, data []byte) []byte {
	key := packKey{sha256.Sum256(data), coding.Name}
	p.mu.Lock()
	z, ok := p.files[key]
	p.mu.Unlock()
	if ok {
		return z
	}
	if strings.HasSuffix(path, "/") {
		path += "index.html"
	}
	z = coding.Pack(path, data, false)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes += len(z); p.files == nil || p.bytes > maxPacked {
		p.files, p.bytes = map[packKey][]byte{}, len(z)
	}
	p.files[key] = z
	return z
}

// codings are what a server can send, the smallest first.
var codings = []builder.Coding{builder.Brotli, builder.Gzip}

// takes tells whether the asker can unpack a coding (RFC 9110, section 12.5.3).
func takes(r *http.Request, coding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) != coding {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		n, err := strconv.ParseFloat(q, 64)
		return !found || err == nil && n > 0
	}
	return false
}
