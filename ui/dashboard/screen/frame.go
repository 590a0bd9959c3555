package screen

import (
	"fmt"
	"strings"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Drawing fills a rectangle: it returns exactly height lines of exactly width
// cells each.
type Drawing interface {
	Draw(width, height int, th theme.Theme) []string
}

// Frame is what all screens have in common: which screen it is, what must not be
// overlooked, the knobs, the answer, and below the screen's own part the keys.
type Frame struct {
	// Screens are the names of all screens, Current is the one that is shown.
	Screens []string
	Current int
	States  []State
	Counts  Counts
	// Workload is the name of what the knobs start from.
	Workload string
	Knobs    []Knob
	// Answer is the sentence on line 3, longest form first. Changed says that it
	// is about turned knobs, Picked that it names the pick.
	Answer          []string
	Changed, Picked bool
	Hints           []Hint
	// Menu takes the place of the hints while a menu is open, longest form first.
	Menu []string
	// Field takes the last line: text that is being typed, as drawn.
	Field string
	// Worst says of the row that needs looking at most how it is, Event what
	// happened last: for the smallest sizes. Longest form first.
	Worst, Event []string
	Body         Body
	// Over says that the body lies over the screen, and goes before all else where
	// there is little room.
	Over bool
}

// Body is a screen's own part.
type Body interface {
	Drawing
	// DrawSmall is Draw where there is no room for more than the essential.
	DrawSmall(width, height int, th theme.Theme) []string
}

// State is a word in the one place for states, at the top right.
type State struct {
	Text string
	// Short is what is left of it where there is little room; "" for Text.
	Short string
	// Loud is for what must not be overlooked.
	Loud bool
	// Counted says that the counts of a small screen say the same.
	Counted bool
}

// Counts are how many rows are in which state.
type Counts struct{ Failing, Over, Fine, Unknown int }

// Hint is a key and what it does, for the last line.
type Hint struct{ Key, Does string }

// Knob is a part of the workload that the keys turn, as it is shown.
type Knob struct {
	// Texts are its forms, longest first.
	Texts []string
	Lit   bool
}

// FullFrom is the height from which a screen has its frame in full; below it has
// one line above its body, and below smallFrom no body.
const (
	FullFrom  = 12
	smallFrom = 6
)

// Small reports whether a screen of that height has only its essential parts.
func Small(height int) bool { return height < FullFrom }

// Render draws the whole screen: height lines of width cells, none for a screen
// without any.
func (f Frame) Render(width, height int, th theme.Theme) string {
	if width <= 0 || height <= 0 {
		return ""
	}
	var lines []string
	switch {
	case height >= FullFrom:
		lines = []string{f.header(width, th), f.knobLine(width, th), f.answer(width, th)}
		lines = append(lines, f.Body.Draw(width, height-len(lines)-1, th)...)
		lines = append(lines, f.footer(width, th))
	case height >= smallFrom:
		lines = append(lines, f.brief(width, th))
		foot := 0
		if f.Field != "" || len(f.Menu) > 0 {
			foot = 1
		}
		lines = append(lines, f.Body.DrawSmall(width, height-1-foot, th)...)
		if foot > 0 {
			lines = append(lines, f.footer(width, th))
		}
	case f.Over:
		lines = f.Body.DrawSmall(width, height, th)
	default:
		lines = f.least(width, height, th)
	}
	return strings.Join(lines, "\n")
}

// least is what a few lines can say: the state of things, the pick, the worst row
// and the last event.
func (f Frame) least(width, height int, th theme.Theme) []string {
	lines := []string{f.brief(width, th), f.answer(width, th), line(f.Worst, width, th), line(f.Event, width, th)}
	if len(f.Worst) == 0 {
		lines[2], lines[3] = lines[3], lines[2]
	}
	for len(lines) < height {
		lines = append(lines, strings.Repeat(" ", width))
	}
	if (f.Field != "" || len(f.Menu) > 0) && height > 0 {
		lines[height-1] = f.footer(width, th)
	}
	return lines[:height]
}

func line(texts []string, width int, th theme.Theme) string {
	if len(texts) == 0 {
		return strings.Repeat(" ", width)
	}
	return widget.Pad(" "+widget.First(texts, max(0, width-2), th.Glyphs), width, th.Glyphs)
}

// header names the screens and has the states at its right.
func (f Frame) header(width int, th theme.Theme) string {
	states, names := f.placed(width, th)
	return widget.Sides(names.text, states, width, th.Glyphs)
}

// placed are the states in the form that the header has room for, as many as there can
// be, and in their short form where the screen's name would find no room else; and the
// longest list of screens that fits beside them.
func (f Frame) placed(width int, th theme.Theme) (states string, names named) {
	room := width - len(" costping  ")
	states, shown := f.states(room, th, false)
	if shown < len(f.States) {
		states, shown = f.states(room, th, true)
	}
	forms := f.names(th)
	names = longest(forms, states, width)
	if short, same := f.states(room, th, true); same == shown && !f.all(names) {
		if more := longest(forms, short, width); names.text == "" || f.all(more) {
			return short, more
		}
	}
	return states, names
}

// all reports whether a list names every screen, so that the keys that open them are
// seen.
func (f Frame) all(n named) bool { return len(n.cells) == len(f.Screens) }

// longest is the longest list of screens that fits beside the states.
func longest(forms []named, states string, width int) named {
	for _, n := range forms {
		if widget.Width(n.text)+widget.Width(states) < width {
			return n
		}
	}
	return named{}
}

// names are the forms of the list of screens, longest first.
func (f Frame) names(th theme.Theme) []named {
	long, middle := named{text: " costping"}, named{text: " costping"}
	short, least := named{text: " costping"}, named{}
	for i, name := range f.Screens {
		number := fmt.Sprint(i + 1)
		if i == f.Current {
			mark := " " + th.Heading.Render("["+number+" "+name+"]")
			for _, form := range []*named{&long, &middle, &short, &least} {
				form.add(i, mark)
			}
			continue
		}
		long.add(i, " "+th.Dim.Render(number+" "+name)+" ")
		middle.add(i, " "+th.Dim.Render(number))
	}
	return []named{long, middle, short, least}
}

// ScreenAt is the screen whose name is on a cell of the first line of a full screen,
// -1 for none.
func (f Frame) ScreenAt(x, width int, th theme.Theme) int {
	_, names := f.placed(width, th)
	return names.at(x)
}

// states are the words at the right, as many as fit, and how many those are: the
// first must not be overlooked.
func (f Frame) states(width int, th theme.Theme, short bool) (text string, shown int) {
	for _, s := range f.States {
		style := th.Plain
		if s.Loud {
			style = th.Warn
		}
		word := s.Text
		if short && s.Short != "" {
			word = s.Short
		}
		next := style.Render(th.Translate(word)) + " "
		if text != "" {
			next = " " + next
		}
		if widget.Width(text)+widget.Width(next) > width {
			break
		}
		text += next
		shown++
	}
	return text, shown
}

// brief is the one line at the top of a small screen: what is asked for, how many
// rows are how, and what the probing does. Where not all of it fits, what is loud
// stays, then the volume, then the split.
func (f Frame) brief(width int, th theme.Theme) string {
	right := f.counts(th)
	add := func(i, taken int) {
		s := f.States[i]
		word := s.Text
		if s.Short != "" {
			word = s.Short
		}
		if next := "  " + th.Translate(word); !s.Counted && taken+widget.Width(right)+widget.Width(next)+1 <= width {
			right += next
		}
	}
	last := len(f.States) - 1
	for i, s := range f.States {
		if s.Loud {
			add(i, 0)
		}
	}
	left := f.place(th)
	left += f.asked(width-widget.Width(left+right)-2, th)
	if last >= 0 && !f.States[last].Loud {
		add(last, widget.Width(left)+1)
	}
	return widget.Sides(left, right+" ", width, th.Glyphs)
}

// place names the screen where it is not the first, whose rows say what it is.
func (f Frame) place(th theme.Theme) string {
	if f.Current <= 0 || f.Current >= len(f.Screens) {
		return ""
	}
	return " " + th.Heading.Render(f.Screens[f.Current])
}

// asked is the volume and the split, or as much of it as fits whole.
func (f Frame) asked(width int, th theme.Theme) string {
	text := ""
	for _, k := range f.Knobs[:min(2, len(f.Knobs))] {
		if len(k.Texts) == 0 {
			continue
		}
		next := text + " " + th.Translate(k.Texts[len(k.Texts)-1])
		if widget.Width(next) > width {
			break
		}
		text = next
	}
	return text
}

func (f Frame) counts(th theme.Theme) string {
	var parts []string
	for _, c := range []struct {
		glyph string
		n     int
		style func(...string) string
	}{
		{th.Failing, f.Counts.Failing, th.Bad.Render},
		{th.Over, f.Counts.Over, th.Warn.Render},
		{th.Fine, f.Counts.Fine, th.Plain.Render},
		{"?", f.Counts.Unknown, th.Dim.Render},
	} {
		if c.n > 0 {
			parts = append(parts, c.style(c.glyph+fmt.Sprint(c.n)))
		}
	}
	return strings.Join(parts, " ")
}

// knobLine is the workload: the knob that is lit stands out. What does not fit goes
// from the right, the lit one last.
func (f Frame) knobLine(width int, th theme.Theme) string {
	return widget.Pad(f.fittedKnobs(width, th).text, width, th.Glyphs)
}

// KnobAt is the knob on a cell of the second line of a full screen, -1 for none.
func (f Frame) KnobAt(x, width int, th theme.Theme) int { return f.fittedKnobs(width, th).at(x) }

func (f Frame) fittedKnobs(width int, th theme.Theme) named {
	lead := " "
	if f.Workload != "" {
		lead = " " + th.Bold.Render(widget.Elide(f.Workload, 16, th.Glyphs)) + " "
	}
	last := len(f.Knobs) - 1 // the days of a month go before any knob is shortened
	for form := range 3 {
		for n := len(f.Knobs); n >= max(1, last); n-- {
			if line := f.knobs(lead, form, n, th); widget.Width(line.text) <= width && f.litBefore(n) {
				return line
			}
		}
	}
	for _, lead := range []string{lead, " ", ""} {
		for n := len(f.Knobs) - 1; n > 0; n-- {
			if line := f.knobs(lead, 2, n, th); widget.Width(line.text) <= width && f.litBefore(n) {
				return line
			}
		}
	}
	for i, k := range f.Knobs { // the one that is being turned, at least
		if k.Lit {
			var line named
			line.add(i, f.knob(k, 2, th))
			return line
		}
	}
	return f.knobs("", 2, min(1, len(f.Knobs)), th)
}

func (f Frame) litBefore(n int) bool {
	for _, k := range f.Knobs[n:] {
		if k.Lit {
			return false
		}
	}
	return true
}

func (f Frame) knobs(lead string, form, n int, th theme.Theme) named {
	line := named{text: lead}
	for i, k := range f.Knobs[:n] {
		line.add(i, f.knob(k, form, th))
	}
	return line
}

func (f Frame) knob(k Knob, form int, th theme.Theme) string {
	if len(k.Texts) == 0 {
		return ""
	}
	text := th.Translate(k.Texts[min(form, len(k.Texts)-1)])
	if !k.Lit {
		return " " + text + " "
	}
	return th.Lit.Render(th.KnobOpen + text + th.KnobClose)
}

func (f Frame) answer(width int, th theme.Theme) string {
	mark := "  "
	if f.Picked && !f.Changed {
		mark = th.Mark.Render(th.Pick) + " "
	}
	text := widget.First(f.Answer, max(0, width-4), th.Glyphs)
	style := th.Plain
	if f.Changed {
		style = th.Bold
	}
	return widget.Pad(" "+mark+style.Render(text), width, th.Glyphs)
}

// footer shows as many hints as fit, whole, or the open menu, or what is typed.
func (f Frame) footer(width int, th theme.Theme) string {
	switch {
	case f.Field != "":
		return widget.Pad(f.Field, width, th.Glyphs)
	case len(f.Menu) > 0:
		return widget.Pad(" "+th.Bold.Render(widget.First(f.Menu, max(0, width-2), th.Glyphs)), width, th.Glyphs)
	}
	line, left := "", width
	for _, h := range f.Hints {
		key := th.Translate(h.Key)
		left -= widget.Width(key) + widget.Width(h.Does) + len("   ")
		if left < 0 {
			break
		}
		line += " " + th.Bold.Render(key) + " " + th.Dim.Render(h.Does) + " "
	}
	return widget.Pad(line, width, th.Glyphs)
}
