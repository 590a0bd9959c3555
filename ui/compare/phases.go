package compare

import (
	"time"

	"costping/probe"
)

// Phase is a part of one attempt, in the order in which they follow.
type Phase uint8

// The phases.
const (
	// DNS, Connect and TLS open the connection; a reused one has none of them.
	DNS Phase = iota + 1
	Connect
	TLS
	// Send is from the open connection until the request has been written.
	Send
	// Wait is from there to the first byte of the response.
	Wait
	// FirstToken is from there to the first token.
	FirstToken
	// Generation is from there to the last token.
	Generation
)

var phaseNames = map[Phase]string{
	DNS: "DNS", Connect: "connect", TLS: "TLS", Send: "send", Wait: "wait",
	FirstToken: "first token", Generation: "generation",
}

// String is the phase's name for people.
func (p Phase) String() string { return phaseNames[p] }

// AllPhases lists the phases in their order.
func AllPhases() []Phase { return []Phase{DNS, Connect, TLS, Send, Wait, FirstToken, Generation} }

// Part is how long one phase took.
type Part struct {
	Phase Phase
	Took  time.Duration
}

// Phases says where the time of an attempt went. The parts add up to E2E exactly,
// or, where the attempt had no end, to the last instant that is known of it. A
// phase that took no time, such as TLS over plain HTTP, is left out; the time of
// one whose end is not known goes to the one after it.
func Phases(s probe.Sample) []Part {
	marks := []struct {
		phase Phase
		end   probe.Measured[time.Duration]
	}{
		{DNS, before(s.Connect, s.DNS)},
		// TLS is the last part of connecting.
		{Connect, less(s.Connect, s.TLS)},
		{TLS, s.Connect},
		{Send, s.Wrote},
		{Wait, s.TTFB},
		{FirstToken, s.TTFT},
		{Generation, s.E2E},
	}
	end := latest(s)
	var parts []Part
	at := time.Duration(0)
	for _, m := range marks {
		if !m.end.Known {
			continue
		}
		// A server may answer before it has read the request: no part is
		// negative for that.
		if until := min(m.end.Value, end); until > at {
			parts = append(parts, Part{m.phase, until - at})
			at = until
		}
	}
	return parts
}

// latest is the end of the attempt: E2E, else the last instant that is known.
func latest(s probe.Sample) time.Duration {
	if s.E2E.Known {
		return s.E2E.Value
	}
	end := time.Duration(0)
	for _, mark := range []probe.Measured[time.Duration]{s.Connect, s.Wrote, s.TTFB, s.TTFT} {
		if mark.Known {
			end = max(end, mark.Value)
		}
	}
	return end
}

// before is the end of the name's lookup, which comes first; unknown where no
// connection was made.
func before(connect, dns probe.Measured[time.Duration]) probe.Measured[time.Duration] {
	if !connect.Known || !dns.Known {
		return probe.Measured[time.Duration]{}
	}
	return probe.Known(min(dns.Value, connect.Value))
}

// less is the end of connecting before TLS began, if it ever did.
func less(connect, tls probe.Measured[time.Duration]) probe.Measured[time.Duration] {
	if !connect.Known {
		return probe.Measured[time.Duration]{}
	}
	return probe.Known(max(0, connect.Value-tls.Value))
}
