package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"costping/probe"
	"costping/ui/report/schema"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// MaxFile bounds a file that is read, in bytes: a hundred times what twenty models
// take.
const MaxFile = 64 << 20

// The reasons for which a file is refused; each reads on from its name.
var (
	ErrTooLarge = errors.New("is larger than 64 MiB, which no snapshot is")
	ErrNone     = errors.New("holds no snapshot")
	ErrNewer    = errors.New("was written by a newer costping")
	ErrCut      = errors.New("ends in the middle of a snapshot")
	ErrDamaged  = errors.New("holds a snapshot that is damaged")
)

// Load reads the snapshot of a file: the record itself, or one that is embedded in
// Markdown or HTML. What is refused is refused with one of the errors above.
func Load(path string) (*Record, error) {
	name := probe.Sanitize(filepath.Base(path), maxName)
	f, err := os.Open(path)
	if err != nil {
		var where *os.PathError
		if errors.As(err, &where) {
			err = where.Err
		}
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	defer func() { _ = f.Close() }() // read only
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder", name)
	} else if err == nil && info.Size() > MaxFile {
		return nil, fmt.Errorf("%s %w", name, ErrTooLarge)
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	r, err := Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s %w", name, err)
	}
	return r, nil
}

// Read reads a record from the text of a file. The error reads on from its name.
func Read(data []byte) (*Record, error) {
	if len(data) > MaxFile {
		return nil, ErrTooLarge
	}
	data, err := find(data)
	if err != nil {
		return nil, err
	}
	if err := ofThisVersion(data); err != nil {
		return nil, err
	}
	if err := matches(data); err != nil {
		return nil, err
	}
	r := &Record{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, probe.Sanitize(err.Error(), maxName))
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return r, nil
}

var (
	element = regexp.MustCompile(`(?s)<script[^>]*\bid="` + ElementID + `"[^>]*>(.*?)(</script>|$)`)
	fence   = regexp.MustCompile("(?s)```" + FenceName + "[ \t]*\r?\n(.*?)(```|$)")
)

// find is the JSON of a file.
func find(data []byte) ([]byte, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(data, []byte("{")) {
		return data, nil
	}
	if m := element.FindSubmatch(data); m != nil {
		if len(m[2]) == 0 {
			return nil, ErrCut
		}
		return bytes.TrimSpace(m[1]), nil
	}
	if m := fence.FindSubmatch([]byte(html.UnescapeString(string(data)))); m != nil {
		plain, err := unpack(m[1])
		switch {
		case err != nil && len(m[2]) == 0, errors.Is(err, io.ErrUnexpectedEOF):
			return nil, ErrCut
		case err != nil:
			return nil, ErrDamaged
		case len(plain) > MaxFile:
			return nil, ErrTooLarge
		}
		return plain, nil
	}
	return nil, ErrNone
}

const schemaFamily = "costping.snapshot/"

// ofThisVersion reads no more than the name of the schema.
func ofThisVersion(data []byte) error {
	var head struct {
		Schema string `json:"schema"`
	}
	var syntax *json.SyntaxError
	err := json.Unmarshal(data, &head)
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(data)):
		return ErrCut
	case err != nil:
		return ErrNone
	}
	text, ours := strings.CutPrefix(head.Schema, schemaFamily)
	version, err := strconv.Atoi(text)
	switch {
	case !ours || err != nil || version < 1:
		return ErrNone
	case head.Schema != Schema:
		return fmt.Errorf("%w (%s%d)", ErrNewer, schemaFamily, version)
	}
	return nil
}

var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema.Snapshot))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("snapshot-1.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("snapshot-1.json")
})

// matches holds the text against the published schema.
func matches(data []byte) error {
	s, err := compiled()
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return ErrDamaged
	}
	var wrong *jsonschema.ValidationError
	err = s.Validate(doc)
	if !errors.As(err, &wrong) {
		return err
	}
	for len(wrong.Causes) > 0 { // the innermost says it best
		wrong = wrong.Causes[0]
	}
	where := strings.Join(wrong.InstanceLocation, "/")
	if where == "" {
		where = "the whole"
	}
	what := wrong.ErrorKind.LocalizedString(message.NewPrinter(language.English))
	return fmt.Errorf("%w: %s: %s", ErrDamaged, probe.Sanitize(where, maxName), probe.Sanitize(what, maxName))
}
