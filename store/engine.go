package store

import (
	"context"
	"io"
	"time"

	"costping/probe"
)

// engine is what answers for a history at one time: the database, or the owner
// at the other end of a socket.
type engine interface {
	probe.Ledger
	probe.Sink
	Window(ctx context.Context, q Query) (Window, error)
	Series(ctx context.Context, q ChartQuery) ([]Line, error)
	Events(ctx context.Context, r Range) ([]Event, error)
	Prices(ctx context.Context, model string) ([]PriceSeen, error)
	Results(ctx context.Context, r Range) ([]Result, error)
	Record(ctx context.Context, n Notes) error
	Adopt(ctx context.Context, rollups []Rollup) (int, error)
	Info(ctx context.Context) (Info, error)
	Prune(ctx context.Context, before time.Time) (int, error)
	Compact(ctx context.Context) (Compacted, error)
	Backup(ctx context.Context, w io.Writer) (int64, error)
	Version() uint64

	// Long answers come page by page, so that nothing is held open meanwhile and
	// the next owner can go on where the one before ended. A page begins at the
	// cursor that the one before gave; the end is an empty one.
	samplePage(ctx context.Context, cursor []byte, to int64) (page rawPage, err error)
	rollupPage(ctx context.Context, q rollupQuery) (page []Rollup, next rollupQuery, err error)
}

// rollupQuery asks for a page of rollups.
type rollupQuery struct {
	Span Span `json:"span"`
	// Series is the first one wanted, At where in it to begin.
	Series uint32 `json:"series"`
	At     int64  `json:"at"`
	From   int64  `json:"from"`
	To     int64  `json:"to"`
	// Done says that there is nothing more.
	Done bool `json:"done"`
}
