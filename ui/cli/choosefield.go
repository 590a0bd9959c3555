package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
)

// field are the candidates of a choice, and what the reader has to know of them.
type field struct {
	catalog *costmodel.Catalog
	work    costmodel.Workload
	list    []costmodel.Candidate
	notes   []string
}

// candidates are the models that were named, else the chat models that can be had
// today.
func (c *chooseCommand) candidates(catalog *costmodel.Catalog, work costmodel.Workload, today costmodel.Date) (*field, error) {
	models, err := modelsNamed(catalog, c.models)
	if err != nil {
		return nil, err
	}
	if c.models == nil {
		if models, err = c.unasked(catalog, models, c.all); err != nil {
			return nil, err
		}
	}
	f := &field{catalog: catalog, work: work}
	projector := costmodel.NewProjector(work)
	for _, m := range models {
		if c.models == nil && m.RetiredOn(today) {
			continue
		}
		f.list = append(f.list, costmodel.Candidate{
			Name: m.ID, Model: m, Spend: projector.Project(m.PriceOn(today)),
		})
	}
	return f, nil
}

// find is the candidate of a name.
func (f *field) find(name string) (*costmodel.Candidate, error) {
	m, ok := f.catalog.Lookup(name)
	if !ok {
		return nil, unknownModel(f.catalog, name)
	}
	for i := range f.list {
		if f.list[i].Model.ID == m.ID {
			return &f.list[i], nil
		}
	}
	return nil, usage("choose among it too, with --model "+m.ID, "%s is not among the candidates", m.ID)
}

// state takes over what the user says of candidates.
func (c *chooseCommand) state(f *field) error {
	for _, text := range c.quality {
		name, value, err := named("quality", text, "--quality gpt-4o-mini=0.91")
		if err != nil {
			return err
		}
		candidate, err := f.find(name)
		if err != nil {
			return err
		}
		share, err := costmodel.ParseFraction(value)
		if err != nil {
			return hinted("quality", err)
		}
		candidate.Quality = costmodel.Exactly(share, costmodel.Stated)
	}
	for _, text := range c.seen {
		name, value, err := named("malformed-seen", text, "--malformed-seen gpt-4o-mini=4/200")
		if err != nil {
			return err
		}
		candidate, err := f.find(name)
		if err != nil {
			return err
		}
		if candidate.Malformed, err = hitsOf(value); err != nil {
			return err
		}
	}
	return nil
}

// hitsOf reads HITS/N as a share with its interval.
func hitsOf(text string) (costmodel.Metric, error) {
	const most = 1_000_000_000
	hits, of, _ := strings.Cut(text, "/")
	h, errH := strconv.Atoi(strings.TrimSpace(hits))
	n, errN := strconv.Atoi(strings.TrimSpace(of))
	if errH != nil || errN != nil || h < 0 || n < 1 || h > n || n > most {
		return costmodel.Metric{}, usage("write how many of how many, such as 4/200", "--malformed-seen: %q is no count of attempts", text)
	}
	r := stats.RateOf(h, n)
	return costmodel.Metric{Value: r.Value(), Lo: r.Lo, Hi: r.Hi, N: n, Hits: h, Basis: costmodel.Measured}, nil
}

// measure adds what the history holds of the candidates. Where others is set,
// targets whose models the catalog does not have are candidates too. A history
// that is not there or cannot be read is said and no failure: a choice was asked
// for.
func (f *field) measure(a *app, window time.Duration, others bool) {
	summaries, err := summariesOf(a.historyDir(), window)
	if err != nil {
		f.notes = append(f.notes, "no measurements were read: "+oneLine(err.Error()))
		return
	}
	best := map[string]store.Summary{} // by model id, else by target
	var order []string
	for _, s := range summaries {
		if s.Outcomes[probe.OK] == 0 {
			continue
		}
		key := "target " + s.Series.Target
		if m, ok := f.catalog.Lookup(s.Series.Model); ok {
			key = m.ID
		}
		known, seen := best[key]
		if !seen {
			order = append(order, key)
		}
		if !seen || s.Warm > known.Warm || s.Warm == known.Warm && s.Last.After(known.Last) {
			best[key] = s
		}
	}
	for _, key := range order {
		f.add(key, best[key], others)
	}
}

// add joins one summary with its candidate.
func (f *field) add(key string, s store.Summary, others bool) {
	at := -1
	for i := range f.list {
		if f.list[i].Model.ID == key {
			at = i
		}
	}
	if at < 0 {
		target, unlisted := strings.CutPrefix(key, "target ")
		if !unlisted || !others {
			return
		}
		f.list = append(f.list, costmodel.Candidate{
			Name: target, Model: costmodel.Model{ID: target, Kind: costmodel.Chat},
			Spend: costmodel.Spend{Reason: "the catalog does not have " + s.Series.Model},
		})
		at = len(f.list) - 1
	}
	c := &f.list[at]
	f.think(c, s)
	c.TTFTp50, c.TTFTp95, c.Speed = earned(s.TTFTp50), earned(s.TTFTp95), earned(s.Speedp50)
	f.notes = append(f.notes, fmt.Sprintf("%s was measured at %s: %s probes, the newest of %s UTC",
		c.Name, probe.Target{BaseURL: s.Series.BaseURL}.Host(), compare.Count(s.Warm), s.Last.UTC().Format("2006-01-02 15:04")))
}

// think bills what the model was seen to think, too.
func (f *field) think(c *costmodel.Candidate, s store.Summary) {
	if !s.Thinking.Known || s.Thinking.Value <= 1 || math.IsInf(s.Thinking.Value, 0) {
		return
	}
	c.Spend = costmodel.Project(c.Spend.Price, f.work.WithThinking(exactly(s.Thinking.Value)))
	f.notes = append(f.notes, fmt.Sprintf("%s thinks: its output is billed × %.2f, as measured (n %s)", c.Name, s.Thinking.Value, compare.Count(s.ThinkingN)))
}

// earned is a measured quantile as a figure; unknown before it is earned.
func earned(q stats.Quantile) costmodel.Metric {
	if !q.Earned() {
		return costmodel.Metric{}
	}
	return costmodel.Metric{Value: q.Value, Lo: q.Lo, Hi: q.Hi, N: q.N, Basis: costmodel.Measured}
}

// summariesOf reads the history in dir; nothing where there is none, and none is
// made.
func summariesOf(dir string, window time.Duration) ([]store.Summary, error) {
	if _, err := os.Stat(filepath.Join(dir, historyFile)); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	history, err := store.Open(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = history.Close() }()
	now := time.Now()
	w, err := history.Window(context.Background(), store.Query{From: now.Add(-window), To: now.Add(time.Second)})
	return w.Series, err
}

// historyFile is what the store calls its database; asking for it first keeps a
// reader from making one.
const historyFile = "history.db"
