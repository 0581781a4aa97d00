package site

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// Remote says where main also lies: at a forge, or on another machine. It is on when it has a
// URL. What opens it is git's own affair, and never in site.toml, which is public.
type Remote struct {
	URL        string `toml:"url" doc:"its address, or the name of a remote in .git/config; empty means none"`
	Branch     string `toml:"branch" doc:"the branch there that is kept the same as main; left out, main"`
	SecretFile string `toml:"secret_file" doc:"the file of the secret with which a forge says that something is new: var/keys/remote…"` // var/keys/remote…
}

var (
	remoteName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	remoteSCP  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\s:-][^\s:]*$`)
	branchName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)
	remoteFile = regexp.MustCompile(`^(var/keys/remote[a-z0-9_-]*)?$`)
)

// remote checks the other place of main. What it refuses is taken out. An address is one of
// https or ssh: git knows others that run programs.
func (p *configParser) remote() {
	r := &p.c.Remote
	key := func(name string) toml.Key { return toml.Key{"remote", name} }
	if r.URL != "" && !remoteName.MatchString(r.URL) && !remoteSCP.MatchString(r.URL) && !isGitURL(r.URL) {
		p.add(key("url"), `write it like "https://git.example.org/riverside.git", "git@git.example.org:riverside.git" or "origin"`, "the remote is not an address of https or ssh without a password, nor a name")
		r.URL = ""
	}
	if r.Branch == "" {
		r.Branch = "main"
	} else if !branchName.MatchString(r.Branch) || strings.Contains(r.Branch, "..") || strings.HasSuffix(r.Branch, "/") {
		p.add(key("branch"), `write it like "main"`, "%q is not the name of a branch", r.Branch)
		r.URL, r.Branch = "", "main"
	}
	p.keyFile(key("secret_file"), &r.SecretFile, remoteFile, "var/keys/remote")
}

func isGitURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || strings.HasPrefix(u.Host, "-") || strings.HasPrefix(u.User.Username(), "-") {
		return false
	}
	_, secret := u.User.Password()
	return !secret && (u.Scheme == "https" || u.Scheme == "ssh" || u.Scheme == "http" && isLocal(u.Hostname()))
}
