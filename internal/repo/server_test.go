package repo

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// bareRepo makes an empty repository that takes pushes.
func bareRepo(t testing.TB) string {
	dir := filepath.Join(t.TempDir(), "far.git")
	git(t, t.TempDir(), "init", "-q", "--bare", "-b", "main", dir)
	git(t, dir, "config", "http.receivepack", "true")
	return dir
}

// serveHTTP serves a repository by git's own program for that.
func serveHTTP(t testing.TB, dir string) (url string) {
	backend := filepath.Join(git(t, dir, "--exec-path"), "git-http-backend")
	srv := httptest.NewServer(&cgi.Handler{
		Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(dir), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=potluck"}, Stderr: io.Discard,
	})
	t.Cleanup(srv.Close)
	return srv.URL + "/" + filepath.Base(dir)
}

// serveSSH serves a repository as git-shell does.
func serveSSH(_ testing.TB, dir string) (url string) { return "ssh://git@" + startSSH() + dir }

var sshHome string // removed by TestMain

// startSSH starts one server for all tests. The key that opens it is given to git's ssh by its
// options, and to go-git by an agent.
var startSSH = sync.OnceValue(func() (addr string) {
	try := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	var err error
	sshHome, err = os.MkdirTemp("", "ssh") // the name of a socket must be short
	try(err)
	file := func(name string) string { return filepath.Join(sshHome, name) }
	own, client := sshKey()
	host, _ := sshKey()
	block, err := ssh.MarshalPrivateKey(client, "test")
	try(err)
	try(os.WriteFile(file("key"), pem.EncodeToMemory(block), 0o600))
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(own.PublicKey().Marshal()) {
			return nil, fmt.Errorf("not this key")
		}
		return nil, nil
	}}
	config.AddHostKey(host)
	addr = listen("tcp", "127.0.0.1:0", func(conn net.Conn) { sshConn(conn, config) })
	name, port, _ := net.SplitHostPort(addr)
	line := fmt.Sprintf("[%s]:%s %s", name, port, ssh.MarshalAuthorizedKey(host.PublicKey()))
	try(os.WriteFile(file("known_hosts"), []byte(line), 0o600))
	ring := agent.NewKeyring()
	try(ring.Add(agent.AddedKey{PrivateKey: client}))
	listen("unix", file("agent"), func(conn net.Conn) { _ = agent.ServeAgent(ring, conn) })
	os.Setenv("SSH_AUTH_SOCK", file("agent"))
	os.Setenv("SSH_KNOWN_HOSTS", file("known_hosts"))
	os.Setenv("GIT_SSH_COMMAND", "ssh -F /dev/null -o BatchMode=yes -o UserKnownHostsFile="+file("known_hosts")+" -i "+file("key"))
	return addr
})

func sshKey() (ssh.Signer, ed25519.PrivateKey) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	signer, _ := ssh.NewSignerFromKey(private)
	return signer, private
}

func listen(network, at string, serve func(net.Conn)) (addr string) {
	l, err := net.Listen(network, at)
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return l.Addr().String()
}

func sshConn(conn net.Conn, config *ssh.ServerConfig) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for c := range channels {
		ch, requests, err := c.Accept()
		if err != nil {
			return
		}
		go sshSession(ch, requests)
	}
}

func sshSession(ch ssh.Channel, requests <-chan *ssh.Request) {
	defer ch.Close()
	for r := range requests {
		if r.Type != "exec" {
			_ = r.Reply(r.Type == "env", nil)
			continue
		}
		_ = r.Reply(true, nil)
		var line struct{ Text string }
		_ = ssh.Unmarshal(r.Payload, &line)
		verb, dir, _ := strings.Cut(line.Text, " ")
		code := uint32(128)
		if verb == "git-upload-pack" || verb == "git-receive-pack" {
			cmd := exec.Command("git", strings.TrimPrefix(verb, "git-"), strings.Trim(dir, "'"))
			in, _ := cmd.StdinPipe()
			cmd.Stdout, cmd.Stderr = ch, ch.Stderr()
			if cmd.Start() == nil {
				go func() { io.Copy(in, ch); in.Close() }()
				_ = cmd.Wait()
				code = uint32(cmd.ProcessState.ExitCode())
			}
		}
		_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{code}))
		return
	}
}
