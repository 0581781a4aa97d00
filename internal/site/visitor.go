package site

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Visitor tells where a request comes from, and whether it came by the https of a proxy.
// remote is the other end of the connection, "192.0.2.7:41234"; header is net/http's. What
// X-Forwarded-For and X-Forwarded-Proto say counts where the other end is one of
// trusted_proxies, and of addresses the last that is not one itself.
func (c *Config) Visitor(remote string, header map[string][]string) (from netip.Addr, https bool) {
	at, err := netip.ParseAddrPort(remote)
	from = at.Addr().Unmap().WithZone("")
	if err != nil || !c.trusts(from) {
		return from, false
	}
	for _, hop := range slices.Backward(listed(header["X-Forwarded-For"])) {
		ip, err := netip.ParseAddr(hop)
		if err != nil {
			break
		}
		if from = ip.Unmap().WithZone(""); !c.trusts(from) {
			break
		}
	}
	protos := listed(header["X-Forwarded-Proto"])
	return from, len(protos) > 0 && protos[len(protos)-1] == "https"
}

// listed gives the values of a header that may stand in it several times, or with commas.
func listed(values []string) []string {
	return strings.FieldsFunc(strings.Join(values, ","), func(r rune) bool { return r == ',' || r == ' ' })
}

func (c *Config) trusts(ip netip.Addr) bool {
	return slices.ContainsFunc(c.proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// trust reads trusted_proxies.
func (p *configParser) trust() {
	for _, s := range p.c.TrustedProxies {
		prefix, err := netip.ParsePrefix(s)
		if ip, e := netip.ParseAddr(s); e == nil {
			prefix, err = netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()), nil
		}
		if err != nil {
			p.add(toml.Key{"trusted_proxies"}, `write addresses such as "127.0.0.1" or "10.0.0.0/8"`, "%q is not an address", s)
			continue
		}
		if prefix.Bits() == 0 {
			p.add(toml.Key{"trusted_proxies"}, "name the proxy alone", "%q is every address there is", fmt.Sprint(prefix))
			continue
		}
		p.c.proxies = append(p.c.proxies, prefix)
	}
}
