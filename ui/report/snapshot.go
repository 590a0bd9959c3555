package report

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"costping/probe"
	"costping/ui/report/snapshot"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"
)

// Options say how a snapshot is rendered.
type Options struct {
	// Embed appends the record to Markdown, so that it can be opened again.
	Embed bool
	// Record names a file beside it that holds the record, for the reader of Markdown
	// that does not; "" for none.
	Record string
	// Force lets a file be replaced.
	Force bool
}

// rendering is a format of a snapshot, by the ending of a file's name.
type rendering struct {
	ending string
	render func(*view, Options) ([]byte, error)
}

var renderings = []rendering{
	{"json", func(v *view, _ Options) ([]byte, error) { return v.record.JSON() }},
	{"md", (*view).markdown},
	{"html", (*view).html},
	{"csv", (*view).csv},
	{"txt", (*view).text},
	{"svg", (*view).svg},
	{"png", (*view).png},
}

// SnapshotFormats lists the formats for messages.
func SnapshotFormats() string {
	names := make([]string, len(renderings))
	for i, r := range renderings {
		names[i] = r.ending
	}
	return strings.Join(names, ", ")
}

// The reasons for which a file is not written; each reads on from its name.
var (
	ErrFormat = errors.New("has no ending of a format")
	ErrExists = errors.New("is there already")
	ErrPlace  = errors.New("cannot be written there")
)

// ending is the format of a file by its name.
func ending(path string) string {
	end := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	switch end {
	case "htm":
		return "html"
	case "markdown":
		return "md"
	}
	return end
}

// Render writes a record in a format.
func Render(ctx context.Context, r *snapshot.Record, format string, o Options) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(renderings, func(f rendering) bool { return f.ending == format })
	if i < 0 {
		return nil, fmt.Errorf("%s %w", probe.Sanitize(format, 60), ErrFormat)
	}
	v, err := viewOf(r)
	if err != nil {
		return nil, err
	}
	return renderings[i].render(v, o)
}

// CheckPath says before any work is done why a file could not be written: an error
// that is ErrFormat, ErrExists or ErrPlace.
func CheckPath(path string, o Options) error {
	name := probe.Sanitize(path, 200)
	if !slices.ContainsFunc(renderings, func(f rendering) bool { return f.ending == ending(path) }) {
		return fmt.Errorf("%s %w", name, ErrFormat)
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s %w: it is no file", name, ErrPlace)
	case err == nil && !o.Force:
		return fmt.Errorf("%s %w", name, ErrExists)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s %w: %w", name, ErrPlace, reason(err))
	}
	dir, err := os.Stat(filepath.Dir(path))
	switch {
	case err != nil:
		return fmt.Errorf("%s %w: %w", name, ErrPlace, reason(err))
	case !dir.IsDir():
		return fmt.Errorf("%s %w: its folder is a file", name, ErrPlace)
	}
	if err := unix.Access(filepath.Dir(path), unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("%s %w: %w", name, ErrPlace, err)
	}
	return nil
}

// reason is what is wrong with a path, without the path.
func reason(err error) error {
	var where *fs.PathError
	if errors.As(err, &where) {
		return where.Err
	}
	return err
}

// Write renders a record in the format that the file's name ends in, all of it or
// nothing. It does not replace a file unless it is told to.
func Write(ctx context.Context, r *snapshot.Record, path string, o Options) error {
	if err := CheckPath(path, o); err != nil {
		return err
	}
	data, err := Render(ctx, r, ending(path), o)
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("%s %w: %w", probe.Sanitize(path, 200), ErrPlace, reason(err))
	}
	return nil
}
