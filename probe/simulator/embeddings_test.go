package simulator

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"testing"
)

func TestEmbeddings(t *testing.T) {
	server := start(t, Options{Scripts: []Script{{Model: "e", TTFT: Constant(10 * ms), EmbeddingDimensions: 16}}})
	c := client(t)
	embed := func(body string) embeddingList {
		t.Helper()
		r := post(t, c, server.BaseURL()+"/embeddings", body)
		var list embeddingList
		if err := json.Unmarshal([]byte(r.body), &list); err != nil || r.status != http.StatusOK {
			t.Fatalf("%v, %d %s", err, r.status, r.body)
		}
		if list.Object != "list" || list.Model != "e" {
			t.Errorf("%s", r.body)
		}
		for i, e := range list.Data {
			if e.Index != i || e.Object != "embedding" {
				t.Errorf("entry %d: %+v", i, e)
			}
			if norm := dot(e.Embedding, e.Embedding); math.Abs(norm-1) > 1e-5 {
				t.Errorf("entry %d: squared length %v", i, norm)
			}
		}
		return list
	}
	single := embed(`{"model":"e","input":"one text"}`)
	batch := embed(`{"model":"e","input":["another text","one text"],"encoding_format":"float"}`)
	short := embed(`{"model":"e","input":"one text","dimensions":4}`)

	if len(single.Data) != 1 || len(batch.Data) != 2 || len(single.Data[0].Embedding) != 16 || len(short.Data[0].Embedding) != 4 {
		t.Fatalf("%d, %d entries; %d, %d dimensions", len(single.Data), len(batch.Data), len(single.Data[0].Embedding), len(short.Data[0].Embedding))
	}
	one := single.Data[0].Embedding
	if !slices.Equal(one, batch.Data[1].Embedding) {
		t.Error("one text, two vectors")
	}
	if slices.Equal(one, batch.Data[0].Embedding) {
		t.Error("two texts, one vector")
	}
	cut := one[:4]
	if along := dot(cut, short.Data[0].Embedding) / math.Sqrt(dot(cut, cut)); math.Abs(along-1) > 1e-5 {
		t.Error("fewer dimensions are not the first of more")
	}
	if single.Usage != (embeddingUsage{2, 2}) || batch.Usage != (embeddingUsage{4, 4}) {
		t.Errorf("usage %+v, %+v", single.Usage, batch.Usage)
	}
	for _, record := range server.Sent() {
		if !record.Completed || record.FirstToken < 10*ms || record.PlannedTTFT != 10*ms || record.Tokens != 0 || record.Model != "e" {
			t.Errorf("%+v", record)
		}
	}
}

func TestEmbeddingFaults(t *testing.T) {
	for _, c := range []struct {
		kind   FaultKind
		status int
		broken bool
	}{
		{FaultUnavailable, 503, false},
		{FaultCutMidStream, 200, true},
		{FaultErrorEvent, 200, false},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			server := start(t, Options{Scripts: []Script{{
				Model: "e", EmbeddingDimensions: 4, Faults: []Fault{{Kind: c.kind, Probability: 1}},
			}}})
			r := post(t, client(t), server.BaseURL()+"/embeddings", `{"model":"e","input":"x"}`)
			if r.status != c.status || (r.err != nil) != c.broken {
				t.Errorf("%d, %v", r.status, r.err)
			}
			if record := one(t, server); record.Fault != c.kind || record.Completed {
				t.Errorf("%+v", record)
			}
		})
	}
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
