package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitBroken      = 3 // a limit is, or not all is fine
	exitInterrupted = 130
)

// failure is an error with the code to exit with and what to do about it.
type failure struct {
	code int
	what string
	hint string
	// more are further sentences, where several things are wrong at once.
	more []string
}

func (f *failure) Error() string { return f.what }

func usage(hint, what string, args ...any) error {
	return &failure{code: exitUsage, what: fmt.Sprintf(what, args...), hint: hint}
}

func failed(hint, what string, args ...any) error {
	return &failure{code: exitFailed, what: fmt.Sprintf(what, args...), hint: hint}
}

// errInterrupted ends the program with 130 and no message: whoever interrupted
// it knows.
var errInterrupted = &failure{code: exitInterrupted}

// exitCode writes the sentence of an error and returns its exit code.
func exitCode(stderr io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	f := classify(err)
	if f.what != "" {
		fmt.Fprintf(stderr, "costping: %s\n", oneLine(f.what))
	}
	for _, what := range f.more {
		fmt.Fprintf(stderr, "costping: %s\n", oneLine(what))
	}
	if f.hint != "" {
		fmt.Fprintf(stderr, "hint: %s\n", oneLine(f.hint))
	}
	var crash *probe.PanicError
	if errors.As(err, &crash) {
		fmt.Fprintf(stderr, "\n%s", crash.Stack)
	}
	return f.code
}

// classify gives the errors of the packages below their hint and code.
func classify(err error) *failure {
	var (
		f      *failure
		input  *costmodel.InputError
		locked *store.LockedError
	)
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &input):
		return &failure{code: exitUsage, what: input.What, hint: input.Hint}
	case errors.As(err, &locked):
		return &failure{code: exitFailed, what: err.Error(), hint: "close that one first, or use another history with --history DIR"}
	case errors.Is(err, store.ErrNewer):
		return &failure{code: exitFailed, what: err.Error(), hint: "update costping, or use another history with --history DIR"}
	case errors.Is(err, store.ErrForeign):
		return &failure{code: exitFailed, what: err.Error(), hint: "move the file aside, or use another history with --history DIR; costping has not changed it"}
	case errors.Is(err, store.ErrDamaged):
		return &failure{code: exitFailed, what: err.Error(), hint: "costping history verify --salvage keeps the file and reads out of it what can be read, or use another with --history DIR; nothing was changed"}
	case errors.As(err, new(*store.SilentError)):
		return &failure{code: exitFailed, what: err.Error(), hint: "see what that process does: it may be stopped (kill -CONT continues it); nothing is taken from it"}
	case errors.Is(err, store.ErrNetworkFiles):
		return &failure{code: exitFailed, what: err.Error(), hint: "keep it in a folder of this machine, with --history DIR; costping history export and import move it"}
	case errors.Is(err, syscall.EPIPE): // whoever read our output has enough of it
		return &failure{code: exitFailed}
	case errors.Is(err, context.Canceled):
		return errInterrupted
	}
	return &failure{code: exitFailed, what: err.Error()}
}

// unopened is the error of a history that could not be opened.
func unopened(err error) error {
	if f := classify(err); f.hint != "" {
		return f
	}
	return failed("check that folder, or use another history with --history DIR", "%v", err)
}

// oneLine is text as it may stand on a line of a terminal.
func oneLine(s string) string { return probe.Sanitize(s, maxSentence) }

// maxSentence bounds the line of an error, in bytes.
const maxSentence = 2000
