package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// lockName is the file whose lock makes a process the owner. It is never renamed
// or removed, so that two processes can never hold locks on two files of that
// name; the owner's pid stands in it for the one that is refused.
const lockName = "history.lock"

// own takes the lock of the history in dir, or says who holds it.
func own(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDWR))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the history in %s: %w", dir, pathless(err))
	}
	if !held {
		return nil, &LockedError{Dir: dir, PID: ownerOf(dir)}
	}
	pid := strconv.Itoa(os.Getpid()) + "\n"
	if err := os.WriteFile(lock.Path(), []byte(pid), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("marking the history in %s: %w", dir, pathless(err)), lock.Close())
	}
	return lock, nil
}

// ownerOf reads the owner's pid; 0 where it is not to be had.
func ownerOf(dir string) int {
	text, err := os.ReadFile(filepath.Join(dir, lockName))
	if err != nil || len(text) > 64 {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}

// pathless drops the path from a file error whose sentence names it already.
func pathless(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
