package compare

import (
	"fmt"
	"strings"

	"costping/costmodel"
	"costping/probe"
)

// Line is one line of a row's detail: a label and its text, longest form first.
type Line struct {
	Label string
	Text  []string
}

// Detail says what a row's figures are made of: the arithmetic of its spend, the
// parts of its answer time, what a change of the workload would do, and warnings.
func Detail(r Row, t Table) []Line {
	lines := []Line{costLine(r)}
	if l, ok := timeLine(r); ok {
		lines = append(lines, l)
	}
	if l, ok := ifLine(r, t.Workload); ok {
		lines = append(lines, l)
	}
	return append(lines, warnLines(r)...)
}

func costLine(r Row) Line {
	if !r.Known {
		return Line{"cost", []string{"unknown: no price for " + r.Target}}
	}
	sum := strings.Join(r.Spend.Explain(), ", ")
	source := fmt.Sprintf(".  %s, %s", r.Price.Source, r.Price.AsOf)
	return Line{"cost", []string{sum + source, sum + ".  Prices of " + r.Price.AsOf.String(), sum}}
}

func timeLine(r Row) (Line, bool) {
	s := r.Summary
	if !r.Has {
		return Line{}, false
	}
	failed := fmt.Sprintf("Failed: %s of %s", Count(s.Success().N-s.Success().Hits), Count(s.Success().N))
	switch {
	case !s.TTFTp50.Earned():
		q := s.TTFTp50
		return Line{"time", []string{fmt.Sprintf("first median after %d of %d probes.  %s", q.N, q.Needed, failed)}}, true
	case !s.Speedp50.Earned():
		text := fmt.Sprintf("first token %s ms, whole answer %s (p50), speed not known", Millis(s.TTFTp50.Value), Seconds(s.E2Ep50))
		return Line{"time", []string{text + ".  " + failed, text}}, true
	}
	text := fmt.Sprintf("first token %s ms, then %.0f tokens at %s tok/s: %s (p50)",
		Millis(s.TTFTp50.Value), max(0, s.OutputTokens-1), Speed(s.Speedp50, 0), Seconds(s.E2Ep50))
	interval := fmt.Sprintf(".  First token %s-%s with 95%%", Millis(s.TTFTp50.Lo), Millis(s.TTFTp50.Hi))
	return Line{"time", []string{text + interval + ".  " + failed, text + ".  " + failed, text}}, true
}

func ifLine(r Row, w costmodel.Workload) (Line, bool) {
	if !r.Spend.Known {
		return Line{}, false
	}
	twice := "volume × 2 $" + r.Spend.PerMonth.Add(r.Spend.PerMonth).Format(2)
	parts := []string{twice}
	even := w
	if split, err := costmodel.ParseSplit("50/50"); err == nil && !w.Split.Equal(split) {
		even.Split = split
		parts = append(parts, "split 50/50 $"+Month(costmodel.Project(r.Price, even)))
	}
	if more, ok := costmodel.OnePointMoreOutput(r.Price, w); ok {
		sign := "+"
		if more.Sign() < 0 {
			sign = ""
		}
		parts = append(parts, "1 point more output "+sign+"$"+more.Format(2))
	}
	return Line{"if", []string{strings.Join(parts, "   ") + " a month", strings.Join(parts, "   "), twice}}, true
}

func warnLines(r Row) []Line {
	var warnings []string
	if r.Retired {
		warnings = append(warnings, fmt.Sprintf("retired on %s: shown for comparison, never the pick", r.Model.Retired))
	} else if !r.Model.Retired.IsZero() {
		warnings = append(warnings, "retires on "+r.Model.Retired.String())
	}
	if d, ok := r.Model.Disagreement(r.Price); r.Known && ok {
		warnings = append(warnings, d.String())
	}
	if s := r.Summary; s.LastError != "" {
		warnings = append(warnings, fmt.Sprintf("%s UTC: %s", s.LastErrorAt.Format("15:04"), s.LastError))
	}
	if s := r.Summary; s.Scripted > 0 {
		warnings = append(warnings, fmt.Sprintf("%s of %s samples are scripted, not measured", Count(s.Scripted), Count(s.Attempts())))
	}
	if n := r.Summary.Outcomes[probe.RateLimited]; n > 0 {
		warnings = append(warnings, fmt.Sprintf("rate limited %s times", Count(n)))
	}
	lines := make([]Line, len(warnings))
	for i, text := range warnings {
		lines[i] = Line{"warn", []string{text}}
	}
	return lines
}
