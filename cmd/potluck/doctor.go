package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"potluck/internal/notify"
	"potluck/internal/repo"
	"potluck/internal/site"
	"potluck/internal/vault"
)

var doctorCommand = &command{
	name: "doctor", usage: "doctor [-C DIR]", short: "find what endangers private words or the promise to keep them",
	long: `
Looks at the keys, the folder var, the disk, the clock, git, and what waits too long.
It deletes and decides nothing. Each line that is not well says what to do.`,
	flags: "C",
	run: func(ctx context.Context, c *call) error {
		n, err := openNetwork(c)
		if err != nil {
			return err
		}
		if err := n.needRepo(); err != nil {
			return err
		}
		sick := 0
		for _, look := range checkups {
			ill := look.find(n, c.now())
			if len(ill) == 0 {
				fmt.Fprintf(c.stdout, "well  %s\n", look.name)
			}
			for _, i := range ill {
				word := "ILL "
				if i.may {
					word = "note"
				} else {
					sick++
				}
				fmt.Fprintf(c.stdout, "%s  %s: %s\n      do: %s\n", word, look.name, i.what, i.fix)
			}
		}
		if sick > 0 {
			return hinted(errors.New(count(sick, "thing")+" to mend"), "the lines above say what to do")
		}
		return nil
	},
}

// illness is something that is not well, and what to do about it; may: it can stay so.
type illness struct {
	what, fix string
	may       bool
}

// checkups are what potluck doctor looks at, in order: modes before the vault is opened,
// which mends those of its folders.
var checkups = []struct {
	name string
	find func(*network, time.Time) []illness
}{
	{"private files", illModes}, {"keys", illKeys}, {"signing in", illSigningIn}, {"var and the site", illServed}, {"git", illGit},
	{"remote", func(n *network, _ time.Time) []illness { return n.illRemote() }}, {"disk", illDisk}, {"clock", illClock}, {"work that waits", illWork}, {"notices", illNotices},
}

func illKeys(n *network, _ time.Time) (ill []illness) {
	v, err := vault.Open(n.path("var"))
	if err == nil {
		err = v.Ready(nil)
	}
	if err == nil {
		if exists(n.path("var", "keys", "server.key")) {
			_, err = v.ServerKey()
		}
	}
	if err != nil {
		var h interface{ Hint() string }
		fix := "look at " + n.path("var", "organizers.toml")
		if errors.As(err, &h) {
			fix = h.Hint()
		}
		return []illness{{err.Error(), fix, false}}
	}
	if stale, err := v.Stale(); err != nil {
		ill = append(ill, illness{err.Error(), "look at " + n.path("var", "vault"), false})
	} else if len(stale) > 0 {
		ill = append(ill, illness{isAre(len(stale), "item") + " sealed to others than who is listed", "let a keeper sign in at the desk, or: potluck keys seal", false})
	}
	keepers := 0
	list, _ := v.Organizers()
	for _, o := range list {
		if o.Role == site.Keeper {
			keepers++
		}
	}
	if keepers == 1 {
		ill = append(ill, illness{"there is one keeper alone; if her passphrase is lost, nobody can read what was sealed", "make a second keeper: potluck organizers invite NAME -role keeper", true})
	}
	return append(ill, illClear(n)...)
}

// illClear finds private keys that lie under var as they are: who has the disk has them too.
func illClear(n *network) (ill []illness) {
	_ = filepath.WalkDir(n.path("var"), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > 1<<20 {
			return nil
		}
		src, _ := os.ReadFile(p)
		if bytes.Contains(src, []byte("AGE-SECRET-KEY-")) || bytes.Contains(src, []byte("PRIVATE KEY-----")) {
			ill = append(ill, illness{p + " is a private key in clear; whoever has this disk can read what is sealed", "potluck keys rotate NAME -key " + p + ", write the six words down, and remove the file; or keep it on another machine", false})
		}
		return nil
	})
	return ill
}

