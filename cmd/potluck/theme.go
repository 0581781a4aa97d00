package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"potluck"
	"potluck/internal/durable"
	"potluck/internal/site"
)

var themeCommand = &command{
	name: "theme", usage: "theme list | copy FILE", short: "change the look of the site, file by file",
	long: `
list names the files of the network's theme. Those that stand in the network's own
folder are marked; they hide the files of that name that potluck carries.

copy puts one file, such as layouts/offer.html, into the network's folder. Change
it there: the rest stays as it is, and follows new versions of potluck. To go back,
delete it.

reference tells what layouts are given, name by name, and the functions they may
call. A layout with a fault never takes the site down: the error names the file, the
line and the nearest name that is there, and the last good site stays.`,
	flags: "C",
	run: func(_ context.Context, c *call) error {
		usage := func() error { return usageError(find("theme"), "say list, copy FILE or reference") }
		if len(c.args) == 0 {
			return usage()
		}
		switch what, rest := c.args[0], c.args[1:]; {
		case what == "list" && len(rest) == 0:
			return listTheme(c)
		case what == "copy" && len(rest) == 1:
			return copyTheme(c, rest[0])
		case what == "reference" && len(rest) == 0:
			text, err := potluck.Files.ReadFile("themes/commons/" + themeReference)
			fmt.Fprintf(c.stdout, "%s", text)
			return err
		}
		return usage()
	},
}

// themeReference is no part of the theme. It is written from the sources, see theme_test.go.
const themeReference = "reference.txt"

// openTheme gives a network and all files of its theme, by path.
func openTheme(c *call) (n *network, theme fs.FS, files []string, err error) {
	if n, err = openNetwork(c); err != nil {
		return nil, nil, nil, err
	}
	if theme, err = n.theme(); err != nil {
		return nil, nil, nil, err
	}
	err = fs.WalkDir(theme, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && p != themeReference {
			files = append(files, p)
		}
		return err
	})
	return n, theme, files, err
}

func (n *network) inTheme(file string) string { return path.Join("themes", n.cfg().Theme, file) }

func listTheme(c *call) error {
	n, _, files, err := openTheme(c)
	if err != nil {
		return err
	}
	for _, f := range files {
		mark := ""
		if _, err := fs.Stat(n.files, n.inTheme(f)); err == nil {
			mark = "  (your own: " + n.inTheme(f) + ")"
		}
		fmt.Fprintf(c.stdout, "%s%s\n", f, mark)
	}
	return nil
}

func copyTheme(c *call, file string) error {
	n, theme, files, err := openTheme(c)
	if err != nil {
		return err
	}
	file = strings.TrimPrefix(path.Clean(file), n.inTheme("")+"/")
	if !slices.Contains(files, file) {
		hint := "potluck theme list names them all"
		if near := site.Nearest(file, files); near != "" {
			hint = "did you mean " + near + "? " + hint
		}
		return hinted(fmt.Errorf("the theme has no file %q", file), "%s", hint)
	}
	if n.rev != "" {
		return hinted(errors.New("this repository has no files of its own"), "copy it in a clone, and push")
	}
	own := n.inTheme(file)
	if _, err := fs.Stat(n.files, own); err == nil {
		return hinted(fmt.Errorf("%s is there already", own), "change it, or delete it to start from the theme's own")
	}
	data, err := fs.ReadFile(theme, file)
	if err != nil {
		return err
	}
	to := n.path(strings.Split(own, "/")...)
	if err := durable.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := durable.WriteFile(to, data, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s is yours now; the words in it are documented by: potluck theme reference\n", own)
	return nil
}
