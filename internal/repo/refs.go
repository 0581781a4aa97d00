package repo

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// packedRefs is what .git/packed-refs said when it was the file info describes.
type packedRefs struct {
	info fs.FileInfo
	refs map[string]Hash
}

// Head is main's newest commit, or ErrNoCommit.
func (r *Repo) Head() (Hash, error) {
	h, err := r.Ref(Main)
	if errors.Is(err, ErrNotFound) {
		return h, &Error{ErrNoCommit, r.dir, `commit the network's files first: git add . && git commit -m "first"`}
	}
	return h, err
}

// Ref is what the full ref name points at, or ErrNotFound.
func (r *Repo) Ref(name string) (Hash, error) {
	for range 5 {
		h, next, err := r.looseRef(name)
		if errors.Is(err, fs.ErrNotExist) {
			return r.packedRef(name)
		}
		if err != nil || next == "" {
			return h, err
		}
		name = next
	}
	return Hash{}, &Error{ErrNotFound, name, "a ref that points at itself: see .git/HEAD"}
}

// looseRef reads one ref file; next is the ref it stands for, when it is symbolic.
func (r *Repo) looseRef(name string) (h Hash, next string, err error) {
	raw, err := os.ReadFile(r.path(name))
	if err != nil {
		if info, e := os.Stat(r.path(name)); e == nil && info.IsDir() {
			err = fs.ErrNotExist
		}
		return h, "", err
	}
	text := strings.TrimSpace(string(raw))
	if next, ok := strings.CutPrefix(text, "ref: "); ok {
		return h, next, nil
	}
	if h = ParseHash(text); h.IsZero() {
		return h, "", &Error{ErrNotFound, name + " is broken", "see what git fsck says"}
	}
	return h, "", nil
}

func (r *Repo) packedRef(name string) (Hash, error) {
	refs, err := r.packedRefs()
	if h, ok := refs[name]; ok {
		return h, nil
	}
	if err != nil {
		return Hash{}, err
	}
	return Hash{}, &Error{ErrNotFound, name, "git for-each-ref lists what there is"}
}

// packedRefs is read again when the file is another one: git and we only ever rename over it.
func (r *Repo) packedRefs() (map[string]Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(r.path("packed-refs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil || sameVersion(r.packed.info, info) {
		return r.packed.refs, err
	}
	raw, err := os.ReadFile(r.path("packed-refs"))
	if err != nil {
		return nil, err
	}
	refs := map[string]Hash{}
	for line := range strings.Lines(string(raw)) {
		if hash, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok && len(hash) == 40 {
			refs[name] = ParseHash(hash)
		}
	}
	r.packed = packedRefs{info, refs}
	return refs, nil
}

func sameVersion(a, b fs.FileInfo) bool {
	return a != nil && os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// Refs lists the refs whose full names start with prefix ("refs/potluck/inbox/").
func (r *Repo) Refs(prefix string) (map[string]Hash, error) {
	found := map[string]Hash{}
	top, _ := path.Split(prefix)
	if !strings.HasPrefix(top, "refs/") {
		top = "refs/"
	}
	err := filepath.WalkDir(r.path(top), func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && (d.IsDir() || strings.HasSuffix(p, ".lock")) {
			return nil
		}
		name := filepath.ToSlash(strings.TrimPrefix(p, r.dir+string(filepath.Separator)))
		if !strings.HasPrefix(name, prefix) {
			return err
		}
		if h, e := r.Ref(name); e == nil {
			found[name] = h
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	// Packed ones last: git packs a ref before it removes the loose one.
	packed, err := r.packedRefs()
	for name, h := range packed {
		if _, loose := found[name]; !loose && strings.HasPrefix(name, prefix) {
			found[name] = h
		}
	}
	return found, err
}

// Resolve turns a revision into a commit: HEAD, a full hash, a full ref name, a branch or a tag.
func (r *Repo) Resolve(rev string) (Hash, error) {
	if h := ParseHash(rev); len(rev) == 40 && !h.IsZero() {
		return h, nil
	}
	for _, name := range []string{rev, "refs/heads/" + rev, "refs/tags/" + rev, "refs/remotes/" + rev} {
		if name != "HEAD" && okRef(name) != nil {
			continue
		}
		if h, err := r.Ref(name); err == nil {
			return r.read.peel(h)
		}
	}
	return Hash{}, &Error{ErrNotFound, rev, "name a branch, a tag, or a full commit hash"}
}

// okRef says whether name is a full ref name that git accepts (git-check-ref-format) and that
// stays within refs/.
func okRef(name string) error {
	bad := !strings.HasPrefix(name, "refs/") || !fs.ValidPath(name) || strings.ContainsAny(name, " ~^:?*[\\\x7f") ||
		strings.Contains(name, "..") || strings.Contains(name, "@{") || strings.HasSuffix(name, ".")
	for part := range strings.SplitSeq(name, "/") {
		bad = bad || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock")
	}
	for _, c := range name {
		bad = bad || c < ' '
	}
	if bad {
		return &Error{ErrNotFound, "the ref name " + name, "use letters, digits and dashes"}
	}
	return nil
}
