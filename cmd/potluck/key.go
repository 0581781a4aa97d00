package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"potluck/internal/intake"
	"potluck/internal/vault"
)

// passphraseVariable is for programs; a person is asked.
const passphraseVariable = "POTLUCK_PASSPHRASE"

// keyFlags say which key opens what is sealed.
func keyFlags(c *call) {
	c.flags.String("key", "", "`file` with your own key; without it your passphrase opens the one that is kept for you")
	c.flags.String("passphrase-file", "", "`file` with your passphrase (default: $"+passphraseVariable+", or you are asked)")
}

// openKey gives the key of who calls: that of -key, or the one that is kept under her
// passphrase. It is nil where neither is named and nobody can be asked.
func openKey(c *call, n *network, svc *intake.Service) (intake.Key, error) {
	file := c.word("key", "")
	own, said := n.path("var", "keys", "keeper.txt"), c.word("passphrase-file", os.Getenv(passphraseVariable)) != ""
	if file == "" && !said && exists(own) { // of an older network
		file = own
	}
	if file != "" {
		return vault.KeyFile(file, func() (string, error) { return c.passphrase(file) })
	}
	who, err := n.identity(c.as)
	if err != nil {
		return nil, err
	}
	passphrase, err := c.passphrase(who.Name)
	if err != nil || passphrase == "" {
		return nil, err
	}
	_, key, err := svc.Unlock(who.Name, passphrase)
	return key, err
}

// passphrase reads it from where it is, or asks for it. "" where nobody can be asked.
func (c *call) passphrase(name string) (string, error) {
	if file := c.word("passphrase-file", ""); file != "" {
		text, err := os.ReadFile(file)
		return strings.TrimSpace(string(text)), err
	}
	if text := os.Getenv(passphraseVariable); text != "" {
		return text, nil
	}
	if !isTerminal(os.Stdin) || !isTerminal(c.stderr) {
		return "", nil
	}
	if c.typed[name] != "" {
		return c.typed[name], nil
	}
	fmt.Fprintf(c.stderr, "The passphrase of %s: ", name)
	_ = echo("-echo")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	_ = echo("echo")
	fmt.Fprintln(c.stderr)
	if line = strings.TrimSpace(line); line == "" {
		return "", errors.Join(err, hinted(errors.New("no passphrase was given"), "it is six words; it was shown when the key was made"))
	}
	if c.typed == nil {
		c.typed = map[string]string{}
	}
	c.typed[name] = line
	return line, nil
}

// echo lets the terminal show what is typed, or not; where it cannot, it is shown.
func echo(mode string) error {
	stty := exec.Command("stty", mode)
	stty.Stdin = os.Stdin
	return stty.Run()
}
