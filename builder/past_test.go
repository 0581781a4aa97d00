package builder

import (
	"fmt"
	"strings"
	"testing"
)

// The way to a page's history ends at that page, also where others lie in the same folder.
func TestWayToHistory(t *testing.T) {
	content := map[string]string{"resources/index.md": titled("Places"), "resources/sub/index.md": titled("More")}
	in := input(t, "title = \"T\"\nbase_url = \"https://t.example/\"\n[outputs]\nhistory = true\n", nil)
	in.History = map[string][]Change{}
	for _, name := range []string{"a", "b", "c"} {
		p := "resources/sub/" + name + ".md"
		content[p], in.History[p] = "+++\ntitle = \"Page "+name+"\"\n+++\n", []Change{{testNow, "June", "Why"}}
	}
	in.Content = folder(content)
	r := mustBuild(t, New(), in)
	for _, name := range []string{"a", "b", "c"} {
		page := file(t, r, "resources/sub/"+name+"/history/")
		_, crumbs, _ := strings.Cut(page, `class="crumbs"`)
		crumbs, _, _ = strings.Cut(crumbs, "</p>")
		if want := fmt.Sprintf("/sub/%s/\">Page %[1]s<", name); !strings.Contains(crumbs, want) {
			t.Errorf("no %s in %s", want, crumbs)
		}
	}
}
