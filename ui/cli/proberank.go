package cli

import (
	"slices"
	"strconv"

	"costping/probe"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report"
)

// ranked is a target in the order of the medians. Against compares it with the
// fastest; nil for that one, and where there is no median to compare with.
type ranked struct {
	report.Run
	against *stats.Ratio
	// gaveUp says after how many probes and why no more were made, "" for no
	// such thing.
	gaveUp string
}

// ranking orders the targets of a run by their median and compares each with the
// fastest.
func ranking(r *probing, digests []compare.Digest) []ranked {
	trials := map[string][]compare.Trial{}
	for _, t := range r.targets {
		trials[t.Name] = t.trials
	}
	var rows []ranked
	for _, d := range compare.Fastest(digests) {
		rows = append(rows, ranked{Run: report.Run{Digest: d}})
	}
	if !rows[0].Headline().TTFTp50.Earned() {
		return rows
	}
	var others [][]compare.Trial
	for _, row := range rows[1:] {
		others = append(others, trials[row.Series.Target])
	}
	for i, ratio := range compare.Versus(trials[rows[0].Series.Target], others, r.cold) {
		rows[i+1].against = &ratio
	}
	return rows
}

// versusTable has a row for each target, the fastest first.
func versusTable(rows []ranked) report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "TARGET"},
		{Title: "TTFT p50 ms", Right: true},
		{Title: "95 % CI"},
		{Title: "p95", Right: true},
		{Title: "TOK/S", Right: true},
		{Title: "ANSWER", Right: true},
		{Title: "OK", Right: true},
		{Title: "n", Right: true},
		{Title: "USD", Right: true},
		{Title: "TTFT VS FASTEST, BY ROUND"},
	}}
	for i, r := range rows {
		f := r.Headline()
		interval := compare.Unknown
		if q := f.TTFTp50; q.Earned() {
			interval = compare.Millis(q.Lo) + "-" + compare.Millis(q.Hi)
		}
		t.Rows = append(t.Rows, []report.Cell{
			{Text: r.Series.Target},
			{Text: compare.Quantile(f.TTFTp50)},
			{Text: interval},
			{Text: compare.Tail(f.TTFTp95)},
			{Text: compare.Speed(f.Speedp50, 1)},
			{Text: compare.Seconds(f.E2Ep50)},
			{Text: strconv.Itoa(r.Success.Hits) + "/" + strconv.Itoa(r.Success.N)},
			{Text: compare.Count(f.N)},
			{Text: billed(r.Digest)},
			{Text: versusText(r, i == 0)},
		})
	}
	return t
}

// versusText is how a target stands against the fastest, which is the first.
func versusText(r ranked, first bool) string {
	switch {
	case r.against != nil:
		return compare.VersusText(*r.against)
	case !first || !r.Headline().TTFTp50.Earned():
		return compare.Unknown
	case r.Cold:
		return "fastest, cold"
	}
	return "fastest"
}

// billed is what the probes of a target cost in USD, "?" where that is not known
// of all of them.
func billed(d compare.Digest) string {
	if d.Unpriced > 0 {
		return "?"
	}
	return d.USD.String()
}

// inOrder are the samples of all targets as they were sent.
func inOrder(r *probing) []probe.Sample {
	var all []probe.Sample
	for _, t := range r.targets {
		all = append(all, samplesOf(t.trials)...)
	}
	slices.SortStableFunc(all, func(a, b probe.Sample) int { return a.At.Compare(b.At) })
	return all
}
