package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"potluck/builder"
	"potluck/internal/repo"
)

var publishCommand = &command{
	name: "publish", usage: "publish -to DIR | -branch NAME", short: "make the site ready for its host",
	long: `
Builds the site with packed files beside it, as hosts like it, and puts it into
the folder that -to names or, with -branch, as one commit onto a branch of the
network's repository that holds the site and nothing else. Pushing that branch is
yours: git push origin pages. A site with errors is not published.

Forms need potluck serve behind them. Where the site lies on a host of files alone,
say forms = false under [outputs] in site.toml: pages then give phone and mail.

With -recipe github, gitlab or forgejo it prints the file with which that forge
builds and publishes at every push, and where to put it. With -recipe caddy or
nginx it prints what a web server of your own needs: the same headers as potluck
serve sends, and no log of who came.`,
	flags: "C as",
	more: func(c *call) {
		c.flags.String("to", "", "put the site into this `folder`")
		brotliFlag(c)
		c.flags.String("branch", "", "commit the site onto this `branch`")
		c.flags.String("recipe", "", "print what a `host` needs to publish: github, gitlab, forgejo, caddy or nginx")
	},
	run: func(ctx context.Context, c *call) error {
		value := func(flag string) string { return c.flags.Lookup(flag).Value.String() }
		to, branch, forge := value("to"), value("branch"), value("recipe")
		given := slices.DeleteFunc([]string{to, branch, forge}, func(s string) bool { return s == "" })
		switch {
		case len(given) != 1 || len(c.args) > 0:
			return usageError(find("publish"), "name one of -to, -branch and -recipe")
		case forge != "":
			return printRecipe(c, forge)
		}
		if err := guardSource(c); err != nil {
			return err
		}
		n, err := openNetwork(c)
		if err != nil {
			return err
		}
		if to != "" {
			return n.publishFolder(ctx, c, to)
		}
		return n.publishBranch(ctx, c, branch)
	},
}

// publishInto builds the site, and refuses one with errors.
func (n *network) publishInto(ctx context.Context, c *call, to builder.Sink) error {
	res, err := n.build(ctx, builder.New(), builder.Input{Now: c.now(), Into: to, Pack: packedAs(c)})
	if err != nil {
		return err
	}
	if faults := sayProblems(c.stderr, res.Problems); faults > 0 {
		return hinted(errors.New(count(faults, "problem")), "mend them; the lines above say where")
	}
	return nil
}

func (n *network) publishFolder(ctx context.Context, c *call, to string) error {
	folder, err := builder.OpenFolder(to)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := n.publishInto(ctx, c, folder); err != nil {
		return err
	}
	_, err = folder.Done()
	return err
}

// snapshot is the files of a site by path.
type snapshot struct {
	mu    sync.Mutex
	files map[string][]byte
}

func (s *snapshot) Put(f builder.File) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[f.Path] = bytes.Clone(f.Data)
	return nil
}

func (n *network) publishBranch(ctx context.Context, c *call, branch string) error {
	if err := n.needRepo(); err != nil {
		return err
	}
	who, err := n.identity(c.as)
	if err != nil {
		return err
	}
	all := &snapshot{files: map[string][]byte{".nojekyll": {}}} // or GitHub leaves out names that begin with _
	if err := n.publishInto(ctx, c, all); err != nil {
		return err
	}
	h, err := n.repo.Snapshot(ctx, repo.Snapshot{Ref: "refs/heads/" + branch, Files: all.files, Message: "site: as built", Author: who, When: c.now()})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s on branch %s, commit %.10s\nto publish it: git push origin %s\n", count(len(all.files), "file"), branch, h, branch)
	return nil
}

func printRecipe(c *call, forge string) error {
	r, ok := recipes[forge]
	if server := serverRecipes[forge]; server != nil {
		n, err := openNetwork(c)
		if err != nil {
			return err
		}
		fmt.Fprint(c.stdout, server(n.cfg()))
		return nil
	}
	if !ok {
		names := slices.Concat(slices.Collect(maps.Keys(recipes)), slices.Collect(maps.Keys(serverRecipes)))
		slices.Sort(names)
		return hinted(fmt.Errorf("there is no recipe for %q", forge), "there are: %s", strings.Join(names, ", "))
	}
	fmt.Fprintf(c.stdout, "# Put this into %s of the network's repository.\n%s", r.file, strings.TrimPrefix(r.text, "\n"))
	return nil
}

// recipes make a forge build and publish at every push. The program comes from
// the sources that POTLUCK_SOURCE names, the address of a git repository.
var recipes = map[string]struct{ file, text string }{
	"github": {".github/workflows/site.yml", `
# Settings: Pages, Source, GitHub Actions; and a variable POTLUCK_SOURCE.
name: site
on:
  push:
    branches: [main]
permissions:
  contents: read
  pages: write
  id-token: write
concurrency:
  group: pages
jobs:
  site:
    runs-on: ubuntu-latest
    environment:
      name: github-pages
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-go@v5
        with:
          go-version: "1.26"
      - run: git clone --depth 1 "${{ vars.POTLUCK_SOURCE }}" "$RUNNER_TEMP/potluck"
      - run: go build -C "$RUNNER_TEMP/potluck" -o "$RUNNER_TEMP/bin/" ./cmd/potluck
      - run: '"$RUNNER_TEMP/bin/potluck" check -C .'
      - run: '"$RUNNER_TEMP/bin/potluck" publish -C . -to public'
      - uses: actions/upload-pages-artifact@v3
        with:
          path: public
      - uses: actions/deploy-pages@v4
`},
	"gitlab": {".gitlab-ci.yml", `
# Settings: CI/CD, Variables: POTLUCK_SOURCE.
pages:
  image: golang:1.26
  variables:
    GIT_DEPTH: "0"
  script:
    - git clone --depth 1 "$POTLUCK_SOURCE" "$CI_BUILDS_DIR/potluck"
    - go build -C "$CI_BUILDS_DIR/potluck" -o "$CI_BUILDS_DIR/bin/" ./cmd/potluck
    - '"$CI_BUILDS_DIR/bin/potluck" check -C .'
    - '"$CI_BUILDS_DIR/bin/potluck" publish -C . -to public'
  artifacts:
    paths:
      - public
  rules:
    - if: $CI_COMMIT_BRANCH == "main"
`},
	"forgejo": {".forgejo/workflows/site.yml", `
# Settings: Actions, Variables: POTLUCK_SOURCE. The site is pushed to the branch pages.
name: site
on:
  push:
    branches: [main]
jobs:
  site:
    runs-on: docker
    container:
      image: golang:1.26
    steps:
      - run: git clone "https://token:${{ secrets.FORGEJO_TOKEN }}@${GITHUB_SERVER_URL#https://}/$GITHUB_REPOSITORY" network
      - run: git clone --depth 1 "${{ vars.POTLUCK_SOURCE }}" potluck
      - run: go build -C potluck -o ../bin/ ./cmd/potluck
      - run: bin/potluck check -C network
      - run: bin/potluck publish -C network -branch pages -as site
      - run: git -C network push origin pages
`},
}
