package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potluck/internal/intake"
	"potluck/internal/repo"
	"potluck/internal/site"
	"potluck/internal/vault"
)

// openBench makes a network in git with a keeper, without the program around it.
func openBench(t *testing.T) (*network, *intake.Service) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "net")
	r, err := repo.Init(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		".gitignore": []byte("/var/\n"), "content/index.md": []byte("+++\ntitle = \"Home\"\n+++\n"),
		"site.toml": []byte("title = \"Riverside\"\n[taxonomy.category]\nvalues = [\"food\"]\n[taxonomy.area]\nvalues = [\"harbor\"]\n"),
	}
	if _, err := r.Commit(t.Context(), repo.Change{Files: files, Message: "start", Author: repo.Signature{Name: "Robin"}, When: time.Now()}); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(dir, "var"))
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := vault.NewKeyFile(filepath.Join(dir, "var", "keys", "keeper.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Enter(site.Organizer{Name: "Robin", Role: site.Keeper, Recipient: recipient}); err != nil {
		t.Fatal(err)
	}
	n, err := openAt(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	svc, err := openIntake(n)
	if err != nil {
		t.Fatal(err)
	}
	return n, svc
}

func submitTo(t *testing.T, n *network, svc *intake.Service, title string) *intake.Receipt {
	t.Helper()
	v := request(title)
	v.Set("notes", "CANARY-sealed")
	v.Set("name", "CANARY-name")
	v["needs"] = []string{"interpreter"}
	d, faults := svc.Check(n.cfg().Kind("request"), v)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	r, err := svc.Submit(d, svc.Ticket("", svc.Now().Add(-time.Minute)), false)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestIntakeInGit: an item's whole way through a real repository, each step made
// twice, and not a private word in any object.
func TestIntakeInGit(t *testing.T) {
	n, svc := openBench(t)
	ctx, june := t.Context(), intake.Person{Name: "June"}
	a, b := submitTo(t, n, svc, "A kettle"), submitTo(t, n, svc, "Buy watches")
	spooled, err := os.ReadFile(n.path("var", "spool", a.ID))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := svc.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(n.path("var", "spool", a.ID), spooled, 0o600); err != nil { // as after a kill
			t.Fatal(err)
		}
	}
	if err := svc.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	items, err := svc.List()
	if err != nil || len(items) != 2 || items[0].State != intake.Waiting || items[0].Page.Title == "" {
		t.Fatalf("%v %v", items, err)
	}
	key, err := vault.KeyFile(n.path("var", "keys", "keeper.txt"), nil)
	if err != nil {
		t.Fatal(err)
	}
	it, err := svc.Show(a.Reference, key)
	if err != nil || !strings.Contains(string(it.Sealed), "CANARY-sealed") || string(it.Organizers) != "needs = [\"interpreter\"]\n" {
		t.Fatalf("%+v %v", it, err)
	}
	log := git(t, n.dir, "log", "-1", "--format=%an <%ae> %s%n%b", "refs/potluck/inbox/"+a.ID)
	if want := "potluck <handler@potluck.invalid> intake: a request waits (" + a.ID + ")\nProposes: " + it.Path + "\nState: waiting"; log != want {
		t.Errorf("the proposal:\n%s\nnot\n%s", log, want)
	}
	if _, err := svc.Publish(ctx, a.ID, june); err != nil {
		t.Fatal(err)
	}
	if _, err := svc.Decline(ctx, b.ID, "spam", june); err != nil {
		t.Fatal(err)
	}
	log = git(t, n.dir, "log", "-1", "--format=%an|%cn|%s|%b", "main")
	if want := fmt.Sprintf("June|June|publish request %s: %s|State: open\nItem: %s", a.ID, it.Page.Title, a.ID); log != want {
		t.Errorf("main: %s", log)
	}
	log = git(t, n.dir, "log", "-1", "--format=%an|%s|%b", "refs/potluck/done/"+b.ID)
	if want := fmt.Sprintf("June|decline request %s|State: closed\nReason: spam", b.ID); log != want {
		t.Errorf("declined: %s", log)
	}
	for _, id := range []string{a.ID, b.ID} {
		if _, err := svc.Publish(ctx, id, june); err == nil {
			t.Error("decided twice")
		}
	}
	if err := os.WriteFile(n.path("var", "spool", a.ID), spooled, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := svc.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if refs := git(t, n.dir, "for-each-ref", "refs/potluck", "--format=%(refname)"); strings.Contains(refs, "inbox") || strings.Count(refs, "\n") != 1 {
		t.Errorf("refs:\n%s", refs)
	}
	objects := git(t, n.dir, "cat-file", "--batch-all-objects", "--batch")
	if !strings.Contains(objects, "A kettle") || strings.Contains(objects, "CANARY") || strings.Contains(objects, "555-0142") || strings.Contains(objects, "interpreter") {
		t.Error("git has private words, or not the public ones")
	}
	sound(t, n.dir)
}
