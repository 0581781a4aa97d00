package builder

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/site"
)

// Picture is a picture fit to be published: what stands at its own address, and
// smaller ones, the smallest first. It is never changed.
type Picture struct {
	Width, Height int
	File          []byte
	Sizes         []PictureSize
}

// PictureSize is a picture scaled down. Ext is its ending, with the dot.
type PictureSize struct {
	Width int
	Ext   string
	Data  []byte
}

// picture is what Input.Pictures made of one file's bytes.
type picture struct {
	width, height int
	file          File // without a path
	sizes         []File
	widths        []int // of sizes
	err           error
}

// pictureSizes tells browsers how wide the theme's text is; see sizes in HTML.
const pictureSizes = "(min-width: 42rem) 40rem, 100vw"

var pictureExts = []string{".jpg", ".jpeg", ".png", ".webp", ".gif"}

func isPicture(p string) bool { return slices.Contains(pictureExts, strings.ToLower(path.Ext(p))) }

// pictures gives the pictures among the copied files to Input.Pictures, and puts
// what comes back in their place. One that is refused is a problem, and is not
// published: nobody knows what the camera wrote into it.
//
// What was made for the last build is taken where the bytes are the same:
// Input.Pictures is a pure function of them.
func (n *build) pictures(ctx context.Context, prev *build) {
	n.pics = map[string]*picture{}
	if n.in.Pictures == nil {
		return
	}
	before := map[Sum]*picture{}
	for p, pic := range prev.pics {
		before[prev.sums[p]] = pic
	}
	n.sums = map[string]Sum{}
	var files []File
	for _, f := range n.content.copied {
		if isPicture(f.Path) {
			n.sums[f.Path] = f.Sum
			files = append(files, f)
		}
	}
	made := make([]*picture, len(files))
	each(ctx, len(files), func(i int) {
		if made[i] = before[files[i].Sum]; made[i] == nil {
			made[i] = newPicture(n.in.Pictures(files[i].Data))
		}
	})
	for i, f := range files {
		n.pics[f.Path] = made[i]
	}
	n.usePictures()
}

func newPicture(p *Picture, err error) *picture {
	if err != nil {
		return &picture{err: err}
	}
	pic := &picture{width: p.Width, height: p.Height, file: newFile("", p.File)}
	for _, s := range p.Sizes {
		f := newFile("", s.Data)
		f.Path = "assets/pictures/" + hex.EncodeToString(f.Sum[:10]) + s.Ext
		pic.sizes, pic.widths = append(pic.sizes, f), append(pic.widths, s.Width)
	}
	return pic
}

// usePictures puts the pictures in the place of the files they were made of.
func (n *build) usePictures() {
	sizes := map[string]File{}
	var copied []File
	for _, f := range n.content.copied {
		switch pic := n.pics[f.Path]; {
		case pic == nil:
			copied = append(copied, f)
		case pic.err != nil:
			n.problems = append(n.problems, pictureProblem(f.Path, pic.err))
		default:
			copied = append(copied, File{f.Path, pic.file.Data, pic.file.Sum, pic.file.Size})
			for _, s := range pic.sizes {
				sizes[s.Path] = s
			}
		}
	}
	n.content.copied = copied
	for _, p := range slices.Sorted(maps.Keys(sizes)) {
		n.sizes = append(n.sizes, sizes[p])
	}
}

func pictureProblem(p string, err error) site.Problem {
	hint := "save it again as JPEG, PNG or WebP"
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		hint = h.Hint()
	}
	return site.Problem{Path: "content/" + p, Text: err.Error(), Hint: hint}
}

// picture gives the attributes of an img: its address, its size, so that the
// page does not jump, and the smaller ones to choose from.
func (r *resolver) picture(k int) string {
	src := escapeURL(r.href(k))
	p, _ := cutPath(r.h.Links[k].Dest)
	pic := r.l.pics[strings.TrimPrefix(r.from(unescapePath(p)), "/")]
	if pic == nil || pic.err != nil {
		return ` src="` + src + `"`
	}
	size := fmt.Sprintf(` width="%d" height="%d"`, pic.width, pic.height)
	if len(pic.sizes) == 0 {
		return ` src="` + src + `"` + size
	}
	var set []string
	for i, s := range pic.sizes {
		set = append(set, r.l.cfg.BasePath+"/"+s.Path+" "+strconv.Itoa(pic.widths[i])+"w")
	}
	set = append(set, src+" "+strconv.Itoa(pic.width)+"w")
	return ` src="` + src + `" srcset="` + strings.Join(set, ", ") + `" sizes="` + pictureSizes + `"` + size
}

// samePictures tells that pages would show the same pictures.
func samePictures(a, b *build) bool {
	return maps.Equal(a.sums, b.sums)
}
