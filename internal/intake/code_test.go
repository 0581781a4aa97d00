package intake

import "testing"

// TestCheckLetter: one wrong letter, and any two that changed places, are seen.
func TestCheckLetter(t *testing.T) {
	code := newCode([]byte("key"), "nonce", nil)
	if code != newCode([]byte("key"), "nonce", nil) || code == newCode([]byte("key"), "nonce", []byte("words")) {
		t.Error("the code does not come from key, nonce and words")
	}
	right := func(c []byte) bool { return letters[checkLetter(string(c[:codeLen]))] == c[codeLen] }
	if !right([]byte(code)) {
		t.Fatal("the code is not right itself")
	}
	for i := range code {
		for _, l := range letters {
			if c := []byte(code); rune(c[i]) != l {
				if c[i] = byte(l); right(c) {
					t.Errorf("%s passes for %s", c, code)
				}
			}
		}
		for j := range i {
			c := []byte(code)
			if c[i], c[j] = c[j], c[i]; string(c) != string(code) && right(c) {
				t.Errorf("%s passes for %s", c, code)
			}
		}
	}
}
