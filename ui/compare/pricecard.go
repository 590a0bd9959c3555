package compare

import (
	"fmt"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/store"
)

// PriceCard says what a model charges, who says so, how that went, when it ends and
// what the model can do. Rates are of a million tokens. Seen are the prices that the history has of it.
func PriceCard(r Row, seen []store.PriceSeen, today costmodel.Date) []Line {
	if !r.Price.Known() {
		return []Line{{"price", []string{"unknown: no price for " + r.Target, "unknown"}}}
	}
	lines := []Line{{"price", rateTexts(r.Price)}, {"source", sourceTexts(r)}}
	if next, on, ok := r.Model.NextChange(today); r.Known && ok {
		text := "on " + on.String()
		if next.Known() {
			text += ": " + rateTexts(next)[0]
		} else {
			text += " the price ends, what follows is not known"
		}
		lines = append(lines, Line{"next", []string{text}})
	}
	lines = append(lines, historyLines(r, seen)...)
	if d, ok := r.Model.Disagreement(r.Price); r.Known && ok {
		lines = append(lines, Line{"warn", []string{"sources differ: " + d.String(), AnotherSource(d)}})
	}
	if r.Known {
		lines = append(lines, endLine(r, today), canLine(r.Model))
	}
	return lines
}

// rateTexts are the rates a million tokens, longest form first.
func rateTexts(p costmodel.Price) []string {
	short := fmt.Sprintf("$%s in, $%s out", p.Input, p.Output)
	text := short
	for _, extra := range []struct {
		name string
		costmodel.Rate
	}{{"cached", p.CachedInput}, {"cache write", p.CacheWrite}, {"thinking", p.Reasoning}} {
		if _, ok := extra.USD(); ok {
			text += ", " + extra.name + " $" + extra.String()
		}
	}
	if _, ok := p.Batch.Rat(); ok {
		text += ", batch × " + p.Batch.String()
	}
	for _, t := range p.Tiers {
		text += fmt.Sprintf("; above %s tokens $%s in, $%s out", Count(int(t.Above)), t.Input, t.Output)
	}
	return []string{text, short}
}

func sourceTexts(r Row) []string {
	if r.Price.Own {
		return []string{"your own price"}
	}
	asOf := ""
	if !r.Price.AsOf.IsZero() {
		asOf = "as of " + r.Price.AsOf.String() + ", "
	}
	sources := map[string]bool{}
	for _, p := range r.Model.Prices {
		sources[p.Source] = true
	}
	texts := []string{asOf + r.Price.Source}
	if n := len(sources); n > 1 {
		texts = append([]string{fmt.Sprintf("%s%s; %d sources in all", asOf, r.Price.Source, n)}, texts...)
	}
	return texts
}

// historyLines are the prices that held before, newest first: those of the source
// that holds now, and those that the history saw.
func historyLines(r Row, seen []store.PriceSeen) []Line {
	type step struct {
		from costmodel.Date
		text string
	}
	var steps []step
	add := func(from costmodel.Date, p costmodel.Price, source string) {
		if p.Known() && !from.IsZero() {
			steps = append(steps, step{from, fmt.Sprintf("%s  $%s in, $%s out%s", from, p.Input, p.Output, source)})
		}
	}
	if past := r.Model.History(r.Price.Source); len(past) > 1 {
		for _, p := range past {
			add(p.From, p, "")
		}
	}
	for _, p := range seen {
		if !seenOf(r, p) {
			continue
		}
		if !p.Price.SameTerms(r.Price) || p.Price.Source != r.Price.Source {
			add(costmodel.DateOf(p.At), p.Price, ", seen by "+p.Price.Source)
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return b.from.Compare(a.from) })
	lines := make([]Line, 0, len(steps))
	for i, s := range steps {
		label := ""
		if i == 0 {
			label = "since"
		}
		lines = append(lines, Line{label, []string{s.text}})
	}
	return lines
}

// endLine says until when a model can be had.
func endLine(r Row, today costmodel.Date) Line {
	days, known := r.Model.DaysLeft(today)
	switch {
	case r.Retired:
		return Line{"warn", []string{"retired on " + r.Model.Retired.String() + successor(r.Model), "retired on " + r.Model.Retired.String()}}
	case known:
		text := fmt.Sprintf("retires on %s, in %s", r.Model.Retired, Plural(days, "day"))
		label := "ends"
		if days <= costmodel.RetiresSoon {
			label = "warn"
		}
		return Line{label, []string{text + successor(r.Model), text}}
	}
	return Line{"ends", []string{"no retirement is announced"}}
}

func successor(m costmodel.Model) string {
	if m.Successor == "" {
		return ""
	}
	return "; its successor is " + m.Successor
}

// canLine says what a model can do; what is not known is not claimed.
func canLine(m costmodel.Model) Line {
	var can, cannot []string
	for _, f := range []struct {
		name string
		costmodel.Support
	}{
		{"JSON schema", m.Capabilities.JSONSchema},
		{"tools", m.Capabilities.Tools},
		{"thinking", m.Capabilities.Reasoning},
		{"streaming", m.Capabilities.Streaming},
		{"batch", m.Capabilities.Batch},
	} {
		switch f.Support {
		case costmodel.Supported:
			can = append(can, f.name)
		case costmodel.Unsupported:
			cannot = append(cannot, f.name)
		}
	}
	parts := can
	if len(cannot) > 0 {
		parts = append(parts, "no "+strings.Join(cannot, ", no "))
	}
	room := ""
	if m.Context > 0 {
		room = ContextText(Row{Candidate: Candidate{Model: m}}) + " context"
	}
	if m.MaxOutput > 0 {
		room += ", " + ContextText(Row{Candidate: Candidate{Model: costmodel.Model{Context: m.MaxOutput}}}) + " out"
	}
	text := strings.Join(parts, ", ")
	switch {
	case text == "" && room == "":
		return Line{"can", []string{"not known"}}
	case text == "":
		return Line{"can", []string{room}}
	case room == "":
		return Line{"can", []string{text}}
	}
	return Line{"can", []string{text + "; " + room, text}}
}
