package intake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"potluck/internal/site"
)

// Slug makes the name of a file from a title: small letters, digits and dashes. Letters of
// all scripts stay, since they can be an address.
func Slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) && b.Len() > 0:
			b.WriteRune(r)
		case r == '\'' || r == '’':
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := strings.Trim(b.String(), "-")
	if len(name) > 60 {
		cut := strings.ToValidUTF8(name[:60], "")
		name = strings.TrimRight(cut[:max(strings.LastIndexByte(cut, '-'), 20)], "-")
		name = strings.ToValidUTF8(name, "")
	}
	return name
}

// NewPath gives where a new page of a kind would lie: in its kind's folder, under its title,
// where nothing is yet. Pages that neighbours post lie by month.
func (s *Service) NewPath(kind, title string) (string, error) {
	if s.o.Archive == nil {
		return "", ErrNoGit
	}
	k := s.Config().Kind(kind)
	if k == nil {
		return "", &Error{Text: fmt.Sprintf("there is no kind %q", kind), Way: "site.toml and potluck help lists the kinds"}
	}
	name := Slug(title)
	if name == "" || name == "index" {
		return "", &Error{Text: "the title makes no address", Way: "give the page a title with a letter or a digit in it"}
	}
	dir := k.Folder
	if k.Form {
		dir = path.Join(dir, s.today().Time.Format("2006/01"))
	}
	rev, err := s.o.Archive.Tip()
	if err != nil {
		return "", err
	}
	fsys, err := s.o.Archive.FS(rev)
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		p := path.Join(dir, name)
		if n > 1 {
			p = fmt.Sprintf("%s-%d", p, n)
		}
		if _, err := s.Config().PlaceOf(p + ".md"); err != nil {
			return "", &Error{Text: err.Error(), Way: "choose another title"}
		}
		if _, err := fs.Stat(fsys, "content/"+p+".md"); !notThere(err) {
			continue
		}
		if _, err := fs.Stat(fsys, "content/"+p); notThere(err) {
			return "content/" + p + ".md", nil
		}
	}
}

// relative finds links and pictures that are named from the page's own folder.
var relative = regexp.MustCompile(`\]\(\s*<?([^)/#:>\s][^):>\s]*)`)

// Rename moves a page, with its translations and, where it has a folder of its own, with all
// that lies there. Its old addresses lead to the new ones.
func (s *Service) Rename(ctx context.Context, name, to, base, why string, by Person) (*Sheet, error) {
	sh, err := s.Sheet(name)
	if err != nil {
		return nil, err
	}
	dest, err := s.place(to)
	if err != nil {
		return nil, err
	}
	from := sh.Page.Place
	if k := s.Config().Kind(sh.Page.Kind); k.Form || from.Key == "index" {
		return nil, refusal("keeps-address", sh.Path+" keeps its address", "its receipt and its links name it", sh.Path)
	}
	if from.Index != dest.Index {
		dest, err = s.place(strings.TrimSuffix(dest.Key, "/index") + map[bool]string{true: "/index.md", false: ".md"}[from.Index])
		if err != nil {
			return nil, err
		}
	}
	if !from.Index && path.Dir(from.Key) != path.Dir(dest.Key) {
		if m := relative.FindStringSubmatch(sh.Page.Body); m != nil {
			return nil, refusal("from-folder", fmt.Sprintf("%s shows or leads to %q, as seen from its folder", sh.Path, m[1]), "write the whole address, such as /"+path.Join(path.Dir(from.Key), m[1])+", or stay in the folder", sh.Path, m[1], "/"+path.Join(path.Dir(from.Key), m[1]))
		}
	}
	swaps, err := s.moves(sh, dest)
	if err != nil {
		return nil, err
	}
	if base != "" {
		if err := s.unmoved(sh, base); err != nil {
			return nil, err
		}
	}
	if err := s.put(ctx, from, swaps, message(from, cmp.Or(why, "moved to "+strings.TrimSuffix(dest.Path, ".md"))), by); err != nil {
		return nil, err
	}
	return s.Sheet(dest.Path)
}

