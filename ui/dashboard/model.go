package dashboard

import (
	"context"
	"maps"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"
	"costping/ui/dashboard/theme"
	"costping/ui/facts"

	tea "github.com/charmbracelet/bubbletea"
)

// Options are what a dashboard is opened on.
type Options struct {
	// History is where the figures come from.
	History store.History
	// Recorded is what stands in for the single samples of a target where History has
	// none, as with a snapshot, and false where nothing was measured of it; nil where
	// History has them.
	Recorded func(target string) (compare.Recorded, bool)
	// Sets are the lists of rows that the a key goes through, the first at first.
	Sets []Set
	// Workloads are what the w key goes through, the first at first; there is one
	// at least.
	Workloads []Workload
	// Limits are what rows have to keep to.
	Limits []compare.Limit
	// Catalog, Advice and Hardware are what models cost, which fits a task, and
	// what hosting one oneself costs.
	Catalog  *costmodel.Catalog
	Advice   *costmodel.Advice
	Hardware *costmodel.Hardware
	// Window is how far back the table looks; 0 for 24 hours.
	Window time.Duration
	// Demo marks every screen.
	Demo bool
	// Pipelines are those to price, the first of them at first; none for no pane.
	Pipelines []costmodel.PipelinePreset
	// Probing is what the schedule is doing; nil where nothing probes.
	Probing func() probe.Status
	// Cost is what one probe of a target costs at the most, in USD; false where
	// that is unknown. nil where nothing probes.
	Cost func(target string) (costmodel.USD, bool)
	// Watching says who probes instead, "" for this process or nobody; nil for
	// nobody.
	Watching func() string
	// Lost is how many times samples could not be kept; nil where nothing probes.
	Lost func() int
	// Changes are what becomes of the configuration while the dashboard is open; nil
	// where nothing does.
	Changes <-chan Change
	// Drift says how the rows stand to what was approved; nil where nothing was.
	Drift func(context.Context, store.History, []compare.Candidate, time.Time) (*compare.Drifts, error)
	// Place says where the probes go from and to, in a few words.
	Place string
	// Ways are other commands that the palette offers to go on with: each ends the
	// dashboard, and Result.Next names it.
	Ways []Way
	// Notice is what the last line says at first; "" for nothing.
	Notice string
	// Export writes files of what is on the screen, and CheckExport says before any
	// work is done why it could not; nil where nothing can be written.
	Export      func(context.Context, Export) error
	CheckExport func(Export) error
	// SaveWorkload keeps a workload under a name; nil where it cannot be kept.
	SaveWorkload func(name string, w costmodel.Workload) error
	// Facts is what the person says of a target, and SaveFacts keeps it and gives the
	// lists of rows as they are then; nil where nothing is kept.
	Facts     func(target string) (Said, error)
	SaveFacts func(target string, f facts.Facts) ([]Set, error)
	// Bell rings, and Title says in the terminal's title, when a limit breaks, a
	// target gets lastingly slower or does not answer any more.
	Bell, Title bool
	// Ring rings the bell; nil for the terminal's.
	Ring func() error
	// Copy puts text on the clipboard; nil where there is none.
	Copy func(text string) error
	// ReadOnly says why nothing can be probed or changed here, "" where it can.
	ReadOnly string
	// Theme is how it looks.
	Theme theme.Theme
	// Location is the time zone of the screen; nil for the local one.
	Location *time.Location
	// Now is the clock of the screen; nil for the real one.
	Now func() time.Time
	// Failed hears what ends the program from outside: a crash of the probing.
	Failed <-chan error
}

// Change is another configuration in force, or why one is not.
type Change struct {
	// Sets, Limits, Workloads and Pipelines stand in for those of the options; nil
	// Sets leave all.
	Sets      []Set
	Limits    []compare.Limit
	Workloads []Workload
	Pipelines []costmodel.PipelinePreset
	// Probing, Cost and Lost stand in for those of the options, where probing has
	// begun; nil for as before.
	Probing func() probe.Status
	Cost    func(target string) (costmodel.USD, bool)
	Lost    func() int
	// Unread says why the file of the configuration cannot be used as it is now; "" where
	// it can.
	Unread string
	// Say is said on the last line.
	Say string
}

// Way is a command to go on with.
type Way struct {
	Name, Does string
	// Note says in a word or two what it takes.
	Note string
}

// Set is a list of rows under a name.
type Set struct {
	Name       string
	Candidates []compare.Candidate
}

// Workload is a workload under a name.
type Workload struct {
	Name     string
	Workload costmodel.Workload
}

