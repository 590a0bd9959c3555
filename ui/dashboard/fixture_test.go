package dashboard

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// memory is a history that answers from what it is given.
type memory struct {
	store.History
	window  store.Window
	samples []probe.Sample
	events  []store.Event
	results []store.Result
	version uint64
	reads   int // of the window
	err     error
	steered steering
}

// steering remembers what it was told to do.
type steering struct {
	state  probe.Steered
	probed []string
	err    error
}

func (s *steering) Pause(_ context.Context, paused bool) error {
	s.state.Paused = paused
	return s.err
}

func (s *steering) ProbeNow(_ context.Context, targets ...string) error {
	s.probed = append(s.probed, targets...)
	return s.err
}

func (s *steering) Enable(_ context.Context, target string, on bool) error {
	s.state.Disabled = slices.DeleteFunc(s.state.Disabled, func(name string) bool { return name == target })
	if !on {
		s.state.Disabled = append(s.state.Disabled, target)
	}
	return s.err
}

func (s *steering) Steered(context.Context) (probe.Steered, error) { return s.state, s.err }

func (h *memory) Version() uint64 { return h.version }

func (h *memory) Window(_ context.Context, q store.Query) (store.Window, error) {
	h.reads++
	w := h.window
	w.From, w.To, w.Version = q.From, q.To, h.version
	return w, h.err
}

