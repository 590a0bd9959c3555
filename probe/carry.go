package probe

import (
	"maps"
	"reflect"
	"time"
)

// carried is what one run hands on of a target to the next.
type carried struct {
	target  Target
	backoff backoff
	cap     int
	last    time.Time // when it was last due and sent; zero for never
}

// Continue makes s, before it is run, go on where others have ended: no target is
// probed sooner than it would have been, one that is left alone stays so unless
// anything of it has changed, and the budget knows what probes really take.
func (s *Schedule) Continue(from ...*Schedule) {
	before := map[string]carried{}
	for _, f := range from {
		f.mu.Lock()
		maps.Copy(before, f.before)
		if r := f.ended; r != nil {
			r.mu.Lock()
			for _, t := range r.Targets {
				b := *r.backoffs[t.Name]
				before[t.Name] = carried{target: t, backoff: b, cap: r.caps[t.Name], last: b.last}
			}
			r.mu.Unlock()
		}
		f.mu.Unlock()
		if s.Budget != nil && f.Budget != nil {
			s.Budget.learnFrom(f.Budget)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = before
}

// SteerAs makes s paused, and its targets off, as those of others are.
func (s *Schedule) SteerAs(others ...*Schedule) {
	now := steering{off: map[string]bool{}}
	for _, o := range others {
		o.mu.Lock()
		if since := o.steering.pausedSince; !since.IsZero() {
			now.pausedSince = since
		}
		maps.Copy(now.off, o.steering.off)
		o.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steering = now
}

// carry takes over what is known of a target; nothing where it is new.
func (r *run) carry(t Target, c carried) {
	r.backoffs[t.Name] = &backoff{}
	if c.last.IsZero() {
		return
	}
	r.planned[t.Name], r.backoffs[t.Name].last = c.last, c.last
	if reflect.DeepEqual(t, c.target) {
		*r.backoffs[t.Name], r.caps[t.Name] = c.backoff, c.cap
	}
}

// learnFrom takes over the counts that another budget has measured, and what it
// last read of the ledger.
func (b *Budget) learnFrom(other *Budget) {
	other.mu.Lock()
	measured, day, seen := maps.Clone(other.measured), other.seenDay, other.seen
	other.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.measured == nil {
		b.measured = map[measuredKey]tokens{}
	}
	maps.Copy(b.measured, measured)
	b.seenDay, b.seen = day, seen
}
