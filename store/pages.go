package store

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// What is needed of bbolt's pages to read the keys and values in them one by one,
// whatever became of the tree that they hang in. All in the machine's byte order.
const (
	pageFlagLeaf     = 0x02
	elementSize      = 16
	elementBucket    = 0x01
	bucketHeaderSize = 16 // the root page, 0 for one inside, and the sequence
	// mostOverflow bounds how many pages one leaf may span.
	mostOverflow = 1 << 12
	// deepest bounds how deep buckets stand in each other.
	deepest = 3
)

// leaves visits every key and value in the leaf pages of a database file, also of
// those that the tree has let go. The slices are good until visit returns.
func leaves(path string, visit func(key, value []byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading the damaged history %s: %w", path, pathless(err))
	}
	defer func() { _ = f.Close() }() // read only
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading the damaged history %s: %w", path, pathless(err))
	}
	pageSize := pageSizeOf(f)
	header := make([]byte, boltPageHeader)
	for at := int64(0); at+boltPageHeader <= info.Size(); at += pageSize {
		if _, err := f.ReadAt(header, at); err != nil {
			continue // what the disk cannot read is lost
		}
		order := binary.NativeEndian
		overflow := int64(order.Uint32(header[12:]))
		if order.Uint16(header[8:]) != pageFlagLeaf || overflow > mostOverflow {
			continue
		}
		page := make([]byte, min((overflow+1)*pageSize, info.Size()-at))
		if n, err := f.ReadAt(page, at); err != nil && n < len(page) {
			page = page[:n]
		}
		if err := elements(page, 0, visit); err != nil {
			return err
		}
	}
	return nil
}

// pageSizeOf is the size of the pages, as a header that can be read says; else as
// this system has them.
func pageSizeOf(f io.ReaderAt) int64 {
	for at := int64(0); at <= largestPageSize; at += smallestPageSize {
		if size, _, _, ok := readMeta(f, at); ok {
			return size
		}
	}
	return int64(os.Getpagesize())
}

// elements visits the elements of a leaf page, and of the small buckets that
// stand inside it.
func elements(page []byte, depth int, visit func(key, value []byte) error) error {
	if len(page) < boltPageHeader || depth > deepest {
		return nil
	}
	order := binary.NativeEndian
	for i := range int(order.Uint16(page[10:])) {
		at := boltPageHeader + i*elementSize
		if at+elementSize > len(page) {
			return nil
		}
		flags, pos := order.Uint32(page[at:]), int64(order.Uint32(page[at+4:]))
		start := int64(at) + pos
		middle := start + int64(order.Uint32(page[at+8:]))
		end := middle + int64(order.Uint32(page[at+12:]))
		if end > int64(len(page)) {
			continue
		}
		key, value := page[start:middle], page[middle:end]
		var err error
		switch {
		case flags&elementBucket == 0:
			err = visit(key, value)
		case len(value) > bucketHeaderSize && order.Uint64(value) == 0:
			err = elements(value[bucketHeaderSize:], depth+1, visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
