package dashboard

import (
	"errors"
	"strings"

	"costping/costmodel"
	"costping/ui/dashboard/screen"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// form is fields to fill in, and what becomes of them.
type form struct {
	title, note, foot string
	labels, hints     []string
	fields            []textinput.Model
	active            int
	// chosen says that the active field is as it was when it was entered, all of it: what
	// is typed takes its place.
	chosen bool
	wrong  string
	// take uses the values; where one of them will not do it says which and why,
	// and the form stays.
	take func(m *Model, values []string) (cmd tea.Cmd, field int, err error)
	// save is what ctrl+s does; nil for nothing.
	save func(m *Model, values []string) (cmd tea.Cmd, field int, err error)
}

// ask adds a field with what is in it at first.
func (f *form) ask(label, value, hint string) {
	field := newField(value)
	if len(f.fields) > 0 {
		field.Blur()
	}
	f.labels, f.hints, f.fields = append(f.labels, label), append(f.hints, hint), append(f.fields, field)
	f.chosen = f.fields[0].Value() != ""
}

func (*form) types() {}

func (f *form) press(m *Model, key tea.KeyMsg) (tea.Cmd, bool) {
	switch key.String() {
	case "esc":
		return nil, true
	case "tab", "down":
		f.activate(+1)
	case "shift+tab", "up":
		f.activate(-1)
	case "enter":
		return f.use(m, f.take)
	case "ctrl+s":
		if f.save != nil {
			return f.use(m, f.save)
		}
	default:
		f.edit(key)
		f.wrong = ""
	}
	return nil, false
}

// edit changes the active field: what is typed into one that is chosen, or deleted
// there, is of all of it, and any other key only unchooses it.
func (f *form) edit(key tea.KeyMsg) {
	field := &f.fields[f.active]
	if f.chosen {
		f.chosen = false
		switch key.Type {
		case tea.KeyRunes, tea.KeySpace:
			field.SetValue("")
		case tea.KeyBackspace, tea.KeyDelete:
			field.SetValue("")
			return
		}
	}
	*field, _ = field.Update(key)
}

func (f *form) activate(by int) {
	f.fields[f.active].Blur()
	f.active = (f.active + by + len(f.fields)) % len(f.fields)
	f.fields[f.active].Focus()
	f.fields[f.active].CursorEnd()
	f.chosen = f.fields[f.active].Value() != ""
}

// use hands the values over; the form closes where they will do.
func (f *form) use(m *Model, take func(*Model, []string) (tea.Cmd, int, error)) (tea.Cmd, bool) {
	values := make([]string, len(f.fields))
	for i := range f.fields {
		values[i] = strings.TrimSpace(f.fields[i].Value())
	}
	cmd, field, err := take(m, values)
	if err == nil {
		return cmd, true
	}
	f.wrong = err.Error()
	var input *costmodel.InputError
	if errors.As(err, &input) && input.Hint != "" {
		f.wrong += "; " + input.Hint
	}
	f.activate(field - f.active)
	f.chosen = false // it is mended, not written anew
	return nil, false
}

func (f *form) show(m *Model, frame *screen.Frame) {
	drawn := screen.Form{Title: f.title, Active: f.active, Note: f.note, Foot: f.foot}
	if f.wrong != "" {
		drawn.Note, drawn.Wrong = f.wrong, true
	}
	for i := range f.fields {
		text := f.fields[i].Value()
		if i == f.active {
			text = m.typed(f.fields[i])
			if f.chosen {
				text = m.opts.Theme.Lit.Render(widget.Elide(f.fields[i].Value(), max(1, m.width-around), m.opts.Theme.Glyphs))
			}
		}
		drawn.Fields = append(drawn.Fields, screen.Field{Label: f.labels[i], Text: text, Hint: f.hints[i]})
	}
	frame.Body, frame.Over = screen.Whole{Drawing: drawn}, true
}

// newEntry is the form of exact values for every knob.
func newEntry(m *Model) *form {
	w := m.knobs.work
	f := &form{title: "the workload, exactly", foot: "enter takes it, tab goes on, esc leaves it as it was"}
	text := func(v interface{ MarshalText() ([]byte, error) }) string {
		b, _ := v.MarshalText() // of a value that was read: it can be written
		return string(b)
	}
	in, out := "", ""
	if input, ok := w.RequestInput(); ok {
		in = input.RatString()
		out = w.PerItem.Rat().Sub(w.PerItem.Rat(), input).RatString()
	}
	f.ask("volume", text(w.Volume), "10M tokens/day, 100k messages/month, 4000 documents/day")
	split := text(w.Split)
	if in != "" { // it follows from the tokens of an item
		split = ""
	}
	f.ask("split", split, "input/output in percent: 75/25; not with tokens of an item")
	f.ask("in", in, "tokens in of one item; empty for a volume of tokens")
	f.ask("out", out, "tokens out of one item")
	f.ask("cached", w.Cached.String(), "share of the input read from a cache: 30%")
	f.ask("batch", w.Batch.String(), "share of the requests that may wait")
	f.ask("retries", w.Retries.String(), "share of the requests sent again")
	f.ask("days", w.DaysPerMonth.String(), "days of a month: 30, 30.4 or 2026-02")
	f.take = func(m *Model, values []string) (tea.Cmd, int, error) {
		w, field, err := parseEntry(m.knobs.work, values)
		if err == nil {
			m.knobs.work = w
		}
		return nil, field, err
	}
	if m.opts.SaveWorkload != nil {
		f.foot += ", ctrl+s saves it as a workload"
		f.save = func(m *Model, values []string) (tea.Cmd, int, error) {
			w, field, err := parseEntry(m.knobs.work, values)
			if err == nil {
				m.overlay = newNaming(w)
			}
			return nil, field, err
		}
	}
	return f
}

// parseEntry reads the values of the entry form, in its order; field is the one
// that will not do.
func parseEntry(w costmodel.Workload, values []string) (result costmodel.Workload, field int, err error) {
	const inField, outField = 2, 3
	w.PerItem = costmodel.Count{}
	texts := []interface{ UnmarshalText([]byte) error }{&w.Volume, &w.Split, nil, nil, &w.Cached, &w.Batch, &w.Retries, &w.DaysPerMonth}
	for i, part := range texts {
		if part == nil {
			continue
		}
		text := values[i]
		if text == "" && i > outField {
			text = []string{"0%", "0%", "0%", "30"}[i-outField-1]
		}
		if i == 0 {
			text = w.Volume.Completed(text)
		}
		if err := part.UnmarshalText([]byte(text)); err != nil {
			return w, i, err
		}
	}
	if values[inField] != "" || values[outField] != "" {
		input, err := costmodel.ParseCount(values[inField])
		if err != nil {
			return w, inField, err
		}
		output, err := costmodel.ParseCount(values[outField])
		if err != nil {
			return w, outField, err
		}
		if w, err = w.WithItem(input, output); err != nil {
			return w, inField, err
		}
	}
	return w, 0, w.Check()
}

// newNaming asks under which name a workload is saved.
func newNaming(w costmodel.Workload) *form {
	f := &form{title: "save the workload", note: w.String(), foot: "enter saves it in the configuration, esc does not"}
	f.ask("name", "", "a word, such as documents")
	f.take = func(m *Model, values []string) (tea.Cmd, int, error) {
		name := values[0]
		if name == "" {
			return nil, 0, &costmodel.InputError{What: "a workload needs a name"}
		}
		save := m.opts.SaveWorkload
		return func() tea.Msg {
			err := save(name, w)
			return done{"saved the workload " + name, err, func(m *Model) {
				m.opts.Workloads = append(m.opts.Workloads, Workload{name, w})
				m.takeWorkload(len(m.opts.Workloads) - 1)
			}}
		}, 0, nil
	}
	return f
}
