package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// paceBytes is what a program that ends soon may take before what it has dropped
// is collected. A site of ten thousand pages needs less than half of it to stay.
// To begin with more for a larger site is no gain: what stays then lies scattered, and
// fills the room that is missing later.
const paceBytes = 256 << 20

// pace makes collecting rare: only when paceBytes are full or, of a site that
// needs more, when a third of what there is was dropped.
func pace() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(paceBytes)
	paceAgain(new([16]byte))
}

// paceAgain is called after each collection: it is the end of an object that
// nobody holds. Called late, it lets more be collected than need be.
func paceAgain(*[16]byte) {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	debug.SetMemoryLimit(max(paceBytes, int64(sample[0].Value.Uint64())*3/2+32<<20))
	runtime.SetFinalizer(new([16]byte), paceAgain)
}
