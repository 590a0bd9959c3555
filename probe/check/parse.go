package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
)

// Bounds on JSON that comes from a model. Numbers are compared exactly, and one of
// a few letters can have a million digits.
const (
	maxDepth    = 64
	maxDigits   = 400
	maxExponent = 400
)

var (
	errDuplicate = errors.New("a key comes twice")
	errDeep      = fmt.Errorf("nested deeper than %d levels", maxDepth)
	errDigits    = errors.New("a number has too many digits")
	errTrailing  = errors.New("text follows the JSON")
)

// parse reads a text that is one JSON value and nothing else. With errDuplicate the
// value is there all the same, the last of its keys counting.
func parse(text string) (any, error) {
	p := parser{dec: json.NewDecoder(strings.NewReader(text))}
	p.dec.UseNumber()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	if p.duplicate != "" {
		return v, fmt.Errorf("%w: %s", errDuplicate, p.duplicate)
	}
	return v, nil
}

// parseFirst reads the value that a text begins with, whatever follows.
func parseFirst(text string) (any, error) {
	p := parser{dec: json.NewDecoder(strings.NewReader(text))}
	p.dec.UseNumber()
	v, err := p.value(0)
	if err == nil && p.duplicate != "" {
		err = fmt.Errorf("%w: %s", errDuplicate, p.duplicate)
	}
	return v, err
}

// parser reads JSON token by token, as encoding/json passes over keys that come
// twice.
type parser struct {
	dec       *json.Decoder
	duplicate string
}

func (p *parser) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	token, err := p.dec.Token()
	if err != nil {
		return nil, early(err)
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return p.object(depth)
		}
		return p.array(depth)
	case json.Number:
		return token, checkNumber(token)
	}
	return token, nil
}

func (p *parser) object(depth int) (any, error) {
	fields := map[string]any{}
	for p.dec.More() {
		token, err := p.dec.Token()
		if err != nil {
			return nil, early(err)
		}
		key, _ := token.(string) // the decoder takes nothing else for a key
		if _, there := fields[key]; there && p.duplicate == "" {
			p.duplicate = key
		}
		if fields[key], err = p.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := p.dec.Token()
	return fields, early(err)
}

func (p *parser) array(depth int) (any, error) {
	items := []any{}
	for p.dec.More() {
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := p.dec.Token()
	return items, early(err)
}

// early makes one error of the ways in which a text ends before its value does.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// checkNumber refuses a number that would fill the memory once it is exact.
func checkNumber(n json.Number) error {
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(n.String()), "e")
	if len(mantissa) > maxDigits {
		return errDigits
	}
	if e, err := strconv.Atoi(exponent); scientific && (err != nil || e > maxExponent || e < -maxExponent) {
		return errDigits
	}
	return nil
}

// equal compares an expected value with one that was read: numbers by their value,
// texts without the white space around them.
func equal(want, got any) bool {
	switch want := want.(type) {
	case json.Number:
		other, ok := got.(json.Number)
		if !ok {
			return false
		}
		a, okA := new(big.Rat).SetString(want.String())
		b, okB := new(big.Rat).SetString(other.String())
		return okA && okB && a.Cmp(b) == 0
	case string:
		other, ok := got.(string)
		return ok && strings.TrimSpace(want) == strings.TrimSpace(other)
	}
	return want == got // true, false and null
}

// compare counts the leaves of what was expected that are right. Fields that were
// not expected are passed over; a list has to have the same length.
func compare(want, got any) (right, of int) {
	switch want := want.(type) {
	case map[string]any:
		fields, _ := got.(map[string]any)
		for key, value := range want {
			r, n := compare(value, fields[key])
			if _, there := fields[key]; !there {
				r = 0
			}
			right, of = right+r, of+n
		}
		return right, of
	case []any:
		items, list := got.([]any)
		switch {
		case !list || len(want) != len(items):
			return 0, leaves(want)
		case len(want) == 0:
			return 1, 1 // an empty list where one was to be
		}
		for i, value := range want {
			r, n := compare(value, items[i])
			right, of = right+r, of+n
		}
		return right, of
	}
	if equal(want, got) {
		return 1, 1
	}
	return 0, 1
}

// leaves is how many values compare counts.
func leaves(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for _, value := range v {
			n += leaves(value)
		}
		return n
	case []any:
		for _, value := range v {
			n += leaves(value)
		}
	}
	return max(1, n)
}

// decoded reads JSON of ours or of the user, numbers kept as they are written.
func decoded(raw []byte) (any, error) {
	p := parser{dec: json.NewDecoder(bytes.NewReader(raw))}
	p.dec.UseNumber()
	return p.value(0)
}
