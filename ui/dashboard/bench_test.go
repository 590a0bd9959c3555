package dashboard

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
)

// aDay is a dashboard at 200x60 of 120 models with a day of history, a probe of each
// in 10 min.
func aDay(b *testing.B) *Model {
	b.Helper()
	const models, probes = 120, 144
	o := options(b)
	rng := rand.New(rand.NewPCG(1, 2))
	h := &memory{version: 1, events: happened(20)}
	catalog := costmodel.Default().Models()
	var set Set
	for i := range models {
		m := catalog[i%len(catalog)]
		c := compare.Candidate{Target: fmt.Sprintf("%s-%d", m.ID, i), Model: m, Price: m.PriceOn(costmodel.DateOf(noon)), Known: true}
		set.Candidates = append(set.Candidates, c)
		var list []probe.Sample
		for j := range probes {
			first := time.Duration(200+10*i+rng.IntN(300)) * time.Millisecond
			list = append(list, probe.Sample{
				Target: probe.Target{Name: c.Target, Model: m.ID}, Profile: "brief", Cap: 48,
				At: noon.Add(-time.Duration(probes-j) * 10 * time.Minute), Outcome: probe.OK, Status: 200,
				TTFT: probe.Known(first), E2E: probe.Known(first + time.Second), TPOT: probe.Known(10 * time.Millisecond),
				Usage: probe.Usage{Input: probe.Known[int64](45), Output: probe.Known[int64](48)},
			})
		}
		s := store.Summarize(list)
		for range sparkSteps {
			s.Points = append(s.Points, store.Point{N: probes / sparkSteps, TTFT: float64(200 + 10*i + rng.IntN(300))})
		}
		h.samples, h.window.Series = append(h.samples, list...), append(h.window.Series, s)
	}
	o.History, o.Sets, o.Advice, o.Hardware = h, []Set{set}, costmodel.DefaultAdvice(), costmodel.DefaultHardware()
	o.Pipelines = costmodel.PipelinePresets()
	o.Limits = []compare.Limit{{Target: "*", Bounds: []compare.Bound{{Metric: compare.LimitTTFTp95, Value: 800}}}}
	m := openedOn(o, 200, 60)
	if m.table.Measured != models || len(m.lines().lines) != models {
		b.Fatalf("%d measured, %d lines", m.table.Measured, len(m.lines().lines))
	}
	press(m, " ", "j", " ", "j", " ")
	return m
}

// A key that turns a knob, one that moves the selection, one of a time chart: what
// Update and View take. The target is 2 ms.
func BenchmarkDashboardKey(b *testing.B) {
	for name, keys := range map[string][2]string{"knob": {"right", "left"}, "row": {"j", "k"}, "cursor": {"<", ">"}, "help": {"?", "esc"}} {
		b.Run(name, func(b *testing.B) {
			m := aDay(b)
			there, back := message(keys[0]), message(keys[1])
			spent := processor(b)
			for i := 0; b.Loop(); i++ {
				key := there
				if i%2 == 1 {
					key = back
				}
				m.Update(key)
				_ = m.View()
			}
			spent()
		})
	}
}

// A view of which nothing has changed: the target is 1 ms.
func BenchmarkDashboardCachedView(b *testing.B) {
	m := aDay(b)
	for b.Loop() {
		_ = m.View()
	}
}

// A tick draws anew: countdowns have moved.
func BenchmarkDashboardTick(b *testing.B) {
	m := aDay(b)
	spent := processor(b)
	for b.Loop() {
		m.tick()
		_ = m.View()
	}
	spent()
}

// A key that turns a knob on the other screens, with every model in their tables.
func BenchmarkDashboardScreen(b *testing.B) {
	for _, id := range []pageID{modelPage, spendPage, choosePage, reliabilityPage} {
		m := aDay(b)
		press(m, fmt.Sprint(int(id)+1))
		b.Run(m.page().name, func(b *testing.B) {
			spent := processor(b)
			for i := 0; b.Loop(); i++ {
				m.Update(message([]string{"+", "-"}[i%2]))
				_ = m.View()
			}
			spent()
		})
	}
}

// processor begins to count what the process takes of the processor; what it returns
// reports that, which does not hang on what else the machine is doing.
func processor(b *testing.B) (report func()) {
	b.Helper()
	taken := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := taken()
	return func() { b.ReportMetric((taken()-before).Seconds()*1000/float64(b.N), "cpu-ms/op") }
}
