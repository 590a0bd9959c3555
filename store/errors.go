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
)

// LockedError says that another process owns the history.
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
