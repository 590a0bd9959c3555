package snapshot

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"costping/probe"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
)

// mostOrder is how many order statistics a record keeps of a figure.
const mostOrder = 512

// longestGoodput bounds the window that goodput is worked out for: every attempt is
// held in memory for it.
const longestGoodput = 7 * 24 * time.Hour

// values are the headline's values of one series, and when the first attempt was.
type values struct {
	ttft, e2e, speed []float64
	first            time.Time
	attempts         []probe.Sample // for the goodput
	goodput          *Goodput
}

// collect reads the single samples of the series that stand for rows.
func (r *Record) collect(ctx context.Context, history store.Reader, t compare.Table, slo compare.SLO) (map[store.Series]*values, error) {
	all := map[store.Series]*values{}
	for _, row := range t.Rows {
		if row.Has {
			all[row.Summary.Series] = &values{}
		}
	}
	judged := slo.Given() && r.Window.To.Sub(r.Window.From) <= longestGoodput
	hours := map[int64]bool{}
	for s, err := range history.Raw(ctx, store.Range{From: r.Window.From, To: r.Window.To}) {
		if err != nil {
			return nil, err
		}
		hours[int64(s.At.Sub(r.Window.From)/time.Hour)] = true
		if v := all[store.SeriesOf(s)]; v != nil {
			v.add(s, judged)
		}
	}
	for _, v := range all {
		if judged {
			attained := slo.Goodput(v.attempts, false)
			v.goodput = &Goodput{SLO: slo.String(), Hits: attained.Hits, N: attained.N}
			v.attempts = nil
		}
	}
	r.Window.HoursCovered = len(hours)
	r.Window.HoursTotal = int((r.Window.To.Sub(r.Window.From) + time.Hour - 1) / time.Hour)
	return all, r.beforeRaw(ctx, history)
}

// beforeRaw says so where single samples do not reach back as far as the window.
func (r *Record) beforeRaw(ctx context.Context, history store.Reader) error {
	info, err := history.Info(ctx)
	if err == nil && info.RawFrom.After(r.Window.From) {
		r.warn("single samples are kept since %s: order statistics and hours covered are of that time alone", info.RawFrom.UTC().Format("2006-01-02 15:04"))
	}
	return err
}

func (v *values) add(s probe.Sample, keep bool) {
	if v.first.IsZero() {
		v.first = s.At.UTC()
	}
	if keep {
		v.attempts = append(v.attempts, probe.Sample{Outcome: s.Outcome, Flags: s.Flags, TTFT: s.TTFT, TPOT: s.TPOT, E2E: s.E2E})
	}
	if !s.Headline() {
		return
	}
	v.ttft = append(v.ttft, millis(s.TTFT.Value))
	if s.E2E.Known {
		v.e2e = append(v.e2e, millis(s.E2E.Value))
	}
	if speed := s.OutputSpeed(); speed.Known {
		v.speed = append(v.speed, speed.Value)
	}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// measuredOf writes down what was measured.
func measuredOf(row compare.Row, v *values, lines []store.Line) *Measured {
	s := row.Summary
	doc := &Measured{
		Model: s.Series.Model, Provider: s.Series.Provider, Profile: s.Series.Profile, Cap: s.Series.Cap,
		Concurrency: max(1, s.Series.Concurrency), N: s.Warm, Attempts: s.Attempts(), Others: row.Others,
		Outcomes: maps.Clone(s.Outcomes), Offline: s.Offline, Scripted: s.Scripted, FailedInARow: s.FailedInARow,
		Last: s.Last.UTC(), LastOutcome: s.LastOutcome, InputTokens: s.InputTokens, OutputTokens: s.OutputTokens,
		ThinkingN: s.ThinkingN, USD: s.USD.String(), Unpriced: s.Unpriced,
		TTFT:   metricOf(s.TTFTp50, s.TTFTp95, v.ttft),
		E2E:    metricOf(s.E2Ep50, s.E2Ep95, v.e2e),
		Speed:  metricOf(s.Speedp50, stats.Quantile{}, v.speed),
		Series: seriesOf(s.Series, lines), Goodput: v.goodput,
	}
	if s.Thinking.Known {
		doc.Thinking = &s.Thinking.Value
	}
	if !v.first.IsZero() {
		doc.First = &v.first
	}
	return doc
}

func metricOf(p50, p95 stats.Quantile, values []float64) Metric {
	m := Metric{N: p50.N, P50: quantileOf(p50), P95: quantileOf(p95), Order: thinned(stats.Sort(values), mostOrder)}
	if p50.N > 0 {
		m.Max = &p50.Max
	}
	return m
}

func quantileOf(q stats.Quantile) *Quantile {
	if !q.Earned() {
		return nil
	}
	doc := &Quantile{Value: q.Value, Lo: q.Lo, Hi: q.Hi, Effective: q.Effective}
	for _, w := range q.Warnings {
		doc.Warnings = append(doc.Warnings, Warning{string(w.Code), w.Text})
	}
	return doc
}

// thinned are at most n of the sorted values, at even ranks, to a microsecond.
func thinned(sorted []float64, n int) []float64 {
	values := make([]float64, 0, min(n, len(sorted)))
	for i := range cap(values) {
		rank := i
		if len(sorted) > n {
			rank = int((float64(i) + 0.5) / float64(n) * float64(len(sorted)))
		}
		values = append(values, math.Round(sorted[rank]*1000)/1000)
	}
	return values
}

// seriesOf are the steps of a series' line.
func seriesOf(series store.Series, lines []store.Line) Series {
	at := slices.IndexFunc(lines, func(l store.Line) bool { return l.Series == series })
	if at < 0 {
		return seriesOfBands(nil)
	}
	return seriesOfBands(lines[at].Points)
}

func seriesOfBands(bands []store.Band) Series {
	doc := Series{N: []int{}, Failed: []int{}, P25: []*float64{}, P50: []*float64{}, P75: []*float64{}, E2E: []*float64{}, Speed: []*float64{}}
	some := func(s store.Spread, v float64) *float64 {
		if s.N == 0 {
			return nil
		}
		v = math.Round(v*1000) / 1000
		return &v
	}
	for _, b := range bands {
		doc.N, doc.Failed = append(doc.N, b.N), append(doc.Failed, b.Failed)
		doc.P25 = append(doc.P25, some(b.TTFT, b.TTFT.P25))
		doc.P50 = append(doc.P50, some(b.TTFT, b.TTFT.P50))
		doc.P75 = append(doc.P75, some(b.TTFT, b.TTFT.P75))
		doc.E2E = append(doc.E2E, some(b.E2E, b.E2E.P50))
		doc.Speed = append(doc.Speed, some(b.Speed, b.Speed.P50))
	}
	return doc
}
