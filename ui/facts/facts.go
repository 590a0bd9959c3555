// Package facts keeps what a person says of models in the dashboard: their quality,
// tags, own price and what an own machine costs.
//
// The file is facts.toml in costping's data folder, beside the price book: versioned,
// read strictly, 0600, replaced as a whole. It is keyed by the target's name. What the
// configuration says of a target goes before it, figure by figure: a file that
// somebody wrote and shares with others is not overruled by a form.
package facts

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"
	"costping/ui/config"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
	"github.com/pelletier/go-toml/v2"
)

const (
	fileName = "facts.toml"
	// lockName is a file of its own, since the other is replaced.
	lockName = "facts.lock"
	version  = 1
	// maxBytes bounds the file, longest a text in it, mostTags the tags of a target.
	maxBytes = 1 << 20
	longest  = 200
	mostTags = 20
)

// Facts are what is said of one target, as it is written; "" is nothing said.
type Facts struct {
	// Quality is a share from 0 to 1: "0.91".
	Quality string   `toml:"quality,omitempty"`
	Tags    []string `toml:"tags,omitempty"`
	// Price is USD for 1M input and 1M output tokens: "0.15/0.60".
	Price string `toml:"price,omitempty"`
	// SelfHost is what the machine costs: "150/month".
	SelfHost string `toml:"selfhost,omitempty"`
}

// Empty reports whether nothing is said.
func (f Facts) Empty() bool {
	return f.Quality == "" && len(f.Tags) == 0 && f.Price == "" && f.SelfHost == ""
}

// The fields of Facts, as WrongError names them.
const (
	QualityField = iota
	TagsField
	PriceField
	SelfHostField
)

// WrongError says which of the facts will not do, and why.
type WrongError struct {
	Field int
	What  string
}

func (e *WrongError) Error() string { return e.What }

// read is what the texts stand for.
type read struct {
	quality costmodel.Metric
	price   costmodel.Price
	machine *costmodel.Figure
}

// Check reports what is wrong, as a *WrongError.
func (f Facts) Check() error {
	_, err := f.read()
	return err
}

func (f Facts) read() (r read, err error) {
	wrong := func(field int, what string) (read, error) { return read{}, &WrongError{field, what} }
	if f.Quality != "" {
		share, err := costmodel.ParseFraction(f.Quality)
		if err != nil {
			return wrong(QualityField, "quality is a share from 0 to 1, such as 0.91")
		}
		r.quality = costmodel.Exactly(share, costmodel.Stated)
	}
	if len(f.Tags) > mostTags || slices.ContainsFunc(f.Tags, func(tag string) bool { return tag == "" || tag != probe.Sanitize(tag, longest) }) {
		return wrong(TagsField, fmt.Sprintf("tags are words with commas between them, at most %d", mostTags))
	}
	if f.Price != "" {
		if r.price, err = config.ParsePrice(f.Price, fileName); err != nil {
			return wrong(PriceField, err.Error())
		}
	}
	if f.SelfHost != "" {
		if f.Price != "" {
			return wrong(SelfHostField, "a price and a machine both say what it costs: leave one of them empty")
		}
		figure, err := costmodel.ParseFigure(f.SelfHost)
		if err != nil {
			return wrong(SelfHostField, "an own machine's cost is US dollars and what they are per, such as 150/month")
		}
		r.machine = &figure
	}
	return r, nil
}

// Book is what is said of all targets, by name.
type Book map[string]Facts

// file is the shape of the file.
type file struct {
	Version int              `toml:"version"`
	Target  map[string]Facts `toml:"target"`
}

// FileError says that the file cannot be used.
type FileError struct {
	File string
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("%v (%s)", e.Err, e.File) }

// Unwrap returns what is wrong.
func (e *FileError) Unwrap() error { return e.Err }

// ErrBusy says that somebody else is writing the file.
var ErrBusy = errors.New("another costping is writing what is said of models")

// Path is the file of a data folder.
func Path(dir string) string { return filepath.Join(dir, fileName) }

