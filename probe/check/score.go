package check

import (
	"fmt"
	"math"

	"costping/probe"
	"costping/probe/stats"

	"github.com/shopspring/decimal"
)

// Score is what the tasks come to with one target.
type Score struct {
	Target probe.Target
	// Accuracy is the share of graded answers that are correct.
	Accuracy stats.Rate
	// Answered counts the answers, Reused those that had been paid for before,
	// Ungraded those that could not be graded.
	Answered, Reused, Ungraded int
	Unanswered                 map[probe.Outcome]int
	// GaveUp says why fewer were asked, "" where they were not.
	GaveUp string
	// USD is what the answers cost, whenever they were paid for, Unpriced how many
	// of them nobody knows the price of. Spent is what this run has cost.
	USD      decimal.Decimal
	Unpriced int
	Spent    decimal.Decimal
	// E2E are the times of whole answers, in milliseconds.
	E2E []float64
	// Problems are the first reasons why answers could not be graded or kept.
	Problems []string

	correct map[int]bool // by task, of the graded
}

// per is what was paid over a number of answers; unknown where a price is.
func (s *Score) per(n int) decimal.NullDecimal {
	if n == 0 || s.Unpriced > 0 {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(s.USD.DivRound(decimal.NewFromInt(int64(n)), 12))
}

// USDPerTask is what an answer costs; unknown where a price is.
func (s *Score) USDPerTask() decimal.NullDecimal { return s.per(s.Answered) }

// USDPerCorrect is what a correct answer costs, all others paid for; unknown where
// there is none.
func (s *Score) USDPerCorrect() decimal.NullDecimal { return s.per(s.Accuracy.Hits) }

// mostProblems is how many reasons are kept.
const mostProblems = 3

// Scores are those of all targets of a run.
type Scores []*Score

// NewScores are those of no answers.
func NewScores(targets []probe.Target) Scores {
	all := make(Scores, len(targets))
	for i, t := range targets {
		all[i] = &Score{Target: t, Accuracy: stats.RateOf(0, 0), Unanswered: map[probe.Outcome]int{}, correct: map[int]bool{}}
	}
	return all
}

// Add counts a result.
func (all Scores) Add(r Solved) {
	s := all[r.Target]
	s.Spent = s.Spent.Add(r.Spent)
	if r.Unkept != nil {
		s.problem("not stored: " + r.Unkept.Error())
	}
	if !r.Answered {
		if r.Sample.Outcome != probe.Cancelled {
			s.Unanswered[r.Sample.Outcome]++
		}
		return
	}
	s.Answered++
	if r.Reused {
		s.Reused++
	}
	if r.Paid.USD.Valid {
		s.USD = s.USD.Add(r.Paid.USD.Decimal)
	} else {
		s.Unpriced++
	}
	if r.Paid.E2E.Known {
		s.E2E = append(s.E2E, r.Paid.E2E.Value)
	}
	if !r.Graded {
		s.Ungraded++
		s.problem(r.Err.Error())
		return
	}
	s.correct[r.Task] = r.Correct
	hits := 0
	for _, correct := range s.correct {
		if correct {
			hits++
		}
	}
	s.Accuracy = stats.RateOf(hits, len(s.correct))
}

func (s *Score) problem(text string) {
	if len(s.Problems) < mostProblems {
		s.Problems = append(s.Problems, probe.Sanitize(text, maxDetail))
	}
}

// Margin is the rule of thumb for moving to the cheaper of two models: it is worth
// it where it is no more than this much less accurate.
const Margin = 0.05

// Pair is two targets on the tasks that both have a graded answer to.
type Pair struct {
	// A is the dearer of the two where both prices are known, else the one that was
	// named first. Cheaper says that B is known to cost less.
	A, B    *Score
	Cheaper bool
	stats.Paired
	// Judgement is B's standing beside the margin: inside where it is shown to be no
	// more than that much less accurate than A.
	stats.Judgement
}

// Pairs compares each two targets.
func (all Scores) Pairs() []Pair {
	var pairs []Pair
	for i, a := range all {
		for _, b := range all[i+1:] {
			pairs = append(pairs, pairOf(a, b))
		}
	}
	return pairs
}

func pairOf(a, b *Score) Pair {
	costA, costB := a.USDPerTask(), b.USDPerTask()
	known := costA.Valid && costB.Valid
	if known && costA.Decimal.LessThan(costB.Decimal) {
		a, b, costA, costB = b, a, costB, costA
	}
	p := Pair{A: a, B: b, Cheaper: known && costB.Decimal.LessThan(costA.Decimal)}
	var both, onlyA, onlyB, neither int
	for task, right := range a.correct {
		other, graded := b.correct[task]
		switch {
		case !graded:
		case right && other:
			both++
		case right:
			onlyA++
		case other:
			onlyB++
		default:
			neither++
		}
	}
	p.Paired = stats.PairedOf(both, onlyA, onlyB, neither)
	p.Judgement = p.AtLeast(-Margin)
	return p
}

// Verdict says what the pair comes to by the rule of the margin, in points of a
// hundred, with its uncertainty.
func (p *Pair) Verdict() string {
	if p.N == 0 {
		return "no task was graded for both"
	}
	points := fmt.Sprintf("%+.1f, 95 %% %s..%s", 100*p.Value, point(p.Lo), point(p.Hi))
	within := "within 5 points"
	if 20*(p.OnlyA-p.OnlyB) > p.N { // whole numbers: the margin itself is within
		within = "more than 5 points worse"
	}
	switch {
	case p.Standing == stats.Inside:
		return fmt.Sprintf("within 5 points (%s)", points)
	case p.Standing == stats.Outside:
		return fmt.Sprintf("more than 5 points worse (%s)", points)
	case p.More == stats.Never:
		return fmt.Sprintf("%s (%s is not enough, and more tasks like these would not show it)", within, points)
	}
	return fmt.Sprintf("%s (%s is not enough: %d more %s)", within, points, p.More, map[bool]string{true: "task", false: "tasks"}[p.More == 1])
}

// point is a share in points of a hundred, without a minus before nothing.
func point(share float64) string {
	rounded := math.Round(1000*share) / 10
	return fmt.Sprintf("%.1f", rounded+0)
}
