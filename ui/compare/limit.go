package compare

import (
	"fmt"
	"math/big"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"
)

// LimitMetric is a figure that a limit may be set on, by its name in the
// configuration.
type LimitMetric string

// The metrics. Those that begin with Min are floors, the others ceilings.
const (
	LimitTTFTp50       LimitMetric = "ttft_p50"
	LimitTTFTp95       LimitMetric = "ttft_p95"
	LimitTPOTp50       LimitMetric = "tpot_p50"
	LimitE2Ep95        LimitMetric = "e2e_p95"
	LimitMinThroughput LimitMetric = "min_throughput"
	LimitMaxErrorRate  LimitMetric = "max_error_rate"
	LimitMaxMalformed  LimitMetric = "max_malformed"
	LimitMaxToolErrors LimitMetric = "max_tool_errors"
	LimitMinQuality    LimitMetric = "min_quality"
	LimitMaxDaily      LimitMetric = "max_daily"
	LimitMaxMonthly    LimitMetric = "max_monthly"
)

// Bound is the limit on one figure.
type Bound struct {
	Metric LimitMetric
	// Value is in milliseconds, tokens a second, or a share from 0 to 1; that of an
	// amount of money is USD.
	Value float64
	USD   costmodel.USD
}

// Limit is what some targets are held to.
type Limit struct {
	// Target is a name of a target or a pattern of them, as Named has it.
	Target string
	// For is how long a figure must be over before the limit counts as broken.
	For    time.Duration
	Bounds []Bound
}

// Layered are the limits of several sources, of which the first goes before: what it
// limits is not taken from those after it.
func Layered(sources ...[]Limit) []Limit {
	var all []Limit
	taken := map[LimitMetric]bool{}
	for _, source := range sources {
		var here []LimitMetric
		for _, l := range source {
			rest := slices.DeleteFunc(slices.Clone(l.Bounds), func(b Bound) bool { return taken[b.Metric] })
			for _, b := range rest {
				here = append(here, b.Metric)
			}
			if l.Bounds = rest; len(rest) > 0 {
				all = append(all, l)
			}
		}
		for _, metric := range here {
			taken[metric] = true
		}
	}
	return all
}

// Ceiling reads a share that is at most allowed. All of it would be no limit, and is
// what 1 for one percent would be read as: it is an *costmodel.InputError.
func Ceiling(text string) (float64, error) {
	share, err := costmodel.ParseFraction(text)
	if err == nil && share >= 1 {
		err = &costmodel.InputError{
			What: fmt.Sprintf("%q is all of them, and no limit", text),
			Hint: "for one percent write 1% or 0.01",
		}
	}
	return share, err
}

// Holds reports whether the limit is one of a target's.
func (l Limit) Holds(target string) bool { return Named(l.Target, target) }

// Named reports whether a pattern is the name of a target or fits it. A * stands for
// any text, also for one with a slash in it, which many models have in their names.
func Named(pattern, name string) bool {
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x1f") }
	ok, err := path.Match(flat(pattern), flat(name))
	return pattern == name || ok && err == nil
}

// Standing is where a figure stands beside its limit.
type Standing int

// The standings.
const (
	// NotShown: the figure is unknown, has too few samples, or is a rate whose
	// interval holds the limit.
	NotShown Standing = iota
	Within
	Over
)

// Facts are what is known of a target, and judged by limits.
type Facts struct {
	Target string
	// Summary is what was measured; Has is false where nothing was.
	Summary store.Summary
	Has     bool
	Spend   costmodel.Spend
	// Quality is a share from 0 to 1; unknown where nobody gave or measured one.
	Quality costmodel.Metric
	// Malformed is the share of answers without the shape that was asked for; unknown
	// where none was graded.
	Malformed costmodel.Metric
	// ToolErrors is the share of calls that were not right; unknown where none was
	// graded.
	ToolErrors costmodel.Metric
}

// Facts are those of a row.
func (r Row) Facts() Facts {
	return Facts{Target: r.Target, Summary: r.Summary, Has: r.Has, Spend: r.Spend, Quality: r.Quality, Malformed: r.Malformed, ToolErrors: r.ToolErrors}
}

// FactsOf are those of a candidate in a window, as a row of the table has them.
func FactsOf(w store.Window, c Candidate, workload costmodel.Workload, graded *Reliable) Facts {
	row := Row{Candidate: c}
	row.setReliability(graded)
	row.Summary, row.Others, row.Has = summaryOf(w, c)
	row.Spend = row.project(workload)
	return row.Facts()
}

// Failing reports whether a target does not answer now.
func (f Facts) Failing() bool { return f.Has && failing(f.Summary) }

