package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"potluck/internal/durable"
	"potluck/internal/repo"
	"potluck/internal/site"
)

// sampleDay is the day around which the starter's listings are dated.
var sampleDay = time.Date(2026, 11, 15, 0, 0, 0, 0, time.UTC)

var demoCommand = &command{
	name: "demo", usage: "demo [DIR]", short: "show a sample network, ready to be played with",
	long: `
Makes a sample network in DIR (default ./potluck-demo) with listings dated
around today and submissions that wait for an organizer, and serves it. The
folder is kept, and used again the next time; delete it to start over.

All names in it are invented.`,
	flags: "addr",
	run: func(ctx context.Context, c *call) error {
		if len(c.args) > 1 {
			return usageError(find("demo"), "name one folder, or none")
		}
		c.dir = "potluck-demo"
		if len(c.args) == 1 {
			c.dir = c.args[0]
		}
		n, err := openDemo(ctx, c)
		if err != nil {
			return err
		}
		return serve(ctx, c, n, options{live: true, drafts: true, ready: func(url string) { welcome(c, n, url) }})
	},
}

func openDemo(ctx context.Context, c *call) (*network, error) {
	if exists(c.dir + "/site.toml") {
		return openNetwork(c)
	}
	files, err := starter(func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	n, passphrase, err := makeNetwork(ctx, c, c.dir, datedAround(files, c.now()), repo.Signature{Name: demoKeeper})
	if err != nil {
		return nil, err
	}
	if err := durable.WriteFile(n.path(demoPassphrase), []byte(passphrase+"\n"), 0o600); err != nil {
		return nil, err
	}
	return n, postSamples(ctx, n)
}

// Nothing in the demo is secret, so the passphrase of its keeper lies beside her key.
const (
	demoKeeper     = "Robin"
	demoPassphrase = "var/demo-passphrase.txt"
)

var (
	dateLine = regexp.MustCompile(`(?m)^(\w+ = )(\d{4}-\d\d-\d\d)`)
	datePath = regexp.MustCompile(`/(\d{4})/(\d\d)/`)
)

// datedAround moves every date in the listings' front matter by the days between
// the sample's day and now, and puts each file into its month's folder.
func datedAround(files map[string][]byte, now time.Time) map[string][]byte {
	days := int(site.OnDay(now).Time.Sub(sampleDay).Hours() / 24)
	moved := map[string][]byte{}
	for p, data := range files {
		if path.Ext(p) != ".md" {
			moved[p] = data
			continue
		}
		var date string
		_, head, _ := strings.Cut(string(data), "+++\n")
		head, body, _ := strings.Cut(head, "\n+++\n")
		head = dateLine.ReplaceAllStringFunc(head, func(s string) string {
			m := dateLine.FindStringSubmatch(s)
			d, err := site.ParseDate(m[2])
			if err != nil {
				return s
			}
			if m[1] == "date = " {
				date = d.AddDays(days).String()
			}
			return m[1] + d.AddDays(days).String()
		})
		if datePath.MatchString(p) && date != "" {
			p = datePath.ReplaceAllString(p, "/"+date[:4]+"/"+date[5:7]+"/")
		}
		moved[p] = []byte("+++\n" + head + "\n+++\n" + body)
	}
	return moved
}

// samplePosts wait in the demo's inbox. They take the way of every post.
var samplePosts = []struct {
	kind   string
	about  string // the address of a page, or ""
	values url.Values
}{
	{"request", "", url.Values{
		"title": {"Someone to walk my dog while my foot heals"}, "body": {"Twice a day for about two weeks. He is small and calm."},
		"categories": {"care/company"}, "areas": {"north-side"}, "urgency": {"soon"}, "languages": {"en"},
		"name": {"Ana"}, "contact_how": {"text"}, "contact": {"555-0142"}, "notes": {"Mornings are best. Please do not call after eight."}}},
	{"offer", "", url.Values{
		"title": {"Two bags of warm children's clothes"}, "body": {"Sizes 4 to 8, washed and sorted. I can bring them."},
		"categories": {"things/clothes"}, "areas": {"harbor"}, "quantity": {"2 bags"}, "languages": {"en", "es"},
		"name": {"Lee"}, "contact_how": {"phone"}, "contact": {"555-0167"}}},
	{"request", "", url.Values{
		"title": {"A ride to the eye clinic"}, "body": {"There and back. I can bring money for petrol."},
		"categories": {"transport/rides"}, "areas": {"old-mill"}, "urgency": {"today"}, "languages": {"en"}, "needs": {"step-free"},
		"name": {"M."}, "contact_how": {"person"}, "contact": {"Ask for me at the front desk of the library"}}},
	{"offer", "", url.Values{ // with a number where everyone could read it
		"title": {"I can fix bikes on Sundays"}, "body": {"Flat tyres and brakes. Ring 555-0188 before you come."},
		"categories": {"transport/bikes"}, "areas": {"hilltop"}, "languages": {"es"}, "name": {"Teo"}, "contact_how": {"phone"}, "contact": {"555-0188"}}},
	{"reply", "/resources/tool-library/", url.Values{
		"message": {"I have a ladder that I no longer need. Would you like it?"}, "name": {"Ines"}, "contact_how": {"code"}}},
	{"suggestion", "/resources/tool-library/", url.Values{
		"hours": {"Tu 17:00-19:30; Sa 09:00-13:00; PH off"}, "reason": {"They are open longer on Saturdays now. I was there last week."}}},
	{"signup", "", url.Values{
		"ways": {"drive", "translate"}, "message": {"I am free on Friday afternoons."}, "name": {"Sam"}, "contact_how": {"email"}, "contact": {"sam@example.org"}}},
}

func postSamples(ctx context.Context, n *network) error {
	svc, err := openIntake(n)
	if err != nil {
		return err
	}
	for _, s := range samplePosts {
		form, err := svc.Form(n.cfg().Kind(s.kind), s.about)
		if err != nil {
			return err
		}
		values := form.Values()
		if values == nil {
			values = map[string][]string{}
		}
		maps.Copy(values, s.values)
		draft, faults := svc.CheckForm(form, values)
		if len(faults) > 0 {
			return fmt.Errorf("the sample %v does not fit the starter network: %v", s.values, faults)
		}
		if _, err := svc.Submit(draft, svc.Ticket("", svc.Now().Add(-time.Minute)), false); err != nil {
			return err
		}
	}
	return svc.Drain(ctx)
}

func welcome(c *call, n *network, url string) {
	passphrase, err := os.ReadFile(n.path(demoPassphrase))
	if err != nil {
		passphrase = []byte("(yours)")
	}
	fmt.Fprintf(c.stdout, `The sample network is running.

  Open       %s
  Ask        %sforms/request/
  See what waits, publish it, and look again (in a second terminal):
             potluck inbox -C %s
             potluck inbox publish -C %s ID
  Decide     %sdesk/
             as %s, with the passphrase %s
  Edit       any file under %s, and watch the page change

Without the potluck program: go run ./cmd/potluck inbox -C %s
Stop with Ctrl-C. The folder is kept; delete it to start over.
`, url, url, n.dir, n.dir, url, demoKeeper, bytes.TrimSpace(passphrase), n.path("content"), n.dir)
}