// unmoved tells that a page is still as it was when somebody looked at it.
func (s *Service) unmoved(sh *Sheet, base string) error {
	seen, err := s.at(base, sh.Path)
	if err == nil && !same(seen, sh.Source) {
		err = s.clash(sh.Page.Place, sh.Base, Swap{Old: seen}, sh.Source)
	}
	return err
}

// moves gives the swaps that bring a page's files to another place.
func (s *Service) moves(sh *Sheet, dest site.Place) (map[string]Swap, error) {
	fsys, err := s.o.Archive.FS(sh.Base)
	if err != nil {
		return nil, err
	}
	files, err := s.files(fsys, sh.Page.Place)
	if err != nil {
		return nil, err
	}
	swaps := map[string]Swap{}
	for file, data := range files {
		pl, _ := s.Config().PlaceOf(file) // not a page: the zero Place
		to, moved := path.Join(path.Dir(dest.Key), path.Base(file)), data
		if pl.Key == sh.Page.Key {
			to = dest.Key + strings.TrimPrefix(file, pl.Key) // .md or .es.md
			if moved, err = s.forwarded(pl, to, data); err != nil {
				return nil, err
			}
		}
		if _, err := fs.Stat(fsys, "content/"+to); !notThere(err) {
			return nil, refusal("there-already", "there is a page or a file at content/"+to, "choose another name, or remove that one first", "content/"+to)
		}
		swaps["content/"+file] = Swap{Old: data}
		swaps["content/"+to] = Swap{New: moved}
	}
	if _, err := fs.Stat(fsys, "content/"+strings.TrimSuffix(dest.Key, "/index")); !dest.Index && !notThere(err) {
		return nil, refusal("there-already", "there is a folder content/"+dest.Key, "choose another name", "content/"+dest.Key)
	}
	return swaps, nil
}

// forwarded is a page that names its old address among its aliases.
func (s *Service) forwarded(from site.Place, to string, data []byte) ([]byte, error) {
	pl, err := s.Config().PlaceOf(to)
	if err != nil {
		return nil, refusal("no-place", fmt.Sprintf("there can be no page content/%s: %v", to, err), "choose another name", to)
	}
	p, _ := site.Parse(s.Config(), from, data)
	aliases := slices.DeleteFunc(slices.Clone(p.Aliases), func(a string) bool { return a == pl.URL })
	if !slices.Contains(aliases, from.URL) {
		aliases = append(aliases, from.URL)
	}
	values := map[string]any{"aliases": aliases}
	if s.Config().KindAt(pl) != p.Kind { // its folder does not say the kind any more
		values["kind"] = p.Kind
	}
	moved, err := site.Revise(data, values, nil)
	if err != nil {
		return nil, refusal("by-hand", "content/"+from.Path+": "+err.Error(), "move it with git, and add its old address to aliases", "content/"+from.Path)
	}
	return moved, s.publishable(pl, moved)
}

// files gives a page's translations, itself among them, and all else in its own folder.
func (s *Service) files(fsys fs.FS, pl site.Place) (map[string][]byte, error) {
	files, size := map[string][]byte{}, 0
	take := func(name string) error {
		data, err := fs.ReadFile(fsys, "content/"+name)
		files[name] = data
		if size += len(data); size > 64<<20 {
			err = refusal("large-folder", "content/"+path.Dir(pl.Path)+" is larger than 64 MB", "move it with git", "content/"+path.Dir(pl.Path))
		}
		return err
	}
	dir := path.Dir(pl.Key)
	entries, err := fs.ReadDir(fsys, path.Join("content", dir))
	if err != nil {
		return nil, err
	}
	own := pl.Index && dir != "." && s.bundle(fsys, dir)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		other, err := s.Config().PlaceOf(name)
		if err != nil || other.Key != pl.Key {
			if !own || e.IsDir() {
				continue
			}
		}
		if err := take(name); err != nil {
			return nil, err
		}
	}
	if pl.Index && !own {
		return nil, refusal("section", "content/"+dir+" is a section with pages of its own", "move or remove those first", "content/"+dir)
	}
	return files, nil
}

// bundle tells that a folder has no page but its own, and no folder.
func (s *Service) bundle(fsys fs.FS, dir string) bool {
	entries, err := fs.ReadDir(fsys, path.Join("content", dir))
	return err == nil && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		pl, err := s.Config().PlaceOf(path.Join(dir, e.Name()))
		return e.IsDir() || err == nil && !pl.Index
	})
}

