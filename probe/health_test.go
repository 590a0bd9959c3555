package probe

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"costping/probe/simulator"
)

func TestHealthFlags(t *testing.T) {
	for _, tc := range []struct {
		late, stepped, ttft time.Duration
		want                string
	}{
		{0, 0, 200 * ms, ""},
		{2 * ms, 0, 200 * ms, ""},
		{3 * ms, 0, 200 * ms, "client_busy"},
		{250 * ms, 0, 200 * ms, "client_busy"},
		{251 * ms, 0, 200 * ms, "client_busy client_stalled"},
		{499 * ms, 0, 10 * time.Second, "client_busy"}, // less than 5 % of it
		{501 * ms, 0, 10 * time.Second, "client_busy client_stalled"},
		{time.Hour, 0, 0, "client_busy client_stalled"},
		{0, 250 * ms, 200 * ms, ""},
		{0, 251 * ms, 200 * ms, "clock_step"},
		{0, -time.Hour, 200 * ms, "clock_step"},
	} {
		if got := strings.Join(healthFlags(tc.late, tc.stepped, tc.ttft).Names(), " "); got != tc.want {
			t.Errorf("late %v, stepped %v, TTFT %v: got %q, want %q", tc.late, tc.stepped, tc.ttft, got, tc.want)
		}
	}
}

// Time in a bubble is never late by itself: what is late is put there.
func TestHealthBlamesWhoWasThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h health
		delay := func(by time.Duration) {
			synctest.Wait()
			h.mu.Lock()
			h.due = h.due.Add(-by) // as if the tick should have come earlier
			h.mu.Unlock()
		}
		early, through := h.begin(), h.begin()
		time.Sleep(30 * ms)
		if late, stepped := early.end(); late != 0 || stepped != 0 {
			t.Errorf("nothing happened, and yet: late %v, stepped %v", late, stepped)
		}
		time.Sleep(time.Second)
		delay(300 * ms)
		after := h.begin()
		time.Sleep(50 * ms)
		if late, _ := through.end(); late != 300*ms {
			t.Errorf("late %v", late)
		}
		if late, _ := after.end(); late > healthTick {
			t.Errorf("blamed for what was before: %v", late)
		}

		last := h.begin() // the ticker starts anew
		time.Sleep(45 * ms)
		delay(40 * ms)
		if late, _ := last.end(); late < 20*ms || late > 45*ms { // the tick is overdue at the end itself
			t.Errorf("late %v", late)
		}
		synctest.Wait() // and no goroutine is left, or the bubble would not end
	})
}

func TestBusyClientIsFlagged(t *testing.T) {
	server := simulate(t, simulator.Options{Scripts: []simulator.Script{scripted("m")}})
	client, target := connect(t, Limits{}, nil), keyed(t, server.BaseURL(), "m")
	running := client.health.begin() // keeps the ticker
	defer running.end()
	ended := make(chan struct{})
	go func() { // from now on every tick should have come an hour earlier
		for {
			select {
			case <-ended:
				return
			case <-time.After(ms):
				client.health.mu.Lock()
				client.health.due = time.Now().Add(-time.Hour)
				client.health.mu.Unlock()
			}
		}
	}()
	s := client.Probe(t.Context(), Attempt{Target: target, Profile: short})
	close(ended)
	if s.Outcome != OK || !s.Flags.Has(ClientBusy) {
		t.Errorf("%v %v", s.Outcome, s.Flags.Names())
	}
}
