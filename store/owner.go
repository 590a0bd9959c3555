package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// lockName is the file whose lock makes a process the owner. It is never renamed
// or removed, so that two processes can never hold locks on two files of that
// name. The owner's pid and the path of its socket stand in it, a line each.
const lockName = "history.lock"

// own takes the lock of the history in dir; nil where another process holds it.
func own(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDWR))
	held, err := lock.TryLock()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking the history in %s: %w", dir, pathless(err)), lock.Close())
	}
	if !held {
		return nil, lock.Close()
	}
	if err := announce(dir, ""); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// announce writes who the owner is, and where it listens; "" while it does not.
// Only the holder of the lock does that.
func announce(dir, socket string) error {
	text := strconv.Itoa(os.Getpid()) + "\n"
	if socket != "" {
		text += socket + "\n"
	}
	if err := os.WriteFile(filepath.Join(dir, lockName), []byte(text), 0o600); err != nil {
		return fmt.Errorf("marking the history in %s: %w", dir, pathless(err))
	}
	return nil
}

// mostLock bounds the lock file, in bytes.
const mostLock = 4 << 10

// announced reads who the owner is; 0 and "" where that is not to be had.
func announced(dir string) (pid int, socket string) {
	f, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		return 0, ""
	}
	defer func() { _ = f.Close() }() // read only
	text, err := io.ReadAll(io.LimitReader(f, mostLock))
	if err != nil {
		return 0, ""
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	socket, _, whole := strings.Cut(rest, "\n")
	if !whole { // just being written
		socket = ""
	}
	pid, err = strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid < 0 {
		return 0, socket
	}
	return pid, socket
}

// pathless drops the path from a file error whose sentence names it already.
func pathless(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
