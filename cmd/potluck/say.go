package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"potluck/internal/site"
)

// hint is an error with a way out.
type hint struct {
	error
	way string
}

func (h hint) Hint() string  { return h.way }
func (h hint) Unwrap() error { return h.error }

// hinted adds a way out to an error.
func hinted(err error, way string, args ...any) error { return hint{err, fmt.Sprintf(way, args...)} }

// complain prints an error and its way out.
func complain(w io.Writer, err error) {
	fmt.Fprintf(w, "potluck: error: %v\n", err)
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		fmt.Fprintf(w, "potluck: hint: %s\n", h.Hint())
	}
}

// sayProblems prints problems, each with its place and way out, and counts errors.
func sayProblems(w io.Writer, problems []site.Problem) (faults int) {
	for _, p := range problems {
		word := "warning"
		if p.Severity == site.Error {
			word = "error"
			faults++
		}
		fmt.Fprintf(w, "potluck: %s: %s\n", word, p)
		if p.Hint != "" {
			fmt.Fprintf(w, "potluck: hint: %s\n", p.Hint)
		}
	}
	return faults
}

// isTerminal tells that a person reads w as it is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// count writes a number with its noun: "1 page", "2 pages".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
