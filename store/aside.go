package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What copies are called while they are made, two of them before the digits of
// CreateTemp. Nobody else would call a file so.
const (
	copyPrefix   = databaseName + ".copying-"
	verifyPrefix = databaseName + ".verifying-"
	compactName  = databaseName + ".compacting"
)

// abandonedAfter is the age from which a copy to be verified is nobody's.
const abandonedAfter = 24 * time.Hour

// sweep removes what processes that were killed have left in dir. Only the holder
// of the lock may call it: all but the copies to be verified is the owner's.
func sweep(dir string, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // it is in nobody's way
	}
	for _, e := range entries {
		prefix := strings.TrimRight(e.Name(), "0123456789")
		numbered := prefix != e.Name()
		owners := e.Name() == compactName || numbered && (prefix == copyPrefix || prefix == "."+statusName)
		if !e.Type().IsRegular() || !owners && (!numbered || prefix != verifyPrefix) {
			continue
		}
		if info, err := e.Info(); owners || err == nil && now.Sub(info.ModTime()) > abandonedAfter {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

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
