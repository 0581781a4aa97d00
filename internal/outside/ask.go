package outside

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
)

// agent is how we introduce ourselves.
const agent = "potluck-check/1 (asks whether a link still works)"

// maxHops is how many redirects are followed.
const maxHops = 5

// one asks about one address: HEAD, and GET where that is not liked. later tells that
// the host wants to be left alone.
func (a *asker) one(ctx context.Context, address string) (answer Answer, later bool) {
	ctx, stop := context.WithTimeout(ctx, a.o.Timeout)
	defer stop()
	var way hops
	status, err := a.request(ctx, http.MethodHead, address, &way)
	if err == nil && status >= 400 && status != http.StatusTooManyRequests {
		way = hops{}
		status, err = a.request(ctx, http.MethodGet, address, &way)
	}
	answer = judge(status, err, &way)
	answer.When = a.o.Now()
	return answer, status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// hops are the redirects of one request.
type hops struct {
	end    string // the last address
	forNow bool   // one of them was not for good
}

func (a *asker) request(ctx context.Context, method, address string, way *hops) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("User-Agent", agent)
	c := *a.o.Client
	c.CheckRedirect = way.follow
	resp, err := c.Do(r)
	if err != nil {
		return 0, err
	}
	_ = resp.Body.Close() // unread
	return resp.StatusCode, nil
}

var errNear = errors.New("it leads into a private network")

// follow looks at each redirect.
func (w *hops) follow(next *http.Request, via []*http.Request) error {
	if private(next.URL.Hostname()) {
		return errNear
	}
	if len(via) > maxHops {
		return errors.New("it leads on and on")
	}
	if was := next.Response.StatusCode; was != http.StatusMovedPermanently && was != http.StatusPermanentRedirect {
		w.forNow = true
	}
	w.end = next.URL.String()
	next.Header.Del("Referer")
	return nil
}

// refusals are how hosts turn away programs but not people.
var refusals = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotAcceptable,
	http.StatusUnavailableForLegalReasons, 999}

func judge(status int, err error, way *hops) Answer {
	switch {
	case err != nil:
		return Answer{State: Unsure, Why: reason(err)}
	case status == http.StatusNotFound || status == http.StatusGone:
		return Answer{State: Gone, Why: fmt.Sprintf("it answers %d, %s", status, http.StatusText(status))}
	case status >= 400 && !slices.Contains(refusals, status):
		return Answer{State: Unsure, Why: fmt.Sprintf("it answers %d %s", status, http.StatusText(status))}
	case way.end != "" && !way.forNow && status < 400:
		return Answer{State: Moved, To: way.end}
	}
	return Answer{State: Fine}
}

// reason says in a few words why nothing answered.
func reason(err error) string {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	var dns *net.DNSError
	var to interface{ Timeout() bool }
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no host has this name"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &to) && to.Timeout():
		return "it does not answer in time"
	case errors.Is(err, io.EOF):
		return "it ends without an answer"
	}
	return err.Error()
}
