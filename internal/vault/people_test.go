package vault_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"

	"potluck/internal/durable"
	"potluck/internal/durable/crash"
	"potluck/internal/site"
	"potluck/internal/vault"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// TestPassphrase: six words of the list, as a person types them, open the key that is kept;
// nothing else does; and the age program can use what is kept.
func TestPassphrase(t *testing.T) {
	v, dir, _, _ := open(t)
	six, err := v.EnterAnew("Ana", site.Keeper)
	if err != nil || len(strings.Split(six, "-")) != 6 {
		t.Fatal(six, err)
	}
	put(t, v)
	for _, typed := range []string{six, strings.ToUpper(six), " " + strings.ReplaceAll(six, "-", "  ") + " ", strings.ReplaceAll(six, "-", ", ")} {
		who, key, err := v.Unlock(" ana", typed)
		if err != nil || key == nil || who.Name != "Ana" || who.Role != site.Keeper {
			t.Fatalf("%q: %v %v", typed, who, err)
		}
		if private, _, err := v.Read("k7m2q9x4ad", key); err != nil || len(private) == 0 {
			t.Errorf("%q opens nothing: %v", typed, err)
		}
	}
	for _, x := range [][2]string{{"Ana", ""}, {"Ana", strings.Join(strings.Split(six, "-")[:5], "-")}, {"June \"J\"", six}, {"nobody", six}, {"", ""}, {"Ana", vault.NewPassphrase()}} {
		if who, key, err := v.Unlock(x[0], x[1]); key != nil || err != nil || who.Name != "" {
			t.Errorf("%q: %v %v", x, who, err)
		}
	}
	program, err := exec.LookPath("age")
	if err != nil {
		t.Skip("age is not installed")
	}
	list, _ := os.ReadFile(filepath.Join(dir, "organizers.toml"))
	_, kept, _ := strings.Cut(string(list), "identity = \"")
	kept, _, _ = strings.Cut(kept, "\"")
	file := filepath.Join(t.TempDir(), "kept.age")
	write(t, file, strings.ReplaceAll(kept, `\n`, "\n"))
	if err := exec.Command(program, "--version").Run(); err != nil {
		t.Fatal(err)
	}
	open, err := vault.KeyFile(file, func() (string, error) { return six, nil }) // age itself asks a terminal
	if err != nil {
		t.Fatal(err)
	}
	if private, _, err := v.Read("k7m2q9x4ad", open); err != nil || len(private) == 0 {
		t.Error(err)
	}
}

// TestWords: at least 2,048 short words, each once.
func TestWords(t *testing.T) {
	src, err := os.ReadFile("words.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Fields(string(src))
	if len(list) < 2048 || !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
		t.Errorf("%d words", len(list))
	}
	for _, w := range list {
		if len(w) < 4 || len(w) > 7 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%q", w)
		}
	}
	seen := map[string]bool{}
	for range 200 {
		seen[vault.NewPassphrase()] = true
	}
	if len(seen) != 200 {
		t.Error("a passphrase came twice")
	}
}

