package dashboard

import (
	"slices"

	"costping/probe"

	tea "github.com/charmbracelet/bubbletea"
)

// Update implements tea.Model. It routes, one call a case.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.rebuild()
	case tea.KeyMsg:
		return m, tea.Batch(m.looked(), m.key(msg))
	case tea.MouseMsg:
		return m, m.click(tea.MouseEvent(msg))
	case tickMsg:
		m.tick()
		return m, tea.Batch(m.poll(), tick())
	case answered:
		m.take(msg)
		return m, m.alert()
	case done:
		m.finish(msg)
	}
	return m, nil
}

// tick lets go of what was only for a while, and of the frame: its countdowns
// have moved.
func (m *Model) tick() {
	// A clock that was set back must not keep a notice for hours.
	if left := m.notice.until.Sub(m.opts.Now()); left <= 0 || left > noticeFor {
		m.notice = notice{}
	}
	select {
	case c := <-m.opts.Changes:
		m.follow(c)
	default:
	}
	m.redraw(m.page().counts)
}

// follow takes over what another configuration says.
func (m *Model) follow(c Change) {
	m.replaced++
	if len(c.Sets) > 0 {
		m.opts.Sets, m.opts.Limits, m.opts.Pipelines = c.Sets, c.Limits, c.Pipelines
		m.set = min(m.set, len(c.Sets)-1)
		m.followWorkloads(c.Workloads)
		m.rebuild()
	}
	if c.Probing != nil {
		m.opts.Probing, m.opts.Cost, m.opts.Lost = c.Probing, c.Cost, c.Lost
		m.rebuild()
	}
	m.unread = unread{probe.Sanitize(c.Unread, longestNotice), m.opts.Now()}
	m.say(c.Say)
}

// followWorkloads takes over other workloads. The one on the screen stays, as it says
// now unless the person has turned it; the first stays the first where it is gone.
func (m *Model) followWorkloads(workloads []Workload) {
	if len(workloads) == 0 {
		return
	}
	first := m.workload == 0
	turned := !m.knobs.work.Equal(m.knobs.base)
	m.opts.Workloads = workloads
	at := slices.IndexFunc(workloads, func(w Workload) bool { return w.Name == m.knobs.name })
	switch {
	case turned:
		m.workload = max(0, at)
	case first || at < 0:
		m.takeWorkload(0)
	default:
		m.takeWorkload(at)
	}
}

// take accepts an answer. One that arrives after a freeze is left aside.
func (m *Model) take(got answered) {
	if m.frozen {
		delete(m.answers.pending, got.key)
		return
	}
	first := m.table.Measured == 0
	m.answers.take(got)
	m.rebuild()
	if first && m.table.Measured > 0 && m.table.Pick >= 0 {
		m.rows.selected = m.table.Rows[m.table.Pick].Target
		m.scroll()
	}
}

// done is the end of work that a command did: what there is to say of it.
type done struct {
	text string
	err  error
	// then is what it leads to; nil for nothing.
	then func(*Model)
}

func (m *Model) finish(d done) {
	switch {
	case d.err != nil:
		m.say(d.err.Error())
	case d.text != "":
		m.say(d.text)
	}
	if d.then != nil && d.err == nil {
		d.then(m)
	}
	m.rebuild()
}

// key runs a key press. Bubble Tea hands over letters that arrive together, as
// from a held key or a slow line, as one message: each of them is a key.
func (m *Model) key(msg tea.KeyMsg) tea.Cmd {
	defer m.rebuild()
	m.notice = notice{} // it was read, or is not of interest
	if _, typing := m.overlay.(typist); typing && msg.String() != "ctrl+c" && msg.String() != "ctrl+z" {
		return m.overlayKey(msg)
	}
	switch {
	case msg.Paste: // pasted text is not a command
		return nil
	case msg.Type != tea.KeyRunes || len(msg.Runes) < 2:
		return m.press(msg)
	}
	var commands []tea.Cmd
	for _, r := range msg.Runes[:min(len(msg.Runes), maxTyped)] {
		commands = append(commands, m.press(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}))
	}
	return tea.Batch(commands...)
}

// maxTyped bounds the letters taken from one message: a paste that the terminal
// does not mark as one must not hold the screen up.
const maxTyped = 256

// press runs what a key is bound to: in the overlay first, then on the screen, then
// anywhere.
func (m *Model) press(msg tea.KeyMsg) tea.Cmd {
	name := msg.String()
	if m.overlay != nil && name != "ctrl+c" && name != "ctrl+z" {
		return m.overlayKey(msg)
	}
	if b := m.bound(name); b != nil {
		cmd := b.run(m)
		if m.overlay == nil {
			return tea.Batch(cmd, m.poll())
		}
		return cmd
	}
	return nil
}

// bound is what a key does on the current screen; nil for nothing.
func (m *Model) bound(name string) *binding {
	for i := range m.keys {
		b := &m.keys[i]
		if slices.Contains(b.keys, name) && b.on(m.at) {
			return b
		}
	}
	return nil
}

// overlayKey gives the open overlay the key.
func (m *Model) overlayKey(msg tea.KeyMsg) tea.Cmd {
	before := m.overlay
	cmd, closed := before.press(m, msg)
	if closed && m.overlay == before { // it may have opened another
		m.overlay = nil
	}
	return cmd
}

// shift moves up and down: a row, or what the screen moves instead.
func (m *Model) shift(by int) {
	if move := m.page().move; move != nil && move(m, by) {
		return
	}
	m.move(by)
}

// turn moves the lit knob, or what the screen turns instead.
func (m *Model) turn(by int, coarse bool) {
	if turn := m.page().turn; turn != nil && turn(m, by, coarse) {
		return
	}
	m.knobs.turn(m.knobs.lit, by, coarse)
}

// light lights another knob, of the workload or of the screen's own.
func (m *Model) light(by int) {
	if own := m.page().knobs; own != nil {
		own.light(m, by)
		return
	}
	m.knobs.light(by)
}

// putBack puts the lit knob back, or all of them: those of the workload too.
func (m *Model) putBack(all bool) {
	if own := m.page().knobs; own != nil {
		own.reset(m, all)
		if !all {
			return
		}
	}
	if all {
		m.knobs.work = m.knobs.base
		return
	}
	m.knobs.reset(m.knobs.lit)
}

// litName is the name of the knob that is lit.
func (m *Model) litName() string {
	if own := m.page().knobs; own != nil {
		return own.name(m)
	}
	return knobTable[m.knobs.lit].name
}

// back is one step back: out of the zoom, the cursor, the filter, the model.
func (m *Model) back() {
	switch {
	case m.state().zoomed:
		m.state().zoomed = false
	case m.cursor > 0:
		m.cursor = 0
	case m.rows.filter != nil:
		m.rows.filter = nil
	case m.at == modelPage:
		m.open(m.from)
	}
}

// enter opens the row, or takes the choice of the screen.
func (m *Model) enter() tea.Cmd {
	if enter := m.page().enter; enter != nil {
		return enter(m)
	}
	m.open(modelPage)
	return nil
}
