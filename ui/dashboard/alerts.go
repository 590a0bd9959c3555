package dashboard

import (
	"time"

	"costping/probe"
	"costping/store"
	"costping/ui/monitor"

	tea "github.com/charmbracelet/bubbletea"
)

// programTitle is the terminal's title while there is nothing to tell.
const programTitle = "costping"

// longestTitle bounds the title, in bytes.
const longestTitle = 120

// alerts is what a person was told of by bell and title.
type alerts struct {
	// begun says that the events of before were seen: only later ones are told of.
	begun bool
	last  time.Time
	// told says that the title names an event that nobody has looked at.
	told bool
}

// rings reports whether an event is one to be called for.
func rings(kind store.EventKind) bool {
	return kind == monitor.EventLimitBroken || kind == monitor.EventRegression || kind == monitor.EventTargetDown
}

// alert rings and sets the title where something has happened since it looked last.
func (m *Model) alert() tea.Cmd {
	if !m.opts.Bell && !m.opts.Title {
		return nil
	}
	all, known := answer[[]store.Event](&m.answers, m.eventsQuestion().key)
	if !known {
		return nil
	}
	var news *store.Event
	last := m.alerts.last
	for i, e := range all {
		if !rings(e.Kind) || !e.At.After(m.alerts.last) {
			continue
		}
		if e.At.After(last) {
			last, news = e.At, &all[i]
		}
	}
	begun := m.alerts.begun
	m.alerts.begun, m.alerts.last = true, last
	if news == nil || !begun {
		return nil
	}
	var commands []tea.Cmd
	if ring := m.opts.Ring; m.opts.Bell && ring != nil {
		commands = append(commands, func() tea.Msg {
			if err := ring(); err != nil {
				return done{err: err}
			}
			return nil
		})
	}
	if m.opts.Title {
		m.alerts.told = true
		commands = append(commands, tea.SetWindowTitle(probe.Sanitize(programTitle+": "+eventText(*news), longestTitle)))
	}
	return tea.Batch(commands...)
}

// looked takes the event out of the title: somebody is there.
func (m *Model) looked() tea.Cmd {
	if !m.alerts.told {
		return nil
	}
	m.alerts.told = false
	return tea.SetWindowTitle(programTitle)
}