// TestInvite: good once, with the word, in time, and not after five wrong words; the file
// tells nobody how.
func TestInvite(t *testing.T) {
	v, dir, _, _ := open(t)
	who := site.Invite{Name: "Ana", Role: site.AnOrganizer, Until: noon.Add(72 * time.Hour)}
	token, word, err := v.Invite(who)
	if err != nil {
		t.Fatal(err)
	}
	list, _ := os.ReadFile(filepath.Join(dir, "organizers.toml"))
	if strings.Contains(string(list), token) || strings.Contains(string(list), `"`+word+`"`) {
		t.Error("the file has the token or the word")
	}
	got, err := v.Invited(token, noon)
	if err != nil || got.Name != "Ana" || got.Role != site.AnOrganizer {
		t.Fatal(got, err)
	}
	for _, x := range []struct {
		token, word string
		at          time.Time
	}{{"", "", noon}, {token[1:], word, noon}, {token, word, noon.Add(72 * time.Hour)}} {
		if o, six, err := v.Join(x.token, x.word, x.at); o.Name != "" || six != "" || err != nil {
			t.Errorf("%v: %v %q %v", x, o, six, err)
		}
	}
	if o, six, err := v.Join(token, word+"x", noon); o.Name == "" || six != "" || err != nil {
		t.Errorf("a wrong word: %v %q %v", o, six, err)
	}
	o, six, err := v.Join(token, " "+strings.ToUpper(word), noon)
	if err != nil || o.Name != "Ana" || o.Role != site.AnOrganizer {
		t.Fatal(o, err)
	}
	if o, six, err := v.Join(token, word, noon); o.Name != "" || six != "" || err != nil {
		t.Errorf("a second time: %v %q %v", o, six, err)
	}
	if _, key, err := v.Unlock("Ana", six); err != nil || key == nil {
		t.Error("she cannot sign in", err)
	}
	token, word, _ = v.Invite(who)
	for range 5 {
		_, _, _ = v.Join(token, "wrong", noon)
	}
	if o, six, _ := v.Join(token, word, noon); o.Name != "" || six != "" {
		t.Error("after five wrong words it is still good")
	}
	old, oldWord, _ := v.Invite(who)
	_, _, _ = v.Invite(who)
	if o, _, _ := v.Join(old, oldWord, noon); o.Name != "" {
		t.Error("an invitation works beside a later one for the same name")
	}
	if _, key, _ := v.Unlock("Ana", six); key == nil {
		t.Error("an invitation alone took her key away")
	}
}

// TestKeeperStays: there is no way to be without a keeper.
func TestKeeperStays(t *testing.T) {
	v, _, _, _ := open(t)
	robin := organizer(t, v, "Robin")
	robin.Role = site.AnOrganizer
	var refused *vault.Error
	for what, err := range map[string]error{"leave": v.Leave("robin"), "demote": v.Enter(robin)} {
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, name := range []string{"", "a\nb", " x", "<x@example.org>", strings.Repeat("x", 41)} {
		if _, err := v.EnterAnew(name, site.Keeper); !errors.As(err, &refused) {
			t.Errorf("the name %q: %v", name, err)
		}
	}
	if err := v.Leave("nobody"); !errors.As(err, &refused) {
		t.Error(err)
	}
}

// TestRotate: a new passphrase takes nothing away, not even while what is sealed is still sealed
// to the old key; and the key of the only keeper cannot be dropped.
func TestRotate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "var")
	v, err := vault.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	six, err := v.EnterAnew("Ana", site.Keeper)
	if err != nil {
		t.Fatal(err)
	}
	put(t, v)
	var refused *vault.Error
	token, word, _ := v.Invite(site.Invite{Name: "Ana", Role: site.Keeper, Until: noon.Add(time.Hour)})
	_, _, joined := v.Join(token, word, noon)
	_, again := v.EnterAnew("Ana", site.Keeper)
	for what, err := range map[string]error{"invited again": joined, "entered again": again} {
		if !errors.As(err, &refused) {
			t.Errorf("%s, the only key is gone: %v", what, err)
		}
	}
	if renewed, err := v.Rotate("Ana", "not hers"); renewed != "" || err != nil {
		t.Error(renewed, err)
	}
	first := six
	for range 5 {
		renewed, err := v.Rotate("ana", six)
		if err != nil || renewed == "" || renewed == six {
			t.Fatal(renewed, err)
		}
		if _, key, _ := v.Unlock("Ana", six); key != nil {
			t.Error("the old passphrase is still good")
		}
		six = renewed
		_, key, _ := v.Unlock("Ana", six)
		if whole, err := v.SealAnew("k7m2q9x4ad", key); !whole || err != nil {
			t.Fatalf("the old key is lost: %v %v", whole, err)
		}
	}
	list, _ := os.ReadFile(filepath.Join(dir, "organizers.toml"))
	if strings.Contains(string(list), first) || len(list) > 3000 {
		t.Errorf("organizers.toml has %d bytes", len(list))
	}
}

