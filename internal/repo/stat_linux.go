package repo

import (
	"io/fs"
	"syscall"
)

// statFields are ctime, its nanoseconds, mtime, its nanoseconds, dev, ino, uid and gid.
func statFields(info fs.FileInfo) (f [8]uint32) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		f = [8]uint32{uint32(s.Ctim.Sec), uint32(s.Ctim.Nsec), uint32(s.Mtim.Sec), uint32(s.Mtim.Nsec),
			uint32(s.Dev), uint32(s.Ino), s.Uid, s.Gid}
	}
	return f
}
