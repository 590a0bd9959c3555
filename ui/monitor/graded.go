package monitor

import (
	"context"
	"slices"
	"time"

	"costping/store"
	"costping/ui/compare"
)

// gradedEvery is how often graded answers are read anew: they are asked for by hand.
const gradedEvery = time.Minute

// grade reads what answers came to, where a limit is set on that.
func (j *judge) grade(ctx context.Context, now time.Time) error {
	needed := slices.ContainsFunc(j.facts.Limits, func(l compare.Limit) bool {
		return slices.ContainsFunc(l.Bounds, func(b compare.Bound) bool {
			return b.Metric == compare.LimitMaxMalformed || b.Metric == compare.LimitMaxToolErrors || b.Metric == compare.LimitMinQuality
		})
	})
	if age := now.Sub(j.gradedAt); !needed || age >= 0 && age < gradedEvery {
		return nil
	}
	results, err := j.m.history.Results(ctx, store.Range{From: now.Add(-compare.ResultsBack)})
	if err != nil {
		return err
	}
	j.graded, j.gradedAt = compare.ReliableOf(results), now
	return nil
}
