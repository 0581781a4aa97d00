// Package outside asks other sites whether the addresses that our pages name
// still answer.
//
//	known := outside.Read("var/cache/outside")
//	answers, left := outside.Ask(ctx, addresses, known, outside.Options{Limit: 500})
//	err := outside.Keep("var/cache/outside", answers)
//
// What it does to others, it does gently: one request at a time to a host, a pause
// between two, HEAD before GET, no body read, at most a few redirects, a time limit
// for each, and an end: what is over the limit is asked another day, the longest
// unasked first. A host that says "later" (429, 503) is left alone for the rest of the
// run. What answered well is believed for a week, what did not for an hour.
//
// An address is [Gone] only when its own host says so (404, 410). A host that
// refuses programs is no fault of the page. Whatever may be better tomorrow is
// [Unsure]. Addresses of this machine or of a private network are not asked: no reader
// can reach them.
//
// The only thing told to others is that somebody asks: no cookie, no referrer, no name
// of the network.
package outside

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// State is what was found out.
type State uint8

// The states of an address.
const (
	Fine    State = iota // it answers, or refuses programs
	Moved                // it answers at To, and says that this is for good
	Gone                 // its host says that it is not there
	Unsure               // it could not be asked, or the answer was none; Why says more
	Private              // no reader can reach it
)

// Answer is what was found out about an address, and when.
type Answer struct {
	State State
	To    string // where it moved
	Why   string // a few words for a person
	When  time.Time
}

// Options change what is usual, which stands beside each.
type Options struct {
	Limit   int                   // addresses that are asked in one run: 500
	Hosts   int                   // asked side by side: 8
	Pause   time.Duration         // between two requests to a host: 1 s
	Timeout time.Duration         // of one request, with its redirects: 10 s
	Now     func() time.Time      // time.Now
	Seen    func(done, total int) // is told after each address; may be nil
	Client  *http.Client          // one that keeps no cookies and follows HTTP_PROXY
}

// How long an answer is believed.
const (
	goodFor = 7 * 24 * time.Hour
	badFor  = time.Hour
)

// Ask finds out about addresses. It gives what is known about each after that, and
// how many were left for another run. It ends early, without an error, when ctx does.
func Ask(ctx context.Context, addresses []string, known map[string]Answer, o Options) (answers map[string]Answer, left int) {
	o = o.usual()
	a := &asker{o: o, known: known, answers: map[string]Answer{}}
	hosts := map[string][]string{}
	for _, address := range a.pick(addresses) {
		host := hostOf(address)
		hosts[host] = append(hosts[host], address)
		a.total++
	}
	queue := make(chan []string, len(hosts))
	for _, host := range slices.Sorted(maps.Keys(hosts)) {
		queue <- hosts[host]
	}
	close(queue)
	var wg sync.WaitGroup
	for range min(o.Hosts, len(hosts)) {
		wg.Go(func() {
			for list := range queue {
				a.host(ctx, list)
			}
		})
	}
	wg.Wait()
	return a.answers, a.left
}

func (o Options) usual() Options {
	o.Limit, o.Hosts = cmp.Or(o.Limit, 500), cmp.Or(o.Hosts, 8)
	o.Pause, o.Timeout = cmp.Or(o.Pause, time.Second), cmp.Or(o.Timeout, 10*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Client == nil {
		o.Client = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: o.Timeout, MaxIdleConnsPerHost: 1}}
	}
	return o
}

// asker is one run.
type asker struct {
	o       Options
	known   map[string]Answer
	mu      sync.Mutex
	answers map[string]Answer
	total   int
	done    int
	left    int
}

// pick takes over what is known and gives what is to be asked, once each: what was
// never asked first, then what was asked longest ago.
func (a *asker) pick(addresses []string) []string {
	var ask []string
	for _, address := range slices.Compact(slices.Sorted(slices.Values(addresses))) {
		was, ok := a.known[address]
		switch {
		case ok && a.o.Now().Sub(was.When) < was.lasts():
			a.answers[address] = was
		case private(hostOf(address)):
			a.answers[address] = Answer{State: Private, When: a.o.Now()}
		default:
			ask = append(ask, address)
		}
	}
	slices.SortStableFunc(ask, func(x, y string) int { return a.known[x].When.Compare(a.known[y].When) })
	most := min(len(ask), a.o.Limit)
	a.leave(ask[most:])
	return ask[:most]
}

func (a Answer) lasts() time.Duration {
	if a.State == Fine || a.State == Moved {
		return goodFor
	}
	return badFor
}

// host asks the addresses of one host, one after the other.
func (a *asker) host(ctx context.Context, list []string) {
	for i, address := range list {
		if i > 0 && !sleep(ctx, a.o.Pause) {
			a.leave(list[i:])
			return
		}
		answer, later := a.one(ctx, address)
		if ctx.Err() != nil {
			a.leave(list[i:])
			return
		}
		a.tell(address, answer)
		if later {
			a.leave(list[i+1:])
			return
		}
	}
}

func (a *asker) tell(address string, answer Answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers[address] = answer
	a.done++
	if a.o.Seen != nil {
		a.o.Seen(a.done, a.total)
	}
}

// leave leaves addresses for another run. An old answer is the best there is.
func (a *asker) leave(list []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left += len(list)
	for _, address := range list {
		if was, ok := a.known[address]; ok {
			a.answers[address] = was
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// private tells that only machines nearby can reach a host.
func private(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsPrivate() || ip.IsLoopback() || ip.IsUnspecified() || ip.IsLinkLocalUnicast()
	}
	return !strings.Contains(host, ".") || slices.ContainsFunc([]string{".localhost", ".local", ".internal", ".lan"}, func(end string) bool { return strings.HasSuffix(host, end) })
}
