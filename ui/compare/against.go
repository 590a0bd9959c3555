package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
)

// Against is what was measured of one row beside another, as ratios of times: B
// by A.
type Against struct {
	// A and B are targets; A is the one that B is compared with.
	A, B string
	// NameA and NameB stand for them in the sentence: the letters of their marks.
	NameA, NameB string
	// TTFT and E2E are ratios of first tokens and of whole answers.
	TTFT, E2E stats.Ratio
	// Scripted says that samples among them were not measured.
	Scripted bool
}

// sentence says how two marked rows differ, longest form first; nothing where one
// of them is not shown.
func (a Against) sentence(rows []Row, w costmodel.Workload) []string {
	var x, y *Row
	for i := range rows {
		switch rows[i].Target {
		case a.A:
			x = &rows[i]
		case a.B:
			y = &rows[i]
		}
	}
	if x == nil || y == nil {
		return nil
	}
	parts := []string{"first token " + VersusText(a.TTFT)}
	if a.E2E.Earned() {
		parts = append(parts, "whole answer "+withoutInterval(VersusText(a.E2E)))
	}
	parts = append(parts, costAgainst(x.Spend, y.Spend)...)
	parts = append(parts, a.overtakes(x, y, w)...)
	parts = append(parts, qualityAgainst(x.Quality, y.Quality)...)
	end := ""
	if a.Scripted {
		end = " (sim)"
	}
	lead := a.NameB + " against " + a.NameA + ": "
	forms := make([]string, 0, len(parts)+1)
	for n := len(parts); n > 0; n-- {
		forms = append(forms, lead+strings.Join(parts[:n], ", ")+end)
	}
	return append(forms, lead+withoutInterval(parts[0])+end)
}

func withoutInterval(text string) string {
	short, _, _ := strings.Cut(text, " (")
	return short
}

// costAgainst is the second spend as a multiple of the first.
func costAgainst(a, b costmodel.Spend) []string {
	switch {
	case !a.Known || !b.Known || a.PerMonth.Sign() == 0:
		return nil
	case a.PerMonth.Cmp(b.PerMonth) == 0:
		return []string{"the same cost"}
	}
	return []string{fmt.Sprintf("%.2f× the cost", b.PerMonth.Float64()/a.PerMonth.Float64())}
}

// overtakes says at which output shares one of them becomes the cheaper, where both
// can be had: "a cheaper above 27.3% output".
func (a Against) overtakes(x, y *Row, w costmodel.Workload) []string {
	if x.Retired || y.Retired || !x.Spend.Known || !y.Spend.Known {
		return nil
	}
	one, other := tariffOf(*x), tariffOf(*y)
	if one.machine && other.machine {
		return nil
	}
	one.name, other.name = a.NameA, a.NameB
	var parts []string
	for _, c := range between(one, other, w, costmodel.ByOutput) {
		parts = append(parts, c.Winner+" cheaper above "+c.Label+" output")
	}
	return parts
}

// qualityAgainst is how much better or worse the second is, where both are known.
func qualityAgainst(a, b costmodel.Metric) []string {
	if !a.Known() || !b.Known() {
		return nil
	}
	by := b.Value - a.Value
	switch {
	case by > 0:
		return []string{fmt.Sprintf("quality %.2f higher", by)}
	case by < 0:
		return []string{fmt.Sprintf("quality %.2f lower", -by)}
	}
	return []string{"the same quality"}
}

// AgainstOf compares the samples of two rows, each of one series in the order of
// time.
func AgainstOf(a, b string, of, other []probe.Sample) Against {
	result := Against{A: a, B: b}
	ratio := func(figure func(probe.Sample) probe.Measured[time.Duration]) stats.Ratio {
		return ratioOf(headline(of, figure), headline(other, figure))
	}
	result.TTFT = ratio(func(s probe.Sample) probe.Measured[time.Duration] { return s.TTFT })
	result.E2E = ratio(func(s probe.Sample) probe.Measured[time.Duration] { return s.E2E })
	for _, s := range slices.Concat(of, other) {
		result.Scripted = result.Scripted || s.Flags.Has(probe.Scripted)
	}
	return result
}

// ratioOf is the ratio of b to a, unknown while one of them has no median of its own.
func ratioOf(a, b []float64) stats.Ratio {
	if min(len(a), len(b)) < stats.Needed(0.5) {
		return stats.Ratio{NA: len(a), NB: len(b), P: 1, Adjusted: 1}
	}
	return stats.Compare(a, b)
}

// headline are the times of the samples that figures rest on, in milliseconds.
func headline(samples []probe.Sample, figure func(probe.Sample) probe.Measured[time.Duration]) []float64 {
	var values []float64
	for _, s := range samples {
		if v := millis(figure(s)); s.Headline() && v.Known {
			values = append(values, v.Value)
		}
	}
	return values
}