// illSigningIn finds why organizers could not sign in from other machines.
func illSigningIn(n *network, _ time.Time) []illness {
	u, err := url.Parse(n.cfg().BaseURL)
	switch local := err == nil && isLoopback(net.JoinHostPort(u.Hostname(), "0")); {
	case local:
		return nil
	case err == nil && u.Scheme == "http":
		return []illness{{"base_url begins with http://, and the desk works by https alone, but for this machine", "get a certificate for your web server, and change base_url", false}}
	case len(n.cfg().TrustedProxies) == 0:
		return []illness{{"no web server in front of potluck is named, so the desk works from other machines only with potluck's own certificate", "name it: trusted_proxies = [\"127.0.0.1\"] in site.toml; or serve with -tls-cert and -tls-key", true}}
	}
	return nil
}

// illModes finds what other users of the machine can read.
func illModes(n *network, _ time.Time) (ill []illness) {
	_ = filepath.WalkDir(n.path("var"), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 && len(ill) < 5 {
			ill = append(ill, illness{p + " can be read by other users of this machine", "chmod go-rwx " + p, false})
		}
		return nil
	})
	return ill
}

// illServed finds ways by which var or git could come into the site or into git.
func illServed(n *network, _ time.Time) (ill []illness) {
	if files, err := n.repo.FS(repo.Main); err == nil {
		if _, err := fs.Stat(files, "var"); err == nil {
			ill = append(ill, illness{"the folder var is tracked by git, so private words are in its history", "git rm -r --cached var, commit, and see that no copy of the repository leaves this machine", false})
		}
		ignore, _ := fs.ReadFile(files, ".gitignore")
		if !n.repo.Bare() && !strings.Contains("\n"+string(ignore), "\n/var") && !strings.Contains("\n"+string(ignore), "\nvar") {
			ill = append(ill, illness{".gitignore does not name var", "add the line /var/ to .gitignore, and commit", false})
		}
	}
	for _, name := range []string{"var", ".git"} {
		if exists(n.path("public", name)) {
			ill = append(ill, illness{n.path("public", name) + " is in the folder of the site", "remove it, and look at what put it there", false})
		}
	}
	for _, name := range []string{"index.html", "index.htm"} {
		if exists(n.path(name)) {
			ill = append(ill, illness{n.path(name) + " looks as if a web server shows this whole folder", "let the web server show public alone, and never this folder", false})
		}
	}
	return ill
}

func illGit(n *network, _ time.Time) (ill []illness) {
	if _, err := exec.LookPath("git"); err != nil {
		ill = append(ill, illness{"the git program is not there; erased words cannot be taken out of packs", "install git", false})
	}
	if file := filepath.Join(n.repo.Dir(), "git-daemon-export-ok"); exists(file) {
		ill = append(ill, illness{"git-daemon may give this repository to anybody, with what waits in it", "remove " + file, false})
	}
	config, err := os.ReadFile(filepath.Join(n.repo.Dir(), "config"))
	if err != nil {
		return append(ill, illness{err.Error(), "see what git config --list says", false})
	}
	for line := range strings.Lines(strings.ToLower(string(config))) {
		key, value, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(line), " ", ""), "=")
		switch {
		case key == "mirror" && value != "false":
			ill = append(ill, illness{"a remote is a mirror, so what waits would be pushed there", "git config --unset remote.NAME.mirror, and push main alone", false})
		case key == "push" && (strings.Contains(value, "refs/*") || strings.Contains(value, "refs/potluck")):
			ill = append(ill, illness{"a remote is set to be pushed what waits: " + value, "git config remote.NAME.push refs/heads/main", false})
		case strings.HasPrefix(key, "allow") && strings.HasSuffix(key, "inwant") && value != "false":
			ill = append(ill, illness{"git gives any object to whoever may fetch (" + key + ")", "git config --unset uploadpack." + key, false})
		}
	}
	return ill
}

