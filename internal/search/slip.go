package search

import (
	"slices"
	"unicode/utf8"
)

// slip finds the most common term that differs from w by one slip, not in its
// first letter; -1 if there is none.
func (ix *Index) slip(w string) int {
	letters := []rune(w)
	if len(letters) < slipLetters || isUnspaced(w) {
		return -1
	}
	best := -1
	at, _ := slices.BinarySearch(ix.terms, string(letters[0]))
	for ; at < len(ix.terms) && initial(ix.terms[at]) == letters[0]; at++ {
		if n := len(ix.terms[at]) - len(w); n > 4 || n < -4 {
			continue
		}
		if (best < 0 || ix.common(at) > ix.common(best)) && oneSlip(letters, []rune(ix.terms[at])) {
			best = at
		}
	}
	return best
}

func initial(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// oneSlip tells that two words differ by one letter too many, too few or wrong, or
// by two that are swapped.
func oneSlip(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return slices.Equal(a[i:], b[i+1:])
	}
	if i == len(a) {
		return false
	}
	if slices.Equal(a[i+1:], b[i+1:]) {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && slices.Equal(a[i+2:], b[i+2:])
}
