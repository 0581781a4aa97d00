package durable_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"potluck/internal/durable"
	"potluck/internal/durable/crash"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("DURABLE_TEST_LOCK"); path != "" {
		if _, err := durable.Lock(context.Background(), path); err != nil {
			panic(err)
		}
		fmt.Println("held")
		time.Sleep(time.Minute)
	}
	os.Exit(m.Run())
}

func TestWriteAndCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a/b/c")
	check(t, durable.MkdirAll(filepath.Dir(path), 0o700))
	check(t, durable.CreateFile(path, []byte("one"), 0o600))
	if err := durable.CreateFile(path, []byte("two"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("CreateFile over a file: %v", err)
	}
	want(t, path, "one")
	check(t, durable.WriteFile(path, []byte("three"), 0o600))
	want(t, path, "three")
	check(t, durable.Remove(path))
	check(t, durable.Remove(path))
	alone(t, filepath.Dir(path))
}

// Every operation fails once, with and without the clean-up working; the file is then the old one or
// the new one, and trying again succeeds.
func TestFaults(t *testing.T) {
	actions := map[string]func(path string) error{
		"write":  func(path string) error { return durable.WriteFile(path, []byte("new"), 0o600) },
		"remove": durable.Remove,
		"mkdir":  func(path string) error { return durable.MkdirAll(path+".d/e", 0o700) },
		"lock": func(path string) error {
			unlock, err := durable.Lock(t.Context(), path)
			if err != nil {
				return err
			}
			defer unlock()
			return durable.WriteFile(path, []byte("new"), 0o600)
		},
	}
	swept := 0
	for name, act := range actions {
		for _, sticky := range []bool{false, true} {
			for at := 1; ; at++ {
				path := filepath.Join(t.TempDir(), "f")
				check(t, os.WriteFile(path, []byte("old"), 0o600))
				hit := crash.FailAt(at, sticky)
				err := act(path)
				durable.Fault = nil
				if !*hit {
					check(t, err)
					break
				}
				swept++
				if got, _ := os.ReadFile(path); name != "remove" && string(got) != "old" && string(got) != "new" {
					t.Fatalf("%s, fault %d: the file is %q", name, at, got)
				}
				check(t, act(path))
				durable.Sweep(filepath.Dir(path))
				if name == "write" || name == "lock" {
					want(t, path, "new")
					alone(t, filepath.Dir(path), "f")
				}
			}
		}
	}
	t.Logf("%d fault points", swept)
}

func TestLockExcludes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				unlock, err := durable.Lock(t.Context(), path)
				if err != nil {
					t.Error(err)
					return
				}
				old, _ := os.ReadFile(path)
				if err := durable.WriteFile(path, append(old, '.'), 0o600); err != nil {
					t.Error(err)
				}
				unlock()
			}
		})
	}
	wg.Wait()
	want(t, path, strings.Repeat(".", 200))
	alone(t, filepath.Dir(path), "n")
}

func TestLockOfOthersIsWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n")
	check(t, os.WriteFile(path+".lock", nil, 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := durable.Lock(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Lock: %v", err)
	}
	alone(t, filepath.Dir(path), "n.lock")
}

// A lock outlives neither a kill -9 of its process nor is it taken from a living one.
func TestLockOfTheDeadIsTakenAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "DURABLE_TEST_LOCK="+path)
	out, err := child.StdoutPipe()
	check(t, err)
	check(t, child.Start())
	_, err = out.Read(make([]byte, 5))
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := durable.Lock(ctx, path); err == nil {
		t.Fatal("took a lock from the living")
	}
	check(t, child.Process.Kill())
	child.Wait()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			unlock, err := durable.Lock(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			unlock()
		})
	}
	wg.Wait()
	alone(t, filepath.Dir(path))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, path, text string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Fatalf("%s is %q, %v; want %q", path, got, err, text)
	}
}

func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, _ := os.ReadDir(dir)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(names) {
		t.Fatalf("%s holds %v, want %v", dir, got, names)
	}
}
