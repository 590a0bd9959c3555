package snapshot

import (
	"errors"
	"fmt"
	"math"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/ui/compare"
)

// Graded is what answers came to that were graded within compare.ResultsBack before
// the end of the window. What was not asked for is nil.
type Graded struct {
	// N counts the answers, Simulated those of them that nobody was asked for; Last is
	// the newest.
	N         int       `json:"n"`
	Simulated int       `json:"simulated"`
	Last      time.Time `json:"last_at"`
	// Malformed is the share of JSON that was not to the schema where nothing enforced
	// it, Enforced where the endpoint was to: the two are never one rate.
	Malformed *Share `json:"malformed"`
	Enforced  *Share `json:"malformed_enforced"`
	// ToolErrors is the share of calls that were not right, Accuracy that of one's own
	// tasks that were solved.
	ToolErrors *Share  `json:"tool_errors"`
	Accuracy   *Share  `json:"accuracy"`
	Recall     *Recall `json:"recall"`
}

// Share is Hits of N with its 95 % Wilson interval from 0 to 1.
type Share struct {
	Hits int     `json:"hits"`
	N    int     `json:"n"`
	Lo   float64 `json:"lo"`
	Hi   float64 `json:"hi"`
	// Last is when the newest of them came.
	Last time.Time `json:"last_at"`
}

// Recall is the newest grid of recall of facts.
type Recall struct {
	At time.Time `json:"at"`
	// Limit is the longest request in tokens whose recall holds the floor at every
	// depth, nil where none is shown; Upper says that a longer one is known not to.
	Limit *int64 `json:"limit_tokens"`
	Upper bool   `json:"limit_is_upper"`
	// Cells are those that something is known of, by length and then depth.
	Cells []Cell `json:"cells"`
}

// Cell is one length of a request and one depth in it, 0 to 1.
type Cell struct {
	Tokens int64   `json:"tokens"`
	Depth  float64 `json:"depth"`
	Hits   int     `json:"hits"`
	N      int     `json:"n"`
}

// gradedOf writes down what graded answers came to; nil where there are none.
func gradedOf(r compare.Reliability) *Graded {
	if r.N == 0 {
		return nil
	}
	doc := &Graded{
		N: r.N, Simulated: r.Simulated, Last: r.Last.UTC(),
		Malformed: shareOfRate(r.Schema.Bad, r.Schema.Last), Enforced: shareOfRate(r.Enforced.Bad, r.Enforced.Last),
		ToolErrors: shareOfRate(r.Tools.Bad, r.Tools.Last), Accuracy: shareOfRate(r.Accuracy, r.Solved),
	}
	if g := r.Recall; g != nil {
		doc.Recall = &Recall{At: g.At.UTC(), Upper: g.Upper, Cells: []Cell{}}
		if g.Limit.Known {
			doc.Recall.Limit = &g.Limit.Value
		}
		for i, length := range g.Lengths {
			for d, rate := range g.Cells[i] {
				if rate.N > 0 {
					doc.Recall.Cells = append(doc.Recall.Cells, Cell{length, g.Depths[d], rate.Hits, rate.N})
				}
			}
		}
	}
	return doc
}

func shareOfRate(r stats.Rate, last time.Time) *Share {
	if r.N == 0 {
		return nil
	}
	return &Share{r.Hits, r.N, places(r.Lo), places(r.Hi), last.UTC()}
}

// places is a share to six of them.
func places(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// Rate is the share with its interval worked out anew; that of nothing is known where
// there is none.
func (s *Share) Rate() stats.Rate {
	if s == nil {
		return stats.RateOf(0, 0)
	}
	return stats.RateOf(s.Hits, s.N)
}

func (s *Share) last() time.Time {
	if s == nil {
		return time.Time{}
	}
	return s.Last
}

// grid is the recall as the view model has it.
func (r *Recall) grid() (*compare.RecallGrid, bool) {
	if r == nil {
		return nil, true
	}
	cells := make([]compare.RecallCell, len(r.Cells))
	for i, c := range r.Cells {
		share := float64(c.Hits) / float64(max(1, c.N))
		cells[i] = compare.RecallCell{Aimed: int(c.Tokens), Depth: c.Depth, N: c.N, Recall: &share}
	}
	return compare.GridOf(r.At, cells, r.Limit, r.Upper)
}

// reliability is what was graded as the view model has it.
func (row *Row) reliability() compare.Reliability {
	g := row.Graded
	checked := func(s *Share) compare.Checked { return compare.Checked{Bad: s.Rate(), Last: s.last()} }
	r := compare.Reliability{
		Target: row.Target, N: g.N, Simulated: g.Simulated, Last: g.Last,
		Schema: checked(g.Malformed), Enforced: checked(g.Enforced), Tools: checked(g.ToolErrors),
		Accuracy: g.Accuracy.Rate(), Solved: g.Accuracy.last(),
	}
	if row.Model != nil { // so that it is known to be of the row's own model
		r.Model = row.Model.ID
	}
	r.Recall, _ = g.Recall.grid() // checked where it was read
	return r
}

// Reliable is what graded answers come to.
func (r *Record) Reliable() *compare.Reliable {
	var places []compare.Reliability
	for i := range r.Rows {
		if r.Rows[i].Graded != nil {
			places = append(places, r.Rows[i].reliability())
		}
	}
	return compare.ReliableAt(places...)
}

// Reliable implements compare.Grader: a record knows the rates and not the answers.
func (h *held) Reliable() *compare.Reliable { return h.record.Reliable() }

// check reports what contradicts itself.
func (g *Graded) check(quality *Figure) error {
	if g == nil {
		return nil
	}
	if g.Simulated > g.N {
		return errors.New("more answers are simulated than there are")
	}
	for _, one := range []struct {
		name string
		*Share
	}{{"malformed", g.Malformed}, {"malformed_enforced", g.Enforced}, {"tool_errors", g.ToolErrors}, {"accuracy", g.Accuracy}} {
		if err := one.check(); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}
	if a := g.Accuracy; a != nil && (quality == nil || quality.Basis != costmodel.Measured.String() || quality.Hits != a.Hits || quality.N != a.N) {
		return errors.New("its quality is not its accuracy")
	}
	if g.Recall == nil {
		return nil
	}
	for _, c := range g.Recall.Cells {
		if c.Hits > c.N {
			return errors.New("recall: more facts are found than were asked for")
		}
	}
	if _, ok := g.Recall.grid(); !ok {
		return errors.New("recall: a cell makes no sense")
	}
	return nil
}

// check holds the interval against the counts: it follows from them.
func (s *Share) check() error {
	if s == nil {
		return nil
	}
	const rounding = 1e-5
	r := s.Rate()
	switch {
	case s.Hits > s.N || s.N == 0:
		return fmt.Errorf("%d of %d is no share", s.Hits, s.N)
	case math.Abs(r.Lo-s.Lo) > rounding || math.Abs(r.Hi-s.Hi) > rounding:
		return errors.New("its interval is not that of its counts")
	}
	return nil
}

// RecallText is the practical limit of the row's recall, "" where none was measured.
func (row *Row) RecallText() string {
	if row.Graded == nil || row.Graded.Recall == nil {
		return ""
	}
	g := compare.RecallGrid{Upper: row.Graded.Recall.Upper}
	if limit := row.Graded.Recall.Limit; limit != nil {
		g.Limit = probe.Known(*limit)
	}
	return compare.LimitText(&g)
}
