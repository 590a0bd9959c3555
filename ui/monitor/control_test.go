package monitor

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"costping/probe"
	"costping/store"
)

// Two viewers at once steer the owner's schedule over its socket, and what they ask
// for is done once.
func TestViewersSteerTheOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() store.History {
		h, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = h.Close() })
		return h
	}
	owner := open()
	viewers := []store.History{open(), open()}
	if _, err := viewers[0].Control().Steered(t.Context()); !errors.Is(err, store.ErrNoSchedule) {
		t.Errorf("before there is a schedule: %v", err)
	}
	var all []probe.Target
	for _, name := range []string{"a", "b", "c"} {
		all = append(all, probe.Target{Name: name, Model: "m", BaseURL: "http://127.0.0.1:1/v1"})
	}
	s := &probe.Schedule{Targets: all, Profile: probe.Chat(), Interval: time.Hour, Prober: instant{}}
	s.Pause(true)
	m := Start(t.Context(), owner, s)
	defer m.Stop()
	waitFor(t, func() bool { return m.Control().ProbeNow(t.Context(), "c") == nil }) // it has begun to run
	waitFor(t, func() bool { return owner.Version() >= 1 })

	var asking sync.WaitGroup
	for _, v := range viewers {
		asking.Go(func() {
			c := v.Control()
			if err := errors.Join(c.Enable(t.Context(), "b", false), c.Pause(t.Context(), true), c.ProbeNow(t.Context(), "a")); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	for _, v := range viewers {
		steered, err := v.Control().Steered(t.Context())
		if err != nil || !steered.Paused || !slices.Equal(steered.Disabled, []string{"b"}) || len(steered.Targets) != 3 {
			t.Errorf("%+v, %v", steered, err)
		}
		if err := v.Control().ProbeNow(t.Context(), "zebra"); err == nil || !strings.Contains(err.Error(), `no target "zebra"`) {
			t.Errorf("an unknown target: %v", err)
		}
	}
	waitFor(t, func() bool {
		w := lastHour(t, viewers[1])
		return slices.ContainsFunc(w.Series, func(s store.Summary) bool { return s.Series.Target == "a" })
	})
	for _, series := range lastHour(t, viewers[0]).Series {
		if series.Attempts() > 2 || series.Series.Target == "b" {
			t.Errorf("%s was probed %d times", series.Series.Target, series.Attempts())
		}
	}
	events, err := viewers[0].Events(t.Context(), store.Range{})
	if err != nil || len(events) != 1 || events[0].Kind != EventTargetOff {
		t.Errorf("said by two: %+v, %v", events, err)
	}
}

func lastHour(t *testing.T, h store.History) store.Window {
	t.Helper()
	now := time.Now()
	return all(t, h, now.Add(-time.Hour), now.Add(time.Minute))
}
