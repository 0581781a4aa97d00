package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// What a program that ends soon may take before what it has dropped is collected: a small
// site needs no more than paceFirst, and of a larger one what must stay tells how large it
// is. One of ten thousand pages has less than half of paceBytes to keep.
const (
	paceFirst = 128 << 20
	paceBytes = 256 << 20
)

// keepSmall lets a program that keeps a site in memory take half as much again, and not as
// much again, before what it has dropped is collected. At 10,000 pages that is a fifth less
// memory, for a twelfth more work with each edit.
func keepSmall() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// pace makes collecting rare: up to paceBytes, when a fifth of what there is must stay; of
// a site that needs more, when two thirds must.
func pace() {
	debug.SetGCPercent(-1)
	go func() { // beside what is read first
		largePages(paceBytes)
		debug.SetMemoryLimit(paceFirst)
		paceAgain(new([16]byte))
	}()
}

// paceAgain is called after each collection: it is the end of an object that
// nobody holds. Called late, it lets more be collected than need be.
func paceAgain(*[16]byte) {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	stays := int64(sample[0].Value.Uint64())
	debug.SetMemoryLimit(max(min(paceFirst+4*stays, paceBytes), 32<<20+stays*3/2))
	runtime.SetFinalizer(new([16]byte), paceAgain)
}
