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
//
// Rules. go-git decodes objects and nothing else; whatever is written under .git goes through
// durable and git's own lock files, so that git may be at work at the same moment. Objects are on
// disk before a ref names them. Every change may be stopped at any point and made again: the second
// time completes it, and one commit results. Where main is checked out, a change is first written
// to the working tree, then to the index, then to main, and only if nobody's unsaved edit is in the
// way. Changes to one repository are made one at a time, across processes.
package repo

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Main is the branch that is public.
const Main = "refs/heads/main"

// Hash names a git object; the zero Hash names none.
type Hash = plumbing.Hash

// ParseHash reads 40 hexadecimal digits; anything else is the zero Hash.
func ParseHash(s string) Hash { return plumbing.NewHash(s) }

// What callers may ask errors.Is for. Each comes inside an Error, with its circumstances and a hint.
var (
	ErrNoRepo     = errors.New("no git repository")
	ErrNoCommit   = errors.New("the branch main has no commit yet")
	ErrNotFound   = errors.New("not in the repository")
	ErrBusy       = errors.New("another potluck is at work on this repository")
	ErrMoved      = errors.New("changed by someone else in the meantime")
	ErrExists     = errors.New("already there, with other contents")
	ErrUnsaved    = errors.New("the file has unsaved edits")
	ErrInProgress = errors.New("git is in the middle of something")
	ErrFormat     = errors.New("this kind of repository is not supported")
)

// Error is a refusal: which of the above, about what, and the way out.
type Error struct {
	Err    error
	Detail string // a path, a ref, a program's words
	Way    string
}

func (e *Error) Error() string { return e.Err.Error() + ": " + e.Detail }
func (e *Error) Unwrap() error { return e.Err }

// Hint is one sentence on what to do.
func (e *Error) Hint() string { return e.Way }

// Signature is who made a commit. An Email left out becomes one that cannot receive mail.
type Signature struct{ Name, Email string }

// Trailer is one "Key: value" line at the end of a commit message.
type Trailer struct{ Key, Value string }

// Repo is one repository. It is safe for concurrent use.
type Repo struct{}

// Open opens the repository of the network folder dir: dir/.git, or dir itself when it is bare.
// ErrNoRepo when there is none, ErrFormat when it is one we cannot read (SHA-256).
func Open(dir string) (*Repo, error) { return nil, errors.ErrUnsupported }

// Init makes dir/.git, or dir itself as a bare repository, with an empty branch main, and opens it.
// A repository that is there already is opened as it is.
func Init(dir string, bare bool) (*Repo, error) { return nil, errors.ErrUnsupported }

// Dir is the git folder: dir/.git, or dir when bare.
func (r *Repo) Dir() string { return "" }

// Bare says that there is no working tree.
func (r *Repo) Bare() bool { return false }

// Identity is user.name and user.email of the repository's own config; false without a name.
func (r *Repo) Identity() (Signature, bool) { return Signature{}, false }

// LockHandler makes the caller the one handler of the repository until release, or ErrBusy.
func (r *Repo) LockHandler() (release func(), err error) { return nil, errors.ErrUnsupported }

// Head is main's newest commit, or ErrNoCommit.
func (r *Repo) Head() (Hash, error) { return Hash{}, errors.ErrUnsupported }

// Ref is what the full ref name points at, or ErrNotFound.
func (r *Repo) Ref(name string) (Hash, error) { return Hash{}, errors.ErrUnsupported }

// Refs lists the refs whose full names start with prefix ("refs/potluck/inbox/").
func (r *Repo) Refs(prefix string) (map[string]Hash, error) { return nil, errors.ErrUnsupported }

// Resolve turns a revision into a commit: HEAD, a full hash, a full ref name, a branch or a tag.
func (r *Repo) Resolve(rev string) (Hash, error) { return Hash{}, errors.ErrUnsupported }

// FS is the tree of a revision, read-only. It implements fs.ReadDirFS, fs.ReadFileFS and fs.StatFS
// and is safe for concurrent use. Files carry the time of the commit; symbolic links are listed as
// such and cannot be opened; submodules are left out.
func (r *Repo) FS(rev string) (fs.FS, error) { return nil, errors.ErrUnsupported }

// ReadAt is the file at path in the revision, or an error that is fs.ErrNotExist.
func (r *Repo) ReadAt(rev, path string) ([]byte, error) { return nil, errors.ErrUnsupported }

// Entry is one commit as a log tells it.
type Entry struct {
	Hash, Parent Hash // Parent is the first one
	Author       Signature
	When         time.Time
	Subject      string
	Message      string // whole, trailers included
	Trailers     []Trailer
}

// Log gives the commits of a revision, newest first, along first parents.
func (r *Repo) Log(rev string) iter.Seq2[Entry, error] { return nil }

// Record is the log of an item's ref, newest first, down to the commit that proposed it.
func (r *Repo) Record(ref string) ([]Entry, error) { return nil, errors.ErrUnsupported }

// History tells for every file of rev whose path starts with prefix which commit changed it last,
// along first parents.
func (r *Repo) History(rev, prefix string) (map[string]Entry, error) {
	return nil, errors.ErrUnsupported
}

// Proposal is one submission: a file that waits beside main.
type Proposal struct {
	Ref      string // to be made; success without a change when it is there already
	Unless   string // another ref that, when it is there, means the same: the item has moved on
	Path     string
	Data     []byte
	Message  string
	Author   Signature
	When     time.Time
	Trailers []Trailer
}

// Propose makes the commit and its ref, durable on return. ErrNoCommit when main is empty.
func (r *Repo) Propose(ctx context.Context, p Proposal) (Hash, error) {
	return Hash{}, errors.ErrUnsupported
}

// ProposeAll is Propose for a batch (up to 64 is sensible) at the price of one. After an error none,
// some or all of the refs are there; doing it again is safe.
func (r *Repo) ProposeAll(ctx context.Context, ps []Proposal) ([]Hash, error) {
	return nil, errors.ErrUnsupported
}

// Change is one commit to be made.
type Change struct {
	Ref      string            // "" is Main
	Old      Hash              // when set, the ref must point here, else ErrMoved
	Files    map[string][]byte // path to contents; nil removes the file
	Expect   map[string]Hash   // path to the blob that must be there now (see BlobHash), zero for none; else ErrMoved
	Message  string
	Author   Signature // and committer
	When     time.Time
	Trailers []Trailer
}

// BlobHash is the hash of a file with these contents.
func BlobHash(data []byte) Hash { return plumbing.ComputeHash(plumbing.BlobObject, data) }

// Commit puts a change onto a branch or an item's ref and returns where that points then. A change
// of files that are all as wanted makes no commit, but completes what an earlier try left undone in
// the working tree; a change without files makes an empty commit, to carry trailers.
// ErrUnsaved, ErrInProgress, ErrMoved, ErrBusy.
func (r *Repo) Commit(ctx context.Context, c Change) (Hash, error) {
	return Hash{}, errors.ErrUnsupported
}

// MoveRef gives what from points at the name to, and removes from. Without from and with to it is
// done already; ErrExists when to points elsewhere; ErrNotFound when there is neither.
func (r *Repo) MoveRef(ctx context.Context, from, to string) error { return errors.ErrUnsupported }

// DeleteRef removes a ref, loose or packed, if it points at old (or anywhere, when old is zero).
func (r *Repo) DeleteRef(ctx context.Context, name string, old Hash) error {
	return errors.ErrUnsupported
}
