package compare

import (
	"strconv"

	"costping/probe"
	"costping/probe/check"
	"costping/probe/stats"
)

// KeptAnswer is what the history keeps of an answer of the kinds schema and tools, as
// the data of its result.
type KeptAnswer struct {
	Class check.Class `json:"class"`
	// Enforced says that the endpoint was to keep the answer to the schema.
	Enforced bool `json:"enforced"`
	// Fields counts the expected values that are right, of Of.
	Fields int `json:"fields_right"`
	Of     int `json:"fields"`
	// Detail says what is wrong; Example is the sanitised beginning of the answer.
	Detail  string   `json:"detail,omitempty"`
	Example string   `json:"example,omitempty"`
	USD     *string  `json:"usd"`
	E2E     *float64 `json:"e2e_ms"`
	Seed    uint64   `json:"seed,omitempty"`
	// Simulated says that nobody was asked.
	Simulated bool `json:"simulated,omitempty"`
}

// KeptRecall is what the history keeps of a grid of the kind context, and a row of
// costping.context-probe/1.
type KeptRecall struct {
	Target string       `json:"target"`
	Each   int          `json:"n_per_cell"`
	Cells  []RecallCell `json:"cells"`
	// Limit is the longest length whose recall holds the floor at every depth,
	// Shown that a longer one is known not to.
	Limit      *int64         `json:"practical_limit_tokens"`
	Shown      bool           `json:"practical_limit_is_upper"`
	Floor      float64        `json:"recall_floor"`
	Window     *int64         `json:"window_tokens"`
	Refused    bool           `json:"window_exceeded"`
	Published  *int64         `json:"published_window_tokens"`
	Practical  *[2]int64      `json:"published_practical_tokens"`
	Stopped    *string        `json:"stopped"`
	Requests   int            `json:"requests"`
	Unanswered map[string]int `json:"unanswered"`
	USD        *string        `json:"usd"`
	Simulated  bool           `json:"simulated,omitempty"`
}

// RecallCell is one length and depth of it. Recall and its interval are null where
// nothing was answered.
type RecallCell struct {
	Aimed  int         `json:"aimed_tokens"`
	Tokens *int64      `json:"tokens"`
	Depth  float64     `json:"depth"`
	N      int         `json:"n"`
	Recall *float64    `json:"recall"`
	CI     *[2]float64 `json:"recall_ci"`
}

// KeepRecall is a grid as it is kept, without what others say of the model and
// without what it cost.
func KeepRecall(t *check.RecallTally) KeptRecall {
	k := KeptRecall{
		Target: t.Target.Name, Each: t.Grid.Each, Cells: []RecallCell{}, Limit: counted(t.Limit()), Shown: t.Shown(), Floor: check.RecallFloor,
		Window: counted(t.Window), Refused: t.Refused, Requests: t.Requests, Unanswered: map[string]int{},
	}
	if t.Stopped != "" {
		k.Stopped = &t.Stopped
	}
	for outcome, n := range t.Unanswered {
		k.Unanswered[outcome.String()] = n
	}
	for _, r := range t.Rows {
		for d, rate := range r.Recall {
			k.Cells = append(k.Cells, cellOf(RecallCell{Aimed: r.Asked, Tokens: counted(r.Tokens), Depth: t.Grid.Depths[d]}, rate))
		}
	}
	return k
}

func cellOf(c RecallCell, rate stats.Rate) RecallCell {
	if c.N = rate.N; c.N > 0 {
		recall := sixPlaces(rate.Value())
		c.Recall, c.CI = &recall, &[2]float64{sixPlaces(rate.Lo), sixPlaces(rate.Hi)}
	}
	return c
}

// sixPlaces is a share to six places.
func sixPlaces(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 6, 64), 64)
	if err != nil {
		return v
	}
	return rounded
}

func counted(n probe.Measured[int64]) *int64 {
	if !n.Known {
		return nil
	}
	return &n.Value
}
