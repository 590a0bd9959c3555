package compare

import (
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"
)

// Candidate is a model that may be chosen: a target that is measured, a row of
// the catalog, or both.
type Candidate struct {
	// Target is the label it is measured under, and the row's name.
	Target string
	// Model and Price are the catalog's; Known says that it has the model.
	Model costmodel.Model
	Price costmodel.Price
	Known bool
	// Configured says that Target is one of the configuration's: commands know it by
	// that name, with its own price and quality.
	Configured bool
	// Short is its name where there is little room; "" for none.
	Short string
	// Tags are words that a filter can ask for.
	Tags []string
	// Quality is what the person says of it; unknown where they do not.
	Quality costmodel.Metric
	// Published are somebody else's figures, shown in brackets where there are
	// none of one's own.
	Published Published
	// KeyMissing says that its provider's key is in none of the usual variables: it
	// could not be probed as it is.
	KeyMissing bool
	// Machine is what a machine of one's own costs, whatever the volume; nil where
	// it is none, or nobody said. OwnMachine says that it is one.
	Machine    *costmodel.Figure
	OwnMachine bool
}

// Published are latencies that others measured elsewhere: TTFT in milliseconds,
// Speed in output tokens a second.
type Published struct{ TTFT, Speed costmodel.Metric }

// Input is all that a table depends on.
type Input struct {
	Candidates []Candidate
	// Window is what was measured.
	Window store.Window
	// Workload is what is projected, Base what the knobs started from.
	Workload, Base costmodel.Workload
	// Today decides what is retired.
	Today costmodel.Date
	// Order is how rows are sorted.
	Order Order
	// Probing says that samples are coming: what is missing is on its way.
	Probing bool
	// Unscheduled are the targets that nothing probes though others are; nil for
	// none.
	Unscheduled map[string]bool
	// Resting says, by target, why it is left alone and until when.
	Resting map[string]string
	// Drifts are how rows stand to what was approved; nil for none.
	Drifts *Drifts
	// SickFirst puts rows that fail before those over a limit, and both before those
	// that are fine; retired ones come last.
	SickFirst bool
	// Filter leaves rows out; nil for none.
	Filter *Filter
	// Limits are what rows have to keep to.
	Limits []Limit
	// BaseRow is the target that ratios are to; "" for none.
	BaseRow string
	// Against compares two marked rows; nil where there are not two.
	Against *Against
	// Previous is the order that is on the screen: rows sorted by what was measured
	// keep it where they cannot be told apart. nil for none.
	Previous []string
	// Reliable is what graded answers come to; nil for none.
	Reliable *Reliable
}

// Table is the comparison: rows in order, and what they amount to.
type Table struct {
	Rows     []Row
	Workload costmodel.Workload
	Base     costmodel.Workload
	Order    Order
	// Pick is the index of the cheapest model that can be chosen; -1 for none.
	Pick int
	// Answer is the one sentence above the table, in ever shorter forms.
	Answer []string
	// Span is the window's length.
	Span time.Duration
	// Measured counts rows with at least one sample.
	Measured int
	// Changed says that a knob is not where it started.
	Changed bool
	// Probing is the input's.
	Probing bool
	// Hidden counts the rows that the filter leaves out, Undecided those of them
	// that it cannot judge for a figure is missing.
	Hidden, Undecided int

	// next says of a pick that ends soon what lasts, in ever shorter forms.
	next   []string
	states [StateFailing + 1]int
}

// Row is one model: measured speed and projected spend, side by side.
type Row struct {
	Candidate
	Spend costmodel.Spend
	// Retired says that the model cannot be had any more, since
	// Candidate.Model.Retired.
	Retired bool
	// Summary is what was measured; Has is false where nothing was.
	Summary store.Summary
	Has     bool
	// Others counts attempts at the same target elsewhere or otherwise, which
	// the figures leave out.
	Others int
	// Quality is a share from 0 to 1: measured, else stated by the person, which its
	// basis says.
	Quality costmodel.Metric
	// Malformed is the share of answers that did not have the shape that was asked
	// for, ToolErrors that of calls that were not right; unknown where that was not
	// measured.
	Malformed, ToolErrors costmodel.Metric
	// Reliability is what they rest on.
	Reliability Reliability
	// Verdicts are how the row stands to each limit that is its own.
	Verdicts []Verdict
	// Trend is the sparkline, oldest first.
	Trend []Tick
	// BeatenBy is the target of a live model that is neither dearer nor
	// measurably slower; "" where there is none.
	BeatenBy string
	// TokenRatio is how many input tokens the model makes of the same text, as a
	// multiple of the other rows'.
	TokenRatio probe.Measured[float64]
	// BaseRatio is the median first token as a multiple of the base row's.
	BaseRatio probe.Measured[float64]
	// Resting says why the target is not probed now and until when; "" where it
	// is.
	Resting string
	// Drift is how the row stands to what was approved.
	Drift   Drift
	Pick    bool
	Failing bool
	Note    Note

	place int // of Joined.rows
}

// Tick is one step of a sparkline.
type Tick struct {
	// Level is the number of steps of 15 % from the row's own median: 0 is the
	// median itself. It counts only where Seen.
	Level int
	Seen  bool
	// Failed says that attempts failed and none succeeded.
	Failed bool
}