func organizer(t *testing.T, v *vault.Vault, name string) site.Organizer {
	t.Helper()
	list, err := v.Organizers()
	i := slices.IndexFunc(list, func(o site.Organizer) bool { return o.Name == name })
	if err != nil || i < 0 {
		t.Fatalf("%s: %v", name, err)
	}
	return list[i]
}

// filled makes a vault whose item has every sort of file, and gives the keys of the keeper and
// of June, an organizer.
func filled(t *testing.T) (v *vault.Vault, dir string, keeper, june func([]byte) ([]byte, error)) {
	t.Helper()
	v, dir, file, hers := open(t)
	put(t, v)
	for name, words := range map[string]string{"1.question": "when", "1.answer": ""} {
		if err := v.Tell("k7m2q9x4ad", name, []byte(words)); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Note("k7m2q9x4ad", "1", []byte("called her")); err != nil {
		t.Fatal(err)
	}
	return v, dir, key(t, file), key(t, hers)
}

// opens lists which files of the item a key opens.
func opens(t *testing.T, dir string, key func([]byte) ([]byte, error)) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "vault", "k7m2q9x4ad.*age"))
	var names []string
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := key(src)
		if err != nil {
			t.Fatal(err)
		}
		if plain != nil {
			names = append(names, strings.TrimPrefix(filepath.Base(f), "k7m2q9x4ad."))
		}
	}
	return strings.Join(names, " ")
}

const (
	everything = "1.answer.age 1.note.age 1.question.age age org.age"
	allButHers = "1.answer.age 1.note.age 1.question.age org.age" // not the sealed answers
)

// TestSealAnew: who comes can read what was there, who leaves cannot, and the neighbour can
// all the time; the key of an organizer does as much as it can.
func TestSealAnew(t *testing.T) {
	v, dir, keeper, _ := filled(t)
	six, err := v.EnterAnew("Ana", site.Keeper)
	if err != nil {
		t.Fatal(err)
	}
	_, ana, _ := v.Unlock("Ana", six)
	stale := func(want int) {
		t.Helper()
		if ids, err := v.Stale(); err != nil || len(ids) != want {
			t.Errorf("stale: %v, %v", ids, err)
		}
	}
	seal := func(key func([]byte) ([]byte, error), want bool) {
		t.Helper()
		if whole, err := v.SealAnew("k7m2q9x4ad", key); whole != want || err != nil {
			t.Errorf("whole: %v, %v", whole, err)
		}
	}
	stale(1)
	if opens(t, dir, ana) != "" {
		t.Error("she reads before anything was sealed anew")
	}
	seal(ana, false)
	stale(1)
	seal(keeper, true)
	stale(0)
	if got := opens(t, dir, ana); got != everything {
		t.Errorf("the new keeper opens %q", got)
	}
	o := organizer(t, v, "Ana")
	o.Role = site.AnOrganizer
	if err := v.Enter(o); err != nil {
		t.Fatal(err)
	}
	if _, again, _ := v.Unlock("Ana", six); again == nil {
		t.Error("another role took her passphrase away")
	}
	stale(1)
	seal(keeper, true)
	if got := opens(t, dir, ana); got != allButHers {
		t.Errorf("as an organizer she opens %q", got)
	}
	if err := v.Leave("Ana"); err != nil {
		t.Fatal(err)
	}
	seal(keeper, true)
	stale(0)
	if got := opens(t, dir, ana); got != "" {
		t.Errorf("when she has left she opens %q", got)
	}
	put(t, v) // what comes in later
	if got := opens(t, dir, ana); got != "" {
		t.Errorf("of what came in later she opens %q", got)
	}
	if !v.Owns("k7m2q9x4ad", code) {
		t.Error("the code is no longer the item's")
	}
	if words, err := v.Open("k7m2q9x4ad", code); err != nil || len(words) == 0 {
		t.Error("the neighbour cannot read her own words", err)
	}
	if words, err := v.Hear("k7m2q9x4ad", "1.question", code, nil); err != nil || string(words) != "when" {
		t.Error("the neighbour cannot read the question", err)
	}
}

