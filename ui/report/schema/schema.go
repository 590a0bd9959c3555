// Package schema holds the published JSON Schemas of the files that costping writes
// for others to read.
package schema

import _ "embed"

// Snapshot is that of costping.snapshot/1.
//
//go:embed snapshot-1.json
var Snapshot string
