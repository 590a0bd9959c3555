package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
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
	targets map[string]probe.Target // those of the candidates that are configured, by name
	// profile names the prompt whose probes stand for the workload, "" where it
	// does not say.
	profile string
	notes   []string
}

// candidates are what was named, else the configured targets, else the chat models
// that can be had today.
func (c *chooseCommand) candidates(catalog *costmodel.Catalog, work costmodel.Workload, today costmodel.Date) (*field, error) {
	offers, err := c.offers(catalog, today)
	if err != nil {
		return nil, err
	}
	f := &field{catalog: catalog, work: work, targets: map[string]probe.Target{}}
	projector := costmodel.NewProjector(work)
	for _, o := range offers {
		candidate := costmodel.Candidate{Name: o.Name, Model: o.Model, Spend: o.spend(projector, work)}
		if o.Target != nil {
			candidate.Quality = o.Target.Quality
			f.targets[o.Name] = o.Target.Target
		}
		f.list = append(f.list, candidate)
	}
	return f, nil
}

// offers are what to choose among.
func (c *chooseCommand) offers(catalog *costmodel.Catalog, today costmodel.Date) ([]offer, error) {
	switch {
	case c.models != nil && c.list != "":
		return nil, usage("leave one of them out", "--list and --model cannot be used together")
	case c.models != nil:
		return c.offersNamed(catalog, c.models, today)
	case c.list != "":
		return offersListed(catalog, c.list, today)
	}
	configured, err := c.configuration()
	if err != nil {
		return nil, err
	}
	var offers []offer
	for _, t := range configured.Targets {
		offers = append(offers, offerOf(t, catalog, today))
	}
	if offers != nil && !c.all {
		return offers, nil
	}
	models, err := c.chatOffers(catalog, c.all, today)
	for _, m := range models {
		stands := func(o offer) bool { return o.Model.ID == m.Model.ID }
		if !m.Model.RetiredOn(today) && !slices.ContainsFunc(offers, stands) {
			offers = append(offers, m)
		}
	}
	return offers, err
}

// find is the candidate of a name: a target, or the one of that model.
func (f *field) find(name string) (*costmodel.Candidate, error) {
	for i := range f.list {
		if f.list[i].Name == name {
			return &f.list[i], nil
		}
	}
	m, ok := f.catalog.Lookup(name)
	if !ok {
		return nil, unknownModel(f.catalog, name)
	}
	var found []*costmodel.Candidate
	var names []string
	for i := range f.list {
		if f.list[i].Model.ID == m.ID {
			found, names = append(found, &f.list[i]), append(names, f.list[i].Name)
		}
	}
	switch len(found) {
	case 0:
		return nil, usage("choose among it too, with --model "+m.ID, "%s is not among the candidates", m.ID)
	case 1:
		return found[0], nil
	}
	return nil, usage("say which: "+strings.Join(names, ", "), "%s is behind several targets", m.ID)
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
func (f *field) measure(a *app, window time.Duration, others bool, needs []costmodel.Feature) {
	summaries, graded, err := measuredIn(a.historyDir(), window)
	if err != nil {
		f.notes = append(f.notes, "no measurements were read: "+oneLine(err.Error()))
		return
	}
	best := map[string]store.Summary{} // by what it is of
	var order []string
	for _, s := range summaries {
		if s.Outcomes[probe.OK] == 0 {
			continue
		}
		for _, key := range f.measuredBy(s, others) {
			known, seen := best[key]
			if !seen {
				order = append(order, key)
			}
			if !seen || s.Warm > known.Warm || s.Warm == known.Warm && s.Last.After(known.Last) {
				best[key] = s
			}
		}
	}
	for _, key := range order {
		f.add(key, best[key])
	}
	f.grade(graded, needs)
}

// measuredBy are the candidates, by name, that a summary is of: a target that was
// probed as it is configured now, and of the models of the catalog its own. Where
// others is set, what is neither is a candidate too.
func (f *field) measuredBy(s store.Summary, others bool) []string {
	var names []string
	m, known := f.catalog.Lookup(s.Series.Model)
	for i := range f.list {
		c := &f.list[i]
		t, configured := f.targets[c.Name]
		own := configured && t.Name == s.Series.Target && t.BaseURL == s.Series.BaseURL && t.Model == s.Series.Model
		if own || !configured && known && c.Model.ID == m.ID {
			names = append(names, c.Name)
		}
	}
	if names == nil && !known && others && len(f.targets) == 0 {
		name := s.Series.Target
		if !slices.ContainsFunc(f.list, func(c costmodel.Candidate) bool { return c.Name == name }) {
			f.list = append(f.list, costmodel.Candidate{
				Name: name, Model: costmodel.Model{ID: name, Kind: costmodel.Chat},
				Spend: costmodel.Spend{Reason: "the catalog does not have " + s.Series.Model},
			})
		}
		names = []string{name}
	}
	return names
}

// add joins one summary with its candidate.
func (f *field) add(name string, s store.Summary) {
	at := slices.IndexFunc(f.list, func(c costmodel.Candidate) bool { return c.Name == name })
	c := &f.list[at]
	f.think(c, s)
	compare.Measure(c, s)
	f.notes = append(f.notes, fmt.Sprintf("%s was measured at %s: %s probes, the newest of %s UTC%s",
		c.Name, probe.Target{BaseURL: s.Series.BaseURL}.Host(), compare.Count(s.Warm), s.Last.UTC().Format("2006-01-02 15:04"), f.unlike(s)))
}

// unlike says where the probes are not of the workload's shape, so that its first
// tokens may come at another time.
func (f *field) unlike(s store.Summary) string {
	if f.profile != "" && f.profile != s.Series.Profile {
		return fmt.Sprintf("; its probes are of the profile %s, and %s stands for this workload", s.Series.Profile, f.profile)
	}
	if unlike := compare.Shape(s.InputTokens, f.work); unlike != "" {
		return fmt.Sprintf("; its probes, of %.0f tokens in, are %s", s.InputTokens, unlike)
	}
	return ""
}

// think bills what the model was seen to think, too.
func (f *field) think(c *costmodel.Candidate, s store.Summary) {
	if !c.Spend.Price.Known() || !s.Thinking.Known || s.Thinking.Value <= 1 || math.IsInf(s.Thinking.Value, 0) {
		return
	}
	c.Spend = costmodel.Project(c.Spend.Price, f.work.WithThinking(exactly(s.Thinking.Value)))
	f.notes = append(f.notes, fmt.Sprintf("%s thinks: its output is billed × %.2f, as measured (n %s)", c.Name, s.Thinking.Value, compare.Count(s.ThinkingN)))
}

// measuredIn reads the history in dir: what was measured within a window, and what
// graded answers came to, which count for longer; nothing where there is none, and
// none is made.
func measuredIn(dir string, window time.Duration) ([]store.Summary, *compare.Reliable, error) {
	if _, err := os.Stat(filepath.Join(dir, historyFile)); errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	history, err := store.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = history.Close() }()
	now := time.Now()
	w, err := history.Window(context.Background(), store.Last(window, now))
	if err != nil {
		return nil, nil, err
	}
	results, err := history.Results(context.Background(), store.Range{From: now.Add(-max(window, compare.ResultsBack))})
	return w.Series, compare.ReliableOf(results), err
}

// historyFile is what the store calls its database; asking for it first keeps a
// reader from making one.
const historyFile = "history.db"
