package check

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"costping/probe"
)

// Bounds on files of cases and tasks.
const (
	maxLine  = 1 << 20 // bytes
	maxCases = 20_000
	maxID    = 120 // bytes
)

// LineError says what is wrong with a line of a file.
type LineError struct {
	// Line counts from 1.
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// eachLine decodes the lines of a file, each a JSON object with known fields and an
// id of its own. Empty lines are passed over.
func eachLine[T any](r io.Reader, idOf func(*T) string, take func(T) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	seen := map[string]int{}
	at := 0
	fail := func(err error) error { return &LineError{at, err} }
	for lines.Scan() {
		at++
		line := bytes.TrimSpace(lines.Bytes())
		if at == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if len(line) == 0 {
			continue
		}
		one, err := readLine[T](line)
		if err != nil {
			return fail(err)
		}
		id := idOf(&one)
		switch {
		case id == "":
			return fail(errors.New("it has no id"))
		case id != probe.Sanitize(id, maxID):
			return fail(fmt.Errorf("the id %q is too long, or holds characters that cannot be shown", probe.Sanitize(id, maxID)))
		case seen[id] > 0:
			return fail(fmt.Errorf("the id %q is also that of line %d", id, seen[id]))
		case len(seen) == maxCases:
			return fail(fmt.Errorf("more than %d lines", maxCases))
		}
		seen[id] = at
		if err := take(one); err != nil {
			return fail(err)
		}
	}
	at++
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fail(fmt.Errorf("it has more than %d bytes", maxLine))
	case err != nil:
		return err
	case len(seen) == 0:
		return errors.New("there is no line in it")
	}
	return nil
}

func readLine[T any](line []byte) (one T, err error) {
	value, err := parse(string(line))
	if err != nil {
		return one, fmt.Errorf("it is not JSON: %s", probe.Sanitize(err.Error(), maxDetail))
	}
	if _, object := value.(map[string]any); !object {
		return one, errors.New("it is not a JSON object")
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&one); err != nil {
		return one, errors.New(probe.Sanitize(strings.TrimPrefix(err.Error(), "json: "), maxDetail))
	}
	return one, nil
}

// ReadSchemaCases reads cases of one's own: a line {"id","prompt","schema","expect"}
// each. expect holds the values that count, and may be left out.
func ReadSchemaCases(r io.Reader) ([]SchemaCase, error) {
	type line struct {
		ID     string          `json:"id"`
		Prompt string          `json:"prompt"`
		Schema json.RawMessage `json:"schema"`
		Expect json.RawMessage `json:"expect"`
	}
	var cases []SchemaCase
	err := eachLine(r, func(l *line) string { return l.ID }, func(l line) error {
		switch {
		case strings.TrimSpace(l.Prompt) == "":
			return errors.New("it has no prompt")
		case len(l.Schema) == 0:
			return errors.New("it has no schema")
		}
		c := SchemaCase{ID: l.ID, Schema: l.Schema}
		if err := c.finish(l.Prompt, l.Expect); err != nil {
			return err
		}
		cases = append(cases, c)
		return nil
	})
	return cases, err
}

// ReadToolCases reads cases of one's own: a line {"id","prompt","tools","expect"}
// each, expect being {"name","arguments"}, or null where nothing is to be called.
// A tool is {"name","description","parameters"}, alone or as the function of
// {"type":"function"}.
func ReadToolCases(r io.Reader) ([]ToolCase, error) {
	type tool struct {
		Type     string      `json:"type"`
		Function *probe.Tool `json:"function"`
		probe.Tool
	}
	type line struct {
		ID     string          `json:"id"`
		Prompt string          `json:"prompt"`
		Tools  []tool          `json:"tools"`
		Expect json.RawMessage `json:"expect"`
	}
	var cases []ToolCase
	err := eachLine(r, func(l *line) string { return l.ID }, func(l line) error {
		switch {
		case strings.TrimSpace(l.Prompt) == "":
			return errors.New("it has no prompt")
		case len(l.Tools) == 0:
			return errors.New("it has no tools")
		case len(l.Expect) == 0:
			return errors.New("it has no expect; null says that nothing is to be called")
		}
		c := ToolCase{ID: l.ID, Prompt: l.Prompt}
		for _, t := range l.Tools {
			if t.Function != nil {
				t.Tool = *t.Function
			}
			if t.Parameters == nil {
				t.Parameters = json.RawMessage(`{"type":"object","properties":{}}`)
			}
			c.Tools = append(c.Tools, t.Tool)
		}
		if string(l.Expect) != "null" {
			expected, err := readLine[struct {
				Name      string          `json:"name"`
				Arguments json.RawMessage `json:"arguments"`
			}](l.Expect)
			if err != nil {
				return fmt.Errorf("expect: %w", err)
			}
			if expected.Arguments == nil {
				expected.Arguments = json.RawMessage("{}")
			}
			c.Steps = []Step{{Name: expected.Name, Arguments: expected.Arguments}}
		}
		if err := c.finish(); err != nil {
			return err
		}
		cases = append(cases, c)
		return nil
	})
	return cases, err
}
