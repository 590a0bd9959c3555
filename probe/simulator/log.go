package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sync"
	"time"
)

// defaultKeep is how many records a server holds unless told otherwise.
const defaultKeep = 100_000

// Sent is what a request was really sent, and when. All instants are offsets from
// Received on the monotonic clock, taken just before the Write; 0 means that it
// was never sent.
type Sent struct {
	// RequestID is in the answer's X-Request-Id header.
	RequestID string
	Path      string
	Model     string
	Stream    bool
	// Status is 0 where not even headers were sent.
	Status int
	// Received is when the handler began, with its monotonic reading.
	Received time.Time

	// Load is how long the request waited for its model to be loaded; the plan's
	// instants come after it.
	Load time.Duration
	// PlannedTTFT and PlannedE2E are the plan's first and last token.
	PlannedTTFT, PlannedE2E time.Duration
	// Headers is when the headers went out, with the role delta if there was one.
	Headers time.Duration
	// FirstToken and LastToken are the first and the last event that carried
	// tokens; both the one answer where it was not streamed.
	FirstToken, LastToken time.Duration
	// End is when the handler was done.
	End time.Duration
	// EventOffsets has every token event, if Options.LogEvents is set.
	EventOffsets []time.Duration

	// Events counts the token events that were sent.
	Events int
	// Tokens are those of the events that were sent, with hidden reasoning once
	// the completion has ended; ReasoningTokens are the part that is reasoning.
	Tokens, ReasoningTokens int
	// PromptTokens by CountTokens.
	PromptTokens int

	// Fault that was scripted, or FaultNone. It may not have shown where the
	// client left first.
	Fault FaultKind
	// Defect that the answer has, of one whose right answer was known.
	Defect Defect
	// Completed: all that a sound answer consists of was sent.
	Completed bool
	// ClientLeft: the client went away first.
	ClientLeft bool
}

// sentLine is a Sent as one line of JSON.
type sentLine struct {
	RequestID       string    `json:"request_id"`
	Path            string    `json:"path"`
	Model           string    `json:"model,omitempty"`
	Stream          bool      `json:"stream"`
	Status          int       `json:"status"`
	ReceivedAt      time.Time `json:"received_at"`
	LoadMs          float64   `json:"load_ms,omitempty"`
	PlannedTTFTMs   float64   `json:"planned_ttft_ms,omitempty"`
	PlannedE2EMs    float64   `json:"planned_e2e_ms,omitempty"`
	HeadersMs       float64   `json:"headers_ms,omitempty"`
	TTFTMs          float64   `json:"ttft_ms,omitempty"`
	E2EMs           float64   `json:"e2e_ms,omitempty"`
	EndMs           float64   `json:"end_ms"`
	EventMs         []float64 `json:"event_ms,omitempty"`
	Events          int       `json:"events"`
	Tokens          int       `json:"tokens"`
	ReasoningTokens int       `json:"reasoning_tokens"`
	PromptTokens    int       `json:"prompt_tokens"`
	Fault           FaultKind `json:"fault,omitempty"`
	Defect          Defect    `json:"defect,omitempty"`
	Completed       bool      `json:"completed"`
	ClientLeft      bool      `json:"client_left"`
}

// MarshalJSON encodes the record with snake_case keys that name their unit; what
// was never sent is left out. Times are UTC, durations milliseconds with three
// decimals.
func (s Sent) MarshalJSON() ([]byte, error) {
	line := sentLine{
		RequestID: s.RequestID, Path: s.Path, Model: s.Model, Stream: s.Stream, Status: s.Status,
		ReceivedAt: s.Received.UTC(),
		LoadMs:     milliseconds(s.Load), PlannedTTFTMs: milliseconds(s.PlannedTTFT), PlannedE2EMs: milliseconds(s.PlannedE2E),
		HeadersMs: milliseconds(s.Headers), TTFTMs: milliseconds(s.FirstToken), E2EMs: milliseconds(s.LastToken),
		EndMs:  milliseconds(s.End),
		Events: s.Events, Tokens: s.Tokens, ReasoningTokens: s.ReasoningTokens, PromptTokens: s.PromptTokens,
		Fault: s.Fault, Defect: s.Defect, Completed: s.Completed, ClientLeft: s.ClientLeft,
	}
	for _, offset := range s.EventOffsets {
		line.EventMs = append(line.EventMs, milliseconds(offset))
	}
	return json.Marshal(line)
}

func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}

// A sentLog holds the latest records and writes each as a line.
type sentLog struct {
	keep int

	mu      sync.Mutex
	records []Sent
	oldest  int // where the next record goes once keep is reached

	lineMu  sync.Mutex // apart, so that a slow writer does not hold up Sent
	lines   io.Writer
	lineErr error // the first
}

func newSentLog(lines io.Writer, keep int) *sentLog {
	if keep <= 0 {
		keep = defaultKeep
	}
	return &sentLog{keep: keep, lines: lines}
}

func (l *sentLog) add(record Sent) {
	l.mu.Lock()
	if len(l.records) < l.keep {
		l.records = append(l.records, record)
	} else {
		l.records[l.oldest] = record
		l.oldest = (l.oldest + 1) % l.keep
	}
	l.mu.Unlock()
	l.writeLine(record)
}

// writeLine writes until the first error, which Close reports.
func (l *sentLog) writeLine(record Sent) {
	if l.lines == nil {
		return
	}
	line, err := json.Marshal(record)
	l.lineMu.Lock()
	defer l.lineMu.Unlock()
	if l.lineErr != nil {
		return
	}
	if err == nil {
		_, err = l.lines.Write(append(line, '\n'))
	}
	if err != nil {
		l.lineErr = fmt.Errorf("simulator log: %w", err)
	}
}

// all returns a copy, the oldest first.
func (l *sentLog) all() []Sent {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append(append(make([]Sent, 0, len(l.records)), l.records[l.oldest:]...), l.records[:l.oldest]...)
}

func (l *sentLog) err() error {
	l.lineMu.Lock()
	defer l.lineMu.Unlock()
	return l.lineErr
}
