package check

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"costping/probe"
	"costping/probe/stats"

	"github.com/shopspring/decimal"
)

// Grid is what recall is measured over.
type Grid struct {
	// Lengths are those of the requests in tokens, rising: what is aimed at, for how
	// many tokens a text has is learned from the usage that the target tells.
	Lengths []int
	// Depths are where the fact stands, 0 for the beginning and 1 for the end.
	Depths []float64
	// Each is how many requests each cell of the grid gets.
	Each int
	// Seed of the texts.
	Seed uint64
}

// RecallFloor is the recall that a practical limit asks for: its lower bound has to
// hold it at every depth.
const RecallFloor = 0.9

// EachForLimit is the least number of requests a cell that can show a practical
// limit: fewer leave the lower bound under the floor even where all are right.
func EachForLimit() int {
	n := 1
	for stats.RateOf(n, n).Lo < RecallFloor {
		n++
	}
	return n
}

const (
	// shortestRequest and longestByDefault are the ends of the lengths where none
	// are given, shortestAllowed and longestAllowed of those that are, in tokens.
	shortestRequest  = 1000
	longestByDefault = 64_000
	shortestAllowed  = 100
	longestAllowed   = 1_500_000
)

// Lengths are those of a grid of which nobody has said them: four times the one
// before, up to the window in tokens, 0 for one that nobody knows.
func Lengths(window int64) []int {
	longest := longestByDefault
	if window > 0 {
		longest = min(longest, int(window)-1000) // the answer needs room as well
	}
	var lengths []int
	for n := shortestRequest; n <= longest; n *= 4 {
		lengths = append(lengths, n)
	}
	return lengths
}

// LengthsRise reports whether lengths can be those of a grid: rising, and such as
// somebody could mean.
func LengthsRise(lengths []int) bool {
	last := 0
	for _, n := range lengths {
		if n < shortestAllowed || n > longestAllowed || n <= last {
			return false
		}
		last = n
	}
	return len(lengths) > 0
}

// Depths are where the fact stands.
func Depths() []float64 { return []float64{0, 0.25, 0.5, 0.75, 1} }

// firstRatio is how many tokens a word has before a target has told: more than the
// vocabularies in use make of this text.
const firstRatio = 1.5

// recallTokens is the cap on an answer of six digits.
const recallTokens = 64

// question is one request of the grid, of a length at a number of tokens a word.
func (g *Grid) question(t probe.Target, length int, depth float64, seed uint64, ratio float64) (q probe.Question, code string) {
	prompt, code := haystack(seed, max(1, int(float64(length)/ratio)-40), depth)
	return probe.Question{
		Target: t, Kind: fmt.Sprintf("%s-%d", KindContext, length), MaxTokens: recallTokens,
		Messages: []probe.Message{{Role: probe.RoleUser, Text: prompt}},
	}, code
}

// Estimate is about what the whole grid costs, in USD: lengths are kept to within a
// tenth of what is aimed at, once a target has told how it counts. price is that of
// a request by its tokens.
func (g *Grid) Estimate(price func(in, out int64) decimal.Decimal) decimal.Decimal {
	var sum decimal.Decimal
	for _, length := range g.Lengths {
		sum = sum.Add(price(int64(length)*11/10, recallTokens).Mul(decimal.NewFromInt(int64(len(g.Depths) * g.Each))))
	}
	return sum
}

// Requests is how many the whole grid takes.
func (g *Grid) Requests() int { return len(g.Lengths) * len(g.Depths) * g.Each }

// RecallRow is one length.
type RecallRow struct {
	// Asked is the length that was aimed at, Tokens the middle one of those that the
	// target counted.
	Asked  int
	Tokens probe.Measured[int64]
	// Recall is by depth, as in the grid.
	Recall []stats.Rate

	hits, n []int
	counts  []int64
}

// Holds reports whether the lower bound of recall holds the floor at every depth.
func (r *RecallRow) Holds() bool {
	return !slices.ContainsFunc(r.Recall, func(rate stats.Rate) bool { return rate.Lo < RecallFloor })
}

// Fails reports whether recall is shown to be under the floor at some depth.
func (r *RecallRow) Fails() bool {
	return slices.ContainsFunc(r.Recall, func(rate stats.Rate) bool { return rate.Hi < RecallFloor })
}

// RecallTally is the grid of one target.
type RecallTally struct {
	Target probe.Target
	Grid   Grid
	Rows   []RecallRow
	// Window is the longest request that the target says it takes, in tokens, where
	// a longer one was refused. Refused says that one was: it is not held against it.
	Window  probe.Measured[int64]
	Refused bool
	// Stopped says why longer requests were not made, "" where all were.
	Stopped    string
	Requests   int
	USD        decimal.Decimal
	Unpriced   int
	Unanswered map[probe.Outcome]int

	failures int // in a row
}

// Limit is the practical limit: the longest length whose recall holds the floor, as
// the target counts it; unknown where none does.
func (t *RecallTally) Limit() probe.Measured[int64] {
	var limit probe.Measured[int64]
	for i := range t.Rows {
		if r := &t.Rows[i]; r.Holds() && r.Tokens.Known {
			limit = r.Tokens
		}
	}
	return limit
}

