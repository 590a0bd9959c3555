package store

import (
	"errors"
	"os"
	"testing"
)

// setFileUser changes whose rights this thread has to files.
func setFileUser(int) error { return errors.New("file rights are those of the process") }

// syncData is what a commit asks of the disk.
func syncData(f *os.File) error { return f.Sync() }

// asStranger would run f in a thread of another user's.
func asStranger(t *testing.T, _ string, _ func()) {
	t.Helper()
	t.Skip("a thread has no user of its own")
}
