package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"potluck/internal/site"
)

var helpCommand = &command{
	name: "help", usage: "help [COMMAND]", short: "tell what the commands do",
	long: `Without a word, help lists the commands. With one, it tells all about it.
potluck help site.toml lists all settings.`,
	run: func(_ context.Context, c *call) error {
		if len(c.args) == 0 {
			overview(c.stdout)
			return nil
		}
		if c.args[0] == "site.toml" {
			settings(c.stdout)
			return nil
		}
		cmd := find(c.args[0])
		if cmd == nil {
			return hinted(fmt.Errorf("%w: there is no command %q", errUsage, c.args[0]), "potluck help lists the commands")
		}
		if err := c.parse(cmd, nil); err != nil {
			return err
		}
		explain(c.stdout, cmd)
		return nil
	},
}

// settings prints all keys of site.toml.
func settings(w io.Writer) {
	fmt.Fprint(w, "The keys of site.toml. \"words\" are a text, or a table with one text a language.\n")
	table := ""
	for _, k := range site.Reference() {
		if k.Table != table {
			table = k.Table
			fmt.Fprintf(w, "\n%s\n", table)
		}
		if k.Name == "" {
			fmt.Fprintf(w, "  # %s\n", k.Doc)
			continue
		}
		text := k.Doc
		if k.Default != "" {
			text += " (default " + k.Default + ")"
		}
		fmt.Fprintf(w, "  %-14s %-14s %s\n", k.Name, k.Type, text)
	}
}

// overview prints a line a command; the README holds the same lines.
func overview(w io.Writer) {
	fmt.Fprint(w, "potluck publishes what a community can share, and takes in what people need and offer.\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  potluck %-34s %s\n", c.usage, c.short)
	}
	fmt.Fprint(w, "\npotluck help COMMAND tells more. To look around: potluck demo\n")
}

// explain prints all about a command.
func explain(w io.Writer, cmd *command) {
	fmt.Fprintf(w, "potluck %s\n\n%s\n", cmd.usage, strings.TrimSpace(cmd.long))
	c := &call{}
	_ = c.parse(cmd, nil)
	first := true
	c.flags.VisitAll(func(f *flag.Flag) {
		if first {
			fmt.Fprint(w, "\nFlags:\n")
			first = false
		}
		value, text := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			text += fmt.Sprintf(" (default %s)", f.DefValue)
		}
		fmt.Fprintf(w, "  %-18s %s\n", strings.TrimSpace("-"+f.Name+" "+value), text)
	})
}
