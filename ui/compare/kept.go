package compare

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"costping/probe"
	"costping/probe/check"
	"costping/probe/stats"
	"costping/store"

	"github.com/shopspring/decimal"
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

// KeepAnswer is an answer as it is kept, without the seed of its case.
func KeepAnswer(s check.Series, a check.Answer) KeptAnswer {
	k := KeptAnswer{Class: a.Class, Enforced: s.Enforced, Fields: a.Fields, Of: a.Of, Detail: a.Detail, Example: a.Example}
	if a.Sample.E2E.Known {
		ms := threePlaces(probe.Milliseconds(a.Sample.E2E.Value))
		k.E2E = &ms
	}
	if a.Unpriced == 0 {
		usd := a.USD.String()
		k.USD = &usd
	}
	return k
}

// KeptEmbedding is what the history keeps of embedding, and a row of
// costping.embedding-probe/1.
type KeptEmbedding struct {
	Target     string      `json:"target"`
	Dimensions *int        `json:"dimensions"`
	Batches    []KeptBatch `json:"batches"`
	// Related of Triples texts lie nearer to one of the same meaning.
	Related    int            `json:"related"`
	Triples    int            `json:"triples"`
	Tokens     int64          `json:"input_tokens"`
	USD        *string        `json:"usd"`
	USDPer1M   *string        `json:"usd_per_1m_tokens"`
	Unanswered map[string]int `json:"unanswered"`
	GivenUp    *string        `json:"given_up"`
}

// KeptBatch is how long requests of one size took, in milliseconds; null where that
// is not earned.
type KeptBatch struct {
	Size  int         `json:"texts"`
	N     int         `json:"n"`
	P50   *float64    `json:"p50_ms"`
	P50CI *[2]float64 `json:"p50_ci_ms"`
	MaxMs *float64    `json:"max_ms"`
}

// KeepEmbedding is the tally as it is kept.
func KeepEmbedding(t *check.EmbeddingTally) KeptEmbedding {
	k := KeptEmbedding{
		Target: t.Target.Name, Batches: []KeptBatch{}, Related: t.Related.Hits, Triples: t.Related.N, Tokens: t.Tokens,
		USDPer1M: moneyText(t.USDPerMillion()), Unanswered: map[string]int{},
		USD: moneyText(decimal.NullDecimal{Decimal: t.USD, Valid: t.Unpriced == 0}),
	}
	if t.Dimensions > 0 {
		k.Dimensions = &t.Dimensions
	}
	if t.GaveUp != "" {
		k.GivenUp = &t.GaveUp
	}
	for outcome, n := range t.Unanswered {
		k.Unanswered[outcome.String()] = n
	}
	for _, b := range t.Batches {
		batch := KeptBatch{Size: b.Size, N: len(b.E2E)}
		if q := stats.QuantileOf(stats.Sort(b.E2E), 0.5); len(b.E2E) > 0 {
			slowest, middle := threePlaces(q.Max), threePlaces(q.Value)
			if batch.MaxMs = &slowest; q.Earned() {
				batch.P50, batch.P50CI = &middle, &[2]float64{threePlaces(q.Lo), threePlaces(q.Hi)}
			}
		}
		k.Batches = append(k.Batches, batch)
	}
	return k
}

// moneyText is an amount to ten places, nil where it is not known.
func moneyText(usd decimal.NullDecimal) *string {
	if !usd.Valid {
		return nil
	}
	text := usd.Decimal.Round(10).String()
	return &text
}

// threePlaces is what the history keeps of milliseconds.
func threePlaces(v float64) float64 { return math.Round(v*1000) / 1000 }

// KeptOf is what is kept of a target under the name of a case; limit is the cap on
// its answer in tokens, 0 for none.
func KeptOf(t probe.Target, kind check.Kind, limit int, name string, at time.Time, score probe.Measured[float64], data any) (store.Result, error) {
	text, err := json.Marshal(data)
	s := probe.Sample{Target: t.Identity(), Profile: string(kind), Cap: limit, Concurrency: 1}
	return store.Result{At: at.UTC(), Series: store.SeriesOf(s), Kind: string(kind), Case: name, Score: score, Data: text}, err
}

// ScoreOf is that of an answer: 1 for the right one.
func ScoreOf(c check.Class) probe.Measured[float64] {
	if c == check.Right {
		return probe.Known(1.0)
	}
	return probe.Known(0.0)
}
