package simulator

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"time"
)

// A part is one event of a stream, due at an instant of the plan.
type part struct {
	at    time.Duration
	name  string // of the event; mostly empty
	data  []byte
	raw   bool  // no event, but bytes as they are
	last  bool  // nothing follows
	token bool  // it carries tokens:
	event Event // these
}

// A beat is what is sent over and over until the stream ends.
type beat struct {
	every, next time.Duration
	data        []byte // of an event; nil: a comment
}

// A delivery takes the parts of a stream in order and writes each at its instant,
// with the beats between them. All is framed before the wait, so that nothing but
// Write and Flush is left to do then.
type delivery struct {
	*exchange
	form   *framer
	beats  []beat
	note   func(Event, time.Duration) // told of token events and when they went out
	zip    *gzip.Writer               // nil: none
	zipped bytes.Buffer

	// What a buffering proxy holds, and when it will let go of it.
	held       []byte
	heldEvents []Event
	heldAt     time.Duration
}

func (x *exchange) newDelivery(f Framing, note func(Event, time.Duration)) *delivery {
	d := &delivery{exchange: x, form: newFramer(f), note: note}
	if f.Gzip {
		d.zip = gzip.NewWriter(&d.zipped)
	}
	if f.Heartbeat > 0 {
		d.addBeat(f.Heartbeat, nil)
	}
	return d
}

// addBeat sends this data, or a comment, every so often from receipt on.
func (d *delivery) addBeat(every time.Duration, data []byte) {
	d.beats = append(d.beats, beat{every: every, next: every, data: data})
}

// open sets status and headers; they go out with the first bytes.
func (d *delivery) open() {
	h := d.w.Header()
	h.Set("Cache-Control", "no-cache")
	if d.form.Gzip {
		h.Set("Content-Encoding", "gzip")
	}
	contentType := d.form.ContentType
	if contentType == "" {
		contentType = "text/event-stream; charset=utf-8"
	}
	if d.form.NoContentType {
		contentType = ""
	}
	d.status(http.StatusOK, contentType)
}

// put sends a part at its instant, and before it the beats that are due first.
func (d *delivery) put(p part) error {
	for {
		b := d.nextBeat(p.at)
		if b == nil {
			break
		}
		at := b.next
		b.next += b.every
		if err := d.pass(at, d.form.beat(b.data), nil); err != nil {
			return err
		}
	}
	framed := p.data
	if !p.raw {
		framed = d.form.event(p.name, p.data, p.last)
	}
	if !p.token {
		return d.pass(p.at, framed, nil)
	}
	return d.pass(p.at, framed, []Event{p.event})
}

// nextBeat returns the first beat that is due before an instant.
func (d *delivery) nextBeat(before time.Duration) (first *beat) {
	for i := range d.beats {
		if b := &d.beats[i]; b.next < before && (first == nil || b.next < first.next) {
			first = b
		}
	}
	return first
}

// pass sends bytes at an instant, or at the next at which the proxy lets go.
func (d *delivery) pass(at time.Duration, b []byte, events []Event) error {
	period := d.form.Coalesce
	if period == 0 {
		return d.write(at, b, events)
	}
	due := (at + period - 1) / period * period
	if due > d.heldAt {
		if err := d.release(); err != nil {
			return err
		}
	}
	d.held, d.heldEvents, d.heldAt = append(d.held, b...), append(d.heldEvents, events...), due
	return nil
}

// release sends what is held.
func (d *delivery) release() error {
	if d.held == nil {
		return nil
	}
	err := d.write(d.heldAt, d.held, d.heldEvents)
	d.held, d.heldEvents = nil, nil
	return err
}

// write sends bytes at an instant. Token events are noted with the offset of the
// Write that completes them.
func (d *delivery) write(at time.Duration, b []byte, events []Event) error {
	if d.zip != nil && len(b) > 0 {
		d.zipped.Reset()
		if _, err := d.zip.Write(b); err != nil {
			return err
		}
		if err := d.zip.Flush(); err != nil {
			return err
		}
		b = d.zipped.Bytes()
	}
	if err := d.at(at); err != nil {
		return err
	}
	if d.form.Dribble {
		for len(b) > 1 {
			if _, err := d.send(b[:1]); err != nil {
				return err
			}
			b = b[1:]
		}
	}
	offset, err := d.send(b)
	if err != nil {
		return err
	}
	for _, e := range events {
		d.note(e, offset)
	}
	return nil
}

// close sends what is still owed after the last part.
func (d *delivery) close() error {
	if err := d.release(); err != nil {
		return err
	}
	if d.zip == nil {
		return nil
	}
	d.zipped.Reset()
	if err := d.zip.Close(); err != nil {
		return err
	}
	_, err := d.send(d.zipped.Bytes())
	return err
}
