package dashboard

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"
	"costping/ui/report"

	tea "github.com/charmbracelet/bubbletea"
)

// why says why the selected row is as it is.
func (m *Model) why() tea.Cmd {
	if len(m.table.Rows) == 0 {
		m.say("there is no row here")
		return nil
	}
	m.overlay = newWhy(m)
	return nil
}

// newWhy is the sheet that says why the selected row is as it is.
func newWhy(m *Model) *reading {
	target := m.rows.selected
	return &reading{sheet: func(m *Model) screen.Sheet {
		s := screen.Sheet{Title: "why: " + target, Foot: "esc closes"}
		for _, r := range m.table.Rows {
			if r.Target == target {
				s.Lines = compare.Why(r, m.table)
			}
		}
		return s
	}}
}

// quit ends the program. Where that would end the probing it asks once.
func (m *Model) quit() tea.Cmd {
	if m.opts.Demo || m.opts.Probing == nil || m.watching() != "" {
		return tea.Quit
	}
	m.overlay = &asking{
		text: []string{"Quit? Nothing probes then; costping monitor would go on.  enter quits, esc stays", "Quit and stop probing?  enter or esc"},
		yes:  func(*Model) tea.Cmd { return tea.Quit },
	}
	return nil
}

// chosen are the rows that an action is about: the marked ones, else the selected
// one.
func (m *Model) chosen() []string {
	if len(m.rows.marked) > 0 {
		return m.rows.marked
	}
	return []string{m.rows.selected}
}

// probeNow asks, with the price, whether the chosen rows are to be probed once.
func (m *Model) probeNow() tea.Cmd {
	if m.opts.ReadOnly != "" {
		m.say(m.opts.ReadOnly)
		return nil
	}
	if m.opts.Probing == nil {
		if full, _ := m.ways(); full != "" {
			m.say("there is nothing to probe yet: " + full)
		} else {
			m.say("nothing is being probed here: costping probe, or costping without --no-probe")
		}
		return nil
	}
	targets := m.chosen()
	m.overlay = &asking{
		text: []string{
			fmt.Sprintf("Probe %s once now%s  enter probes, esc does not", strings.Join(targets, ", "), m.costOf(targets)),
			fmt.Sprintf("Probe %s%s  enter or esc", compare.Plural(len(targets), "model"), m.costOf(targets)),
		},
		yes: func(m *Model) tea.Cmd {
			return m.steer("asked for "+compare.Plural(len(targets), "probe"), func(ctx context.Context, c probe.Control) error {
				return c.ProbeNow(ctx, targets...)
			})
		},
	}
	return nil
}

// costOf ends the question whether to probe with what one probe of each target costs
// at the most.
func (m *Model) costOf(targets []string) string {
	if m.opts.Demo {
		return "? It costs nothing."
	}
	if m.opts.Cost == nil {
		return "? What it costs is not known."
	}
	total := costmodel.USD{}
	for _, t := range targets {
		usd, ok := m.opts.Cost(t)
		if !ok {
			return "? What it costs is not known."
		}
		total = total.Add(usd)
	}
	if total.Sign() == 0 {
		return "? It costs nothing."
	}
	return "? It costs at most $" + total.Format(6) + "."
}

// togglePause stops all probing, or goes on with it.
func (m *Model) togglePause() tea.Cmd {
	if m.opts.ReadOnly != "" {
		m.say(m.opts.ReadOnly)
		return nil
	}
	if m.opts.Probing == nil {
		m.say("nothing is being probed here")
		return nil
	}
	return m.steer("", func(ctx context.Context, c probe.Control) error {
		state, err := c.Steered(ctx)
		if err != nil {
			return err
		}
		return c.Pause(ctx, !state.Paused)
	})
}

// toggleTarget takes the selected target out of the schedule, or puts it back.
func (m *Model) toggleTarget() tea.Cmd {
	target := m.rows.selected
	return m.steer("", func(ctx context.Context, c probe.Control) error {
		state, err := c.Steered(ctx)
		if err != nil {
			return err
		}
		off := false
		for _, name := range state.Disabled {
			off = off || name == target
		}
		return c.Enable(ctx, target, off)
	})
}

