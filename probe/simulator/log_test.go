package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// The keys and units of a line are what other programs read.
func TestSentLine(t *testing.T) {
	record := Sent{
		RequestID: "req_000007", Path: "/v1/chat/completions", Model: "m", Stream: true, Status: 200,
		Received:    time.Date(2026, 2, 3, 4, 5, 6, 7_000_000, time.FixedZone("x", 3600)),
		PlannedTTFT: 250 * ms, PlannedE2E: 260*ms + 400*time.Microsecond,
		Headers: 100 * ms, FirstToken: 250*ms + 1600*time.Nanosecond, LastToken: 261 * ms, End: 262 * ms,
		EventOffsets: []time.Duration{250*ms + 1600*time.Nanosecond, 261 * ms},
		Events:       2, Tokens: 5, ReasoningTokens: 3, PromptTokens: 9, Completed: true,
	}
	got, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"request_id":"req_000007","path":"/v1/chat/completions","model":"m","stream":true,"status":200,` +
		`"received_at":"2026-02-03T03:05:06.007Z","planned_ttft_ms":250,"planned_e2e_ms":260.4,"headers_ms":100,` +
		`"ttft_ms":250.002,"e2e_ms":261,"end_ms":262,"event_ms":[250.002,261],"events":2,"tokens":5,` +
		`"reasoning_tokens":3,"prompt_tokens":9,"completed":true,"client_left":false}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// One line for each request, none of which holds a key or a message.
func TestLogLines(t *testing.T) {
	limited := quick("limited")
	limited.Faults = []Fault{{Kind: FaultRateLimited, Probability: 1}}
	var lines bytes.Buffer
	server := start(t, Options{Key: "s3cret", Scripts: []Script{quick("m"), limited}, Log: &lines})
	c := client(t)
	for _, model := range []string{"m", "limited", "nobody"} {
		post(t, c, server.BaseURL()+"/chat/completions", `{"model":"`+model+`","stream":true,"max_tokens":3,`+hello+`}`, "Authorization", "Bearer s3cret")
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	text := lines.String()
	if strings.Contains(text, "s3cret") || strings.Contains(text, "Hello") {
		t.Errorf("too talkative: %s", text)
	}
	var got []string
	for line := range strings.Lines(text) {
		var record struct {
			Model  string
			Status int
			Fault  string
			Tokens int
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		encoded, _ := json.Marshal(record)
		got = append(got, string(encoded))
	}
	want := `{"Model":"m","Status":200,"Fault":"","Tokens":3} {"Model":"limited","Status":429,"Fault":"rate_limited","Tokens":0} {"Model":"nobody","Status":404,"Fault":"","Tokens":0}`
	if strings.Join(got, " ") != want {
		t.Errorf("%s", got)
	}
}

// Only as many records as asked for are held: the latest, the oldest first.
func TestKeep(t *testing.T) {
	for _, c := range []struct {
		keep, added int
		want        string
	}{
		{3, 0, ""}, {3, 2, "ab"}, {3, 3, "abc"}, {3, 4, "bcd"}, {3, 8, "fgh"}, {1, 2, "b"}, {0, 4, "abcd"},
	} {
		l := newSentLog(nil, c.keep)
		for i := range c.added {
			l.add(Sent{RequestID: string(rune('a' + i))})
		}
		got := ""
		for _, record := range l.all() {
			got += record.RequestID
		}
		if got != c.want {
			t.Errorf("keep %d of %d: %q, want %q", c.keep, c.added, got, c.want)
		}
	}
}

type brokenWriter struct{ writes int }

func (w *brokenWriter) Write([]byte) (int, error) {
	w.writes++
	return 0, errors.New("disk full")
}

// A log that cannot be written does not disturb the answers; Close reports it.
func TestBrokenLog(t *testing.T) {
	broken := &brokenWriter{}
	server, err := Start(Options{Scripts: []Script{quick("m")}, Log: broken})
	if err != nil {
		t.Fatal(err)
	}
	c := client(t)
	for range 2 {
		if r := post(t, c, server.BaseURL()+"/chat/completions", `{"model":"m","max_tokens":1,`+hello+`}`); r.status != 200 || r.err != nil {
			t.Errorf("%+v", r)
		}
	}
	if err := server.Close(); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("Close: %v", err)
	}
	if broken.writes != 1 {
		t.Errorf("%d writes", broken.writes)
	}
}
