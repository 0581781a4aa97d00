package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What Go takes after largePages lies where large pages were asked for.
func TestLargePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this system has no large pages to give")
	}
	largePages(64 << 20)
	block := make([]byte, 8<<20)
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	at, mine := fmt.Sprintf("%p", &block[len(block)-1]), false // it may begin in what Go had before
	for line := range strings.Lines(string(maps)) {
		var from, to, p uint64
		if n, _ := fmt.Sscanf(line, "%x-%x ", &from, &to); n == 2 {
			fmt.Sscanf(at, "0x%x", &p)
			mine = from <= p && p < to
		}
		if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && mine {
			if !strings.Contains(flags, " hg") {
				t.Errorf("the memory at %s has only the flags%s", at, flags)
			}
			return
		}
	}
	t.Errorf("no mapping holds %s", at)
}
