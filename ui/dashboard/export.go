package dashboard

import (
	"context"
	"strings"
	"time"

	"costping/costmodel"
	"costping/ui/compare"

	tea "github.com/charmbracelet/bubbletea"
)

// Export is what is to be written of what is on the screen.
type Export struct {
	// Files are their names; the ending of each says in which format.
	Files []string
	// Window is how far back they look, Note a sentence to stand in them.
	Window time.Duration
	Note   string
	// Workload is the one of the knobs as they stand, Name what it is called, "" where
	// a knob was turned and it is another one; Candidates are the rows.
	Workload   costmodel.Workload
	Name       string
	Candidates []compare.Candidate
	Limits     []compare.Limit
}

// newExport asks for the names of files, their window and a note.
func newExport(m *Model) *form {
	day := m.opts.Now().In(m.opts.Location).Format("2006-01-02")
	f := &form{
		title: "write a snapshot of this", foot: "enter writes it, esc does not",
		note: "Its workload is the one of the knobs. Nothing that is there is replaced.",
	}
	f.ask("files", "costping-"+day+".md costping-"+day+".html", "names with an ending: md html json csv svg png txt")
	f.ask("window", "24h", "how far back: 24h, 7d")
	f.ask("note", "", "a sentence to stand in it")
	f.take = func(m *Model, values []string) (tea.Cmd, int, error) {
		long, err := parseSpan(values[1])
		if err != nil {
			return nil, 1, err
		}
		e := Export{
			Files: strings.Fields(values[0]), Window: long, Note: values[2],
			Workload: m.knobs.work, Candidates: m.candidates(), Limits: m.opts.Limits,
		}
		if !m.table.Changed {
			e.Name = m.knobs.name
		}
		if len(e.Files) == 0 {
			return nil, 0, &costmodel.InputError{What: "no file is named", Hint: "such as review.md"}
		}
		check, write := m.opts.CheckExport, m.opts.Export
		m.say("writing " + strings.Join(e.Files, ", "))
		return func() tea.Msg {
			if err := check(e); err != nil { // before any work is done
				return done{err: err}
			}
			return done{text: "wrote " + strings.Join(e.Files, ", "), err: write(context.Background(), e)}
		}, 0, nil
	}
	return f
}

// parseSpan reads a window: "90m", "24h", "7d".
func parseSpan(text string) (time.Duration, error) {
	long, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		long, err = time.ParseDuration(days + "h")
		long *= 24
	}
	if err != nil || long < time.Minute || long > 400*24*time.Hour {
		return 0, &costmodel.InputError{What: "the window is no time from 1m to 400d", Hint: "such as 24h or 7d"}
	}
	return long, nil
}

// export opens the form, where there is something to write with.
func (m *Model) export() tea.Cmd {
	if m.opts.Export == nil || m.opts.CheckExport == nil {
		m.say("nothing can be written from here: costping snapshot writes files")
		return nil
	}
	m.overlay = newExport(m)
	return nil
}
