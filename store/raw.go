package store

import (
	"context"
	"iter"
	"maps"
	"slices"

	"costping/probe"

	bolt "go.etcd.io/bbolt"
)

// rawBatch is how many samples are read in one transaction: a reader that stays
// open while others write makes the file grow.
const rawBatch = 512

// Raw implements Reader.
func (h *held) Raw(ctx context.Context, r Range) iter.Seq2[probe.Sample, error] {
	return func(yield func(probe.Sample, error) bool) {
		from, to := r.bounds()
		for cursor := sampleKey(from, 0); len(cursor) > 0; {
			var page rawPage
			err := h.call(ctx, repeatable, func(e engine) (err error) {
				page, err = e.samplePage(ctx, cursor, to)
				return err
			})
			if err != nil {
				yield(probe.Sample{}, err)
				return
			}
			cursor = page.next
			if r.Damaged != nil {
				*r.Damaged += page.damaged
			}
			for _, s := range page.samples {
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// rawPage is a part of the samples.
type rawPage struct {
	samples []probe.Sample
	next    []byte // the cursor of the page after it; empty at the end
	damaged int    // records that were left out
}

// samplePage implements engine.
func (h *boltHistory) samplePage(ctx context.Context, cursor []byte, to int64) (page rawPage, err error) {
	if err := ctx.Err(); err != nil {
		return page, err
	}
	defer h.relax()
	names := h.names.Load()
	end := string(sampleKey(to, 0))
	err = h.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketSamples).Cursor()
		page = rawPage{}
		visited := 0
		for k, v := c.Seek(cursor); k != nil && string(k) < end; k, v = c.Next() {
			if visited++; visited > rawBatch {
				page.next = append([]byte{}, k...)
				return nil
			}
			at, id, err := parseSampleKey(k)
			series, named := names.series[id]
			var w wireSample
			if err != nil || !named || w.decode(v) != nil || !inFormat(&w) {
				page.damaged++
				continue
			}
			page.samples = append(page.samples, series.sample(at, &w))
		}
		return nil
	})
	return page, err
}

// sample puts a whole sample together.
func (s Series) sample(at int64, w *wireSample) probe.Sample {
	sample := fromWire(w)
	sample.Target = probe.Target{Name: s.Target, Provider: s.Provider, Model: s.Model, BaseURL: s.BaseURL}
	sample.Profile, sample.Cap, sample.At = s.Profile, s.Cap, instant(at)
	return sample
}

// Rollups implements Reader.
func (h *held) Rollups(ctx context.Context, span Span, r Range) iter.Seq2[Rollup, error] {
	return func(yield func(Rollup, error) bool) {
		from, to := r.bounds()
		for q := (rollupQuery{Span: span, At: from, From: from, To: to}); !q.Done; {
			var page []Rollup
			err := h.call(ctx, repeatable, func(e engine) (err error) {
				var next rollupQuery
				if page, next, err = e.rollupPage(ctx, q); err == nil {
					q = next
				}
				return err
			})
			if err != nil {
				yield(Rollup{}, err)
				return
			}
			for _, one := range page {
				if !yield(one, nil) {
					return
				}
			}
		}
	}
}

// rollupPage implements engine.
func (h *boltHistory) rollupPage(ctx context.Context, q rollupQuery) (page []Rollup, next rollupQuery, err error) {
	bucket := map[Span][]byte{Hourly: bucketHour, Daily: bucketDay}[q.Span]
	if err := ctx.Err(); err != nil || bucket == nil {
		return nil, q, firstError(err, errSpan)
	}
	names := h.names.Load()
	ids := slices.Sorted(maps.Keys(names.series))
	err = h.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucket).Cursor()
		for _, id := range ids {
			if id < q.Series {
				continue
			}
			if id > q.Series {
				q.Series, q.At = id, q.From
			}
			for start, v := range rollupsBetween(c, id, q.At, q.To) {
				if len(page) >= rawBatch {
					q.At = start
					return nil
				}
				r, err := decodeRollup(append([]byte{}, v...)) // its sketches outlive the transaction
				if err != nil {
					continue
				}
				r.Series, r.Span, r.From = names.series[id], q.Span, instant(start)
				page = append(page, *r)
			}
		}
		q.Done = true
		return nil
	})
	return page, q, err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
