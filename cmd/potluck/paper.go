package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"potluck/builder"
	"potluck/formhandler"
	"potluck/internal/durable"
	"potluck/internal/qr"
	"potluck/internal/site"
)

var paperCommand = &command{
	name: "paper", usage: "paper FORM -out FILE [-lang es]", short: "make a form to print, with a code to tear off",
	long: `
Writes a form, such as request or offer, as one HTML file that needs nothing else:
open it in a browser and print it. Each copy (-copies) begins on a new page and has
a number for who types it in later (potluck intake FORM -slip NUMBER), the address
of the form on the web with a QR code, and a strip with a code for the neighbour to
tear off. The code opens what she wrote once it is typed in.

Print as many copies as you need and do not photocopy one: two neighbours would have
one code. Codes are not kept anywhere, so delete the file when it is printed.`,
	flags: "C",
	more: func(c *call) {
		c.flags.StringVar(&c.out, "out", "", "the `file` to write")
		c.flags.String("lang", "", "`language` of the form (default: the network's first)")
		c.flags.Int("copies", 1, "how many `copies`, each with its own number and code")
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) != 1 || c.out == "" {
			return usageError(find("paper"), "name one form and a file")
		}
		n, svc, err := openForReview(c)
		if err != nil {
			return err
		}
		if err := printable(n, c.out); err != nil {
			return err
		}
		t, err := newTypist(c, n, svc, "")
		if err != nil {
			return err
		}
		copies := c.flags.Lookup("copies").Value.(interface{ Get() any }).Get().(int)
		if k := t.form.Kind; k.Makes == site.AChange || copies < 1 || copies > 500 {
			return hinted(fmt.Errorf("%d copies of %q cannot be printed", copies, k.Name), "name a form that needs no page, and 1 to 500 copies")
		}
		b := builder.New()
		if _, err := n.build(ctx, b, builder.Input{Now: c.now()}); err != nil {
			return err
		}
		var page bytes.Buffer
		if err := b.Render(&page, t.lang, "paper", t.title(), formhandler.Paper(svc, t.form.Kind, t.lang, copies, qr.SVG)); err != nil {
			return err
		}
		alone, err := standalone(n, page.Bytes())
		if err == nil {
			err = durable.WriteFile(c.out, alone, 0o600)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(c.stdout, "%s has %s to print. Then delete it: it has the codes.\n", c.out, count(copies, "form"))
		return nil
	},
}

// printable refuses places from which codes would come into the site or into git.
func printable(n *network, file string) error {
	own, err1 := filepath.Abs(n.dir)
	to, err2 := filepath.Abs(file)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	rel, err := filepath.Rel(own, to)
	if first, _, _ := strings.Cut(filepath.ToSlash(rel), "/"); err == nil && slices.Contains([]string{"content", "public", "themes", ".git"}, first) {
		return hinted(fmt.Errorf("%s would come into the site or its history, with the codes in it", file), "write it elsewhere: -out /tmp/%s", filepath.Base(file))
	}
	return nil
}

var (
	linkTag   = regexp.MustCompile(`(?s)<link [^>]*>\n?`)
	policyTag = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="[^"]*">`)
	bodyParts = regexp.MustCompile(`(?s)<header class="top">.*?</header>|<footer class="foot">.*?</footer>|<a class="skip".*?</a>`)
)

// standalone makes a page one file: with its style in it, which its policy names, and without
// what leads elsewhere.
func standalone(n *network, page []byte) ([]byte, error) {
	theme, err := n.theme()
	if err != nil {
		return nil, err
	}
	style, err := fs.ReadFile(theme, "static/paper.css")
	if err != nil {
		return nil, err
	}
	if bytes.Contains(style, []byte("</")) {
		return nil, hinted(errors.New("the style of the theme cannot stand in a page"), "take </ out of static/paper.css")
	}
	sum := sha256.Sum256(style)
	policy := fmt.Sprintf(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-%s'">`, base64.StdEncoding.EncodeToString(sum[:]))
	page = bodyParts.ReplaceAll(linkTag.ReplaceAll(page, nil), nil)
	page = policyTag.ReplaceAllLiteral(page, []byte(policy))
	return bytes.Replace(page, []byte("</head>"), slices.Concat([]byte("<style>"), style, []byte("</style>\n</head>")), 1), nil
}
