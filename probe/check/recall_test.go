package check

import (
	"strings"
	"testing"

	"costping/probe"
	"costping/probe/simulator"

	"github.com/shopspring/decimal"
)

// The practical limit is found where the script has it, in tokens as the target
// counts them; beyond it nothing is asked.
func TestPracticalLimit(t *testing.T) {
	t.Parallel()
	script := simulator.Script{Quality: simulator.Quality{Recall: simulator.Recall{Reach: 1000, Near: 1, Far: 1, Middle: 0.3}}}
	client, target, _ := simulated(t, script, 2)
	g := Grid{Lengths: []int{200, 800, 2000, 4000}, Depths: []float64{0, 0.5, 1}, Each: EachForLimit(), Seed: 1}
	r := RunContext(t.Context(), client, target, g, 4, func(*RecallTally) {})
	if len(r.Rows) != 3 || !r.Rows[1].Holds() || !r.Rows[2].Fails() || r.Rows[2].Recall[0].Lo < RecallFloor || !r.Shown() {
		t.Fatalf("%+v", r)
	}
	limit := r.Limit()
	if !limit.Known || limit.Value < 700 || limit.Value > 900 || limit != r.Rows[1].Tokens {
		t.Errorf("the limit is %+v", limit)
	}
	for _, row := range r.Rows[1:] { // the first is sized before the target has told
		if off := float64(row.Tokens.Value)/float64(row.Asked) - 1; off < -0.1 || off > 0.1 {
			t.Errorf("aimed at %d tokens, counted %d", row.Asked, row.Tokens.Value)
		}
	}
	if r.Requests != 3*3*EachForLimit() || r.Unpriced != r.Requests {
		t.Errorf("%d requests, %d without a price", r.Requests, r.Unpriced)
	}
}

// A request that does not fit is learned from and held against nobody.
func TestWindowIsLearned(t *testing.T) {
	t.Parallel()
	var script simulator.Script
	script.Dialect.Window = 1500
	client, target, server := simulated(t, script, 2)
	g := Grid{Lengths: []int{500, 3000, 6000}, Depths: []float64{0, 1}, Each: 6, Seed: 1}
	r := RunContext(t.Context(), client, target, g, 4, func(*RecallTally) {})
	if len(r.Rows) != 1 || r.Window != probe.Known(int64(1500)) || !r.Refused || len(r.Unanswered) != 0 {
		t.Errorf("%+v", r)
	}
	if sent := len(server.Sent()); sent > 12+1 {
		t.Errorf("%d requests", sent)
	}
	if r.Limit().Known {
		t.Errorf("six requests a cell show a limit: %+v", r.Limit())
	}
}

func TestWindowsAsTheyAreTold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"400 Bad Request: This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.": 128000,
		"400 Bad Request: prompt is too long: 210000 tokens > 200000 maximum":                                                      200000,
		"400 Bad Request: The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).":                 1048576,
		"413 Request Entity Too Large": 0,
	} {
		r := &RecallTally{Rows: []RecallRow{{}}, Unanswered: map[probe.Outcome]int{}}
		r.add(0, 0, probe.Reply{Sample: probe.Sample{Outcome: probe.BadRequest, Error: text}}, "")
		if !r.Refused || r.Window.Value != want || r.Window.Known != (want > 0) {
			t.Errorf("%q: %+v", text, r.Window)
		}
	}
	r := &RecallTally{Rows: []RecallRow{{}}, Unanswered: map[probe.Outcome]int{}}
	r.add(0, 0, probe.Reply{Sample: probe.Sample{Outcome: probe.BadRequest, Error: "400 Bad Request: unknown model family"}}, "")
	if r.Refused || r.Unanswered[probe.BadRequest] != 1 {
		t.Errorf("another refusal: %+v", r)
	}
}

func TestFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"123456": true, "The code is 123456.": true, "123 456": true, "123-456": true, "1234567": false, "0123456": false,
		"": false, "I do not know.": false, "654321": false, "**123456**": true,
	} {
		if got := found(text, "123456"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// The estimate is of all requests, each a tenth longer than is aimed at.
func TestGridEstimate(t *testing.T) {
	t.Parallel()
	g := Grid{Lengths: []int{1000, 4000}, Depths: []float64{0, 1}, Each: 3}
	usd := g.Estimate(func(in, out int64) decimal.Decimal { return decimal.NewFromInt(in + out) })
	if tokens := usd.IntPart(); tokens != 6*5500+12*recallTokens {
		t.Errorf("%d tokens", tokens)
	}
}

func TestEmbedding(t *testing.T) {
	t.Parallel()
	client, target, server := simulated(t, simulator.Script{EmbeddingDimensions: 384}, 1)
	steps := 0
	r := RunEmbedding(t.Context(), client, target, 3, func() { steps++ })
	if r.Dimensions != 384 || r.Related.Hits != len(triples) || r.GaveUp != "" || steps != Requests(3) || len(server.Sent()) != steps {
		t.Errorf("%+v, %d steps", r, steps)
	}
	for i, b := range r.Batches {
		if b.Size != BatchSizes()[i] || len(b.E2E) != 3 {
			t.Errorf("%+v", b)
		}
	}
	chat, other, _ := simulated(t, simulator.Script{}, 1)
	if r := RunEmbedding(t.Context(), chat, other, 3, func() {}); r.Unanswered[probe.NotFound] != 1 || !strings.Contains(r.GaveUp, "404") || r.Dimensions != 0 {
		t.Errorf("a model that embeds nothing: %+v", r)
	}
}
