package probe

import (
	"bytes"
	"time"
)

// framer cuts a byte stream into events as the WHATWG event stream format has
// it (https://html.spec.whatwg.org/multipage/server-sent-events.html): lines end
// in CR, LF or CRLF, a leading byte order mark is dropped, a colon opens a
// comment, several data lines join with a line feed, and a blank line ends the
// event. It keeps no more than maxEvent bytes of one event.
type framer struct {
	maxEvent int

	line      []byte // the line being read, without its end
	data      []byte // the data lines of the event so far
	name      string // the event field of the event so far
	dataAt    arrival
	hasData   bool
	afterCR   bool // the last byte was CR: an LF now belongs to it
	pastStart bool // the byte order mark has had its chance
	overflow  bool // an event was larger than maxEvent
}

// framed is one event as it came off the wire.
type framed struct {
	name string
	data []byte
	// arrival is the read that completed its last data line: some servers send
	// the blank line after it only with the next event.
	arrival
}

// arrival is the number of a read and when it returned.
type arrival struct {
	read int
	at   time.Duration
}

var (
	byteOrderMark = []byte("\xef\xbb\xbf")
	fieldData     = []byte("data")
	fieldEvent    = []byte("event")
)

// feed takes the bytes of one read and hands each event they complete to emit.
func (f *framer) feed(p []byte, read arrival, emit func(framed)) {
	for len(p) > 0 {
		if f.afterCR {
			f.afterCR = false
			if p[0] == '\n' {
				p = p[1:]
				continue
			}
		}
		end := bytes.IndexAny(p, "\r\n")
		if end < 0 {
			f.keep(p)
			return
		}
		f.keep(p[:end])
		f.afterCR = p[end] == '\r'
		p = p[end+1:]
		f.endLine(read, emit)
	}
}

// keep adds to the current line within the bound.
func (f *framer) keep(p []byte) {
	if len(f.line)+len(f.data)+len(p) > f.maxEvent {
		f.overflow = true
		return
	}
	f.line = append(f.line, p...)
}

func (f *framer) endLine(read arrival, emit func(framed)) {
	line := f.line
	f.line = f.line[:0]
	if !f.pastStart {
		f.pastStart = true
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	if len(line) == 0 {
		f.dispatch(emit)
		return
	}
	field, value, _ := bytes.Cut(line, []byte{':'})
	value = bytes.TrimPrefix(value, []byte{' '})
	switch {
	case bytes.Equal(field, fieldData):
		if f.hasData {
			f.data = append(f.data, '\n')
		}
		f.data = append(f.data, value...)
		f.hasData = true
		f.dataAt = read
	case bytes.Equal(field, fieldEvent):
		f.name = string(value)
	}
}

func (f *framer) dispatch(emit func(framed)) {
	if f.hasData {
		emit(framed{name: f.name, data: bytes.Clone(f.data), arrival: f.dataAt})
	}
	f.data, f.name, f.hasData = f.data[:0], "", false
}

// finish hands over what the end of the body left without its blank line. The
// format would drop it; some servers forget the last line end of a good event.
// last is the read that brought its end.
func (f *framer) finish(last arrival, emit func(framed)) {
	if len(f.line) > 0 {
		f.endLine(last, emit)
	}
	f.dispatch(emit)
}
