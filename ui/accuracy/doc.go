// Package accuracy holds the benchmarks of how right the measuring client is,
// and at what price: beside a reader of lines that does nothing else, against the
// account that the simulator in another process gives of what it sent and when.
// It has no code of its own outside tests.
//
// Its rules:
//
//   - The truth is the server's: an error is what a reader measured less what the
//     server says of the same request, so scripted jitter cancels out.
//   - Both readers run in one process and take turns, so that whatever else the
//     machine does strikes both; figures of one are read beside the other's.
//   - Nothing is asserted of time. CONTRIBUTING.md has the figures and the
//     commands that give them.
package accuracy
