package builder

import (
	"bytes"
	"reflect"
	"testing"

	gmhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"

	"potluck/internal/site"
)

// FuzzEngines holds the engine that a body is read by and the one with all
// features to the same page.
func FuzzEngines(f *testing.F) {
	for _, s := range []string{
		"Plain *words* with `code`, a [link](/a/) and [other](https://x.example/y).\n\n- one\n- two\n",
		"(https://x.example) [a](https://x.example) [x][ab](http://y.example)\n\n[ab]: /z\n", "[[ab](http://x.example)](http://y)", "![ab](http://x.example/z.png)",
		"- [x](https://x.example)\n- [ ] task\n", "a\n:--\n", "a\n-:\n", "| a |\n|---|\n| [ab](http://x.example) |\n", "a|b\n-|-\n1|2\n", "- a\n--", "> - a\n> --  \nb", "~~gone~~ www.example.org a@b.example ftp://x",
		"[^1] note\n\n[^1]: text\n", "Word\n: means\n", "> Word\n> : means\n", "Word\n:\tmeans\n", ":::details A\nb\n:::\n", ":::include b.md\n", "\"a\" 'b' -- --- ... it's", "`[ab](http://x`y)", "\\[ab](http://x.example)",
		"[^ab](http://x.example)", "[a b](http://x.example \"t\") (http://z.example)", "<a title=\"[ab](http://x.example)\"> [ab](http://x\\.example)", "[ab](http://x.example", "ab](http://x.example)", "*[ab](http://x.example)*_(http://y.example)_", "+1 555 0134 and (555) 0134", "0    \n0", "0\t  \n0 \n0  \n0", "a\\  \n\\ b", "\\  \n\\(", "\\  \n\\+1", "\\\\\\\n\\+ \\'",
	} {
		f.Add(s, uint8(len(s)))
	}
	cfg := parseConfig(f, worldConfig)
	f.Fuzz(func(t *testing.T, body string, choose uint8) {
		pl, err := cfg.PlaceOf([]string{"resources/a.md", "offers/b.md", "procedures/c.ar.md", "d.es.md"}[choose%4])
		if err != nil {
			t.Fatal(err)
		}
		page, _ := site.Parse(cfg, pl, []byte("+++\ntitle = \"T\"\n"+[]string{"", "html = true\n"}[choose/4%2]+"+++\n\n"+body))
		few := markdown{cfg: cfg, page: page}
		all := markdown{cfg: cfg, page: page, engine: engine(everything)}
		got, want := few.doc(), all.doc()
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(few.problems, all.problems) {
			t.Fatalf("%q: with features %b\n%q\nwith all\n%q\n%+v\n%+v", body, few.needs(), got.Body.HTML, want.Body.HTML, got.Header, want.Header)
		}
	})
}

// FuzzTextWriter holds the short way of writing a text to goldmark's own.
func FuzzTextWriter(f *testing.F) {
	for _, s := range []string{"plain", "a & b", "&amp;", "&#65;", "a\\*b", "\\", "<a href=\"x\">", "it's", "nul\x00", "é ل", "\xff", "&eacute"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for name, write := range map[string]func(gmhtml.Writer) func(util.BufWriter, []byte){
			"Write":    func(w gmhtml.Writer) func(util.BufWriter, []byte) { return w.Write },
			"RawWrite": func(w gmhtml.Writer) func(util.BufWriter, []byte) { return w.RawWrite },
		} {
			var got, want htmlWriter
			write(textWriter{gmhtml.DefaultWriter})(&got, text)
			write(gmhtml.DefaultWriter)(&want, text)
			if !bytes.Equal(got.b, want.b) {
				t.Errorf("%s %q: got %q, want %q", name, text, got.b, want.b)
			}
		}
	})
}

// An address that is left as it is would be left so by the long way too.
func TestEscapeURL(t *testing.T) {
	for c := range 256 {
		s := "a" + string([]byte{byte(c)}) + "b"
		if long := string(util.EscapeHTML(util.URLEscape([]byte(s), false))); escapeURL(s) != long {
			t.Errorf("%q became %q, not %q", s, escapeURL(s), long)
		}
	}
}
