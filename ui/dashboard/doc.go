// Package dashboard is the Bubble Tea program.
//
// Its rules:
//
//   - The model is one tea.Model; screens and widgets are plain structs with a
//     Render. Update routes and does no I/O; commands do.
//   - A key redraws at once. Data is polled on a tick, and read only when the
//     history's version has moved: nothing is sent per sample.
//   - keymap.go is the one table of keys: the dispatch, the help, the hints and
//     the README are made from it.
//   - However the program ends (a key, a signal, a panic, its context), the
//     terminal is put in order first.
package dashboard
