package dashboard

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"costping/costmodel"
	"costping/ui/compare"
)

// need is one thing that may be asked of a model. Its steps go from what asks for the
// least to what asks for the most.
type need struct {
	name  string
	steps []float64
	// falls says that the smaller figure asks for more: a ceiling.
	falls bool
	text  func(float64) string
	put   func(q *costmodel.Constraints, v float64)
	// metric is the limit of the table that is the same, "" for none; feature that
	// which is needed or not.
	metric  compare.LimitMetric
	feature costmodel.Feature
	// level is which step is asked for, from 1; 0 is none.
	level int
}

// newNeeds are all needs, those asked for that the limits of every row ask for.
func newNeeds(limits []compare.Limit) []need {
	needs := append(ceilings(), floors()...)
	for _, f := range costmodel.Features() {
		needs = append(needs, need{
			name: string(f), steps: []float64{1}, feature: f,
			text: func(float64) string { return "needed" },
			put:  func(q *costmodel.Constraints, _ float64) { q.Needs = append(q.Needs, f) },
		})
	}
	for _, l := range limits {
		for _, b := range l.Bounds {
			for i := range needs {
				if n := &needs[i]; l.Target == "*" && n.metric == b.Metric {
					n.ask(boundOf(b))
				}
			}
		}
	}
	return needs
}

// boundOf is what a bound is set to, as a need has it.
func boundOf(b compare.Bound) float64 {
	if b.Metric == compare.LimitMaxMonthly {
		return b.USD.Float64()
	}
	return b.Value
}

func ceilings() []need {
	return []need{
		{
			name: "first token p95", falls: true, steps: []float64{10_000, 5000, 3000, 2000, 1500, 1200, 1000, 800, 600, 500, 400, 300, 200},
			text: func(v float64) string { return "≤ " + compare.Millis(v) + " ms" }, metric: compare.LimitTTFTp95,
			put: func(q *costmodel.Constraints, v float64) { q.MaxTTFTp95 = &v },
		},
		{
			name: "malformed", falls: true, steps: []float64{0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001},
			text: func(v float64) string { return fmt.Sprintf("≤ %.3g%%", v*100) }, metric: compare.LimitMaxMalformed,
			put: func(q *costmodel.Constraints, v float64) { q.MaxMalformed = &v },
		},
		{
			name: "spend a month", falls: true, metric: compare.LimitMaxMonthly,
			steps: []float64{1e6, 500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10},
			text:  func(v float64) string { return "≤ $" + dollars(v).Format(0) },
			put:   func(q *costmodel.Constraints, v float64) { usd := dollars(v); q.MaxMonthly = &usd },
		},
	}
}

func floors() []need {
	return []need{
		{
			name: "tokens a second", steps: []float64{10, 20, 30, 40, 50, 60, 80, 100, 120, 150, 200, 300, 500},
			text: func(v float64) string { return fmt.Sprintf("≥ %g", v) }, metric: compare.LimitMinThroughput,
			put: func(q *costmodel.Constraints, v float64) { q.MinSpeed = &v },
		},
		{
			name: "quality", steps: []float64{0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.95, 0.98},
			text: func(v float64) string { return fmt.Sprintf("≥ %.2f", v) }, metric: compare.LimitMinQuality,
			put: func(q *costmodel.Constraints, v float64) { q.MinQuality = &v },
		},
		{
			name: "context", steps: []float64{8000, 16_000, 32_000, 64_000, 100_000, 128_000, 200_000, 500_000, 1_000_000},
			text: func(v float64) string { return "≥ " + costmodel.FormatTokens(new(big.Rat).SetFloat64(v)) },
			put:  func(q *costmodel.Constraints, v float64) { q.MinContext = int64(v) },
		},
	}
}

// dollars is an amount that a step or a limit has, to the cent.
func dollars(v float64) costmodel.USD {
	usd, err := costmodel.ParseUSD(strconv.FormatFloat(v, 'f', 2, 64))
	if err != nil { // not reached: steps are plain amounts
		return costmodel.USD{}
	}
	return usd
}

// ask sets the need to a value, which becomes a step where it is none.
func (n *need) ask(v float64) {
	order := func(a, b float64) int {
		if n.falls {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	}
	at, found := slices.BinarySearchFunc(n.steps, v, order)
	if !found {
		n.steps = slices.Insert(slices.Clone(n.steps), at, v)
	}
	n.level = at + 1
}

// begin asks for the most that a figure still meets, of a ceiling; for the least where
// it meets none.
func (n *need) begin(v float64) {
	n.level = 1
	for i, step := range n.steps {
		if step >= v {
			n.level = i + 1
		}
	}
}

// turn asks for more, or for less where by is negative.
func (n *need) turn(by int) { n.level = max(0, min(n.level+by, len(n.steps))) }

// shown is what is asked for.
func (n *need) shown() string {
	if n.level == 0 {
		return "off"
	}
	return n.text(n.steps[n.level-1])
}

// constraintsOf are the needs together.
func constraintsOf(needs []need) costmodel.Constraints {
	var q costmodel.Constraints
	for i := range needs {
		if n := &needs[i]; n.level > 0 {
			n.put(&q, n.steps[n.level-1])
		}
	}
	return q
}
