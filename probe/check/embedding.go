package check

import (
	"context"
	"fmt"
	"math"
	"slices"

	"costping/probe"
	"costping/probe/stats"

	"github.com/shopspring/decimal"
)

// Batch is how long requests of one size take.
type Batch struct {
	// Size is how many texts a request has.
	Size int
	// E2E are the times of whole answers, in milliseconds, in order.
	E2E []float64
}

// EmbeddingTally is what embedding with one target comes to.
type EmbeddingTally struct {
	Target probe.Target
	// Dimensions is the length of a vector, 0 where none came.
	Dimensions int
	Batches    []Batch
	// Related is the share of texts that lie nearer to one of the same meaning than
	// to one of another: of a model that works, all of them.
	Related stats.Rate
	// Tokens is how many the answered requests took, USD what all did, Unpriced how
	// many nobody knows the price of.
	Tokens     int64
	USD        decimal.Decimal
	Unpriced   int
	Unanswered map[probe.Outcome]int
	GaveUp     string

	failures int // in a row
}

// USDPerMillion is the price that was paid for a million tokens; unknown where
// nothing is known of it.
func (t *EmbeddingTally) USDPerMillion() decimal.NullDecimal {
	if t.Tokens == 0 || t.Unpriced > 0 {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(t.USD.Shift(6).DivRound(decimal.NewFromInt(t.Tokens), 10))
}

// BatchSizes are those that latency is measured at.
func BatchSizes() []int { return []int{1, 8, 32} }

// triples are a text, one of the same meaning in part in the same words, and one of
// another.
var triples = [][3]string{
	{"The train to Vienna leaves at noon from platform four.", "At noon the train leaves for Vienna, from platform four.", "Whisk the eggs with sugar until they are pale."},
	{"She paid the electricity bill late in March.", "The electricity bill was paid late, in March, by her.", "Dolphins sleep with one half of the brain awake."},
	{"Our backup server failed during the night.", "During the night the backup server of ours failed.", "The choir sang three songs in Portuguese."},
	{"A cold wind blew over the northern lake.", "Over the northern lake a cold wind blew.", "Please sign the contract on the second page."},
	{"The doctor asked him to drink more water.", "He was asked by the doctor to drink more water.", "The museum bought a painting of a red horse."},
	{"Prices of wheat rose again this summer.", "This summer the prices of wheat rose again.", "He tuned the guitar before the concert."},
	{"The bridge is closed for repairs until Friday.", "Until Friday the bridge is closed for repairs.", "Seven penguins walked across the ice."},
	{"Children learn to read faster with pictures.", "With pictures children learn to read faster.", "The satellite reached its orbit at dawn."},
}

// texts are n different ones of a number.
func textsOf(round, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("Note %d of round %d: %s", i, round, triples[(i+round)%len(triples)][i%3])
	}
	return all
}

// RunEmbedding embeds: first the texts whose nearness is known, then each size so
// many times, in turn. One request is under way at a time, as latency is measured.
func RunEmbedding(ctx context.Context, e probe.Embedder, target probe.Target, each int, took func()) *EmbeddingTally {
	t := &EmbeddingTally{Target: target, Unanswered: map[probe.Outcome]int{}, Related: stats.RateOf(0, 0)}
	for _, size := range BatchSizes() {
		t.Batches = append(t.Batches, Batch{Size: size})
	}
	ask := func(texts []string) probe.Vectors {
		v := e.Embed(ctx, probe.Texts{Target: target, Kind: string(KindEmbedding), Texts: texts})
		t.add(v)
		took()
		return v
	}
	var known []string
	for _, triple := range triples {
		known = append(known, triple[:]...)
	}
	if v := ask(known); v.Vectors != nil {
		t.Dimensions = len(v.Vectors[0])
		t.Related = relatedOf(v.Vectors)
	}
	for round := 0; round < each && t.GaveUp == "" && ctx.Err() == nil; round++ {
		for i := range t.Batches {
			b := &t.Batches[i]
			if v := ask(textsOf(round, b.Size)); v.Vectors != nil {
				b.E2E = append(b.E2E, v.Sample.E2E.Value.Seconds()*1000)
			}
			if t.GaveUp != "" || ctx.Err() != nil {
				break
			}
		}
	}
	return t
}

// Requests is how many RunEmbedding makes.
func Requests(each int) int { return 1 + each*len(BatchSizes()) }

func (t *EmbeddingTally) add(v probe.Vectors) {
	s := v.Sample
	if s.USD.Valid {
		t.USD = t.USD.Add(s.USD.Decimal)
	}
	switch s.Outcome {
	case probe.OK:
		t.failures = 0
		t.Tokens += s.Usage.Input.Value
		if !s.USD.Valid {
			t.Unpriced++
		}
		return
	case probe.Cancelled:
		return
	}
	t.Unanswered[s.Outcome]++
	t.failures++
	hopeless := []probe.Outcome{probe.Auth, probe.NotFound, probe.BadRequest, probe.Skipped, probe.Malformed}
	if t.failures >= failuresInARow || slices.Contains(hopeless, s.Outcome) {
		t.GaveUp = s.Error
	}
}

// relatedOf counts the triples whose first text is nearer to the second than to the
// third.
func relatedOf(vectors [][]float64) stats.Rate {
	hits := 0
	for i := 0; i+2 < len(vectors); i += 3 {
		if cosine(vectors[i], vectors[i+1]) > cosine(vectors[i], vectors[i+2]) {
			hits++
		}
	}
	return stats.RateOf(hits, len(vectors)/3)
}

func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
	}
	return ab / math.Sqrt(aa*bb)
}
