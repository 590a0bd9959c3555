package probe

import (
	"fmt"
	"time"
)

// backoff says when a target is left alone. A target that rate-limits is not
// asked before the time it named, else after twice its interval, doubling. One
// that keeps failing, or refuses what we send, is probed every 2nd, then 4th, then
// 8th time, and normally again at its first success.
//
// That is for politeness, and because a failing probe may cost as much as one
// that succeeds while telling little that is new. The price is that the share of
// failures is underweighted while a target is down: it is attempted less often
// then than while it is up. Availability over time needs the hours beside the
// counts.
type backoff struct {
	// failures counts, since the last success, what is held against the
	// provider and what was refused as our fault.
	failures int
	// level is how often the wait has doubled, limits how often in a row the
	// target rate-limited.
	level, limits int
	// wait is how many more turns are left out, notBefore until when all are.
	wait      int
	notBefore time.Time
	// last is when the target was last due and sent, every its interval then.
	last   time.Time
	every  time.Duration
	reason string
}

const (
	// failuresInARow is how many it takes before a target counts as failing.
	failuresInARow = 3
	// longestBackoff is how far apart the probes of a failing target are at
	// most, but for the jitter and unless its interval is longer.
	longestBackoff = 10 * time.Minute
	// longestLimit is the longest wait after a rate limit that named none.
	longestLimit = 15 * time.Minute
	// mostLevel keeps the doubling within an int.
	mostLevel = 16
)

// holds reports whether a turn due at an instant is left out; every is the
// target's interval now.
func (b *backoff) holds(due time.Time, every time.Duration) bool {
	if due.Before(b.notBefore) {
		return true
	}
	// Also where intervals have grown since: the next turn may be too late.
	return b.wait > 0 && !due.Add(every).After(b.last.Add(longestBackoff))
}

// turn decides on a turn: true where it is left out.
func (b *backoff) turn(due time.Time, every time.Duration) bool {
	if !b.holds(due, every) {
		b.wait = 0
		return false
	}
	b.wait = max(0, b.wait-1)
	return true
}

// sent notes that a turn was taken.
func (b *backoff) sent(due time.Time, every time.Duration) { b.last, b.every = due, every }

// ended learns from a sample, at the time it is released.
func (b *backoff) ended(s Sample, now time.Time) {
	switch {
	case s.Outcome == OK:
		*b = backoff{last: b.last, every: b.every}
	case s.Outcome == RateLimited:
		b.limits = min(b.limits+1, mostLevel)
		pause := min(b.every<<b.limits, longestLimit)
		if b.every > longestLimit>>b.limits { // also where the shift overflowed
			pause = longestLimit
		}
		if s.RetryAfter.Known {
			pause = s.RetryAfter.Value
		}
		b.notBefore, b.reason = now.Add(pause), describe(s)
	case s.Outcome == Auth, s.Outcome == NotFound, s.Outcome == BadRequest:
		if s.Learned != "" {
			return // the next attempt is another one
		}
		b.failures++
		b.double(s)
	case s.Blamed():
		b.failures++
		if b.failures >= failuresInARow {
			b.double(s)
		}
	}
}

// double makes the wait twice as long.
func (b *backoff) double(s Sample) {
	b.level = min(b.level+1, mostLevel)
	b.wait = 1<<b.level - 1
	b.reason = describe(s)
}

// until is about when the target is probed again; zero where it is not left
// alone.
func (b *backoff) until(now time.Time) time.Time {
	until := b.notBefore
	if b.level > 0 && b.every > 0 {
		turns := min(time.Duration(1)<<b.level, longestBackoff/b.every)
		if next := b.last.Add(turns * b.every); turns > 1 && next.After(until) {
			until = next
		}
	}
	if !until.After(now) {
		return time.Time{}
	}
	return until
}

// describe is what a target is left alone for.
func describe(s Sample) string {
	if s.Error == "" {
		return s.Outcome.String()
	}
	return Sanitize(fmt.Sprintf("%s: %s", s.Outcome, s.Error), maxErrorText)
}
