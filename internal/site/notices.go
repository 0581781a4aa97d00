package site

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Notices says where organizers are told that submissions wait. What is secret is not in
// site.toml, which is in git, but in files of the folder var/keys, one line each.
type Notices struct {
	Link    string        `toml:"link" doc:"the address in notices; left out, that of the desk"` // default: BaseURL and "desk/"
	Mail    NoticeMail    `toml:"mail" doc:"notices by mail"`
	Webhook NoticeWebhook `toml:"webhook" doc:"notices to another program"`
}

// NoticeMail is on when it names somebody in To.
type NoticeMail struct {
	To           []string `toml:"to" doc:"who gets them; nobody means off"`
	From         string   `toml:"from" doc:"the address they come from"`
	Server       string   `toml:"server" doc:"the mail server, as host:port"` // host:port
	User         string   `toml:"user" doc:"the name to sign in with"`
	PasswordFile string   `toml:"password_file" doc:"the file of the password: var/keys/mail…"` // var/keys/mail…
}

// NoticeWebhook is on when it has an address, itself or in a file.
type NoticeWebhook struct {
	URL        string `toml:"url" doc:"where they are sent; empty means off"`
	URLFile    string `toml:"url_file" doc:"the file of that address, where it is secret: var/keys/webhook…"` // var/keys/webhook…
	Style      string `toml:"style" doc:"json, ntfy, matrix or mattermost"`                                   // NoticeStyles
	SecretFile string `toml:"secret_file" doc:"the file of the secret it is signed with: var/keys/webhook…"`  // var/keys/webhook…
}

// NoticeStyles are what a webhook speaks; the first is the default.
var NoticeStyles = []string{"json", "ntfy", "matrix", "mattermost"}

// Files of these names alone are read: who may edit site.toml must not have other keys sent away.
var (
	mailFile    = regexp.MustCompile(`^(var/keys/mail[a-z0-9_-]*)?$`)
	webhookFile = regexp.MustCompile(`^(var/keys/webhook[a-z0-9_-]*)?$`)
)

// notices checks where notices go. What it refuses is taken out.
func (p *configParser) notices() {
	n := &p.c.Notices
	if n.Link == "" {
		n.Link = p.c.BaseURL + "desk/"
	} else if u, err := url.Parse(n.Link); err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		p.add(toml.Key{"notices", "link"}, `write it like "https://riverside.example.org/desk/"`, "the link of notices is not a web address")
		n.Link = p.c.BaseURL + "desk/"
	}
	p.noticeMail(&n.Mail)
	p.noticeWebhook(&n.Webhook)
}

func (p *configParser) noticeMail(m *NoticeMail) {
	key := func(name string) toml.Key { return toml.Key{"notices", "mail", name} }
	p.keyFile(key("password_file"), &m.PasswordFile, mailFile, "var/keys/mail")
	m.To = slices.DeleteFunc(m.To, func(to string) bool { return !p.address(key("to"), to) })
	if len(m.To) == 0 {
		return
	}
	p.address(key("from"), m.From)
	if host, port, err := net.SplitHostPort(m.Server); err != nil || host == "" || port == "" {
		p.add(key("server"), `write it like server = "mail.example.org:587"`, "the mail server is not named as host:port")
	}
	if m.User != "" && m.PasswordFile == "" {
		p.add(key("user"), `add password_file = "var/keys/mail", and write the password into that file`, "a user of the mail server has no password")
	}
}

func (p *configParser) address(key toml.Key, s string) bool {
	_, err := mail.ParseAddress(s)
	if err != nil {
		p.add(key, `write it like "desk@example.org"`, "%q is not a mail address", s)
	}
	return err == nil
}

func (p *configParser) noticeWebhook(w *NoticeWebhook) {
	key := func(name string) toml.Key { return toml.Key{"notices", "webhook", name} }
	p.keyFile(key("url_file"), &w.URLFile, webhookFile, "var/keys/webhook-url")
	p.keyFile(key("secret_file"), &w.SecretFile, webhookFile, "var/keys/webhook")
	if w.Style == "" {
		w.Style = NoticeStyles[0]
	} else if !slices.Contains(NoticeStyles, w.Style) {
		p.add(key("style"), "use one of "+strings.Join(NoticeStyles, ", "), "a webhook cannot speak %q", w.Style)
		w.Style = NoticeStyles[0]
	}
	if w.URL == "" && w.URLFile == "" {
		return
	}
	if u, err := url.Parse(w.URL); w.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && isLocal(u.Hostname()))) {
		p.add(key("url"), `write it like "https://ntfy.example.org/topic"`, "the webhook's url does not begin with https")
	}
	if w.Style == "json" && w.SecretFile == "" {
		p.add(key("url"), `add secret_file = "var/keys/webhook", and write a long random word into that file`, "a webhook of the style json has no secret to sign with")
	}
}

// isLocal tells that a host is this machine.
func isLocal(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

// keyFile holds a setting to the files that it may name.
func (p *configParser) keyFile(key toml.Key, file *string, may *regexp.Regexp, like string) {
	if !may.MatchString(*file) {
		p.add(key, `write it like "`+like+`"`, "%s names a file that is not read for this", key[len(key)-1])
		*file = ""
	}
}
