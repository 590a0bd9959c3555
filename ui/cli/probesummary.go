package cli

import (
	"io"
	"strconv"

	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report"
)

// writeMarkdown writes the samples, and below them what they come to.
func writeMarkdown(w io.Writer, samples report.Table, rows []ranked) error {
	if err := samples.Write(w, report.Markdown); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return summaryTable(rows).Write(w, report.Markdown)
}

// metric is a row of the summary: a figure, its 95 % interval and what it rests on.
type metric struct{ name, value, interval, n string }

// summaryTable has the figures of each target, which it names where there are
// several.
func summaryTable(rows []ranked) report.Table {
	var t report.Table
	several := len(rows) > 1
	if several {
		t.Columns = append(t.Columns, report.Column{Title: "TARGET"})
	}
	t.Columns = append(t.Columns, report.Column{Title: "METRIC"}, report.Column{Title: "VALUE", Right: true},
		report.Column{Title: "95 % INTERVAL"}, report.Column{Title: "n", Right: true})
	for _, r := range rows {
		for _, m := range metrics(r) {
			var cells []report.Cell
			if several {
				cells = append(cells, same(r.Series.Target))
			}
			t.Rows = append(t.Rows, append(cells, same(m.name), same(m.value), same(m.interval), same(m.n)))
		}
	}
	return t
}

func metrics(r ranked) []metric {
	f := r.Headline()
	kind := "warm "
	if r.Cold {
		kind = "cold "
	}
	all := []metric{
		successMetric(r.Success),
		quantileMetric(kind+"TTFT p50, ms", f.TTFTp50, 1), quantileMetric(kind+"TTFT p95, ms", f.TTFTp95, 1),
		quantileMetric("time per output token p50, ms", f.TPOTp50, 2), quantileMetric("output speed p50, tok/s", f.Speedp50, 1),
		quantileMetric("whole answer p50, ms", f.E2Ep50, 1), quantileMetric("whole answer p95, ms", f.E2Ep95, 1),
	}
	if f.TTFOp50.Earned() && f.TTFOp50.Value > f.TTFTp50.Value {
		all = append(all, quantileMetric("first answer token p50, ms", f.TTFOp50, 1))
	}
	if f.ServerTTFTp50.Earned() {
		all = append(all, quantileMetric("TTFT by the server's account p50, ms", f.ServerTTFTp50, 1))
	}
	if r.against != nil {
		all = append(all, ratioMetric(*r.against))
	}
	cost := metric{"cost, USD", billed(r.Digest), compare.Unknown, compare.Count(r.Attempts)}
	if r.Free {
		cost.name = "cost, USD; nothing is charged on this machine"
	}
	return append(all, cost)
}

func successMetric(s stats.Rate) metric {
	m := metric{"success, %", compare.Percent(s), compare.Unknown, compare.Count(s.N)}
	if s.N > 0 {
		m.interval = between(100*s.Lo, 100*s.Hi, 1)
	}
	return m
}

// quantileMetric is a quantile where it is earned, else how many values that takes.
func quantileMetric(name string, q stats.Quantile, places int) metric {
	m := metric{name, compare.Unknown, "after " + compare.Count(q.Needed), compare.Count(q.N)}
	if q.Earned() {
		m.value, m.interval = strconv.FormatFloat(q.Value, 'f', places, 64), between(q.Lo, q.Hi, places)
	}
	return m
}

func ratioMetric(r stats.Ratio) metric {
	m := metric{"TTFT against the fastest, median of the ratios within rounds", compare.Unknown, compare.Unknown, compare.Count(r.N())}
	if !r.Paired {
		m.name = "TTFT against the fastest, median of all ratios"
	}
	if r.Earned() {
		m.value, m.interval = strconv.FormatFloat(r.Value, 'f', 2, 64), between(r.Lo, r.Hi, 2)
	}
	return m
}

func between(lo, hi float64, places int) string {
	return strconv.FormatFloat(lo, 'f', places, 64) + "-" + strconv.FormatFloat(hi, 'f', places, 64)
}
