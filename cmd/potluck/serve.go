package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"potluck/builder"
	"potluck/formhandler"
	"potluck/internal/desk"
	"potluck/internal/intake"
	"potluck/internal/notify"
	"potluck/internal/site"
	"potluck/internal/watch"
)

var serveCommand = &command{
	name: "serve", usage: "serve [-C DIR] [-addr ADDR]", short: "show the site, take forms, follow every change",
	long: `
Serves the site from memory, builds it again within a moment of every change,
and takes offers and requests. One process is all there is.

With [remote] in site.toml, main is kept the same as a branch of another
repository. A forge that sends POST /desk/fetch, signed with the secret in
secret_file, makes that happen at once; else it takes up to a minute.

Organizers sign in at /desk/. From other machines that works by https alone: let a
web server with a certificate pass requests on (name it in trusted_proxies, and let
it send X-Forwarded-Proto and X-Forwarded-For), or give -tls-cert and -tls-key.

Without git the site is served and the forms are off. Stop it with Ctrl-C; what
was taken in is on disk.`,
	flags: "C addr out",
	more: func(c *call) {
		c.flags.Bool("live", false, "reload pages in the browser after a change, and show problems there (on this machine only)")
		c.flags.Bool("drafts", false, "show drafts too")
		c.flags.String("tls-cert", "", "`file` with a certificate, to serve by https; a new one is taken up by itself")
		c.flags.String("tls-key", "", "`file` with the key of the certificate")
	},
	run: func(ctx context.Context, c *call) error {
		if err := guardSource(c); err != nil {
			return err
		}
		n, err := openNetwork(c)
		if err != nil {
			return err
		}
		cert, err := newCertificate(c)
		if err != nil {
			return err
		}
		return serve(ctx, c, n, options{live: isSet(c, "live"), drafts: isSet(c, "drafts"), cert: cert})
	},
}

type options struct {
	live   bool
	drafts bool
	cert   *certificate     // nil: without TLS
	ready  func(url string) // called once the site answers
}

// server is one network being served.
type server struct {
	c          *call
	n          *network
	opt        options
	watcher    *watch.Watcher // nil: files do not change, or it is not possible
	builder    *builder.Builder
	site       atomic.Pointer[builder.Result]
	folder     *builder.Folder // that -out names; nil until the site is written there
	failed     bool            // the last build: what it was told of is still to be looked at
	intake     *intake.Service // nil without git
	outbox     atomic.Pointer[notify.Outbox]
	live       *liveReload
	packs      packs
	moved      chan struct{}          // rings when main has a new commit
	apart      atomic.Bool            // main and the remote are not the same
	remoteBell chan struct{}          // rings when the remote is to be looked at
	errs       atomic.Pointer[string] // why the last build gave no site, for the live panel
}

// serve answers until ctx is done.
func serve(ctx context.Context, c *call, n *network, opt options) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	keepSmall()
	s := &server{c: c, n: n, opt: opt, builder: builder.New(), live: newLiveReload(), moved: make(chan struct{}, 1), remoteBell: make(chan struct{}, 1)}
	if n.repo != nil {
		release, err := n.repo.LockHandler()
		if err != nil {
			return err
		}
		defer release()
		if s.intake, err = openIntake(n); err != nil {
			return err
		}
	}
	defer s.closeFolder()
	if s.watcher = s.watch(); s.watcher != nil { // before files are read: what changes meanwhile rings
		defer s.watcher.Close()
		s.watcher.Touched() // the first build looks at all
	}
	if err := s.rebuild(ctx, nil); err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.addr)
	if err != nil {
		return hinted(err, "choose another address: -addr 127.0.0.1:8081")
	}
	background := s.start(ctx)
	url := "http://" + l.Addr().String() + n.cfg().BasePath + "/"
	if opt.cert != nil {
		l = tls.NewListener(l, &tls.Config{GetCertificate: opt.cert.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}})
		url = "https" + strings.TrimPrefix(url, "http")
	}
	if opt.ready != nil {
		opt.ready(url)
	} else {
		fmt.Fprintf(c.stderr, "potluck: serving %s\n", url)
	}
	err = s.listen(ctx, l)
	stop()
	background()
	return err
}

// start runs what works beside the requests; the returned function waits for its end.
func (s *server) start(ctx context.Context) (wait func()) {
	var jobs []func(context.Context)
	jobs = append(jobs, s.follow)
	if s.intake != nil {
		jobs = append(jobs, func(ctx context.Context) {
			s.intake.Run(ctx, s.c.warn)
		}, func(ctx context.Context) {
			s.intake.Keep(ctx, s.c.warn)
		}, s.notices, s.followMain, s.followRemote)
	}
	done := make(chan struct{})
	for _, job := range jobs {
		go func() { job(ctx); done <- struct{}{} }()
	}
	return func() {
		for range jobs {
			<-done
		}
	}
}

func (c *call) warn(err error) { complain(c.stderr, err) }

