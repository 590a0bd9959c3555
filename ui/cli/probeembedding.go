package cli

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"costping/probe"
	"costping/probe/check"
	"costping/ui/compare"
	"costping/ui/report"
)

// embeddingProbeJSON is costping.embedding-probe/1.
type embeddingProbeJSON struct {
	Schema string                  `json:"schema"`
	Stored bool                    `json:"stored"`
	Rows   []compare.KeptEmbedding `json:"rows"`
}

// runEmbedding embeds with all targets side by side.
func (k *kindRun) runEmbedding(ctx context.Context, show func()) error {
	k.total = len(k.targets) * check.Requests(k.probes)
	show()
	all := make([]*check.EmbeddingTally, len(k.targets))
	var targets sync.WaitGroup
	for i, t := range k.targets {
		targets.Go(func() {
			all[i] = check.RunEmbedding(ctx, k.vectors, t, k.probes, k.step)
			var score probe.Measured[float64] // of no texts there is none
			if all[i].Related.N > 0 {
				score = probe.Known(all[i].Related.Value())
			}
			k.keep(t, 0, "batches", score, compare.KeepEmbedding(all[i]))
		})
	}
	targets.Wait()
	k.finish()
	verdict := failed("name a model that embeds, such as --model text-embedding-3-small", "no answer came: %s", oneLine(all[0].GaveUp))
	for _, t := range all {
		if t.Dimensions > 0 {
			verdict = nil
		}
	}
	return k.conclude(verdict, func() error { return k.printEmbedding(all) })
}

func (k *kindRun) printEmbedding(all []*check.EmbeddingTally) error {
	if k.format == report.JSON {
		doc := embeddingProbeJSON{Schema: "costping.embedding-probe/1", Stored: k.unstored == nil, Rows: []compare.KeptEmbedding{}}
		for _, t := range all {
			doc.Rows = append(doc.Rows, compare.KeepEmbedding(t))
		}
		return writeJSON(k.stdout, doc)
	}
	table := report.Table{Columns: []report.Column{
		{Title: "TARGET", Key: "target"},
		{Title: "DIMENSIONS", Key: "dimensions", Right: true},
		{Title: "TEXTS", Key: "texts", Right: true},
		{Title: "N", Key: "n", Right: true},
		{Title: "p50 MS", Key: "p50_ms", Right: true},
		{Title: "MAX MS", Key: "max_ms", Right: true},
		{Title: "USD/1M TOKENS", Key: "usd_per_1m_tokens", Right: true},
	}}
	for _, t := range all {
		dimensions := report.Cell{Text: unknownCell}
		if t.Dimensions > 0 {
			dimensions = report.Cell{Text: compare.Count(t.Dimensions), Raw: strconv.Itoa(t.Dimensions)}
		}
		price := t.USDPerMillion()
		for _, b := range t.Batches {
			q := medianOf(b.E2E)
			p50, slowest := report.Cell{Text: unknownCell}, report.Cell{Text: unknownCell}
			if q.Earned() {
				p50 = report.Cell{Text: compare.Millis(q.Value), Raw: plainFigure(q.Value)}
			}
			if len(b.E2E) > 0 {
				slowest = report.Cell{Text: compare.Millis(q.Max), Raw: plainFigure(q.Max)}
			}
			table.Rows = append(table.Rows, []report.Cell{
				{Text: t.Target.Name, Raw: t.Target.Name},
				dimensions,
				{Text: strconv.Itoa(b.Size), Raw: strconv.Itoa(b.Size)},
				{Text: strconv.Itoa(len(b.E2E)), Raw: strconv.Itoa(len(b.E2E))},
				p50, slowest,
				moneyCell(price.Decimal.String(), moneyOf(price), price.Valid),
			})
		}
	}
	if err := table.Write(k.stdout, k.format); err != nil || k.format != report.Text {
		return err
	}
	for _, t := range all {
		if t.Related.N > 0 {
			fmt.Fprintf(k.stdout, "%s: related texts are nearer than unrelated ones in %d of %d\n", t.Target.Name, t.Related.Hits, t.Related.N)
		}
		if t.GaveUp != "" {
			fmt.Fprintf(k.stdout, "%s: stopped: %s\n", t.Target.Name, oneLine(t.GaveUp))
		}
	}
	return nil
}
