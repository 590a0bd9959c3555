package store

import (
	"math/bits"
	"slices"
	"time"

	"costping/probe"
	"costping/probe/stats"
)

// gathering collects the values of one series over a stretch of time, in whose
// order they are added.
type gathering struct {
	series   Series
	outcomes [probe.Skipped + 1]int
	flags    [32]int
	offline  int
	unpriced int
	usd      tally

	ttft, tpot, e2e, speed, in, out []float64

	inTotal, outTotal int64
	tokens, thoughts  int64 // N and N_r of the answers that tell both
	thinkers          int
	failedInARow      int
	last              point // the newest attempt
	lastError         point // the newest with an error text that counts
	lastHeadroom      point // the newest with a headroom
}

func (g *gathering) add(p *point) {
	g.outcomes[p.outcome]++
	for left := uint32(p.flags); left != 0; left &= left - 1 {
		g.flags[bits.TrailingZeros32(left)]++
	}
	g.last = *p
	blamed := p.blamed()
	switch {
	case p.outcome == probe.OK:
		g.failedInARow = 0
	case blamed:
		g.failedInARow++
	case p.outcome.Blames():
		g.offline++
	}
	if p.has(knowsHeadroom) {
		g.lastHeadroom = *p
	}
	if p.has(knowsError) && p.outcome != probe.Cancelled && p.outcome != probe.Skipped {
		g.lastError = *p
	}
	if p.has(knowsUSD) {
		g.usd.add(p.usd, p.usdExp)
	} else if p.has(unpriced) {
		g.unpriced++
	}
	g.inTotal, g.outTotal = g.inTotal+p.in, g.outTotal+p.out
	if p.outcome == probe.OK && p.known&(knowsOut|knowsThoughts) == knowsOut|knowsThoughts {
		g.tokens, g.thoughts = g.tokens+p.out, g.thoughts+p.thoughts
		g.thinkers++
	}
	if !p.headline() {
		return
	}
	g.ttft, g.e2e = append(g.ttft, probe.Milliseconds(p.ttft)), append(g.e2e, probe.Milliseconds(p.e2e))
	if p.has(knowsTPOT) {
		g.tpot = append(g.tpot, probe.Milliseconds(p.tpot))
	}
	if speed := p.speed(); speed.Known {
		g.speed = append(g.speed, speed.Value)
	}
	if p.has(knowsIn) {
		g.in = append(g.in, float64(p.in))
	}
	if p.has(knowsOut) {
		g.out = append(g.out, float64(p.out))
	}
}

// counts are the parts of a summary that are plain counting.
func (g *gathering) counts() Summary {
	s := Summary{
		Series: g.series, Outcomes: map[probe.Outcome]int{}, Scripted: g.flags[bits.TrailingZeros32(uint32(probe.Scripted))],
		Offline: g.offline, Warm: len(g.ttft), USD: g.usd.sum(), Unpriced: g.unpriced,
		ThinkingN: g.thinkers, Thinking: thinking(g.tokens, g.thoughts), FailedInARow: g.failedInARow,
	}
	for o, n := range g.outcomes {
		if n > 0 {
			s.Outcomes[probe.Outcome(o)] = n
		}
	}
	if g.last.outcome != 0 {
		s.Last, s.LastOutcome = instant(g.last.at), g.last.outcome
	}
	if g.lastError.outcome != 0 {
		s.LastError, s.LastErrorAt = g.lastError.detail().Error, instant(g.lastError.at)
	}
	if g.lastHeadroom.outcome != 0 {
		s.Headroom, s.HeadroomAt = g.lastHeadroom.detail().Headroom, instant(g.lastHeadroom.at)
	}
	return s
}

// thinking is the factor by which reasoning multiplies the output; not known where
// there was nothing else.
func thinking(tokens, thoughts int64) probe.Measured[float64] {
	if answer := tokens - thoughts; answer > 0 {
		return probe.Known(float64(tokens) / float64(answer))
	}
	return probe.Measured[float64]{}
}

// summary is exact. It sorts what was gathered.
func (g *gathering) summary() Summary {
	s := g.counts()
	sorted := stats.Sort(g.ttft)
	s.TTFTp50, s.TTFTp95 = stats.QuantileOf(sorted, 0.5), stats.QuantileOf(sorted, 0.95)
	answers := stats.Sort(g.e2e)
	s.E2Ep50, s.E2Ep95 = stats.QuantileOf(answers, 0.5), stats.QuantileOf(answers, 0.95)
	s.Speedp50 = stats.QuantileOf(stats.Sort(g.speed), 0.5)
	s.InputTokens, s.OutputTokens = median(g.in), median(g.out)
	return s
}

// spread is exact. It sorts the values.
func spread(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	stats.Sort(values)
	at := func(p float64) float64 { return interpolated(values, p) }
	return Spread{N: len(values), P25: at(0.25), P50: at(0.5), P75: at(0.75), P95: at(0.95)}
}

// interpolated is the quantile at p of sorted values, as stats.QuantileOf has it.
func interpolated(sorted []float64, p float64) float64 {
	h := p * float64(len(sorted)-1)
	i := int(h)
	v := sorted[i]
	if i+1 < len(sorted) {
		v += (h - float64(i)) * (sorted[i+1] - sorted[i])
	}
	return v
}

// median of values, 0 where there are none. It sorts them.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	mid := len(values) / 2
	if len(values)%2 == 1 {
		return values[mid]
	}
	return (values[mid-1] + values[mid]) / 2
}

// instant is a key's time; the zero time for 0.
func instant(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}

// Summarize is the summary of samples that need not be in any history; those of
// one series, in the order of time.
func Summarize(samples []probe.Sample) Summary {
	g := &gathering{}
	if len(samples) > 0 {
		g.series = SeriesOf(samples[0])
	}
	for _, s := range samples {
		p := pointOfSample(s)
		if s.USD.Valid && !p.has(knowsUSD) { // more digits than a record holds
			p.known &^= unpriced
			g.usd.whole = g.usd.whole.Add(s.USD.Decimal)
		}
		g.add(&p)
	}
	return g.summary()
}

// pointOfSample is a point as exact as the sample, which a record is to the
// microsecond.
func pointOfSample(s probe.Sample) point {
	w := toWire(s)
	p := pointOf(s.At.UnixNano(), &w, nil)
	if p.has(knowsError | knowsHeadroom) {
		p.record = encode(w)
	}
	p.ttft, p.e2e, p.tpot = s.TTFT.Value, s.E2E.Value, s.TPOT.Value
	return p
}
