package vault

import (
	"crypto/rand"
	_ "embed"
	"math/big"
	"strings"
	"unicode"
)

// wordList is our own: short and plain English words, none that sounds like another.
//
//go:embed words.txt
var wordList string

var words = strings.Fields(wordList)

// NewPassphrase gives six words, such as maple-ticket-window-amber-canoe-supper: 66 bits.
func NewPassphrase() string {
	var ws [6]string
	for i := range ws {
		ws[i] = newWord()
	}
	return strings.Join(ws[:], "-")
}

func newWord() string {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(words))))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return words[n.Int64()]
}

// asTyped reads words as a person types them: in capitals, with blanks or commas between.
func asTyped(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }), "-")
}
