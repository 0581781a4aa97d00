package notify

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// mailServer speaks as much SMTP as a client needs, on loopback.
type mailServer struct {
	addr    string
	extras  []string // what it says that it can
	mu      sync.Mutex
	said    []string // by clients, mail bodies left out
	mails   []string
	refuses string // an answer to RCPT, instead of 250
}

func newMailServer(t *testing.T, extras []string) *mailServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &mailServer{addr: l.Addr().String(), extras: extras}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.talk(conn)
		}
	}()
	return s
}

func (s *mailServer) config() *Mail {
	return &Mail{To: []string{"desk@example.org", "Second <second@example.org>"}, From: "Riverside <potluck@example.org>", Server: s.addr}
}

func (s *mailServer) talk(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	fmt.Fprint(conn, "220 test\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		s.mu.Lock()
		s.said = append(s.said, strings.TrimSpace(line))
		refuses := s.refuses
		s.mu.Unlock()
		switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " "); {
		case verb == "EHLO":
			fmt.Fprint(conn, "250-test\r\n")
			for _, e := range s.extras {
				fmt.Fprintf(conn, "250-%s\r\n", e)
			}
			fmt.Fprint(conn, "250 SMTPUTF8\r\n")
		case verb == "AUTH":
			fmt.Fprint(conn, "235 ok\r\n")
		case verb == "STARTTLS":
			fmt.Fprint(conn, "220 go on\r\n")
			return
		case verb == "RCPT" && refuses != "":
			fmt.Fprint(conn, refuses+"\r\n")
		case verb == "DATA":
			fmt.Fprint(conn, "354 go on\r\n")
			s.data(in)
			fmt.Fprint(conn, "250 taken\r\n")
		case verb == "QUIT":
			return // and no farewell
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

func (s *mailServer) data(in *bufio.Reader) {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		b.WriteString(line)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, b.String())
}

func (s *mailServer) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.mails...)
}

func (s *mailServer) talked() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.said, "\n")
}

func TestMail(t *testing.T) {
	s := newMailServer(t, []string{"AUTH PLAIN LOGIN", "8BITMIME"})
	m := s.config()
	m.User, m.PasswordFile = "potluck", filepath.Join(t.TempDir(), "mail")
	if err := os.WriteFile(m.PasswordFile, []byte("pass word\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := open(t, t.TempDir(), Config{Link: link, Mail: m}, Options{})
	run(t, out)
	out.Waiting(3, 1)
	id := out.Status()[0].Unsent
	eventually(t, "it is sent", func() bool { return len(s.all()) == 1 })
	eventually(t, "and known", func() bool { return out.Status()[0].Unsent == "" })
	for _, line := range []string{"EHLO example.org", "MAIL FROM:<potluck@example.org>", "RCPT TO:<desk@example.org>", "RCPT TO:<second@example.org>",
		"AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00potluck\x00pass word"))} {
		if !strings.Contains(s.talked(), line) {
			t.Errorf("%q was not said:\n%s", line, s.talked())
		}
	}
	msg, err := mail.ReadMessage(strings.NewReader(s.all()[0]))
	if err != nil {
		t.Fatal(err)
	}
	if id != "" && msg.Header.Get("Message-Id") != "<"+id+"@example.org>" {
		t.Errorf("Message-ID %s, not %s", msg.Header.Get("Message-Id"), id)
	}
	var names []string
	for name := range msg.Header {
		names = append(names, name)
	}
	if len(names) != 9 || msg.Header.Get("Subject") != "3 submissions wait, 1 of them held." || msg.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("headers: %v", msg.Header)
	}
	host, _ := os.Hostname()
	if _, body, _ := strings.Cut(s.all()[0], "\r\n\r\n"); body != "3 submissions wait, 1 of them held.\r\n"+link+"\r\n" || strings.Contains(s.all()[0]+s.talked(), host) && host != "" {
		t.Errorf("mail:\n%s", s.all()[0])
	}
}

