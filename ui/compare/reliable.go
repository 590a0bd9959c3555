package compare

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/check"
	"costping/probe/stats"
	"costping/store"
)

// ResultsBack is how far back answers count that were graded: they are dear to ask
// for and asked seldom, and change less than times do.
const ResultsBack = 30 * 24 * time.Hour

// Reliable is what graded answers come to, by who gave them. The zero value holds
// nothing.
type Reliable struct {
	targets map[string][]*Reliability
}

// Reliability is how far the answers of one target, at one place, can be used.
type Reliability struct {
	Target, Provider, Model, BaseURL string
	// Schema is of JSON that nobody enforced, Enforced of JSON that the endpoint was
	// to keep to the schema, Tools of calls. They are never pooled.
	Schema, Enforced, Tools Checked
	// Accuracy is the share of one's own tasks that are solved, each counted once;
	// Solved is when the newest was answered.
	Accuracy stats.Rate
	Solved   time.Time
	// Recall is the newest grid; nil where there is none.
	Recall *RecallGrid
	// N counts the answers that were graded, Simulated those of them that nobody was
	// asked for; Last is the newest.
	N, Simulated int
	Last         time.Time

	tasks map[string]solvedTask
}

// Checked is one kind of answer.
type Checked struct {
	// Bad is the share that cannot be used as it was sent, Last when the newest came.
	Bad  stats.Rate
	Last time.Time
	// Classes counts the answers by what they were.
	Classes map[check.Class]int
	// Examples has the newest answer of each class that is not right, the newest
	// first.
	Examples []Example
	// Days is the share by UTC day, oldest first.
	Days []DayShare
}

// Example is an answer that was not right. Its texts are fit to be shown.
type Example struct {
	At       time.Time
	Kind     check.Kind
	Case     string
	Class    check.Class
	Enforced bool
	// Detail says what is wrong, Answer is the beginning of what was said; "" for
	// nothing.
	Detail, Answer string
	Simulated      bool
}

// DayShare is a share of one UTC day.
type DayShare struct {
	Day time.Time
	stats.Rate
}

// RecallGrid is the recall of facts by length and depth.
type RecallGrid struct {
	At time.Time
	// Lengths are those of the requests in tokens, as the target counts them where it
	// does, rising; Depths where in them the fact stood, 0 to 1.
	Lengths []int64
	Depths  []float64
	// Cells are the shares, by length and then depth; N is 0 where nothing is known.
	Cells [][]stats.Rate
	// Limit is the longest length whose recall holds the floor at every depth; Upper
	// says that a longer one is known not to.
	Limit probe.Measured[int64]
	Upper bool
}

// solvedTask is what became of a task when it was last answered.
type solvedTask struct {
	at      time.Time
	correct bool
}

// The bounds of what is taken from a history, which may come from anywhere.
const (
	longestDetail  = 300
	mostCells      = 2000
	mostCellAsked  = 1_000_000
	mostTokensSeen = 1 << 40
)

// ReliableOf reads results, oldest first as the history has them. What cannot be read
// is left out.
func ReliableOf(results []store.Result) *Reliable {
	all := &Reliable{targets: map[string][]*Reliability{}}
	for i := range results {
		r := &results[i]
		at := all.place(r.Series)
		var took, simulated bool
		switch check.Kind(r.Kind) {
		case check.KindSchema, check.KindTools:
			took, simulated = at.answer(r)
		case check.KindContext:
			took, simulated = at.grid(r)
		case check.KindEval:
			took = at.task(r)
		}
		if !took {
			continue
		}
		at.N++
		if simulated {
			at.Simulated++
		}
		if r.At.After(at.Last) {
			at.Last = r.At
		}
	}
	for _, places := range all.targets {
		for _, p := range places {
			p.conclude()
		}
	}
	return all
}

// place is where the results of a series belong.
func (all *Reliable) place(s store.Series) *Reliability {
	for _, p := range all.targets[s.Target] {
		if p.Provider == s.Provider && p.Model == s.Model && p.BaseURL == s.BaseURL {
			return p
		}
	}
	p := &Reliability{Target: s.Target, Provider: s.Provider, Model: s.Model, BaseURL: s.BaseURL, tasks: map[string]solvedTask{}}
	all.targets[s.Target] = append(all.targets[s.Target], p)
	return p
}

