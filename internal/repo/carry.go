package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/client"
	"github.com/go-git/go-git/v5/storage/memory"
)

// patienceAfar is how long one exchange with a remote may take.
const patienceAfar = 5 * time.Minute

// program carries by the git program, with whatever keys, helpers and proxies it is set up for.
type program struct {
	r  *Repo
	to Remote
}

// run asks nobody anything: there is no one to answer.
func (g *program) run(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patienceAfar)
	defer cancel()
	env := []string{"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "SSH_ASKPASS=true"}
	if os.Getenv("GIT_SSH_COMMAND") == "" && os.Getenv("GIT_SSH") == "" && g.r.config.Section("core").Option("sshCommand") == "" {
		env = append(env, "GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=20")
	}
	out, err := g.r.gitWith(ctx, env, "", append([]string{"-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "push.followTags=false"}, args...)...)
	return string(out), err
}

func (g *program) fetch(ctx context.Context) (Hash, error) {
	out, err := g.run(ctx, "ls-remote", "--", g.to.URL, g.to.branch())
	var h Hash
	for line := range strings.Lines(out) {
		if hash, name, _ := strings.Cut(strings.TrimSpace(line), "\t"); name == g.to.branch() {
			h = ParseHash(hash)
		}
	}
	if err != nil || h.IsZero() || g.r.read.has(h) {
		return h, err
	}
	_, err = g.run(ctx, "fetch", "-q", "--no-tags", "--no-write-fetch-head", "--", g.to.URL, g.to.branch())
	if err == nil && !g.r.read.has(h) { // it has moved on, or back
		err = &Error{ErrMoved, g.to.branch() + " of the remote", "try again"}
	}
	return h, err
}

// lost is what git says of a push that another was faster than.
var lost = []string{"fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref", "stale info", "incorrect old value"}

func (g *program) push(ctx context.Context, _, new Hash) error {
	_, err := g.run(ctx, "push", "-q", "--", g.to.URL, new.String()+":"+g.to.branch())
	return lostRace(err)
}

func lostRace(err error) error {
	if err != nil && slices.ContainsFunc(lost, func(s string) bool { return strings.Contains(err.Error(), s) }) {
		return &Error{ErrMoved, "the remote: " + err.Error(), "try again"}
	}
	return err
}

// wire carries by go-git's protocols, but writes objects as we do, and sends what is new and no more.
type wire struct {
	r  *Repo
	to Remote
}

func (w *wire) endpoint() (transport.Transport, *transport.Endpoint, error) {
	address := w.to.URL
	if sub := w.r.config.Section("remote"); sub.HasSubsection(address) {
		address = sub.Subsection(address).Option("url")
	}
	ep, err := transport.NewEndpoint(address)
	if err != nil {
		return nil, nil, err
	}
	t, err := client.NewClient(ep)
	return t, ep, err
}

func (w *wire) fetch(ctx context.Context) (h Hash, err error) {
	ctx, cancel := context.WithTimeout(ctx, patienceAfar)
	defer cancel()
	t, ep, err := w.endpoint()
	if err != nil {
		return h, err
	}
	s, err := t.NewUploadPackSession(ep, nil)
	if err != nil {
		return h, err
	}
	defer s.Close()
	adv, err := s.AdvertisedReferencesContext(ctx)
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return h, nil
	}
	if err != nil {
		return h, err
	}
	if h = adv.References[w.to.branch()]; h.IsZero() || w.r.read.has(h) {
		return h, nil
	}
	req := packp.NewUploadPackRequestFromCapabilities(adv.Capabilities)
	req.Capabilities.Delete(capability.ThinPack)
	req.Wants = []Hash{h}
	req.Haves = w.haves()
	resp, err := s.UploadPack(ctx, req)
	if err != nil {
		return h, err
	}
	defer resp.Close()
	var pack io.Reader = resp
	if req.Capabilities.Supports(capability.Sideband64k) {
		pack = sideband.NewDemuxer(sideband.Sideband64k, resp)
	}
	return h, w.unpack(ctx, pack)
}

// haves are commits that the remote is likely to know.
func (w *wire) haves() (list []Hash) {
	for _, name := range []string{w.to.tracking(), Main} {
		for e, err := range w.r.Log(name) {
			if err != nil || len(list) > 64 {
				break
			}
			list = append(list, e.Hash)
		}
	}
	return list
}

func (w *wire) unpack(ctx context.Context, pack io.Reader) error {
	data, err := io.ReadAll(pack)
	if err != nil {
		return err
	}
	mem := memory.NewStorage()
	p, err := packfile.NewParserWithStorage(packfile.NewScanner(bytes.NewReader(data)), mem)
	if err == nil {
		_, err = p.Parse()
	}
	if err != nil {
		return err
	}
	b := batch{}
	for h, obj := range mem.Objects {
		raw, err := contents(obj)
		if err != nil || b.add(obj.Type(), raw) != h {
			return fmt.Errorf("the remote sent a damaged object %s", h)
		}
	}
	return w.r.exclusive(ctx, func(context.Context) error { return w.r.storeNew(b) })
}

func (w *wire) push(ctx context.Context, old, new Hash) error {
	ctx, cancel := context.WithTimeout(ctx, patienceAfar)
	defer cancel()
	t, ep, err := w.endpoint()
	if err != nil {
		return err
	}
	s, err := t.NewReceivePackSession(ep, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	adv, err := s.AdvertisedReferencesContext(ctx)
	if err != nil {
		return err
	}
	if adv.References[w.to.branch()] != old {
		return &Error{ErrMoved, w.to.branch() + " of the remote", "try again"}
	}
	pack, err := w.pack(old, new)
	if err != nil {
		return err
	}
	req := packp.NewReferenceUpdateRequestFromCapabilities(adv.Capabilities)
	req.Commands = []*packp.Command{{Name: plumbing.ReferenceName(w.to.branch()), Old: old, New: new}}
	req.Packfile = io.NopCloser(pack)
	report, err := s.ReceivePack(ctx, req)
	if err == nil && report != nil {
		err = report.Error()
	}
	return lostRace(err)
}

// pack holds the objects that new has and old has not.
func (w *wire) pack(old, new Hash) (*bytes.Buffer, error) {
	o, mem := w.r.read, memory.NewStorage()
	commits, _, err := o.apart(new, old)
	if err != nil {
		return nil, err
	}
	put := func(t plumbing.ObjectType, h Hash) error {
		obj, err := o.get(t, h)
		if err == nil {
			_, err = mem.SetEncodedObject(obj)
		}
		return err
	}
	for h := range commits {
		c, err := o.commit(h)
		if err != nil {
			return nil, err
		}
		before, err := o.treeOf(parent(c))
		if err == nil {
			err = o.fresh(c.TreeHash, before, put)
		}
		if err = errors.Join(err, put(plumbing.CommitObject, h)); err != nil {
			return nil, err
		}
	}
	var pack bytes.Buffer
	_, err = packfile.NewEncoder(&pack, mem, false).Encode(slices.Collect(maps.Keys(mem.Objects)), 10)
	return &pack, err
}

// fresh gives the trees and blobs of tree a that tree b has not at the same place.
func (o *objects) fresh(a, b Hash, give func(plumbing.ObjectType, Hash) error) error {
	if a == b {
		return nil
	}
	if err := give(plumbing.TreeObject, a); err != nil {
		return err
	}
	have, was, err := o.pair(a, b)
	if err != nil {
		return err
	}
	for _, e := range have {
		old := was[e.Name]
		switch {
		case e.Hash == old.Hash || e.Mode == filemode.Submodule:
		case e.Mode != filemode.Dir:
			err = give(plumbing.BlobObject, e.Hash)
		case old.Mode != filemode.Dir:
			err = o.fresh(e.Hash, Hash{}, give)
		default:
			err = o.fresh(e.Hash, old.Hash, give)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func contents(obj plumbing.EncodedObject) ([]byte, error) {
	rd, err := obj.Reader()
	if err != nil {
		return nil, err
	}
	defer rd.Close()
	return io.ReadAll(rd)
}
