package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Webhook posts notices to an HTTP address, by https unless it is this machine's. A secret signs
// them as standardwebhooks.com says: webhook-signature is "v1," and base64 of HMAC-SHA256 over
// webhook-id, webhook-timestamp and the body, joined by dots; a secret "whsec_…" is base64.
type Webhook struct {
	URL, URLFile string // the file, for an address that is itself a secret
	Style        string // ntfy, matrix (the webhooks of hookshot), mattermost; else json
	SecretFile   string
}

// hooks follows no redirect, so that no other host hears of a notice.
var hooks = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (w *Webhook) send(ctx context.Context, n notice) error {
	address, err := secret(w.URLFile)
	key, err2 := secret(w.SecretFile)
	if err := cmp.Or(err, err2); err != nil {
		return err
	}
	body, kind := w.body(n)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cmp.Or(address, w.URL), bytes.NewReader(body))
	if err != nil || req.URL.Scheme != "https" && !(req.URL.Scheme == "http" && loopback(req.URL.Hostname())) {
		return &failure{"the webhook's address does not begin with https", `write it like url = "https://ntfy.example.org/topic"`}
	}
	req.Header.Set("Content-Type", kind)
	if key != "" {
		sign(req.Header, key, n.id, body)
	}
	answer, err := hooks.Do(req)
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return u.Err // without the address
	}
	answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers with status %d", req.URL.Hostname(), answer.StatusCode)
	}
	return nil
}

func (w *Webhook) body(n notice) (body []byte, kind string) {
	var v any = map[string]any{"text": n.text, "link": n.link, "waiting": n.waiting, "held": n.held}
	switch text := n.text + " " + n.link; w.Style {
	case "ntfy":
		return []byte(text), "text/plain; charset=utf-8"
	case "matrix", "mattermost":
		v = map[string]string{"text": text}
	}
	body, _ = json.Marshal(v)
	return body, "application/json"
}

func sign(h http.Header, key, id string, body []byte) {
	if raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whsec_")); err == nil && strings.HasPrefix(key, "whsec_") {
		key = string(raw)
	}
	now := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "%s.%s.%s", id, now, body)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", now)
	h.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