// Of is what is known of a candidate. Where its target was asked at different
// places, the one with the most answers stands for it, of equals the newest: they
// are never pooled. Only answers of the candidate's own model count.
func (all *Reliable) Of(c Candidate) Reliability {
	return all.best(c.Target, func(r *Reliability) bool { return !c.Known || c.Model.Is(r.Model) })
}

// best is the place of a target, among those that are wanted, that stands for it.
func (all *Reliable) best(target string, wanted func(*Reliability) bool) Reliability {
	if all == nil {
		return Reliability{}
	}
	var best *Reliability
	for _, r := range all.targets[target] {
		if r.N > 0 && wanted(r) && (best == nil || r.N > best.N || r.N == best.N && r.Last.After(best.Last)) {
			best = r
		}
	}
	if best == nil {
		return Reliability{}
	}
	return *best
}

// At are all places, in the order of the names of their targets.
func (all *Reliable) At() []Reliability {
	var places []Reliability
	if all == nil {
		return nil
	}
	for _, target := range slices.Sorted(maps.Keys(all.targets)) {
		for _, p := range all.targets[target] {
			if p.N > 0 {
				places = append(places, *p)
			}
		}
	}
	return places
}

// answer counts an answer of the kinds schema and tools.
func (r *Reliability) answer(result *store.Result) (took, simulated bool) {
	var kept KeptAnswer
	kind := check.Kind(result.Kind)
	classes := check.SchemaClasses()
	of := &r.Schema
	if kind == check.KindTools {
		classes, of = check.ToolClasses(), &r.Tools
	}
	if json.Unmarshal(result.Data, &kept) != nil || !slices.Contains(classes, kept.Class) {
		return false, false
	}
	if kept.Enforced && kind == check.KindSchema {
		of = &r.Enforced
	}
	of.count(Example{
		At: result.At, Kind: kind, Case: result.Case, Class: kept.Class, Enforced: kept.Enforced,
		Detail: probe.Sanitize(kept.Detail, longestDetail), Answer: probe.Sanitize(kept.Example, longestDetail), Simulated: kept.Simulated,
	})
	return true, kept.Simulated
}

// count adds an answer; the rate of the day is that of its last entry as answers come
// in the order of time.
func (c *Checked) count(e Example) {
	if c.Classes == nil {
		c.Classes = map[check.Class]int{}
	}
	c.Classes[e.Class]++
	bad := 0
	if countsAsBad(e.Kind, e.Class) {
		bad = 1
	}
	c.Bad = stats.RateOf(c.Bad.Hits+bad, c.Bad.N+1)
	if e.At.After(c.Last) {
		c.Last = e.At
	}
	day := e.At.UTC().Truncate(24 * time.Hour)
	if n := len(c.Days); n == 0 || !c.Days[n-1].Day.Equal(day) {
		c.Days = append(c.Days, DayShare{Day: day})
	}
	last := &c.Days[len(c.Days)-1]
	last.Rate = stats.RateOf(last.Hits+bad, last.N+1)
	if e.Class == check.Right {
		return
	}
	i := slices.IndexFunc(c.Examples, func(old Example) bool { return old.Class == e.Class })
	if i < 0 {
		c.Examples = append(c.Examples, e)
		return
	}
	c.Examples[i] = e
}

// task takes a task of one's own; where it was answered more than once the latest
// counts.
func (r *Reliability) task(result *store.Result) bool {
	var paid check.Paid
	if json.Unmarshal(result.Data, &paid) != nil || paid.Key == "" {
		return false
	}
	var correct bool
	switch {
	case paid.Correct != nil:
		correct = *paid.Correct
	case result.Score.Known: // kept before it was said
		correct = result.Score.Value >= 1
	default:
		return false
	}
	at := result.At
	if !paid.At.IsZero() { // it may have been graded anew long after it was answered
		at = paid.At
	}
	if result.At.Sub(at) > ResultsBack {
		return false
	}
	_, again := r.tasks[paid.Key]
	r.tasks[paid.Key] = solvedTask{at, correct}
	return !again
}

// grid takes a grid of recall: the newest counts.
func (r *Reliability) grid(result *store.Result) (took, simulated bool) {
	var kept KeptRecall
	if json.Unmarshal(result.Data, &kept) != nil || len(kept.Cells) == 0 || len(kept.Cells) > mostCells {
		return false, false
	}
	g, ok := GridOf(result.At, kept.Cells, kept.Limit, kept.Shown)
	if !ok {
		return false, false
	}
	r.Recall = g
	return true, kept.Simulated
}

