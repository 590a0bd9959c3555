package snapshot

import (
	"context"
	"fmt"
	"math"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
)

// Input is what a record is taken of.
type Input struct {
	// Compare has the candidates, the workload, the limits, the day and the order;
	// its window is the one that is read.
	Compare compare.Input
	// WorkloadName is what the person calls its workload, "" for nothing.
	WorkloadName string
	// From and To bound what was measured, at least a minute apart.
	From, To time.Time
	// Now is the moment of taking it.
	Now time.Time
	// Place and Note are the person's own words, Tool the program's version.
	Place, Note, Tool string
	Demo              bool
	// SLO is what attempts are held to for the goodput.
	SLO compare.SLO
	// Catalog knows successors; nil for none.
	Catalog *costmodel.Catalog
}

// Bounds of the texts of a record, in bytes.
const (
	maxName = 200
	maxText = 1000
)

// mostEvents bounds the events of a record.
const mostEvents = 500

// Take reads the history and makes a record of it.
func Take(ctx context.Context, history store.Reader, in Input) (*Record, error) {
	window, err := history.Window(ctx, store.Query{From: in.From, To: in.To})
	if err != nil {
		return nil, err
	}
	graded, err := compare.ReliableIn(ctx, history, store.Range{From: in.To.Add(-compare.ResultsBack), To: in.To})
	if err != nil {
		return nil, err
	}
	given := in.Compare
	given.Window, given.Reliable = window, graded
	given.Base = given.Workload
	table := compare.Build(given)
	r := &Record{
		Schema: Schema, Tool: probe.Sanitize(in.Tool, maxName), TakenAt: in.Now.UTC().Truncate(time.Second),
		Place: probe.Sanitize(in.Place, maxName), Note: probe.Sanitize(in.Note, maxText), Demo: in.Demo,
		Measurement: Measurement{DefinitionVersion, Definition},
		Window:      Window{From: in.From.UTC(), To: in.To.UTC(), Sketched: window.Sketched},
		Workload:    workloadOf(in.WorkloadName, given.Workload), PricesOn: given.Today, Limits: limitsOf(given.Limits),
		Warnings: []string{}, Events: []Event{},
	}
	if window.Damaged > 0 {
		r.warn("%s of the history could not be read and are not in the figures", compare.Plural(window.Damaged, "record"))
	}
	if scripted := scriptedIn(table); scripted > 0 && !in.Demo {
		r.warn("%s simulated, not measured", compare.Plural(scripted, "attempt")+map[bool]string{true: " is", false: " are"}[scripted == 1])
	}
	values, err := r.collect(ctx, history, table, in.SLO)
	if err != nil {
		return nil, err
	}
	lines, err := history.Series(ctx, store.ChartQuery{From: r.seriesFrom(), To: in.To.UTC(), Step: r.step()})
	if err != nil {
		return nil, err
	}
	for _, row := range table.Rows {
		r.Rows = append(r.Rows, r.row(row, values, lines, in))
	}
	if err := r.addEvents(ctx, history); err != nil {
		return nil, err
	}
	return r, r.derive()
}

// scriptedIn counts the attempts of a table that nobody made.
func scriptedIn(table compare.Table) (n int) {
	for _, row := range table.Rows {
		n += row.Summary.Scripted
	}
	return n
}

func (r *Record) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// steps are the lengths of a step of the series.
var steps = []time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 3 * time.Minute, 10 * time.Minute,
	time.Hour, 6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour,
}

// mostSteps bounds the steps of a series.
const mostSteps = 150

// step is the shortest one that cuts the window into few enough.
func (r *Record) step() time.Duration {
	long := r.Window.To.Sub(r.Window.From)
	for _, s := range steps {
		if long <= s*(mostSteps-2) {
			return s
		}
	}
	return 30 * 24 * time.Hour
}

func (r *Record) seriesFrom() time.Time { return r.Window.From.Truncate(r.step()) }

// row writes a row of the table down.
func (r *Record) row(row compare.Row, values map[store.Series]*values, lines []store.Line, in Input) Row {
	doc := Row{Target: probe.Sanitize(row.Target, maxName), Short: row.Short, Tags: row.Tags, Published: publishedOf(row.Published)}
	if row.Known {
		doc.Model = modelOf(row, in)
		doc.Sources = sources(row.Model, in.Compare.Today)
		if apart, ok := row.Model.Disagreement(row.Price); ok && !row.Price.Own {
			percent, _ := apart.Percent.Float64()
			doc.Apart = math.Round(percent*10) / 10
		}
	}
	if !row.Price.Equal(costmodel.Price{}) {
		price := row.Price
		doc.Price = &price
	}
	if row.OwnMachine || row.Machine != nil {
		doc.Machine = &Machine{}
		if cost := row.Machine; cost != nil {
			text := cost.USD.String() + "/" + cost.Period.String()
			doc.Machine.Cost = &text
		}
	}
	doc.Quality, doc.Graded = figureOf(row.Quality), gradedOf(row.Reliability)
	if row.Has {
		doc.Measured = measuredOf(row, values[row.Summary.Series], lines)
		doc.Measured.Series.From, doc.Measured.Series.StepS = r.seriesFrom(), int64(r.step()/time.Second)
		if !in.Demo { // a simulator is paid by nobody
			r.addCost(row.Summary)
		}
	}
	return doc
}

