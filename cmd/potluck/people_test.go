package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"potluck/internal/vault"
)

// filledNet makes a network with an item that waits, and gives the item's ID.
func filledNet(t *testing.T) (dir, id string) {
	t.Helper()
	dir = newNet(t)
	n, err := openAt(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	svc, err := openIntake(n)
	if err != nil {
		t.Fatal(err)
	}
	r := submitTo(t, n, svc, "A kettle")
	if err := svc.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dir, r.ID
}

// TestPeople: by the real program, a keeper with a key of her own comes, reads what was there
// before her, goes, and reads nothing any more; each step is in the audit.
func TestPeople(t *testing.T) {
	t.Parallel()
	dir, id := filledNet(t)
	june, own := []string{"-C", dir, "-passphrase-file", passphraseFile(dir)}, filepath.Join(t.TempDir(), "own.txt")
	run := func(args ...string) string { return must(t, append(args, june...)...) }
	to := must(t, "keys", "new", own)
	to = to[strings.Index(to, "age1"):]
	read := func() bool {
		out, ok := program(t, "inbox", "show", id, "-C", dir, "-as", "Ben", "-key", own)
		return ok && strings.Contains(out, "CANARY-sealed")
	}
	if read() {
		t.Error("a stranger's key opens it")
	}
	if out := must(t, "keys", "add", "Ben", strings.TrimSpace(to), "-C", dir, "-as", "June", "-role", "keeper"); !strings.Contains(out, "1 item is sealed to others") {
		t.Errorf("without a passphrase:\n%s", out)
	}
	if read() {
		t.Error("who was added without a key that opens reads all the same")
	}
	if out := run("keys", "seal"); !strings.Contains(out, "1 item is sealed anew") || !read() {
		t.Errorf("sealed anew, Ben cannot read it:\n%s", out)
	}
	run("organizers", "role", "ben", "organizer")
	if read() {
		t.Error("an organizer reads what is for keepers")
	}
	run("organizers", "role", "Ben", "keeper")
	if !read() {
		t.Error("a keeper again, he cannot read it")
	}
	run("organizers", "remove", "Ben")
	if out, ok := program(t, "inbox", "show", id, "-C", dir, "-as", "Ben", "-key", own); ok || !strings.Contains(out, "does not open") {
		t.Errorf("when he has left he sees:\n%s", out)
	}
	if out := must(t, "inbox", "show", id, "-C", dir, "-passphrase-file", passphraseFile(dir)); !strings.Contains(out, "CANARY-sealed") {
		t.Errorf("June cannot read it any more:\n%s", out)
	}
	six := sixWords.FindString(run("keys", "rotate", "June"))
	if out, ok := program(t, append([]string{"inbox", "show", id}, june...)...); ok {
		t.Errorf("her old passphrase is still good:\n%s", out)
	}
	write(t, passphraseFile(dir), six)
	if out := must(t, append([]string{"inbox", "show", id}, june...)...); !strings.Contains(out, "CANARY-sealed") {
		t.Errorf("with her new passphrase she cannot read it:\n%s", out)
	}
	audit := must(t, "organizers", "audit", "-C", dir)
	for _, line := range []string{`Ben +reveal +` + id, `June +key +Ben keeper`, `June +role +Ben organizer`, `June +leave +Ben`, `June +reveal +` + id, `June +key +June keeper`} {
		if !regexp.MustCompile(line).MatchString(audit) {
			t.Errorf("the audit does not have %q:\n%s", line, audit)
		}
	}
	if strings.Contains(audit, "CANARY") || strings.Contains(audit, "kettle") {
		t.Errorf("the audit has a neighbour's words:\n%s", audit)
	}
}

// TestDiskAlone: with everything that is on the server's disk, and no passphrase, nothing that
// is sealed can be opened: no key is in clear in any file or git object, and no text that looks
// like a passphrase is one. The test finds both where they are planted.
func TestDiskAlone(t *testing.T) {
	t.Parallel()
	dir, _ := filledNet(t)
	must(t, "organizers", "invite", "Ana", "-C", dir)
	if found := opensOnDisk(t, dir); found != "" {
		t.Error(found)
	}
	planted := filepath.Join(dir, "content", "planted.md")
	write(t, planted, "for me: "+string(readFile(t, passphraseFile(dir))))
	if opensOnDisk(t, dir) == "" {
		t.Error("a passphrase that lies on the disk is not found")
	}
	git(t, dir, "add", planted)
	git(t, dir, "rm", "--quiet", "--cached", planted)
	if err := os.Remove(planted); err != nil {
		t.Fatal(err)
	}
	if opensOnDisk(t, dir) == "" {
		t.Error("a passphrase in an object of git that nothing names is not found")
	}
}

var agePrivate = regexp.MustCompile(`(?i)AGE-SECRET-KEY-[0-9A-Z-]+`)

// opensOnDisk tries everything in a folder as a key to what is sealed there.
func opensOnDisk(t *testing.T, dir string) (found string) {
	t.Helper()
	v, err := vault.Open(filepath.Join(dir, "var"))
	if err != nil {
		t.Fatal(err)
	}
	people, err := v.Organizers()
	sealed, _ := filepath.Glob(filepath.Join(dir, "var", "vault", "*.age"))
	if err != nil || len(people) == 0 || len(sealed) == 0 {
		t.Fatal(people, sealed, err)
	}
	keys, tried := "", map[string]bool{}
	for name, src := range everything(t, dir) {
		keys += string(bytes.Join(agePrivate.FindAll(src, -1), []byte("\n"))) + "\n"
		if strings.HasPrefix(name, "var/keys/") { // as the seed of a receipt, whatever it is
			seed, err := vault.Receipt(string(src))
			if err != nil {
				t.Fatal(err)
			}
			keys += seed.String() + "\n"
		}
		for _, six := range sixWords.FindAllString(string(src), -1) {
			if tried[six] {
				continue
			}
			tried[six] = true
			for _, p := range people {
				if _, key, _ := v.Unlock(p.Name, six); key != nil {
					found = "the passphrase of " + p.Name + " is in " + name
				}
			}
		}
	}
	file := filepath.Join(t.TempDir(), "keys.txt")
	write(t, file, keys)
	open, err := vault.KeyFile(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sealed {
		if plain, err := open(readFile(t, f)); plain != nil || err != nil {
			found = fmt.Sprintf("a key on the disk opens %s: %v", filepath.Base(f), err)
		}
	}
	return found
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// everything gives every file of a network, and every object of its repository, unpacked.
func everything(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = src
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "-C", dir, "cat-file", "--batch-all-objects", "--batch", "--unordered")
	if all["every git object"], err = cmd.Output(); err != nil {
		t.Fatal(err)
	}
	return all
}
