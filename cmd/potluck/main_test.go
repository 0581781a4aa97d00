package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asProgram makes the test binary be the program, so that tests start, stop and
// kill the real thing.
const asProgram = "POTLUCK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	os.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	testscript.Main(tests{m}, map[string]func(){"potluck": main})
}

// tests are run in a folder for what they share.
type tests struct{ *testing.M }

var shared string

func (m tests) Run() int {
	shared, _ = os.MkdirTemp("", "potluck-tests") // without it newNet fails
	defer os.RemoveAll(shared)
	return m.M.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			return nil
		}})
}

// program runs a command to its end; both streams, and whether it was done.
func program(t testing.TB, args ...string) (string, bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// must is program for a command that has to be done.
func must(t testing.TB, args ...string) string {
	t.Helper()
	out, ok := program(t, args...)
	if !ok {
		t.Fatalf("potluck %s:\n%s", strings.Join(args, " "), out)
	}
	return out
}

func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Git Person", "-c", "user.email=git@example.org"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// sound: git finds no fault with the repository.
func sound(t testing.TB, dir string) {
	t.Helper()
	git(t, dir, "fsck", "--strict")
	if out := git(t, dir, "status", "--porcelain"); out != "" {
		t.Errorf("git status is not clean:\n%s", out)
	}
}

// newNet makes a small network: a few pages, no samples. The program makes it once for all tests.
func newNet(t testing.TB) string {
	t.Helper()
	first.Do(func() {
		dir := filepath.Join(shared, "net")
		six := sixWords.FindString(must(t, "new", "-title", "Test Net", "-as", "June", dir))
		if err := os.WriteFile(passphraseFile(dir), []byte(six), 0o600); err != nil || six == "" {
			t.Fatal(err, "no passphrase")
		}
	})
	dir := t.TempDir()
	if err := copyTree(shared, dir); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "net")
}

var first sync.Once

// copyTree copies files and folders with their modes.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		rel, _ := filepath.Rel(from, p)
		at := filepath.Join(to, rel)
		if err != nil || d.IsDir() {
			return errors.Join(err, os.MkdirAll(at, info.Mode().Perm()))
		}
		data, err := os.ReadFile(p)
		return errors.Join(err, os.WriteFile(at, data, info.Mode().Perm()))
	})
}

var sixWords = regexp.MustCompile(`\b[a-z]+(-[a-z]+){5}\b`)

// passphraseFile is where newNet keeps the passphrase of June, the keeper.
func passphraseFile(dir string) string { return dir + ".passphrase" }

// running is a served network.
type running struct {
	t    testing.TB
	url  string
	cmd  *exec.Cmd
	mu   sync.Mutex
	said bytes.Buffer // all it printed
}

var saidAddress = regexp.MustCompile(`https?://127\.0\.0\.1:\d+/`)

func start(t testing.TB, args ...string) *running {
	t.Helper()
	r := &running{t: t, cmd: exec.Command(os.Args[0], append(args, "-addr", "127.0.0.1:0")...)}
	r.cmd.Env = append(os.Environ(), asProgram+"=1")
	pr, pw := io.Pipe()
	r.cmd.Stdout, r.cmd.Stderr = pw, pw
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewReader(pr)
		for {
			line, err := lines.ReadString('\n')
			r.mu.Lock()
			r.said.WriteString(line)
			r.mu.Unlock()
			if u := saidAddress.FindString(line); u != "" && len(found) == 0 {
				found <- u
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { r.kill() })
	select {
	case r.url = <-found:
	case <-time.After(30 * time.Second):
		t.Fatalf("no address was said:\n%s", r.output())
	}
	return r
}

func (r *running) output() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said.String()
}

func (r *running) stop() {
	r.t.Helper()
	_ = r.cmd.Process.Signal(syscall.SIGINT)
	if err := r.cmd.Wait(); err != nil {
		r.t.Errorf("stopping: %v\n%s", err, r.output())
	}
}

func (r *running) kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// answer is what came back for a request.
type answer struct {
	status int
	body   string
	header http.Header
}

func (r *running) get(path string) answer {
	r.t.Helper()
	resp, err := http.Get(strings.TrimSuffix(r.url, "/") + path)
	if err != nil {
		r.t.Fatalf("GET %s: %v", path, err)
	}
	return read(resp)
}

func read(resp *http.Response) answer {
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(body), resp.Header}
}

// post sends a form; the error is that of the wire.
func (r *running) post(path string, values url.Values) (answer, error) {
	resp, err := http.PostForm(strings.TrimSuffix(r.url, "/")+path, values)
	if err != nil {
		return answer{}, err
	}
	return read(resp), nil
}

var (
	inputTag  = regexp.MustCompile(`<input\b[^>]*>`)
	attribute = regexp.MustCompile(`\b(name|value|type)="([^"]*)"`)
)

// carried gives the hidden inputs of a page, and empty ones of text.
func carried(page string) url.Values {
	v := url.Values{}
	for _, tag := range inputTag.FindAllString(page, -1) {
		attr := map[string]string{}
		for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
			attr[m[1]] = html.UnescapeString(m[2])
		}
		if attr["name"] != "" && (attr["type"] == "hidden" || attr["type"] == "text" && attr["value"] == "") {
			v.Add(attr["name"], attr["value"])
		}
	}
	return v
}

// request is a full and right request.
func request(title string) url.Values {
	return url.Values{"title": {title}, "body": {"It would help a lot."}, "categories": {"food"}, "areas": {"harbor"},
		"contact_how": {"phone"}, "contact": {"555-0142"}}
}

// checkPage posts a form as a neighbour fills it in, and gives what the next
// post must carry.
func (r *running) checkPage(kind string, values url.Values) (url.Values, error) {
	form := carried(r.get("/forms/" + kind + "/").body)
	for k, v := range values {
		form[k] = v
	}
	a, err := r.post("/forms/"+kind+"/", form)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, fmt.Errorf("the form was not taken: %d\n%s", a.status, a.body)
	}
	next := carried(a.body)
	next.Set("confirm", "yes")
	return next, nil
}

var reference = regexp.MustCompile(`\b[0-9A-Z]{3}-[0-9A-Z]{3}\b`)

// submit goes all the way to the receipt and gives its reference; "" when there was none.
func (r *running) submit(kind string, values url.Values) (ref string, a answer, err error) {
	form, err := r.checkPage(kind, values)
	if err != nil {
		return "", answer{}, err
	}
	a, err = r.post("/forms/"+kind+"/", form)
	if err != nil || a.status != http.StatusOK {
		return "", a, err
	}
	return reference.FindString(a.body), a, nil
}

// inbox gives the IDs that wait, by title.
func inbox(t testing.TB, dir string) map[string][]string {
	t.Helper()
	items := map[string][]string{}
	for line := range strings.Lines(must(t, "inbox", "-C", dir)) {
		f := strings.Fields(line)
		if len(f) < 5 {
			continue
		}
		title := strings.Join(f[4:], " ")
		items[title] = append(items[title], f[0])
	}
	return items
}

// eventually waits for something that takes a moment.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("it did not happen: %s", what)
}