// redirects is the file that sends readers of old addresses on.
const redirects = "content/_redirects"

// Remove takes a page off main, with its folder where that is its own. Where to is not "",
// readers of its address are sent there: "/resources/", or a whole address elsewhere.
func (s *Service) Remove(ctx context.Context, name, to, base, why string, by Person) error {
	sh, err := s.Sheet(name)
	if err != nil {
		return err
	}
	pl := sh.Page.Place
	if pl.Key == "index" && pl.Lang == s.Config().Languages[0] {
		return refusal("first-page", "the first page stays", "change its words instead")
	}
	if base != "" {
		if err := s.unmoved(sh, base); err != nil {
			return err
		}
	}
	fsys, err := s.o.Archive.FS(sh.Base)
	if err != nil {
		return err
	}
	swaps := map[string]Swap{sh.Path: {Old: sh.Source}}
	if pl.Index && s.bundle(fsys, path.Dir(pl.Key)) {
		files, err := s.files(fsys, pl)
		if err != nil {
			return err
		}
		pages := 0
		for name := range files {
			if strings.HasSuffix(name, ".md") {
				pages++
			}
		}
		for name, data := range files {
			if pages == 1 {
				swaps["content/"+name] = Swap{Old: data}
			}
		}
	}
	if to != "" {
		if swaps[redirects], err = s.sendOn(sh, to); err != nil {
			return err
		}
	}
	return s.put(ctx, pl, swaps, message(pl, cmp.Or(why, "removed")), by)
}

// sendOn adds a line to the redirects.
func (s *Service) sendOn(sh *Sheet, to string) (Swap, error) {
	to = site.CleanLine(to)
	if strings.ContainsAny(to, " \t") || to == sh.Page.URL || !strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "https://") {
		return Swap{}, refusal("send-on", fmt.Sprintf("readers cannot be sent to %q", to), "write an address of this site, such as /resources/, or one that begins with https://", to)
	}
	old, err := s.at(sh.Base, redirects)
	now := string(old)
	if now != "" && !strings.HasSuffix(now, "\n") {
		now += "\n"
	}
	return Swap{old, []byte(now + sh.Page.URL + " " + to + "\n")}, err
}

// History gives the versions of a page, newest first, at most so many. The page may be gone.
func (s *Service) History(name string, most int) ([]Version, error) {
	if s.o.Archive == nil {
		return nil, ErrNoGit
	}
	pl, err := s.place(name)
	if err != nil {
		return nil, err
	}
	var versions []Version
	for v, err := range s.o.Archive.Log("content/" + pl.Path) {
		if err != nil {
			return versions, err
		}
		if versions = append(versions, v); len(versions) == most {
			break
		}
	}
	if versions == nil {
		return nil, refusal("never", "content/"+pl.Path+" was never on main", "potluck page log lists nothing before a commit", "content/"+pl.Path)
	}
	return versions, nil
}

// Past gives a version of a page as it was, and the one before it; nil where it was not
// there. rev is one of its [Service.History].
func (s *Service) Past(name, rev string) (v Version, data, before []byte, err error) {
	if s.o.Archive == nil {
		return v, nil, nil, ErrNoGit
	}
	pl, err := s.place(name)
	if err != nil {
		return v, nil, nil, err
	}
	found := false
	for w, err := range s.o.Archive.Log("content/" + pl.Path) {
		switch {
		case err != nil:
			return v, nil, nil, err
		case found:
			before, err = s.version(w)
			return v, data, before, err
		case strings.HasPrefix(w.Rev, rev) && len(rev) >= 7:
			v, found = w, true
			if data, err = s.version(w); err != nil {
				return v, nil, nil, err
			}
		}
	}
	if !found {
		err = refusal("no-version", fmt.Sprintf("content/%s has no version %q", pl.Path, rev), "potluck page log lists them", "content/"+pl.Path, rev)
	}
	return v, data, nil, err
}

func (s *Service) version(v Version) ([]byte, error) {
	if v.Path == "" {
		return nil, nil
	}
	return s.at(v.Rev, v.Path)
}

