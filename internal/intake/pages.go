package intake

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"potluck/internal/site"
)

// Archive is main with its past, for those who edit pages. What is not there is an error
// that is fs.ErrNotExist.
type Archive interface {
	// Tip is main's newest commit.
	Tip() (rev string, err error)
	// FS is all of a revision.
	FS(rev string) (fs.FS, error)
	// Log gives the commits of main that changed a file, newest first, under its earlier
	// paths too; for "" all commits.
	Log(path string) iter.Seq2[Version, error]
	// Put makes one commit on main. ErrMoved says that a file is not as the edits expect,
	// ErrUnsaved that somebody's unsaved edit is in the way. Edits that change nothing make
	// no commit.
	Put(ctx context.Context, e Edits) error
}

// Edits are changes of files that are one commit.
type Edits struct {
	Files   map[string]Swap // by path
	Message string
	By      Person
	When    time.Time
}

// Swap puts new bytes in the place of old ones; nil is no file.
type Swap struct{ Old, New []byte }

// Version is a commit of main, as the history of a page tells it.
type Version struct {
	Rev      string
	Path     string // of the file then; "" where the commit took it away
	Who, Why string
	When     time.Time
	Trailers [][2]string
}

// Sheet is a page of main as an organizer works on it.
type Sheet struct {
	Path     string // content/resources/pantry.md
	Base     string // the revision it was read at; it is given back with an edit
	Source   []byte // nil: there is no such page
	Page     *site.Page
	Problems []site.Problem
}

// Edit is what a page shall be.
type Edit struct {
	Path     string
	Base     string // the revision that was looked at; "" for a new page
	Data     []byte
	Pictures map[string][]byte // by name, to lie beside the page; see [Service.Picture]
	Why      string            // for the history; "": only what was done
}

// Clash says that a page is no longer as it was when an edit of it began. Nothing was
// changed; all three versions are here, nil where there was no page.
type Clash struct {
	Path               string
	Tip                string // theirs is that of this revision
	Base, Mine, Theirs []byte
	Last               Version // who changed it
}

func (c *Clash) Error() string {
	who, did := cmp.Or(c.Last.Who, "somebody"), "changed"
	if c.Theirs == nil {
		did = "removed or moved"
	}
	return fmt.Sprintf("%s was %s by %s since you looked at it", c.Path, did, who)
}

// Hint is one sentence on what to do.
func (c *Clash) Hint() string {
	return "look at both versions, then keep yours, theirs, or both: potluck page edit -keep mine, theirs or both"
}

// Said names its words in the theme's strings.
func (c *Clash) Said() (key string, args []any) { return ErrMoved.Said() }

// Faulty says what is wrong with a page that is to be saved.
type Faulty struct{ Problems []site.Problem }

func (f *Faulty) Error() string { return f.Problems[0].String() }

// Hint is one sentence on what to do.
func (f *Faulty) Hint() string { return f.Problems[0].Hint }

// Said names its words in the theme's strings.
func (f *Faulty) Said() (key string, args []any) {
	return "faulty", []any{f.Problems[0].Path, f.Problems[0].Line}
}

// PageMax is the largest page that can be saved, in bytes.
const PageMax = 512 << 10

// place finds the place of a page by its file, with or without content/ and .md.
func (s *Service) place(name string) (site.Place, error) {
	name = strings.TrimPrefix(strings.Trim(path.Clean("/"+name), "/"), "content/")
	if !strings.HasSuffix(name, ".md") {
		name += ".md"
	}
	pl, err := s.Config().PlaceOf(name)
	if err != nil {
		return pl, refusal("no-place", fmt.Sprintf("there can be no page content/%s: %v", name, err), "use small letters, digits and dashes, such as resources/old-mill-pantry", name)
	}
	return pl, nil
}

