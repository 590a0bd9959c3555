package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// migrate brings a history of an older format to today's, in one transaction,
// after a copy of it as it was has been put beside it. A format that is newer in
// ways that do not matter to this program stays.
func (h *boltHistory) migrate() error {
	was := int64(0)
	err := h.view(func(tx *bolt.Tx) error {
		was = metaOf(tx, keyFormat)
		return nil
	})
	if err != nil || was >= format {
		return err
	}
	backup, err := h.copyAside(was)
	if err != nil {
		return fmt.Errorf("keeping a copy of the history before it is brought to format %d: %w", format, pathless(err))
	}
	return h.change(func(tx *bolt.Tx) error {
		now := h.now()
		return errors.Join(makeBuckets(tx), stamp(tx), putNote(tx, bucketEvent, now, Event{
			At: now.UTC(), Kind: EventMigrated,
			Text: fmt.Sprintf("brought from format %d to %d; the history as it was is %s", was, format, filepath.Base(backup)),
		}))
	})
}

// copyAside writes a copy of the database under a name that is not in use.
func (h *boltHistory) copyAside(was int64) (string, error) {
	backup := unused(fmt.Sprintf("%s.format-%d", h.path, was))
	draft := backup + ".new"
	err := h.view(func(tx *bolt.Tx) error { return tx.CopyFile(draft, 0o600) })
	if err == nil {
		err = os.Rename(draft, backup)
	}
	if err != nil {
		return "", errors.Join(err, removeIfThere(draft))
	}
	return backup, syncFolder(filepath.Dir(backup))
}

// unused is a name, with a number behind it where it is in use.
func unused(name string) string {
	free := name
	for n := 2; ; n++ {
		if _, err := os.Lstat(free); errors.Is(err, os.ErrNotExist) {
			return free
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
