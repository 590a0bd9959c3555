package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"costping/probe"

	bolt "go.etcd.io/bbolt"
)

// Report is what a check of a history has found.
type Report struct {
	// Path is the file that was read; Bytes its length.
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
	// Format is the database's, 0 where it could not be read.
	Format int `json:"format"`
	// Samples, Rollups, Notes and Ledger count the records that are whole, Damaged
	// those whose checksum does not match.
	Samples int `json:"samples"`
	Rollups int `json:"rollups"`
	Notes   int `json:"notes"`
	Ledger  int `json:"ledger"`
	Damaged int `json:"damaged"`
	// Refused says why it is no history that this program may judge, "foreign" or
	// "newer"; Verify makes an error of it.
	Refused string `json:"refused,omitempty"`
	// Problems says what else is wrong, in a sentence each; the first few of them.
	Problems []string `json:"problems"`
}

// OK reports whether nothing is wrong.
func (r Report) OK() bool { return r.Damaged == 0 && len(r.Problems) == 0 }

const (
	mostProblems = 20
	// mostReport bounds what a child may say, in bytes.
	mostReport = 1 << 20
)

func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < mostProblems {
		r.Problems = append(r.Problems, probe.Sanitize(fmt.Sprintf(format, args...), maxNoteText))
	}
}

// Verify reads all of the history in dir and reports what is wrong with it. A file
// that cannot be read, is not a history or a newer program's is an error. The
// file is read by another process, since a damaged one may end whoever reads it:
// child gives the command for that, which calls CheckFile with the path and writes
// the Report as JSON to its standard output. A copy is read where there is room for
// one: that takes a while, and whoever wants to write must not wait for it.
func Verify(ctx context.Context, dir string, child func(ctx context.Context, path string) *exec.Cmd) (Report, error) {
	path := filepath.Join(dir, databaseName)
	lock, err := own(dir)
	if err != nil {
		return Report{}, err
	}
	if lock != nil {
		defer func() { _ = lock.Close() }() // nothing was changed
		if inspect(path) != nil {
			return inChild(ctx, child, path, path)
		}
	}
	copied, err := copyToVerify(ctx, dir, lock != nil)
	if err != nil && lock != nil {
		return inChild(ctx, child, path, path)
	}
	if err != nil {
		return Report{}, err
	}
	defer func() { _ = os.Remove(copied) }() // a copy that nobody misses
	if lock != nil {
		_ = lock.Close() // the copy is nobody else's
	}
	return inChild(ctx, child, copied, path)
}

// copyToVerify makes a copy of the database in dir: of the file, where the caller
// holds the lock, or as its owner gives it.
func copyToVerify(ctx context.Context, dir string, locked bool) (name string, err error) {
	copied, err := os.CreateTemp(dir, verifyPrefix+"*")
	if err != nil {
		return "", fmt.Errorf("copying the history in %s: %w", dir, pathless(err))
	}
	defer func() {
		if err = errors.Join(err, copied.Close()); err != nil {
			_ = os.Remove(copied.Name()) // half a copy
		}
	}()
	if locked {
		whole, err := os.Open(filepath.Join(dir, databaseName))
		if err != nil {
			return "", err
		}
		_, err = io.Copy(copied, whole)
		return copied.Name(), errors.Join(err, whole.Close())
	}
	h, err := Open(dir)
	if err != nil {
		return "", err
	}
	_, err = h.Backup(ctx, copied)
	return copied.Name(), errors.Join(err, h.Close())
}

// inChild reads a file, which may be a copy of the one that it is about.
func inChild(ctx context.Context, child func(context.Context, string) *exec.Cmd, path, about string) (Report, error) {
	if err := inspect(path); err != nil && !errors.Is(err, ErrDamaged) {
		return Report{}, err // there is nothing wrong with it that reading it would show
	}
	cmd := child(ctx, path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return Report{}, fmt.Errorf("verifying the history %s: %w", path, err)
	}
	if err := cmd.Start(); err != nil {
		return Report{}, fmt.Errorf("verifying the history %s: %w", path, err)
	}
	text, readErr := io.ReadAll(io.LimitReader(out, mostReport))
	ended := cmd.Wait()
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	var r Report
	if readErr != nil || json.Unmarshal(text, &r) != nil {
		r = Report{Path: path}
		r.problem("the check ended before it was done: %v", ended)
	}
	r.Path = about
	for i, problem := range r.Problems {
		r.Problems[i] = strings.ReplaceAll(problem, path, about)
	}
	if r.Refused != "" && len(r.Problems) > 0 {
		return Report{}, failure{Kind: r.Refused, Text: r.Problems[len(r.Problems)-1]}.error()
	}
	return r, nil
}

// CheckFile reads all of a database file. A damaged one may end the process; see
// Verify. The file must not be in use.
func CheckFile(ctx context.Context, path string) Report {
	r := Report{Path: path, Problems: []string{}}
	info, err := os.Stat(path)
	if err == nil {
		r.Bytes = info.Size()
		err = inspect(path)
	}
	if err != nil {
		r.problem("%v", err)
		return r
	}
	err = guard(path, func() error {
		db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: answerWithin})
		if err != nil {
			return err
		}
		return errors.Join(db.View(func(tx *bolt.Tx) error { return r.check(ctx, path, tx) }), db.Close())
	})
	// One that is broken as well may be a history that has lost what shows it.
	if len(r.Problems) == 0 && (errors.Is(err, ErrForeign) || errors.Is(err, ErrNewer)) {
		r.Refused = failureOf(err).Kind
	}
	if err != nil {
		r.problem("%v", err)
	}
	return r
}

func (r *Report) check(ctx context.Context, path string, tx *bolt.Tx) error {
	for err := range tx.Check() {
		r.problem("%v", err)
	}
	if err := formatOf(tx, path); err != nil {
		return err
	}
	for _, name := range buckets {
		if tx.Bucket(name) == nil {
			r.problem("there is no bucket %s", name)
		}
	}
	r.Format = int(metaOf(tx, keyFormat))
	var w wireSample
	kinds := []struct {
		bucket []byte
		count  *int
		whole  func(k, v []byte) bool
	}{
		{bucketSamples, &r.Samples, func(k, v []byte) bool { return len(k) == sampleKeySize && w.decode(v) == nil && inFormat(&w) }},
		{bucketHour, &r.Rollups, wholeRollup},
		{bucketDay, &r.Rollups, wholeRollup},
		{bucketEvent, &r.Notes, wholeNote},
		{bucketPrice, &r.Notes, wholeNote},
		{bucketResult, &r.Notes, wholeNote},
		{bucketLedger, &r.Ledger, func(_, v []byte) bool { _, err := decodeLedger(v); return err == nil }},
	}
	for _, kind := range kinds {
		b := tx.Bucket(kind.bucket)
		if b == nil {
			continue
		}
		visited := 0
		err := b.ForEach(func(k, v []byte) error {
			if kind.whole(k, v) {
				*kind.count++
			} else {
				r.Damaged++
			}
			if visited++; visited%4096 == 0 {
				return ctx.Err()
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func wholeRollup(k, v []byte) bool {
	r, err := decodeRollup(v)
	if err != nil || len(k) != sampleKeySize {
		return false
	}
	for _, d := range []*Digest{&r.TTFT, &r.TPOT, &r.E2E} {
		if _, err := d.values(); err != nil {
			return false
		}
	}
	return true
}

func wholeNote(k, v []byte) bool {
	text, whole := unseal(v)
	return whole && len(k) == sampleKeySize && json.Valid(bytes.TrimSpace(text))
}
