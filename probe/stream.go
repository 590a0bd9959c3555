package probe

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Thresholds of the timing rules.
const (
	minSpeedEvents = 5                     // fewer events say nothing of speed
	minSpeedSpan   = 20 * time.Millisecond // nor does a shorter generation
	bundledAbove   = 1.2                   // tokens an event
	maxTokens      = int64(1) << 40        // a larger count is not a count
)

// lastToken is the arrival of the newest event that carries a token.
func lastToken(events []event) (time.Duration, bool) {
	var c chunk
	for i := len(events) - 1; i >= 0; i-- {
		c.decode(events[i].data)
		if answer, reasoning := c.channels(); answer || reasoning {
			return events[i].at, true
		}
	}
	return 0, false
}

// reading is what the events of one stream amount to: t_1, t_c, t_L, E and usage.
type reading struct {
	firstToken, firstAnswer, lastToken Measured[time.Duration]

	tokenEvents int
	gaps        []time.Duration // between neighbours of them
	crowded     int             // token events that shared their read with another
	reasoned    bool
	finish      string // the finish reason, "" when none came
	done        bool   // [DONE] came
	usage       Usage
	hidden      int64                   // N_r: reasoning tokens by the best account
	cached      Measured[int64]         // where usage does not say it
	serverTTFT  Measured[time.Duration] // by the server's own account
	err         string                  // the first error the stream reports, "" for none
	undecodable int
	decoded     int
	absurd      bool // the count of output is not believed
}

// absurdly is how many times what was sent, or asked for, a server may count at the
// most. Vocabularies differ by less, and caps are passed by less; what is more would
// end the day's budget for everybody.
const absurdly = 64

// believable are the counts of a request with so much input and such a cap that a
// server is believed, in tokens.
func believable(input, limit int) tokens {
	return tokens{input: absurdly * int64(input), output: absurdly * int64(limit)}
}

// believe forgets the counts that are more: they are not known.
func (r *reading) believe(most tokens) {
	unknown, u := Measured[int64]{}, &r.usage
	if r.absurd = u.Output.Value > most.output; r.absurd {
		u.Output, u.Reasoning, r.hidden = unknown, unknown, 0
	}
	if u.Reasoning.Value > most.output {
		u.Reasoning, r.hidden = unknown, 0
	}
	if u.Input.Value > most.input {
		u.Input, u.Cached = unknown, unknown
	}
	if u.Cached.Value > most.input {
		u.Cached = unknown
	}
	if r.cached.Value > most.input {
		r.cached = unknown
	}
}

// isDone says that an event is the one after which nothing comes.
func isDone(data []byte) bool { return string(bytes.TrimSpace(data)) == "[DONE]" }

// read decodes the events in order. It is pure: the same events give the same
// reading, whatever the clock says.
func read(events []event) reading {
	var r reading
	var c chunk
	lastRead := -1
	inRead := 0
	for _, e := range events {
		if isDone(e.data) {
			r.done = true
			break // whatever follows belongs to nobody
		}
		ok := c.decode(e.data)
		if body, bad := streamError(e.name, &c, e.data); bad {
			if r.err == "" { // what follows the first comes of it
				r.err = streamErrorText(body)
			}
			continue
		}
		if !ok {
			r.undecodable++
			continue
		}
		r.decoded++
		r.account(&c)
		r.finish = cmp.Or(c.finish(), r.finish)
		answer, reasoning := c.channels()
		if !answer && !reasoning {
			continue
		}
		r.take(e.at, answer, reasoning)
		if e.read != lastRead {
			lastRead, inRead = e.read, 0
		}
		inRead++
		if inRead == 2 {
			r.crowded++ // the first of this read counts from now on
		}
		if inRead >= 2 {
			r.crowded++
		}
	}
	return r
}

// account takes what a chunk says of tokens and times: the last word counts.
func (r *reading) account(c *chunk) {
	wire := c.Usage
	if wire == (wireUsage{}) {
		wire = c.XGroq.Usage.wireUsage
	}
	if usage, hidden := wire.repaired(); usage.Input.Known || usage.Output.Known {
		r.usage, r.hidden = usage, hidden
	}
	if c.Timings.CacheN.Known {
		r.cached = c.Timings.CacheN.Measured
	}
	if told := c.serverTTFT(); told.Known {
		r.serverTTFT = told
	}
}

func (r *reading) take(at time.Duration, answer, reasoning bool) {
	r.tokenEvents++
	if r.lastToken.Known {
		r.gaps = append(r.gaps, at-r.lastToken.Value)
	}
	r.lastToken = Known(at)
	r.reasoned = r.reasoned || reasoning
	if !r.firstToken.Known {
		r.firstToken = Known(at)
	}
	if answer && !r.firstAnswer.Known {
		r.firstAnswer = Known(at)
	}
}

// timings fills the parts of a sample that follow from the reading. The
// generation rate is withheld, with the reason, rather than guessed.
func (r reading) timings(s *Sample) {
	s.TTFT, s.TTFO, s.E2E = r.firstToken, r.firstAnswer, r.lastToken
	s.Usage, s.Events = r.usage, r.tokenEvents
	if !s.Usage.Cached.Known {
		s.Usage.Cached = r.cached
	}
	if r.serverTTFT.Known {
		s.ServerTTFT = r.serverTTFT
	}
	if s.Usage.cacheHit() {
		s.Flags |= CacheHit
	}
	if r.finish == "length" {
		s.Flags |= Capped
	}
	if r.tokenEvents > 0 && 2*r.crowded > r.tokenEvents {
		s.Flags |= Buffered
	}
	streamed := r.streamedTokens()
	if r.tokenEvents > 0 && float64(streamed) > bundledAbove*float64(r.tokenEvents) {
		s.Flags |= Bundled
	}
	s.TPOT, s.SpeedWithheld = r.tpot(streamed, s.Flags.Has(Buffered))
	if r.tokenEvents >= minSpeedEvents && !s.Flags.Has(Buffered) {
		s.ICLp50, s.ICLMax = Known(median(r.gaps)), Known(slices.Max(r.gaps))
	}
}

// median is the middle of some durations, or the mean of the two in the middle.
func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// streamedTokens is N_s: all tokens where reasoning was streamed or there was
// none, else those that are not reasoning; 0 where usage is missing.
func (r reading) streamedTokens() int64 {
	n := r.usage.Output.Value
	if !r.reasoned {
		n = max(0, n-r.hidden)
	}
	return n
}

func (r reading) tpot(streamed int64, buffered bool) (Measured[time.Duration], string) {
	span := r.lastToken.Value - r.firstToken.Value
	switch {
	case r.tokenEvents == 0:
		return Measured[time.Duration]{}, "no tokens"
	case r.absurd:
		return Measured[time.Duration]{}, "the server counts more tokens than there can be"
	case !r.usage.Output.Known:
		return Measured[time.Duration]{}, "the server reports no usage"
	case r.tokenEvents < minSpeedEvents:
		return Measured[time.Duration]{}, "only " + strconv.Itoa(r.tokenEvents) + " events"
	case span < minSpeedSpan:
		return Measured[time.Duration]{}, fmt.Sprintf("all tokens within %s", span.Round(time.Millisecond))
	case buffered:
		return Measured[time.Duration]{}, "the path buffers tokens"
	case streamed < 2:
		return Measured[time.Duration]{}, "usage counts fewer tokens than were streamed"
	}
	events := float64(r.tokenEvents)
	after := float64(streamed) * (1 - 1/events) // the tokens after the first event
	return Known(time.Duration(float64(span) / after)), ""
}
