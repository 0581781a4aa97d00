package site

import (
	"slices"
	"strings"
	"testing"
)

const noticesTOML = `title = "X"
base_url = "https://riverside.example.org/net/"
[notices.mail]
to = ["desk@example.org"]
from = "Riverside <potluck@example.org>"
server = "mail.example.org:587"
user = "potluck"
password_file = "var/keys/mail"
[notices.webhook]
url_file = "var/keys/webhook-url"
style = "ntfy"
`

func TestNotices(t *testing.T) {
	n := testConfig(t, noticesTOML).Notices
	if n.Link != "https://riverside.example.org/net/desk/" || n.Mail.PasswordFile != "var/keys/mail" || n.Webhook.Style != "ntfy" {
		t.Errorf("%+v", n)
	}
	if n := testConfig(t, "title = \"X\"\n[notices]\nlink = \"https://desk.example.org/\"\n").Notices; n.Link != "https://desk.example.org/" || n.Mail.To != nil || n.Webhook.URL != "" {
		t.Errorf("%+v", n)
	}
}

func TestNoticesProblems(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"password_file", "pasword_file", `site.toml:8:1: nothing is called "pasword_file" here | did you mean "password_file"?`},
		{`password_file = "var/keys/mail"`, `password = "hunter2"`, `site.toml:8:1: nothing is called "password" here | `},
		{`password_file = "var/keys/mail"`, ``, `site.toml:7:1: a user of the mail server has no password | add password_file`},
		{`"var/keys/mail"`, `"var/keys/server"`, `site.toml:8:1: password_file names a file that is not read for this | write it like "var/keys/mail"`},
		{`"var/keys/webhook-url"`, `"var/keys/webhook/../keeper.txt"`, `site.toml:10:1: url_file names a file that is not read for this`},
		{`"mail.example.org:587"`, `"mail.example.org"`, `site.toml:6:1: the mail server is not named as host:port`},
		{`["desk@example.org"]`, `["desk"]`, `site.toml:4:1: "desk" is not a mail address`},
		{`Riverside <potluck@example.org>`, ``, `site.toml:5:1: "" is not a mail address`},
		{`"ntfy"`, `"telegram"`, `site.toml:11:1: a webhook cannot speak "telegram" | use one of json, ntfy, matrix, mattermost`},
		{`style = "ntfy"`, ``, `a webhook of the style json has no secret to sign with | add secret_file`},
		{`url_file = "var/keys/webhook-url"`, `url = "http://ntfy.example.org/topic"`, `site.toml:10:1: the webhook's url does not begin with https`},
		{"[notices.mail]", "[notices]\nlink = \"javascript:1\"\n[notices.mail]", `site.toml:4:1: the link of notices is not a web address`},
	} {
		src := strings.Replace(noticesTOML, c.old, c.new, 1)
		cfg, ps := ParseConfig([]byte(src))
		if !slices.ContainsFunc(lines(ps), func(l string) bool { return strings.Contains(l, c.want) }) {
			t.Errorf("%s:\n got %s\nwant %s", c.new, strings.Join(lines(ps), "\n     "), c.want)
		}
		if strings.Contains(strings.Join(lines(ps), ""), "hunter2") || strings.Contains(cfg.Notices.Mail.PasswordFile, "server") || strings.Contains(cfg.Notices.Webhook.URLFile, "keeper") {
			t.Errorf("%s: %+v %v", c.new, cfg.Notices, ps)
		}
	}
}
