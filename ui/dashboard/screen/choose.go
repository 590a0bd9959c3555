package screen

import (
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Choose is the part of the Choose screen below the answer: the tasks, what is
// needed of a model, and the models in three verdicts.
type Choose struct {
	// Answer is that of line 3, for sizes that have no line 3; longest form first.
	Answer []string
	// Tasks and Needs are lists with one row selected each.
	Tasks, Needs Matrix
	// TasksTitle and NeedsTitle say what is chosen, so that they tell it where
	// their lists have no room.
	TasksTitle, NeedsTitle, RankingTitle []string
	// Ranking is the models, Why the reasons of the selected one, below them where
	// there is room, and WhyAlone instead of them.
	Ranking  Matrix
	Why      Sheet
	WhyTitle []string
	WhyAlone bool
	Focus    ChoosePane
	Zoomed   bool
}

// ChoosePane is a part of the Choose screen.
type ChoosePane int

// The panes, in the order of the tab key.
const (
	ChooseTasks ChoosePane = iota
	ChooseNeeds
	ChooseRanking
)

// chooseBeside is the width from which the ranking stands beside the rest, and
// chooseLeft the most that the rest takes then.
const (
	chooseBeside = 72
	chooseLeft   = 36
)

// Draw implements Drawing.
func (c Choose) Draw(width, height int, th theme.Theme) []string {
	panes := c.panes()
	switch {
	case c.Zoomed:
		return Fill(panes[c.Focus].Draw(width, height, th), width, height)
	case width >= chooseBeside:
		left := min(chooseLeft, width*2/5)
		tasks := panes[ChooseTasks]
		tasks.Drawing = chooseLists{c}
		return Fill(Beside(tasks, panes[ChooseRanking], left, width, height, th), width, height)
	}
	lines := Arrange(height, c.slots()...)
	return Fill(Stacked(width, lines, th, panes[0], panes[1], panes[2]), width, height)
}

// slots are the panes one below the other: those without the focus are their titles,
// but for the ranking, which is what the screen is for.
func (c Choose) slots() []Slot {
	slots := []Slot{{Least: 1, Want: 1, Rank: 1}, {Least: 1, Want: 1, Rank: 1}, {Least: 3, Want: 4, Grows: true}}
	rows := [...]int{len(c.Tasks.Rows), len(c.Needs.Rows)}
	if c.Focus != ChooseRanking {
		slots[c.Focus] = Slot{Least: 3, Want: 2 + rows[c.Focus]}
		slots[ChooseRanking].Rank = 1
	}
	return slots
}

func (c Choose) panes() [3]Pane {
	ranking, title := Drawing(chooseRanking{c}), c.RankingTitle
	if c.WhyAlone {
		ranking, title = sheetBody{c.Why}, c.WhyTitle
	}
	return [3]Pane{
		{Title: c.TasksTitle, Focused: c.Focus == ChooseTasks, Drawing: c.Tasks},
		{Title: c.NeedsTitle, Focused: c.Focus == ChooseNeeds, Drawing: c.Needs},
		{Title: title, Focused: c.Focus == ChooseRanking, Drawing: ranking},
	}
}

// chooseRanking is the models, and below them why the selected one stands where it
// does.
type chooseRanking struct{ Choose }

func (r chooseRanking) Draw(width, height int, th theme.Theme) []string {
	told := 1 + len(r.Why.wrapped(width, th))
	// Reasons go on below in what neither the rows nor the selected one's reasons need.
	ranked := max(r.Ranking.Height(), min(r.Ranking.FoldedHeight(width, th), height-told-1))
	lines := Arrange(height,
		Slot{Least: min(4, height), Want: ranked + 1, Rank: 0},
		Slot{Least: 6, Want: told, Grows: true, Rank: 1})
	why := Pane{Title: r.WhyTitle, Drawing: sheetBody{r.Why}}
	return Fill(Stacked(width, lines, th, r.Ranking, why), width, height)
}

// chooseLists is the tasks without their title, and the needs.
type chooseLists struct{ Choose }

func (l chooseLists) Draw(width, height int, th theme.Theme) []string {
	panes := l.panes()
	slots := []Slot{
		{Least: 2, Want: l.Tasks.Height(), Rank: 1},
		{Least: 3, Want: 1 + l.Needs.Height(), Grows: true, Rank: 1},
	}
	if l.Focus == ChooseTasks {
		slots[0].Rank = 0
	} else {
		slots[1].Rank = 0
	}
	if l.Focus != ChooseNeeds { // what is asked for is in the list below
		panes[ChooseNeeds].Title = panes[ChooseNeeds].Title[:min(1, len(l.NeedsTitle))]
	}
	lines := Arrange(height, slots...)
	return Fill(Stacked(width, lines, th, l.Tasks, panes[ChooseNeeds]), width, height)
}

// DrawSmall implements Body: the task, the answer, and the models, or the needs while
// they have the focus.
func (c Choose) DrawSmall(width, height int, th theme.Theme) []string {
	task := line(c.TasksTitle, width, th)
	if c.Focus == ChooseTasks { // the keys that move take the next one
		task = th.Bold.Render(task)
	}
	shown := c.panes()[ChooseRanking]
	if c.Focus == ChooseNeeds {
		shown = c.panes()[ChooseNeeds]
	}
	lines := []string{task, line(c.Answer, width, th)}
	return Fill(append(lines, shown.Drawing.Draw(width, max(0, height-len(lines)), th)...), width, height)
}

// sheetBody is a sheet without its title and its foot.
type sheetBody struct{ Sheet }

func (s sheetBody) Draw(width, height int, th theme.Theme) []string {
	all := s.wrapped(width, th)
	top := max(0, min(s.Top, len(all)-height))
	var lines []string
	for _, text := range all[top:min(len(all), top+height)] {
		lines = append(lines, widget.Pad(text, width, th.Glyphs))
	}
	return Fill(lines, width, height)
}
