package repo

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io/fs"
	"slices"
	"sort"
)

// index is git's index, version 2 or 3 (gitformat-index): a header, entries sorted by name, optional
// extensions, a checksum. One entry is exchanged for another and the rest stay as they are, byte for
// byte, with what go-git would not keep. Optional extensions, which are caches, are left out.
type index struct {
	version uint32
	entries []indexEntry
}

type indexEntry struct{ name, raw []byte }

func (e indexEntry) hash() (h Hash) { copy(h[:], e.raw[40:60]); return h }
func (e indexEntry) stage() byte    { return e.raw[60] >> 4 & 3 }

func parseIndex(raw []byte) (*index, error) {
	if raw == nil {
		return &index{version: 2}, nil
	}
	refuse := func(what string) (*index, error) {
		return nil, &Error{ErrFormat, "the git index " + what, "run git update-index --index-version 2 --no-split-index, and git sparse-checkout reapply --no-sparse-index"}
	}
	if len(raw) < 32 || string(raw[:4]) != "DIRC" {
		return refuse("is damaged")
	}
	x := &index{version: binary.BigEndian.Uint32(raw[4:])}
	if x.version != 2 && x.version != 3 {
		return refuse(fmt.Sprintf("has version %d", x.version))
	}
	rest, sum := raw[12:len(raw)-20], raw[len(raw)-20:]
	if want := sha1.Sum(raw[:len(raw)-20]); !bytes.Equal(sum, want[:]) && !bytes.Equal(sum, make([]byte, 20)) {
		return refuse("is damaged")
	}
	for range binary.BigEndian.Uint32(raw[8:]) {
		e, size := cutEntry(rest)
		if size == 0 {
			return refuse("is damaged")
		}
		x.entries, rest = append(x.entries, e), rest[size:]
	}
	for len(rest) >= 8 {
		size := int(binary.BigEndian.Uint32(rest[4:]))
		if rest[0] < 'A' || rest[0] > 'Z' || size > len(rest)-8 {
			return refuse("is split, or sparse")
		}
		rest = rest[8+size:]
	}
	return x, nil
}

// cutEntry takes the entry that raw begins with; size 0 when it is cut short.
func cutEntry(raw []byte) (e indexEntry, size int) {
	head := 62
	if len(raw) > head && raw[60]&0x40 != 0 {
		head = 64 // version 3, with more flags
	}
	if len(raw) <= head {
		return e, 0
	}
	end := bytes.IndexByte(raw[head:], 0)
	if size = (head + end + 8) &^ 7; end < 0 || size > len(raw) {
		return e, 0
	}
	return indexEntry{raw[head : head+end], raw[:size]}, size
}

// find is the blob of an entry, zero when there is none; merged is false in an unsolved conflict.
func (x *index) find(path string) (h Hash, merged bool) {
	i := sort.Search(len(x.entries), func(i int) bool { return string(x.entries[i].name) >= path })
	if i == len(x.entries) || string(x.entries[i].name) != path {
		return h, true
	}
	return x.entries[i].hash(), x.entries[i].stage() == 0
}

// splice prints the index with entries set, or removed when nil.
func (x *index) splice(edits map[string][]byte) []byte {
	var entries []indexEntry
	for _, e := range x.entries {
		if _, ok := edits[string(e.name)]; !ok {
			entries = append(entries, e)
		}
	}
	for name, raw := range edits {
		if raw != nil {
			entries = append(entries, indexEntry{[]byte(name), raw})
		}
	}
	slices.SortStableFunc(entries, func(a, b indexEntry) int {
		return cmp.Or(bytes.Compare(a.name, b.name), cmp.Compare(a.stage(), b.stage()))
	})
	out := binary.BigEndian.AppendUint32([]byte("DIRC"), x.version)
	out = binary.BigEndian.AppendUint32(out, uint32(len(entries)))
	for _, e := range entries {
		out = append(out, e.raw...)
	}
	sum := sha1.Sum(out)
	return append(out, sum[:]...)
}

// newEntry is the entry of a file in the working tree. Where the system's stat is not known to us
// its fields are zero, and git looks at the file once.
func newEntry(f planned, info fs.FileInfo) []byte {
	s := statFields(info)
	var raw []byte
	for _, v := range []uint32{s[0], s[1], s[2], s[3], s[4], s[5], uint32(f.mode), s[6], s[7], uint32(info.Size())} {
		raw = binary.BigEndian.AppendUint32(raw, v)
	}
	raw = append(raw, f.want[:]...)
	raw = binary.BigEndian.AppendUint16(raw, uint16(min(len(f.path), 0xfff)))
	raw = append(raw, f.path...)
	return append(raw, make([]byte, 8-len(raw)%8)...)
}
