package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"costping/probe"

	bolt "go.etcd.io/bbolt"
)

// A note is an event, a price or a result: JSON, followed by the CRC-32C of that,
// under int64 nanoseconds since 1970 and a uint32 that tells notes of one instant
// apart, both big endian.

// maxNote bounds a note, in bytes.
const maxNote = 64 << 10

// maxNoteText bounds a text in a note that is shown, in bytes.
const maxNoteText = 1 << 10

// Record implements Writer.
func (h *boltHistory) Record(ctx context.Context, n Notes) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(n.Events)+len(n.Prices)+len(n.Results) == 0 {
		return nil
	}
	n = n.shown()
	var version uint64
	err := h.change(func(tx *bolt.Tx) (err error) {
		for _, e := range n.Events {
			err = errors.Join(err, putNote(tx, bucketEvent, e.At, e))
		}
		for _, p := range n.Prices {
			err = errors.Join(err, putPrice(tx, p))
		}
		for _, r := range n.Results {
			err = errors.Join(err, putNote(tx, bucketResult, r.At, r))
		}
		if err != nil {
			return err
		}
		version, err = changed(tx)
		return err
	})
	if err == nil {
		h.version.Store(version)
	}
	return err
}

// putNote writes a note unless it is there already.
func putNote(tx *bolt.Tx, bucket []byte, at time.Time, note any) error {
	if err := checkTime(at); err != nil {
		return err
	}
	text, err := json.Marshal(note)
	if err != nil {
		return fmt.Errorf("a note cannot be kept: %w", err)
	}
	if len(text) > maxNote {
		return fmt.Errorf("a note of %d bytes is longer than %d", len(text), maxNote)
	}
	value := seal(text)
	b := tx.Bucket(bucket)
	for n := uint32(0); ; n++ {
		key := sampleKey(nanosOf(at), n)
		there := b.Get(key)
		if there == nil {
			return b.Put(key, value)
		}
		if bytes.Equal(there, value) {
			return nil
		}
	}
}

// putPrice writes a price unless it is the newest of its model and source.
func putPrice(tx *bolt.Tx, p PriceSeen) error {
	var newest *PriceSeen
	_, err := notesIn(tx, bucketPrice, 0, nanosOf(p.At)+1, func(seen PriceSeen) {
		if seen.Model == p.Model && seen.Price.Source == p.Price.Source {
			newest = &seen
		}
	})
	if err != nil || newest != nil && newest.Price.Equal(p.Price) {
		return err
	}
	return putNote(tx, bucketPrice, p.At, p)
}

// seal adds the checksum that unseal takes off.
func seal(text []byte) []byte {
	return binary.LittleEndian.AppendUint32(text, crc(text))
}

// unseal is the text of a sealed value, false where its checksum does not match or
// it is longer than a note may be.
func unseal(value []byte) ([]byte, bool) {
	end := len(value) - 4
	if end < 0 || end > maxNote || binary.LittleEndian.Uint32(value[end:]) != crc(value[:end]) {
		return nil, false
	}
	return value[:end], true
}

// notesIn walks the notes with from <= at < to and counts those that cannot be
// read.
func notesIn[T any](tx *bolt.Tx, bucket []byte, from, to int64, visit func(T)) (damaged int, err error) {
	b := tx.Bucket(bucket)
	if b == nil {
		return 0, fmt.Errorf("the history has no bucket %s: %w", bucket, ErrDamaged)
	}
	c := b.Cursor()
	end := sampleKey(to, 0)
	for k, v := c.Seek(sampleKey(from, 0)); k != nil && bytes.Compare(k, end) < 0; k, v = c.Next() {
		var note T
		text, whole := unseal(v)
		if !whole || json.Unmarshal(text, &note) != nil {
			damaged++
			continue
		}
		visit(note)
	}
	return damaged, nil
}

// notesOf collects them.
func notesOf[T any](h *boltHistory, bucket []byte, r Range, want func(*T) bool) ([]T, error) {
	var notes []T
	from, to := r.bounds()
	err := h.view(func(tx *bolt.Tx) error {
		_, err := notesIn(tx, bucket, from, to, func(note T) {
			if want(&note) {
				notes = append(notes, note)
			}
		})
		return err
	})
	return notes, err
}

// Events implements Reader.
func (h *boltHistory) Events(ctx context.Context, r Range) ([]Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return notesOf(h, bucketEvent, r, (*Event).show)
}

// Prices implements Reader.
func (h *boltHistory) Prices(ctx context.Context, model string) ([]PriceSeen, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return notesOf(h, bucketPrice, Range{}, func(p *PriceSeen) bool { return p.show() && (model == "" || p.Model == model) })
}

// Results implements Reader.
func (h *boltHistory) Results(ctx context.Context, r Range) ([]Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return notesOf(h, bucketResult, r, (*Result).show)
}

// shown is the notes with texts fit to be shown, times in UTC.
func (n Notes) shown() Notes {
	shown := Notes{}
	for _, e := range n.Events {
		e.show()
		shown.Events = append(shown.Events, e)
	}
	for _, p := range n.Prices {
		p.show()
		shown.Prices = append(shown.Prices, p)
	}
	for _, r := range n.Results {
		r.show()
		shown.Results = append(shown.Results, r)
	}
	return shown
}

// show makes the texts fit to be shown: a history may come from anywhere.
func (e *Event) show() bool {
	e.At = e.At.UTC()
	e.Kind = EventKind(probe.Sanitize(string(e.Kind), longestName))
	e.Target, e.Text = probe.Sanitize(e.Target, longestName), probe.Sanitize(e.Text, maxNoteText)
	return true
}

func (p *PriceSeen) show() bool {
	p.At = p.At.UTC()
	p.Model, p.Price.Source = probe.Sanitize(p.Model, longestName), probe.Sanitize(p.Price.Source, maxNoteText)
	return true
}

func (r *Result) show() bool {
	r.At = r.At.UTC()
	r.Series = r.Series.shown()
	r.Kind, r.Case = probe.Sanitize(r.Kind, longestName), probe.Sanitize(r.Case, longestName)
	return true
}
