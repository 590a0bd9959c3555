package compare

import (
	"testing"
	"time"

	"costping/probe"
)

func TestGoodput(t *testing.T) {
	const ms = time.Millisecond
	at := func(ttft, tpot time.Duration) probe.Sample {
		return probe.Sample{
			Outcome: probe.OK, TTFT: probe.Known(ttft), E2E: probe.Known(ttft + 100*tpot),
			TPOT: probe.Measured[time.Duration]{Value: tpot, Known: tpot > 0},
		}
	}
	cold := at(2*time.Second, 10*ms)
	cold.Flags = probe.Cold
	offline := probe.Sample{Outcome: probe.Network, Flags: probe.ClientOffline}
	samples := []probe.Sample{
		at(900*ms, 20*ms), at(time.Second, 30*ms), // met, the second to the dot
		at(1100*ms, 20*ms), at(900*ms, 31*ms), at(900*ms, 0), // too late, too slow, nobody knows
		{Outcome: probe.ServerError, Status: 500}, cold, offline, {Outcome: probe.RateLimited, Status: 429},
	}
	slo := SLO{TTFT: time.Second, TPOT: 30 * ms}
	got := slo.Goodput(samples, false)
	if got.Hits != 2 || got.N != 6 || got.Failed != 1 || got.Missed[0] != 1 || got.Missed[1] != 1 || got.Unmeasured[1] != 1 {
		t.Errorf("%+v", got)
	}
	if slo.String() != "TTFT 1s, a token 30ms" || !slo.Given() || (SLO{}).Given() {
		t.Errorf("%q", slo)
	}
	if d := DigestOf(samples, false).HeldTo(SLO{}, samples); d.Goodput != nil {
		t.Error("held to nothing")
	}
	if d := DigestOf(samples, false).HeldTo(SLO{E2E: 3 * time.Second}, samples); d.Goodput == nil || d.Goodput.Hits != 2 {
		t.Errorf("whole answers: %+v", d.Goodput)
	}
}
