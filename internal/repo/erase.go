package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"potluck/internal/durable"
)

// Erase removes refs, and every object that only they needed, wherever git has put it. It needs the
// git program. What it could not finish is written down in the git folder and finished by the next
// Erase, which may be one of no refs. Objects that a branch, a reflog or an index needs stay.
func (r *Repo) Erase(ctx context.Context, refs ...string) error {
	for _, name := range refs {
		if err := okRef(name); err != nil {
			return err
		}
	}
	return r.exclusive(ctx, func(ctx context.Context) error {
		doomed, err := r.doomed(refs)
		if err != nil || len(doomed) == 0 {
			return err
		}
		for _, name := range refs {
			if err := r.deleteRef(ctx, name, Hash{}); err != nil {
				return err
			}
		}
		if err := r.prune(doomed); err != nil {
			return err
		}
		return durable.Remove(r.path("potluck-erase"))
	})
}

// doomed gives the objects that go with refs, and those of earlier tries, and writes them down.
func (r *Repo) doomed(refs []string) ([]string, error) {
	old, err := os.ReadFile(r.path("potluck-erase"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	doomed := strings.Fields(string(old))
	var tips, others []string
	for _, name := range refs {
		h, err := r.Ref(name)
		if err == nil {
			tips, others = append(tips, h.String()), append(others, "--exclude="+name)
		} else if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	if len(tips) == 0 {
		return doomed, nil
	}
	args := append(append(tips, "--not"), append(others, "--all")...)
	more, err := r.reach(args)
	if err != nil {
		return nil, err
	}
	doomed = append(doomed, slices.Collect(maps.Keys(more))...)
	return doomed, durable.WriteFile(r.path("potluck-erase"), []byte(strings.Join(doomed, "\n")+"\n"), 0o600)
}

// prune removes objects, but those that something else needs.
func (r *Repo) prune(doomed []string) error {
	needed, err := r.reach([]string{"--all", "--reflog", "--indexed-objects"})
	if err != nil {
		return err
	}
	doomed = slices.DeleteFunc(doomed, func(h string) bool { return needed[h] || ParseHash(h).IsZero() })
	for _, h := range doomed {
		if err := durable.Remove(r.path("objects/" + h[:2] + "/" + h[2:])); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	packed, err := r.present(doomed)
	if err == nil && len(packed) > 0 {
		_, err = r.git("", "repack", "-a", "-d", "-q")
	}
	for _, cache := range []string{"commit-graph", "commit-graphs"} { // they name commits that are gone; git makes them anew
		err = errors.Join(err, os.RemoveAll(r.path("objects/info/"+cache)))
	}
	return err
}

// reach lists the objects that rev-list finds.
func (r *Repo) reach(args []string) (map[string]bool, error) {
	out, err := r.git("", append([]string{"rev-list", "--objects"}, args...)...)
	found := map[string]bool{}
	for line := range bytes.Lines(out) {
		h, _, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		found[h] = true
	}
	return found, err
}

// present gives those of the objects that are there.
func (r *Repo) present(hashes []string) (there []string, err error) {
	out, err := r.git(strings.Join(hashes, "\n")+"\n", "cat-file", "--batch-check=%(objectname)")
	for line := range bytes.Lines(out) {
		if h := strings.TrimSpace(string(line)); h != "" && !strings.Contains(h, " ") {
			there = append(there, h)
		}
	}
	return there, err
}

// git runs the git program on this repository.
func (r *Repo) git(stdin string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", append([]string{"--git-dir=" + filepath.Clean(r.dir)}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_NO_REPLACE_OBJECTS=1")
	cmd.Stdin = strings.NewReader(stdin)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, &Error{ErrNotFound, "the git program, which takes erased objects away", "install git; the next daily round finishes the work"}
	case err != nil:
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(said.Bytes()))
	}
	return out, nil
}
