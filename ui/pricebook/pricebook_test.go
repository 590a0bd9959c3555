package pricebook

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/costmodel/pricefeed"

	"github.com/gofrs/flock"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// laid is a change that lays one price of gpt-4o-mini over a book.
func laid(t *testing.T, asOf, input string) func(pricefeed.Book) (pricefeed.Book, error) {
	t.Helper()
	feed, err := pricefeed.Read(strings.NewReader(`{"openai": {"models": {"gpt-4o-mini": {"cost": {"input": ` + input + `, "output": 0.6}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	day, err := costmodel.ParseDate(asOf)
	if err != nil {
		t.Fatal(err)
	}
	return func(b pricefeed.Book) (pricefeed.Book, error) {
		after, _, err := pricefeed.Import(costmodel.Default(), b, feed, pricefeed.Options{AsOf: day, Accept: []string{pricefeed.AcceptAll}})
		return after, err
	}
}

func input(t *testing.T, dir string) string {
	t.Helper()
	c, err := Catalog(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := c.Lookup("gpt-4o-mini")
	return m.Price().Input.String()
}

func TestUpdate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "costping")
	if got := input(t, dir); got != "0.15" {
		t.Errorf("without a price book it costs %s", got)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading made a folder: %v", err)
	}
	if err := Update(dir, laid(t, "2026-10-01", "0.2")); err != nil {
		t.Fatal(err)
	}
	if got := input(t, dir); got != "0.20" {
		t.Errorf("it costs %s", got)
	}
	for name, want := range map[string]fs.FileMode{".": 0o700, fileName: 0o600, lockName: 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// What changes nothing writes nothing: the file is the same one still.
func TestUpdateWithoutAChange(t *testing.T) {
	dir := t.TempDir()
	change := laid(t, "2026-10-01", "0.2")
	if err := Update(dir, change); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(filepath.Join(dir, fileName))
	if err := Update(dir, change); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Stat(filepath.Join(dir, fileName)); !os.SameFile(before, after) {
		t.Error("the file was replaced")
	}
}

// A change that fails leaves what was there, and no other file behind.
func TestUpdateThatFails(t *testing.T) {
	dir := t.TempDir()
	if err := Update(dir, laid(t, "2026-10-01", "0.2")); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(filepath.Join(dir, fileName))
	boom := errors.New("boom")
	if err := Update(dir, func(pricefeed.Book) (pricefeed.Book, error) { return pricefeed.Book{}, boom }); !errors.Is(err, boom) {
		t.Errorf("%v", err)
	}
	after, _ := os.ReadFile(filepath.Join(dir, fileName))
	files, _ := os.ReadDir(dir)
	if string(before) != string(after) || len(files) != 2 {
		t.Errorf("%d files, %d bytes were %d", len(files), len(after), len(before))
	}
}

// A price book that is damaged, or of a later version, is refused and kept.
func TestDamagedPriceBook(t *testing.T) {
	for text, newer := range map[string]bool{
		"": false, "{": false, "rubbish": false, `{"format": "costping.prices/9"}`: true,
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, fileName)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, reading := Catalog(dir)
		writing := Update(dir, laid(t, "2026-10-01", "0.2"))
		for _, err := range []error{reading, writing} {
			var damaged *FileError
			if !errors.As(err, &damaged) || damaged.File != file || errors.Is(err, pricefeed.ErrNewerBook) != newer {
				t.Errorf("%q: %v", text, err)
			}
		}
		if kept, _ := os.ReadFile(file); string(kept) != text {
			t.Errorf("%q became %q", text, kept)
		}
	}
}

// Two that write at once would lose what one of them took.
func TestOneWriterAtATime(t *testing.T) {
	dir := t.TempDir()
	lock := flock.New(filepath.Join(dir, lockName))
	if held, err := lock.TryLock(); err != nil || !held {
		t.Fatal(err)
	}
	if err := Update(dir, laid(t, "2026-10-01", "0.2")); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Update(dir, laid(t, "2026-10-01", "0.2")); err != nil {
		t.Errorf("%v", err)
	}
}