// Model is the state of the dashboard. Everything shown is computed from it.
type Model struct {
	opts  Options
	pages [pageCount]page
	keys  []binding

	at, from pageID // the screen, and the one before it
	states   [pageCount]pageState
	knobs    knobs
	workload int // of Options.Workloads
	set      int // of Options.Sets
	replaced int // how often those were
	spanAt   int // of spans
	rows     rows
	asked    whatIf
	choosing choosing
	// spent and judged are what the screens Spend and Choose show, nil where something
	// has changed since.
	spent   *compare.Spending
	judged  *costmodel.Choice
	cursor  int // steps back from now on the time charts, 0 for none
	overlay overlay
	frozen  bool
	mouse   bool
	notice  notice
	unread  unread
	filters []string // earlier ones, oldest first

	answers  answers
	table    compare.Table
	detailed detailed // of the selected row of the table
	basis    basis    // of the table
	// joined is the part of the table that no knob changes.
	joined *compare.Joined

	width, height int
	frame         string // as it was drawn last, "" where something has changed since
	body          drawn  // likewise the screen's own part
	leave         bool   // leave the table on the terminal
	interrupted   bool
	next          string // the way that was taken
	alerts        alerts
}

// unread is why the configuration cannot be used, and since when; "" where it can.
type unread struct {
	why string
	at  time.Time
}

// notice is a sentence on the last line, until a time.
type notice struct {
	text  string
	until time.Time
}

// noticeFor is how long a sentence stays, longestNotice what is shown of it, in
// bytes: it may come from a file or a server.
const (
	noticeFor     = 6 * time.Second
	longestNotice = 400
)

// say shows a sentence on the last line for a while.
func (m *Model) say(text string) {
	m.notice = notice{probe.Sanitize(text, longestNotice), m.opts.Now().Add(noticeFor)}
}

// sparkSteps are the steps of the sparkline over the window.
const sparkSteps = 24