// Sheet reads a page as it is on main. The error for one that is not there is an *Error.
func (s *Service) Sheet(name string) (*Sheet, error) {
	if s.o.Archive == nil {
		return nil, ErrNoGit
	}
	pl, err := s.place(name)
	if err != nil {
		return nil, err
	}
	rev, err := s.o.Archive.Tip()
	if err != nil {
		return nil, err
	}
	sh, err := s.sheetAt(rev, pl)
	if err == nil && sh.Source == nil && !pl.Index && !strings.HasSuffix(name, ".md") { // a folder's own page
		if own, err := s.Config().PlaceOf(strings.TrimSuffix(pl.Path, ".md") + "/index.md"); err == nil {
			sh, err = s.sheetAt(rev, own)
			if err != nil {
				return nil, err
			}
		}
	}
	if err == nil && sh.Source == nil {
		err = refusal("no-page", "there is no page content/"+pl.Path+" on main", "commit it first, or make it: potluck page new", "content/"+pl.Path)
	}
	return sh, err
}

func (s *Service) sheetAt(rev string, pl site.Place) (*Sheet, error) {
	data, err := s.at(rev, "content/"+pl.Path)
	sh := &Sheet{Path: "content/" + pl.Path, Base: rev, Source: data}
	sh.Page, sh.Problems = site.Parse(s.Config(), pl, data)
	return sh, err
}

// at reads a file of a revision; nil where it is not there.
func (s *Service) at(rev, name string) ([]byte, error) {
	fsys, err := s.o.Archive.FS(rev)
	if err != nil {
		return nil, err
	}
	data, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && data == nil {
		data = []byte{}
	}
	return data, err
}

// Save puts a page on main in the place of the one that was looked at. A *[Clash] says that
// this one is there no more, a *[Faulty] that the page cannot be read or has private fields.
// Saving the same again changes nothing.
func (s *Service) Save(ctx context.Context, e Edit, by Person) (*Sheet, error) {
	if s.o.Archive == nil {
		return nil, ErrNoGit
	}
	pl, err := s.place(e.Path)
	if err != nil {
		return nil, err
	}
	if err := s.publishable(pl, e.Data); err != nil {
		return nil, err
	}
	var base []byte
	if e.Base != "" {
		if base, err = s.at(e.Base, "content/"+pl.Path); err != nil && !notThere(err) {
			return nil, err
		}
	}
	swaps := map[string]Swap{"content/" + pl.Path: {base, e.Data}}
	for name, data := range e.Pictures {
		if bytes.Contains(e.Data, []byte(name)) {
			swaps[path.Join("content", path.Dir(pl.Path), name)] = Swap{New: data}
		}
	}
	if base == nil {
		if err := s.comeBack(pl, swaps); err != nil {
			return nil, err
		}
	}
	if err := s.put(ctx, pl, swaps, message(pl, cmp.Or(e.Why, s.did(pl, base, e.Data))), by); err != nil {
		return nil, err
	}
	rev, err := s.o.Archive.Tip()
	if err != nil {
		return nil, err
	}
	return s.sheetAt(rev, pl)
}

// did says what an edit changed, for who does not say why.
func (s *Service) did(pl site.Place, base, now []byte) string {
	if base == nil {
		return "new page"
	}
	var fields []string
	for _, d := range Diff(s.Config(), pl, base, now) {
		if d.Field != nil {
			fields = append(fields, strings.ReplaceAll(strings.Replace(d.Field.Name, "body", "text", 1), "_", " "))
		}
	}
	return strings.TrimSpace("edit " + strings.Join(fields, ", "))
}

// comeBack no longer sends readers on from an address where there is a page again.
func (s *Service) comeBack(pl site.Place, swaps map[string]Swap) error {
	tip, err := s.o.Archive.Tip()
	if err != nil {
		return err
	}
	old, err := s.at(tip, redirects)
	now := slices.DeleteFunc(lines(string(old)), func(l string) bool { return strings.HasPrefix(l, pl.URL+" ") })
	if text := strings.Join(now, ""); err == nil && old != nil && text != strings.Join(lines(string(old)), "") {
		swaps[redirects] = Swap{old, []byte(text)}
	}
	return err
}

// publishable holds that a page can be published.
func (s *Service) publishable(pl site.Place, data []byte) error {
	if len(data) > PageMax {
		return refusal("large-page", fmt.Sprintf("the page has %d KB, and may have %d", len(data)>>10, PageMax>>10), "make two pages of it", len(data)>>10, PageMax>>10)
	}
	_, problems := site.Parse(s.Config(), pl, data)
	var faults []site.Problem
	for _, p := range problems {
		if p.Severity == site.Error {
			faults = append(faults, p)
		}
	}
	if len(faults) > 0 {
		return &Faulty{faults}
	}
	return nil
}

