// Command potluck is a network's public front and its memory: it builds the site
// from Markdown, serves it, takes in what neighbours post, and lets organizers
// review it.
//
// main wires the packages together and nothing more. A command is a row of the
// table [commands] and a function in the file of its name; it gets a [call] with
// its flags and streams, so that tests run it without a process. Errors end with
// a way out:
//
//	potluck: error: there is no site.toml in "."
//	potluck: hint: go to your network's folder, or name it with -C DIR
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // a keeper's machine may have no time zones
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// call is one run of a command.
type call struct {
	args   []string            // after the flags
	dir    string              // -C
	addr   string              // -addr
	out    string              // -out
	as     string              // -as
	set    map[string][]string // -set of inbox
	typed  map[string]string   // passphrases, so that each is asked for once
	flags  *flag.FlagSet
	stdout io.Writer
	stderr io.Writer
	now    func() time.Time
}

// command is a row of the table: how it is called, what it is for in one line,
// and in full.
type command struct {
	name  string
	usage string
	short string
	long  string
	flags string // the shared flags it takes, of "C addr out as"
	more  func(*call)
	run   func(context.Context, *call) error
}

// commands is filled by init, since help reads it.
var commands []*command

func init() {
	commands = []*command{
		demoCommand, newCommand, buildCommand, publishCommand, serveCommand, checkCommand, inboxCommand, intakeCommand, paperCommand,
		organizersCommand, keysCommand,
		pageCommand, reportCommand, purgeCommand, doctorCommand, themeCommand, importCommand, helpCommand,
	}
}

// run is main with everything given; it returns the exit code: 0 done, 1 not
// done, 2 called wrongly.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		args = []string{"help"}
	}
	name := args[0]
	if name == "-h" || name == "--help" || name == "-help" {
		name = "help"
	}
	cmd := find(name)
	if cmd == nil {
		complain(stderr, hinted(fmt.Errorf("there is no command %q", name), "potluck help lists the commands"))
		return 2
	}
	c := &call{stdout: stdout, stderr: stderr, now: time.Now}
	err := c.parse(cmd, args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		explain(stdout, cmd)
		return 0
	case err != nil:
		complain(stderr, hinted(err, "potluck help %s", cmd.name))
		return 2
	}
	if err := cmd.run(ctx, c); err != nil {
		complain(stderr, err)
		if errors.Is(err, errUsage) {
			return 2
		}
		return 1
	}
	return 0
}

func find(name string) *command {
	for _, c := range commands {
		if c.name == name {
			return c
		}
	}
	return nil
}

// parse reads flags wherever they stand among the words.
func (c *call) parse(cmd *command, args []string) error {
	c.flags = flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	c.flags.SetOutput(io.Discard)
	for name, define := range sharedFlags(c) {
		if strings.Contains(" "+cmd.flags+" ", " "+name+" ") {
			define()
		}
	}
	if cmd.more != nil {
		cmd.more(c)
	}
	for {
		if err := c.flags.Parse(args); err != nil {
			return err
		}
		rest := c.flags.Args()
		if len(rest) == 0 {
			return nil
		}
		c.args, args = append(c.args, rest[0]), rest[1:]
	}
}

func sharedFlags(c *call) map[string]func() {
	return map[string]func(){
		"C":    func() { c.flags.StringVar(&c.dir, "C", "", "the network's `folder` (default: this one)") },
		"addr": func() { c.flags.StringVar(&c.addr, "addr", "127.0.0.1:8080", "`address` to listen on") },
		"out":  func() { c.flags.StringVar(&c.out, "out", "", "`folder` to write the site to") },
		"as": func() {
			c.flags.StringVar(&c.as, "as", "", "the `name` that stands in the history (default: user.name of the repository)")
		},
	}
}

var errUsage = errors.New("called wrongly")

// usageError says how a command is called.
func usageError(cmd *command, format string, args ...any) error {
	return hinted(fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...)), "potluck %s", cmd.usage)
}
