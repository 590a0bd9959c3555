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
	if r.Price.Known() {
		lines = append(lines, priceLine(r))
	}
	for _, line := range []func(Row) (Line, bool){tokenLine, limitLine} {
		if l, ok := line(r); ok {
			lines = append(lines, l)
		}
	}
	if text := r.Drift.Text; text != "" {
		lines = append(lines, Line{"drift", []string{text}})
	}
	if r.Has {
		lines = append(lines, fromLine(r))
	}
	return append(lines, warnLines(r, t)...)
}

// fromLine says where the figures come from: the endpoint, the prompt's shape, and
// what was measured of it.
func fromLine(r Row) Line {
	s := r.Summary
	measured := Plural(s.Attempts()-s.Scripted, "probe")
	if s.Warm != s.Attempts() && s.Scripted == 0 {
		measured += fmt.Sprintf(", %s of them in the figures", Count(s.Warm))
	}
	if s.Scripted > 0 {
		measured += fmt.Sprintf(", %s scripted and not measured", Count(s.Scripted))
	}
	if r.Others > 0 {
		measured += fmt.Sprintf("; %s elsewhere or otherwise left out", Count(r.Others))
	}
	host := probe.Target{BaseURL: s.Series.BaseURL}.Host() + ": "
	if s.Series.BaseURL == "" { // a snapshot does not say
		host = ""
	}
	return Line{"from", []string{
		fmt.Sprintf("%sprompt %s (%.0f in, at most %d out): %s", host, s.Series.Profile, s.InputTokens, s.Series.Cap, measured),
		host + measured, measured,
	}}
}

func costLine(r Row) Line {
	switch {
	case r.Machine != nil && r.Spend.Known:
		return Line{"cost", []string{fmt.Sprintf("a machine of one's own: $%s a month, whatever the volume", Month(r)), "$" + Month(r) + " a month"}}
	case r.OwnMachine && !r.Spend.Known:
		return Line{"cost", []string{"local: selfhost = \"150/month\" in its [[target]] says what the machine costs, price what is charged", "local, its cost not said"}}
	case !r.Price.Known():
		return Line{"cost", []string{"unknown: no price for " + r.Target}}
	}
	sum := strings.Join(r.Spend.Explain(), ", ")
	short := sum
	if r.Spend.Known {
		short = fmt.Sprintf("$%s a day, $%s a month", DayOf(r.Spend), MonthOf(r.Spend))
	}
	return Line{"cost", []string{sum, short}}
}

// priceLine says how old the price is and who gave it; the sources are cut where
// they are many.
func priceLine(r Row) Line {
	text := fmt.Sprintf("$%s in and $%s out per 1M tokens, by %s", r.Price.Input, r.Price.Output, r.Price.Source)
	if !r.Price.AsOf.IsZero() { // a person's own is of now
		text = "as of " + r.Price.AsOf.String() + ", " + text
	}
	return Line{"price", []string{text}}
}

func timeLine(r Row) (Line, bool) {
	s := r.Summary
	if !r.Has {
		return Line{}, false
	}
	failed := fmt.Sprintf("Failed: %s of %s", Count(s.Success().N-s.Success().Hits), Count(s.Success().N))
	switch {
	case s.Warm == 0:
		return Line{"time", []string{"nothing measured in " + Plural(s.Attempts(), "attempt")}}, true
	case !s.TTFTp50.Earned():
		q := s.TTFTp50
		return Line{"time", []string{fmt.Sprintf("%s so far, a median needs %d.  %s", Plural(q.N, "probe"), q.Needed, failed)}}, true
	case !s.Speedp50.Earned():
		text := fmt.Sprintf("first token %s ms, whole answer %s (p50), speed not known", Millis(s.TTFTp50.Value), Seconds(s.E2Ep50))
		return Line{"time", []string{text + ".  " + failed, text}}, true
	}
	text := fmt.Sprintf("first token %s ms, then %.0f tokens at %s tok/s: %s (p50)",
		Millis(s.TTFTp50.Value), max(0, s.OutputTokens-1), Speed(s.Speedp50, 0), Seconds(s.E2Ep50))
	interval := fmt.Sprintf(".  First token %s-%s with 95%%", Millis(s.TTFTp50.Lo), Millis(s.TTFTp50.Hi))
	short := fmt.Sprintf("first token %s ms, whole answer %s", Millis(s.TTFTp50.Value), Seconds(s.E2Ep50))
	return Line{"time", []string{text + interval + ".  " + failed, text + ".  " + failed, text, short}}, true
}

func ifLine(r Row, w costmodel.Workload) (Line, bool) {
	if !r.Spend.Known || r.Machine != nil { // a machine costs the same whatever is turned
		return Line{}, false
	}
	twice := "volume × 2 $" + r.Spend.PerMonth.Add(r.Spend.PerMonth).Format(2)
	parts := []string{twice}
	even := w
	if split, err := costmodel.ParseSplit("50/50"); err == nil && !w.Split.Equal(split) {
		even.Split = split
		parts = append(parts, "split 50/50 $"+MonthOf(r.project(even)))
	}
	if more, ok := costmodel.OnePointMoreOutput(tariffOf(r).price, w); ok && more.Sign() != 0 {
		sign := "+"
		if more.Sign() < 0 {
			sign = ""
		}
		parts = append(parts, "1 point more output "+sign+"$"+more.Format(2))
	}
	return Line{"if", []string{strings.Join(parts, "   ") + " a month", strings.Join(parts, "   "), twice}}, true
}

func warnLines(r Row, t Table) []Line {
	var lines []Line
	warn := func(texts ...string) { lines = append(lines, Line{"warn", texts}) }
	switch {
	case r.Retired:
		warn(fmt.Sprintf("retired on %s: shown for comparison, never the pick", r.Model.Retired), "retired on "+r.Model.Retired.String())
	case !r.Model.Retired.IsZero():
		ends := "retires on " + r.Model.Retired.String()
		var forms []string
		if r.Pick {
			for _, next := range t.next {
				forms = append(forms, ends+", "+next)
			}
		}
		warn(append(forms, ends)...)
	}
	if d, ok := r.Model.Disagreement(r.Price); r.Known && ok {
		warn("sources differ: "+d.String(), AnotherSource(d))
	}
	if s := r.Summary; s.LastError != "" {
		warn(fmt.Sprintf("%s UTC: %s", s.LastErrorAt.Format("15:04"), s.LastError))
	}
	if r.Resting != "" {
		warn(r.Resting)
	}
	if n := r.Summary.Offline; n > 0 {
		warn("this machine was offline " + Plural(n, "time") + ": held against nobody")
	}
	if n := r.Summary.Outcomes[probe.RateLimited]; n > 0 {
		warn("rate limited " + Plural(n, "time"))
	}
	return lines
}

// AnotherSource says in few words that sources differ on a price.
func AnotherSource(d costmodel.Disagreement) string {
	apart, _ := d.Percent.Float64()
	text := fmt.Sprintf("another source: %s in, %s out (%.1f %% apart)", d.Other.Input, d.Other.Output, apart)
	if d.Other.Doubt != "" {
		text += ", doubted: " + d.Other.Doubt
	}
	return text
}
