package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"potluck"
	"potluck/internal/repo"
	"potluck/internal/site"
)

// network is a network's folder, opened.
type network struct {
	dir      string
	rev      string // when set, site.toml, content/ and themes/ are read from this revision
	conf     atomic.Pointer[site.Config]
	faults   []site.Problem // of site.toml
	problems []site.Problem // of site.toml and the history
	repo     *repo.Repo     // nil without git
	files    fs.FS          // site.toml, content/, themes/
	past     past           // see history
	shown    atomic.Pointer[[]*site.Header]
}

// openNetwork opens the folder that -C names, or this one.
func openNetwork(c *call) (*network, error) { return openAt(c.dir, "") }

// openAt opens a network's folder, or a revision of its repository. A bare
// repository is read at main.
func openAt(dir, rev string) (*network, error) {
	if dir == "" {
		dir = "."
	}
	n := &network{dir: dir, rev: rev, files: os.DirFS(dir)}
	var err error
	if n.repo, err = repo.Open(dir); err != nil && !errors.Is(err, repo.ErrNoRepo) {
		return nil, err
	}
	if n.repo != nil && n.repo.Bare() && rev == "" {
		n.rev = repo.Main
	}
	if n.rev != "" && n.repo == nil {
		return nil, hinted(fmt.Errorf("there is no git repository in %q", dir), "leave -rev out to build the files as they are")
	}
	return n, n.reload()
}

// reload reads site.toml, and the revision's files where they come from git.
func (n *network) reload() error {
	if n.rev != "" {
		files, err := n.repo.FS(n.rev)
		if err != nil {
			return err
		}
		n.files = files
	}
	src, err := fs.ReadFile(n.files, "site.toml")
	if errors.Is(err, fs.ErrNotExist) {
		return hinted(fmt.Errorf("there is no site.toml in %q", n.dir), "go to your network's folder, name it with -C DIR, or make one: potluck new DIR")
	}
	if err != nil {
		return err
	}
	cfg, problems := site.ParseConfig(src)
	if p := cfg.Broken; p != nil { // a site made of half of it would lose its name, and pages
		return hinted(errors.New(p.String()), "%s", p.Hint)
	}
	n.faults = problems
	n.conf.Store(cfg)
	return nil
}

// cfg is what site.toml said when it was last read.
func (n *network) cfg() *site.Config { return n.conf.Load() }

// content gives the files of content/.
func (n *network) content() (fs.FS, error) {
	if info, err := fs.Stat(n.files, "content"); err != nil || !info.IsDir() {
		return nil, hinted(fmt.Errorf("there is no folder content in %q", n.dir), "pages lie in content/; make it, and put index.md there")
	}
	return fs.Sub(n.files, "content")
}

// pages gives what is known of the pages on the site: by the last build while it is served,
// else by their files.
func (n *network) pages() ([]*site.Header, error) {
	if known := n.shown.Load(); known != nil {
		return *known, nil
	}
	content, err := n.content()
	if err != nil {
		return nil, err
	}
	var all []*site.Header
	err = fs.WalkDir(content, ".", func(name string, e fs.DirEntry, err error) error {
		pl, odd := n.cfg().PlaceOf(name)
		if err != nil || odd != nil || e.IsDir() {
			return err
		}
		src, err := fs.ReadFile(content, name)
		p, _ := site.Parse(n.cfg(), pl, src)
		if now, _ := p.Shown(time.Now(), n.cfg().Location); now && !p.Draft {
			all = append(all, &site.Header{Place: p.Place, Kind: p.Kind, Meta: p.Meta})
		}
		return err
	})
	n.shown.Store(&all)
	return all, err
}

// theme gives the network's theme: its own files over those that potluck carries.
func (n *network) theme() (fs.FS, error) {
	var layers overlay
	for _, files := range []fs.FS{n.files, potluck.Files} {
		sub, err := fs.Sub(files, "themes/"+n.cfg().Theme)
		if err != nil {
			return nil, err
		}
		if _, err := fs.Stat(sub, "."); err == nil {
			layers = append(layers, sub)
		}
	}
	if len(layers) == 0 {
		return nil, hinted(fmt.Errorf("there is no theme %q", n.cfg().Theme), `leave theme out of site.toml to use "commons"`)
	}
	return layers, nil
}

// identity is who stands in the history: -as, or the repository's own user.name.
func (n *network) identity(as string) (repo.Signature, error) {
	if as != "" {
		return repo.Signature{Name: as}, nil
	}
	if n.repo != nil {
		if who, ok := n.repo.Identity(); ok {
			return who, nil
		}
	}
	return repo.Signature{}, hinted(errors.New("nobody is named for the history"), `add -as "Your name"; a first name or a made-up one is right`)
}

// needRepo says what is missing where a command needs git.
func (n *network) needRepo() error {
	if n.repo != nil {
		return nil
	}
	return hinted(fmt.Errorf("%q is not in git, so forms and the inbox are off", n.dir), "git init -b main, git add -A, git commit")
}

// guardSource refuses to write into potluck's own source folder by accident.
func guardSource(c *call) error {
	if c.dir != "" {
		return nil
	}
	mod, err := os.ReadFile("go.mod")
	if err == nil && bytes.HasPrefix(mod, []byte("module potluck\n")) {
		return hinted(errors.New("this is potluck's own source folder"), "name your network's folder: potluck %s -C DIR", c.flags.Name())
	}
	return nil
}

// path gives a path below the network's folder.
func (n *network) path(parts ...string) string {
	return filepath.Join(append([]string{n.dir}, parts...)...)
}
