package durable

import (
	"os"

	"golang.org/x/sys/unix"
)

// Many is the number of files from which on one SyncFS costs less than a Sync each. Below it a sync
// of the whole file system would only make one writer wait for what others have written.
const Many = 32

// SyncFS makes everything durable that was written in the file system of the folder dir.
func SyncFS(dir string) error {
	return do("syncfs", dir, func() error {
		f, err := os.Open(dir)
		if err != nil {
			return err
		}
		defer f.Close()
		return unix.Syncfs(int(f.Fd()))
	})
}
