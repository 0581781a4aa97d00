package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// What a program that ends soon may take before what it has dropped is collected:
// paceFirst, and paceFile for each file of a site. Of a file about 10 KiB must stay. Where
// it is more, half as much again may be taken.
const (
	paceFirst = 128 << 20
	paceFile  = 11 << 10
)

var paceRoom atomic.Int64

// keepSmall lets a program that keeps a site in memory take half as much again, and not as
// much again, before what it has dropped is collected. At 10,000 pages that is a fifth less
// memory, for a twelfth more work with each edit.
func keepSmall() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// pace makes collecting rare.
func pace() {
	debug.SetGCPercent(-1)
	paceRoom.Store(paceFirst)
	go func() { // beside what is read first
		takeRoom(2 * paceFirst)
		paceAgain(new([16]byte))
	}()
}

// paceFor is told how many files a site has.
func paceFor(files int) {
	room := paceFirst + int64(files)*paceFile
	paceRoom.Store(room)
	if more := room - 2*paceFirst; more > 0 {
		go takeRoom(more)
	} else {
		paceLimit()
	}
}

// takeRoom takes memory in large pages. To take it is not to use it, and no reason to collect.
func takeRoom(bytes int64) {
	debug.SetMemoryLimit(math.MaxInt64)
	largePages(int(bytes))
	paceLimit()
}

func paceLimit() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	stays := int64(sample[0].Value.Uint64())
	debug.SetMemoryLimit(max(paceRoom.Load(), 32<<20+stays*3/2))
}

// paceAgain is called after each collection: it is the end of an object that
// nobody holds. Called late, it lets more be collected than need be.
func paceAgain(*[16]byte) {
	paceLimit()
	runtime.SetFinalizer(new([16]byte), paceAgain)
}
