package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	// growBy is how much a database grows at a time, in bytes. bbolt's own 16 MiB
	// is more than most histories ever hold.
	growBy = 1 << 20
	// roomToGrow is the address space that is mapped from the start, in bytes:
	// growing beyond would wait for readers. It is not memory.
	roomToGrow = 1 << 30
	// mostBytes bounds the database, in bytes: a thousand years, or a fault.
	mostBytes = 64 << 30
)

// openBolt opens a database file. bbolt answers some damaged files with a panic.
func openBolt(path string, open func(string, int, os.FileMode) (*os.File, error)) (db *bolt.DB, err error) {
	if open == nil {
		open = os.OpenFile
	}
	var file *os.File
	defer func() {
		if v := recover(); v != nil {
			// bbolt has left its lock, which the mapping would hold past Close.
			_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
			_ = file.Close()
			db, err = nil, fmt.Errorf("%s: %w (%v)", path, ErrDamaged, v)
		}
		if db != nil {
			db.AllocSize = growBy
		}
	}()
	db, err = bolt.Open(path, 0o600, &bolt.Options{
		// Ours is the only process that opens it: history.lock sees to that. A
		// lock held all the same is a stranger's.
		Timeout:         time.Second,
		InitialMmapSize: roomToGrow,
		MaxSize:         mostBytes,
		FreelistType:    bolt.FreelistArrayType,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			var err error
			file, err = open(name, flag, mode)
			return file, err
		},
	})
	switch {
	case err == nil:
		return db, nil
	case errors.Is(err, berrors.ErrTimeout):
		return nil, &LockedError{Dir: filepath.Dir(path)}
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, fmt.Errorf("%s: %w", path, ErrForeign)
	case errors.Is(err, berrors.ErrChecksum):
		return nil, fmt.Errorf("%s: %w", path, ErrDamaged)
	}
	return nil, fmt.Errorf("opening the history %s: %w", path, pathless(err))
}

// IsPart reports whether path names one of the files that the history in dir works
// with. Whoever replaced one would take it from under its owner, and with it what
// the owner goes on writing.
func IsPart(dir, path string) bool {
	ours := func(name string) bool { return strings.EqualFold(name, filepath.Base(path)) }
	if !slices.ContainsFunc([]string{databaseName, lockName, socketName, statusName}, ours) {
		return false
	}
	folder, err := os.Stat(dir)
	other, otherErr := os.Stat(filepath.Dir(path))
	return err == nil && otherErr == nil && os.SameFile(folder, other)
}

// Exists reports whether there is a history in dir. Open makes one where there is
// none.
func Exists(dir string) (bool, error) {
	_, err := os.Lstat(filepath.Join(dir, databaseName))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for the history in %s: %w", dir, pathless(err))
	}
	return true, nil
}