// Verdict is how a figure of a target stands to a limit.
type Verdict struct {
	Target string
	// Limit is the index of the limit, Bound what of it was judged.
	Limit    int
	Bound    Bound
	Standing Standing
	// Clear says that the figure is so far inside that a limit that was broken is
	// kept again: 5 % off the limit at least.
	Clear bool
	// Text says the figure and its limit, or why it is not shown.
	Text string
	// More is about how many further samples would show it, were they like those
	// there are; 0 where it is shown, or no number of them is known to.
	More int
}

// clearing is how far inside a figure must be to end a breach: a figure that
// wavers about its limit is one breach and not many.
const clearing = 0.05

// kept is what is left of a limit then.
var kept = big.NewRat(95, 100)

// Verdicts judges the facts of one target by all limits that hold for it, in their
// order.
func Verdicts(limits []Limit, f Facts) []Verdict {
	var verdicts []Verdict
	for i, l := range limits {
		if !l.Holds(f.Target) {
			continue
		}
		for _, b := range l.Bounds {
			v := Verdict{Target: f.Target, Limit: i, Bound: b}
			if m, ok := limitMetrics[b.Metric]; ok {
				m.judge(&v, f)
			}
			verdicts = append(verdicts, v)
		}
	}
	return verdicts
}

// Over reports whether any limit of the row is broken as its figures stand.
func (r Row) Over() bool {
	return slices.ContainsFunc(r.Verdicts, func(v Verdict) bool { return v.Standing == Over })
}

// Breaks reports whether the row breaks a limit on a metric.
func (r Row) Breaks(on LimitMetric) bool {
	return slices.ContainsFunc(r.Verdicts, func(v Verdict) bool { return v.Standing == Over && v.Bound.Metric == on })
}

// limitMetric says how a metric is judged.
type limitMetric struct {
	name  string
	judge func(*Verdict, Facts)
}

var limitMetrics = map[LimitMetric]limitMetric{
	LimitTTFTp50:       quantileLimit("TTFT p50", func(s store.Summary) stats.Quantile { return s.TTFTp50 }),
	LimitTTFTp95:       quantileLimit("TTFT p95", func(s store.Summary) stats.Quantile { return s.TTFTp95 }),
	LimitTPOTp50:       quantileLimit("time per token p50", timePerToken),
	LimitE2Ep95:        quantileLimit("whole answer p95", func(s store.Summary) stats.Quantile { return s.E2Ep95 }),
	LimitMinThroughput: {"output speed p50", judgeThroughput},
	LimitMaxErrorRate: rateLimit("failed", func(f Facts) stats.Rate {
		ok := f.Summary.Success()
		return stats.RateOf(ok.N-ok.Hits, ok.N)
	}),
	LimitMaxMalformed: {"malformed", judgeMalformed},
	LimitMaxToolErrors: rateLimit("tool errors", func(f Facts) stats.Rate {
		return stats.RateOf(f.ToolErrors.Hits, f.ToolErrors.N)
	}),
	LimitMinQuality: {"quality", judgeQuality},
	LimitMaxDaily:   spendLimit("a day", func(s costmodel.Spend) costmodel.USD { return s.PerDay }),
	LimitMaxMonthly: spendLimit("a month", func(s costmodel.Spend) costmodel.USD { return s.PerMonth }),
}

// timePerToken is the inverse of the speed: the median of the one is that of the
// other.
func timePerToken(s store.Summary) stats.Quantile {
	q := s.Speedp50
	if q.Value > 0 && q.Lo > 0 && q.Hi > 0 {
		q.Value, q.Lo, q.Hi = 1000/q.Value, 1000/q.Hi, 1000/q.Lo
	}
	q.Max = 0 // that of the speeds says nothing of the times
	return q
}

// atMost says where a figure stands beside a ceiling.
func (v *Verdict) atMost(value, limit float64) {
	v.Standing = Within
	if value > limit {
		v.Standing = Over
	}
	v.Clear = value <= limit*(1-clearing)
}

// atLeast says where a figure stands beside a floor.
func (v *Verdict) atLeast(value, limit float64) {
	v.Standing = Within
	if value < limit {
		v.Standing = Over
	}
	v.Clear = value >= limit*(1+clearing)
}

func quantileLimit(name string, of func(store.Summary) stats.Quantile) limitMetric {
	return limitMetric{name, func(v *Verdict, f Facts) {
		q := of(f.Summary)
		if !f.Has || !q.Earned() {
			v.Text, v.More = tooFew(name, q), max(0, q.Needed-q.N)
			return
		}
		v.atMost(q.Value, v.Bound.Value)
		v.Text = fmt.Sprintf("%s %s ms (limit %s)", name, limitMillis(q.Value), limitMillis(v.Bound.Value))
	}}
}

