package store

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// MoveAside renames the damaged database of the history in dir, with the date, and
// gives its new path; the next Open begins a new one. Nothing is ever overwritten.
// It fails where another process holds the history.
func MoveAside(dir string) (string, error) {
	lock, err := own(dir)
	if err != nil {
		return "", err
	}
	if lock == nil {
		pid, _ := announced(dir)
		return "", &LockedError{Dir: dir, PID: pid}
	}
	defer func() { _ = lock.Close() }() // the process ends or opens it anew
	return moveAside(dir, time.Now())
}

// moveAside is MoveAside for the holder of the lock.
func moveAside(dir string, now time.Time) (string, error) {
	path := filepath.Join(dir, databaseName)
	aside := unused(path + ".damaged-" + now.UTC().Format("2006-01-02T150405Z"))
	if err := os.Rename(path, aside); err != nil {
		return "", fmt.Errorf("moving the damaged history %s aside: %w", path, pathless(err))
	}
	return aside, syncFolder(dir)
}
