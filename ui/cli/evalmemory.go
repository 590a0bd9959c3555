package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"costping/probe"
	"costping/probe/check"
	"costping/store"
)

// evalMemory keeps answers in the history, found by their keys.
type evalMemory struct {
	history store.History // nil for none

	mu   sync.Mutex
	paid map[string]check.Paid
}

// remember reads what has been paid for; nothing where there is no history.
func remember(ctx context.Context, history store.History) (*evalMemory, error) {
	m := &evalMemory{history: history, paid: map[string]check.Paid{}}
	if history == nil {
		return m, nil
	}
	results, err := history.Results(ctx, store.Range{})
	if err != nil {
		return nil, fmt.Errorf("what has been paid for cannot be read: %w", err)
	}
	for _, r := range results {
		var p check.Paid
		if r.Kind == string(check.KindEval) && json.Unmarshal(r.Data, &p) == nil && p.Key != "" {
			m.paid[p.Key] = p // the latest counts
		}
	}
	return m, nil
}

// Find implements check.Memory.
func (m *evalMemory) Find(key string) (check.Paid, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.paid[key]
	return p, ok
}

// Keep implements check.Memory. It does so even where the run is being ended.
func (m *evalMemory) Keep(t probe.Target, p check.Paid) error {
	m.mu.Lock()
	m.paid[p.Key] = p
	m.mu.Unlock()
	if m.history == nil {
		return nil // said once, for all of them
	}
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	r := store.Result{
		At: time.Now().UTC(), Kind: string(check.KindEval), Case: p.Task, Data: data,
		Series: store.SeriesOf(probe.Sample{Target: t.Identity(), Profile: string(check.KindEval), Concurrency: 1}),
	}
	if p.Score != nil {
		r.Score = probe.Known(*p.Score)
	}
	return m.history.Record(context.Background(), store.Notes{Results: []store.Result{r}})
}
