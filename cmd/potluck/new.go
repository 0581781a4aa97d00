package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"potluck"
	"potluck/internal/durable"
	"potluck/internal/repo"
	"potluck/internal/site"
	"potluck/internal/vault"
)

const starterName = "Riverside Mutual Aid"

var newCommand = &command{
	name: "new", usage: "new DIR", short: "make the folder of a new network",
	long: `
Makes DIR with site.toml, the starter's practices and procedures, a git
repository with one commit on main, and a keeper's key in DIR/var. The sample
listings are left out: they are the network's own to write.

The key opens what neighbours write for organizers alone. It is kept under a
passphrase of six words, which is shown once. Without it nobody can read what is
sealed, potluck included: write the words down.`,
	flags: "as",
	more: func(c *call) {
		c.flags.String("title", "Our mutual aid network", "the network's `name`")
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) != 1 {
			return usageError(find("new"), "name one folder")
		}
		title := c.flags.Lookup("title").Value.String()
		files, err := starter(keepForNew)
		if err != nil {
			return err
		}
		rename(files, title)
		who := repo.Signature{Name: c.as}
		if c.as == "" {
			who.Name = "Keeper"
		}
		n, passphrase, err := makeNetwork(ctx, c, c.args[0], files, who)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.stdout, "%s is ready in %s.\n\n", title, c.args[0])
		fmt.Fprintf(c.stdout, "  1. Say who you are in %s: title, base_url, phone, areas.\n", n.path("site.toml"))
		fmt.Fprintf(c.stdout, "     Where the pages say %q and %q, write your own.\n", ourPhone[""], ourEmail[""])
		fmt.Fprintf(c.stdout, "  2. Read the pages under content/, and make them true for you.\n  3. Write these six words down, and keep them off this machine:\n\n       %s\n\n", passphrase)
		fmt.Fprintf(c.stdout, "     They are the passphrase of %s, who is the keeper. They are not shown again, and\n     without them nobody can read what neighbours write for you alone.\n", who.Name)
		fmt.Fprintf(c.stdout, "  4. potluck serve -C %s\n", c.args[0])
		return nil
	},
}

// starter gives the files of the starter network that keep wants, by path.
func starter(keep func(path string) bool) (map[string][]byte, error) {
	files := map[string][]byte{
		".gitignore":     []byte("/var/\n/public/\n"),
		".gitattributes": []byte("* text=auto eol=lf\n*.jpg binary\n*.png binary\n*.webp binary\n"),
	}
	err := fs.WalkDir(potluck.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, "themes/") || !keep(name) {
			return err
		}
		files[name], err = potluck.Files.ReadFile(name)
		return err
	})
	return files, err
}

// keepForNew drops the samples that only make sense in the invented network.
func keepForNew(file string) bool {
	section, name, _ := strings.Cut(strings.TrimPrefix(file, "content/"), "/")
	switch section {
	case "data": // the map of an invented town
		return false
	case "resources", "offers", "requests", "events", "groups", "agreements", "news", "stories":
		return strings.HasPrefix(name, "index.")
	}
	return true
}

var ownLines = regexp.MustCompile(`(?m)^(title|base_url|phone|email|description) = .*$`)

// What stands for the invented network's phone and e-mail address, by language.
var (
	ourPhone = map[string]string{"": "(our phone number)", ".es": "(nuestro teléfono)", ".ar": "(رقم هاتفنا)"}
	ourEmail = map[string]string{"": "(our e-mail address)", ".es": "(nuestro correo)", ".ar": "(بريدنا الإلكتروني)"}
)

// rename takes the invented network's name and addresses out of the starter, so
// that nobody calls a number that is not there.
func rename(files map[string][]byte, title string) {
	for name, data := range files {
		base, ok := strings.CutSuffix(name, ".md")
		if !ok {
			continue
		}
		lang := path.Ext(base)
		files[name] = []byte(strings.NewReplacer(starterName, title, "hello@riverside.example.org", ourEmail[lang],
			"\u2066+1 555 0134\u2069", ourPhone[lang], "+1 555 0134", ourPhone[lang]).Replace(string(data)))
	}
	own := map[string]string{"title": title, "base_url": "http://127.0.0.1:8080/", "phone": "", "email": "", "description": ""}
	files["site.toml"] = ownLines.ReplaceAllFunc(files["site.toml"], func(line []byte) []byte {
		key, _, _ := strings.Cut(string(line), " ")
		return []byte(key + " = " + strconv.Quote(own[key]))
	})
}

// makeNetwork writes a network's folder with its repository, first commit, and a keeper,
// whose passphrase it gives.
func makeNetwork(ctx context.Context, c *call, dir string, files map[string][]byte, who repo.Signature) (n *network, passphrase string, err error) {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, "", hinted(fmt.Errorf("%q is not empty", dir), "name a new folder, or serve this one: potluck serve -C %s", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", err
	}
	if err := durable.MkdirAll(dir, 0o755); err != nil {
		return nil, "", err
	}
	r, err := repo.Init(dir, false)
	if err != nil {
		return nil, "", err
	}
	if err := nameInConfig(r, who); err != nil {
		return nil, "", err
	}
	if _, err := r.Commit(ctx, repo.Change{Files: files, Message: "start the network", Author: who, When: c.now()}); err != nil {
		return nil, "", err
	}
	if n, err = openAt(dir, ""); err != nil {
		return nil, "", err
	}
	v, err := vault.Open(n.path("var"))
	if err != nil {
		return nil, "", err
	}
	passphrase, err = v.EnterAnew(who.Name, site.Keeper)
	return n, passphrase, err
}

// nameInConfig makes who the repository's own user, so that git and potluck
// write the same name.
func nameInConfig(r *repo.Repo, who repo.Signature) error {
	file := filepath.Join(r.Dir(), "config")
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	name := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(who.Name)
	user := fmt.Sprintf("[user]\n\tname = \"%s\"\n\temail = organizer@potluck.invalid\n", name)
	return durable.WriteFile(file, append(old, user...), 0o644)
}
