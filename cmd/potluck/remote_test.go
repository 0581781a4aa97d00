package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const hookSecret = "a long and random word"

// followed makes a network that follows the bare repository far, and a clone of somebody else's.
func followed(t *testing.T) (dir, far, clone string) {
	t.Helper()
	dir, far, clone = newNet(t), filepath.Join(t.TempDir(), "far.git"), filepath.Join(t.TempDir(), "clone")
	git(t, dir, "init", "-q", "--bare", "-b", "main", far)
	git(t, dir, "remote", "add", "forge", far)
	appendTo(t, filepath.Join(dir, "site.toml"), "\n[remote]\nurl = \"forge\"\nsecret_file = \"var/keys/remote\"\n")
	git(t, dir, "commit", "-qam", "follow the forge")
	if err := os.WriteFile(filepath.Join(dir, "var/keys/remote"), []byte(hookSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "push", "-q", "forge", "main")
	git(t, dir, "clone", "-q", far, clone)
	return dir, far, clone
}

// TestRemote: what is published here is there in a moment, what is pushed there is on the site when
// the forge rings, and nothing but main leaves the machine.
func TestRemote(t *testing.T) {
	t.Parallel()
	dir, far, clone := followed(t)
	r := start(t, "serve", "-C", dir)
	ref, _, err := r.submit("request", request("A kettle"))
	if err != nil || ref == "" {
		t.Fatal(err)
	}
	waits(t, dir, "A kettle")
	must(t, "inbox", "publish", "-C", dir, "-as", "June", ref)
	same := func() bool { return git(t, far, "rev-parse", "main") == git(t, dir, "rev-parse", "main") }
	eventually(t, "the page is at the forge", same)
	if ref, _, err = r.submit("request", request("A pot")); err != nil || ref == "" {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(clone, "content/about.md"), "\nWritten elsewhere.\n")
	git(t, clone, "commit", "-qam", "elsewhere")
	git(t, clone, "pull", "-q", "--rebase")
	git(t, clone, "push", "-q")
	must(t, "inbox", "publish", "-C", dir, "-as", "June", ref)
	if got := r.hook("X-Hub-Signature-256", "sha256="+hmacHex(hookSecret, "{}")); got != http.StatusNoContent {
		t.Errorf("the forge's bell: %d", got)
	}
	eventually(t, "both are on the site", func() bool {
		return strings.Contains(r.get("/about/").body, "Written elsewhere.") && strings.Contains(r.get("/requests/").body, "A pot")
	})
	eventually(t, "both are at the forge", same)
	if refs := git(t, far, "for-each-ref", "--format=%(refname)"); refs != "refs/heads/main" {
		t.Errorf("at the forge: %s", refs)
	}
	if objects := git(t, far, "cat-file", "--batch-all-objects", "--batch"); strings.Contains(objects, "intake: a request") {
		t.Error("the forge has a proposal")
	}
	must(t, "doctor", "-C", dir)

	if err := os.Rename(far, far+".away"); err != nil {
		t.Fatal(err)
	}
	r.hook("X-Gitlab-Token", hookSecret)
	eventually(t, "serve says that the remote fails", func() bool { return strings.Contains(r.output(), "main and the remote are not the same") })
	if out, ok := program(t, "doctor", "-C", dir); ok || !strings.Contains(out, "ILL   remote: main and the remote are not the same") {
		t.Errorf("doctor:\n%s", out)
	}
	desk := r.signIn(t, dir)
	const banner = "has not reached the other copy"
	if !strings.Contains(desk.get("").body, banner) {
		t.Error("the desk does not say that the remote fails")
	}
	if ref, _, err = r.submit("request", request("A lid")); err != nil || ref == "" {
		t.Error("the form waits for the remote")
	}
	must(t, "inbox", "publish", "-C", dir, "-as", "June", ref)
	if err := os.Rename(far+".away", far); err != nil {
		t.Fatal(err)
	}
	r.hook("X-Gitea-Signature", hmacHex(hookSecret, "{}"))
	eventually(t, "what was published meanwhile is at the forge", same)
	eventually(t, "serve says that all is well", func() bool { return strings.Contains(r.output(), "the same again") })
	if strings.Contains(desk.get("").body, banner) {
		t.Error("the desk still says that the remote fails")
	}
	r.stop()
	sound(t, dir)
}

// hook rings as a forge does, with one header.
func (r *running) hook(header, value string) int {
	r.t.Helper()
	req, _ := http.NewRequest("POST", r.url+"desk/fetch", strings.NewReader("{}"))
	req.Header.Set(header, value)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	return read(resp).status
}

func hmacHex(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// TestRemoteHook: without the secret nobody rings.
func TestRemoteHook(t *testing.T) {
	t.Parallel()
	dir, _, _ := followed(t)
	r := start(t, "serve", "-C", dir)
	for header, value := range map[string]string{
		"X-Hub-Signature-256": "sha256=" + hmacHex("another", "{}"), "X-Gitea-Signature": hmacHex(hookSecret, "{ }"), "X-Forgejo-Signature": "",
		"X-Gitlab-Token": "", "X-None": "1", "Authorization": hookSecret, "X-Hub-Signature": hmacHex(hookSecret, "{}"),
	} {
		if got := r.hook(header, value); got != http.StatusForbidden {
			t.Errorf("%s: %s: %d", header, value, got)
		}
	}
	if got := r.hook("X-Forgejo-Signature", hmacHex(hookSecret, "{}")); got != http.StatusNoContent {
		t.Errorf("with the secret: %d", got)
	}
	if got := r.get("/desk/fetch").status; got != http.StatusNotFound && got != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", got)
	}
	write(t, filepath.Join(dir, "var/keys/remote"), "short\n")
	if got := r.hook("X-Gitlab-Token", "short"); got != http.StatusServiceUnavailable {
		t.Errorf("a secret that can be guessed: %d", got)
	}
}
