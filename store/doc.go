// Package store keeps the history: what was measured, on disk, for good.
//
// Its rules:
//
//   - The history is the single source of truth. Every screen, table and export
//     is computed from it; nothing else remembers a sample.
//   - Append is durable when it returns. A sample that was acknowledged survives
//     a kill and a power cut, as far as the disk keeps its promises.
//   - One process owns a history, by a lock on a file beside the database. It is
//     refused to a second one by name, never waited for and never robbed.
//   - A format that is newer than this program is refused, a file that is not a
//     history is left alone, and a record that does not match its checksum is
//     counted and skipped.
//   - The ledger of what probing cost fails closed: a day of it that cannot be
//     read lets nothing through.
//   - Callers see the History interface, without a trace of bbolt.
package store
