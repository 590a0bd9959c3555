package store

import (
	"context"
	"fmt"
	"time"
)

// Series implements Reader.
func (h *boltHistory) Series(ctx context.Context, q ChartQuery) ([]Line, error) {
	if !q.From.Before(q.To) || q.Step < time.Second || q.To.Sub(q.From) > mostPoints*q.Step {
		return nil, fmt.Errorf("a chart from %s to %s in steps of %s", q.From, q.To, q.Step)
	}
	c := collection{from: nanosOf(q.From), to: nanosOf(q.To), step: int64(q.Step), target: q.Target, damaged: new(int)}
	c.steps = int((c.to - c.from + c.step - 1) / c.step)
	var lines []Line
	err := h.collect(ctx, c, func(collected []line) error {
		for _, l := range collected {
			drawn := Line{Series: l.series, Points: make([]Band, len(l.steps))}
			for i := range l.steps {
				if band, err := l.steps[i].band(); err == nil {
					drawn.Points[i] = band
				}
				drawn.Points[i].From = instant(c.from + int64(i)*c.step)
			}
			lines = append(lines, drawn)
		}
		return nil
	})
	return lines, err
}

// band is the cell as a step of a line.
func (c *cell) band() (Band, error) {
	if c.raw != nil {
		return c.raw.band(), nil
	}
	r, err := c.rollup()
	if err != nil || r == nil {
		return Band{}, err
	}
	return r.band(), nil
}

// band is exact. It sorts what was gathered.
func (g *gathering) band() Band {
	s := g.counts()
	b := Band{
		Scripted: s.Scripted, Failed: -s.Offline,
		TTFT: spread(g.ttft), TPOT: spread(g.tpot), E2E: spread(g.e2e), Speed: spread(g.speed),
	}
	for o, n := range s.Outcomes {
		b.N += n
		if o.Blames() && o != okOutcome {
			b.Failed += n
		}
	}
	return b
}
