// Package repo is the git repository of a network: what was published, and what waits.
//
// main holds what is public. refs/potluck/inbox/ID holds one submission each: a commit whose parent
// is main's head of that moment and whose tree is main's plus one file; further commits on that ref
// are the item's record, told in trailers. Publishing is a new commit on main by the organizer.
//
//	r, err := repo.Open(dir)                     // dir/.git, or dir itself when it is bare
//	fsys, err := r.FS("main")                    // a revision as files
//	hash, err := r.Propose(ctx, repo.Proposal{   // a submission, durable on return
//		Ref: "refs/potluck/inbox/7f3a", Path: "content/requests/2026/11/7f3a.md", ...})
//	hash, err = r.Commit(ctx, repo.Change{Files: map[string][]byte{path: page}, ...})
//	err = r.MoveRef(ctx, "refs/potluck/inbox/7f3a", "refs/potluck/done/7f3a")
//	err = r.Sync(ctx, repo.Remote{URL: "git@git.example.org:net.git"})  // main, there and here
//
// Rules. go-git decodes objects, and speaks to remotes where there is no git program; whatever is written under .git goes through
// durable and git's own lock files, so that git may be at work at the same moment. Objects are on
// disk before a ref names them. Every change may be stopped at any point and made again: the second
// time completes it, and one commit results. Where main is checked out, a change is first written
// to the working tree, then to the index, then to main, and only if nobody's unsaved edit is in the
// way. Changes to one repository are made one at a time, across processes. A remote has main and
// nothing else of ours; it is never waited for by a change.
package repo

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"potluck/internal/durable"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/config"
)

// Main is the branch that is public.
const Main = "refs/heads/main"

// Hash names a git object; the zero Hash names none.
type Hash = plumbing.Hash

// ParseHash reads 40 hexadecimal digits; anything else is the zero Hash.
func ParseHash(s string) Hash { return plumbing.NewHash(s) }

// Repo is one repository. It is safe for concurrent use.
type Repo struct {
	dir    string // the git folder
	work   string // the working tree, "" when bare
	config *config.Config
	read   *objects // for readers
	base   *objects // for the writer, who holds gate
	gate   chan struct{}
	swept  bool

	mu     sync.Mutex
	packed packedRefs
}

// Open opens the repository of the network folder dir: dir/.git, or dir itself when it is bare.
// ErrNoRepo when there is none, ErrFormat when it is of a kind we cannot read.
func Open(dir string) (*Repo, error) {
	r := &Repo{dir: filepath.Join(dir, ".git"), work: dir, gate: make(chan struct{}, 1)}
	if info, err := os.Stat(r.dir); err == nil && !info.IsDir() {
		return nil, &Error{ErrFormat, dir + " is a linked worktree or a submodule", "use the folder that holds the .git folder"}
	}
	if !isGit(r.dir) {
		r.dir, r.work = dir, ""
	}
	if !isGit(r.dir) {
		return nil, &Error{ErrNoRepo, dir, "run git init -b main in that folder"}
	}
	r.read, r.base = openObjects(r.dir), openObjects(r.dir)
	return r, r.readConfig()
}

func isGit(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// readConfig also refuses extensions, which are a promise to read a repository in another way.
func (r *Repo) readConfig() error {
	raw, err := os.ReadFile(r.path("config"))
	if err != nil {
		return err
	}
	r.config = config.New()
	if err := config.NewDecoder(bytes.NewReader(raw)).Decode(r.config); err != nil {
		return &Error{ErrFormat, r.path("config") + ": " + err.Error(), "see what git config --list says"}
	}
	for _, o := range r.config.Section("extensions").Options {
		switch strings.ToLower(o.Key + "=" + o.Value) {
		case "objectformat=sha1", "refstorage=files", "worktreeconfig=true", "worktreeconfig=false", "noop=true":
		default:
			return &Error{ErrFormat, "extensions." + o.Key + " = " + o.Value, "use a repository made by git init with its defaults"}
		}
	}
	return nil
}

// Init makes dir/.git, or dir itself as a bare repository, with an empty branch main, and opens it.
// A repository that is there already is opened as it is.
func Init(dir string, bare bool) (*Repo, error) {
	git, flag := filepath.Join(dir, ".git"), "false"
	if bare {
		git, flag = dir, "true"
	}
	if isGit(git) {
		return Open(dir)
	}
	for _, sub := range []string{"objects/info", "objects/pack", "refs/heads", "refs/tags"} {
		if err := durable.MkdirAll(filepath.Join(git, sub), 0o755); err != nil {
			return nil, err
		}
	}
	// With fsync = all, what an organizer commits with git is on disk too.
	conf := "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = " + flag + "\n\tfsync = all\n"
	if err := durable.WriteFile(filepath.Join(git, "config"), []byte(conf), 0o644); err != nil {
		return nil, err
	}
	if err := durable.WriteFile(filepath.Join(git, "HEAD"), []byte("ref: "+Main+"\n"), 0o644); err != nil {
		return nil, err
	}
	return Open(dir)
}

// Dir is the git folder: dir/.git, or dir when bare.
func (r *Repo) Dir() string { return r.dir }

// Bare says that there is no working tree.
func (r *Repo) Bare() bool { return r.work == "" }

// Identity is user.name and user.email of the repository's own config, as it was when opened;
// false without a name.
func (r *Repo) Identity() (Signature, bool) {
	user := r.config.Section("user")
	s := Signature{user.Option("name"), user.Option("email")}
	return s, s.Name != ""
}

func (r *Repo) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }
