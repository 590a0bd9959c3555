package simulator

import (
	"context"
	"errors"
	"testing"
	"time"
)

// With the platform's alarm and without: never early, and cut short by the end of
// the context.
func TestPacer(t *testing.T) {
	for name, strip := range map[string]bool{"alarm": false, "timer": true} {
		pacer := func(ctx context.Context) *pacer {
			p := newPacer(ctx)
			if strip {
				p.close()
				p.alarm = nil
			}
			return p
		}
		t.Run(name+" is never early", func(t *testing.T) {
			p := pacer(t.Context())
			defer p.close()
			for _, wait := range []time.Duration{-time.Hour, 0, 1, 50 * time.Microsecond, 900 * time.Microsecond, 3 * ms, 12 * ms} {
				at := time.Now().Add(wait)
				if err := p.until(at); err != nil {
					t.Fatal(err)
				}
				if early := time.Until(at); early > 0 {
					t.Errorf("%v early after %v", early, wait)
				}
			}
		})
		t.Run(name+" ends with the context", func(t *testing.T) {
			// Late enough that the wait is under way.
			ctx, cancel := context.WithTimeout(t.Context(), 30*ms)
			defer cancel()
			p := pacer(ctx)
			defer p.close()
			done := make(chan error, 1)
			go func() { done <- p.until(time.Now().Add(time.Hour)) }()
			select {
			case err := <-done:
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v", err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("still waiting")
			}
		})
		t.Run(name+" does not begin after the context", func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			p := pacer(ctx)
			defer p.close()
			if err := p.until(time.Now().Add(-1)); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
	}
}