// Restore makes a page what it was in one of its versions. What a neighbour had erased is
// not brought back.
func (s *Service) Restore(ctx context.Context, name, rev, base, why string, by Person) (*Sheet, error) {
	v, data, _, err := s.Past(name, rev)
	if err != nil {
		return nil, err
	}
	pl, err := s.place(name)
	if err != nil {
		return nil, err
	}
	if gone, _ := s.o.Vault.Gone(path.Base(pl.Key)); gone == "erased" {
		return nil, refusal("erased", "content/"+pl.Path+" was erased for the neighbour who wrote it", "it stays so", "content/"+pl.Path)
	}
	if data == nil {
		return nil, refusal("taken-away", fmt.Sprintf("content/%s was taken away in that version", pl.Path), "choose one before it", "content/"+pl.Path)
	}
	if base == "" {
		if base, err = s.o.Archive.Tip(); err != nil {
			return nil, err
		}
	}
	day := v.When.In(s.Config().Location).Format("2006-01-02")
	return s.Save(ctx, Edit{Path: pl.Path, Base: base, Data: data, Why: cmp.Or(why, "as on "+day+" again")}, by)
}

// WithPicture adds a picture to an edit, below the text. words say what it shows, for those
// who cannot see it. It is made anew; nothing of what a camera wrote is left.
func (s *Service) WithPicture(e Edit, data []byte, words string) (Edit, error) {
	pl, err := s.place(e.Path)
	if err != nil {
		return e, err
	}
	k := s.Config().Kind(s.Config().KindAt(pl))
	words = strings.NewReplacer("[", "(", "]", ")", "\\", "").Replace(site.CleanLine(words))
	switch {
	case s.o.Picture == nil || k != nil && k.Form:
		return e, &Error{Text: "a page of this kind has no pictures", Way: "put it on a page of news or a story"}
	case words == "":
		return e, &Error{Text: "the picture has no words", Way: "say in a few words what it shows, for those who cannot see it"}
	}
	made, ext, err := s.o.Picture(data)
	if err != nil {
		return e, err
	}
	sum := sha256.Sum256(made)
	name := fmt.Sprintf("%s-%x%s", path.Base(strings.TrimSuffix(pl.Key, "/index")), sum[:4], ext)
	text := strings.TrimRight(string(e.Data), "\n")
	e.Data = []byte(text + "\n\n![" + words + "](" + name + ")\n")
	e.Pictures = maps.Clone(e.Pictures)
	if e.Pictures == nil {
		e.Pictures = map[string][]byte{}
	}
	e.Pictures[name] = made
	return e, nil
}

// Leaf is an entry of a folder of pages.
type Leaf struct {
	Path   string // below content/
	Folder bool
	Page   *site.Page // of a page
}

// Folder lists the pages and folders in a folder below content/ whose names have a word in
// them, at most so many from one on; total is how many there are.
func (s *Service) Folder(dir, word string, from, most int) (leaves []Leaf, total int, err error) {
	if s.o.Archive == nil {
		return nil, 0, ErrNoGit
	}
	rev, err := s.o.Archive.Tip()
	if err != nil {
		return nil, 0, err
	}
	fsys, err := s.o.Archive.FS(rev)
	if err != nil {
		return nil, 0, err
	}
	dir = strings.Trim(path.Clean("/"+dir), "/")
	entries, err := fs.ReadDir(fsys, path.Join("content", dir))
	if err != nil {
		return nil, 0, refusal("no-folder", "there is no folder content/"+dir, "begin at the top", "content/"+dir)
	}
	word = Slug(word)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		pl, err := s.Config().PlaceOf(name)
		if err != nil && !e.IsDir() || !strings.Contains(strings.ToLower(e.Name()), word) {
			continue
		}
		if total++; total <= from || len(leaves) == most {
			continue
		}
		leaf := Leaf{Path: name, Folder: e.IsDir()}
		if !leaf.Folder {
			data, err := fs.ReadFile(fsys, "content/"+name)
			if err != nil {
				return nil, 0, err
			}
			leaf.Page, _ = site.Parse(s.Config(), pl, data)
		}
		leaves = append(leaves, leaf)
	}
	return leaves, total, nil
}
