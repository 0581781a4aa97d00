package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"
	"sync"
	"time"

	"potluck/builder"
	"potluck/internal/site"
)

// report measures a build, for a person at a terminal and for -stats.
type report struct {
	mu     sync.Mutex
	now    func() time.Time
	screen io.Writer // nil where nobody looks on
	stages []spent
	pages  []spent
	begun  time.Time
	done   int
	shown  time.Time
}

// spent is the time that something took.
type spent struct {
	name string
	took time.Duration
}

// slowest is how many pages -stats names.
const slowest = 10

func newReport(c *call) *report {
	r := &report{now: time.Now}
	if isTerminal(c.stderr) {
		r.screen = c.stderr
	}
	return r
}

func (r *report) observer() builder.Observer { return builder.Observer{Stage: r.stage, Page: r.page} }

func (r *report) stage(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if n := len(r.stages); n > 0 && r.stages[n-1].took == 0 {
		r.stages[n-1].took = now.Sub(r.begun)
	}
	r.begun = now
	if name != "" {
		r.stages = append(r.stages, spent{name: name})
	}
	r.show(name)
}

func (r *report) page(path string) func() {
	start := r.now()
	return func() {
		took := r.now().Sub(start)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.done++
		if r.screen != nil && r.now().Sub(r.shown) > 100*time.Millisecond {
			r.show(fmt.Sprintf("render: %s", count(r.done, "page")))
		}
		if len(r.pages) < slowest || took > r.pages[slowest-1].took {
			r.pages = append(r.pages, spent{path, took})
			slices.SortFunc(r.pages, func(a, b spent) int { return cmp.Or(cmp.Compare(b.took, a.took), cmp.Compare(a.name, b.name)) })
			r.pages = r.pages[:min(len(r.pages), slowest)]
		}
	}
}

// show writes over the line of before; no words take it away.
func (r *report) show(words string) {
	if r.screen != nil {
		r.shown = r.now()
		fmt.Fprintf(r.screen, "\r\x1b[K%s", words)
	}
}

// table prints what took how long.
func (r *report) table(w io.Writer) {
	fmt.Fprintf(w, "%-10s %10s\n", "stage", "ms")
	for _, s := range r.stages {
		fmt.Fprintf(w, "%-10s %10.1f\n", s.name, ms(s.took))
	}
	if len(r.pages) > 0 {
		fmt.Fprintf(w, "\n%10s  slowest of %s\n", "ms", count(r.done, "page"))
	}
	for _, p := range r.pages {
		fmt.Fprintf(w, "%10.2f  %s\n", ms(p.took), p.name)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// profile writes where the processor spends its time to a file, until stop.
func profile(name string) (stop func(), err error) {
	if name == "" {
		return func() {}, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, nil
}

// tell prints the problems for a person or, with -json, one JSON object a line
// for a program, and counts errors.
func (c *call) tell(problems []site.Problem) (faults int) {
	if !isSet(c, "json") {
		return sayProblems(c.stderr, problems)
	}
	e := json.NewEncoder(c.stdout)
	e.SetEscapeHTML(false)
	for _, p := range problems {
		word := "warning"
		if p.Severity == site.Error {
			word = "error"
			faults++
		}
		_ = e.Encode(struct {
			Path     string `json:"path"`
			Line     int    `json:"line,omitempty"`
			Col      int    `json:"col,omitempty"`
			Severity string `json:"severity"`
			Text     string `json:"text"`
			Hint     string `json:"hint,omitempty"`
		}{p.Path, p.Line, p.Col, word, p.Text, p.Hint})
	}
	return faults
}
