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

// The JSON of costping.embedding-probe/1.
type (
	embeddingProbeJSON struct {
		Schema string             `json:"schema"`
		Stored bool               `json:"stored"`
		Rows   []embeddingRowJSON `json:"rows"`
	}
	embeddingRowJSON struct {
		Target     string      `json:"target"`
		Dimensions *int        `json:"dimensions"`
		Batches    []batchJSON `json:"batches"`
		// Related of Triples texts lie nearer to one of the same meaning.
		Related    int            `json:"related"`
		Triples    int            `json:"triples"`
		Tokens     int64          `json:"input_tokens"`
		USD        *string        `json:"usd"`
		USDPer1M   *string        `json:"usd_per_1m_tokens"`
		Unanswered map[string]int `json:"unanswered"`
		GivenUp    *string        `json:"given_up"`
	}
	batchJSON struct {
		Size  int         `json:"texts"`
		N     int         `json:"n"`
		P50   *float64    `json:"p50_ms"`
		P50CI *[2]float64 `json:"p50_ci_ms"`
		MaxMs *float64    `json:"max_ms"`
	}
)

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
			k.keep(t, 0, "batches", score, embeddingDocument(all[i]))
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

func embeddingDocument(t *check.EmbeddingTally) embeddingRowJSON {
	j := embeddingRowJSON{
		Target: t.Target.Name, Batches: []batchJSON{}, Related: t.Related.Hits, Triples: t.Related.N, Tokens: t.Tokens,
		USD: decimalOf(spent(t.USD, t.Unpriced)), USDPer1M: decimalOf(t.USDPerMillion()), Unanswered: outcomesDocument(t.Unanswered), GivenUp: textOf(t.GaveUp),
	}
	if t.Dimensions > 0 {
		j.Dimensions = &t.Dimensions
	}
	for _, b := range t.Batches {
		q := medianOf(b.E2E)
		batch := batchJSON{Size: b.Size, N: len(b.E2E), P50: known(q), P50CI: interval(q)}
		if len(b.E2E) > 0 {
			batch.MaxMs = figure(q.Max)
		}
		j.Batches = append(j.Batches, batch)
	}
	return j
}

func (k *kindRun) printEmbedding(all []*check.EmbeddingTally) error {
	if k.format == report.JSON {
		doc := embeddingProbeJSON{Schema: "costping.embedding-probe/1", Stored: k.unstored == nil, Rows: []embeddingRowJSON{}}
		for _, t := range all {
			doc.Rows = append(doc.Rows, embeddingDocument(t))
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
