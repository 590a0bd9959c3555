package costmodel

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// InputError says that something a person wrote cannot be used. Every parser
// of this package returns it, so that a caller can print the sentence and the
// hint apart:
//
//	var input *costmodel.InputError
//	if errors.As(err, &input) { ... input.Hint ... }
type InputError struct {
	// What is one sentence that names the input and what is wrong with it,
	// lower case, without a full stop.
	What string
	// Hint says what to do instead; it may be empty.
	Hint string
}

// Error returns What.
func (e *InputError) Error() string { return e.What }

// maxQuoted bounds how much of an input an error repeats, in characters.
const maxQuoted = 40

// quote returns s as it may stand in a sentence: quoted, so that control
// characters never reach a terminal, and cut to a readable length.
func quote(s string) string {
	runes := 0
	for i := range s {
		if runes == maxQuoted {
			return strconv.Quote(s[:i] + "…")
		}
		runes++
	}
	return strconv.Quote(s)
}

// printable reports whether s can be shown on one line as it is.
func printable(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// visible drops what cannot be shown on one line, for text that comes from a
// decoder rather than from this package.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
}

// enumerate joins words as a sentence does: "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return fmt.Sprintf("%s and %s", strings.Join(words[:last], ", "), words[last])
}
