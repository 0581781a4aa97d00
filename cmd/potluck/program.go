package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// programName names this program by what it is made of: its source, where that is a
// commit, else its own bytes, or the name that Go gave them; "" where it cannot be known.
func programName() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.modified" && s.Value == "false" {
			return info.String()
		}
	}
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	if id := buildID(f); id != "" {
		return id
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// buildID gives the name that Go gives to the bytes of a program, which stands in a note
// (ELF, of type 4, by "Go") near the beginning of the file; "" where there is none. The
// file is then at its beginning.
func buildID(f io.ReadSeeker) string {
	head := make([]byte, 32<<10)
	n, _ := io.ReadFull(f, head)
	before, id, found := bytes.Cut(head[:n], []byte("\x04\x00\x00\x00Go\x00\x00"))
	if size := before[max(len(before)-4, 0):]; found && len(size) == 4 {
		if n := binary.LittleEndian.Uint32(size); n >= 40 && int(n) <= len(id) {
			return string(id[:n])
		}
	}
	_, _ = f.Seek(0, io.SeekStart)
	return ""
}