// GridOf is a grid of its cells, those of one length one after another, with the
// practical limit that it showed, nil for none; upper says that a longer one is known
// not to hold. false where a cell makes no sense.
func GridOf(at time.Time, cells []RecallCell, limit *int64, upper bool) (*RecallGrid, bool) {
	g := &RecallGrid{At: at, Upper: upper}
	if limit != nil && *limit > 0 && *limit < mostTokensSeen {
		g.Limit = probe.Known(*limit)
	}
	for _, c := range cells {
		if !g.add(c) {
			return nil, false
		}
	}
	return g, true
}

// add takes a cell; false where it makes no sense. Lengths come one after another.
func (g *RecallGrid) add(c RecallCell) bool {
	length := int64(c.Aimed)
	if c.Tokens != nil {
		length = *c.Tokens
	}
	share := 0.0
	if c.Recall != nil {
		share = *c.Recall
	}
	if length <= 0 || length > mostTokensSeen || !(c.Depth >= 0 && c.Depth <= 1) || !(share >= 0 && share <= 1) || c.N < 0 || c.N > mostCellAsked {
		return false
	}
	if n := len(g.Lengths); n == 0 || g.Lengths[n-1] != length {
		g.Lengths, g.Cells = append(g.Lengths, length), append(g.Cells, make([]stats.Rate, len(g.Depths)))
	}
	depth := slices.Index(g.Depths, c.Depth)
	if depth < 0 {
		depth = len(g.Depths)
		g.Depths = append(g.Depths, c.Depth)
		for i := range g.Cells {
			g.Cells[i] = append(g.Cells[i], stats.RateOf(0, 0))
		}
	}
	g.Cells[len(g.Cells)-1][depth] = stats.RateOf(int(math.Round(share*float64(c.N))), c.N)
	return true
}

// conclude works out what needs all answers.
func (r *Reliability) conclude() {
	hits := 0
	for _, t := range r.tasks {
		if t.at.After(r.Solved) {
			r.Solved = t.at
		}
		if t.correct {
			hits++
		}
	}
	r.Accuracy = stats.RateOf(hits, len(r.tasks))
	for _, c := range []*Checked{&r.Schema, &r.Enforced, &r.Tools} {
		slices.SortStableFunc(c.Examples, func(a, b Example) int { return b.At.Compare(a.At) })
	}
}

// ByDefault is the JSON that a malformed rate is given of: what the model does by
// itself, which every target can be asked for, else what its endpoint enforces.
func (r *Reliability) ByDefault() (c *Checked, enforced bool) {
	if r.Schema.Bad.N == 0 && r.Enforced.Bad.N > 0 {
		return &r.Enforced, true
	}
	return &r.Schema, false
}

// For is the JSON that counts where features are needed: what is enforced where a
// schema is one of them.
func (r *Reliability) For(needs []costmodel.Feature) (c *Checked, enforced bool) {
	if slices.Contains(needs, costmodel.JSONSchema) && r.Enforced.Bad.N > 0 {
		return &r.Enforced, true
	}
	return r.ByDefault()
}

// Examples are those of all kinds, the newest first.
func (r *Reliability) Examples() []Example {
	all := slices.Concat(r.Schema.Examples, r.Enforced.Examples, r.Tools.Examples)
	slices.SortStableFunc(all, func(a, b Example) int { return b.At.Compare(a.At) })
	return all
}

// RateMetric is a share as the cost model has a figure; unknown where there were no
// attempts.
func RateMetric(r stats.Rate) costmodel.Metric {
	if r.N == 0 {
		return costmodel.Metric{}
	}
	return costmodel.Metric{Value: r.Value(), Lo: r.Lo, Hi: r.Hi, N: r.N, Hits: r.Hits, Basis: costmodel.Measured}
}

// setReliability fills in what graded answers say. What was measured goes before what
// the person states.
func (r *Row) setReliability(all *Reliable) {
	r.Quality = r.Candidate.Quality
	r.Reliability = all.Of(r.Candidate)
	c, _ := r.Reliability.ByDefault()
	r.Malformed, r.ToolErrors = RateMetric(c.Bad), RateMetric(r.Reliability.Tools.Bad)
	if measured := RateMetric(r.Reliability.Accuracy); measured.Known() {
		r.Quality = measured
	}
}