// Series has the median of each step, and nothing else of it.
func (h *memory) Series(_ context.Context, q store.ChartQuery) ([]store.Line, error) {
	if h.err != nil {
		return nil, h.err
	}
	steps := int((q.To.Sub(q.From) + q.Step - 1) / q.Step)
	values := map[string][][]float64{}
	for _, sample := range h.samples {
		if sample.At.Before(q.From) || !sample.At.Before(q.To) {
			continue
		}
		of := values[sample.Target.Name]
		if of == nil {
			of = make([][]float64, steps)
			values[sample.Target.Name] = of
		}
		i := int(sample.At.Sub(q.From) / q.Step)
		of[i] = append(of[i], sample.TTFT.Value.Seconds()*1000)
	}
	var lines []store.Line
	for _, s := range h.window.Series {
		line := store.Line{Series: s.Series, Points: make([]store.Band, steps)}
		for i := range line.Points {
			line.Points[i].From = q.From.Add(time.Duration(i) * q.Step)
		}
		for i, step := range values[s.Series.Target] {
			if n := len(step); n > 0 {
				slices.Sort(step)
				p50 := step[n/2]
				line.Points[i].N, line.Points[i].TTFT = n, store.Spread{N: n, P25: 0.9 * p50, P50: p50, P75: 1.1 * p50, P95: 1.5 * p50}
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func (h *memory) Raw(_ context.Context, r store.Range) iter.Seq2[probe.Sample, error] {
	return func(yield func(probe.Sample, error) bool) {
		for _, s := range h.samples {
			if !s.At.Before(r.From) && (r.To.IsZero() || s.At.Before(r.To)) && !yield(s, h.err) {
				return
			}
		}
	}
}

func (h *memory) Events(_ context.Context, r store.Range) ([]store.Event, error) {
	var within []store.Event
	for _, e := range h.events {
		if !e.At.Before(r.From) {
			within = append(within, e)
		}
	}
	return within, h.err
}

func (h *memory) Results(_ context.Context, r store.Range) ([]store.Result, error) {
	var within []store.Result
	for _, result := range h.results {
		if !result.At.Before(r.From) {
			within = append(within, result)
		}
	}
	return within, h.err
}

func (h *memory) Control() probe.Control { return &h.steered }

// samples makes a history of n good probes a target, one a minute, each with its
// TTFT in ms.
func samples(n int, ttft map[string]int) *memory {
	h := &memory{version: 1}
	for target, ms := range ttft {
		var list []probe.Sample
		for i := range n {
			first := time.Duration(ms+i%7) * time.Millisecond
			list = append(list, probe.Sample{
				Target: probe.Target{Name: target, Model: target}, Profile: "brief", Cap: 48,
				At: noon.Add(-time.Duration(n-i) * time.Minute), Outcome: probe.OK, Status: 200,
				TTFT: probe.Known(first), E2E: probe.Known(first + time.Second), TPOT: probe.Known(10 * time.Millisecond),
				Usage: probe.Usage{Input: probe.Known[int64](45), Output: probe.Known[int64](48)},
			})
		}
		h.samples = append(h.samples, list...)
		h.window.Series = append(h.window.Series, store.Summarize(list))
	}
	slices.SortStableFunc(h.samples, func(a, b probe.Sample) int { return a.At.Compare(b.At) })
	return h
}

var models = map[string]int{"gpt-4o": 800, "gpt-4o-mini": 380, "llama-3.1-70b": 600, "gemini-3.5-flash-lite": 320, "gemini-2.0-flash": 250}

// tokens is a workload of tokens a day.
func tokens(t testing.TB, volume, split string) costmodel.Workload {
	t.Helper()
	v, err := costmodel.ParseVolume(volume)
	if err != nil {
		t.Fatal(err)
	}
	s, err := costmodel.ParseSplit(split)
	if err != nil {
		t.Fatal(err)
	}
	return costmodel.Workload{Volume: v, Split: s}
}

// options are those of a dashboard of five models.
func options(t testing.TB) Options {
	t.Helper()
	entries, err := costmodel.Default().List("demo")
	if err != nil {
		t.Fatal(err)
	}
	var set, all Set
	set.Name, all.Name = "my targets", "all models"
	for _, e := range entries {
		c := compare.Candidate{Target: e.Model.ID, Model: e.Model, Price: e.Price, Known: true}
		if _, ok := models[e.Model.ID]; ok {
			set.Candidates = append(set.Candidates, c)
		}
		all.Candidates = append(all.Candidates, c)
	}
	return Options{
		History: samples(100, models), Sets: []Set{set, all}, Catalog: costmodel.Default(),
		Workloads: []Workload{{Workload: tokens(t, "10M/day", "75/25")}, {"chat", tokens(t, "1M/day", "50/50")}},
		Theme:     theme.New(theme.Unicode(), true), Now: func() time.Time { return noon }, Location: time.UTC,
		Demo: true, Probing: func() probe.Status { return probe.Status{Interval: 3 * time.Second, Next: noon.Add(41 * time.Second)} },
	}
}

// opened is that dashboard at a size, with its data loaded.
func opened(t testing.TB, width, height int) *Model {
	t.Helper()
	return openedOn(options(t), width, height)
}

func openedOn(o Options, width, height int) *Model {
	m := NewModel(o)
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	settle(m, m.poll())
	return m
}

// history is the one that a dashboard was opened on.
func history(m *Model) *memory {
	h, _ := m.opts.History.(*memory)
	return h
}

// settle runs a command and those that it is made of, and hands their messages
// to the model. It returns the last of them.
func settle(m *Model, cmd tea.Cmd) (last tea.Msg) {
	if cmd == nil {
		return nil
	}
	msg := cmd()
	if batch, ok := msg.(tea.BatchMsg); ok {
		for _, part := range batch {
			if got := settle(m, part); got != nil {
				last = got
			}
		}
		return last
	}
	m.Update(msg)
	return msg
}

// press sends keys by the names that Bubble Tea gives them, and carries out what
// they ask for. It returns what the last of them came to.
func press(m *Model, keys ...string) (last tea.Msg) {
	for _, k := range keys {
		_, cmd := m.Update(message(k))
		last = settle(m, cmd)
	}
	return last
}

// enter types a text, a letter at a time.
func enter(m *Model, text string) {
	for _, r := range text {
		m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
	}
}

// message is the key press of a name.
func message(name string) tea.KeyMsg {
	if runes := []rune(name); len(runes) == 1 {
		if runes[0] == ' ' {
			return tea.KeyMsg{Type: tea.KeySpace, Runes: runes}
		}
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: runes}
	}
	for t := tea.KeyType(-120); t <= 127; t++ {
		if (tea.KeyMsg{Type: t}).String() == name {
			return tea.KeyMsg{Type: t}
		}
	}
	panic("no key " + name)
}

func shown(m *Model) string { return ansi.Strip(m.View()) }

func line(m *Model, i int) string { return strings.Split(shown(m), "\n")[i] }

// lastLine is that of the hints, the menu or the field.
func lastLine(m *Model) string { return line(m, m.height-1) }

// order are the targets from top to bottom.
func order(m *Model) []string {
	var names []string
	for _, r := range m.table.Rows {
		names = append(names, r.Target)
	}
	return names
}
