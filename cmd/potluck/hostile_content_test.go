package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// pngOfSize promises a picture of a size, and holds nothing of it.
func pngOfSize(width, height uint32) string {
	chunk := func(kind, data string) string {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		b = append(b, kind+data...)
		return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+data))))
	}
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	return "\x89PNG\r\n\x1a\n" + chunk("IHDR", string(size)+"\x08\x02\x00\x00\x00") + chunk("IDAT", "") + chunk("IEND", "")
}

// TestHostileContent: the real program over a folder of everything bad. Each is a problem
// with its place, the rest is built, and memory is bounded.
func TestHostileContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, "content", name) }
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(os.MkdirAll(in("pics"), 0o755))
	write(t, filepath.Join(dir, "site.toml"), "title = \"H\"\n")
	for name, text := range map[string]string{
		"good.md": "fine ![x](pics/bomb.png)\n", "lists.md": strings.Repeat("- ", 10000) + "a\n", "links.md": strings.Repeat("[a](", 5000),
		"new\nline.md": "x", "rtl\u202egpj.md": "x", "climb.md": ":::include ../../../secret.md\n",
	} {
		write(t, in(name), "+++\ntitle = \"T\"\n+++\n\n"+text)
	}
	write(t, in("head.md"), "+++\ntitle = \"T\"\nsummary = \""+strings.Repeat("x", 5<<20)+"\"\n+++\n")
	write(t, in("nested.md"), "+++\na = "+strings.Repeat("[", 3<<20)+"\n+++\n\nthe body\n")
	write(t, in("pics/bomb.png"), pngOfSize(8000, 5001))
	check(os.Symlink(".", in("loop")))
	check(os.Symlink("self", in("self")))
	check(syscall.Mkfifo(in("pipe.md"), 0o644))
	for _, name := range []string{"big.bin", "big.md"} {
		write(t, in(name), "")
		check(os.Truncate(in(name), 1<<30))
	}
	cmd := exec.Command(os.Args[0], "build", "-C", dir)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var said bytes.Buffer
	cmd.Stderr = &said
	check(cmd.Run())
	for _, want := range []string{
		"big.bin: is larger than 32 MiB", "big.md: is larger than 4 MiB", "head.md: is larger than 4 MiB", "nested.md:2:1: the front matter is longer",
		"lists.md:5:1: lists and quotes lie too deep", "links.md:5:1: this text has too many marks", `new\nline.md: the file name has`, `rtl\u202egpj.md: the file name has`,
		"climb.md:5:1: there is no page", "loop: is a symbolic link", "self: is a symbolic link", "pipe.md: is not a plain file", "pics/bomb.png: the picture has 8000 × 5001 pixels",
	} {
		if !strings.Contains(said.String(), "potluck: error: content/"+want) {
			t.Errorf("no %q in\n%s", want, &said)
		}
	}
	for name, words := range map[string]string{"good": "fine", "nested": "the body", "lists": "- - - "} {
		if b, err := os.ReadFile(filepath.Join(dir, "public", name, "index.html")); !strings.Contains(string(b), words) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if use, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && runtime.GOOS == "linux" && use.Maxrss>>10 > 400 {
		t.Errorf("it took %d MiB", use.Maxrss>>10)
	}
}
