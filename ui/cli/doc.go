// Package cli is the command line: it wires the parts together and turns their
// errors into one sentence and an exit code.
//
// Its rules:
//
//   - stdout carries the result and nothing else; everything for the person
//     beside it goes to stderr.
//   - An error reads "costping: what happened", with "hint: what to do" on a
//     second line where there is something to do.
//   - Exit codes: 0 well, 1 failed, 2 usage or not a terminal, 3 a limit is broken or
//     not all is fine, 130 interrupted.
//   - Input is checked before anything is started, so that a mistake leaves
//     nothing half-done.
package cli