// Shown reports whether the limit is an upper one too: a longer length is known to
// fail or to be refused.
func (t *RecallTally) Shown() bool {
	return t.Refused || slices.ContainsFunc(t.Rows, func(r RecallRow) bool { return r.Fails() })
}

// RunContext measures the grid, the short lengths first. It ends where recall is
// shown to be under the floor, or where a request no longer fits the window. took is
// called after each request, by one goroutine at a time.
func RunContext(ctx context.Context, asker probe.Asker, target probe.Target, g Grid, atOnce int, took func(*RecallTally)) *RecallTally {
	t := &RecallTally{Target: target, Grid: g, Unanswered: map[probe.Outcome]int{}}
	ratio := firstRatio
	for i, length := range g.Lengths {
		row := RecallRow{Asked: length, Recall: make([]stats.Rate, len(g.Depths)), hits: make([]int, len(g.Depths)), n: make([]int, len(g.Depths))}
		for d := range row.Recall {
			row.Recall[d] = stats.RateOf(0, 0)
		}
		t.Rows = append(t.Rows, row)
		t.run(ctx, asker, i, &ratio, atOnce, took)
		switch {
		case ctx.Err() != nil:
			return t
		case t.Stopped != "":
		case t.Rows[i].Fails():
			t.Stopped = "recall is under the floor"
		}
		if t.Stopped != "" {
			if slices.Max(t.Rows[i].n) == 0 {
				t.Rows = t.Rows[:i]
			}
			return t
		}
	}
	return t
}

// run measures one length. The first request goes alone: it tells how many tokens a
// word has, and whether so many are taken at all.
func (t *RecallTally) run(ctx context.Context, asker probe.Asker, row int, ratio *float64, atOnce int, took func(*RecallTally)) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	one := func(i int, words float64) {
		d := i % len(t.Grid.Depths)
		seed := t.Grid.Seed + uint64(row)<<32 + uint64(i)
		p := &purse{asker: asker}
		q, code := t.Grid.question(t.Target, t.Grid.Lengths[row], t.Grid.Depths[d], seed, words)
		r := p.ask(ctx, q)
		mu.Lock()
		defer mu.Unlock()
		t.Requests, t.USD, t.Unpriced = t.Requests+p.requests, t.USD.Add(p.usd), t.Unpriced+p.unpriced
		t.add(row, d, r, code)
		if in := r.Sample.Usage.Input; in.Known && in.Value > 0 {
			*ratio = float64(in.Value) / float64(len(strings.Fields(q.Messages[0].Text)))
		}
		if t.Stopped != "" {
			stop()
		}
		took(t)
	}
	one(0, *ratio)
	words := *ratio // as the first request has told it, for all others
	each(ctx, stop, len(t.Grid.Depths)*t.Grid.Each-1, atOnce, func(i int) { one(i+1, words) })
}

// add counts a reply.
func (t *RecallTally) add(row, depth int, r probe.Reply, code string) {
	s := r.Sample
	switch {
	case answered(r):
		t.failures = 0
		at := &t.Rows[row]
		at.n[depth]++
		if found(r.Text, code) {
			at.hits[depth]++
		}
		at.Recall[depth] = stats.RateOf(at.hits[depth], at.n[depth])
		if s.Usage.Input.Known {
			at.counts = append(at.counts, s.Usage.Input.Value)
			at.Tokens = probe.Known(slices.Sorted(slices.Values(at.counts))[len(at.counts)/2])
		}
	case s.Outcome == probe.BadRequest && tooLong.MatchString(s.Error):
		t.Refused, t.Stopped = true, "longer than the window"
		if m := windowOf.FindStringSubmatch(strings.ReplaceAll(s.Error, ",", "")); m != nil {
			n, _ := strconv.ParseInt(m[1]+m[2], 10, 64) // nine digits at most
			t.Window = probe.Known(n)
		}
	case s.Outcome == probe.Cancelled:
	default:
		t.Unanswered[s.Outcome]++
		t.failures++
		if s.Outcome == probe.Skipped || s.Outcome == probe.Auth || s.Outcome == probe.NotFound || t.failures >= failuresInARow {
			t.Stopped = s.Error
		}
	}
}

var (
	// tooLong is said of a request that does not fit.
	tooLong = regexp.MustCompile(`(?i)context|too long|too large|too many tokens|exceeds?\b|^413\b|maximum.{0,40}tokens`)
	// windowOf finds the window in such words.
	windowOf = regexp.MustCompile(`(?i)(?:maximum|max|limit|up to|window)[^0-9]{0,40}(\d{3,9})\b|(\d{3,9}) (?:tokens? )?(?:maximum|max|limit)\b`)
)

// found reports whether an answer holds the code, whatever is put between its
// digits.
func found(text, code string) bool {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r == ' ' || r == '-' || r == ',':
			return -1
		}
		return '.'
	}, text)
	return strings.Contains("."+digits+".", "."+code+".")
}
