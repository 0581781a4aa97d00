package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// TestReadme runs the shell blocks of the README in order, as a reader would, but in a folder of
// their own: what go does, in the sources. What serves until it is stopped runs beside the rest.
// "go test ./..." is left out, since this is a part of it.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("links the program")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	work, bin := t.TempDir(), t.TempDir()
	t.Setenv("GOBIN", bin)
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	write(t, filepath.Join(work, "places.csv"), "name,address,phone\nCorner Pantry,1 Elm Street,555-0101\n")
	var served *running
	id := ""
	for _, block := range shellBlock.FindAllStringSubmatch(string(readme), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimSpace(line)
			switch {
			case strings.HasSuffix(line, "potluck demo"):
				start(t, "demo", filepath.Join(work, "demo")).stop()
				line = strings.Replace(line, "demo", "help demo", 1)
			case strings.HasPrefix(line, "potluck serve"):
				t.Chdir(work)
				served = start(t, strings.Fields(line)[1:]...)
				ref, a, err := served.submit("request", request("A ladder"))
				if err != nil || ref == "" {
					t.Fatalf("no receipt: %v\n%s", err, a.body)
				}
				id = ref
				continue
			case line == "go test ./...":
				continue
			}
			if strings.HasPrefix(line, "go ") {
				shell(t, sources, line)
				continue
			}
			shell(t, work, strings.ReplaceAll(line, " ID ", " "+id+" "))
		}
	}
	if served == nil {
		t.Fatal("the README serves nothing")
	}
	served.stop()
	if log := git(t, filepath.Join(work, "hillstreet"), "log", "--format=%an: %s"); !strings.Contains(log, "June: about: say when we meet") {
		t.Errorf("git log:\n%s", log)
	}
}

func shell(t *testing.T, dir, line string) {
	t.Helper()
	cmd := exec.Command("bash", "-ec", line)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("$ %s\n%v\n%s", line, err, out)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestReadmeListsCommands holds the list in the README and the help together.
func TestReadmeListsCommands(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, c := range commands {
		fmt.Fprintf(&b, "  potluck %-34s %s\n", c.usage, c.short)
	}
	if !bytes.Contains(readme, b.Bytes()) {
		t.Errorf("the README should list:\n%s", b.String())
	}
}
