package store

import (
	"encoding/json"
	"time"

	"costping/costmodel"
	"costping/probe"
)

// Range is a stretch of time: From <= t < To. The zero value is all of it, as is
// an end that is zero.
type Range struct {
	From, To time.Time
	// Damaged, where it is not nil, is raised by how many records Raw left out as
	// their checksum does not match, or as only a newer program reads them.
	Damaged *int `json:"-"`
}

// Query asks for a window.
type Query struct {
	// From and To bound the samples by when they were sent: From <= t < To.
	From, To time.Time
	// Steps cuts the window into that many equal parts and asks for a Point of
	// each; 0 for none. Only windows up to LongestExact have points.
	Steps int
}

// Last is the window of that long until now, what was sent this instant in it.
func Last(long time.Duration, now time.Time) Query {
	to := now.Add(time.Nanosecond)
	return Query{From: to.Add(-long), To: to}
}

// LongestExact is the longest window with exact quantiles.
const LongestExact = 24 * time.Hour

// ChartQuery asks for the lines of a chart.
type ChartQuery struct {
	From, To time.Time
	// Step is how much time a point covers; the last one may cover less. A step
	// of whole hours or days that begins on one, in UTC, is read from rollups.
	Step time.Duration
	// Target is whose series are wanted; "" for all.
	Target string
}

// mostPoints bounds the points of a line.
const mostPoints = 10_000

// Line is one series over time.
type Line struct {
	Series Series
	// Points has one entry a step, oldest first.
	Points []Band
}

// Band is one step of a line. Spreads with N 0 are of nothing.
type Band struct {
	// From is when the step begins.
	From time.Time
	// N counts the attempts, Failed those that failed and are held against the
	// provider, Scripted those that were not measured.
	N, Failed, Scripted int
	// TTFT, TPOT and E2E are in milliseconds, Speed in tokens a second.
	TTFT, TPOT, E2E, Speed Spread
}

// Spread is how the values of a step are spread.
type Spread struct {
	// N is the number of values: of attempts for the headline that tell it.
	N                  int
	P25, P50, P75, P95 float64
	// Sketched says that the figures are within SketchError of the true ones and
	// not exact.
	Sketched bool
}

// Span is the length of a rollup.
type Span string

// The spans. Both begin on the hour or midnight in UTC.
const (
	Hourly Span = "hour"
	Daily  Span = "day"
)

// Length is how long a span lasts; 0 for one that is unknown.
func (s Span) Length() time.Duration {
	switch s {
	case Hourly:
		return time.Hour
	case Daily:
		return 24 * time.Hour
	}
	return 0
}

// EventKind says what kind of thing happened.
type EventKind string

// The kinds of events that the store itself records. Others may have their own.
const (
	// EventClockStep: the wall clock was set back.
	EventClockStep EventKind = "clock_step"
	// EventGap: the machine slept, or its clock was set forward.
	EventGap EventKind = "gap"
	// EventTakeover: another process owns the history from here on.
	EventTakeover EventKind = "takeover"
	// EventUnsaved: samples could not be written for a while.
	EventUnsaved EventKind = "unsaved"
	// EventDamaged: a damaged history was moved aside and this one begun.
	EventDamaged EventKind = "damaged"
	// EventMigrated: the database was brought to a newer format.
	EventMigrated EventKind = "migrated"
)

// Event is something that happened: a change of configuration, a gap, an
// incident.
type Event struct {
	At   time.Time `json:"at"`
	Kind EventKind `json:"kind"`
	// Target is what it happened to; "" for all.
	Target string `json:"target,omitempty"`
	// Text says it in one sentence.
	Text string `json:"text"`
	// For is how long it lasted; 0 for a moment.
	For time.Duration `json:"for_ns,omitempty"`
	// Data holds figures of the kind, as JSON.
	Data json.RawMessage `json:"data,omitempty"`
}

// PriceSeen is a price as it was known at a moment.
type PriceSeen struct {
	At    time.Time       `json:"at"`
	Model string          `json:"model"`
	Price costmodel.Price `json:"price"`
}

// Result is the outcome of a test of an answer's quality, or an answer kept as an
// example of a failure.
type Result struct {
	At     time.Time `json:"at"`
	Series Series    `json:"series"`
	// Kind says what was tested, Case which case of it.
	Kind string `json:"kind"`
	Case string `json:"case,omitempty"`
	// Score is from 0 to 1; unknown where nothing was graded.
	Score probe.Measured[float64] `json:"score"`
	// Data is whatever belongs to it, as JSON.
	Data json.RawMessage `json:"data,omitempty"`
}

// Notes are what is kept beside the samples.
type Notes struct {
	Events  []Event     `json:"events,omitempty"`
	Prices  []PriceSeen `json:"prices,omitempty"`
	Results []Result    `json:"results,omitempty"`
}

// Info describes a history.
type Info struct {
	Path    string
	Format  int
	Samples int
	Series  int
	From    time.Time
	To      time.Time
	Bytes   int64 // of the file
	// OwnerPID is the process that owns it.
	OwnerPID int
	// Unsaved is how many samples wait in memory for the disk, Dropped how many
	// had to be let go for want of room, UnsavedWhy what is wrong; 0 and "" while
	// all is well.
	Unsaved, Dropped int
	UnsavedWhy       string
	// RawFrom is from when on raw samples are there; zero where none was pruned.
	RawFrom time.Time
}

// Compacted says what compaction has saved.
type Compacted struct {
	// Before and After are the lengths of the database, in bytes.
	Before, After int64
}
