package compare

import (
	"fmt"
	"path"
	"strconv"
	"time"

	"costping/costmodel"
	"costping/probe/stats"
)

// Limit is one bound that targets have to keep to.
type Limit struct {
	// Target says whose it is: a name, or a pattern with * and ?.
	Target string
	// On is the figure that it bounds.
	On Bounded
	// Bound is the largest value that is allowed, or of what is better the larger
	// it is the smallest: in milliseconds, tokens a second, a share from 0 to 1.
	// Of money it is USD.
	Bound float64
	USD   costmodel.USD
	// For is how long it must be broken before that is an event.
	For time.Duration
}

// Bounded is a figure that a limit can be set on.
type Bounded string

// The figures, as the configuration names them.
const (
	TTFTp50   Bounded = "ttft_p50"
	TTFTp95   Bounded = "ttft_p95"
	TPOTp50   Bounded = "tpot_p50"
	E2Ep50    Bounded = "e2e_p50"
	MinSpeed  Bounded = "min_throughput"
	ErrorRate Bounded = "max_error_rate"
	Daily     Bounded = "max_daily"
	Monthly   Bounded = "max_monthly"
	Malformed Bounded = "max_malformed"
	Quality   Bounded = "min_quality"
)

// Judged is how a row stands to one limit.
type Judged struct {
	Limit Limit
	// Known says that the row has the figure. Over says that it is beyond the
	// bound as it stands; Verdict whether its interval shows that, or the opposite.
	Known, Over bool
	Verdict     costmodel.Verdict
	// Value is the figure in the limit's unit.
	Value float64
	// Figure and Bound are both in words: "p95 TTFT 1,898 ms", "limit 800".
	Figure, Bound string
}

// bounded is how a figure is had and written.
type bounded struct {
	name     string
	least    bool // the bound is the smallest allowed
	of       func(*Row) costmodel.Metric
	number   func(float64) string
	unit     string
	boundary string // "limit" or "floor"
}

func metricOf(q stats.Quantile) costmodel.Metric {
	if !q.Earned() {
		return costmodel.Metric{}
	}
	return costmodel.Metric{Value: q.Value, Lo: q.Lo, Hi: q.Hi, N: q.N, Basis: costmodel.Measured}
}

// errorRate is the share of the attempts that failed.
func errorRate(r *Row) costmodel.Metric {
	s := r.Summary.Success()
	if s.N == 0 {
		return costmodel.Metric{}
	}
	failed := stats.RateOf(s.N-s.Hits, s.N)
	return costmodel.Metric{Value: failed.Value(), Lo: failed.Lo, Hi: failed.Hi, N: s.N, Hits: s.N - s.Hits, Basis: costmodel.Measured}
}

func spendOf(amount func(costmodel.Spend) costmodel.USD) func(*Row) costmodel.Metric {
	return func(r *Row) costmodel.Metric {
		if !r.Spend.Known {
			return costmodel.Metric{}
		}
		return costmodel.Exactly(amount(r.Spend).Float64(), costmodel.Stated)
	}
}

func inDollars(v float64) string { return "$" + strconv.FormatFloat(v, 'f', 2, 64) }

func inPercent(v float64) string { return strconv.FormatFloat(100*v, 'f', 1, 64) }

func inPlaces(places int) func(float64) string {
	return func(v float64) string { return strconv.FormatFloat(v, 'f', places, 64) }
}

// figuresBounded are the figures in the order in which a broken one is named.
var figuresBounded = map[Bounded]bounded{
	TTFTp50:   {"p50 TTFT", false, func(r *Row) costmodel.Metric { return metricOf(r.Summary.TTFTp50) }, Millis, " ms", "limit"},
	TTFTp95:   {"p95 TTFT", false, func(r *Row) costmodel.Metric { return metricOf(r.Summary.TTFTp95) }, Millis, " ms", "limit"},
	TPOTp50:   {"p50 a token", false, tpotOf, inPlaces(1), " ms", "limit"},
	E2Ep50:    {"whole answer", false, func(r *Row) costmodel.Metric { return metricOf(r.Summary.E2Ep50) }, Millis, " ms", "limit"},
	MinSpeed:  {"speed", true, func(r *Row) costmodel.Metric { return metricOf(r.Summary.Speedp50) }, inPlaces(1), " tok/s", "floor"},
	ErrorRate: {"failed", false, errorRate, inPercent, " %", "limit"},
	Daily:     {"spend", false, spendOf(func(s costmodel.Spend) costmodel.USD { return s.PerDay }), inDollars, " a day", "limit"},
	Monthly:   {"spend", false, spendOf(func(s costmodel.Spend) costmodel.USD { return s.PerMonth }), inDollars, " a month", "limit"},
	Malformed: {"malformed", false, func(r *Row) costmodel.Metric { return r.Malformed }, inPercent, " %", "limit"},
	Quality:   {"quality", true, func(r *Row) costmodel.Metric { return r.Quality }, inPlaces(2), "", "floor"},
}

// tpotOf is the time of a token, which is what a speed is the inverse of.
func tpotOf(r *Row) costmodel.Metric {
	q := r.Summary.Speedp50
	if !q.Earned() || q.Lo <= 0 {
		return costmodel.Metric{}
	}
	return costmodel.Metric{Value: 1000 / q.Value, Lo: 1000 / q.Hi, Hi: 1000 / q.Lo, N: q.N, Basis: costmodel.Measured}
}

// Known reports whether there is such a figure.
func (b Bounded) Known() bool { return figuresBounded[b].of != nil }

// Least reports whether a limit on the figure is the smallest value allowed.
func (b Bounded) Least() bool { return figuresBounded[b].least }

// Holds reports whether the limit is one of the target.
func (l Limit) Holds(target string) bool {
	if l.Target == "" || l.Target == "*" {
		return true
	}
	ok, err := path.Match(l.Target, target)
	return ok && err == nil || l.Target == target
}

// judge holds a row to the limits that are its own.
func judge(r *Row, limits []Limit) []Judged {
	var all []Judged
	for _, l := range limits {
		figure, ok := figuresBounded[l.On]
		if !ok || !l.Holds(r.Target) {
			continue
		}
		all = append(all, figure.judge(r, l))
	}
	return all
}

func (f bounded) judge(r *Row, l Limit) Judged {
	bound := l.Bound
	if l.On == Daily || l.On == Monthly {
		bound = l.USD.Float64()
	}
	j := Judged{Limit: l, Bound: f.boundary + " " + f.number(bound)}
	m := f.of(r)
	if j.Known = m.Known(); !j.Known {
		j.Figure = f.name + " unknown"
		return j
	}
	j.Value = m.Value
	j.Figure = fmt.Sprintf("%s %s%s", f.name, f.number(m.Value), f.unit)
	if f.least {
		j.Over, j.Verdict = m.Value < bound, m.AtLeast(bound)
	} else {
		j.Over, j.Verdict = m.Value > bound, m.AtMost(bound)
	}
	return j
}

// Over reports whether any limit of the row is broken as its figures stand.
func (r Row) Over() bool {
	for _, j := range r.Judged {
		if j.Over {
			return true
		}
	}
	return false
}

// Breaks reports whether the row breaks a limit on the figure.
func (r Row) Breaks(on Bounded) bool {
	for _, j := range r.Judged {
		if j.Over && j.Limit.On == on {
			return true
		}
	}
	return false
}
