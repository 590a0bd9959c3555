package probe

import (
	"context"
	"sync"
)

// Rounds probes every target n times, each round all at once in rotated order,
// the next as soon as the last answer of the one before has ended. A target
// with an attempt that failed, or found its connection closed, is given more, up
// to spare of them, so that every target that answers has n samples for the
// headline. Samples come in the order in which they ended; keep is called for
// each from one goroutine at a time. It stops early when ctx ends.
func Rounds(ctx context.Context, p Prober, targets []Target, profile Profile, n, spare int, keep func(Sample)) {
	counted, attempts := map[string]int{}, map[string]int{}
	for round := 0; ctx.Err() == nil; round++ {
		var wave []Target
		for i := range targets {
			t := targets[(i+round)%len(targets)]
			if counted[t.Name] < n && attempts[t.Name] < n+spare {
				wave = append(wave, t)
			}
		}
		if len(wave) == 0 {
			return
		}
		for s := range attempt(ctx, p, wave, profile) {
			attempts[s.Target.Name]++
			if s.Headline() {
				counted[s.Target.Name]++
			}
			keep(s)
		}
	}
}

// attempt probes all targets at once; the channel closes after the last.
func attempt(ctx context.Context, p Prober, targets []Target, profile Profile) <-chan Sample {
	ended := make(chan Sample, len(targets))
	var probes sync.WaitGroup
	for _, t := range targets {
		probes.Go(func() { ended <- p.Probe(ctx, Attempt{Target: t, Profile: profile}) })
	}
	go func() {
		probes.Wait()
		close(ended)
	}()
	return ended
}