// To try a server shows that it is away, or wants another password, and sends nothing.
func TestTry(t *testing.T) {
	s := newMailServer(t, nil)
	if err := s.config().Try(t.Context()); err != nil {
		t.Error(err)
	}
	away, asks, hidden := s.config(), s.config(), s.config()
	away.Server, asks.User, hidden.PasswordFile = "127.0.0.1:1", "potluck", filepath.Join(t.TempDir(), "none")
	for what, m := range map[string]*Mail{"away": away, "no sign-in": asks, "no password": hidden} {
		if err := m.Try(t.Context()); err == nil {
			t.Errorf("%s: it is well", what)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mails) > 0 {
		t.Errorf("it sent %q", s.mails)
	}
}

// Words with line ends make no header and no second mail.
func TestMailHeaders(t *testing.T) {
	s := newMailServer(t, nil)
	evil := "2 wait\r\nBcc: evil@example.org\r\n\r\nhello\r\n.\r\nMAIL FROM:<evil@example.org>"
	out := open(t, t.TempDir(), Config{Link: link + "\r\n.\r\nRSET", Mail: s.config()}, Options{Words: func(int, int) string { return evil + "\u202e é" }})
	run(t, out)
	out.Waiting(2, 0)
	eventually(t, "it is sent", func() bool { return len(s.all()) == 1 })
	head, _, _ := strings.Cut(s.all()[0], "\r\n\r\n")
	if strings.Contains(head, "\nBcc") || strings.Contains(s.talked(), "evil") || strings.Contains(s.talked(), "RSET") && strings.Count(s.talked(), "RSET") > 1 {
		t.Errorf("%s\n\n%s", s.talked(), s.all()[0])
	}
}

// A server that is not this machine hears nothing without TLS, nor with a certificate that
// nobody vouches for. A refusal is shown in the server's words.
func TestMailFailures(t *testing.T) {
	pass := filepath.Join(t.TempDir(), "mail")
	if err := os.WriteFile(pass, []byte("pass-word"), 0o600); err != nil {
		t.Fatal(err)
	}
	plain, refusing := newMailServer(t, []string{"AUTH PLAIN"}), newMailServer(t, nil)
	refusing.refuses = "550 no such\x1b[31m person"
	tls := httptest.NewTLSServer(nil)
	defer tls.Close()
	far := func(addr string) *Mail {
		testOptions = []gomail.Option{gomail.WithDialContextFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		})}
		return &Mail{To: []string{"desk@example.org"}, From: "potluck@example.org", Server: "mail.example.org:587", User: "u", PasswordFile: pass}
	}
	defer func() { testOptions = nil }()
	n := notice{id: "ID", text: "1 submission waits.", link: link}
	err := far(plain.addr).send(t.Context(), n)
	if err == nil || !strings.Contains(err.Error(), "STARTTLS") || strings.Contains(plain.talked(), "MAIL") || strings.Contains(plain.talked(), "AUTH") {
		t.Errorf("without TLS: %v\n%s", err, plain.talked())
	}
	testOptions = nil
	_, port, _ := net.SplitHostPort(plain.addr)
	for name, m := range map[string]*Mail{
		"no server":   {To: []string{"a@example.org"}, From: "b@example.org"},
		"no sender":   {To: []string{"a@example.org"}, Server: plain.addr},
		"bad to":      {To: []string{"a@example.org\r\nBcc: x@example.org"}, From: "b@example.org", Server: plain.addr},
		"nobody":      {From: "b@example.org", Server: plain.addr},
		"no password": {To: []string{"a@example.org"}, From: "b@example.org", Server: plain.addr, User: "u", PasswordFile: pass + "x"},
		"no answer":   {To: []string{"a@example.org"}, From: "b@example.org", Server: "127.0.0.1:1"},
		"no port":     {To: []string{"a@example.org"}, From: "b@example.org", Server: "localhost" + port},
	} {
		if err := m.send(t.Context(), n); err == nil || strings.Contains(err.Error(), "pass-word") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var seen reports
	out := open(t, t.TempDir(), Config{Mail: refusing.config()}, Options{Report: seen.add})
	run(t, out)
	out.Waiting(1, 0)
	eventually(t, "it is reported", func() bool { return len(seen.all()) > 0 })
	if s := out.Status()[0]; !strings.Contains(s.Error, "550") || strings.Contains(s.Error, "\x1b") {
		t.Errorf("status: %q", s.Error)
	}
	if len(plain.all())+len(refusing.all()) != 0 {
		t.Error("something was sent")
	}
}

