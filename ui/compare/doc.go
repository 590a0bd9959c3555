// Package compare is the one view model: rows joined from history, catalog and
// workload. Every screen, table and export reads it, so that no two of them can
// differ.
//
// Its rules:
//
//   - It knows no terminal and no file. Today's date and the workload are handed
//     in; the same input gives the same table.
//   - A figure that is not known is written as such, with the reason in the
//     row's note: never as 0, never as a guess.
//   - A retired model is shown and never wins: it is not the pick and beats
//     nobody.
//   - How a figure is written (places, separators, rounding) is decided in
//     figures.go and nowhere else.
package compare
