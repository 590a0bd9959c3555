package dashboard

import (
	"context"
	"time"

	"costping/store"
	"costping/ui/compare"
)

const driftKey = "drift"

// driftEvery is how often the rows are held beside what was approved: it reads a day of
// samples.
const driftEvery = time.Minute

// driftQuestion asks how the rows stand to what was approved.
func (m *Model) driftQuestion() question {
	candidates, now := m.candidates(), m.opts.Now()
	return question{driftKey, driftEvery, func(ctx context.Context, h store.History) (any, error) {
		return m.opts.Drift(ctx, h, candidates, now)
	}}
}

// drifts are the answer; nil before there is one.
func (m *Model) drifts() *compare.Drifts {
	found, _ := answer[*compare.Drifts](&m.answers, driftKey)
	return found
}
