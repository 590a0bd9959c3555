package monitor

import (
	"context"
	"time"

	"costping/probe"
	"costping/store"
	"costping/ui/compare"
)

const (
	// leastGap is how long nothing has to have been probed for it to be a gap,
	// whatever the pace.
	leastGap = 5 * time.Minute
	// leastGapFailing is that after a failure: a target that fails is left alone for
	// ten minutes, and one that rate-limits for fifteen.
	leastGapFailing = 20 * time.Minute
)

// findGap remembers, once, which sample was the newest when this process began to
// judge. Whether something is missing after it shows when something is probed: only
// then is the pace planned.
func (j *judge) findGap(ctx context.Context, now time.Time) error {
	if j.gapFound {
		return nil
	}
	info, err := j.m.history.Info(ctx)
	if err != nil {
		return err
	}
	if info.Samples > 0 && now.Sub(info.To) > leastGap {
		j.gapFrom = info.To
	}
	j.gapFound = true
	return nil
}

// gap is the event of a stretch in which nothing was probed, once something is. It
// has its time and length from the samples alone, so that it is the same event
// whoever finds it.
func (j *judge) gap(ctx context.Context) ([]store.Event, error) {
	if j.gapFrom.IsZero() {
		return nil, nil
	}
	least := max(leastGap, 3*j.m.pace()+time.Minute)
	for s, err := range j.m.history.Raw(ctx, store.Range{From: j.gapFrom}) {
		switch {
		case err != nil:
			return nil, err
		case !s.At.After(j.gapFrom):
			if s.Outcome != probe.OK {
				least = max(least, leastGapFailing)
			}
			continue
		case s.Outcome == probe.Skipped:
			continue
		}
		from, length := j.gapFrom, s.At.Sub(j.gapFrom)
		j.gapFrom = time.Time{}
		if length <= least {
			return nil, nil
		}
		return []store.Event{{
			At: from, Kind: store.EventGap, For: length, Text: "nothing was probed for " + compare.Until(length),
		}}, nil
	}
	return nil, nil
}

// pace is the longest time from one probe to the next while all is well: the interval
// of the target that is probed most often of those that are. 0 where none is.
func (m *Monitor) pace() time.Duration {
	pace := time.Duration(0)
	schedules, _ := m.current()
	for _, s := range schedules {
		status := s.Status()
		for i, t := range s.Targets {
			if state := status.Targets[i].State; state == probe.TargetOff || state == probe.TargetTooDear {
				continue
			}
			if every := max(t.Interval, status.Interval); pace == 0 || every < pace {
				pace = every
			}
		}
	}
	return pace
}