// steer tells whoever runs the schedule to do something.
func (m *Model) steer(text string, do func(context.Context, probe.Control) error) tea.Cmd {
	history := m.opts.History
	return func() tea.Msg {
		err := do(context.Background(), history.Control())
		if errors.Is(err, store.ErrNoSchedule) {
			err = errors.New("nothing here can be steered: no process runs a schedule")
		}
		return done{text: text, err: err}
	}
}

// copied puts text on the clipboard and says so.
func (m *Model) copied(what, text string) tea.Cmd {
	put := m.opts.Copy
	if put == nil {
		m.say("this terminal has no clipboard")
		return nil
	}
	return func() tea.Msg {
		if err := put(text); err != nil {
			return done{err: fmt.Errorf("not copied: %w", err)}
		}
		return done{text: "copied " + what}
	}
}

func (m *Model) copyRow() tea.Cmd {
	r := m.selectedRow()
	if r.Target == "" {
		return nil
	}
	return m.copied("the row", compare.Sentence(r))
}

func (m *Model) copyTable() tea.Cmd {
	var b strings.Builder
	if err := report.Comparison(m.table).Write(&b, report.Markdown); err != nil {
		m.say(err.Error())
		return nil
	}
	return m.copied("the table as Markdown", b.String())
}

func (m *Model) copyCommand() tea.Cmd {
	parts := m.printing()
	text := compare.ShellCommand(parts)
	what := text
	if m.at == choosePage && m.keepsNothing() {
		what = "prices and stated quality, without what was measured here: " + text
	}
	cmd := m.copied(what, text)
	if cmd == nil {
		m.say(text)
	}
	return cmd
}

// printing is the command that prints what is on the screen.
func (m *Model) printing() []string {
	if own := m.page().command; own != nil {
		return own(m)
	}
	return m.tableCommand()
}

// keepsNothing reports whether what is shown is in no history that a command reads:
// that of the demo goes with it, and a snapshot is a file.
func (m *Model) keepsNothing() bool { return m.opts.Demo || m.opts.ReadOnly != "" }

// tableCommand prints the comparison.
func (m *Model) tableCommand() []string {
	switch {
	case m.opts.Demo && m.opts.ReadOnly == "" && m.knobs.work.Volume.Unit() == costmodel.Tokens && m.knobs.work.Cached.IsZero() && m.knobs.work.Batch.IsZero() && m.knobs.work.Retries.IsZero():
		return append([]string{"costping", "demo", "--once"}, compare.WorkloadFlags(m.knobs.work)...)
	case m.table.Measured > 0 && m.opts.Export != nil && !m.opts.Demo:
		return append([]string{"costping", "snapshot"}, compare.WorkloadFlags(m.knobs.work)...)
	}
	return m.costCommand()
}

// costCommand prints the costs of the rows.
func (m *Model) costCommand() []string {
	parts := append([]string{"costping", "cost"}, compare.WorkloadFlags(m.knobs.work)...)
	for _, r := range m.table.Rows {
		if name := commandName(r); name != "" {
			parts = append(parts, "--model", name)
		}
	}
	return parts
}

// commandName is what commands call a row by: a target by its own name, which stands for
// its price and quality too, another by its model; "" where they know neither.
func commandName(r compare.Row) string {
	switch {
	case r.Configured:
		return r.Target
	case r.Known:
		return r.Model.ID
	}
	return ""
}

// toggleMouse hands the mouse to the program, or back to the terminal.
func (m *Model) toggleMouse() tea.Cmd {
	if m.mouse = !m.mouse; m.mouse {
		m.say("mouse on: click a row, a screen or a knob, the wheel scrolls; m gives it back to the terminal")
		return tea.EnableMouseCellMotion
	}
	m.say("mouse off: the terminal selects text again")
	return tea.DisableMouse
}
