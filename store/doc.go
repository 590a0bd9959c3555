// Package store keeps the history: what was measured, on disk, for good.
//
// Its rules:
//
//   - The history is the single source of truth. Every screen, table and export
//     is computed from it; nothing else remembers a sample.
//   - Append is durable when it returns. A sample that was acknowledged survives
//     a kill and a power cut, as far as the disk keeps its promises. What the disk
//     refuses is held in memory, and said to be.
//   - One process owns a history, by a lock on a file beside the database. The
//     others are viewers: they ask it over its socket, which lets in nobody but
//     this user, and one of them takes over when it is gone. An owner that does
//     not answer is named and never robbed; one that runs no schedule gives way to
//     a viewer that does. Keys never cross the socket.
//   - A format that is newer than this program is refused, an older one brought
//     up to date beside a copy of itself, a file that is not a history left alone;
//     one that is damaged is moved aside and never overwritten, and a record that
//     does not match its checksum is counted and skipped.
//   - Quantiles are exact up to a day and from sketches beyond, and say which.
//   - The ledger of what probing cost fails closed: a day of it that cannot be
//     read lets nothing through.
//   - Callers see the History interface, without a trace of bbolt.
package store
