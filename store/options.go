package store

import (
	"os"
	"time"
)

// DefaultRetention is how long raw samples are kept; their rollups stay for good.
const DefaultRetention = 30 * 24 * time.Hour

// Options are how a history is held. The zero value is what a program wants.
type Options struct {
	// Retention is how long raw samples are kept, by the owner: 0 for
	// DefaultRetention, less than 0 for ever.
	Retention time.Duration
	// MoveAside renames a damaged database, with the date, and begins a new one
	// with an event that says so. Otherwise Open fails with ErrDamaged.
	MoveAside bool
	// Log hears of what goes wrong in the background; nil for nobody.
	Log func(error)
	// OpenFile opens the database's file; nil for os.OpenFile. It is the place
	// for a disk that fails.
	OpenFile func(name string, flag int, mode os.FileMode) (*os.File, error)
	// Now is the wall clock; nil for time.Now.
	Now func() time.Time

	// networkFile names the network file system that a folder is on, "" for a
	// local one; nil for the real answer.
	networkFile func(dir string) (string, error)
	// lookEvery is how often the owner looks whether the history is still there; 0
	// for vanishEvery.
	lookEvery time.Duration
}

func (o Options) vanishing() time.Duration {
	if o.lookEvery > 0 {
		return o.lookEvery
	}
	return vanishEvery
}

func (o Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

func (o Options) log(err error) {
	if err != nil && o.Log != nil {
		o.Log(err)
	}
}

func (o Options) retention() time.Duration {
	if o.Retention == 0 {
		return DefaultRetention
	}
	return o.Retention
}