// TestBackAndForth: what is told between two changes that undo each other is not missed.
func TestBackAndForth(t *testing.T) {
	v, dir, keeper, _ := filled(t)
	june := organizer(t, v, "June \"J\"")
	if err := v.Leave(june.Name); err != nil {
		t.Fatal(err)
	}
	if err := v.Tell("k7m2q9x4ad", "2.question", []byte("where")); err != nil {
		t.Fatal(err)
	}
	if err := v.Enter(june); err != nil {
		t.Fatal(err)
	}
	ids, err := v.Stale()
	if err != nil || len(ids) != 1 {
		t.Fatalf("stale: %v %v", ids, err)
	}
	if whole, err := v.SealAnew("k7m2q9x4ad", keeper); !whole || err != nil {
		t.Error(whole, err)
	}
	if got, want := strings.Count(opens(t, dir, keeper), "question"), 2; got != want {
		t.Errorf("%d questions", got)
	}
}

// TestNamedReaders: what is for some keepers alone stays so, whoever comes; and when the last
// of them has left it is said that nobody else can be given it.
func TestNamedReaders(t *testing.T) {
	v, dir, file, _ := open(t)
	robin := key(t, file)
	private, org, record, err := v.Seal(code, []string{"Robin"}, []byte("message = \"it hurt\"\n"), nil)
	if err == nil {
		err = v.Put("k7m2q9x4ad", private, org, record, []string{"Robin"})
	}
	if err != nil {
		t.Fatal(err)
	}
	six, err := v.EnterAnew("Ana", site.Keeper)
	if err != nil {
		t.Fatal(err)
	}
	_, ana, _ := v.Unlock("Ana", six)
	for range 2 {
		if whole, err := v.SealAnew("k7m2q9x4ad", robin); !whole || err != nil {
			t.Fatal(whole, err)
		}
	}
	if got := opens(t, dir, ana); got != "" {
		t.Errorf("another keeper opens %q", got)
	}
	if ids, err := v.Stale(); err != nil || len(ids) != 0 {
		t.Errorf("stale: %v %v", ids, err)
	}
	if err := v.Leave("Robin"); err != nil {
		t.Fatal(err)
	}
	var refused *vault.Error
	if whole, err := v.SealAnew("k7m2q9x4ad", robin); whole || !errors.As(err, &refused) || !strings.Contains(err.Error(), "none of Robin is a keeper") {
		t.Errorf("%v %v", whole, err)
	}
	if words, err := v.Open("k7m2q9x4ad", code); err != nil || len(words) == 0 {
		t.Error("the neighbour cannot read her own words", err)
	}
}

// BenchmarkSealAnew: one item with three files, to five people and the receipt.
func BenchmarkSealAnew(b *testing.B) {
	v, err := vault.Open(filepath.Join(b.TempDir(), "var"))
	if err != nil {
		b.Fatal(err)
	}
	six, err := v.EnterAnew("Robin", site.Keeper)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 4 {
		if _, err := v.EnterAnew(fmt.Sprint("June ", i), site.AnOrganizer); err != nil {
			b.Fatal(err)
		}
	}
	_, robin, err := v.Unlock("Robin", six)
	if err != nil {
		b.Fatal(err)
	}
	private, org, record, err := v.Seal(code, nil, []byte("contact = \"555\"\n"), []byte("needs = [\"ride\"]\n"))
	if err == nil {
		err = v.Put("k7m2q9x4ad", private, org, record, nil)
	}
	if err == nil {
		err = v.Tell("k7m2q9x4ad", "1.question", []byte("when"))
	}
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if whole, err := v.SealAnew("k7m2q9x4ad", robin); !whole || err != nil {
			b.Fatal(whole, err)
		}
	}
}