// message begins with the page, as those of people who write commits by hand do.
func message(pl site.Place, why string) string {
	return strings.TrimSuffix(pl.Path, ".md") + ": " + shortened(why, 200)
}

// shortened is a text on one line, with so many letters at most.
func shortened(text string, most int) string {
	text = site.CleanLine(text)
	if r := []rune(text); len(r) > most {
		text = string(r[:most-1]) + "…"
	}
	return text
}

// put commits the swaps of a page's files, of which the page's own decides whether there is
// a clash. What git moved under us in another place is tried again.
func (s *Service) put(ctx context.Context, pl site.Place, swaps map[string]Swap, message string, by Person) error {
	own := "content/" + pl.Path
	mine := swaps[own]
	if by.Name == "" {
		return &Error{Text: "nobody is named for the history", Way: `say who you are: -as "June"`}
	}
	var err error
	for range 4 {
		var tip string
		if tip, err = s.o.Archive.Tip(); err != nil {
			return err
		}
		now, err := s.at(tip, own)
		if err != nil {
			return err
		}
		if !same(now, mine.Old) && !same(now, mine.New) {
			return s.clash(pl, tip, mine, now)
		}
		err = s.o.Archive.Put(ctx, Edits{swaps, message, by, s.Now()})
		if !errors.Is(err, ErrMoved) || ctx.Err() != nil {
			return err
		}
	}
	return ErrMoved
}

func same(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

func (s *Service) clash(pl site.Place, tip string, mine Swap, theirs []byte) error {
	c := &Clash{Path: "content/" + pl.Path, Tip: tip, Base: mine.Old, Mine: mine.New, Theirs: theirs}
	for v, err := range s.o.Archive.Log(c.Path) {
		if err != nil {
			return err
		}
		c.Last = v
		break
	}
	return c
}

// Keep is how a clash is settled.
type Keep string

// What is kept. Both is for a person to look at before it is saved.
const (
	KeepMine   Keep = "mine"
	KeepTheirs Keep = "theirs"
	KeepBoth   Keep = "both"
)

// Settle gives the edit that settles a clash, to be saved; twice names what both changed
// (see [Merge]). Where theirs is kept and the page is gone, Data is nil: nothing is to be done.
func (c *Clash) Settle(cfg *site.Config, keep Keep, e Edit) (settled Edit, twice []*site.Field) {
	e.Base = c.Tip
	switch keep {
	case KeepTheirs:
		e.Data = c.Theirs
	case KeepBoth:
		if pl, err := cfg.PlaceOf(strings.TrimPrefix(c.Path, "content/")); err == nil && c.Theirs != nil {
			e.Data, twice = Merge(cfg, pl, c.Base, c.Mine, c.Theirs)
		}
	}
	return e, twice
}

// SheetAt reads a page as it was in a revision; its Source is nil where it was not there, or
// where the revision is not known any more.
func (s *Service) SheetAt(name, rev string) (*Sheet, error) {
	if s.o.Archive == nil {
		return nil, ErrNoGit
	}
	pl, err := s.place(name)
	if err != nil {
		return nil, err
	}
	sh, err := s.sheetAt(rev, pl)
	if notThere(err) {
		err = nil
	}
	return sh, err
}

// Both puts an edit and what is on main by now together, for a person to look at before it is
// saved; twice names what both changed (see [Merge]).
func (s *Service) Both(e Edit) (both Edit, twice []*site.Field, err error) {
	base, err := s.SheetAt(e.Path, e.Base)
	if err != nil {
		return e, nil, err
	}
	tip, err := s.o.Archive.Tip()
	if err != nil {
		return e, nil, err
	}
	now, err := s.SheetAt(e.Path, tip)
	if err != nil {
		return e, nil, err
	}
	c := &Clash{Path: now.Path, Tip: tip, Base: base.Source, Mine: e.Data, Theirs: now.Source}
	both, twice = c.Settle(s.Config(), KeepBoth, e)
	return both, twice, nil
}
