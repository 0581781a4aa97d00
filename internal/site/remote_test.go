package site

import (
	"fmt"
	"strings"
	"testing"
)

func TestRemote(t *testing.T) {
	for url, ok := range map[string]bool{
		"https://git.example.org/net.git": true, "ssh://git@git.example.org:2222/net.git": true, "git@git.example.org:net.git": true,
		"origin": true, "http://127.0.0.1:3000/net.git": true, "": true,
		"http://git.example.org/net.git": false, "https://june:secret@git.example.org/net.git": false, "ext::sh -c id": false,
		"--upload-pack=id": false, "-origin": false, "ssh://-oProxyCommand=id/x": false, "file:///srv/net.git": false, "/srv/net.git": false,
		"git@git.example.org:-x": false, "git@-x:y": false, "fd::3": false, "a b": false,
	} {
		c, problems := ParseConfig(fmt.Appendf(nil, "title = \"X\"\n[remote]\nurl = %q\n", url))
		if (len(problems) == 0) != ok || c.Remote.URL != map[bool]string{true: url}[ok] || c.Remote.Branch != "main" {
			t.Errorf("%s: %+v %v", url, c.Remote, problems)
		}
	}
	for _, line := range []string{`branch = "--force"`, `branch = "a..b"`, `branch = "refs/*"`, `secret_file = "var/keys/keeper.txt"`, `secret_file = "var/keys/remote/../keeper.txt"`} {
		c, problems := ParseConfig([]byte("title = \"X\"\n[remote]\nurl = \"origin\"\n" + line + "\n"))
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), "site.toml:4:1: ") || c.Remote.SecretFile != "" || c.Remote.Branch != "main" {
			t.Errorf("%s: %+v %v", line, c.Remote, problems)
		}
	}
}