// rebuild makes the site anew and puts it in the place of the old one. An error
// leaves the old one. touched is for builder.Input.
func (s *server) rebuild(ctx context.Context, touched []string) error {
	res, err := s.n.build(ctx, s.builder, builder.Input{Now: s.c.now(), Drafts: s.opt.drafts, Touched: touched})
	if err != nil {
		return err
	}
	old := s.site.Swap(res)
	s.n.shown.Store(&res.Headers)
	if s.c.out != "" {
		if err := s.write(res); err != nil {
			s.c.warn(err)
		}
	}
	if old == nil || !slices.Equal(old.Problems, res.Problems) {
		sayProblems(s.c.stderr, res.Problems)
	}
	return nil
}

// write makes the folder that -out names hold the site.
func (s *server) write(res *builder.Result) (err error) {
	if s.folder == nil {
		if s.folder, err = builder.OpenFolder(s.c.out); err != nil {
			return err
		}
	}
	_, err = s.folder.Hold(res)
	return err
}

func (s *server) closeFolder() {
	if s.folder != nil {
		s.folder.Close()
	}
}

// settled is how long after a change all files are looked at once more, for what
// the system did not tell.
const settled = time.Minute

// follow builds again when a file changed, when main moved, and when the clock changes
// what is shown.
func (s *server) follow(ctx context.Context) {
	var bell <-chan struct{}
	if s.watcher != nil {
		bell = s.watcher.C
	}
	var later <-chan time.Time
	for {
		var touched []string // nil: anything
		select {
		case <-ctx.Done():
			return
		case <-bell:
			touched, later = s.touched(), time.After(settled)
		case <-later:
			later = nil
		case <-s.clock():
			touched = s.touched()
		case <-s.moved:
			touched = s.touched()
		}
		if s.failed {
			touched = nil
		}
		s.again(ctx, touched)
	}
}

// touched are the files of which it was told that they changed; nil: it may be any.
func (s *server) touched() []string {
	if s.watcher == nil {
		return nil
	}
	return s.watcher.Touched()
}

func (s *server) again(ctx context.Context, touched []string) {
	err := s.rebuild(ctx, touched)
	s.failed = err != nil
	if ctx.Err() != nil {
		return
	}
	words := ""
	if err != nil {
		words = err.Error()
		s.c.warn(err)
	}
	s.errs.Store(&words)
	s.live.ring()
}

// watch rings when a file of the network changes; nil where that is not possible.
// Files of a revision do not change.
func (s *server) watch() *watch.Watcher {
	if s.n.rev != "" {
		return nil
	}
	ignore := []string{s.n.path("public")}
	if s.c.out != "" {
		ignore = append(ignore, s.c.out)
	}
	w, err := watch.New([]string{s.n.dir}, watch.Options{Ignore: ignore, Pass: site.PassedOver})
	if err != nil {
		s.c.warn(hinted(err, "the site is shown; start potluck again after a change"))
		return nil
	}
	if err := w.Err(); err != nil {
		s.c.warn(err)
	}
	return w
}

// clock rings when what is shown changes by itself.
func (s *server) clock() <-chan time.Time {
	next := s.site.Load().NextChange
	if next.IsZero() {
		return nil
	}
	return time.After(min(max(next.Sub(s.c.now()), 10*time.Millisecond), time.Hour))
}

// listen answers requests until ctx is done, then lets those under way finish.
func (s *server) listen(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: log.New(quiet{}, "", 0),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.live.close()
	end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(end); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// quiet takes net/http's own log, whose lines hold visitors' addresses.
type quiet struct{}

func (quiet) Write(p []byte) (int, error) { return len(p), nil }

// handler is the whole address space: forms, the live channel, and the built site.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	if s.intake != nil {
		forms := formhandler.New(formhandler.Options{Intake: s.intake, Renderer: s.builder, Log: s.c.warn})
		for _, path := range []string{"/forms/", "/mine", "/mine/"} {
			mux.Handle(path, forms)
		}
		mux.Handle("/desk/", desk.New(desk.Options{Intake: s.intake, Renderer: s.builder, Log: s.c.warn, Warnings: s.warnings}))
	}
	if s.n.repo != nil {
		mux.HandleFunc("POST /desk/fetch", s.remoteHook)
	}
	if cfg := s.n.cfg(); cfg.Outputs.Search {
		search := formhandler.NewSearch(formhandler.SearchOptions{Config: s.n.cfg, Searcher: s.builder, Now: s.c.now, Log: s.c.warn})
		for _, p := range formhandler.SearchPaths(cfg) {
			mux.Handle(p, search)
		}
	}
	if s.opt.live && isLoopback(s.c.addr) {
		mux.Handle("/_live/", s.live)
		mux.HandleFunc("GET /_live/problems", s.problemsPanel)
	}
	mux.HandleFunc("/", s.page)
	if base := s.n.cfg().BasePath; base != "" {
		return http.StripPrefix(strings.TrimSuffix(base, "/"), mux)
	}
	return mux
}

// warnings are what organizers should know at the desk, as keys of the theme's strings.
func (s *server) warnings() (keys []string) {
	if s.apart.Load() {
		keys = append(keys, "desk.behind")
	}
	if out := s.outbox.Load(); out != nil && slices.ContainsFunc(out.Status(), func(c notify.ChannelStatus) bool { return c.Error != "" }) {
		keys = append(keys, "desk.unheard")
	}
	return keys
}

func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
