package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Framing is how events are put on the wire, as far as it departs from
// "data: JSON" with a line feed and a blank line, one Write each.
type Framing struct {
	// LineEnd is CR, CRLF or LF; LF where empty. CRLF is sent by servers on
	// sse-starlette; CR is only what the standard allows.
	LineEnd string
	// BOM is a byte order mark before the first line, which the standard allows.
	BOM bool
	// Heartbeat is how often a comment is sent until the answer is complete, from
	// receipt of the request, so that it also precedes the first token
	// (OpenRouter, DeepSeek).
	Heartbeat time.Duration
	// HeartbeatBurst is how many comments come at each beat; 0 means 1. While a
	// request waits for minutes, they add up to hundreds in a row (DeepSeek).
	HeartbeatBurst int
	// HeartbeatText is the comment; " keep-alive" where empty.
	HeartbeatText string
	// EventName is the name in an event: line before the data of each event, as
	// gateways for Anthropic add it.
	EventName string
	// NoSpace leaves out the space after "data:".
	NoSpace bool
	// MultiLine breaks the JSON of an event over several data lines.
	MultiLine bool
	// Unterminated leaves out the blank line after the last event, NoLastLineEnd
	// even the end of its last line, as a server does that joins events.
	Unterminated, NoLastLineEnd bool
	// LateBlank sends the blank line that ends an event only with the next one.
	LateBlank bool
	// NoDone ends the stream after the last chunk, without [DONE].
	NoDone bool
	// DoubleDone sends [DONE] twice, as two proxies in a row do.
	DoubleDone bool
	// AfterDone sends a further chunk with text after [DONE].
	AfterDone bool
	// Dribble sends one byte in a Write.
	Dribble bool
	// Coalesce is the period at which a buffering proxy passes on all that has
	// come since; 0 means at once (nginx with proxy_buffering, Azure's
	// default content filter).
	Coalesce time.Duration
	// Gzip compresses the body although nobody asked for it, flushed event by
	// event.
	Gzip bool
	// NeverStreams answers a request for a stream with the whole completion.
	NeverStreams bool
	// ContentType replaces text/event-stream; NoContentType leaves the header out.
	ContentType   string
	NoContentType bool
}

// The ends of lines that the event-stream format knows.
const (
	LF   = "\n"
	CR   = "\r"
	CRLF = "\r\n"
)

// maxBurst bounds the comments in a row.
const maxBurst = 10_000

func (f Framing) validate() error {
	switch {
	case f.HeartbeatBurst < 0 || f.HeartbeatBurst > maxBurst:
		return fmt.Errorf("heartbeat burst must lie between 0 and %d", maxBurst)
	case strings.ContainsAny(f.HeartbeatText+f.EventName, "\r\n"):
		return errors.New("heartbeat text and event name must be one line")
	case strings.ContainsAny(f.ContentType, "\r\n"):
		return errors.New("content type must be one line")
	case f.ContentType != "" && f.NoContentType:
		return errors.New("a content type, and yet none")
	}
	if err := oneOf("line end", f.LineEnd, "", LF, CR, CRLF); err != nil {
		return err
	}
	return errors.Join(period("heartbeat", f.Heartbeat), period("coalesce", f.Coalesce))
}

// A framer turns the data of events into bytes. What it returns is valid until
// the next call.
type framer struct {
	Framing
	buffer bytes.Buffer
	begun  bool // the byte order mark is behind
	owes   bool // the blank line after the last event
}

func newFramer(f Framing) *framer {
	if f.LineEnd == "" {
		f.LineEnd = LF
	}
	return &framer{Framing: f}
}

// begin empties the buffer, but for what precedes anything else.
func (f *framer) begin() {
	f.buffer.Reset()
	if f.BOM && !f.begun {
		f.buffer.WriteString("\ufeff")
	}
	f.begun = true
}

// event frames an event; name may be empty. After the last there is nothing more.
func (f *framer) event(name string, data []byte, last bool) []byte {
	f.begin()
	if f.owes {
		f.buffer.WriteString(f.LineEnd)
	}
	if name == "" {
		name = f.EventName
	}
	if name != "" {
		f.field("event:", []byte(name))
	}
	if f.MultiLine && json.Valid(data) {
		var broken bytes.Buffer
		if json.Indent(&broken, data, "", " ") == nil {
			data = broken.Bytes()
		}
	}
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		f.field("data:", line)
	}
	f.owes = f.LateBlank && !last
	switch {
	case last && f.NoLastLineEnd:
		f.buffer.Truncate(f.buffer.Len() - len(f.LineEnd))
	case f.owes, last && f.Unterminated:
	default:
		f.buffer.WriteString(f.LineEnd)
	}
	return f.buffer.Bytes()
}

// field writes one line.
func (f *framer) field(name string, value []byte) {
	f.buffer.WriteString(name)
	if !f.NoSpace {
		f.buffer.WriteByte(' ')
	}
	f.buffer.Write(value)
	f.buffer.WriteString(f.LineEnd)
}

// comments frames the comments of one heartbeat.
func (f *framer) comments() []byte {
	text := f.HeartbeatText
	if text == "" {
		text = " keep-alive"
	}
	blank := f.LineEnd
	if f.owes { // it would end the event before its time
		blank = ""
	}
	f.begin()
	for range orDefault(f.HeartbeatBurst, 1) {
		f.buffer.WriteString(":" + text + f.LineEnd + blank)
	}
	return f.buffer.Bytes()
}

// beat frames what is sent over and over: an event, or comments without data.
func (f *framer) beat(data []byte) []byte {
	if data == nil {
		return f.comments()
	}
	return f.event("", data, false)
}
