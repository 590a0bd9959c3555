package probe

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestStretch(t *testing.T) {
	const minute, hour = time.Minute, time.Hour
	for _, tc := range []struct {
		name       string
		shares     []share
		configured time.Duration
		left       time.Duration
		remaining  string
		want       time.Duration
	}{
		{"nothing costs anything", nil, minute, wholeDay, "0", minute},
		{"there is enough", []share{{usd("0.01"), 0}}, minute, hour, "0.6", minute},
		{"a fifth of that", []share{{usd("0.01"), 0}}, minute, hour, "0.12", 5 * minute},
		{"seven for a dollar", []share{{usd("0.0051172"), 0}}, minute, wholeDay, "1", 442*time.Second + 127*time.Millisecond},
		{"half the time", []share{{usd("0.0051172"), 0}}, minute, 12 * hour, "1", 221*time.Second + 64*time.Millisecond},
		{"one is seldom anyway", []share{{usd("0.01"), 0}, {usd("0.06"), hour}}, minute, hour, "0.12", 10 * minute},
		{"its interval is shorter", []share{{usd("0.01"), 0}, {usd("0.01"), 2 * minute}}, minute, hour, "0.12", 10 * minute},
		{"up to its interval exactly", []share{{usd("0.01"), 0}, {usd("0.01"), 10 * minute}}, minute, hour, "0.12", 10 * minute},
		{"even its interval is too often", []share{{usd("0.01"), 10 * minute}}, minute, hour, "0.03", 20 * minute},
		{"nothing is left", []share{{usd("0.01"), 0}}, minute, hour, "0", longestPace},
		{"less than nothing", []share{{usd("0.01"), 0}}, minute, hour, "-1", longestPace},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := stretch(tc.shares, tc.configured, tc.left, usd(tc.remaining)); got != tc.want {
				t.Errorf("every %v, want %v", got, tc.want)
			}
		})
	}
}

// What the interval promises: the money lasts, and at none shorter it would.
func TestStretchIsTheShortestThatLasts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shares := make([]share, rapid.IntRange(1, 6).Draw(t, "targets"))
		for i := range shares {
			shares[i] = share{
				usd:   decimal.New(rapid.Int64Range(1, 50_000_000).Draw(t, "usd"), -9),
				every: time.Duration(rapid.Int64Range(0, 7200).Draw(t, "every")) * time.Second,
			}
		}
		configured := time.Duration(rapid.Int64Range(1, 3600).Draw(t, "configured")) * time.Second
		left := time.Duration(rapid.Int64Range(1, 86_400_000).Draw(t, "left")) * time.Millisecond
		remaining := decimal.New(rapid.Int64Range(0, 5_000_000).Draw(t, "remaining"), -6)
		got := stretch(shares, configured, left, remaining)
		if got < configured || got > longestPace {
			t.Fatalf("every %v", got)
		}
		if got < longestPace && costOver(shares, got, left).Cmp(remaining.Rat()) > 0 {
			t.Fatalf("every %v costs %s of %s", got, costOver(shares, got, left).FloatString(24), remaining)
		}
		if got > configured && costOver(shares, got-paceStep, left).Cmp(remaining.Rat()) <= 0 {
			t.Fatalf("every %v is longer than it must be", got)
		}
		if more := stretch(shares, configured, left, remaining.Add(usd("0.1"))); more > got {
			t.Fatalf("every %v, with more money every %v", got, more)
		}
	})
}