func (r *Record) addCost(s store.Summary) {
	if rat := s.USD.Rat(); rat != nil {
		r.ProbeUSD = r.ProbeUSD.Add(costmodel.NewUSD(rat))
	}
	r.ProbeUnpriced += s.Unpriced
}

func modelOf(row compare.Row, in Input) *Model {
	m := row.Model
	doc := &Model{
		ID: m.ID, Name: m.Name, Provider: m.Provider, ProviderName: m.ProviderName, Family: m.Family, Kind: m.Kind,
		Released: m.Released, Retired: m.Retired, Context: m.Context, MaxOutput: m.MaxOutput, Capabilities: m.Capabilities,
	}
	if in.Catalog == nil || m.Retired.IsZero() {
		return doc
	}
	if next, ok := in.Catalog.SuccessorOn(m, m.Retired); ok && next.ID != m.ID {
		doc.Successor = &Successor{ID: next.ID}
		if spend := costmodel.Project(next.PriceOn(in.Compare.Today), in.Compare.Workload); spend.Known {
			doc.Successor.USDPerMonth = &spend.PerMonth
		}
	}
	return doc
}

// sources counts those that give a price for a day.
func sources(m costmodel.Model, day costmodel.Date) int {
	seen := map[string]bool{}
	for _, p := range m.Prices {
		if p.Service == costmodel.Standard && p.Hours.IsZero() && p.InForceOn(day) {
			seen[p.Source] = true
		}
	}
	return len(seen)
}

func publishedOf(p compare.Published) *Published {
	if !p.TTFT.Known() && !p.Speed.Known() {
		return nil
	}
	doc := &Published{}
	if p.TTFT.Known() {
		doc.TTFT = &p.TTFT.Value
	}
	if p.Speed.Known() {
		doc.Speed = &p.Speed.Value
	}
	return doc
}

func figureOf(m costmodel.Metric) *Figure {
	if !m.Known() {
		return nil
	}
	return &Figure{Value: m.Value, Lo: m.Lo, Hi: m.Hi, N: m.N, Hits: m.Hits, Basis: m.Basis.String()}
}

func limitsOf(limits []compare.Limit) []Limit {
	docs := []Limit{}
	for _, l := range limits {
		doc := Limit{Target: l.Target, ForS: int64(l.For / time.Second), Bounds: []Bound{}}
		for _, b := range l.Bounds {
			bound := Bound{Metric: string(b.Metric)}
			if isMoney(b.Metric) {
				bound.USD = &b.USD
			} else {
				bound.Value = &b.Value
			}
			doc.Bounds = append(doc.Bounds, bound)
		}
		docs = append(docs, doc)
	}
	return docs
}

func isMoney(m compare.LimitMetric) bool {
	return m == compare.LimitMaxDaily || m == compare.LimitMaxMonthly
}

// eventTexts are the kinds of events that say something of the figures, with the
// words for those whose own could repeat what a server or this machine said.
var eventTexts = map[store.EventKind]string{
	"limit_broken": "", "limit_cleared": "", "regression": "", "recovered": "", "price_changed": "", "retiring": "",
	"drifted": "", "drift_ended": "",
	"budget_spent": "the budget for probing was spent", "budget_reset": "a new day's budget for probing",
	"target_down": "it does not answer", "target_up": "it answers again",
	"target_off": "not probed from here on", "target_on": "probed again", "paused": "probing paused", "resumed": "probing resumed",
	store.EventClockStep: "the clock was set", store.EventGap: "nothing was probed",
}

// addEvents adds what happened within the window.
func (r *Record) addEvents(ctx context.Context, history store.Reader) error {
	events, err := history.Events(ctx, store.Range{From: r.Window.From, To: r.Window.To})
	if err != nil {
		return err
	}
	for _, e := range events {
		text, kept := eventTexts[e.Kind]
		if !kept {
			continue
		}
		if text == "" {
			text = probe.Sanitize(e.Text, maxText)
		}
		r.Events = append(r.Events, Event{At: e.At.UTC(), Kind: e.Kind, Target: e.Target, Text: text, ForS: int64(e.For / time.Second)})
	}
	if extra := len(r.Events) - mostEvents; extra > 0 {
		r.warn("%s before the others are left out", compare.Plural(extra, "event"))
		r.Events = r.Events[extra:]
	}
	return nil
}
