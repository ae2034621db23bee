// Package lockfile makes the files by which processes lock folders that several people may share.
package lockfile

import (
	"fmt"
	"os"
)

// Make makes the file if need be, as readable as others, so that all who share the folder see who has it. flock would
// make it for its owner alone; told otherwise, it wants the file to have all those permissions, whatever the umask.
func Make(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o666)
	if err != nil {
		return fmt.Errorf("making a lock: %w", err)
	}
	return file.Close()
}
