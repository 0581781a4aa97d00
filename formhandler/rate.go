package formhandler

import (
	"crypto/rand"
	"crypto/sha256"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// rate counts what comes from one address within a time. It keeps hashes of addresses
// under a salt of its own, in memory, and a new salt for each time.
type rate struct {
	most int // from one address
	near int // from this machine and its network, where a proxy stands for everybody; 0: no limit
	per  time.Duration
	now  func() time.Time

	mu    sync.Mutex
	salt  [32]byte
	since time.Time
	seen  map[[16]byte]int
}

// manyAddresses is how many are told apart; the others are counted as one.
const manyAddresses = 20_000

// full tells that an address has used up its number.
func (l *rate) full(r *http.Request) bool {
	key, most := l.key(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	return most > 0 && l.seen[key] >= most
}

// add counts one.
func (l *rate) add(r *http.Request) {
	key, _ := l.key(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[key]++
}

func (l *rate) key(r *http.Request) (key [16]byte, most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.now(); l.seen == nil || now.Sub(l.since) > l.per || now.Before(l.since) {
		l.since, l.seen = now, map[[16]byte]int{}
		_, _ = rand.Read(l.salt[:])
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	ip, err := netip.ParseAddr(host)
	most = l.most
	if ip = ip.Unmap(); err == nil && (ip.IsLoopback() || ip.IsPrivate()) {
		most = l.near
	}
	if ip.Is6() { // one household has a whole network of them
		net, _ := ip.WithZone("").Prefix(64)
		ip = net.Addr()
	}
	sum := sha256.Sum256(append(l.salt[:], ip.String()...))
	copy(key[:], sum[:])
	if l.seen[key] == 0 && len(l.seen) >= manyAddresses {
		key = [16]byte{}
	}
	return key, most
}
