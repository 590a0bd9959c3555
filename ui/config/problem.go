package config

import (
	"fmt"
	"slices"
	"strings"

	"costping/probe"
)

// Error says what is wrong with a configuration file.
type Error struct {
	// File is its name as it was given.
	File string
	// Problems are in the order of the file; at least one, at most twenty.
	Problems []Problem
}

// Problem is one thing that is wrong.
type Problem struct {
	// Line and Column are where it stands, from 1; the column is counted in bytes.
	Line, Column int
	// What is one sentence.
	What string
}

// Error is the first problem with its place, and how many there are besides.
func (e *Error) Error() string {
	text := e.Line(0)
	if more := len(e.Problems) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// Line is a problem as compilers write it: "FILE:LINE:COLUMN: what".
func (e *Error) Line(i int) string {
	p := e.Problems[i]
	return fmt.Sprintf("%s:%d:%d: %s", probe.Sanitize(e.File, maxShown), p.Line, p.Column, p.What)
}

// maxProblems bounds what is reported of one file.
const maxProblems = 20

// report notes a problem at a byte of the file.
func (d *document) report(offset int, format string, args ...any) {
	if len(d.problems) == maxProblems {
		return
	}
	what := fmt.Sprintf(format, args...)
	if looksLikeKey(what) { // from a syntax error, say
		what = "something is wrong here, next to what looks like an API key"
	}
	line := strings.Count(string(d.data[:offset]), "\n") + 1
	column := offset - strings.LastIndexByte(string(d.data[:offset]), '\n')
	d.problems = append(d.problems, Problem{Line: line, Column: column, What: probe.Sanitize(what, 400)})
}

// problemsIn is the error of a file with problems.
func (d *document) problemsIn(name string) error {
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return &Error{File: name, Problems: d.problems}
}

// enumerate joins words as a sentence does: "a, b or c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
