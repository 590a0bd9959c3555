package compare

import (
	"fmt"
	"math"
	"strings"
	"time"

	"costping/probe"
	"costping/probe/stats"
)

// Change is how one target does now beside how it did before: ratios of what was
// measured in the newest part of a window to what was measured in the rest of it.
type Change struct {
	// Now is how long the newest part is, Before the part that it is compared with.
	Now, Before time.Duration
	// TTFT and E2E are ratios of times, above 1 where it is slower now.
	TTFT, E2E stats.Ratio
}

// nowSpans are the lengths that the newest part may have: the shortest with enough
// samples to tell a difference is taken.
var nowSpans = []time.Duration{15 * time.Minute, time.Hour, 6 * time.Hour}

// nowEnough is how many samples the newest part should have.
const nowEnough = 30

// ChangeOf compares the newest samples of a window with those before them. The
// samples are of one series, in the order of time.
func ChangeOf(samples []probe.Sample, from, to time.Time) Change {
	var c Change
	for _, span := range nowSpans {
		if 2*span > to.Sub(from) {
			break
		}
		c.Now, c.Before = span, to.Sub(from)-span
		if len(headline(after(samples, to.Add(-span)), ttftOf)) >= nowEnough {
			break
		}
	}
	if c.Now == 0 {
		return c
	}
	recent := after(samples, to.Add(-c.Now))
	earlier := samples[:len(samples)-len(recent)]
	ratios := stats.Adjust([]stats.Ratio{
		stats.Compare(headline(earlier, ttftOf), headline(recent, ttftOf)),
		stats.Compare(headline(earlier, e2eOf), headline(recent, e2eOf)),
	})
	c.TTFT, c.E2E = ratios[0], ratios[1]
	return c
}

func ttftOf(s probe.Sample) probe.Measured[time.Duration] { return s.TTFT }

func e2eOf(s probe.Sample) probe.Measured[time.Duration] { return s.E2E }

// after are the samples from an instant on.
func after(samples []probe.Sample, at time.Time) []probe.Sample {
	for i, s := range samples {
		if !s.At.Before(at) {
			return samples[i:]
		}
	}
	return nil
}

// HealthText says whether a row does well and whether it does worse than before,
// longest form first. Change is nil while it is not known.
func HealthText(r Row, c *Change) []string {
	state := r.standing()
	name := r.Target + " "
	if !r.Has || r.Summary.Warm == 0 {
		return []string{name + state}
	}
	s := r.Summary
	figure := ""
	if s.TTFTp50.Earned() {
		figure = ": first token " + Millis(s.TTFTp50.Value) + " ms"
	}
	ok := ", " + Share(s.Success()) + " succeeded"
	short := name + state + figure
	if c == nil || c.Now == 0 {
		return []string{short + ok, short, name + state}
	}
	change := changeText(c.TTFT)
	whole := ""
	if v := c.E2E.Verdict(); v == stats.Higher || v == stats.Lower {
		whole = ", whole answer " + withoutInterval(changeText(c.E2E))
	}
	span := Span(c.Now)
	return []string{
		short + ok + ". The last " + span + " against the " + Span(c.Before) + " before: " + change + whole,
		short + ". The last " + span + " against the " + Span(c.Before) + " before: " + change + whole,
		name + state + ". Last " + span + " against before: " + change,
		name + state + "; last " + span + ": " + withoutInterval(change),
		name + state + "; " + withoutInterval(change),
		name + strings.TrimPrefix(state, "is ") + ", " + fewWords(c.TTFT),
		name + state,
	}
}

// standing is how a row does, in a few words.
func (r Row) standing() string {
	switch {
	case r.Retired:
		return "is retired"
	case r.Failing:
		return "is failing"
	case r.Over():
		return "is over a limit"
	case !r.Has:
		return "is not measured"
	case r.Summary.Warm == 0:
		return "has no answer that counts yet"
	case !r.Summary.TTFTp50.Earned():
		q := r.Summary.TTFTp50
		return fmt.Sprintf("is being measured, %d of %d", q.N, q.Needed)
	}
	return "is healthy"
}

// changeText is a ratio of now to before: "22 % slower (18-27)".
func changeText(r stats.Ratio) string {
	percent := func(ratio float64) string { return fmt.Sprintf("%.0f", 100*math.Abs(ratio-1)) }
	switch r.Verdict() {
	case stats.Higher:
		return percent(r.Value) + " % slower (" + percent(r.Lo) + "-" + percent(r.Hi) + ")"
	case stats.Lower:
		return percent(r.Value) + " % faster (" + percent(r.Hi) + "-" + percent(r.Lo) + ")"
	case stats.NoDifference:
		return "no measurable difference (n=" + Count(r.N()) + ")"
	case stats.Undecided:
	}
	return "too few to compare (n=" + Count(r.N()) + ")"
}

// fewWords is changeText where there is little room.
func fewWords(r stats.Ratio) string {
	switch r.Verdict() {
	case stats.NoDifference:
		return "no change shown"
	case stats.Undecided:
		return "too few"
	case stats.Higher, stats.Lower:
	}
	return withoutInterval(changeText(r))
}
