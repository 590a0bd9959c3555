package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
)

// statusName is the small file beside the history that a status line reads.
const statusName = "status.json"

// maxStatus bounds it, in bytes.
const maxStatus = 1 << 20

// WriteStatus replaces the status of the history in dir, at once or not at all:
// whoever reads it sees the old one or the new one. The owner calls it.
func WriteStatus(dir string, status []byte) error {
	if len(status) > maxStatus {
		return fmt.Errorf("a status of %d bytes is longer than %d", len(status), maxStatus)
	}
	path := filepath.Join(dir, statusName)
	if err := renameio.WriteFile(path, status, 0o600, renameio.WithTempDir(dir)); err != nil {
		return fmt.Errorf("writing the status %s: %w", path, pathless(err))
	}
	return nil
}

// ReadStatus reads the status of the history in dir, and when it was written. It
// needs neither the owner nor the database; os.ErrNotExist says that there is none.
func ReadStatus(dir string) (status []byte, written time.Time, err error) {
	path := filepath.Join(dir, statusName)
	f, err := os.Open(path)
	if err != nil {
		return nil, written, fmt.Errorf("reading the status %s: %w", path, pathless(err))
	}
	defer func() { _ = f.Close() }() // read only
	info, err := f.Stat()
	if err == nil {
		status, err = io.ReadAll(io.LimitReader(f, maxStatus+1))
	}
	if err == nil && len(status) > maxStatus {
		err = errors.New("it is too long to be one")
	}
	if err != nil {
		return nil, written, fmt.Errorf("reading the status %s: %w", path, pathless(err))
	}
	return status, info.ModTime(), nil
}
