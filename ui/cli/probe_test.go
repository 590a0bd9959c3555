package cli

import (
	"slices"
	"testing"

	"costping/probe"
)

// A run ends at once where the configuration is at fault, after a few refusals in
// a row, and never for what may pass.
func TestGivenUp(t *testing.T) {
	for _, tc := range []struct {
		outcomes []probe.Outcome
		want     bool
	}{
		{[]probe.Outcome{probe.Auth}, true},
		{[]probe.Outcome{probe.OK, probe.NotFound}, true},
		{[]probe.Outcome{probe.RateLimited, probe.RateLimited}, false},
		{[]probe.Outcome{probe.RateLimited, probe.RateLimited, probe.RateLimited}, true},
		{[]probe.Outcome{probe.RateLimited, probe.OK, probe.RateLimited, probe.RateLimited}, false},
		{[]probe.Outcome{probe.Network, probe.Network, probe.Network}, true},
		{[]probe.Outcome{probe.ServerError, probe.ServerError, probe.ServerError, probe.ServerError}, false},
		{slices.Repeat([]probe.Outcome{probe.OK}, 5), false},
	} {
		samples := make([]probe.Sample, len(tc.outcomes))
		for i, o := range tc.outcomes {
			samples[i].Outcome = o
		}
		if got := givenUp(samples); got != tc.want {
			t.Errorf("%v: %v", tc.outcomes, got)
		}
	}
}
