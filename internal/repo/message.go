package repo

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Signature is who made a commit. An Email left out becomes one that cannot receive mail.
type Signature struct{ Name, Email string }

// Trailer is one "Key: value" line at the end of a commit message.
type Trailer struct{ Key, Value string }

var notSlug = regexp.MustCompile(`[^\p{L}\p{N}]+`)

// ident prints s as git has it in a commit, without the characters that would end a part of it.
func (s Signature) ident(when time.Time) string {
	clean := strings.NewReplacer("<", "", ">", "", "\n", " ", "\r", " ", "\x00", "")
	name := strings.Trim(clean.Replace(s.Name), " .,:;\"'\\")
	email := strings.ReplaceAll(clean.Replace(s.Email), " ", "")
	if email == "" {
		email = strings.Trim(notSlug.ReplaceAllString(strings.ToLower(name), "-"), "-") + "@potluck.invalid"
	}
	return fmt.Sprintf("%s <%s> %d %s", name, email, when.Unix(), when.Format("-0700"))
}

// addCommit makes a commit; the zero parent is none.
func (b batch) addCommit(tree, parent Hash, c *Change) Hash {
	if tree.IsZero() {
		tree = b.add(plumbing.TreeObject, nil)
	}
	raw := fmt.Appendf(nil, "tree %s\n", tree)
	if !parent.IsZero() {
		raw = fmt.Appendf(raw, "parent %s\n", parent)
	}
	who := c.Author.ident(c.When)
	return b.add(plumbing.CommitObject, fmt.Appendf(raw, "author %s\ncommitter %s\n\n%s", who, who, c.message()))
}

func (c *Change) message() string {
	text := strings.TrimSpace(strings.ReplaceAll(c.Message, "\x00", "")) + "\n"
	for i, t := range c.Trailers {
		if i == 0 {
			text += "\n"
		}
		text += t.Key + ": " + strings.Join(strings.Fields(t.Value), " ") + "\n"
	}
	return text
}

var trailerLine = regexp.MustCompile(`^([A-Za-z0-9-]+): (.*)$`)

// trailers reads the last paragraph of a message, if all of its lines are trailers.
func trailers(message string) (found []Trailer) {
	paragraphs := strings.Split(strings.TrimSpace(message), "\n\n")
	if len(paragraphs) < 2 {
		return nil
	}
	for line := range strings.SplitSeq(paragraphs[len(paragraphs)-1], "\n") {
		m := trailerLine.FindStringSubmatch(line)
		if m == nil {
			return nil
		}
		found = append(found, Trailer{m[1], m[2]})
	}
	return found
}
