package repo

import "errors"

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
	ErrDiverged   = errors.New("changed here and at the remote, each in its own way")
	ErrNoName     = errors.New("no name to sign with")
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