// pick is the cheapest model that can be had, among the measured ones where any
// is measured: what cannot answer is not a choice. Where the measured ones have no
// price, it is among those that are being measured.
// spend is that of a row: as it is projected now, or as it was.
func pick(rows []Row, spend func(*Row) *costmodel.Spend) int {
	enough := func(*Row) bool { return true }
	for i := range rows {
		r := &rows[i]
		if !r.Summary.TTFTp50.Earned() {
			continue
		}
		enough = func(r *Row) bool { return r.Has }
		if spend(r).Known && !r.Retired {
			enough = func(r *Row) bool { return r.Summary.TTFTp50.Earned() }
			break
		}
	}
	best := -1
	for i := range rows {
		r := &rows[i]
		if !spend(r).Known || !r.canBeHad() || !enough(r) {
			continue
		}
		if best < 0 || preferred(r, &rows[best], spend) {
			best = i
		}
	}
	return best
}

// canBeHad says that a model answers, or is not shown not to, inside its limits.
func (r *Row) canBeHad() bool { return !r.Retired && !r.Failing && !r.Over() }

func projected(r *Row) *costmodel.Spend { return &r.Spend }

// Via is who serves the row: the provider's name, else the host.
func (r Row) Via() string {
	switch {
	case r.Model.ProviderName != "":
		return r.Model.ProviderName
	case r.Summary.Series.Provider != "":
		return r.Summary.Series.Provider
	}
	return probe.Target{BaseURL: r.Summary.Series.BaseURL}.Host()
}

// preferred says that a is the better pick: the cheaper; of equals one that is
// not beaten; of those the first by name, so that sorting changes nothing.
func preferred(a, b *Row, spend func(*Row) *costmodel.Spend) bool {
	if price := spend(a).PerDay.Cmp(spend(b).PerDay); price != 0 {
		return price < 0
	}
	if beaten := a.BeatenBy != ""; beaten != (b.BeatenBy != "") {
		return !beaten
	}
	return a.Target < b.Target
}

// setBeatenBy finds for each row a live model that is not dearer and not
// measurably slower, by first token and by whole answer, and better in one of the
// three. Of several, the cheapest.
func setBeatenBy(rows []Row) {
	options := make([]costmodel.Option, len(rows))
	for i := range rows {
		options[i].Barred = rows[i].Retired || rows[i].Failing
		options[i].Quality = rows[i].Quality
		if rows[i].Spend.Known {
			options[i].Spend = &rows[i].Spend.PerDay
		}
	}
	for i, winner := range costmodel.BeatenBy(options, func(i, j int) (int, bool) { return slower(&rows[i], &rows[j]) }) {
		if winner >= 0 {
			rows[i].BeatenBy = rows[winner].Target
		}
	}
}

// setBaseRatios says how many times the base's first token each row takes.
func setBaseRatios(rows []Row, base string) {
	for i := range rows {
		b := &rows[i]
		if b.Target != base || !b.Summary.TTFTp50.Earned() || b.Summary.TTFTp50.Value <= 0 {
			continue
		}
		for i := range rows {
			if q := rows[i].Summary.TTFTp50; q.Earned() {
				rows[i].BaseRatio = probe.Known(q.Value / b.Summary.TTFTp50.Value)
			}
		}
	}
}

// slower is the verdict on two rows: slower in either time is slower, faster is
// faster in one and slower in neither.
func slower(a, b *Row) (order int, ok bool) {
	if !compared(a, b) {
		return 0, false
	}
	ttft := stats.Slower(a.Summary.TTFTp50, b.Summary.TTFTp50)
	whole := stats.Slower(a.Summary.E2Ep50, b.Summary.E2Ep50)
	if slowest := max(ttft, whole); slowest > 0 {
		return slowest, true
	}
	return min(ttft, whole), true
}

// evidence is how many samples each side needs before "not measurably slower"
// says anything: with fewer, intervals are so wide that they overlap whatever the
// truth is.
const evidence = 30

// compared says that both rows have figures for the same work, one profile and
// one cap, and enough of them.
func compared(a, b *Row) bool {
	return min(a.Summary.Warm, b.Summary.Warm) >= evidence && a.Summary.TTFTp50.Earned() && b.Summary.TTFTp50.Earned() &&
		a.Summary.E2Ep50.Earned() && b.Summary.E2Ep50.Earned() && SameWork(a, b)
}

// SameWork says that both rows were measured by one profile with one cap: times of
// others do not compare.
func SameWork(a, b *Row) bool {
	return a.Summary.Series.Profile == b.Summary.Series.Profile && a.Summary.Series.Cap == b.Summary.Series.Cap
}

// failedInARow is how many failures in a row make a target one that does not
// answer: one or two are what its success rate is for.
const failedInARow = 3

// failing says that the target does not answer now.
func failing(s store.Summary) bool {
	return s.FailedInARow >= failedInARow || s.FailedInARow > 0 && s.Outcomes[probe.OK] == 0
}

// Cheaper compares two spends for sorting: unknown after every known one.
func Cheaper(a, b costmodel.Spend) int {
	switch {
	case a.Known && b.Known:
		return a.PerDay.Cmp(b.PerDay)
	case a.Known:
		return -1
	case b.Known:
		return 1
	}
	return 0
}
