package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestBuildID: the name that Go gave to this program is found where it is, and not in
// files that have none.
func TestBuildID(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	id := buildID(bytes.NewReader(data))
	if bytes.HasPrefix(data, []byte("\x7fELF")) {
		want, err := exec.Command("go", "tool", "buildid", exe).Output()
		if err != nil {
			t.Fatal(err)
		}
		if id != strings.TrimSpace(string(want)) {
			t.Errorf("buildID gives %q, Go says %q", id, want)
		}
	}
	for _, none := range []string{"", "x", "\x04\x00\x00\x00Go\x00\x00", "\xff\xff\xff\xff\x04\x00\x00\x00Go\x00\x00" + strings.Repeat("a", 50), "\x05\x00\x00\x00\x04\x00\x00\x00Go\x00\x00short"} {
		if got := buildID(strings.NewReader(none)); got != "" {
			t.Errorf("%q has the name %q", none, got)
		}
	}
}
