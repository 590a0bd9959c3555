package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Where bbolt keeps what is checked here: in each of the first two pages, after a
// page header of 16 bytes. All in the machine's byte order.
const (
	boltMagic        = 0xED0CDAED
	boltVersion      = 2
	boltMetaFlag     = 4
	boltPageHeader   = 16
	boltMetaSize     = 64
	offsetVersion    = 4
	offsetPageSize   = 8
	offsetHighWater  = 40 // the first page that was never used
	offsetTx         = 48 // the transaction that wrote this copy
	smallestPageSize = 1 << 9
	largestPageSize  = 1 << 16
)

// inspect looks at a database file before it is mapped into memory. bbolt reads
// the pages that its header names wherever they are, and one beyond the end of a
// file that was cut short ends the process with SIGBUS, which nothing can catch.
func inspect(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening the history %s: %w", path, pathless(err))
	}
	defer func() { _ = f.Close() }() // read only
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("opening the history %s: %w", path, pathless(err))
	}
	var newest uint64
	var needed int64
	found := false
	for offset := int64(0); offset <= largestPageSize; {
		pageSize, highWater, tx, ok := readMeta(f, offset)
		if ok && (!found || tx >= newest) {
			found, newest, needed = true, tx, pageSize*highWater
		}
		// The second copy is one page on, and the page's size is in the first.
		// Where that is unreadable, every size there is has to be tried.
		switch {
		case offset == 0 && ok:
			offset = pageSize
		case offset == 0:
			offset = smallestPageSize
		case found:
			offset = largestPageSize + 1
		default:
			offset *= 2
		}
	}
	if !found {
		return headless(f, info)
	}
	if info.Size() < needed {
		return fmt.Errorf("%s is %d bytes long and should have %d: %w", path, info.Size(), needed, ErrDamaged)
	}
	return nil
}

// headless is the error of a file without a header that can be read: ours where
// nothing is left of its beginning, or where what is left is a header's, and
// another's otherwise.
func headless(f *os.File, info os.FileInfo) error {
	if info.IsDir() {
		return fmt.Errorf("%s: %w", f.Name(), ErrForeign)
	}
	var head [smallestPageSize]byte
	n, err := f.ReadAt(head[:], 0)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("opening the history %s: %w", f.Name(), pathless(err))
	case n == 0:
		return fmt.Errorf("%s is empty: %w", f.Name(), ErrDamaged)
	case len(bytes.Trim(head[:n], "\x00")) == 0 || bytes.HasPrefix(head[:n], headerBegins[:min(n, len(headerBegins))]):
		return fmt.Errorf("%s has lost its beginning: %w", f.Name(), ErrDamaged)
	}
	return fmt.Errorf("%s: %w", f.Name(), ErrForeign)
}

// headerBegins is how a bbolt file begins: the header of page 0, which has the flag
// of a meta page, then the magic number and the version.
var headerBegins = func() []byte {
	order, b := binary.NativeEndian, make([]byte, boltPageHeader+8)
	order.PutUint16(b[8:], boltMetaFlag)
	order.PutUint32(b[boltPageHeader:], boltMagic)
	order.PutUint32(b[boltPageHeader+offsetVersion:], boltVersion)
	return b
}()

// readMeta reads one copy of the header; ok is false where there is none.
func readMeta(f io.ReaderAt, offset int64) (pageSize, highWater int64, tx uint64, ok bool) {
	var meta [boltMetaSize]byte
	if n, _ := f.ReadAt(meta[:], offset+boltPageHeader); n < boltMetaSize {
		return 0, 0, 0, false
	}
	order := binary.NativeEndian
	size, high := order.Uint32(meta[offsetPageSize:]), order.Uint64(meta[offsetHighWater:])
	if order.Uint32(meta[:]) != boltMagic || order.Uint32(meta[offsetVersion:]) != boltVersion ||
		size < smallestPageSize || size > largestPageSize || size&(size-1) != 0 || high > 1<<40 {
		return 0, 0, 0, false
	}
	return int64(size), int64(high), order.Uint64(meta[offsetTx:]), true
}
