package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"time"

	"potluck/internal/repo"
	"potluck/internal/site"
)

// How often a remote is looked at when nobody rings, and how long at most after it failed.
const (
	lookAgain    = time.Minute
	longestPause = 5 * time.Minute
)

// remoteOf is the remote of the configuration; false when there is none.
func remoteOf(cfg *site.Config) (repo.Remote, bool) {
	return repo.Remote{URL: cfg.Remote.URL, Branch: cfg.Remote.Branch}, cfg.Remote.URL != ""
}

// followRemote keeps main and the remote the same until ctx is done: at once when main moved or a
// forge rang, else every minute. A failure is said once, and so is its end.
func (s *server) followRemote(ctx context.Context) {
	said, pause := "", time.Duration(0)
	for ctx.Err() == nil {
		next := lookAgain
		if to, on := remoteOf(s.n.cfg()); on {
			err := s.n.repo.Sync(ctx, to)
			if ctx.Err() != nil {
				return
			}
			s.apart.Store(err != nil)
			said = s.sayRemote(said, err)
			if pause = min(max(2*pause, 2*time.Second), longestPause); err == nil {
				pause = 0
			} else {
				next = pause
			}
		}
		wait(ctx, min(pause, 5*time.Second)) // who rings must not make us hammer a remote that is down
		select {
		case <-ctx.Done():
		case <-s.remoteBell:
		case <-time.After(next + rand.N(next/4)):
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// sayRemote tells what is new about the remote, and gives what to compare the next with.
func (s *server) sayRemote(said string, err error) string {
	if err == nil {
		if said != "" {
			fmt.Fprintln(s.c.stderr, "potluck: main and the remote are the same again")
		}
		return ""
	}
	if now := err.Error(); now != said {
		for _, ill := range s.n.illRemote() {
			s.c.warn(hinted(errors.New(ill.what), "%s", ill.fix))
		}
		return now
	}
	return said
}

// illRemote is what is wrong between main and the remote, for doctor, the desk and serve.
func (n *network) illRemote() []illness {
	to, on := remoteOf(n.cfg())
	if !on || n.repo == nil {
		return nil
	}
	at, err := n.repo.Standing(to)
	if err != nil {
		return []illness{{err.Error(), "see what git fsck says", false}}
	}
	apart := ""
	if at.Ahead > 0 {
		apart += ", " + count(at.Ahead, "change") + " not there yet"
	}
	if at.Behind > 0 {
		apart += ", " + count(at.Behind, "change") + " not here yet"
	}
	switch {
	case at.Error != "":
		return []illness{{"main and the remote are not the same" + apart + ": " + at.Error, at.Hint, false}}
	case at.Met.IsZero():
		return []illness{{"the remote was never reached", "start potluck serve, and see what it says", false}}
	case apart != "" && time.Since(at.Met) > 10*time.Minute:
		return []illness{{"the remote was not looked at for a while" + apart, "start potluck serve", true}}
	}
	return nil
}

// remoteHook lets a forge say that something is new: POST /desk/fetch, signed with the secret as
// forges do it. All it can do is ring: the remote is then looked at.
func (s *server) remoteHook(w http.ResponseWriter, r *http.Request) {
	file := s.n.cfg().Remote.SecretFile
	if file == "" {
		http.NotFound(w, r)
		return
	}
	secret, err := readSecret(s.n.path(file))
	if err != nil {
		s.c.warn(err)
		http.Error(w, "the secret of the remote cannot be read", http.StatusServiceUnavailable)
		return
	}
	if !signed(r, http.MaxBytesReader(w, r.Body, 25<<20), secret) {
		http.Error(w, "this is not signed with the secret", http.StatusForbidden)
		return
	}
	ring(s.remoteBell)
	w.WriteHeader(http.StatusNoContent)
}

func readSecret(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, hinted(err, "write a long random word into that file, and give the same to the forge")
	}
	if text = bytes.TrimSpace(text); len(text) < 16 {
		return nil, hinted(errors.New(file+" holds less than 16 letters"), "write a long random word into that file, and give the same to the forge")
	}
	return text, nil
}

// signed tells that a request carries the HMAC of its body, as GitHub, Gitea and Forgejo send it, or
// the secret itself, as GitLab does. It takes as long for a wrong one.
func signed(r *http.Request, body io.Reader, secret []byte) bool {
	mac := hmac.New(sha256.New, secret)
	if _, err := io.Copy(mac, body); err != nil {
		return false
	}
	ok := hmac.Equal(sum(secret), sum([]byte(r.Header.Get("X-Gitlab-Token"))))
	for _, name := range []string{"X-Hub-Signature-256", "X-Gitea-Signature", "X-Forgejo-Signature"} {
		given, err := hex.DecodeString(strings.TrimPrefix(r.Header.Get(name), "sha256="))
		ok = hmac.Equal(given, mac.Sum(nil)) && err == nil || ok
	}
	return ok
}

func sum(b []byte) []byte { s := sha256.Sum256(b); return s[:] }
