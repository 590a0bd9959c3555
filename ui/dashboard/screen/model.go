package screen

import (
	"fmt"

	"costping/ui/compare"
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Model is the part of the Model screen below the answer: all that is known of one
// model, in panes. A pane without a drawing has nothing to show yet.
type Model struct {
	// Over is a figure over time, Time where the time of an answer goes, Spread how
	// first tokens are spread, Hours how they go over the day, Price the price card,
	// Errors what went wrong last.
	Over, Time, Spread, Hours, Price, Errors Chart
	// Brief is for the smallest sizes: a line each, longest form first.
	Brief [][]string
	// Focus is the pane with the focus; Zoomed says that it has the whole screen.
	Focus  ModelPane
	Zoomed bool
}

// ModelPane is a part of the Model screen.
type ModelPane int

// The panes, in the order of the tab key.
const (
	OverPane ModelPane = iota
	TimePane
	SpreadPane
	HoursPane
	PricePane
)

// nothing stands in a pane that has nothing to show yet.
var nothing = Text{{"nothing measured yet", "nothing yet"}}

func (m Model) pane(which ModelPane) Pane {
	c := [...]Chart{OverPane: m.Over, TimePane: m.Time, SpreadPane: m.Spread, HoursPane: m.Hours, PricePane: m.Price}[which]
	return titled(c, m.Focus == which)
}

func titled(c Chart, focused bool) Pane {
	if c.Drawing == nil {
		c.Drawing = nothing
	}
	return Pane{Title: c.Title, Drawing: c.Drawing, Focused: focused}
}

// pairsFrom is the height of a body from which the panes stand in pairs.
const pairsFrom = 22

// Draw implements Drawing.
func (m Model) Draw(width, height int, th theme.Theme) []string {
	switch {
	case m.Zoomed:
		return Fill(m.pane(m.Focus).Draw(width, height, th), width, height)
	case width >= besideFrom && height >= pairsFrom:
		return Fill(m.pairs(width, height, th), width, height)
	}
	return Fill(m.stacked(width, height, th), width, height)
}

// pairs draws the panes in three rows of two.
func (m Model) pairs(width, height int, th theme.Theme) []string {
	left := width * 52 / 100
	errors := titled(m.Errors, false)
	if m.Errors.Drawing == nil {
		errors.Drawing = Text{{"none in the window", "none"}}
	}
	words := wanted(m.Price)
	if m.Errors.Drawing != nil {
		words = max(words, wanted(m.Errors))
	}
	lines := Arrange(
		height,
		Slot{Least: 7, Want: 12, Grows: true},
		Slot{Least: 6, Want: max(wanted(m.Time), wanted(m.Hours)), Rank: 2},
		Slot{Least: 4, Want: words, Rank: 1},
	)
	drawn := Beside(m.pane(OverPane), m.pane(SpreadPane), left, width, lines[0], th)
	drawn = append(drawn, Beside(m.pane(TimePane), m.pane(HoursPane), left, width, lines[1], th)...)
	return append(drawn, Beside(m.pane(PricePane), errors, left, width, lines[2], th)...)
}

// wanted is how many lines a pane makes good use of, with its title.
func wanted(c Chart) int {
	const usual = 9
	if sized, ok := c.Drawing.(interface{ Lines() int }); ok {
		return 1 + sized.Lines()
	}
	return usual
}

// stacked draws the panes one below the other; the one with the focus is there
// whatever has to go.
func (m Model) stacked(width, height int, th theme.Theme) []string {
	order := []ModelPane{OverPane, TimePane, PricePane, SpreadPane, HoursPane}
	slots := make([]Slot, len(order))
	parts := make([]Drawing, len(order))
	for i, which := range order {
		parts[i] = m.pane(which)
		slots[i] = Slot{Least: 6, Want: 9, Grows: which == OverPane, Rank: 1 + i}
		switch which {
		case TimePane:
			slots[i].Least, slots[i].Want = 2, wanted(m.Time)
		case PricePane:
			slots[i].Least, slots[i].Want = 3, wanted(m.Price)
		case OverPane:
			slots[i].Least = 5
		case SpreadPane, HoursPane:
		}
		if which == m.Focus {
			slots[i].Rank, slots[i].Grows = 0, true
		}
	}
	return Stacked(width, Arrange(height, slots...), th, parts...)
}

// DrawSmall implements Body.
func (m Model) DrawSmall(width, height int, th theme.Theme) []string {
	brief := Text(m.Brief[:min(len(m.Brief), height)])
	lines := brief.Draw(width, len(brief), th)
	if rest := height - len(lines); rest >= 4 {
		lines = append(lines, m.pane(m.Focus).Draw(width, rest, th)...)
	}
	return Fill(lines, width, height)
}

// Told is a drawing with words above it, each line in forms of which the first that
// fits is shown. The words stay where there is no room for more.
type Told struct {
	Words Text
	Below Drawing
	// Want is how many lines the drawing makes good use of.
	Want int
}

// Lines is how many lines it makes good use of.
func (t Told) Lines() int { return len(t.Words) + t.Want }

// Draw implements Drawing.
func (t Told) Draw(width, height int, th theme.Theme) []string {
	words := min(len(t.Words), max(height, 0))
	lines := t.Words[:words].Draw(width, words, th)
	if t.Below != nil && height > words {
		lines = append(lines, t.Below.Draw(width, height-words, th)...)
	}
	return Fill(lines, width, height)
}

// Card is lines with labels. What does not fit is counted.
type Card []compare.Line

// Lines is how many there are, with some to fold.
func (c Card) Lines() int { return len(c) + 3 }

// Draw implements Drawing. A line is folded where there is room for that, and
// shortened where there is none.
func (c Card) Draw(width, height int, th theme.Theme) []string {
	spare := height - len(c)
	var lines []string
	for _, l := range c {
		folded := folded(l, width, th)
		if n := len(folded) - 1; n <= spare {
			spare -= n
			lines = append(lines, folded...)
			continue
		}
		lines = append(lines, labelled([]compare.Line{l}, width, 1, th)...)
	}
	return cutTo(lines, width, height, th)
}

// folded is a line of a card in its longest form, over as many lines as that takes.
func folded(l compare.Line, width int, th theme.Theme) []string {
	if len(l.Text) == 0 {
		return labelled([]compare.Line{l}, width, 1, th)
	}
	style, label := th.Plain, l.Label
	if label == "warn" {
		style = th.Warn
	}
	var lines []string
	for _, part := range widget.Wrap(th.Translate(l.Text[0]), width-cardLabel-2) {
		lines = append(lines, widget.Pad(" "+th.Dim.Render(widget.Pad(label, cardLabel, th.Glyphs))+style.Render(part), width, th.Glyphs))
		label = ""
	}
	return lines
}

// cardLabel is the width of the labels.
const cardLabel = 7

// cutTo leaves as many lines as there is room for, and says how many there are
// besides.
func cutTo(lines []string, width, height int, th theme.Theme) []string {
	if n := len(lines); n > height && height > 1 {
		lines = append(lines[:height-1:height-1], th.Dim.Render(widget.Pad(fmt.Sprintf(" %d more", n-height+1), width, th.Glyphs)))
	}
	return Fill(lines, width, height)
}

// Happened is what happened, newest first.
type Happened []Event

// Lines is how many there are.
func (h Happened) Lines() int { return len(h) }

// Draw implements Drawing.
func (h Happened) Draw(width, height int, th theme.Theme) []string {
	lines := make([]string, 0, len(h))
	for _, e := range h {
		lines = append(lines, e.line(width, th))
	}
	return cutTo(lines, width, height, th)
}
