package vault_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"filippo.io/age"

	"potluck/internal/durable"
	"potluck/internal/site"
	"potluck/internal/vault"
)

const code = "0123456789ABCDEFGHJK"

// open makes a vault with a keeper and an organizer, and gives their key files.
func open(t *testing.T) (v *vault.Vault, dir, keeper, organizer string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "var")
	v, err := vault.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	keeper = filepath.Join(dir, "keys", "keeper.txt")
	own, err := vault.NewKeyFile(keeper)
	if err == nil {
		err = v.Enter(site.Organizer{Name: "Robin", Role: site.Keeper, Recipient: own})
	}
	if err != nil {
		t.Fatal(err)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	organizer = filepath.Join(t.TempDir(), "organizer.txt")
	write(t, organizer, "# mine\n"+id.String()+"\n")
	list := filepath.Join(dir, "organizers.toml")
	old, _ := os.ReadFile(list)
	write(t, list, string(old)+"# June\n[[organizer]]\nname = \"June \\\"J\\\"\"\nrole = \"organizer\"\nrecipient = \""+id.Recipient().String()+"\"\n")
	return v, dir, keeper, organizer
}

func key(t *testing.T, file string) func([]byte) ([]byte, error) {
	t.Helper()
	open, err := vault.KeyFile(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return open
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, v *vault.Vault) {
	t.Helper()
	private, org, recipients, err := v.Seal(code, nil, []byte("contact = \"555\"\n"), []byte("needs = [\"ride\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // putting again does no harm
		if err := v.Put("k7m2q9x4ad", private, org, recipients, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhoReads: a keeper opens both files, an organizer one, anyone else none.
func TestWhoReads(t *testing.T) {
	v, dir, keeper, organizer := open(t)
	put(t, v)
	private, org, err := v.Read("k7m2q9x4ad", key(t, keeper))
	if err != nil || string(private) != "contact = \"555\"\n" || string(org) != "needs = [\"ride\"]\n" {
		t.Errorf("the keeper reads %q and %q: %v", private, org, err)
	}
	private, org, err = v.Read("k7m2q9x4ad", key(t, organizer))
	if err != nil || private != nil || string(org) != "needs = [\"ride\"]\n" {
		t.Errorf("the organizer reads %q and %q: %v", private, org, err)
	}
	stranger, _ := age.GenerateX25519Identity()
	other := filepath.Join(t.TempDir(), "other.txt")
	write(t, other, stranger.String()+"\n")
	var refused *vault.Error
	if _, _, err = v.Read("k7m2q9x4ad", key(t, other)); !errors.As(err, &refused) || refused.Hint() == "" {
		t.Errorf("a stranger's key: %v", err)
	}
	if _, _, err = v.Read("nosuchitem", key(t, keeper)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an item that is not there: %v", err)
	}
	list, _ := os.ReadFile(filepath.Join(dir, "vault/k7m2q9x4ad.recipients"))
	receipt, _ := vault.Receipt(code)
	if lines := strings.Split(string(list), "\n"); len(lines) != 5 || !strings.HasPrefix(lines[1], "keeper age1") || !strings.HasPrefix(lines[2], "organizer age1") || lines[3] != "receipt "+receipt.Recipient().String() {
		t.Errorf("recipients: %q", list)
	}
}

// TestStockAge: the age program opens the file with the keeper's key, and with the
// key of the receipt's code.
func TestStockAge(t *testing.T) {
	program, err := exec.LookPath("age")
	if err != nil {
		t.Skip("age is not installed")
	}
	v, dir, keeper, _ := open(t)
	put(t, v)
	receipt, err := vault.Receipt(code)
	if err != nil {
		t.Fatal(err)
	}
	receiptFile := filepath.Join(t.TempDir(), "receipt.txt")
	write(t, receiptFile, receipt.String()+"\n")
	for _, key := range []string{keeper, receiptFile} {
		out, err := exec.Command(program, "-d", "-i", key, filepath.Join(dir, "vault/k7m2q9x4ad.age")).CombinedOutput()
		if err != nil || string(out) != "contact = \"555\"\n" {
			t.Errorf("age -d: %s %v", out, err)
		}
	}
}

// TestClosed: nobody else on the machine can read the folder.
func TestClosed(t *testing.T) {
	v, dir, _, _ := open(t)
	put(t, v)
	if _, err := v.ServerKey(); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		info, _ := d.Info()
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestServerKey(t *testing.T) {
	v, dir, _, _ := open(t)
	keys := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() { keys[i], _ = v.ServerKey() })
	}
	wg.Wait()
	for _, k := range keys {
		if len(k) != 32 || !bytes.Equal(k, keys[0]) || bytes.Equal(k, make([]byte, 32)) {
			t.Fatalf("keys differ: %x", keys)
		}
	}
	write(t, filepath.Join(dir, "keys/server.key"), "short")
	if _, err := v.ServerKey(); err == nil {
		t.Error("a damaged key was taken")
	}
}

// TestKeeperOnce: a second call keeps the key, and completes what was stopped.
func TestKeeperOnce(t *testing.T) {
	v, dir, keeper, _ := open(t)
	before, _ := os.ReadFile(keeper)
	if err := os.Remove(filepath.Join(dir, "organizers.toml")); err != nil {
		t.Fatal(err)
	}
	if err := v.Ready(nil); !errors.Is(err, vault.ErrNoKeeper) {
		t.Errorf("without a keeper: %v", err)
	}
	if _, _, _, err := v.Seal(code, nil, nil, nil); !errors.Is(err, vault.ErrNoKeeper) {
		t.Errorf("sealed for nobody: %v", err)
	}
	if _, err := vault.NewKeyFile(keeper); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a key file over another: %v", err)
	}
	if after, _ := os.ReadFile(keeper); !bytes.Equal(before, after) {
		t.Error("the key file was changed")
	}
}

// TestOrganizersFile: what cannot be read is named, with its line; nobody is left out.
func TestOrganizersFile(t *testing.T) {
	v, dir, _, _ := open(t)
	for _, bad := range []string{
		"name = \"nobody's\"\n", "[[organizer]]\nrole = \"boss\"\n", "[[organizer]]\nrecipient = \"age1xyz\"\n",
		"[[organizer]]\nrecipient = \"ssh-ed25519 AAAA\"\n", "[organizer]\n", "[[organizer]]\nnick = \"x\"\n", "[[organizer]]\nname = June\n",
	} {
		write(t, filepath.Join(dir, "organizers.toml"), "\n"+bad)
		_, err := v.Organizers()
		var refused *vault.Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "organizers.toml:") || refused.Hint() == "" {
			t.Errorf("%q: %v", bad, err)
		}
		if v.Ready(nil) == nil {
			t.Errorf("%q: ready all the same", bad)
		}
	}
	write(t, filepath.Join(dir, "organizers.toml"), "[[organizer]]\nname = \"June\"\nrole = \"keeper\"\n")
	if err := v.Ready(nil); err == nil || !strings.Contains(err.Error(), "June") {
		t.Errorf("a keeper without a key: %v", err)
	}
}

// TestSpool: a file is there whole or not at all, and the first one stays.
func TestSpool(t *testing.T) {
	v, dir, _, _ := open(t)
	s := v.Spool()
	durable.Fault = func(op, path string) error {
		if op == "write" || op == "link" {
			return syscall.ENOSPC
		}
		return nil
	}
	err := s.Put("aaaa", []byte("words"))
	durable.Fault = nil
	if left, _ := os.ReadDir(filepath.Join(dir, "spool")); !errors.Is(err, syscall.ENOSPC) || len(left) != 0 {
		t.Errorf("disk full: %v, %v is left", err, left)
	}
	write(t, filepath.Join(dir, "spool/bbbb.potluck-x.lock"), "half")
	for _, text := range []string{"first", "second"} {
		if err := s.Put("bbbb", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	ids, err := s.List()
	if data, _ := s.Get("bbbb"); err != nil || len(ids) != 1 || string(data) != "first" {
		t.Errorf("%v %q %v", ids, data, err)
	}
	if _, err := vault.Open(dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "spool")); len(left) != 1 {
		t.Errorf("what a dead process left is still there: %v", left)
	}
	for range 2 {
		if err := s.Remove("bbbb"); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Get("bbbb"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
