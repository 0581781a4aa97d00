package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var pageCommand = &command{
	name: "page", usage: "page edit|new|log|… PAGE", short: "edit a page on main, and see its history",
	long: `
  potluck page edit PAGE           opens the page in $EDITOR and puts it on main; -picture
                                   FILE adds a picture, and -words says what it shows
  potluck page new KIND TITLE      makes a page in its kind's folder, and opens it
  potluck page move PAGE TO        gives it another place; the old address leads there
  potluck page delete PAGE         takes it off the site; -to says where its readers go
  potluck page log PAGE            who changed it, when and why; -rev shows one change
  potluck page restore PAGE        makes it what it was in the version -rev

A PAGE is a file such as content/resources/pantry.md, or resources/pantry. The page
comes from main and goes to main by one commit in your name, as it does at the desk.
If somebody else was faster, nothing is changed and nothing is lost: say with -keep
what shall stand. A page with private fields, or that cannot be read, is not saved.`,
	flags: "C as",
	more: func(c *call) {
		c.flags.String("file", "", "`file` with the page, instead of $EDITOR; - reads it from here")
		c.flags.String("why", "", "`words` for the history")
		c.flags.String("base", "", "the `revision` you looked at (default: main as it is)")
		c.flags.String("keep", "", "after a clash: mine, theirs or `both`")
		c.flags.String("to", "", "`address` where readers of a deleted page are sent")
		c.flags.String("rev", "", "a `revision` that log names")
		c.flags.String("picture", "", "`file` with a picture, to stand below the text")
		c.flags.String("words", "", "what the picture shows, in `words`")
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) == 0 {
			return usageError(find("page"), "name what to do and a page")
		}
		do, ok := pageDeeds[c.args[0]]
		if !ok || len(c.args)-1 != do.words {
			return usageError(find("page"), "name what to do and a page")
		}
		n, svc, err := openForReview(c)
		if err != nil {
			return err
		}
		who, err := n.identity(c.as)
		if err != nil && c.args[0] != "log" {
			return err
		}
		return do.run(&pageCall{c, n, svc, intake.Person(who)}, ctx)
	},
}

// pageCall is one run of potluck page.
type pageCall struct {
	*call
	n   *network
	svc *intake.Service
	by  intake.Person
}

// pageDeeds are what can be done with a page, and how many words each takes.
var pageDeeds = map[string]struct {
	words int
	run   func(*pageCall, context.Context) error
}{
	"edit": {1, (*pageCall).edit}, "new": {2, (*pageCall).create}, "move": {2, (*pageCall).move}, "delete": {1, (*pageCall).remove},
	"log": {1, (*pageCall).log}, "restore": {1, (*pageCall).restore},
}

func (p *pageCall) flag(name string) string { return p.flags.Lookup(name).Value.String() }

func (p *pageCall) edit(ctx context.Context) error {
	sh, err := p.svc.Sheet(p.args[1])
	if err != nil {
		return err
	}
	return p.save(ctx, intake.Edit{Path: sh.Path, Base: cmp.Or(p.flag("base"), sh.Base), Data: sh.Source, Why: p.flag("why")})
}

func (p *pageCall) create(ctx context.Context) error {
	name, err := p.svc.NewPath(p.args[1], p.args[2])
	if err != nil {
		return err
	}
	pl, err := p.n.cfg().PlaceOf(strings.TrimPrefix(name, "content/"))
	if err != nil {
		return err
	}
	typed := map[string][]string{"title": {site.CleanLine(p.args[2])}, "date": {site.OnDay(p.now().In(p.n.cfg().Location)).String()}}
	data, _, err := intake.Fill(p.n.cfg(), pl, nil, p.args[1], typed)
	if err != nil {
		return err
	}
	return p.save(ctx, intake.Edit{Path: name, Data: data, Why: p.flag("why")})
}

// save has the page written, and puts it on main. Where that is not possible, the words stay
// in a file.
func (p *pageCall) save(ctx context.Context, e intake.Edit) error {
	words, err := p.written(e.Data)
	if err != nil {
		return err
	}
	if bytes.Equal(words, e.Data) && p.flag("base")+p.flag("picture") == "" && e.Base != "" {
		fmt.Fprintf(p.stdout, "nothing changed: %s\n", e.Path)
		return nil
	}
	e.Data = words
	if e, err = p.pictured(e); err != nil {
		return err
	}
	sh, err := p.svc.Save(ctx, e, p.by)
	var clash *intake.Clash
	if keep := intake.Keep(p.flag("keep")); errors.As(err, &clash) && keep != "" {
		settled, twice := clash.Settle(p.n.cfg(), keep, e)
		for _, f := range twice {
			fmt.Fprintf(p.stderr, "potluck: both changed %q; look at it again\n", f.Name)
		}
		if settled.Data == nil {
			fmt.Fprintf(p.stdout, "theirs is kept: %s is gone\n", clash.Path)
			return nil
		}
		sh, err = p.svc.Save(ctx, settled, p.by)
	}
	if err != nil {
		if p.flag("file") == "" {
			if kept, keepErr := keepWords(e.Path, words); keepErr == nil {
				fmt.Fprintf(p.stderr, "potluck: your words are kept in %s\n", kept)
			}
		}
		return err
	}
	p.saved(sh)
	return nil
}

