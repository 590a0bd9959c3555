package simulator

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// writes sends a request for a stream over a bare connection and returns what each
// Write of the body held, as the chunks of the transfer encoding tell.
func writes(t *testing.T, s *Server, request string) (head string, chunks []string) {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, c)
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	body := `{"model":"m",` + hello + request + `}`
	if _, err := fmt.Fprintf(c, "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(c)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\r\n" {
			break
		}
		head += line
	}
	for {
		var size int
		if _, err := fmt.Fscanf(lines, "%x\r\n", &size); err != nil {
			t.Fatal(err)
		}
		chunk := make([]byte, size+2)
		if _, err := io.ReadFull(lines, chunk); err != nil {
			t.Fatal(err)
		}
		if size == 0 {
			return head, chunks
		}
		chunks = append(chunks, string(chunk[:size]))
	}
}

// What each Write holds.
func TestWrites(t *testing.T) {
	two := the + server + end + done
	for _, c := range []struct {
		name   string
		change func(*Script)
		want   []string
	}{
		{"none", func(*Script) {}, []string{the, server, end, done}},
		{"dribble", func(s *Script) { s.Dialect.Dribble = true }, nil}, // each byte
		{"coalesce", func(s *Script) { s.Dialect.Coalesce = 10 * ms }, []string{two}},
		{"coalesce, in two", func(s *Script) { s.Dialect.Coalesce, s.Gap = 10*ms, Constant(10*ms) }, []string{the, server + end + done}},
		{"late blank", func(s *Script) { s.Dialect.LateBlank = true }, []string{
			strings.TrimSuffix(the, "\n"), "\n" + strings.TrimSuffix(server, "\n"), "\n" + strings.TrimSuffix(end, "\n"), "\n" + done,
		}},
		{"late blank with a comment between", func(s *Script) { s.Dialect.LateBlank, s.Dialect.Heartbeat, s.Gap = true, 6*ms, Constant(3*ms) }, []string{
			strings.TrimSuffix(the, "\n"), ": keep-alive\n", "\n" + strings.TrimSuffix(server, "\n"), "\n" + strings.TrimSuffix(end, "\n"), "\n" + done,
		}},
		{"heartbeats", func(s *Script) { s.Dialect.Heartbeat, s.Dialect.HeartbeatText = 3*ms, "x" }, []string{":x\n\n", the, server, end, done}},
		{"a storm", func(s *Script) { s.Dialect.Heartbeat, s.Dialect.HeartbeatBurst = 3*ms, 200 }, []string{
			strings.Repeat(": keep-alive\n\n", 200), the, server, end, done,
		}},
		{"many beats", func(s *Script) { s.Dialect.Heartbeat, s.TTFT = 200*time.Microsecond, Constant(35*ms) }, append(
			many(174, ": keep-alive\n\n"), the, many(1, "")[0],
		)},
		{"empty deltas", func(s *Script) { s.Dialect.EmptyDeltas = 3 * ms }, []string{
			"data: " + `{~"choices":[{"index":0,"delta":{},"finish_reason":null}]}` + "\n\n", the, server, end, done,
		}},
		{"heartbeats through the proxy", func(s *Script) { s.Dialect.Heartbeat, s.Dialect.Coalesce = 2*ms, 100*ms }, []string{
			": keep-alive\n\n" + the + ": keep-alive\n\n" + server + end + done,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := quick("m")
			c.change(&script)
			s := start(t, Options{Scripts: []Script{script}, LogEvents: true})
			head, got := writes(t, s, streamTwo)
			if !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\n") {
				t.Errorf("%q", head)
			}
			if c.want == nil {
				for _, b := range got {
					if len(b) != 1 {
						t.Fatalf("%q in one write", b)
					}
				}
				if all := chunkHead.ReplaceAllString(strings.Join(got, ""), "~"); all != two {
					t.Errorf("%q", all)
				}
				return
			}
			if c.name == "many beats" { // and one to five more around the second token
				got = append(got[:175:175], "")
			}
			for i := range got {
				got[i] = chunkHead.ReplaceAllString(got[i], "~")
			}
			if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
				t.Errorf("\ngot  %q\nwant %q", got, c.want)
			}
		})
	}
}

func many(n int, s string) (all []string) {
	for range n {
		all = append(all, s)
	}
	return all
}

