package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bareNet makes a small network whose repository is bare, as on a server.
func bareNet(t testing.TB) string {
	t.Helper()
	dir := newNet(t)
	bare := filepath.Join(t.TempDir(), "net.git")
	git(t, dir, "clone", "-q", "--bare", dir, bare)
	if err := os.CopyFS(filepath.Join(bare, "var"), os.DirFS(filepath.Join(dir, "var"))); err != nil {
		t.Fatal(err)
	}
	return bare
}

// TestPublishWithGitAlone: an organizer fetches what waits, puts it on main with git and no
// other tool, edited or not, and pushes. Site, inbox, record and the neighbour's page say so.
func TestPublishWithGitAlone(t *testing.T) {
	t.Parallel()
	bare := bareNet(t)
	r := start(t, "serve", "-C", bare)
	clone := filepath.Join(t.TempDir(), "clone")
	git(t, bare, "clone", "-q", bare, clone)
	for _, way := range []string{"cherry-pick", "merge --no-edit --no-ff"} {
		title := "A kettle by " + way
		ref, a, err := r.submit("request", request(title))
		if err != nil || ref == "" {
			t.Fatal(err)
		}
		code := codeForm.FindString(a.body)
		id := waits(t, bare, title)
		done := "refs/potluck/done/" + id
		git(t, clone, "fetch", "-q", "origin", "refs/potluck/inbox/*:refs/potluck/inbox/*")
		git(t, clone, append(strings.Fields(way), "refs/potluck/inbox/"+id)...)
		file := strings.TrimPrefix(git(t, clone, "ls-files", "*"+id+".md"), "content/")
		git(t, clone, "push", "-q", "origin", "main")
		page := "/" + strings.TrimSuffix(file, ".md") + "/"
		eventually(t, "it is on the site", func() bool { return r.get(page).status == 200 })
		eventually(t, "its ref is done", func() bool { return strings.Contains(git(t, bare, "for-each-ref", "refs/potluck"), done) })
		if got := git(t, bare, "log", "-1", "--format=%an|%s|%(trailers:key=State,valueonly,separator=%x2C)", done); got != "potluck|note that request "+id+" is open|open" {
			t.Errorf("the record: %s", got)
		}
		if len(inbox(t, bare)) != 0 {
			t.Error("it still waits")
		}
		shows(t, r.mine(code, ""), "It is on the site.", page)

		v := request("A kettle and two cups")
		v["_code"], v["_do"], v["_words"] = []string{code}, []string{"correct"}, []string{"yes"}
		if a, err := r.post("/mine/", v); err != nil || a.status != 200 {
			t.Fatal(err, a.status)
		}
		git(t, clone, "fetch", "-q", "origin", "+refs/potluck/inbox/*:refs/potluck/inbox/*")
		git(t, clone, append(strings.Fields(way), "refs/potluck/inbox/"+id)...)
		git(t, clone, "push", "-q", "origin", "main")
		eventually(t, "the correction is on the site", func() bool { return strings.Contains(r.get(page).body, "two cups") })
		eventually(t, "the correction is accepted", func() bool { return strings.Contains(git(t, bare, "for-each-ref", "refs/potluck"), done) })
		shows(t, r.mine(code, ""), "-You changed the words.")

		git(t, clone, "rm", "-q", "content/"+file)
		git(t, clone, "commit", "-qm", "the kettle is found")
		git(t, clone, "push", "-q", "origin", "main")
		eventually(t, "the record says that it is over", func() bool {
			return strings.Contains(git(t, bare, "log", "-1", "--format=%B", done), "State: closed\nReason: withdrawn")
		})
		shows(t, r.mine(code, ""), "It is over.")
	}
	r.stop()
	git(t, bare, "fsck", "--strict")
	if said := r.output(); strings.Contains(said, "potluck: error") {
		t.Errorf("it printed:\n%s", said)
	}
}

// waits gives the ID of what waits with this title, once it is in git.
func waits(t testing.TB, dir, title string) (id string) {
	t.Helper()
	eventually(t, title+" waits in git", func() bool {
		ids := inbox(t, dir)[title]
		if len(ids) == 1 {
			id = ids[0]
		}
		return id != "" && strings.Contains(git(t, dir, "for-each-ref", "refs/potluck/inbox"), id)
	})
	return id
}

// TestCommitInCheckout: where main is checked out, an organizer's own commit of an item's
// page is noticed as well.
func TestCommitInCheckout(t *testing.T) {
	t.Parallel()
	dir := newNet(t)
	r := start(t, "serve", "-C", dir)
	if ref, _, err := r.submit("request", request("A pram")); err != nil || ref == "" {
		t.Fatal(err)
	}
	id := waits(t, dir, "A pram")
	git(t, dir, "cherry-pick", "refs/potluck/inbox/"+id)
	eventually(t, "its ref is done", func() bool {
		return git(t, dir, "for-each-ref", "--format=%(refname)", "refs/potluck") == "refs/potluck/done/"+id
	})
	eventually(t, "it is on the site", func() bool { return strings.Contains(r.get("/requests/").body, "A pram") })
	git(t, dir, "reset", "-q", "--hard", "HEAD~1")
	eventually(t, "it waits again, since main's history has no page of it", func() bool {
		return git(t, dir, "for-each-ref", "--format=%(refname)", "refs/potluck") == "refs/potluck/inbox/"+id
	})
	must(t, "inbox", "publish", "-C", dir, "-as", "June", id)
	sound(t, dir)
}
