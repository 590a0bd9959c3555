package compare

import (
	"costping/costmodel"
	"costping/probe/stats"
)

// State is how a row is, in one of four words.
type State uint8

// The states, the sickest last.
const (
	StateUnknown State = iota
	StateFine
	StateOver
	StateFailing
)

// String is the state for people and files.
func (s State) String() string {
	return [...]string{"unknown", "fine", "over", "failing"}[min(s, StateFailing)]
}

// State is how the row is: failing before over a limit; unknown where nothing has
// been measured.
func (r Row) State() State {
	switch {
	case r.Failing:
		return StateFailing
	case !r.Has:
		return StateUnknown
	case r.Over():
		return StateOver
	}
	return StateFine
}

// health ranks a row by how much it needs to be looked at.
func (r Row) health() int {
	if r.Retired {
		return -1
	}
	return int(r.State())
}

// Count is how many rows are in a state.
func (t Table) Count(s State) int {
	n := 0
	for i := range t.Rows {
		if r := &t.Rows[i]; r.State() == s && !r.Retired {
			n++
		}
	}
	return n
}

// MetricOf is an earned quantile as the cost model has a figure; unknown before
// that.
func MetricOf(q stats.Quantile) costmodel.Metric {
	if !q.Earned() {
		return costmodel.Metric{}
	}
	return costmodel.Metric{Value: q.Value, Lo: q.Lo, Hi: q.Hi, N: q.N, Basis: costmodel.Measured}
}