func (p *pageCall) saved(sh *intake.Sheet) {
	sayProblems(p.stderr, sh.Problems)
	fmt.Fprintf(p.stdout, "saved: %s\n", sh.Path)
}

// keepWords puts words that could not be saved into a file of their own.
func keepWords(name string, words []byte) (string, error) {
	f, err := os.CreateTemp("", strings.TrimSuffix(filepath.Base(name), ".md")+"-*.md")
	if err != nil {
		return "", err
	}
	_, err = f.Write(words)
	return f.Name(), errors.Join(err, f.Close())
}

// written is the page as -file has it, or as a person leaves it in her editor.
func (p *pageCall) written(data []byte) ([]byte, error) {
	switch name := p.flag("file"); name {
	case "":
		return p.editor(data)
	case "-":
		return io.ReadAll(os.Stdin)
	default:
		return os.ReadFile(name)
	}
}

func (p *pageCall) editor(data []byte) ([]byte, error) {
	program := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"))
	if program == "" {
		return nil, hinted(errors.New("no editor is named"), "set EDITOR, or give the page with -file FILE")
	}
	name, err := keepWords("page.md", data)
	if err != nil {
		return nil, err
	}
	defer os.Remove(name)
	cmd := exec.Command("sh", "-c", program+` "$1"`, "sh", name)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, p.stdout, p.stderr
	if err := cmd.Run(); err != nil {
		return nil, hinted(fmt.Errorf("the editor ended with %w", err), "nothing was changed")
	}
	return os.ReadFile(name)
}

func (p *pageCall) move(ctx context.Context) error {
	sh, err := p.svc.Rename(ctx, p.args[1], p.args[2], p.flag("base"), p.flag("why"), p.by)
	if err == nil {
		fmt.Fprintf(p.stdout, "moved: %s\n", sh.Path)
	}
	return err
}

func (p *pageCall) remove(ctx context.Context) error {
	err := p.svc.Remove(ctx, p.args[1], p.flag("to"), p.flag("base"), p.flag("why"), p.by)
	if err == nil {
		fmt.Fprintf(p.stdout, "deleted: %s\n", p.args[1])
	}
	return err
}

// pictured adds the picture that -picture names.
func (p *pageCall) pictured(e intake.Edit) (intake.Edit, error) {
	name := p.flag("picture")
	if name == "" {
		return e, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return e, err
	}
	return p.svc.WithPicture(e, data, p.flag("words"))
}

func (p *pageCall) log(context.Context) error {
	if rev := p.flag("rev"); rev != "" {
		return p.change(rev)
	}
	versions, err := p.svc.History(p.args[1], 1000)
	for _, v := range versions {
		fmt.Fprintf(p.stdout, "%s  %s  %s: %s\n", v.Rev[:10], v.When.In(p.n.cfg().Location).Format("2006-01-02 15:04"), v.Who, v.Why)
	}
	return err
}

// change prints what one version changed, word by word.
func (p *pageCall) change(rev string) error {
	v, data, before, err := p.svc.Past(p.args[1], rev)
	if err != nil {
		return err
	}
	pl, err := p.n.cfg().PlaceOf(strings.TrimPrefix(cmp.Or(v.Path, "content/x.md"), "content/"))
	if err != nil {
		return err
	}
	p.differences(intake.Diff(p.n.cfg(), pl, before, data))
	return nil
}

// differences prints what changed in a page, field by field.
func (c *call) differences(all []intake.Difference) {
	for _, d := range all {
		name := "file"
		if d.Field != nil {
			name = d.Field.Name
		}
		fmt.Fprintf(c.stdout, "%s:\n", name)
		for _, part := range d.Parts {
			switch part.Op {
			case intake.Same:
				fmt.Fprint(c.stdout, part.Text)
			case intake.Out:
				fmt.Fprintf(c.stdout, "[-%s-]", part.Text)
			case intake.In:
				fmt.Fprintf(c.stdout, "{+%s+}", part.Text)
			case intake.Skip:
				fmt.Fprintf(c.stdout, "… %s …\n", count(part.Lines, "line"))
			}
		}
		fmt.Fprintln(c.stdout)
	}
}

func (p *pageCall) restore(ctx context.Context) error {
	sh, err := p.svc.Restore(ctx, p.args[1], p.flag("rev"), p.flag("base"), p.flag("why"), p.by)
	if err == nil {
		p.saved(sh)
	}
	return err
}