// Load reads the file of a folder; one that is not there is empty. One that is damaged,
// of a later version or otherwise not good is a *FileError.
func Load(dir string) (Book, error) {
	f, err := os.Open(Path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return Book{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening what is said of models: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	book, err := Read(f)
	if err != nil {
		return nil, &FileError{f.Name(), err}
	}
	return book, nil
}

// Read reads what Save has written, and nothing else.
func Read(r io.Reader) (Book, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxBytes {
		return nil, errors.New("what is said of models is more than 1 MiB")
	}
	var head struct {
		Version int `toml:"version"`
	}
	if err := toml.Unmarshal(text, &head); err != nil {
		return nil, errors.New("what is said of models cannot be read: it is no TOML")
	}
	if head.Version != version {
		return nil, fmt.Errorf("what is said of models is of version %d, and this costping reads version %d", head.Version, version)
	}
	var got file
	decoder := toml.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		return nil, errors.New("what is said of models has a key that is not known, or a value of another kind")
	}
	for name, f := range got.Target {
		if name != probe.Sanitize(name, longest) {
			return nil, errors.New("what is said of models has a name that cannot be shown")
		}
		if err := f.Check(); err != nil {
			return nil, fmt.Errorf("what is said of %s: %w", name, err)
		}
	}
	if got.Target == nil {
		got.Target = map[string]Facts{}
	}
	return got.Target, nil
}

// Save keeps what is said of a target in the folder's file in place of what was; with
// nothing said it is forgotten.
func Save(dir, target string, f Facts) error {
	if target == "" || target != probe.Sanitize(target, longest) {
		return errors.New("nothing can be kept of a model of that name")
	}
	if err := f.Check(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the folder of what is said of models: %w", err)
	}
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	switch held, err := lock.TryLock(); {
	case err != nil:
		return fmt.Errorf("locking what is said of models: %w", err)
	case !held:
		return ErrBusy
	}
	defer func() { _ = lock.Close() }()
	book, err := Load(dir)
	if err != nil {
		return err
	}
	book[target] = f
	if f.Empty() {
		delete(book, target)
	}
	text, err := toml.Marshal(file{version, book})
	if err != nil {
		return fmt.Errorf("writing what is said of models: %w", err)
	}
	if len(text) > maxBytes {
		return errors.New("what is said of models would be more than 1 MiB")
	}
	if err := renameio.WriteFile(filepath.Join(dir, fileName), text, 0o600); err != nil {
		return fmt.Errorf("writing what is said of models: %w", err)
	}
	return nil
}

// Targets are configured targets with what is said of them where the configuration
// does not say it.
func (b Book) Targets(targets []config.Target) []config.Target {
	all := slices.Clone(targets)
	for i := range all {
		t := &all[i]
		said, err := b[t.Name].read()
		if err != nil {
			continue // no book that was read has such
		}
		if !t.Quality.Known() {
			t.Quality = said.quality
		}
		if len(t.Tags) == 0 {
			t.Tags = slices.Clone(b[t.Name].Tags)
		}
		if !t.Price.Known() && t.SelfHost == nil {
			t.Price, t.SelfHost = said.price, said.machine
		}
	}
	return all
}

// Candidate is the row of a model that is not configured, with what is said of it.
func (b Book) Candidate(c compare.Candidate) compare.Candidate {
	said, err := b[c.Target].read()
	if err != nil {
		return c // likewise
	}
	if said.quality.Known() {
		c.Quality = said.quality
	}
	if tags := b[c.Target].Tags; len(tags) > 0 {
		c.Tags = slices.Clone(tags)
	}
	if said.price.Known() {
		c.Price = said.price
	}
	if said.machine != nil {
		c.Machine, c.OwnMachine, c.Price = said.machine, true, costmodel.Price{}
	}
	return c
}

// Tags splits what was typed at its commas.
func Tags(typed string) []string {
	var tags []string
	for tag := range strings.SplitSeq(typed, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}
