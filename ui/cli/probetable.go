package cli

import (
	"strconv"
	"time"

	"costping/probe"
	"costping/ui/compare"
	"costping/ui/report"
)

// probeTable lists the samples, one a line.
func probeTable(samples []probe.Sample) report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "#", Key: "probe", Right: true},
		{Title: "OUTCOME", Key: "outcome"},
		{Title: "CONNECT", Key: "connect_ms", Right: true},
		{Title: "TTFB", Key: "ttfb_ms", Right: true},
		{Title: "TTFT", Key: "ttft_ms", Right: true},
		{Title: "E2E", Key: "e2e_ms", Right: true},
		{Title: "TOK/S", Key: "output_tokens_per_s", Right: true},
		{Title: "IN", Key: "input_tokens", Right: true},
		{Title: "OUT", Key: "output_tokens", Right: true},
		{Title: "USD", Key: "usd", Right: true},
		{Title: "REMARKS", Key: "remarks"},
		{Title: "TARGET", Key: "target"},
		{Title: "AT", Key: "at"},
		{Title: "DNS", Key: "dns_ms", Right: true},
		{Title: "TLS", Key: "tls_ms", Right: true},
		{Title: "WROTE", Key: "wrote_ms", Right: true},
		{Title: "SERVER TTFT", Key: "server_ttft_ms", Right: true},
		{Title: "PROTOCOL", Key: "protocol"},
	}}
	for i, s := range samples {
		at := s.At.Format(time.RFC3339Nano)
		t.Rows = append(t.Rows, []report.Cell{
			same(strconv.Itoa(i + 1)), same(s.Outcome.String()),
			durationCell(s.Connect), durationCell(s.TTFB), durationCell(s.TTFT), durationCell(s.E2E),
			speedCell(s), countCell(s.Usage.Input), countCell(s.Usage.Output), usdCell(s), same(remarks(s)),
			same(s.Target.Name), same(at), durationCell(s.DNS), durationCell(s.TLS), durationCell(s.Wrote),
			durationCell(s.ServerTTFT), same(s.Protocol),
		})
	}
	return t
}

// listed is the table for people: the last samples, and what the picture below it
// does not say.
func listed(samples []probe.Sample) report.Table {
	all := probeTable(samples)
	t := report.Table{}
	columns := []int{0, 1, 4, 5, 6, 7, 8, 9, 10}
	for _, c := range columns {
		t.Columns = append(t.Columns, all.Columns[c])
	}
	for _, row := range all.Rows[max(0, len(all.Rows)-mostDrawn):] {
		var cells []report.Cell
		for _, c := range columns {
			cells = append(cells, row[c])
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// same is a cell that people and programs read alike.
func same(text string) report.Cell { return report.Cell{Text: text, Raw: text} }

func durationCell(d probe.Measured[time.Duration]) report.Cell {
	ms := milliseconds(d)
	if ms == nil {
		return report.Cell{Text: compare.Unknown}
	}
	return report.Cell{Text: strconv.FormatFloat(*ms, 'f', 1, 64), Raw: strconv.FormatFloat(*ms, 'f', -1, 64)}
}

func speedCell(s probe.Sample) report.Cell {
	speed := s.OutputSpeed()
	if !speed.Known {
		return report.Cell{Text: compare.Unknown}
	}
	text := strconv.FormatFloat(speed.Value, 'f', 1, 64)
	return report.Cell{Text: text, Raw: text}
}

func countCell(n probe.Measured[int64]) report.Cell {
	if !n.Known {
		return report.Cell{Text: compare.Unknown}
	}
	text := strconv.FormatInt(n.Value, 10)
	return report.Cell{Text: text, Raw: text}
}

func usdCell(s probe.Sample) report.Cell {
	if !s.USD.Valid {
		return report.Cell{Text: "?"}
	}
	return report.Cell{Text: s.USD.Decimal.String(), Raw: s.USD.Decimal.String()}
}

// remarks are the error, the flags and why the speed is missing.
func remarks(s probe.Sample) string {
	text := s.Error
	add := func(more string) {
		if text != "" && more != "" {
			text += "; "
		}
		text += more
	}
	for _, flag := range s.Flags.Names() {
		if flag != "capped" && flag != "client_busy" { // every probe means to be the one; the other is counted in a warning
			add(flag)
		}
	}
	if s.SpeedWithheld != "" && s.Outcome == probe.OK {
		add("no speed: " + s.SpeedWithheld)
	}
	return text
}
