package accuracy

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/creack/pty"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard"
	"costping/ui/dashboard/theme"
	"costping/ui/monitor"
)

// The watched streams: the interval is hardly longer than an answer, so that
// nearly all of them are open at any time.
const (
	watchedStreams = 50
	watchedTokens  = 128
	watchedEvery   = 1500 * time.Millisecond
	watchedPasses  = 3 // in a turn
	watchedTurns   = 3 // of each side, with the dashboard and without
)

// BenchmarkDashboard compares the client with the bare reader while this process
// also keeps the samples in a history and draws the dashboard, 200x50, on a
// pseudo-terminal at which somebody turns a knob ten times a second; and with
// the history alone. One operation, all turns of both, takes a minute and a half.
//
//	go test -run '^$' -bench Dashboard ./ui/accuracy
func BenchmarkDashboard(b *testing.B) {
	threads(b, 0)
	w := elsewhere(b, setup{Streams: watchedStreams})
	d := watch(b, w)
	client, floor := sides(b, false)
	// The same two with the dashboard drawn: the prober is shared, the figures not.
	drawnClient, drawnFloor := &side{name: "client, drawn", prober: client.prober}, &side{name: "bare reader, drawn", prober: floor.prober}
	k := newBook()
	k.warm(b.Context(), client, d.targets)
	k.warm(b.Context(), floor, d.targets)
	for b.Loop() {
		for range watchedTurns {
			k.turn(client, func() { d.probe(b, noted{client, k, false}) })
			k.turn(floor, func() { d.probe(b, noted{floor, k, false}) })
			end := d.draw(b)
			k.turn(drawnClient, func() { d.probe(b, noted{drawnClient, k, false}) })
			k.turn(drawnFloor, func() { d.probe(b, noted{drawnFloor, k, false}) })
			end()
		}
	}
	if d.drawn.Load() == 0 {
		b.Error("the dashboard drew nothing")
	}
	what := fmt.Sprintf("streams=%d,tokens=%d", watchedStreams, watchedTokens)
	drawn := k.row(b, w, what+",dashboard", drawnClient, drawnFloor)
	drawn.report(b)
	fmt.Print(table("Samples go into a history", []row{k.row(b, w, what+",no dashboard", client, floor), drawn}))
	fmt.Printf("\nThe dashboard wrote %d kB to its terminal in %s.\n", d.drawn.Load()/1000, d.shown.Round(time.Second))
}

// watched is the program around the probes: a history with a day in it, and what
// the dashboard shows of it.
type watched struct {
	history    store.History
	targets    []probe.Target
	candidates []compare.Candidate
	drawn      atomic.Int64 // bytes that the terminal was sent
	shown      time.Duration
}

// watch opens a history of as many samples as the demo seeds.
func watch(b *testing.B, w world) *watched {
	b.Helper()
	history, err := store.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := history.Close(); err != nil {
			b.Error(err)
		}
	})
	entries, err := costmodel.Default().List(monitor.DemoList)
	if err != nil {
		b.Fatal(err)
	}
	d := &watched{history: history, targets: w.targets()}
	var day []probe.Sample
	for i, t := range d.targets {
		e := entries[i%len(entries)]
		d.candidates = append(d.candidates, compare.Candidate{Target: t.Name, Model: e.Model, Price: e.Price, Known: true})
		for at := range 24 * 60 / 6 {
			day = append(day, yesterday(t, time.Now().Add(-time.Duration(at+1)*6*time.Minute)))
		}
	}
	if err := history.Append(b.Context(), day); err != nil {
		b.Fatal(err)
	}
	return d
}

// yesterday is a sample as the streams give them.
func yesterday(t probe.Target, at time.Time) probe.Sample {
	first := firstToken + time.Duration(rand.Float64()*float64(firstToken))
	return probe.Sample{
		Target: t, Profile: "chat", Cap: watchedTokens, At: at.UTC(), Outcome: probe.OK, Status: 200,
		Connect: probe.Known(time.Duration(0)), TTFB: probe.Known(first), TTFT: probe.Known(first), TTFO: probe.Known(first),
		E2E: probe.Known(first + (watchedTokens-1)*gap), TPOT: probe.Known(gap), Events: watchedTokens,
		Usage: probe.Usage{Input: probe.Known[int64](45), Output: probe.Known[int64](watchedTokens)},
	}
}

// probe runs the schedule over all targets for the passes of a turn.
func (d *watched) probe(b *testing.B, p noted) {
	ctx, cancel := context.WithTimeout(b.Context(), watchedPasses*watchedEvery)
	defer cancel()
	schedule := &probe.Schedule{
		Targets: d.targets, Profile: profileOf(watchedTokens), Interval: watchedEvery, Prober: p, Sink: d.history,
		Log: func(err error) { b.Error(err) },
	}
	if err := schedule.Run(ctx); err != nil {
		b.Error(err)
	}
}

// draw opens the dashboard on a pseudo-terminal; the returned function ends it.
func (d *watched) draw(b *testing.B) (end func()) {
	b.Helper()
	ours, theirs, err := pty.Open()
	if err != nil {
		b.Fatal(err)
	}
	if err := pty.Setsize(ours, &pty.Winsize{Rows: 50, Cols: 200}); err != nil {
		b.Fatal(err)
	}
	workload, err := knobs()
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	begun := time.Now()
	var program, person sync.WaitGroup
	program.Go(func() {
		_, err := dashboard.Run(ctx, theirs, theirs, dashboard.Options{
			History: d.history, Sets: []dashboard.Set{{Candidates: d.candidates}}, Workloads: []dashboard.Workload{{Workload: workload}}, Theme: theme.New(theme.Unicode(), true),
			Probing: func() probe.Status { return probe.Status{Interval: watchedEvery, Next: time.Now()} },
		})
		if err != nil {
			b.Error(err)
		}
	})
	person.Go(func() { d.look(ours) })
	person.Go(func() { turnKnob(ctx, ours) })
	return func() {
		cancel()
		program.Wait()
		_ = theirs.Close() // which ends the reading
		person.Wait()
		_ = ours.Close()
		d.shown += time.Since(begun)
	}
}

// knobs is where the knobs stand at first.
func knobs() (costmodel.Workload, error) {
	volume, err := costmodel.ParseVolume("10M/day")
	if err != nil {
		return costmodel.Workload{}, err
	}
	split, err := costmodel.ParseSplit("75/25")
	if err != nil {
		return costmodel.Workload{}, err
	}
	days, err := costmodel.ParseDaysPerMonth("30")
	return costmodel.Workload{Volume: volume, Split: split, DaysPerMonth: days}, err
}

// look reads what the terminal is sent until it is closed.
func (d *watched) look(terminal *os.File) {
	buf := make([]byte, 1<<16)
	for {
		n, err := terminal.Read(buf)
		d.drawn.Add(int64(n))
		if err != nil {
			return
		}
	}
}

// turnKnob moves the lit knob there and back, so that every row changes.
func turnKnob(ctx context.Context, terminal *os.File) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for key := 0; ; key++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, _ = terminal.WriteString([]string{"h", "l"}[key/10%2])
		}
	}
}
