package simulator

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// The reasons a completion ends for, as finish_reason has them.
const (
	FinishStop   = "stop"
	FinishLength = "length"
)

// A Plan is what one request will get. All instants are offsets from its
// receipt. A plan that fails holds only what is sent before the fault strikes.
type Plan struct {
	// Headers is when the response headers go out, with the role delta where
	// RoleFirst; equal to TTFT otherwise.
	Headers   time.Duration
	RoleFirst bool
	// TTFT is when the first token goes out, or would without a fault within the
	// stream; 0 where the fault precedes the stream.
	TTFT time.Duration
	// Events are those that carry tokens, in order.
	Events []Event
	// HiddenTokens are reasoning tokens that no event carries.
	HiddenTokens int
	// Finish is the finish_reason; empty where a fault comes first.
	Finish string

	// Fault that ends the request at FaultAt, or FaultNone.
	Fault   FaultKind
	FaultAt time.Duration
	// RetryAfter goes with a refusal; 0 means none.
	RetryAfter time.Duration
}

// An Event carries tokens of one channel.
type Event struct {
	// At is when it is sent, from receipt of the request.
	At     time.Duration
	Tokens int
	// Reasoning tells reasoning_content from content.
	Reasoning bool
}

// LastToken returns when the last token goes out: TTFT where no event carries
// one.
func (p Plan) LastToken() time.Duration {
	if len(p.Events) == 0 {
		return p.TTFT
	}
	return p.Events[len(p.Events)-1].At
}

// Tokens returns the completion tokens, reasoning included, hidden or not.
func (p Plan) Tokens() int {
	n := p.HiddenTokens
	for _, e := range p.Events {
		n += e.Tokens
	}
	return n
}

// ReasoningTokens returns how many of Tokens are reasoning.
func (p Plan) ReasoningTokens() int {
	n := p.HiddenTokens
	for _, e := range p.Events {
		if e.Reasoning {
			n += e.Tokens
		}
	}
	return n
}

// RequestRand returns the random source of a server's nth request (from 0) to a
// model. Hashing keeps neighbouring seeds and numbers unrelated.
func RequestRand(seed uint64, model string, n uint64) *rand.Rand {
	b := binary.BigEndian.AppendUint64(nil, seed)
	b = binary.BigEndian.AppendUint64(b, n)
	sum := sha256.Sum256(append(b, model...))
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
}

// Draw plans one request that is received at this time since the epoch and capped
// at requested tokens (0: no cap given). It depends on nothing but its arguments.
// The fault is drawn before the timings, and always with the same variates, so
// that an incident slows the very plan that would have been.
func Draw(script Script, rng *rand.Rand, sinceEpoch time.Duration, requested int) Plan {
	ttftFactor, gapFactor, faults := script.conditions(sinceEpoch)
	fault, depth := pickFault(faults, rng.Float64()), rng.Float64()
	ttft := script.TTFT.drawScaled(rng, ttftFactor)

	if fault.Kind != FaultNone && !fault.Kind.MidStream() {
		at := fault.Delay
		if fault.Kind == FaultHang && at == 0 {
			at = hangBound
		}
		return Plan{Fault: fault.Kind, FaultAt: at, RetryAfter: fault.RetryAfter}
	}

	plan := Plan{Headers: ttft, TTFT: ttft, RoleFirst: script.RoleFirst}
	if script.RoleFirst {
		plan.Headers = time.Duration(float64(ttft) * script.RoleAt)
	}
	var tokens int
	tokens, plan.Finish = script.completion(requested)
	reasoning := min(script.Reasoning.Tokens, tokens)
	per := orDefault(script.TokensPerEvent, 1)
	if script.Reasoning.Hidden {
		plan.HiddenTokens = reasoning
	} else {
		plan.addEvents(script.Gap, gapFactor, rng, reasoning, per, true)
	}
	plan.addEvents(script.Gap, gapFactor, rng, tokens-reasoning, per, false)

	if fault.Kind.MidStream() {
		plan.breakOff(fault, depth)
	}
	return plan
}

// addEvents appends the events that carry these tokens on one channel.
func (p *Plan) addEvents(gap Distribution, factor float64, rng *rand.Rand, tokens, per int, reasoning bool) {
	for tokens > 0 {
		e := Event{At: p.LastToken(), Tokens: min(per, tokens), Reasoning: reasoning}
		if len(p.Events) > 0 {
			for range e.Tokens {
				e.At += gap.drawScaled(rng, factor)
			}
		}
		p.Events = append(p.Events, e)
		tokens -= e.Tokens
	}
}

// breakOff lets a fault strike where the first event that it suppresses was due;
// depth, uniform in [0, 1), places it where the fault does not.
func (p *Plan) breakOff(fault Fault, depth float64) {
	kept := fault.After
	switch kept {
	case NoEvents:
		kept = 0
	case 0:
		kept = 1 + int(depth*float64(len(p.Events)-1))
	}
	kept = min(kept, len(p.Events))
	p.FaultAt = p.LastToken()
	if kept < len(p.Events) {
		p.FaultAt = p.Events[kept].At
	}
	p.Events = p.Events[:kept:kept]
	p.Fault, p.Finish = fault.Kind, ""
}