// BenchmarkUnlock: one try of a passphrase.
func BenchmarkUnlock(b *testing.B) {
	v, err := vault.Open(filepath.Join(b.TempDir(), "var"))
	if err != nil {
		b.Fatal(err)
	}
	six, err := v.EnterAnew("Robin", site.Keeper)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, key, err := v.Unlock("Robin", six); key == nil || err != nil {
			b.Fatal(err)
		}
	}
}

// TestOldRecord: an item of an older potluck, whose record names keys alone, is sealed anew.
func TestOldRecord(t *testing.T) {
	v, dir, keeper, _ := filled(t)
	receipt, _ := vault.Receipt(code)
	write(t, filepath.Join(dir, "vault/k7m2q9x4ad.recipients"), organizer(t, v, "Robin").Recipient+"\n"+receipt.Recipient().String()+"\n")
	if !v.Owns("k7m2q9x4ad", code) {
		t.Error("the receipt is not found")
	}
	if ids, err := v.Stale(); err != nil || len(ids) != 1 {
		t.Errorf("stale: %v %v", ids, err)
	}
	if whole, err := v.SealAnew("k7m2q9x4ad", keeper); !whole || err != nil {
		t.Error(whole, err)
	}
	if ids, err := v.Stale(); err != nil || len(ids) != 0 {
		t.Errorf("stale: %v %v", ids, err)
	}
}

