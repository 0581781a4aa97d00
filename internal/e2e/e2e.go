// Package e2e walks through potluck as its people do: the real program, a real
// repository, a real browser.
//
// It is a module of its own, since it needs Chromium, and for one test axe-core.
// Where they are not there its tests are skipped; with CI set they fail instead. The
// program is built once from the module above.
//
//	npm ci                              axe-core, which is no part of potluck
//	go test ./...                       all walks
//	PICTURES=DIR go test -run Evening   keeps the screens of an organizer's first evening
//	go run ./contact-sheet DIR          pictures of every page type, to look at; -readme: those of README.md
//	go run ./check-tour COMMAND         any checker of web pages over one page of every type
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Program is the potluck command, built in a folder of its own.
type Program struct{ path string }

// WithProgram compiles the program and gives it to f, with a folder that is removed when
// f is done.
func WithProgram(f func(program *Program, dir string) error) error {
	dir, err := os.MkdirTemp("", "potluck-e2e-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := Build(Root(), dir)
	if err != nil {
		return err
	}
	return f(program, dir)
}

// Build compiles the program of the module at root into dir.
func Build(root, dir string) (*Program, error) {
	p := &Program{path: filepath.Join(dir, "potluck")}
	cmd := exec.Command("go", "build", "-o", p.path, "./cmd/potluck")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return p, nil
}

// Run runs a command to its end and gives what it printed.
func (p *Program) Run(args ...string) (string, error) {
	out, err := exec.Command(p.path, args...).CombinedOutput()
	return string(out), err
}

// Server is a running potluck.
type Server struct {
	URL string
	cmd *exec.Cmd
	out *bytes.Buffer
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+/`)

// Start runs "potluck demo" or "potluck serve" and waits until it says its address.
func (p *Program) Start(args ...string) (*Server, error) {
	s := &Server{cmd: exec.Command(p.path, args...), out: &bytes.Buffer{}}
	r, w := io.Pipe()
	s.cmd.Stdout, s.cmd.Stderr = w, w
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			fmt.Fprintln(s.out, lines.Text())
			if u := address.FindString(lines.Text()); u != "" {
				select {
				case found <- u:
				default:
				}
			}
		}
	}()
	select {
	case s.URL = <-found:
		return s, nil
	case <-time.After(60 * time.Second):
		s.Stop()
		return nil, fmt.Errorf("the program did not say its address:\n%s", s.out)
	}
}

// Stop ends the server as Ctrl-C does.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	_ = s.cmd.Wait()
}

// Look is how a page is looked at.
type Look struct {
	Width, Height int
	Dark          bool
	NoScripts     bool
	Print         bool
	Forced        bool    // colours chosen by the reader, as in high contrast
	Scale         float64 // pixels of the screen for one of the page; 0: 1
}

// Browser opens a tab in Chromium with the look; cancel closes both.
func Browser(look Look) (ctx context.Context, cancel func(), err error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil, err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true))
	actx, stopBrowser := chromedp.NewExecAllocator(context.Background(), opts...)
	tab, stopTab := chromedp.NewContext(actx)
	tctx, stopClock := context.WithTimeout(tab, 10*time.Minute)
	cancel = func() { stopClock(); stopTab(); stopBrowser() }
	err = chromedp.Run(tctx, look.emulate())
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return tctx, cancel, nil
}

// emulate makes a tab look so.
func (look Look) emulate() chromedp.Action {
	media, forced, scheme := "", "none", "light" // "": as the browser has it, so that what is printed looks printed
	if look.Print {
		media = "print"
	}
	if look.Forced {
		forced = "active"
	}
	if look.Dark {
		scheme = "dark"
	}
	return chromedp.Tasks{
		emulation.SetDeviceMetricsOverride(int64(look.Width), int64(look.Height), max(look.Scale, 1), look.Width < 600),
		emulation.SetEmulatedMedia().WithMedia(media).WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			{Name: "forced-colors", Value: forced},
			{Name: "prefers-reduced-motion", Value: "reduce"}, // a click must not miss a page that still scrolls
		}),
		emulation.SetScriptExecutionDisabled(look.NoScripts),
	}
}

// Git runs git in dir and gives what it printed.
func Git(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// Root is the folder of the module above.
func Root() string {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, e := os.Stat(filepath.Join(dir, "site.toml")); e == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return ""
}
