package builder

import (
	"context"
	"fmt"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"potluck/internal/site"
)

// A booklet holds every guide of a small network, and is left out where there
// are too many to print.
func TestBookletSize(t *testing.T) {
	for n, want := range map[int]bool{0: false, 1: true, maxGuides: true, maxGuides + 1: false} {
		content := fstest.MapFS{"index.md": {Data: []byte("+++\ntitle = \"Home\"\n+++\n")}}
		for i := range n {
			content[fmt.Sprintf("practices/g%d.md", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "+++\ntitle = \"Guide %d\"\n+++\n\nText.\n", i)}
		}
		cfg, _ := site.ParseConfig([]byte("title = \"Net\"\n"))
		res, err := New().Build(context.Background(), Input{Content: content, Theme: os.DirFS("../themes/commons"), Config: cfg, Now: time.Unix(1e9, 0)})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, there := res.Lookup("/booklet/"); there != want {
			t.Errorf("%d guides: booklet %v", n, there)
		}
	}
}
