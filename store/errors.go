package store

import (
	"errors"
	"fmt"
)

// Errors that a caller may tell apart.
var (
	// ErrForeign: the file is not a history.
	ErrForeign = errors.New("not a costping history")
	// ErrNewer: the history was written by a newer program.
	ErrNewer = errors.New("written by a newer costping")
	// ErrDamaged: the file was a history and can no longer be read as one.
	ErrDamaged = errors.New("the history is damaged")
	// ErrClosed: the history was closed.
	ErrClosed = errors.New("the history is closed")
	// ErrNoSchedule: the owner of the history runs no schedule.
	ErrNoSchedule = errors.New("the history's owner runs no schedule")
	// ErrNetworkFiles: the folder is on a network file system, where neither
	// locks nor mapped files can be relied on.
	ErrNetworkFiles = errors.New("the history is on a network file system")
)

// SilentError says that the owner of the history is there and does not answer:
// stopped, or starved. It is never robbed.
type SilentError struct {
	// PID is the owner's process, 0 where it could not be learnt.
	PID int
}

func (e *SilentError) Error() string {
	if e.PID == 0 {
		return "the history's owner is not answering"
	}
	return fmt.Sprintf("history owner pid %d is not answering", e.PID)
}

// UnsavedError says that samples could not be written. They are held in memory
// and written, oldest first, as soon as that can be done.
type UnsavedError struct {
	// Samples is how many wait now, Dropped how many of the oldest had to be let
	// go for want of room since the trouble began.
	Samples, Dropped int
	// Err is what the disk said.
	Err error
}

func (e *UnsavedError) Error() string {
	text := fmt.Sprintf("%d samples wait in memory for the disk: %v", e.Samples, e.Err)
	if e.Dropped > 0 {
		text += fmt.Sprintf(" (%d older ones were dropped)", e.Dropped)
	}
	return text
}

// Unwrap is what the disk said.
func (e *UnsavedError) Unwrap() error { return e.Err }

// LockedError says that another process holds the history and cannot be asked: it
// runs a program that knows no viewers.
type LockedError struct {
	Dir string
	// PID is the owner's process, 0 where it could not be learnt.
	PID int
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("the history in %s is in use by another costping", e.Dir)
	}
	return fmt.Sprintf("the history in %s is in use by costping with pid %d", e.Dir, e.PID)
}

// diskError says that the database could not be written, whatever was to be.
type diskError struct {
	path string
	err  error
}

func (e *diskError) Error() string {
	return fmt.Sprintf("writing to the history %s: %v", e.path, pathless(e.err))
}

func (e *diskError) Unwrap() error { return e.err }

var errSpan = errors.New("rollups are hourly or daily")