func illDisk(n *network, _ time.Time) (ill []illness) {
	for _, dir := range []string{n.path("var"), n.repo.Dir()} {
		var st syscall.Statfs_t
		if err := syscall.Statfs(dir, &st); err != nil {
			return []illness{{err.Error(), "look at this folder", false}}
		}
		if free := uint64(st.Bavail) * uint64(st.Bsize) >> 20; free < 500 {
			ill = append(ill, illness{fmt.Sprintf("%d MB are free under %s", free, dir), "make room; with a full disk no form can be taken", false})
		}
		if st.Files > 0 && st.Ffree < 10_000 {
			ill = append(ill, illness{fmt.Sprintf("room for %d more files under %s", st.Ffree, dir), "make room; with a full disk no form can be taken", false})
		}
	}
	return ill
}

func illClock(n *network, now time.Time) (ill []illness) {
	v, err := vault.Open(n.path("var"))
	if err != nil {
		return []illness{{err.Error(), "look at the folder var", false}}
	}
	seen, doubt, err := v.Clock()
	switch {
	case err != nil:
		return []illness{{err.Error(), "remove " + n.path("var", "clock"), false}}
	case !doubt.IsZero():
		return []illness{{"the clock has jumped, so nothing is closed or deleted for three days", "look at the date of this machine; when it is right: potluck purge -sure", false}}
	case now.Before(seen.Add(-time.Hour)):
		return []illness{{"the clock is behind " + seen.Format(time.DateTime) + ", which it has shown before", "set the clock; let it be kept right by NTP", false}}
	}
	for e, err := range n.repo.Log(repo.Main) {
		if err == nil && e.When.After(now.Add(24*time.Hour)) {
			return []illness{{"main has a commit of " + e.When.Format(time.DateOnly) + ", which is still to come", "set the clock of this machine, or of whoever made " + e.Hash.String()[:10], false}}
		}
		break
	}
	return nil
}

// illNotices finds channels by which organizers do not hear that something waits. Mail is tried as
// far as it can be without sending any.
func illNotices(n *network, _ time.Time) (ill []illness) {
	to := n.cfg().Notices
	if len(to.Mail.To) == 0 && to.Webhook.URL == "" && to.Webhook.URLFile == "" {
		return []illness{{"nobody is told that something waits", "name a channel in [notices] in site.toml: potluck help site.toml", true}}
	}
	cfg := noticeConfig(n, to)
	out, err := notify.Open(n.path("var", "outbox"), cfg, notify.Options{})
	if err != nil {
		return []illness{{err.Error(), "look at " + n.path("var", "outbox"), false}}
	}
	for _, c := range out.Status() {
		if c.Error != "" {
			what := fmt.Sprintf("notices by %s fail, %s in a row: %s", c.Channel, count(c.Tries, "time"), c.Error)
			ill = append(ill, illness{what, "look at [notices." + c.Channel + "] in site.toml, and at its files in var/keys; it is tried again at " + c.Next.Format(time.TimeOnly), false})
		}
	}
	if ill != nil || cfg.Mail == nil {
		return ill
	}
	if err := cfg.Mail.Try(context.Background()); err != nil {
		return []illness{{"the mail server does not let us in: " + err.Error(), "look at [notices.mail] in site.toml, and at its files in var/keys", false}}
	}
	return nil
}

// illWork finds what should have been done by now.
func illWork(n *network, now time.Time) (ill []illness) {
	entries, _ := os.ReadDir(n.path("var", "spool"))
	for _, e := range entries {
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > 10*time.Minute {
			ill = append(ill, illness{"submissions wait in var/spool and are not in git", "potluck inbox says why", false})
			break
		}
	}
	if info, err := os.Stat(filepath.Join(n.repo.Dir(), "potluck-erase")); err == nil && now.Sub(info.ModTime()) > 24*time.Hour {
		ill = append(ill, illness{"what was erased is not out of git yet", "potluck purge finishes it, and says what is in the way", false})
	}
	return ill
}
