package builder

import (
	"fmt"
	"strings"
	"testing"
)

// Pages that include each other twice as much at every step end soon.
func TestIncludeBomb(t *testing.T) {
	content := map[string]string{}
	for i := range 60 {
		content[fmt.Sprintf("p%d.md", i)] = titled(strings.Repeat(fmt.Sprintf(":::include p%d.md\n", i+1), 2))
	}
	content["p60.md"] = titled("end")
	r := mustBuild(t, New(), input(t, tinyConfig, content))
	if got := problems(r); !strings.Contains(got, "content/p0.md:5:1: with all that it includes, this page is too long") {
		t.Error(got)
	}
	if n := len(file(t, r, "/p0/")); n > 2*maxIncluded {
		t.Errorf("%d bytes", n)
	}
}

// An edit of a page's text alone shows in the pages that include it.
func TestIncludeFollows(t *testing.T) {
	content := map[string]string{"a.md": titled(":::include b.md"), "b.md": titled(":::include c.md"), "c.md": titled("Knock once.")}
	b := New()
	mustBuild(t, b, input(t, tinyConfig, content))
	content["c.md"] = titled("Knock once.\n\nThen twice.")
	r := mustBuild(t, b, input(t, tinyConfig, content))
	if r.Stats.Linked || !strings.Contains(file(t, r, "/a/"), "Then twice.") {
		t.Errorf("linked %t:\n%s", r.Stats.Linked, file(t, r, "/a/"))
	}
}
