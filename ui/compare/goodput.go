package compare

import (
	"math"
	"strings"
	"time"

	"costping/probe"
	"costping/probe/stats"
)

// SLO are the objectives that every attempt is held to; 0 for none.
type SLO struct {
	// TTFT bounds the first token, TPOT each further one, E2E the whole answer.
	TTFT, TPOT, E2E time.Duration
}

// objectives are those that are given, with what of a sample they bound.
func (o SLO) objectives() []objective {
	var given []objective
	for _, one := range []objective{
		{"TTFT", "TTFT", o.TTFT, func(s probe.Sample) probe.Measured[time.Duration] { return s.TTFT }},
		{"a token", "time per token", o.TPOT, func(s probe.Sample) probe.Measured[time.Duration] { return s.TPOT }},
		{"whole answer", "end", o.E2E, func(s probe.Sample) probe.Measured[time.Duration] { return s.E2E }},
	} {
		if one.most > 0 {
			given = append(given, one)
		}
	}
	return given
}

type objective struct {
	name   string // beside its limit
	figure string // what an attempt may have none of
	most   time.Duration
	of     func(probe.Sample) probe.Measured[time.Duration]
}

// Given reports whether there is any objective.
func (o SLO) Given() bool { return len(o.objectives()) > 0 }

// String lists the objectives: "TTFT 1s, a token 30ms".
func (o SLO) String() string {
	var parts []string
	for _, one := range o.objectives() {
		parts = append(parts, one.name+" "+one.most.String())
	}
	return strings.Join(parts, ", ")
}

// Goodput is the share of attempts that ended well and met every objective. The
// attempts are those that are held against the provider; of those that succeeded,
// the ones that the headline of the run rests on.
func (o SLO) Goodput(samples []probe.Sample, cold bool) stats.Attained {
	given := o.objectives()
	var ended []bool
	values := make([]stats.Objective, len(given))
	for i, one := range given {
		values[i] = stats.Objective{Name: one.figure, AtMost: probe.Milliseconds(one.most)}
	}
	for _, s := range samples {
		if !s.Blamed() || s.Outcome == probe.OK && !Counts(s, cold) {
			continue
		}
		ended = append(ended, s.Outcome == probe.OK)
		for i, one := range given {
			value := math.NaN()
			if took := one.of(s); took.Known {
				value = probe.Milliseconds(took.Value)
			}
			values[i].Values = append(values[i].Values, value)
		}
	}
	attained, _ := stats.Attainment(ended, values...) // as many values as attempts
	return attained
}

// HeldTo is the digest with the goodput of its samples.
func (d Digest) HeldTo(o SLO, samples []probe.Sample) Digest {
	if o.Given() {
		goodput := o.Goodput(samples, d.Cold)
		d.SLO, d.Goodput = o, &goodput
	}
	return d
}
