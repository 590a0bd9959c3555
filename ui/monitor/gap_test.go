package monitor

import (
	"errors"
	"testing"
	"time"

	"costping/probe"
	"costping/store"
)

// What is probed seldom, or left alone for failing, has no gap where the program was
// started anew; the pace is that of when probing goes on, not of before it was planned.
func TestGapIsLongerThanThePace(t *testing.T) {
	t.Parallel()
	target := func(every time.Duration) probe.Target { return probe.Target{Name: "a", Model: "m", Interval: every} }
	for name, tc := range map[string]struct {
		targets       []probe.Target
		before, after time.Duration // the interval before and after the plan
		outcome       probe.Outcome
		silence       time.Duration
		gap           bool
	}{
		"a target once an hour":             {[]probe.Target{target(time.Hour)}, time.Minute, time.Minute, probe.OK, 80 * time.Minute, false},
		"a target once an hour, and asleep": {[]probe.Target{target(time.Hour)}, time.Minute, time.Minute, probe.OK, 5 * time.Hour, true},
		"one of two once an hour":           {[]probe.Target{target(time.Hour), target(0)}, time.Minute, time.Minute, probe.OK, 2 * time.Hour, true},
		"stretched by the budget":           {[]probe.Target{target(0)}, time.Minute, 25 * time.Minute, probe.OK, 25 * time.Minute, false},
		"left alone for failing":            {[]probe.Target{target(0)}, time.Minute, time.Minute, probe.ServerError, 12 * time.Minute, false},
		"long after a failure":              {[]probe.Target{target(0)}, time.Minute, time.Minute, probe.ServerError, time.Hour, true},
		"every minute":                      {[]probe.Target{target(0)}, time.Minute, time.Minute, probe.OK, 12 * time.Minute, true},
	} {
		x := newJudged(t, Facts{})
		x.fails(noon, 1, tc.outcome)
		s := &probe.Schedule{Targets: tc.targets, Interval: tc.before}
		x.judge.m.schedules = []*probe.Schedule{s}
		x.look(noon.Add(tc.silence))
		s.Interval = tc.after
		x.look(x.probes(noon.Add(tc.silence), 1, time.Second))
		if got := len(x.recorded(store.EventGap)); got != map[bool]int{true: 1}[tc.gap] {
			t.Errorf("%s: %d gaps", name, got)
		}
	}
}

// A gap is found also where the history could not be read or written at first, and
// what is written meanwhile does not hide it.
func TestGapIsFoundAfterAFailure(t *testing.T) {
	t.Parallel()
	x := newJudged(t, Facts{})
	at := x.probes(noon, 10, time.Second).Add(3 * time.Hour)
	x.unread = errors.New("disk error")
	if err := x.judge.look(t.Context(), at); err == nil {
		t.Fatal("the history was read")
	}
	x.unread = nil
	x.look(x.probes(at, 1, time.Second))
	x.want(store.EventGap)
}
