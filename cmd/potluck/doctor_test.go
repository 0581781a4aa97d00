package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potluck/internal/vault"
)

// TestDoctor: a fresh network is well, but for its single key; each illness that is
// planted is found, with what to do, and nothing is changed by looking.
func TestDoctor(t *testing.T) {
	dir := newNet(t)
	out, ok := program(t, "doctor", "-C", dir)
	if !ok || strings.Contains(out, "ILL ") || !strings.Contains(out, "note  keys: there is one keeper alone") || strings.Count(out, "well ") != len(checkups)-2 {
		t.Errorf("a fresh network:\n%s", out)
	}
	v, err := vault.Open(filepath.Join(dir, "var"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	plant := func(path, text string) {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, path), text)
	}
	plant(".git/git-daemon-export-ok", "")
	git(t, dir, "config", "remote.copy.mirror", "true")
	git(t, dir, "config", "remote.forge.push", "+refs/*:refs/*")
	git(t, dir, "config", "uploadpack.allowAnySHA1InWant", "true")
	plant("var/spool/k7m2q9x4ad", "{}")
	plant("public/var/x", "x")
	must(t, "keys", "new", filepath.Join(dir, "var/keys/own.txt"))
	plant("var/vault/k7m2q9x4ad.recipients", "age1old\n")
	plant("site.toml", strings.Replace(string(readFile(t, filepath.Join(dir, "site.toml"))), "http://127.0.0.1:8080/", "http://riverside.example.org/", 1)+"\n[notices.mail]\nto = [\"desk@example.org\"]\nfrom = \"potluck@example.org\"\nserver = \"127.0.0.1:1\"\n")
	plant(".git/potluck-erase", "")
	if err := os.Chmod(filepath.Join(dir, "var/organizers.toml"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"var/spool/k7m2q9x4ad", ".git/potluck-erase"} {
		if err := os.Chtimes(filepath.Join(dir, path), now, now.Add(-48*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.SetClock(now.AddDate(0, 1, 0), time.Time{}); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "-f", "var/organizers.toml")
	git(t, dir, "commit", "-qm", "a slip")
	out, ok = program(t, "doctor", "-C", dir)
	for _, want := range []string{"git-daemon", "is a mirror", "+refs/*", "allowanysha1inwant", "var/spool", "public/var", "tracked by git", "not out of git yet", "organizers.toml can be read", "the clock is behind",
		"own.txt is a private key in clear", "1 item is sealed to others", "base_url begins with http://", "the mail server does not let us in"} {
		if ok || !strings.Contains(out, want) {
			t.Errorf("%q is not found:\n%s", want, out)
		}
	}
	if strings.Count(out, "ILL ")+strings.Count(out, "note ") != strings.Count(out, "      do: ") {
		t.Errorf("a line without what to do:\n%s", out)
	}
	if err := os.Remove(filepath.Join(dir, "var/organizers.toml")); err != nil {
		t.Fatal(err)
	}
	if out, _ := program(t, "doctor", "-C", dir); !strings.Contains(out, "ILL   keys: there is no keeper") {
		t.Errorf("no keeper:\n%s", out)
	}
}
