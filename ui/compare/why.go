package compare

import (
	"fmt"
	"strconv"
	"strings"

	"costping/costmodel"
	"costping/probe/stats"
)

// Why says all that a row's figures rest on: the arithmetic a step at a time, the
// price with its sources, each quantile with its interval, the limits, and the
// reasons to doubt. Nothing of it is shortened.
func Why(r Row, t Table) []Line {
	var lines []Line
	add := func(label, format string, args ...any) {
		lines = append(lines, Line{label, []string{fmt.Sprintf(format, args...)}})
	}
	switch {
	case r.Machine != nil && r.Spend.Known:
		add("cost", "a machine of one's own: $%s a month, whatever the volume", Month(r))
	case !r.Spend.Known:
		add("cost", "unknown: %s", r.Spend.Reason)
	default:
		for _, s := range r.Spend.Steps() {
			text := s.How
			if s.Result != "" {
				text += " = " + s.Result
			}
			lines = append(lines, Line{s.What, []string{text}})
		}
	}
	if r.Price.Known() {
		lines = append(lines, priceLine(r))
	}
	lines = append(lines, whyMeasured(r)...)
	lines = append(lines, whyReliable(r, t)...)
	for _, v := range r.Verdicts {
		add("limit", "%s: %s", v.Text, standingNames[v.Standing])
	}
	for i, rule := range r.Drift.Rules {
		label := "approved"
		if i > 0 {
			label = ""
		}
		add(label, "since then %s", rule)
	}
	if r.BeatenBy != "" {
		add("beaten by", "%s: not dearer, not measurably slower, not worse where both have a quality", r.BeatenBy)
	}
	return append(lines, warnLines(r, t)...)
}

func basisOf(m costmodel.Metric) string {
	if m.Basis == costmodel.Measured {
		return fmt.Sprintf("measured, %.3f-%.3f with 95 %%, n %s", m.Lo, m.Hi, Count(m.N))
	}
	return "stated, not measured"
}

// whyMeasured are the quantiles with their intervals.
func whyMeasured(r Row) []Line {
	if !r.Has {
		return []Line{{"measured", []string{"nothing yet"}}}
	}
	s := r.Summary
	var lines []Line
	for _, one := range []struct {
		name, unit string
		q          stats.Quantile
		places     int
	}{
		{"first token p50", " ms", s.TTFTp50, 0},
		{"first token p95", " ms", s.TTFTp95, 0},
		{"whole answer p50", " ms", s.E2Ep50, 0},
		{"tokens a second p50", "", s.Speedp50, 1},
	} {
		label := ""
		if len(lines) == 0 {
			label = "measured"
		}
		lines = append(lines, Line{label, []string{quantileText(one.name, one.unit, one.q, one.places)}})
	}
	lines = append(lines, Line{"", []string{"succeeded " + Share(s.Success())}}, fromLine(r))
	for _, line := range []func(Row) (Line, bool){tokenLine, limitLine} {
		if l, ok := line(r); ok {
			lines = append(lines, l)
		}
	}
	var doubts []string
	for _, w := range s.TTFTp50.Warnings {
		doubts = append(doubts, w.Text)
	}
	if len(doubts) > 0 {
		lines = append(lines, Line{"warn", []string{"first token: " + strings.Join(doubts, "; ")}})
	}
	return lines
}

func quantileText(name, unit string, q stats.Quantile, places int) string {
	number := inPlaces(places)
	switch {
	case q.Earned():
		return fmt.Sprintf("%s %s%s, with 95 %% between %s and %s, n %s", name, number(q.Value), unit, number(q.Lo), number(q.Hi), Count(q.N))
	case q.N == 0:
		return name + " not measured"
	}
	return fmt.Sprintf("%s not earned yet: %d of %d samples, the largest %s%s", name, q.N, q.Needed, number(q.Max), unit)
}

// Sentence is a row in one line, as it is copied.
func Sentence(r Row) string {
	text := r.Target
	if r.Spend.Known {
		text += fmt.Sprintf(": $%s a day, $%s a month", Day(r), Month(r))
	} else {
		text += ": cost unknown"
	}
	s := r.Summary
	if s.TTFTp50.Earned() {
		text += fmt.Sprintf("; first token p50 %s ms (%s-%s)", Millis(s.TTFTp50.Value), Millis(s.TTFTp50.Lo), Millis(s.TTFTp50.Hi))
		if s.TTFTp95.Earned() {
			text += fmt.Sprintf(", p95 %s ms", Millis(s.TTFTp95.Value))
		}
		if s.E2Ep50.Earned() {
			text += ", whole answer " + Seconds(s.E2Ep50)
		}
		text += fmt.Sprintf("; succeeded %s", Share(s.Success()))
	} else {
		text += "; not measured"
	}
	if s.Scripted > 0 {
		text += " (simulated)"
	}
	return text
}

var standingNames = map[Standing]string{NotShown: "not shown", Within: "inside", Over: "over"}

func inPlaces(places int) func(float64) string {
	return func(v float64) string {
		if places == 0 {
			return Millis(v)
		}
		return strconv.FormatFloat(v, 'f', places, 64)
	}
}
