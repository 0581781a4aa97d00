package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"html"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// selfSigned writes a certificate for 127.0.0.1 and its key into dir.
func selfSigned(t *testing.T, dir string) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<60))
	about := &x509.Certificate{SerialNumber: serial, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	made, _ := x509.ParseCertificate(der)
	pool.AddCert(made)
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	return cert, key, pool
}

// TestSignInByTLS: with a certificate of its own, the real program lets a keeper in by https;
// what she reads is recorded; while she is signed in the disk opens nothing; and after a new
// start her cookie is nothing.
func TestSignInByTLS(t *testing.T) {
	t.Parallel()
	dir, id := filledNet(t)
	cert, key, pool := selfSigned(t, t.TempDir())
	serve := []string{"serve", "-C", dir, "-tls-cert", cert, "-tls-key", key}
	r := start(t, serve...)
	if !strings.HasPrefix(r.url, "https://") {
		t.Fatal(r.url)
	}
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	do := func(path string, form url.Values) answer {
		t.Helper()
		resp, err := client.Get(r.url + path)
		if form != nil {
			resp, err = client.PostForm(r.url+path, form)
		}
		if err != nil {
			t.Fatal(err)
		}
		return read(resp)
	}
	six := string(readFile(t, passphraseFile(dir)))
	if a := do("desk/item/"+id+"/", nil); a.status != http.StatusOK || !strings.Contains(a.body, `name="_passphrase"`) || strings.Contains(a.body, "A kettle") {
		t.Errorf("signed out: %d\n%s", a.status, a.body)
	}
	if a := do("desk/sign-in/", url.Values{"_name": {"June"}, "_passphrase": {six}}); a.status != http.StatusOK || !strings.Contains(a.body, "A kettle") {
		t.Fatalf("sign in: %d\n%s", a.status, a.body)
	}
	at, _ := url.Parse(r.url)
	if c := jar.Cookies(at); len(c) != 1 || c[0].Name != "__Host-potluck" {
		t.Errorf("cookies: %v", c)
	}
	if a := do("desk/item/"+id+"/contact/", url.Values{}); a.status != http.StatusOK || !strings.Contains(html.UnescapeString(a.body), "CANARY-sealed") {
		t.Errorf("contact: %d\n%s", a.status, a.body)
	}
	if out := must(t, "organizers", "audit", "-C", dir); !strings.Contains(out, "reveal   "+id) {
		t.Errorf("the audit:\n%s", out)
	}
	if found := opensOnDisk(t, dir); found != "" {
		t.Errorf("while she is signed in, %s", found)
	}
	r.stop()
	r = start(t, serve...)
	old := jar.Cookies(at)
	jar, _ = cookiejar.New(nil)
	now, _ := url.Parse(r.url)
	jar.SetCookies(now, old)
	client.Jar = jar
	if a := do("desk/", nil); a.status != http.StatusOK || !strings.Contains(a.body, `name="_passphrase"`) || strings.Contains(a.body, "A kettle") {
		t.Errorf("the cookie of before: %d", a.status)
	}
	if strings.Contains(r.output(), six) {
		t.Error("the passphrase is printed")
	}
}

// TestCertificate: a new one is taken up, a broken one is not; and half of one is refused.
func TestCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key, _ := selfSigned(t, dir)
	warned := 0
	x := &certificate{cert: cert, key: key, warn: func(error) { warned++ }}
	if err := x.load(); err != nil {
		t.Fatal(err)
	}
	serial := func() string {
		t.Helper()
		pair, err := x.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return c.SerialNumber.String()
	}
	first := serial()
	selfSigned(t, dir)
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(cert, later, later); err != nil {
		t.Fatal(err)
	}
	if serial() != first {
		t.Error("looked again within a minute")
	}
	x.looked = time.Now().Add(-2 * time.Minute)
	second := serial()
	if second == first {
		t.Error("the new certificate is not used")
	}
	write(t, cert, "half a")
	x.looked = time.Now().Add(-2 * time.Minute)
	if serial() != second || warned != 1 {
		t.Errorf("a broken one took its place, or nobody was told: %d", warned)
	}
	net := newNet(t)
	if out, ok := program(t, "serve", "-C", net, "-tls-cert", cert); ok || !strings.Contains(out, "potluck: hint: give both") {
		t.Errorf("half of it:\n%s", out)
	}
}
