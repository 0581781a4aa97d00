package desk

import (
	"net"
	"net/netip"
	"net/url"
)

// https tells that nobody on the way reads along: our own TLS, or that of a trusted proxy.
func (v *visit) https() bool {
	_, https := v.c.Visitor(v.r.RemoteAddr, v.r.Header)
	return https || v.r.TLS != nil
}

// safe tells that the desk may be used: by https, or on the machine itself. A proxy that
// is not trusted shows by its headers, by the host it passes on, or by the origin of a post.
func (v *visit) safe() bool {
	if v.https() {
		return true
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if v.r.Header.Get(h) != "" {
			return false
		}
	}
	if u, err := url.Parse(v.r.Header.Get("Origin")); err != nil || u.Host != "" && !onLoopback(u.Host) {
		return false
	}
	return onLoopback(v.r.RemoteAddr) && onLoopback(v.r.Host)
}

// onLoopback tells that a host, with or without a port, is this machine.
func onLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
