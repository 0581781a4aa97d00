package notify

import (
	"cmp"
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Mail sends notices by a mail server: with TLS from the first byte on port 465, else by STARTTLS,
// and without TLS to this machine alone.
type Mail struct {
	To           []string
	From, Server string // Server is host:port
	User         string // "": the server asks for none
	PasswordFile string
}

var testOptions []mail.Option

// Try greets the server and signs in, as a notice would, and sends nothing.
func (m *Mail) Try(ctx context.Context) error {
	client, err := m.client()
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return err
	}
	_ = client.Close() // a bad farewell is no failure
	return nil
}

func (m *Mail) send(ctx context.Context, n notice) error {
	client, err := m.client()
	if err != nil {
		return err
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := cmp.Or(msg.From(m.From), msg.To(m.To...)); err != nil {
		return err
	}
	msg.Subject(n.text)
	msg.SetMessageIDWithValue(n.id + "@" + m.domain())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	msg.SetBodyString(mail.TypeTextPlain, n.text+"\n"+n.link+"\n")
	if err := client.DialAndSendWithContext(ctx, msg); !msg.IsDelivered() { // a bad farewell is no failure
		return err
	}
	return nil
}

// domain is that of the sender.
func (m *Mail) domain() string {
	return strings.TrimRight(m.From[strings.LastIndexByte(m.From, '@')+1:], ">")
}

// client greets with the sender's domain; the name of this machine stays here.
func (m *Mail) client() (*mail.Client, error) {
	host, p, _ := net.SplitHostPort(m.Server)
	port, _ := strconv.Atoi(p)
	tls := mail.WithTLSPolicy(mail.TLSMandatory)
	if port == 465 {
		tls = mail.WithSSL()
	} else if loopback(host) {
		tls = mail.WithTLSPolicy(mail.NoTLS)
	}
	opts := append([]mail.Option{mail.WithPort(port), tls, mail.WithTimeout(10 * time.Second), mail.WithHELO(m.domain())}, testOptions...)
	password, err := secret(m.PasswordFile)
	if err != nil {
		return nil, err
	}
	if m.User != "" {
		opts = append(opts, mail.WithUsername(m.User), mail.WithPassword(password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return mail.NewClient(host, opts...)
}

func loopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }
