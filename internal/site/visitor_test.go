package site

import (
	"net/http"
	"strings"
	"testing"
)

// TestVisitor: what headers say counts only from a proxy that is named.
func TestVisitor(t *testing.T) {
	c, problems := ParseConfig([]byte("title = \"T\"\ntrusted_proxies = [\"192.0.2.1\", \"10.0.0.0/8\", \"::ffff:192.0.2.9\", \"2001:db8::7\"]\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, x := range []struct{ remote, forwarded, proto, from string }{
		{"203.0.113.5:40000", "", "", "203.0.113.5"},
		{"203.0.113.5:40000", "198.51.100.1", "https", "203.0.113.5"}, // not named: it may say anything
		{"192.0.2.1:40000", "198.51.100.1", "https", "198.51.100.1 https"},
		{"192.0.2.1:40000", "198.51.100.1", "http, https", "198.51.100.1 https"},
		{"192.0.2.1:40000", "198.51.100.1", "https, http", "198.51.100.1"},
		{"192.0.2.1:40000", "198.51.100.1, 203.0.113.8, 10.1.2.3", "https", "203.0.113.8 https"}, // the visitor wrote the first one herself
		{"192.0.2.1:40000", "198.51.100.1\n203.0.113.8", "", "203.0.113.8"},
		{"192.0.2.1:40000", "nonsense", "https", "192.0.2.1 https"},
		{"192.0.2.1:40000", "", "https", "192.0.2.1 https"},
		{"[::ffff:192.0.2.1]:40000", "::ffff:198.51.100.1", "", "198.51.100.1"},
		{"192.0.2.9:40000", "198.51.100.1", "", "198.51.100.1"},
		{"[2001:db8::7]:40000", "2001:db8::1%eth0", "https", "2001:db8::1 https"},
		{"@", "198.51.100.1", "https", "invalid IP"},
	} {
		h := http.Header{}
		for _, line := range strings.Split(x.forwarded, "\n") {
			h.Add("X-Forwarded-For", line)
		}
		h.Set("X-Forwarded-Proto", x.proto)
		ip, https := c.Visitor(x.remote, h)
		got := ip.String()
		if https {
			got += " https"
		}
		if got != x.from {
			t.Errorf("%s, %q, %q: %s, not %s", x.remote, x.forwarded, x.proto, got, x.from)
		}
	}
}

// TestTrustedProxies: what is no address, and what is every one, is named.
func TestTrustedProxies(t *testing.T) {
	for _, bad := range []string{"example.org", "10.0.0.0/33", "0.0.0.0/0", "::/0", ""} {
		c, problems := ParseConfig([]byte("title = \"T\"\ntrusted_proxies = [\"" + bad + "\"]\n"))
		if len(problems) != 1 || problems[0].Line != 2 || problems[0].Hint == "" || len(c.proxies) != 0 {
			t.Errorf("%q: %v %v", bad, problems, c.proxies)
		}
	}
}
