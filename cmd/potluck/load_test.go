package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// crowd is clients that post without pause, each a whole way: the form, the check page, the receipt.
type crowd struct {
	r       *running
	http    *http.Client
	mu      sync.Mutex
	checks  []time.Duration // how long the check page took
	posts   []time.Duration // how long the receipt took
	titles  map[string]bool // that have a receipt
	refused int             // answers 503
	errs    []string
}

// TestLoad: 64 clients post without pause, into a repository with few and with very many files.
// Nothing is lost, and there is no answer but a receipt or a clear 503. With POTLUCK_LONG=1 it takes
// a minute each, and the figures it prints mean something.
func TestLoad(t *testing.T) {
	t.Parallel()
	clients, lasts, sizes := 16, time.Second, []int{100}
	if os.Getenv("POTLUCK_LONG") != "" {
		clients, lasts, sizes = 64, time.Minute, []int{100, 50_000}
	}
	for _, files := range sizes {
		t.Run(fmt.Sprint(files), func(t *testing.T) { load(t, clients, lasts, files) })
	}
}

func load(t *testing.T, clients int, lasts time.Duration, files int) {
	dir := bareNet(t)
	addPages(t, dir, files)
	r := start(t, "serve", "-C", dir)
	c := &crowd{r: r, titles: map[string]bool{}, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}}
	memory := []int{r.memory()}
	begun := time.Now()
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() { c.post(fmt.Sprint("c", i), begun.Add(lasts)) })
	}
	for time.Since(begun) < lasts {
		time.Sleep(lasts / 6)
		memory = append(memory, r.memory())
	}
	wg.Wait()
	took := time.Since(begun)
	spooled := func() int { e, _ := os.ReadDir(filepath.Join(dir, "var/spool")); return len(e) }
	left := spooled()
	for end := time.Now().Add(10 * time.Minute); spooled() > 0 && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	drained := time.Since(begun)
	r.stop()
	if len(c.errs) > 0 || len(c.titles) == 0 {
		t.Errorf("%d receipts, and other answers: %.5q", len(c.titles), c.errs)
	}
	c.allThere(t, dir)
	t.Logf("%d files: %d receipts in %.1f s, %.0f a second; %d refused; receipt p50 %v p99 %v max %v; check page p50 %v p99 %v; %d in the spool at the end, all in git after %.1f s; MB of memory %v",
		files, len(c.titles), took.Seconds(), float64(len(c.titles))/took.Seconds(), c.refused,
		part(c.posts, 50), part(c.posts, 99), part(c.posts, 100), part(c.checks, 50), part(c.checks, 99), left, drained.Seconds(), memory)
}

// addPages puts that many closed requests of earlier years onto main, by git fast-import.
func addPages(t *testing.T, dir string, n int) {
	var in bytes.Buffer
	fmt.Fprintf(&in, "commit refs/heads/main\ncommitter Ana <ana@example.org> 1760000000 +0000\ndata 5\npages\nfrom refs/heads/main^0\n")
	for i := range n {
		page := fmt.Sprintf("+++\ntitle = \"Earlier %d\"\ndate = 2024-%02d-02\ncategories = [\"food\"]\nareas = [\"harbor\"]\nstate = \"closed\"\n+++\n\nIt was page %d.\n", i, i%12+1, i)
		fmt.Fprintf(&in, "M 100644 inline content/requests/20%02d/%02d/earlier-%d.md\ndata %d\n%s\n", 10+i/4000, i%12+1, i, len(page), page)
	}
	cmd := exec.Command("git", "-C", dir, "fast-import", "--quiet")
	cmd.Stdin = &in
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
}

func (c *crowd) post(name string, until time.Time) {
	for i := 0; time.Now().Before(until); i++ {
		title := fmt.Sprintf("Load %s n%d", name, i)
		form := request(title)
		page := c.send(form, &c.checks)
		next := carried(page)
		next.Set("confirm", "yes")
		maps.DeleteFunc(next, func(k string, _ []string) bool { return k == "" })
		if page == "" || !strings.Contains(c.send(next, &c.posts), "</html>") {
			continue
		}
		c.mu.Lock()
		c.titles[title] = true
		c.mu.Unlock()
	}
}

// send gives the page that a post is answered with, "" when it is refused.
func (c *crowd) send(form url.Values, took *[]time.Duration) string {
	begun := time.Now()
	resp, err := c.http.PostForm(c.r.url+"forms/request/", form)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil:
		c.errs = append(c.errs, err.Error())
	case resp.StatusCode == http.StatusServiceUnavailable:
		c.refused++
	case resp.StatusCode != http.StatusOK:
		c.errs = append(c.errs, resp.Status)
	default:
		*took = append(*took, time.Since(begun))
		return string(body)
	}
	return ""
}

var blobTitle = regexp.MustCompile(`(?m)^title = "(Load [^"]*)"$`)

// allThere: each receipt has its submission in git, and there is no other.
func (c *crowd) allThere(t *testing.T, dir string) {
	t.Helper()
	there := map[string]int{}
	for _, m := range blobTitle.FindAllStringSubmatch(git(t, dir, "cat-file", "--batch-all-objects", "--batch", "--unordered"), -1) {
		there[m[1]]++
	}
	for title := range c.titles {
		if there[title] != 1 {
			t.Errorf("%q was acknowledged and is there %d times", title, there[title])
		}
	}
	refs := strings.Fields(git(t, dir, "for-each-ref", "--format=%(refname)", "refs/potluck"))
	if len(refs) != len(c.titles) {
		t.Errorf("%d receipts and %d refs", len(c.titles), len(refs))
	}
	if out := git(t, dir, "fsck", "--strict", "--no-dangling"); out != "" {
		t.Errorf("git fsck: %s", out)
	}
}

// part is a percentile.
func part(d []time.Duration, percent int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)*percent/100, len(d)-1)].Round(100 * time.Microsecond)
}

var residentSet = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// memory is how many MB the program holds, 0 where the system does not tell.
func (r *running) memory() (mb int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if m := residentSet.FindSubmatch(status); m != nil {
		fmt.Sscan(string(m[1]), &mb)
	}
	return mb / 1024
}
