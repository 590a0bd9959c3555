package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"costping/probe"
	"costping/probe/stats"
	"costping/store"
)

// memory is a history in memory, for tests in synthetic time: what the owner needs
// of one.
type memory struct {
	store.History
	owning chan struct{}
	viewer bool

	mu      sync.Mutex
	samples []probe.Sample
	events  []store.Event
	prices  []store.PriceSeen
	version uint64
	results []store.Result
	failing error // what Record answers
	unread  error // what Raw answers
	windows int   // how often Window was asked
	control probe.Control
}

func newMemory() *memory {
	m := &memory{owning: make(chan struct{})}
	close(m.owning)
	return m
}

func (m *memory) Owning() <-chan struct{} { return m.owning }

func (m *memory) Role() store.Role { return store.Role{Owner: !m.viewer, Schedule: m.viewer} }

func (m *memory) Mount(c probe.Control) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.control = c
}

func (m *memory) Results(_ context.Context, r store.Range) ([]store.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var within []store.Result
	for _, result := range m.results {
		if !result.At.Before(r.From) {
			within = append(within, result)
		}
	}
	return within, nil
}

func (m *memory) Version() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.version
}

func (m *memory) Append(_ context.Context, samples []probe.Sample) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.samples = append(m.samples, samples...)
	slices.SortStableFunc(m.samples, func(a, b probe.Sample) int { return a.At.Compare(b.At) })
	m.version++
	return nil
}

func (m *memory) Raw(_ context.Context, r store.Range) iter.Seq2[probe.Sample, error] {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.unread; err != nil {
		return func(yield func(probe.Sample, error) bool) { yield(probe.Sample{}, err) }
	}
	var in []probe.Sample
	for _, s := range m.samples {
		if !s.At.Before(r.From) {
			in = append(in, s)
		}
	}
	return func(yield func(probe.Sample, error) bool) {
		for _, s := range in {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func (m *memory) Events(_ context.Context, r store.Range) ([]store.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	in := slices.DeleteFunc(slices.Clone(m.events), func(e store.Event) bool { return e.At.Before(r.From) })
	slices.SortStableFunc(in, func(a, b store.Event) int { return a.At.Compare(b.At) })
	return in, nil
}

func (m *memory) Prices(context.Context, string) ([]store.PriceSeen, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.prices), nil
}

func (m *memory) Record(_ context.Context, n store.Notes) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failing != nil {
		return m.failing
	}
	for _, e := range n.Events {
		text, _ := json.Marshal(e)
		if !slices.ContainsFunc(m.events, func(there store.Event) bool {
			other, _ := json.Marshal(there)
			return string(other) == string(text)
		}) {
			m.events = append(m.events, e)
		}
	}
	m.prices = append(m.prices, n.Prices...)
	m.results = append(m.results, n.Results...)
	m.version++
	return nil
}

func (m *memory) Info(context.Context) (store.Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	info := store.Info{Samples: len(m.samples)}
	if n := len(m.samples); n > 0 {
		info.From, info.To = m.samples[0].At, m.samples[n-1].At
	}
	return info, nil
}

// Window summarises as far as the owner judges by it, which is by exact figures.
func (m *memory) Window(_ context.Context, q store.Query) (store.Window, error) {
	if q.To.Sub(q.From) > store.LongestExact {
		return store.Window{}, fmt.Errorf("%s to %s would not be exact", q.From, q.To)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.windows++
	w := store.Window{From: q.From, To: q.To}
	by := map[store.Series][]probe.Sample{}
	for _, s := range m.samples {
		if !s.At.Before(q.From) && s.At.Before(q.To) {
			by[store.SeriesOf(s)] = append(by[store.SeriesOf(s)], s)
		}
	}
	for series, samples := range by {
		s := store.Summary{Series: series, Outcomes: map[probe.Outcome]int{}}
		var ttft []float64
		for _, one := range samples {
			s.Outcomes[one.Outcome]++
			s.Last, s.LastOutcome = one.At, one.Outcome
			if one.Outcome == probe.OK {
				s.FailedInARow = 0
			} else if one.Blamed() {
				s.FailedInARow++
				s.LastError = one.Error
			}
			if one.Headline() {
				s.Warm++
				ttft = append(ttft, float64(one.TTFT.Value)/float64(time.Millisecond))
			}
		}
		sorted := stats.Sort(ttft)
		s.TTFTp50, s.TTFTp95 = stats.QuantileOf(sorted, 0.5), stats.QuantileOf(sorted, 0.95)
		w.Series = append(w.Series, s)
	}
	return w, nil
}

// recorded are the kinds of events so far, without those that were not asked for.
func (m *memory) recorded(kinds ...store.EventKind) []store.EventKind {
	events, _ := m.Events(context.Background(), store.Range{})
	var all []store.EventKind
	for _, e := range events {
		if len(kinds) == 0 || slices.Contains(kinds, e.Kind) {
			all = append(all, e.Kind)
		}
	}
	return all
}

func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.samples)
}

func (m *memory) mounted() probe.Control {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.control
}

// Series implements store.Reader: nothing here draws.
func (*memory) Series(context.Context, store.ChartQuery) ([]store.Line, error) { return nil, nil }

// looked reports whether the owner has judged.
func (m *memory) looked() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.windows >= len(judgeWindows)
}
