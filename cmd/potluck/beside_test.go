package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crew is people and programs at work in one network at the same time.
type crew struct {
	t         *testing.T
	dir       string // the network, where main is checked out
	far       string // a bare repository that people push to
	clone     string // of somebody elsewhere
	r         *running
	left      atomic.Int64 // operations still to be done
	done      atomic.Bool
	mu        sync.Mutex
	decided   map[string]string // by ID: publish, decline or hold
	committed []string          // subjects of people's commits
	pushed    atomic.Int64      // times that people did
	packed    atomic.Int64      // times that git gc did
	tries     atomic.Int64      // that git or we refused for the moment
	unsure    atomic.Int64      // publishes that were refused, and done
	resets    atomic.Int64      // of an index that git left half pulled
}

// TestBesidePeople: eight command lines decide, serve takes posts, and people commit, pull with
// rebase, push and gc in the same folder, all at once. Nothing is lost, nothing is broken.
func TestBesidePeople(t *testing.T) {
	t.Parallel()
	workers, operations := 3, 14
	if os.Getenv("POTLUCK_LONG") != "" {
		from, to, _ := piece(1)
		workers, operations = 8, min(to-from+1, 2000)
	}
	c := &crew{t: t, dir: newNet(t), far: filepath.Join(t.TempDir(), "far.git"), clone: filepath.Join(t.TempDir(), "clone"), decided: map[string]string{}}
	c.left.Store(int64(operations))
	git(t, c.dir, "clone", "-q", "--bare", c.dir, c.far)
	git(t, c.dir, "remote", "add", "far", c.far)
	git(t, c.dir, "clone", "-q", c.far, c.clone)
	c.r = start(t, "serve", "-C", c.dir)
	var people, programs sync.WaitGroup
	for _, person := range []func(int){c.here, c.elsewhere, c.collect} {
		people.Go(func() {
			for i := 0; !c.done.Load(); i++ {
				person(i)
				time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
			}
		})
	}
	for w := range workers {
		programs.Go(func() {
			for i := 0; c.left.Add(-2) >= 0 && !t.Failed(); i++ {
				c.decide(fmt.Sprintf("Thing %d of %d", i, w))
			}
		})
	}
	programs.Wait()
	c.done.Store(true)
	people.Wait()
	c.pull(c.dir, "far")
	c.check()
	t.Logf("%d operations by %d command lines beside serve, %d commits of people, %d pushes, %d times gc, %d tries refused for the moment, %d of them done after all, %d resets",
		operations, workers, len(c.committed), c.pushed.Load(), c.packed.Load(), c.tries.Load(), c.unsure.Load(), c.resets.Load())
}

// decide posts and decides, as often as it takes.
func (c *crew) decide(title string) {
	ref, a, err := c.r.submit("request", request(title))
	if err != nil || ref == "" {
		c.t.Errorf("%s: %v %d", title, err, a.status)
		return
	}
	do := []string{"publish", "publish", "decline", "hold"}[rand.IntN(4)]
	for try := 0; ; try++ {
		out, ok := program(c.t, "inbox", do, "-C", c.dir, "-as", "June", ref)
		if ok {
			break
		}
		if try > 0 && do == "publish" && strings.Contains(out, "is published already") {
			c.unsure.Add(1) // a try that was refused after it had reached main; serve has recorded it since
			break
		}
		if try > 300 || !strings.Contains(out, "another potluck is at work") && !strings.Contains(out, "git is in the middle of") && !strings.Contains(out, "unsaved edits") {
			c.t.Errorf("%s %s: %s", do, ref, out)
			return
		}
		c.tries.Add(1)
		time.Sleep(20 * time.Millisecond)
	}
	c.mu.Lock()
	c.decided[title] = do
	c.mu.Unlock()
}

