package store

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"costping/probe"
)

// exportSchema is the first thing in an export as JSON lines.
const exportSchema = "costping.export/1"

// exported is one line. A sample and a rollup carry their record, from which they
// are put together again, and beside it what a reader of the file wants to see.
type exported struct {
	Schema string     `json:"schema,omitempty"`
	Kind   string     `json:"kind"`
	At     *time.Time `json:"at,omitempty"`
	Series *Series    `json:"series,omitempty"`

	Outcome    string   `json:"outcome,omitempty"`
	Attempts   *int     `json:"attempts,omitempty"`
	TTFT       *float64 `json:"ttft_ms,omitempty"`
	TTFTMedian *float64 `json:"ttft_p50_ms,omitempty"`
	E2E        *float64 `json:"e2e_ms,omitempty"`
	Speed      *float64 `json:"output_tokens_per_s,omitempty"`
	USD        *string  `json:"usd,omitempty"`
	Error      string   `json:"error,omitempty"`
	Record     []byte   `json:"record,omitempty"`

	Event  *Event     `json:"event,omitempty"`
	Price  *PriceSeen `json:"price,omitempty"`
	Result *Result    `json:"result,omitempty"`
}

// The kinds of lines.
const (
	kindHeader = "header"
	kindSample = "sample"
	kindHour   = string(Hourly)
	kindDay    = string(Daily)
	kindEvent  = "event"
	kindPrice  = "price"
	kindResult = "result"
)

// ExportJSON writes what a history has of a range as JSON lines, which Import
// reads: samples, then the rollups, events, prices and results. It gives the
// number of samples. The ledger stays where the money was spent.
func ExportJSON(ctx context.Context, h Reader, w io.Writer, r Range) (int, error) {
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(exported{Schema: exportSchema, Kind: kindHeader}); err != nil {
		return 0, err
	}
	n := 0
	for s, err := range h.Raw(ctx, r) {
		if err == nil {
			err = lines.Encode(sampleLine(s))
		}
		if err != nil {
			return n, err
		}
		n++
	}
	for _, span := range []Span{Hourly, Daily} {
		for rollup, err := range h.Rollups(ctx, span, r) {
			if err == nil {
				err = lines.Encode(rollupLine(&rollup))
			}
			if err != nil {
				return n, err
			}
		}
	}
	if err := exportNotes(ctx, h, lines, r); err != nil {
		return n, err
	}
	return n, out.Flush()
}

func sampleLine(s probe.Sample) exported {
	series := SeriesOf(s)
	line := exported{
		Kind: kindSample, At: &s.At, Series: &series, Outcome: s.Outcome.String(), Error: s.Error,
		TTFT: shownMillis(s.TTFT), E2E: shownMillis(s.E2E), Record: encode(toWire(s)),
	}
	if speed := s.OutputSpeed(); speed.Known {
		line.Speed = &speed.Value
	}
	if s.USD.Valid {
		usd := s.USD.Decimal.String()
		line.USD = &usd
	}
	return line
}

func shownMillis(d probe.Measured[time.Duration]) *float64 {
	if !d.Known {
		return nil
	}
	ms := probe.Milliseconds(d.Value)
	return &ms
}

func rollupLine(r *Rollup) exported {
	usd, attempts := r.USD.String(), r.Attempts()
	line := exported{Kind: string(r.Span), At: &r.From, Series: &r.Series, Attempts: &attempts, USD: &usd, Record: encodeRollup(r)}
	if r.TTFT.N > 0 {
		line.TTFTMedian = &r.TTFT.P50
	}
	return line
}

func exportNotes(ctx context.Context, h Reader, lines *json.Encoder, r Range) error {
	events, err := h.Events(ctx, r)
	for i := 0; err == nil && i < len(events); i++ {
		err = lines.Encode(exported{Kind: kindEvent, Event: &events[i]})
	}
	if err != nil {
		return err
	}
	prices, err := h.Prices(ctx, "")
	for i := 0; err == nil && i < len(prices); i++ {
		err = lines.Encode(exported{Kind: kindPrice, Price: &prices[i]})
	}
	if err != nil {
		return err
	}
	results, err := h.Results(ctx, r)
	for i := 0; err == nil && i < len(results); i++ {
		err = lines.Encode(exported{Kind: kindResult, Result: &results[i]})
	}
	return err
}