// TestFaults: stopped at any write, sync, rename or sync of a folder, with the disk well
// again or full for good, sealing anew leaves files that somebody who may can open; nobody is
// locked out of the list; and the next try brings it to its end.
func TestFaults(t *testing.T) {
	swept, step := 0, 7
	if os.Getenv("POTLUCK_LONG") != "" {
		step = 1
	}
	for _, sticky := range []bool{false, true} {
		for at := 1; ; at += step {
			v, dir, keeper, june := filled(t)
			hit := crash.FailAt(at, sticky)
			err := change(v, keeper)
			durable.Fault = nil
			if got := opens(t, dir, keeper); got != everything {
				t.Fatalf("fault %d: the keeper opens %q", at, got)
			}
			if list, err := v.Organizers(); err != nil || len(list) == 0 {
				t.Fatalf("fault %d: %v %v", at, list, err)
			}
			if !*hit {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			swept++
			if err != nil {
				err = change(v, keeper)
			}
			if err != nil {
				t.Fatalf("fault %d, the next try: %v", at, err)
			}
			if got := opens(t, dir, june); got != "" {
				t.Fatalf("fault %d: who has left opens %q", at, got)
			}
			if ids, err := v.Stale(); err != nil || len(ids) > 0 {
				t.Fatalf("fault %d: stale: %v %v", at, ids, err)
			}
			if words, err := v.Open("k7m2q9x4ad", code); err != nil || len(words) == 0 {
				t.Fatalf("fault %d: the neighbour cannot read: %v", at, err)
			}
		}
	}
	if swept*step < 40 {
		t.Errorf("only %d points", swept)
	}
	t.Logf("%d fault points", swept)
}

// change takes June out, records it, and seals anew.
func change(v *vault.Vault, keeper func([]byte) ([]byte, error)) error {
	if err := v.Record(site.Audit{When: noon, Who: "Robin", Did: "leave", About: "June"}); err != nil {
		return err
	}
	var refused *vault.Error
	if err := v.Leave("June \"J\""); err != nil && !errors.As(err, &refused) {
		return err
	}
	ids, err := v.Stale()
	for _, id := range ids {
		whole, e := v.SealAnew(id, keeper)
		if err = errors.Join(err, e); !whole && err == nil {
			return errors.New("not whole")
		}
	}
	return err
}

// TestAudit: lines stay, one each, also when several come at once.
func TestAudit(t *testing.T) {
	v, dir, _, _ := open(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := v.Record(site.Audit{When: noon, Who: "Robin", Did: "reveal", About: fmt.Sprint("item", i, "\nforged")}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := v.Record(site.Audit{When: noon, Who: "June", Did: "erase", About: "k7m2q9x4ad"}); err != nil {
		t.Fatal(err)
	}
	list, err := v.Audit()
	if err != nil || len(list) != 9 || list[0].About != "item"+list[0].About[4:5]+" forged" || list[8].Who != "June" || list[8].When != noon {
		t.Errorf("%+v %v", list, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "audit.log")); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

// TestKinds: SSH keys read like age keys, and every wrong kind is named.
func TestKinds(t *testing.T) {
	v, dir, keeper, _ := filled(t)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]any{"Ed": private, "Rae": big} {
		for _, locked := range []bool{false, true} {
			public, file := sshKey(t, k, locked)
			to, err := vault.PublicKey("# hers\n" + public + " ed@machine.example.org\n")
			if err != nil || strings.Contains(to, "machine") {
				t.Fatal(to, err)
			}
			if err := v.Enter(site.Organizer{Name: name, Role: site.Keeper, Recipient: to}); err != nil {
				t.Fatal(err)
			}
			if whole, err := v.SealAnew("k7m2q9x4ad", keeper); !whole || err != nil {
				t.Fatal(whole, err)
			}
			own, err := vault.KeyFile(file, func() (string, error) { return "open sesame", nil })
			if err != nil {
				t.Fatal(err)
			}
			if got := opens(t, dir, own); got != everything {
				t.Errorf("%s opens %q", name, got)
			}
		}
	}
	pq, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	x, _ := age.GenerateX25519Identity()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip("this Go makes no small RSA keys:", err)
	}
	curve, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	smallKey, _ := sshKey(t, small, false)
	curveKey, _ := sshKey(t, curve, false)
	edKey, edFile := sshKey(t, private, false)
	pem, _ := os.ReadFile(edFile)
	for give, want := range map[string]string{
		pq.Recipient().String():     "post-quantum",
		x.String():                  "private key",
		string(pem):                 "private key",
		x.Recipient().String()[:40]: "wrong letter, or only a part",
		"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq": "plugin",
		smallKey:                               "too small",
		curveKey:                               "ecdsa-sha2-nistp256, which can only sign",
		edKey[:30]:                             "wrong letter, or only a part",
		"sk-ssh-ed25519 AAA":                   "can only sign",
		"":                                     "not a public key",
		"june@example.org":                     "not a public key",
		"-----BEGIN PGP PUBLIC KEY BLOCK-----": "not a public key",
	} {
		_, err := vault.PublicKey(give)
		var refused *vault.Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) || refused.Hint() == "" {
			t.Errorf("%.40q: %v; want %q", give, err, want)
		}
		if strings.Contains(fmt.Sprint(err), x.String()) {
			t.Error("the error shows a private key")
		}
	}
	file := filepath.Join(t.TempDir(), "f")
	for give, want := range map[string]string{x.Recipient().String(): "a public key", edKey: "a public key", "nothing": "no key", "": "no key"} {
		write(t, file, give+"\n")
		if _, err := vault.KeyFile(file, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q as a key file: %v", give, err)
		}
	}
}

func sshKey(t *testing.T, private any, locked bool) (public, file string) {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(private, "")
	if locked {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte("open sesame"))
	}
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "id")
	write(t, file, string(pem.EncodeToMemory(block)))
	return string(bytes.TrimSpace(ssh.MarshalAuthorizedKey(signer.PublicKey()))), file
}
