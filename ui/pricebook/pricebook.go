// Package pricebook keeps what price feeds have said in a file of the user's, and
// lays it over the catalog that is part of the program.
//
// The file is prices.json in costping's data folder: 0600, replaced as a whole and
// only once it is all on disk, by one process at a time. A file that is damaged or
// of a later version is refused, and left as it is.
package pricebook

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"costping/costmodel"
	"costping/costmodel/pricefeed"

	"github.com/adrg/xdg"
	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

const (
	fileName = "prices.json"
	// lockName is a file of its own, since the other is replaced.
	lockName = "prices.lock"
)

// Dir is the user's folder for it.
func Dir() string { return filepath.Join(xdg.DataHome, "costping") }

// Catalog returns the catalog with the price book of dir laid over it: what every
// command that shows prices reads. Without a price book it is the catalog itself.
func Catalog(dir string) (*costmodel.Catalog, error) {
	book, err := Load(dir)
	if err != nil {
		return nil, err
	}
	return book.Over(costmodel.Default())
}

// Load reads the price book of dir; one that is not there is empty.
func Load(dir string) (pricefeed.Book, error) {
	f, err := os.Open(filepath.Join(dir, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return pricefeed.Book{}, nil
	}
	if err != nil {
		return pricefeed.Book{}, fmt.Errorf("opening the price book: %w", err)
	}
	defer func() { _ = f.Close() }()
	book, err := pricefeed.ReadBook(f)
	if err != nil {
		return pricefeed.Book{}, &FileError{File: f.Name(), Err: err}
	}
	return book, nil
}

// Update puts in place of the price book what change makes of it, while no other
// process can. Where change fails or changes nothing, no file is written.
func Update(dir string, change func(pricefeed.Book) (pricefeed.Book, error)) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the folder of the price book: %w", err)
	}
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("locking the price book: %w", err)
	}
	if !held {
		return ErrBusy
	}
	defer func() { _ = lock.Close() }()
	before, err := Load(dir)
	if err != nil {
		return err
	}
	after, err := change(before)
	if err != nil {
		return err
	}
	old, err := encode(before)
	if err != nil {
		return err
	}
	text, err := encode(after)
	if err != nil || bytes.Equal(old, text) {
		return err
	}
	if len(text) > pricefeed.MaxBookBytes {
		return ErrFull
	}
	if err := renameio.WriteFile(filepath.Join(dir, fileName), text, 0o600); err != nil {
		return fmt.Errorf("writing the price book: %w", err)
	}
	return nil
}

func encode(b pricefeed.Book) ([]byte, error) {
	var text bytes.Buffer
	_, err := b.WriteTo(&text)
	return text.Bytes(), err
}

// The ways in which an update is refused.
var (
	ErrBusy = errors.New("another costping is writing the price book")
	ErrFull = errors.New("the price book would be larger than 64 MiB")
)

// FileError says that the price book in File cannot be read.
type FileError struct {
	File string
	Err  error
}

// Error returns what is wrong, with the file.
func (e *FileError) Error() string { return fmt.Sprintf("%v (%s)", e.Err, e.File) }

// Unwrap returns what is wrong.
func (e *FileError) Unwrap() error { return e.Err }
