// Command contact-sheet takes a picture of every page type of the sample
// network, narrow and wide, light and dark, in both directions of writing.
//
//	go run ./contact-sheet DIR
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"

	"potluck/internal/e2e"
)

var pages = []string{"", "resources/", "resources/old-mill-food-pantry/", "requests/", "offers/", "request/", "forms/request/",
	"practices/", "practices/safe-for-both-sides/", "procedures/food-distribution/", "events/", "category/food/", "about/", "nothing-here/", "search/?q=food", "mine/", "poster/", "offline/", "resources/north-side-night-shelter/", "ar/", "ar/resources/", "es/"}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: contact-sheet DIR")
	}
	if err := shoot(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func shoot(dir string) error {
	tmp, err := os.MkdirTemp("", "contact-sheet-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	program, err := e2e.Build(e2e.Root(), tmp)
	if err != nil {
		return err
	}
	s, err := program.Start("demo", "-addr", "127.0.0.1:0", filepath.Join(tmp, "net"))
	if err != nil {
		return err
	}
	defer s.Stop()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, look := range []e2e.Look{{Width: 320, Height: 640}, {Width: 1280, Height: 900}, {Width: 320, Height: 640, Dark: true}, {Width: 1280, Height: 900, Dark: true}} {
		ctx, cancel, err := e2e.Browser(look)
		if err != nil {
			return err
		}
		err = pictures(ctx, s.URL, dir, look)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

func pictures(ctx context.Context, url, dir string, look e2e.Look) error {
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	for _, page := range pages {
		var png []byte
		if err := chromedp.Run(ctx, chromedp.Navigate(url+page), chromedp.FullScreenshot(&png, 100)); err != nil {
			return fmt.Errorf("/%s: %w", page, err)
		}
		name := fmt.Sprintf("%s-%d-%s.png", strings.NewReplacer("/", "-", "?q=", "-").Replace(strings.Trim("home/"+page, "/")), look.Width, scheme)
		if err := os.WriteFile(filepath.Join(dir, name), png, 0o644); err != nil {
			return err
		}
	}
	return nil
}