// However they are framed, neither beats nor tokens come before their instant, and
// the log has the tokens where they really went out.
func TestDialectNeverEarly(t *testing.T) {
	for name, change := range map[string]func(*Script){
		"dribble":       func(s *Script) { s.Dialect.Dribble = true },
		"heartbeats":    func(s *Script) { s.Dialect.Heartbeat = 2 * ms },
		"empty deltas":  func(s *Script) { s.Dialect.EmptyDeltas = 2 * ms },
		"gzip":          func(s *Script) { s.Dialect.Gzip = true },
		"tool call":     func(s *Script) { s.Dialect.ToolCall = true },
		"coalesce":      func(s *Script) { s.Dialect.Coalesce = 15 * ms },
		"loads a model": func(s *Script) { s.Dialect.LoadTime = 30 * ms },
	} {
		t.Run(name, func(t *testing.T) {
			script := Script{Model: "m", TTFT: Constant(20 * ms), Gap: LogNormal(4*ms, 0.5)}
			change(&script)
			s := start(t, Options{Seed: 3, Scripts: []Script{script}, LogEvents: true})
			plan := Draw(script, RequestRand(3, "m", 0), 0, 12)
			r := post(t, client(t), s.BaseURL()+"/chat/completions", `{"model":"m","stream":true,"max_tokens":12,`+hello+`}`)
			record := one(t, s)
			if r.err != nil || record.Tokens != 12 || !record.Completed {
				t.Fatalf("%v, %+v", r.err, record)
			}
			if !script.Dialect.ToolCall && record.Events != 12 {
				t.Errorf("%d events", record.Events)
			}
			due := func(at time.Duration) time.Duration {
				if d := script.Dialect.Coalesce; d > 0 && at%d > 0 {
					at += d - at%d
				}
				return at + script.Dialect.LoadTime
			}
			if record.FirstToken < due(plan.TTFT) || record.LastToken < due(plan.LastToken()) {
				t.Errorf("first token at %v, last at %v; due %v, %v", record.FirstToken, record.LastToken, due(plan.TTFT), due(plan.LastToken()))
			}
			if !script.Dialect.ToolCall {
				for i, e := range plan.Events {
					if record.EventOffsets[i] < due(e.At) {
						t.Errorf("event %d at %v, due %v", i, record.EventOffsets[i], due(e.At))
					}
				}
			}
			if script.Dialect.Heartbeat+script.Dialect.EmptyDeltas > 0 && (record.Headers < 2*ms || record.Headers >= record.FirstToken) {
				t.Errorf("headers at %v, the first token at %v", record.Headers, record.FirstToken)
			}
		})
	}
}

// A compressed stream can be read event by event, and is whole.
func TestGzip(t *testing.T) {
	r, _ := wire(t, streamTwo, func(s *Script) { s.Dialect.Gzip = true })
	if r.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%v", r.header)
	}
	zipped, err := gzip.NewReader(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(zipped)
	if got := chunkHead.ReplaceAllString(string(body), "~"); err != nil || got != the+server+end+done {
		t.Errorf("%v, %q", err, got)
	}

	script := quick("m")
	script.Dialect.Gzip = true
	_, chunks := writes(t, start(t, Options{Scripts: []Script{script}}), streamTwo)
	if zipped, err = gzip.NewReader(strings.NewReader(chunks[0])); err != nil {
		t.Fatal(err)
	}
	body, err = io.ReadAll(zipped) // all that the first Write tells, though the stream goes on
	if got := chunkHead.ReplaceAllString(string(body), "~"); !errors.Is(err, io.ErrUnexpectedEOF) || got != the {
		t.Errorf("first: %v, %q", err, got)
	}
}

// The data lines of one event, put together, are the JSON that it was.
func TestMultiLine(t *testing.T) {
	r, _ := wire(t, streamTwo, func(s *Script) { s.Dialect.MultiLine = true })
	events := strings.Split(strings.TrimSuffix(r.body, "\n\n"), "\n\n")
	if len(events) != 4 || events[3] != "data: [DONE]" {
		t.Fatalf("%q", r.body)
	}
	for i, want := range []string{theData, serverData, endData} {
		lines := strings.Split(events[i], "\n")
		if len(lines) < 5 {
			t.Errorf("%q is not broken", events[i])
		}
		var got bytes.Buffer
		for j, line := range lines {
			data, ok := strings.CutPrefix(line, "data: ")
			if !ok {
				t.Errorf("line %d is no data: %q", j, line)
			}
			got.WriteString(data + "\n")
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, got.Bytes()); err != nil {
			t.Fatalf("%v in %q", err, got.String())
		}
		if got := chunkHead.ReplaceAllString(compact.String(), "~"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestContentType(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Script)
		want   []string
	}{
		{"none", func(*Script) {}, []string{"text/event-stream; charset=utf-8"}},
		{"wrong", func(s *Script) { s.Dialect.ContentType = "text/plain" }, []string{"text/plain"}},
		{"missing", func(s *Script) { s.Dialect.NoContentType = true }, nil},
		{"an error for a body", errorAfter(NoEvents, StreamErrorBody), []string{"application/json"}},
	} {
		r, _ := wire(t, streamTwo, c.change)
		if got := r.header.Values("Content-Type"); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
