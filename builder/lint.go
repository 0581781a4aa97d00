package builder

import (
	"fmt"
	"html/template"
	"path"
	"slices"
	"strings"
	"text/template/parse"

	"potluck/internal/site"
)

// check finds words and assets that templates name and the theme does not have.
// It reads the parsed templates, so that what it finds does not depend on pages.
func (th *theme) check(root string) {
	c := &checker{th: th, root: root, asked: map[string]bool{}}
	names := make([]string, 0, len(th.layouts))
	for name := range th.layouts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c.layout(th.layouts[name])
	}
	th.problems = append(th.problems, c.untranslated()...)
}

type checker struct {
	th    *theme
	root  string
	tree  *parse.Tree
	asked map[string]bool // place and call, so that each is looked at once
	keys  []string
}

func (c *checker) layout(t *template.Template) {
	templates := t.Templates()
	slices.SortFunc(templates, func(a, b *template.Template) int { return strings.Compare(a.Name(), b.Name()) })
	for _, t := range templates {
		if t.Tree != nil {
			c.tree = t.Tree
			c.node(t.Tree.Root)
		}
	}
}

func (c *checker) node(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				c.node(child)
			}
		}
	case *parse.ActionNode:
		c.node(n.Pipe)
	case *parse.TemplateNode:
		c.node(n.Pipe)
	case *parse.IfNode:
		c.branch(&n.BranchNode)
	case *parse.RangeNode:
		c.branch(&n.BranchNode)
	case *parse.WithNode:
		c.branch(&n.BranchNode)
	case *parse.PipeNode:
		if n != nil {
			for _, cmd := range n.Cmds {
				c.command(cmd)
			}
		}
	}
}

func (c *checker) branch(b *parse.BranchNode) {
	c.node(b.Pipe)
	c.node(b.List)
	c.node(b.ElseList)
}

func (c *checker) command(cmd *parse.CommandNode) {
	for _, a := range cmd.Args {
		c.node(a)
	}
	if len(cmd.Args) < 2 {
		return
	}
	name, ok1 := cmd.Args[0].(*parse.IdentifierNode)
	arg, ok2 := cmd.Args[1].(*parse.StringNode)
	if !ok1 || !ok2 {
		return
	}
	place, _ := c.tree.ErrorContext(cmd)
	if seen := place + name.Ident + arg.Text; !c.asked[seen] {
		c.asked[seen] = true
		c.call(place, name.Ident, arg.Text)
	}
}

func (c *checker) call(place, name, arg string) {
	switch {
	case name == "t" && c.has(arg, c.th.langs(0)...):
		if !slices.Contains(c.keys, arg) {
			c.keys = append(c.keys, arg)
		}
	case name == "t":
		c.add(place, "add it to strings/en.toml", "there are no words for %q", arg)
	case name == "asset" && c.th.hrefs[arg] == "":
		c.add(place, "add the file to static/", "there is no file %q", arg)
	}
}

func (c *checker) has(key string, langs ...string) bool {
	_, plain := c.th.words.find(key, langs)
	_, plural := c.th.words.find(key+".other", langs)
	return plain || plural
}

func (c *checker) add(place, hint, format string, args ...any) {
	p := site.Problem{Path: path.Join(c.root, place), Severity: site.Warning, Text: fmt.Sprintf(format, args...), Hint: hint}
	if m := templateError.FindStringSubmatch("template: " + place + ": x"); m != nil {
		p = templateProblem(c.root, fmt.Errorf("template: %s: %s", place, p.Text))
		p.Severity, p.Hint = site.Warning, hint
	}
	c.th.problems = append(c.th.problems, p)
}

// untranslated gives one problem for each language that misses words.
func (c *checker) untranslated() []site.Problem {
	var ps []site.Problem
	for _, l := range c.th.cfg.Languages {
		var missing []string
		for _, k := range c.keys {
			if !c.has(k, l) {
				missing = append(missing, k)
			}
		}
		if len(missing) > 0 {
			ps = append(ps, site.Problem{Path: path.Join(c.root, "strings", l+".toml"), Severity: site.Warning,
				Text: fmt.Sprintf("%d texts of the theme are not translated, such as %q", len(missing), missing[0]),
				Hint: "add them to the file; until then another language stands there"})
		}
	}
	return ps
}