func TestWebhookStyles(t *testing.T) {
	for style, body := range map[string]string{
		"ntfy":       `3 submissions wait, 1 of them held. ` + link,
		"matrix":     `{"text":"3 submissions wait, 1 of them held. ` + link + `"}`,
		"mattermost": `{"text":"3 submissions wait, 1 of them held. ` + link + `"}`,
		"json":       `{"held":1,"link":"` + link + `","text":"3 submissions wait, 1 of them held.","waiting":3}`,
	} {
		r := newReceiver(t)
		w := &Webhook{URL: r.URL, Style: style}
		if err := w.send(t.Context(), notice{"ID", english(3, 1), link, 3, 1}); err != nil {
			t.Fatal(err)
		}
		if got := r.all(); len(got) != 1 || got[0] != body {
			t.Errorf("%s: %q", style, got)
		}
		if kind := r.heads[0].Get("Content-Type"); strings.HasPrefix(kind, "application/json") == (style == "ntfy") {
			t.Errorf("%s: Content-Type %s", style, kind)
		}
	}
}

// A receiver can check who sent it, when, and that it is whole.
func TestWebhookSignature(t *testing.T) {
	r, dir := newReceiver(t), t.TempDir()
	for i, secret := range []string{"a long random word", "whsec_" + base64.StdEncoding.EncodeToString([]byte("a long random word"))} {
		file := filepath.Join(dir, fmt.Sprint("webhook", i))
		if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		w := &Webhook{URL: r.URL, SecretFile: file}
		if err := w.send(t.Context(), notice{"ID", "text", link, 3, 1}); err != nil {
			t.Fatal(err)
		}
		h := r.heads[i]
		mac := hmac.New(sha256.New, []byte("a long random word"))
		mac.Write([]byte("ID." + h.Get("webhook-timestamp") + "." + r.all()[i]))
		if h.Get("webhook-id") != "ID" || h.Get("webhook-signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
			t.Errorf("headers %v", h)
		}
		var at int64
		if fmt.Sscan(h.Get("webhook-timestamp"), &at); time.Since(time.Unix(at, 0)) > time.Minute {
			t.Errorf("timestamp %s", h.Get("webhook-timestamp"))
		}
	}
}

// No other host hears of a notice, and no error tells an address that may be a secret.
func TestWebhookFailures(t *testing.T) {
	other := newReceiver(t)
	moved := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer moved.Close()
	file := filepath.Join(t.TempDir(), "webhook-url")
	if err := os.WriteFile(file, []byte("http://127.0.0.1:1/top-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*Webhook{
		{URL: moved.URL + "/top-secret"}, {URLFile: file}, {URLFile: file + "x"}, {URL: other.URL, SecretFile: file + "x"},
		{URL: "http://example.org/top-secret"}, {URL: "file:///top-secret"}, {URL: "https://\x00top-secret"}, {URL: "https://"}, {},
	} {
		err := w.send(t.Context(), notice{"ID", "text", link, 3, 1})
		if err == nil || strings.Contains(err.Error(), "top-secret") {
			t.Errorf("%+v: %v", w, err)
		}
	}
	if len(other.all()) != 0 {
		t.Errorf("the other host heard %q", other.all())
	}
}