// NewModel returns the state that a dashboard starts with.
func NewModel(o Options) *Model {
	if o.Window == 0 {
		o.Window = 24 * time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Location == nil {
		o.Location = time.Local
	}
	if len(o.Sets) == 0 {
		o.Sets = []Set{{}}
	}
	if len(o.Workloads) == 0 {
		o.Workloads = []Workload{{}}
	}
	m := &Model{
		opts: o, pages: pages(), keys: keymap(), spanAt: daySpan,
		answers: answers{known: map[string]answered{}, pending: map[string]bool{}},
	}
	m.choosing.needs = newNeeds(o.Limits)
	for i := range m.states {
		m.states[i].lit = m.pages[i].lit
		m.states[i].views = map[int]int{}
	}
	m.knobs.lit = m.pages[m.at].lit
	m.takeWorkload(0)
	if o.Notice != "" {
		m.say(o.Notice)
	}
	m.rebuild()
	return m
}

// takeWorkload makes one of the workloads that which the knobs start from.
func (m *Model) takeWorkload(i int) {
	n := len(m.opts.Workloads)
	m.workload = ((i % n) + n) % n
	w := m.opts.Workloads[m.workload]
	m.knobs.name, m.knobs.work, m.knobs.base = w.Name, w.Workload, w.Workload
}

// Init implements tea.Model.
func (m *Model) Init() tea.Cmd { return tea.Batch(m.poll(), tick()) }

// tickMsg asks whether there is anything new.
type tickMsg struct{}

// tickEvery is how often data may redraw the screen.
const tickEvery = 500 * time.Millisecond

func tick() tea.Cmd {
	return tea.Tick(tickEvery, func(time.Time) tea.Msg { return tickMsg{} })
}

// questions are what the current screen has to know.
func (m *Model) questions() []question {
	all := []question{m.windowQuestion(), m.eventsQuestion(), m.reliableQuestion()}
	if a, b, ok := m.pair(); ok {
		all = append(all, m.pairQuestion(a, b))
	}
	if m.opts.Drift != nil {
		all = append(all, m.driftQuestion())
	}
	if m.watching() != "" {
		all = append(all, m.steeredQuestion())
	}
	if ask := m.page().questions; ask != nil {
		all = append(all, ask(m)...)
	}
	return all
}

// poll asks what there is a reason to ask.
func (m *Model) poll() tea.Cmd {
	if m.frozen {
		return nil
	}
	questions := m.questions()
	m.answers.keep(questions)
	return m.answers.asking(m.opts.History, questions, m.opts.Now)
}

// window is what was measured, as far as it is known.
func (m *Model) window() store.Window {
	w, ok := answer[store.Window](&m.answers, windowKey)
	if !ok {
		now := m.opts.Now()
		w = store.Window{From: now.Add(-m.opts.Window), To: now}
	}
	return w
}

func (m *Model) candidates() []compare.Candidate { return m.opts.Sets[m.set].Candidates }

// basis is what a table is computed from, as far as it can change: a key that
// changes none of it leaves the table as it is.
type basis struct {
	set, sets           int
	windowAt, againstAt time.Time
	window, against     uint64 // versions of the history
	pair                string
	work, base          costmodel.Workload
	today               costmodel.Date
	order               compare.Order
	filter              *compare.Filter
	baseRow             string
	probing, small      bool
	unscheduled         map[string]bool
	resting             map[string]string
	reliable            *compare.Reliable
	drifts              *compare.Drifts
}

// basis is that of the table as it would be computed now.
func (m *Model) currentBasis() basis {
	b := basis{
		set: m.set, sets: m.replaced, work: m.knobs.work, base: m.knobs.base, today: costmodel.DateOf(m.opts.Now()), order: m.rows.order,
		filter: m.rows.filter, baseRow: m.rows.base, probing: m.opts.Probing != nil, small: m.small(),
		unscheduled: m.unscheduled(), resting: m.resting(), reliable: m.reliable(), drifts: m.drifts(),
	}
	window := m.answers.known[windowKey]
	b.window, b.windowAt = window.version, window.at
	if x, y, ok := m.pair(); ok {
		found := m.answers.known[pairKey(x, y)]
		b.pair = pairKey(m.called(x), m.called(y)) + pairKey(x, y)
		b.against, b.againstAt = found.version, found.at
	}
	return b
}

// same reports whether two tables would be the same.
func (b *basis) same(as *basis) bool {
	return b.sameRows(as) &&
		b.pair == as.pair && b.against == as.against && b.againstAt.Equal(as.againstAt) &&
		b.work.Equal(as.work) && b.base.Equal(as.base) && b.order == as.order &&
		b.filter == as.filter && b.baseRow == as.baseRow && b.probing == as.probing && b.drifts == as.drifts && b.small == as.small &&
		maps.Equal(b.unscheduled, as.unscheduled) && maps.Equal(b.resting, as.resting)
}

// sameRows reports whether two tables would have the same candidates with the same
// measurements.
func (b *basis) sameRows(as *basis) bool {
	return b.set == as.set && b.sets == as.sets && b.today == as.today && b.reliable == as.reliable &&
		b.window == as.window && b.windowAt.Equal(as.windowAt) && !b.windowAt.IsZero()
}

// rebuild computes the table anew from the window and the knobs, where one of them
// has changed, and keeps the selection in view.
func (m *Model) rebuild() {
	settle := m.opts.Now().Sub(m.rows.settled)
	if now := m.currentBasis(); !now.same(&m.basis) || m.rows.shown == nil || settle < 0 || settle >= settleEvery {
		if !now.sameRows(&m.basis) {
			m.joined = nil
		}
		m.basis = now
		m.build()
	}
	m.reselect()
	m.scroll()
	m.redraw(true)
	m.spent, m.judged = nil, nil
}

// small reports whether the screen has room for the essential only.
func (m *Model) small() bool { return m.height > 0 && screen.Small(m.height) }

func (m *Model) build() {
	in := compare.Input{
		Candidates: m.candidates(), Window: m.window(),
		Workload: m.knobs.work, Base: m.knobs.base,
		Today: costmodel.DateOf(m.opts.Now()), Order: m.rows.order, Previous: m.previous(),
		Probing: m.opts.Probing != nil, Unscheduled: m.unscheduled(), Resting: m.resting(),
		Filter: m.rows.filter, Limits: m.opts.Limits, Against: m.against(), BaseRow: m.rows.base,
		SickFirst: m.small(), Reliable: m.reliable(), Drifts: m.drifts(),
	}
	if m.joined == nil {
		m.joined = compare.Join(in)
	}
	m.table, m.detailed = m.joined.Table(in), detailed{}
	m.rows.shown = m.rows.shown[:0:0]
	for _, r := range m.table.Rows {
		m.rows.shown = append(m.rows.shown, r.Target)
	}
}

// toggleFreeze stops the picture, not the probing, and goes on.
func (m *Model) toggleFreeze() tea.Cmd {
	m.frozen = !m.frozen
	return m.poll()
}
