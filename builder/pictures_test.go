package builder

import (
	"strings"
	"testing"
)

// Pictures are published as Input.Pictures makes them, with their sizes, also
// those that lie beside the page; one that is refused is not published.
func TestPictures(t *testing.T) {
	in := input(t, tinyConfig, map[string]string{
		"resources/pantry/index.md": titled("![Shelves](shelf.jpg) ![Door](/door.png?v=1 \"Blue\") ![No](bad.webp)"), "resources/pantry/shelf.jpg": "s",
		"resources/b.md": titled("b"), "door.png": "s", "resources/pantry/bad.webp": "bad", "map.pdf": "pdf",
	})
	in.Pictures = fakePicture
	b := New()
	r := mustBuild(t, b, in)
	page := file(t, r, "/resources/pantry/")
	for _, want := range []string{
		`<img src="/resources/pantry/shelf.jpg" srcset="/assets/pictures/`, `.jpg 480w, /resources/pantry/shelf.jpg 700w" sizes="(min-width: 42rem) 40rem, 100vw" width="700" height="415" alt="Shelves" loading="lazy">`,
		`<img src="/door.png?v=1" srcset="`, `alt="Door" title="Blue" loading="lazy">`, `<img src="/resources/pantry/bad.webp" alt="No"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	_, rest, _ := strings.Cut(page, `srcset="`)
	if file(t, r, strings.Fields(rest)[0]) != "small s" || file(t, r, "/door.png") != "clean s" || file(t, r, "/map.pdf") != "pdf" {
		t.Error("the files are not as they should be")
	}
	if _, _, ok := r.Lookup("/resources/pantry/bad.webp"); ok || !strings.Contains(problems(r), "content/resources/pantry/bad.webp: cannot be read (save it again as JPEG, PNG or WebP)") {
		t.Error(problems(r))
	}
	in.Content = folder(map[string]string{"resources/pantry/index.md": titled("![Shelves](shelf.jpg)"), "resources/pantry/shelf.jpg": "x"})
	if page := file(t, mustBuild(t, b, in), "/resources/pantry/"); !strings.Contains(page, `height="420"`) {
		t.Error("a new picture has the old size")
	}
}
