package dashboard

import (
	"context"
	"slices"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"
	"costping/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
)

// Options are what a dashboard is opened on.
type Options struct {
	// History is where the figures come from.
	History store.History
	// Candidates are the rows.
	Candidates []compare.Candidate
	// Workload is what the knobs start from.
	Workload costmodel.Workload
	// Window is how far back the table looks; 0 for 24 hours.
	Window time.Duration
	// Demo marks every screen.
	Demo bool
	// Probing is what the schedule is doing; nil where nothing probes.
	Probing func() probe.Status
	// Watching says who probes instead, "" for this process; nil likewise.
	Watching func() string
	// Lost is how many times samples could not be kept; nil where nothing probes.
	Lost func() int
	// Place says where the probes go from and to, in a few words.
	Place string
	// Theme is how it looks.
	Theme theme.Theme
	// Now is the clock of the screen; nil for the real one.
	Now func() time.Time
	// Failed hears what ends the program from outside: a crash of the probing.
	Failed <-chan error
}

// Model is the state of the dashboard. Everything shown is computed from it.
type Model struct {
	opts Options
	keys []binding

	work, base costmodel.Workload
	lit        screen.Knob
	order      compare.Order
	selected   string
	top        int
	overlay    overlay
	helpTop    int
	frozen     bool

	window  store.Window
	loaded  time.Time // when window was read
	loading bool
	loadErr error
	table   compare.Table

	width, height int
	leave         bool // leave the table on the terminal
	interrupted   bool
}

// overlay is what lies over the screen and takes the keys first.
type overlay uint8

const (
	nothing overlay = iota
	helping
	sorting
)

// Steps of the sparkline over the window.
const sparkSteps = 24

// NewModel returns the state that a dashboard starts with.
func NewModel(o Options) *Model {
	if o.Window == 0 {
		o.Window = 24 * time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	m := &Model{opts: o, keys: keymap(), work: o.Workload, base: o.Workload, lit: screen.Split}
	now := o.Now()
	m.window = store.Window{From: now.Add(-o.Window), To: now}
	m.rebuild()
	if m.table.Pick >= 0 {
		m.selected = m.table.Rows[m.table.Pick].Target
	}
	return m
}

// Init implements tea.Model.
func (m *Model) Init() tea.Cmd { return tea.Batch(m.load(), tick()) }

// tickMsg asks whether there is anything new.
type tickMsg struct{}

// tickEvery is how often data may redraw the screen.
const tickEvery = 500 * time.Millisecond

func tick() tea.Cmd {
	return tea.Tick(tickEvery, func(time.Time) tea.Msg { return tickMsg{} })
}

// windowMsg brings a window that was read, or why it could not be.
type windowMsg struct {
	window store.Window
	err    error
}

// load reads the window, off the screen's goroutine.
func (m *Model) load() tea.Cmd {
	m.loading = true
	history, span := m.opts.History, m.opts.Window
	// The window ends with the step that is under way, so that the steps of a
	// sparkline stay where they are and only the newest one moves.
	step := span / sparkSteps
	to := m.opts.Now().Truncate(step).Add(step)
	return func() tea.Msg {
		w, err := history.Window(context.Background(), store.Query{From: to.Add(-span), To: to, Steps: sparkSteps})
		return windowMsg{w, err}
	}
}

// staleAfter is when a window is read again though nothing was added: samples
// leave it at its other end, and the sparkline moves on.
const staleAfter = time.Minute

// poll reads the window again where there is a reason to.
func (m *Model) poll() tea.Cmd {
	if m.loading || m.frozen {
		return nil
	}
	if m.opts.History.Version() == m.window.Version && m.opts.Now().Sub(m.loaded) < staleAfter && m.loadErr == nil {
		return nil
	}
	return m.load()
}

// rebuild computes the table anew from the window and the knobs.
func (m *Model) rebuild() {
	m.table = compare.Build(compare.Input{
		Candidates: m.opts.Candidates, Window: m.window,
		Workload: m.work, Base: m.base,
		Today: costmodel.DateOf(m.opts.Now()), Order: m.order,
		Probing: m.opts.Probing != nil, Resting: m.resting(),
	})
	m.scroll()
}

// turn moves the lit knob.
func (m *Model) turn(by int, coarse bool) { m.turnKnob(m.lit, by, coarse) }

func (m *Model) turnKnob(k screen.Knob, by int, coarse bool) {
	switch k {
	case screen.Volume:
		m.work = m.work.StepVolume(by, coarse, m.base)
	case screen.Split:
		// The knob shows the input share first; turning it up is more output,
		// which is what costs.
		m.work = m.work.StepSplit(-by, coarse, m.base)
	}
}

func (m *Model) reset(k screen.Knob) {
	switch k {
	case screen.Volume:
		m.work.Volume = m.base.Volume
	case screen.Split:
		m.work.Split = m.base.Split
	}
}

func (m *Model) light(by int) {
	m.lit = screen.Knob(min(max(int(m.lit)+by, 0), int(screen.Knobs)-1))
}

func (m *Model) index() int {
	return slices.IndexFunc(m.table.Rows, func(r compare.Row) bool { return r.Target == m.selected })
}

// move selects another row; the selection keeps to the model when rows change
// places.
func (m *Model) move(by int) {
	if len(m.table.Rows) == 0 {
		return
	}
	i := min(max(m.index()+by, 0), len(m.table.Rows)-1)
	m.selected = m.table.Rows[i].Target
}

func (m *Model) visibleRows() int {
	return screen.LayoutCompare(m.width, m.height, len(m.table.Rows), len(compare.Detail(m.selectedRow(), m.table))).Rows
}

func (m *Model) selectedRow() compare.Row {
	if i := m.index(); i >= 0 {
		return m.table.Rows[i]
	}
	return compare.Row{}
}

func (m *Model) halfPage() int { return max(1, m.visibleRows()/2) }

// scroll keeps the selected row in view.
func (m *Model) scroll() {
	rows := m.visibleRows()
	i := max(m.index(), 0)
	m.top = min(m.top, i)
	m.top = max(m.top, i-rows+1, 0)
	m.top = max(0, min(m.top, len(m.table.Rows)-rows))
}

func (m *Model) toggleFreeze() tea.Cmd {
	m.frozen = !m.frozen
	if m.frozen {
		return nil
	}
	return m.load()
}

// nextSort takes the next column of the menu.
func (m *Model) nextSort() {
	i := slices.IndexFunc(sortKeys, func(k sortChoice) bool { return k.column == m.order.By() })
	m.order = compare.Order{Column: sortKeys[(i+1)%len(sortKeys)].column}
}
