// Command contact-sheet takes a picture of every page type of the sample network:
// narrow, middling and wide, light and dark, from left to right and from right to
// left, and as it prints. index.html in DIR shows them side by side.
//
//	go run ./contact-sheet [-only home,map] [-views 320,1280-ar-dark,680-print] DIR
//	go run ./contact-sheet -readme pictures     the two pictures of README.md
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"

	"potluck/internal/e2e"
)

// view is a look at the site in a language.
type view struct {
	e2e.Look
	lang string
}

func (v view) name() string {
	name := fmt.Sprintf("%d", v.Width)
	if v.lang != "" {
		name += "-" + v.lang
	}
	switch {
	case v.Print:
		name += "-print"
	case v.Dark:
		name += "-dark"
	}
	return name
}

// views gives those that are wanted; all where none is named.
func views(wanted string) (all []view) {
	defer func() {
		all = slices.DeleteFunc(all, func(v view) bool { return wanted != "" && !slices.Contains(strings.Split(wanted, ","), v.name()) })
	}()
	for _, lang := range []string{"", "ar"} {
		for _, width := range []int{320, 768, 1280} {
			for _, dark := range []bool{false, true} {
				all = append(all, view{e2e.Look{Width: width, Height: 900, Dark: dark}, lang})
			}
		}
		all = append(all, view{e2e.Look{Width: 680, Height: 960, Print: true}, lang})
	}
	return all
}

func main() {
	log.SetFlags(0)
	only := flag.String("only", "", "`names` of pages, with commas between")
	wanted := flag.String("views", "", "`views`, with commas between")
	readme := flag.Bool("readme", false, "make the pictures of README.md alone")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: contact-sheet [-only NAMES] [-views VIEWS] [-readme] DIR")
	}
	dir := flag.Arg(0)
	err := network(func(s *e2e.Server) error {
		if *readme {
			return forReadme(s, dir)
		}
		return shoot(s, dir, strings.Split(*only, ","), views(*wanted))
	})
	if err != nil {
		log.Fatal(err)
	}
}

// network shows the sample network while f looks at it.
func network(f func(*e2e.Server) error) error {
	return e2e.WithProgram(func(program *e2e.Program, tmp string) error {
		s, err := program.Start("demo", "-addr", "127.0.0.1:0", filepath.Join(tmp, "net"))
		if err != nil {
			return err
		}
		defer s.Stop()
		return f(s)
	})
}

func shoot(s *e2e.Server, dir string, only []string, views []view) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tours := map[string][]e2e.Stop{}
	for _, v := range views {
		if tours[v.lang] == nil {
			if tours[v.lang], err = s.Tour(v.lang); err != nil {
				return err
			}
			tours[v.lang] = slices.DeleteFunc(tours[v.lang], func(s e2e.Stop) bool { return only[0] != "" && !slices.Contains(only, s.Name) })
		}
		ctx, cancel, err := e2e.Browser(v.Look)
		if err != nil {
			return err
		}
		err = pictures(ctx, s, tours[v.lang], dir, v)
		cancel()
		if err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "index.html"), []byte(index(tours[views[0].lang], views)), 0o644)
}

func pictures(ctx context.Context, s *e2e.Server, stops []e2e.Stop, dir string, v view) error {
	for _, stop := range stops {
		if stop.Name == "booklet" && !v.Print {
			continue // as long as a book
		}
		var png []byte
		if err := chromedp.Run(ctx, s.Go(stop), chromedp.FullScreenshot(&png, 100)); err != nil {
			return fmt.Errorf("/%s: %w", stop.Path, err)
		}
		if err := os.WriteFile(filepath.Join(dir, picture(stop, v)), png, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func picture(stop e2e.Stop, v view) string { return stop.Name + "-" + v.name() + ".png" }

// index shows a row for each type of page.
func index(stops []e2e.Stop, views []view) string {
	var b strings.Builder
	b.WriteString("<!doctype html><meta charset=\"utf-8\"><title>Contact sheet</title>\n<style>body{font:1rem sans-serif;background:#888}div{display:flex;gap:1rem;align-items:start}</style>\n")
	for _, stop := range stops {
		fmt.Fprintf(&b, "<h2>%s</h2><div>\n", stop.Name)
		for _, v := range views {
			fmt.Fprintf(&b, "<img loading=\"lazy\" width=\"%d\" alt=\"%s\" src=\"%s\">\n", v.Width/2, v.name(), picture(stop, v))
		}
		b.WriteString("</div>\n")
	}
	return b.String()
}