// csvColumns are the columns of an export as CSV, in their order. What is not
// known is empty.
var csvColumns = []struct {
	name string
	of   func(probe.Sample) string
}{
	{"at", func(s probe.Sample) string { return s.At.Format(time.RFC3339Nano) }},
	{"target", func(s probe.Sample) string { return defused(s.Target.Name) }},
	{"provider", func(s probe.Sample) string { return defused(s.Target.Provider) }},
	{"model", func(s probe.Sample) string { return defused(s.Target.Model) }},
	{"base_url", func(s probe.Sample) string { return defused(s.Target.BaseURL) }},
	{"profile", func(s probe.Sample) string { return defused(s.Profile) }},
	{"cap_tokens", func(s probe.Sample) string { return strconv.Itoa(s.Cap) }},
	{"outcome", func(s probe.Sample) string { return s.Outcome.String() }},
	{"status", func(s probe.Sample) string { return count(int64(s.Status), s.Status != 0) }},
	{"flags", func(s probe.Sample) string { return strings.Join(s.Flags.Names(), " ") }},
	{"ttft_ms", func(s probe.Sample) string { return csvMillis(s.TTFT) }},
	{"ttfo_ms", func(s probe.Sample) string { return csvMillis(s.TTFO) }},
	{"tpot_ms", func(s probe.Sample) string { return csvMillis(s.TPOT) }},
	{"e2e_ms", func(s probe.Sample) string { return csvMillis(s.E2E) }},
	{"output_tokens_per_s", func(s probe.Sample) string { return number(s.OutputSpeed()) }},
	{"queue_ms", func(s probe.Sample) string { return csvMillis(probe.Known(s.Queue)) }},
	{"connect_ms", func(s probe.Sample) string { return csvMillis(s.Connect) }},
	{"dns_ms", func(s probe.Sample) string { return csvMillis(s.DNS) }},
	{"tls_ms", func(s probe.Sample) string { return csvMillis(s.TLS) }},
	{"wrote_ms", func(s probe.Sample) string { return csvMillis(s.Wrote) }},
	{"ttfb_ms", func(s probe.Sample) string { return csvMillis(s.TTFB) }},
	{"server_ttft_ms", func(s probe.Sample) string { return csvMillis(s.ServerTTFT) }},
	{"retry_after_ms", func(s probe.Sample) string { return csvMillis(s.RetryAfter) }},
	{"input_tokens", func(s probe.Sample) string { return count(s.Usage.Input.Value, s.Usage.Input.Known) }},
	{"cached_tokens", func(s probe.Sample) string { return count(s.Usage.Cached.Value, s.Usage.Cached.Known) }},
	{"output_tokens", func(s probe.Sample) string { return count(s.Usage.Output.Value, s.Usage.Output.Known) }},
	{"reasoning_tokens", func(s probe.Sample) string { return count(s.Usage.Reasoning.Value, s.Usage.Reasoning.Known) }},
	{"events", func(s probe.Sample) string { return count(int64(s.Events), s.Events != 0) }},
	{"usd", func(s probe.Sample) string {
		if !s.USD.Valid {
			return ""
		}
		return s.USD.Decimal.String()
	}},
	{"speed_withheld", func(s probe.Sample) string { return defused(s.SpeedWithheld) }},
	{"error", func(s probe.Sample) string { return defused(s.Error) }},
}

// ExportCSV writes the samples of a range as CSV, with a header, and gives their
// number. It is for reading elsewhere; Import wants JSON lines.
func ExportCSV(ctx context.Context, h Reader, w io.Writer, r Range) (int, error) {
	out := csv.NewWriter(w)
	row := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		row[i] = c.name
	}
	if err := out.Write(row); err != nil {
		return 0, err
	}
	n := 0
	for s, err := range h.Raw(ctx, r) {
		if err != nil {
			return n, err
		}
		for i, c := range csvColumns {
			row[i] = c.of(s)
		}
		if err := out.Write(row); err != nil {
			return n, fmt.Errorf("writing the export: %w", err)
		}
		n++
	}
	out.Flush()
	return n, out.Error()
}

// defused is text that a spreadsheet does not take for a formula.
func defused(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func count(n int64, known bool) string {
	if !known {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func csvMillis(d probe.Measured[time.Duration]) string {
	return number(probe.Measured[float64]{Value: probe.Milliseconds(d.Value), Known: d.Known})
}

func number(m probe.Measured[float64]) string {
	if !m.Known {
		return ""
	}
	return strconv.FormatFloat(m.Value, 'f', -1, 64)
}
