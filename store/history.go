package store

import (
	"context"
	"io"
	"iter"
	"time"

	"costping/probe"
)

// History is what is known of the past. It is safe for concurrent use.
//
// Many processes may hold one history at once. One of them owns it: it alone has
// the database open, and it alone should run a schedule. The others ask the owner
// over a socket, and one of them takes over when the owner is gone. Everything
// here works the same for all of them; only Owning and Role tell them apart. While
// the ownership passes on, a call waits for the next owner for a few seconds.
//
// Errors to tell apart are ErrClosed, ErrDamaged, *UnsavedError and *SilentError.
type History interface {
	Reader
	Writer
	Keeper
	// Owning is closed once this process owns the history: at once for an owner,
	// after a takeover for a viewer. It is the moment to begin a schedule, which
	// has to be mounted by then: an owner that has mounted one stays it until that
	// is taken away. One that has not gives the ownership up to a viewer that has,
	// and goes on as a viewer; what Owning gives from then on is open again.
	Owning() <-chan struct{}
	// Role says who owns the history now.
	Role() Role
	// Mount hands over what steers the schedule of this process; nil takes it
	// away. It is reached through Control by every process while this one owns
	// the history.
	Mount(c probe.Control)
	// Control steers the owner's schedule, whichever process that is. Its methods
	// give ErrNoSchedule where the owner has mounted none.
	Control() probe.Control
	// Close gives the history up: an owner's to the next process. Closing twice is
	// no error.
	Close() error
}

// Reader answers questions about the past.
type Reader interface {
	// Window summarises every series between two instants. Up to LongestExact the
	// quantiles are exact; beyond, they come from sketches, and Window.Sketched
	// says so.
	Window(ctx context.Context, q Query) (Window, error)
	// Series cuts a span into steps and gives a band for each, for charts.
	Series(ctx context.Context, q ChartQuery) ([]Line, error)
	// Raw gives the samples of a range one after the other, oldest first, as far
	// back as raw ones are kept. It holds a few hundred of them at a time and no
	// transaction while the caller looks at one; what is added meanwhile within
	// the range may be among them. An error ends it.
	Raw(ctx context.Context, r Range) iter.Seq2[probe.Sample, error]
	// Rollups gives the summaries of closed hours or days that began in a range,
	// series by series, oldest first.
	Rollups(ctx context.Context, span Span, r Range) iter.Seq2[Rollup, error]
	// Events gives what happened within a range, oldest first.
	Events(ctx context.Context, r Range) ([]Event, error)
	// Prices gives every price seen of a model, oldest first; of all for "".
	Prices(ctx context.Context, model string) ([]PriceSeen, error)
	// Results gives the results of a range, oldest first.
	Results(ctx context.Context, r Range) ([]Result, error)
	// Version changes whenever anything that the methods above tell is added: a
	// cheap way to learn that there is nothing new. It never goes back, not over
	// a takeover either; a viewer learns of a change within a moment.
	Version() uint64
	// Info describes the history itself.
	Info(ctx context.Context) (Info, error)
}

// Writer adds to the history. What it returns without an error for is durable.
type Writer interface {
	// The ledger of what probing cost.
	probe.Ledger
	// Append keeps samples, all of them or none. Appending the same again changes
	// nothing. Where the disk is full or fails it returns an *UnsavedError: the
	// samples are held in memory then and written, oldest first, once it can be
	// done. Samples from before 1970 or after 2261 are refused.
	probe.Sink
	// Record keeps events, prices and results in one transaction. Recording the
	// same again changes nothing, nor does a price that is the newest one of its
	// model and source already.
	Record(ctx context.Context, n Notes) error
	// Adopt keeps rollups that another history made, of hours and days that this
	// one has none of, and says how many those were.
	Adopt(ctx context.Context, rollups []Rollup) (int, error)
}

// Keeper looks after the database. None of it loses a write that returned.
type Keeper interface {
	// Prune drops the raw samples from before an instant that are in rollups, by
	// whole hours, and says how many. Rollups stay.
	Prune(ctx context.Context, before time.Time) (int, error)
	// Compact writes the database anew without its gaps. Writers wait meanwhile.
	Compact(ctx context.Context) (Compacted, error)
	// Backup writes a copy of the database as of now, which Open can open, and
	// gives its length in bytes. Writers do not wait.
	Backup(ctx context.Context, w io.Writer) (int64, error)
}

// Role says who owns a history.
type Role struct {
	// Owner is true where this process does.
	Owner bool
	// PID is the owner's process; 0 while there is none.
	PID int
	// Schedule says that the owner runs a schedule; a viewer learns of a change
	// within a moment.
	Schedule bool
	// Err is why a viewer has no owner to ask at the moment, such as a
	// *SilentError; nil while all is well.
	Err error
}

func (r Role) String() string {
	if r.Owner {
		return "owner"
	}
	return "viewer"
}
