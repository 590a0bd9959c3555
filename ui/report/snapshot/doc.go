// Package snapshot holds the record of a comparison: what was measured, when and
// from where, at which prices, for which workload, and how sure it is. Every
// rendering, and open, diff and check, work from a Record alone.
//
// Its rules:
//
//   - What could tell on somebody is left out by construction and not by a filter:
//     base URLs, headers, keys, error texts, host names and paths have no field.
//   - A record is written in one order, so that two files can be compared line by
//     line.
//   - A file may come from anywhere. It is bounded before it is read, checked
//     against the published schema and for figures that contradict each other, and
//     refused with one sentence.
//   - Money is exact; what is not known is null.
package snapshot
