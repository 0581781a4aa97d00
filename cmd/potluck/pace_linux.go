package main

import (
	"runtime"
	"syscall"
)

// largePages has memory come in pages of 2 MiB where the system gives such to those who
// ask. The first touch of each page is a trip into the system, and in pages of 4 KiB those
// trips are a sixth of the work of a build. The room is taken, but not touched; it is
// marked, and left to Go, which takes what it needs from there before it asks for more.
func largePages(room int) {
	_ = syscall.Madvise(make([]byte, room), syscall.MADV_HUGEPAGE)
	runtime.GC()
}
