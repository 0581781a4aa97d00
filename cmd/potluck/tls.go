package main

import (
	"crypto/tls"
	"errors"
	"os"
	"sync"
	"time"
)

// certificate is the one of -tls-cert and -tls-key. A new one is used within a minute, so
// that whatever renews it needs to tell nobody.
type certificate struct {
	cert, key string
	mu        sync.Mutex
	pair      *tls.Certificate
	made      time.Time // of the file that pair comes from
	looked    time.Time
	warn      func(error)
}

// newCertificate gives nil when serve was given none.
func newCertificate(c *call) (*certificate, error) {
	x := &certificate{cert: c.word("tls-cert", ""), key: c.word("tls-key", ""), warn: c.warn}
	if x.cert == "" && x.key == "" {
		return nil, nil
	}
	if x.cert == "" || x.key == "" {
		return nil, hinted(errors.New("a certificate needs its key, and a key its certificate"), "give both: -tls-cert FILE -tls-key FILE")
	}
	return x, x.load()
}

func (x *certificate) load() error {
	info, err := os.Stat(x.cert)
	if err != nil {
		return err
	}
	x.looked = time.Now()
	if x.pair != nil && info.ModTime().Equal(x.made) {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(x.cert, x.key)
	if err == nil {
		x.pair, x.made = &pair, info.ModTime()
	}
	return err
}

// get gives the certificate for a connection. Where a new one cannot be read, the old one
// stays.
func (x *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if time.Since(x.looked) > time.Minute {
		if err := x.load(); err != nil {
			x.warn(hinted(err, "look at %s and %s; until then the old certificate is used", x.cert, x.key))
		}
	}
	return x.pair, nil
}
