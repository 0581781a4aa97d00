package site

import (
	"reflect"
	"testing"
	"time"
	"unicode/utf8"
)

var headers = []string{
	"title = \"A\"\ndate = 2026-11-02\n", "a = 1\nb = -2.50\nc = true\nd = false\ne = [\"x\", \"y\",]\n", "t = 2026-11-02T10:00:00\nu = 2026-11-02T10:00:00Z\n",
	"a = 0\nb = 00\n", "a = \"\"\nb = \"\"\"x\"\"\"\n", "a = []\n", "a = [\"\"]", "a = [,]", "a = [\"x\" \"y\"]", "a = 1\na = 2", "a.b = 1", "[t]\nx = 1",
	"a = \"x\\n\"", "a = 'x'", "a = \"x\" # c", "# c\n", "a = 2026-02-30", "a = 1.", "a = .5", "a = -0", "a = -0.0", "a = 9223372036854775808", "\ta\t=\t\"x\"\t\n", "a = 1979-05-27 07:32:00Z",
	"a = 0001-01-01", "a = 9999-12-31T23:59:59Z", "a = 2026-11-02t10:00:00z", "a = \"\u0085\"", "a=\"x\"\r\n",
}

// The plain path and the TOML package agree, on whatever the plain path takes.
func FuzzPlainHeader(f *testing.F) {
	for _, h := range headers {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, head string) {
		if !utf8.ValidString(head) {
			return // Parse has made it text by now
		}
		got, ok := plainHeader(head)
		if !ok {
			return
		}
		want, err := decodeTOML(head)
		if err != nil {
			t.Fatalf("%q: plain takes what TOML refuses: %v", head, err)
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %v, TOML gives %v", head, got, want)
		}
		for i := range got {
			if got[i].key != want[i].key || !sameValue(got[i].value, want[i].value) {
				t.Fatalf("%q: %#v, TOML gives %#v", head, got[i], want[i])
			}
		}
	})
}

// sameValue compares times by instant and by the zone that marks their form.
func sameValue(a, b any) bool {
	x, ok := a.(time.Time)
	y, ok2 := b.(time.Time)
	if ok && ok2 {
		dx, errx := fromTOML(x)
		dy, erry := fromTOML(y)
		return dx == dy && (errx == nil) == (erry == nil)
	}
	return reflect.DeepEqual(a, b)
}

func BenchmarkHeader(b *testing.B) {
	head := "title = \"Old Mill Food Pantry\"\nsummary = \"Groceries once a week.\"\ndate = 2026-11-02T10:00:00Z\ncategories = [\"food/groceries\", \"care\"]\nareas = [\"old-mill\"]\nphones = [\"555-0141\"]\nlatitude = 40.01\nlongitude = -71.5\nhours = \"Tu 10:00-13:00\"\n"
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := plainHeader(head); !ok {
				b.Fatal("not plain")
			}
		}
	})
	b.Run("toml", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decodeTOML(head); err != nil {
				b.Fatal(err)
			}
		}
	})
}
