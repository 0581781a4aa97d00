// Command check-tour shows the sample network and runs a checker of web pages over one
// page of every type. What follows the flags is the command; it is given "--url ADDRESS
// --pages /,/offer/,…" besides, and its status is that of check-tour.
//
//	go run ./check-tour node CHECK/check.mjs --only axe,overflow,keyboard,html,links,nojs \
//		--assert axe=0,html=0,links=0,overflow=0,focus=0,csp=0,thirdparty=0,nojs=0,inline=0
//	go run ./check-tour -lang ar node CHECK/check.mjs …          from right to left
//	go run ./check-tour -from 10 -to 20 node CHECK/check.mjs …   a part of the pages
//
// Pages that a post or a query makes have no address of their own: the browser tests
// look at those.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"potluck/internal/e2e"
)

func main() {
	log.SetFlags(0)
	lang := flag.String("lang", "", "`language` of the pages (default: the first of the site)")
	from := flag.Int("from", 0, "`number` of the first page")
	to := flag.Int("to", 1000, "`number` of the page after the last")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("usage: check-tour [-lang LANG] [-from N] [-to N] COMMAND…")
	}
	err := e2e.WithProgram(func(program *e2e.Program, tmp string) error {
		return check(program, filepath.Join(tmp, "net"), *lang, *from, *to, flag.Args())
	})
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		log.Fatal(err)
	}
}

func check(program *e2e.Program, dir, lang string, from, to int, command []string) error {
	s, err := sample(program, dir)
	if err != nil {
		return err
	}
	defer s.Stop()
	pages, err := addresses(s, lang)
	if err != nil {
		return err
	}
	pages = pages[min(from, len(pages)):min(to, len(pages))]
	fmt.Printf("%d pages: %s\n", len(pages), strings.Join(pages, " "))
	cmd := exec.Command(command[0], append(command[1:], "--url", s.URL, "--pages", strings.Join(pages, ","))...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// sample serves the sample network as its neighbours meet it: without what the demo adds
// to pages for their authors.
func sample(program *e2e.Program, dir string) (*e2e.Server, error) {
	s, err := program.Start("demo", "-addr", "127.0.0.1:0", dir)
	if err != nil {
		return nil, err
	}
	s.Stop()
	return program.Start("serve", "-drafts", "-C", dir, "-addr", "127.0.0.1:0")
}

// addresses are the paths of the tour, without those of mistakes and without queries.
func addresses(s *e2e.Server, lang string) (paths []string, err error) {
	stops, err := s.Tour(lang)
	for _, stop := range stops {
		if path, _, _ := strings.Cut("/"+stop.Path, "?"); stop.HTML == "" && stop.Name != "404" && stop.Name != "notice" && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths, err
}
