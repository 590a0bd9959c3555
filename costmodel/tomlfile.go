package costmodel

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// maxDataBytes bounds a file of advice or hardware.
const maxDataBytes = 1 << 20

// tomlData is a kind of data file that people may edit.
type tomlData struct {
	// name stands in errors, such as "advice"; hint says what the form is.
	name, hint string
}

func (d tomlData) refuse(format string, args ...any) error {
	return &InputError{What: d.name + " " + fmt.Sprintf(format, args...), Hint: d.hint}
}

// decode reads at most 1 MiB of TOML. Unknown keys and anything that does not
// decode are an *InputError with the position.
func (d tomlData) decode(r io.Reader, into any) error {
	data, err := io.ReadAll(io.LimitReader(r, maxDataBytes+1))
	if err != nil {
		return fmt.Errorf("reading the %s: %w", d.name, err)
	}
	if len(data) > maxDataBytes {
		return d.refuse("is larger than 1 MiB")
	}
	err = toml.NewDecoder(strings.NewReader(string(data))).DisallowUnknownFields().Decode(into)
	var (
		unknown *toml.StrictMissingError
		at      *toml.DecodeError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		first := &unknown.Errors[0]
		line, column := first.Position()
		return d.refuse("line %d, column %d: unknown key %s", line, column, quote(strings.Join(first.Key(), ".")))
	case errors.As(err, &at):
		line, column := at.Position()
		return d.refuse("line %d, column %d: %s", line, column, bounded(strings.TrimPrefix(at.Error(), "toml: ")))
	}
	return d.refuse("cannot be read: %s", bounded(strings.TrimPrefix(err.Error(), "toml: ")))
}

// bounded is text of a decoder as it may stand in a sentence.
func bounded(s string) string {
	runes := []rune(visible(s))
	const most = 200
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}

// text checks what will be shown on a line; empty is allowed where it is said.
func (d tomlData) text(subject, s string, mayBeEmpty bool) error {
	switch {
	case s == "" && mayBeEmpty:
		return nil
	case strings.TrimSpace(s) == "":
		return d.refuse("%s has an empty text", subject)
	case len(s) > maxTextLength || !printable(s):
		return d.refuse("%s has a text that is too long or cannot be printed: %s", subject, quote(s))
	}
	return nil
}