// here is a person in the network's folder: she commits, pulls and pushes.
func (c *crew) here(i int) {
	subject := fmt.Sprintf("here %d", i)
	appendTo(c.t, filepath.Join(c.dir, "content/about.md"), fmt.Sprintf("\nLine %d.\n", i))
	c.again(c.dir, "commit", "-qm", subject, "content/about.md")
	c.note(subject)
	if i%3 == 0 {
		c.pull(c.dir, "far")
		if c.git(c.dir, "push", "-q", "far", "main") == nil { // or the next time
			c.pushed.Add(1)
		}
	}
}

// elsewhere is a person with a clone.
func (c *crew) elsewhere(i int) {
	subject, file := fmt.Sprintf("elsewhere %d", i), fmt.Sprintf("content/practices/p%d.md", i)
	if err := os.MkdirAll(filepath.Join(c.clone, "content/practices"), 0o755); err != nil {
		c.t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(c.clone, file), []byte("+++\ntitle = \""+subject+"\"\n+++\n"), 0o644); err != nil {
		c.t.Error(err)
	}
	c.again(c.clone, "add", file)
	c.again(c.clone, "commit", "-qm", subject)
	for {
		c.pull(c.clone, "origin")
		if c.git(c.clone, "push", "-q", "origin", "main") == nil {
			break
		}
	}
	c.pushed.Add(1)
	c.note(subject)
}

// collect is git gc, as git starts it by itself, though much more often.
func (c *crew) collect(int) {
	if c.git(c.dir, "gc", "-q") == nil {
		c.packed.Add(1)
	}
	time.Sleep(300 * time.Millisecond)
}

func (c *crew) note(subject string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.committed = append(c.committed, subject)
}

// pull is git pull --rebase, called off and tried again as a person does when something was in its way.
// Where main moves under a pull that only goes forward, git stops with that half in the index; what
// was there is committed, so she goes back to main as it is.
func (c *crew) pull(dir, from string) {
	for try := range 300 {
		if c.git(dir, "pull", "-q", "--rebase", from, "main") == nil {
			return
		}
		_ = c.git(dir, "rebase", "--abort")
		if try%10 == 9 && c.git(dir, "reset", "-q", "--hard") == nil {
			c.resets.Add(1)
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Errorf("git pull --rebase never got its turn in %s", dir)
}

func (c *crew) again(dir string, args ...string) {
	var err error
	for range 300 {
		if err = c.git(dir, args...); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.t.Errorf("git %v never got its turn: %v", args, err)
}

func (c *crew) git(dir string, args ...string) error {
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Git Person", "-c", "user.email=git@example.org"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.tries.Add(1)
		return fmt.Errorf("%s", out)
	}
	return nil
}

// check holds everything that was acknowledged against git.
func (c *crew) check() {
	waiting := inbox(c.t, c.dir)
	log := "\n" + git(c.t, c.dir, "log", "--format=%s", "main") + "\n"
	pages := git(c.t, c.dir, "grep", "-h", "^title = ", "main", "--", "content/requests")
	again := 0 // published, but git rebase --abort took main back: they wait again
	for title, do := range c.decided {
		public, waits := strings.Count(pages+"\n", fmt.Sprintf("title = %q\n", title)), len(waiting[title])
		if do == "publish" && public == 0 && waits == 1 {
			again++
			continue
		}
		if public != map[string]int{"publish": 1}[do] || waits != map[string]int{"hold": 1}[do] {
			c.t.Errorf("%s: %s: %d pages on main, waits %d times", title, do, public, waits)
		}
	}
	c.t.Logf("%d of %d decisions have to be made again", again, len(c.decided))
	if got := strings.Count(git(c.t, c.dir, "for-each-ref", "refs/potluck")+"\n", "\n"); got != len(c.decided) {
		c.t.Errorf("%d items and %d refs", len(c.decided), got)
	}
	for _, subject := range c.committed {
		if strings.Count(log, "\n"+subject+"\n") != 1 {
			c.t.Errorf("the commit %q is there %d times", subject, strings.Count(log, "\n"+subject+"\n"))
		}
	}
	sound(c.t, c.dir)
	git(c.t, c.far, "fsck", "--strict")
}
