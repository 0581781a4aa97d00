package crash

import (
	"sync"
	"syscall"

	"potluck/internal/durable"
)

// FailAt lets the nth operation from now on fail as on a full disk, and with sticky all after it.
// hit tells whether it came to that; it may be read when nothing is written any more. The caller
// sets durable.Fault back to nil.
func FailAt(n int, sticky bool) (hit *bool) {
	hit = new(bool)
	var mu sync.Mutex // files may be written side by side
	durable.Fault = func(op, path string) error {
		mu.Lock()
		defer mu.Unlock()
		if n--; n == 0 || sticky && n < 0 {
			*hit = true
			return syscall.ENOSPC
		}
		return nil
	}
	return hit
}
