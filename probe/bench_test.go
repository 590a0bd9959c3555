package probe

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"
	"time"

	openai "github.com/sashabaranov/go-openai" //nolint:depguard // the parser that ours is compared with
)

// benchTokens is the length of the answer in these benchmarks: the usual profile's.
const benchTokens = 128

// benchStream is an answer as OpenAI sends it, an event an element.
func benchStream() [][]byte {
	const form = `data: {"id":"chatcmpl-req_000001","object":"chat.completion.chunk","created":1795000000,"model":"gpt-4o-mini",` +
		`"choices":[%s],"usage":%s}` + "\n\n"
	chunk := func(choice, usage string) []byte { return fmt.Appendf(nil, form, choice, usage) }
	events := [][]byte{chunk(`{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}`, "null")}
	for range benchTokens {
		events = append(events, chunk(`{"index":0,"delta":{"content":" seventeen"},"finish_reason":null}`, "null"))
	}
	return append(events,
		chunk(`{"index":0,"delta":{},"finish_reason":"length"}`, "null"),
		chunk("", `{"prompt_tokens":45,"completion_tokens":128,"total_tokens":173,"prompt_tokens_details":{"cached_tokens":0},`+
			`"completion_tokens_details":{"reasoning_tokens":0}}`),
		[]byte("data: [DONE]\n\n"))
}

// eventwise is a body that gives one event a Read, as a live stream does, and
// the transport that answers every request with it.
type eventwise struct{ events [][]byte }

func (e *eventwise) Read(p []byte) (int, error) {
	if len(e.events) == 0 {
		return 0, io.EOF
	}
	n := copy(p, e.events[0])
	if e.events[0] = e.events[0][n:]; len(e.events[0]) == 0 {
		e.events = e.events[1:]
	}
	return n, nil
}

func (*eventwise) Close() error { return nil }

type answering [][]byte

func (a answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}},
		Body: &eventwise{events: bytesOf(a)},
	}, nil
}

// Do implements the client of go-openai.
func (a answering) Do(r *http.Request) (*http.Response, error) { return a.RoundTrip(r) }

// bytesOf is a copy of the list, which reading eats up.
func bytesOf(events [][]byte) [][]byte { return append([][]byte(nil), events...) }

// BenchmarkStream is the client's work on one event, step by step, beside the
// least there is: a buffered read of lines with the time of each. No network is
// in it. "record" is the measuring body, "stream" that with go-openai around it
// as in an attempt, "read" the decoding after the stream has ended, "recv" what
// go-openai's own parser takes instead of all three.
//
//	go test -run '^$' -bench Stream ./probe
func BenchmarkStream(b *testing.B) {
	events := benchStream()
	c := newClient(Limits{}, nil, answering(events))
	attempt := Attempt{Target: Target{Name: "t", BaseURL: "http://127.0.0.1/v1", Model: "m"}, Profile: Chat()}
	done := recorded(b, events)
	floor := 0.0
	for _, step := range []struct {
		name string
		work func(b *testing.B)
	}{
		{"floor", func(b *testing.B) { benchLines(b, events) }},
		{"record", func(b *testing.B) { recorded(b, events) }},
		{"stream", func(b *testing.B) {
			rec := &record{}
			_ = c.stream(b.Context(), c.transport, rec, attempt, call{form: newForm(attempt.Target, attempt.Profile)})
			benchCount(b, len(rec.events), len(events))
		}},
		{"read", func(b *testing.B) { benchCount(b, read(done).tokenEvents, benchTokens) }},
		{"recv", func(b *testing.B) { benchRecv(b, events, attempt) }},
	} {
		b.Run(step.name, func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				step.work(b)
			}
			ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(len(events))
			runtime.ReadMemStats(&after)
			if step.name == "floor" {
				floor = ns
			}
			if floor > 0 { // the floor was not left out by -bench
				b.ReportMetric(ns/floor, "x-floor")
			}
			n := float64(b.N) * float64(len(events))
			b.ReportMetric(ns, "ns/event")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/event")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n, "B/event")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// benchLines is the floor.
func benchLines(b *testing.B, events [][]byte) {
	lines := bufio.NewReader(&eventwise{events: bytesOf(events)})
	arrivals := make([]time.Duration, 0, benchTokens+8)
	begun := time.Now()
	for {
		line, err := lines.ReadSlice('\n')
		if bytes.HasPrefix(line, fieldData) {
			arrivals = append(arrivals, time.Since(begun))
		}
		if err != nil {
			break
		}
	}
	benchCount(b, len(arrivals), len(events))
}

// recorded reads the stream through the measuring body.
func recorded(b *testing.B, events [][]byte) []event {
	rec := &record{t0: time.Now(), status: http.StatusOK, sse: true}
	body := &recordingBody{rec: rec, body: &eventwise{events: bytesOf(events)}, frames: framer{maxEvent: maxEventSize}}
	var buf [4 << 10]byte
	for {
		if _, err := body.Read(buf[:]); err != nil {
			break
		}
	}
	benchCount(b, len(rec.events), len(events))
	return rec.events
}

// benchRecv reads the stream as a program does that trusts go-openai.
func benchRecv(b *testing.B, events [][]byte, a Attempt) {
	config := openai.DefaultConfig("")
	config.BaseURL, config.HTTPClient = a.Target.BaseURL, answering(events)
	stream, err := openai.NewClientWithConfig(config).CreateChatCompletionStream(b.Context(), a.Profile.request(a.Target.Model, newForm(a.Target, a.Profile)))
	if err != nil {
		b.Fatal(err)
	}
	n := 1 // [DONE] is not handed on
	for {
		if _, err = stream.Recv(); err != nil {
			break
		}
		n++
	}
	if !errors.Is(err, io.EOF) {
		b.Fatal(err)
	}
	benchCount(b, n, len(events))
	_ = stream.Close()
}

// benchCount sees to it that the work was done.
func benchCount(b *testing.B, got, want int) {
	if got != want {
		b.Fatalf("%d events, want %d", got, want)
	}
}
