package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// A person at a terminal sees how far a build is, on one line that is gone at the end;
// -stats tells what was slow.
func TestReport(t *testing.T) {
	var screen, table bytes.Buffer
	now := time.Unix(0, 0)
	r := &report{screen: &screen, now: func() time.Time { return now }}
	r.stage("read")
	now = now.Add(30 * time.Millisecond)
	r.stage("render")
	for _, p := range []string{"a", "b", "c"} {
		end := r.page(p)
		now = now.Add(time.Duration(len(p)+int(p[0]-'a')) * 100 * time.Millisecond)
		end()
	}
	r.stage("")
	if got := screen.String(); !strings.Contains(got, "\r\x1b[Kread") || !strings.Contains(got, "\r\x1b[Krender: 3 pages") || !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("on the screen: %q", got)
	}
	r.table(&table)
	if got := table.String(); !strings.Contains(got, "read             30.0\n") || !strings.Contains(got, "render          600.0\n") || !strings.Contains(got, "slowest of 3 pages\n    300.00  c\n    200.00  b\n    100.00  a\n") {
		t.Errorf("the table:\n%s", got)
	}
	if newReport(&call{stderr: &screen}).screen != nil {
		t.Error("progress is written where nobody looks on")
	}
}
