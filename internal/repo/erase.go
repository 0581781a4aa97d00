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
	"syscall"
	"time"

	"potluck/internal/durable"
)

// Erase removes refs, and every object that only they needed, wherever git has put it. It needs the
// git program, and keeps git gc out meanwhile. The names of the objects are written down in the git
// folder: what could not be finished is finished by the next Erase, which may be one of no refs, and
// which also looks whether a git repack, begun before, has brought something back. Objects that a
// branch, a reflog or an index needs stay.
func (r *Repo) Erase(ctx context.Context, refs ...string) error {
	for _, name := range refs {
		if err := okRef(name); err != nil {
			return err
		}
	}
	return r.exclusive(ctx, func(ctx context.Context) error {
		if len(refs) == 0 {
			return r.look(ctx)
		}
		release, err := r.holdGC(ctx)
		if err != nil {
			return err
		}
		defer release()
		r.sweep() // of a process that was killed, perhaps with these words
		doomed, err := r.doomed(refs)
		if err != nil {
			return err
		}
		for _, name := range refs {
			if err := r.deleteRef(ctx, name, Hash{}); err != nil {
				return err
			}
		}
		return r.prune(doomed)
	})
}

// look finishes what an earlier Erase began. Its list goes when nothing of it has come back for an
// hour.
func (r *Repo) look(ctx context.Context) error {
	info, err := os.Stat(r.path("potluck-erase"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	doomed, err := r.doomed(nil)
	if err != nil {
		return err
	}
	left, err := r.present(doomed)
	if err == nil && len(left) > 0 {
		var release func()
		if release, err = r.holdGC(ctx); err == nil {
			defer release()
			err = r.prune(doomed)
		}
	}
	if err != nil || time.Since(info.ModTime()) < time.Hour {
		return err
	}
	return durable.Remove(r.path("potluck-erase"))
}

// holdGC is git's own protocol against two gc at a time: gc.pid names a process and its machine. A
// gc that began before would put what is erased into its new pack.
func (r *Repo) holdGC(ctx context.Context) (release func(), err error) {
	host, _ := os.Hostname()
	mine := fmt.Sprintf("%d %s", os.Getpid(), host)
	for {
		f, err := os.OpenFile(r.path("gc.pid"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			_, err = f.WriteString(mine)
			f.Close()
			return func() { os.Remove(r.path("gc.pid")) }, err
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if r.staleGC(host) {
			os.Remove(r.path("gc.pid"))
			continue
		}
		select {
		case <-ctx.Done():
			return nil, &Error{ErrBusy, r.path("gc.pid"), "git gc is running; try again when it is done"}
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// staleGC tells that the process of gc.pid has ended.
func (r *Repo) staleGC(host string) bool {
	raw, err := os.ReadFile(r.path("gc.pid"))
	var pid int
	var there string
	if n, _ := fmt.Sscan(string(raw), &pid, &there); err != nil || n < 2 || there != host {
		info, err := os.Stat(r.path("gc.pid"))
		return err == nil && time.Since(info.ModTime()) > 12*time.Hour // as git has it
	}
	return pid == os.Getpid() || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
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
	return r.gitWith(context.Background(), nil, stdin, args...)
}

func (r *Repo) gitWith(ctx context.Context, env []string, stdin string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--git-dir=" + filepath.Clean(r.dir)}, args...)...)
	cmd.Env = append(append(os.Environ(), "LC_ALL=C", "GIT_NO_REPLACE_OBJECTS=1"), env...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.WaitDelay = 5 * time.Second // its own children may hold the pipes
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, &Error{ErrNotFound, "the git program, which takes erased objects away", "install git; the next daily round finishes the work"}
	case ctx.Err() != nil:
		return nil, fmt.Errorf("git took too long: %w", ctx.Err())
	case err != nil:
		return nil, fmt.Errorf("git %s: %w: %s", verb(args), err, withoutSecret(string(bytes.TrimSpace(said.Bytes()))))
	}
	return out, nil
}

// verb is the word that says what git is to do.
func verb(args []string) string {
	for len(args) > 2 && args[0] == "-c" {
		args = args[2:]
	}
	return args[0]
}
