package intake

import (
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"
)

// Rate counts what comes from one address within a time. It keeps hashes of addresses
// under a salt of its own, in memory, and a new salt for each time.
type Rate struct {
	Most int // from one address
	Near int // from this machine and its network, where a proxy stands for everybody; 0: no limit
	Per  time.Duration
	Now  func() time.Time

	mu    sync.Mutex
	salt  [32]byte
	since time.Time
	seen  map[[16]byte]int
}

// manyAddresses is how many are told apart; the others are counted as one.
const manyAddresses = 20_000

// Full tells that an address has used up its number.
func (l *Rate) Full(from netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	key, most := l.key(from)
	return most > 0 && l.seen[key] >= most
}

// Add counts one.
func (l *Rate) Add(from netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key, _ := l.key(from)
	l.seen[key]++
}

func (l *Rate) key(from netip.Addr) (key [16]byte, most int) {
	if now := l.Now(); l.seen == nil || now.Sub(l.since) > l.Per || now.Before(l.since) {
		l.since, l.seen = now, map[[16]byte]int{}
		_, _ = rand.Read(l.salt[:])
	}
	ip := from.Unmap().WithZone("")
	most = l.Most
	if ip.IsLoopback() || ip.IsPrivate() {
		most = l.Near
	}
	if ip.Is6() { // one household has a whole network of them
		net, _ := ip.Prefix(64)
		ip = net.Addr()
	}
	sum := sha256.Sum256(append(l.salt[:], ip.String()...))
	copy(key[:], sum[:])
	if l.seen[key] == 0 && len(l.seen) >= manyAddresses {
		key = [16]byte{}
	}
	return key, most
}