// limitMillis keeps a place where whole milliseconds would hide the difference.
func limitMillis(ms float64) string {
	if ms < 100 {
		return strconv.FormatFloat(ms, 'f', 1, 64)
	}
	return Millis(ms)
}

func tooFew(name string, q stats.Quantile) string {
	if q.N == 0 {
		return name + ": nothing measured"
	}
	return fmt.Sprintf("%s: %d of %d samples", name, q.N, q.Needed)
}

func judgeThroughput(v *Verdict, f Facts) {
	const name = "output speed"
	q := f.Summary.Speedp50
	if !f.Has || !q.Earned() {
		v.Text, v.More = tooFew(name, q), max(0, q.Needed-q.N)
		return
	}
	v.atLeast(q.Value, v.Bound.Value)
	v.Text = fmt.Sprintf("%s %s tok/s (least %s)", name, Speed(q, 1), strconv.FormatFloat(v.Bound.Value, 'f', -1, 64))
}

// rateLimit judges a share by its interval: as long as that holds the limit nothing
// is shown, but what was counted may be far enough inside to end a breach.
func rateLimit(name string, of func(Facts) stats.Rate) limitMetric {
	return limitMetric{name, func(v *Verdict, f Facts) {
		r := of(f)
		if r.N == 0 {
			v.Text = name + ": nothing measured"
			return
		}
		judged := r.AtMost(v.Bound.Value)
		v.More = max(0, judged.More)
		switch judged.Standing {
		case stats.Inside:
			v.Standing = Within
		case stats.Outside:
			v.Standing = Over
		}
		v.Clear = v.Standing != Over && r.Value() <= v.Bound.Value*(1-clearing)
		v.Text = fmt.Sprintf("%s %d of %d, %s to %s (limit %s)", name, r.Hits, r.N, share(r.Lo), share(r.Hi), share(v.Bound.Value))
	}}
}

// judgeMalformed judges the graded answers. Where there are none, streams that could
// not be read may break the limit, but any number of good ones does not keep it: nobody
// asked for a shape.
func judgeMalformed(v *Verdict, f Facts) {
	if f.Malformed.Known() {
		rateLimit("malformed", func(f Facts) stats.Rate { return stats.RateOf(f.Malformed.Hits, f.Malformed.N) }).judge(v, f)
		return
	}
	rateLimit("malformed streams", func(f Facts) stats.Rate {
		n := f.Summary.Success().N
		return stats.RateOf(min(f.Summary.Outcomes[probe.Malformed], n), n)
	}).judge(v, f)
	if v.Standing != Over {
		v.Standing, v.More, v.Text = NotShown, 0, "malformed: no answer was graded"
	}
}

func share(of float64) string { return strconv.FormatFloat(of*100, 'g', 3, 64) + " %" }

func judgeQuality(v *Verdict, f Facts) {
	if !f.Quality.Known() {
		v.Text = "quality unknown"
		return
	}
	switch f.Quality.AtLeast(v.Bound.Value) {
	case costmodel.Inside:
		v.Standing = Within
	case costmodel.Outside:
		v.Standing = Over
	}
	if v.Standing == NotShown && f.Quality.Basis == costmodel.Measured {
		v.More = max(0, stats.RateOf(f.Quality.Hits, f.Quality.N).AtLeast(v.Bound.Value).More)
	}
	v.Clear = v.Standing != Over && f.Quality.Value >= min(1, v.Bound.Value*(1+clearing))
	which := ""
	if f.Quality.Basis == costmodel.Measured {
		which = fmt.Sprintf(" measured, %.3g-%.3g", f.Quality.Lo, f.Quality.Hi)
	}
	v.Text = fmt.Sprintf("quality %.3g%s (least %.3g)", f.Quality.Value, which, v.Bound.Value)
}

func spendLimit(per string, of func(costmodel.Spend) costmodel.USD) limitMetric {
	return limitMetric{"spend " + per, func(v *Verdict, f Facts) {
		if !f.Spend.Known {
			v.Text = "spend " + per + " unknown"
			return
		}
		usd, limit := of(f.Spend), v.Bound.USD
		v.Standing = Within
		if usd.Cmp(limit) > 0 {
			v.Standing = Over
		}
		v.Clear = usd.Cmp(limit.Mul(kept)) <= 0
		v.Text = fmt.Sprintf("$%s %s (limit $%s)", usd.Format(2), per, limit.Format(2))
	}}
}
