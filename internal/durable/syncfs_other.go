//go:build !linux

package durable

import (
	"errors"
	"math"
)

// Many is more than anyone has: there is no SyncFS on this system.
const Many = math.MaxInt

// SyncFS is not supported on this system.
func SyncFS(string) error { return errors.ErrUnsupported }
