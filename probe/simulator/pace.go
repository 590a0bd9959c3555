package simulator

import (
	"context"
	"time"
)

// A pacer holds one request until its instants, without spinning and without
// keeping a processor from others while it waits.
type pacer struct {
	ctx   context.Context
	alarm *alarm // nil where the platform has none: the runtime's timer then
}

func newPacer(ctx context.Context) *pacer {
	return &pacer{ctx: ctx, alarm: newAlarm(ctx)}
}

// until returns nil at the instant or just after it, never before, or the
// context's error if that ends first.
func (p *pacer) until(at time.Time) error {
	for {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		wait := time.Until(at)
		if wait <= 0 {
			return nil
		}
		if p.alarm == nil || !p.alarm.sleep(wait) {
			p.sleepByTimer(wait)
		}
	}
}

func (p *pacer) sleepByTimer(wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-p.ctx.Done():
	case <-timer.C:
	}
}

func (p *pacer) close() {
	if p.alarm != nil {
		p.alarm.close()
	}
}
