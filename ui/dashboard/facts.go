package dashboard

import (
	"errors"
	"strings"

	"costping/ui/facts"

	tea "github.com/charmbracelet/bubbletea"
)

// Said is what a person says of a target: here, and the names of what the
// configuration says, which goes before it.
type Said struct {
	Here       facts.Facts
	Configured []string
}

// sayFacts opens the form of what is the person's own about the selected row.
func (m *Model) sayFacts() tea.Cmd {
	target, said := m.rows.selected, m.opts.Facts
	if target == "" {
		return nil
	}
	if said == nil || m.opts.SaveFacts == nil {
		m.say("nothing is kept of models here")
		return nil
	}
	return func() tea.Msg {
		now, err := said(target)
		return done{err: err, then: func(m *Model) {
			if m.overlay == nil { // else something else was opened meanwhile
				m.overlay = newFacts(target, now)
			}
		}}
	}
}

// newFacts is the form of what a person says of a target.
func newFacts(target string, said Said) *form {
	f := &form{title: "yours: " + target, foot: "enter keeps it, tab goes on, esc leaves it as it was"}
	f.ask("quality", said.Here.Quality, "what you found it to be, from 0 to 1: 0.91")
	f.ask("tags", strings.Join(said.Here.Tags, ", "), "words to filter by: tag:eu")
	f.ask("price", said.Here.Price, "USD for 1M in and out, as you pay it: 0.15/0.60")
	f.ask("machine", said.Here.SelfHost, "what your own machine costs: 150/month")
	f.note = "Empty is nothing said. Probing and limits take a price from the next start on."
	if len(said.Configured) > 0 {
		f.note = "The configuration says " + strings.Join(said.Configured, ", ") + ": that goes before what is typed here. " + f.note
	}
	f.take = func(m *Model, values []string) (tea.Cmd, int, error) {
		own := facts.Facts{
			Quality: values[facts.QualityField], Tags: facts.Tags(values[facts.TagsField]),
			Price: values[facts.PriceField], SelfHost: values[facts.SelfHostField],
		}
		if err := own.Check(); err != nil {
			field := 0
			if wrong := (*facts.WrongError)(nil); errors.As(err, &wrong) {
				field = wrong.Field
			}
			return nil, field, err
		}
		save := m.opts.SaveFacts
		return func() tea.Msg {
			sets, err := save(target, own)
			return done{"kept what you say of " + target, err, func(m *Model) { m.takeSets(sets) }}
		}, 0, nil
	}
	return f
}

// takeSets puts lists of rows in the place of those that were, and stays on the one
// that is shown.
func (m *Model) takeSets(sets []Set) {
	if len(sets) == 0 {
		return
	}
	m.rows.shown = nil // the table is not what it was, whatever else is
	name := m.opts.Sets[m.set].Name
	m.opts.Sets, m.set = sets, 0
	m.replaced++
	for i, s := range sets {
		if s.Name == name {
			m.set = i
		}
	}
}
