package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"

	tea "github.com/charmbracelet/bubbletea"
)

// choosing is what is chosen on the Choose screen: a task and what is needed.
type choosing struct {
	task, need int // of Options.Advice and of needs
	needs      []need
}

// coarseNeed is how many steps a coarse turn of a need takes.
const coarseNeed = 3

// The views of the ranking.
const (
	rankedView = iota
	excludedView
	whyView
)

// chooseScreen is which model to take for a task.
func chooseScreen() page {
	return page{
		name: "Choose", lit: split, hint: "take, open",
		panes:   []paneInfo{{name: "tasks"}, {name: "needs"}, {name: "ranking", views: []string{"ranking", "excluded", "why"}}},
		body:    func(m *Model) screen.Body { return m.chooseBody() },
		answer:  func(m *Model) []string { return m.chooseAnswer() },
		move:    (*Model).chooseMove,
		turn:    (*Model).chooseTurn,
		enter:   (*Model).chooseEnter,
		words:   (*Model).chooseWords,
		command: (*Model).chooseCommand,
	}
}

func (m *Model) choosePane() screen.ChoosePane {
	return screen.ChoosePane(m.states[choosePage].focus)
}

// tasks are those that there is advice for.
func (m *Model) tasks() []costmodel.Task {
	if m.opts.Advice == nil {
		return nil
	}
	return m.opts.Advice.Tasks()
}

// choice is the candidates in three verdicts; ok is false where there is nothing to
// choose by.
func (m *Model) choice() (choice costmodel.Choice, ok bool) {
	tasks := m.tasks()
	if len(tasks) == 0 || m.opts.Catalog == nil {
		return choice, false
	}
	constraints := constraintsOf(m.choosing.needs)
	candidates, notes := compare.Candidates(m.table.Rows, constraints.Needs)
	choice = m.opts.Advice.Choose(m.opts.Catalog, costmodel.Question{
		Task: tasks[m.choosing.task], Constraints: constraints, Today: costmodel.DateOf(m.opts.Now()),
	}, candidates)
	choice.Notes = append(choice.Notes, notes...)
	return choice, true
}

// choiceShown is the choice as it is on the screen: computed once until something
// changes.
func (m *Model) choiceShown() (choice costmodel.Choice, ok bool) {
	if m.judged == nil {
		if choice, ok = m.choice(); !ok {
			return choice, false
		}
		m.judged = &choice
	}
	return *m.judged, true
}

func (m *Model) chooseAnswer() []string {
	choice, ok := m.choiceShown()
	if !ok {
		return []string{"There is no advice to choose by.", "No advice."}
	}
	return compare.ChoiceAnswer(choice)
}

// chooseList are the places that the ranking's view lists.
func (m *Model) chooseList(choice costmodel.Choice) []costmodel.Place {
	if m.states[choosePage].views[int(screen.ChooseRanking)] == excludedView {
		return slices.Concat(choice.NotShown, choice.Excluded)
	}
	return slices.Concat(choice.Ranking, choice.NotShown, choice.Excluded)
}

// chooseMove moves in the list that has the focus.
func (m *Model) chooseMove(by int) bool {
	switch m.choosePane() {
	case screen.ChooseTasks:
		m.choosing.task = max(0, min(m.choosing.task+by, len(m.tasks())-1))
	case screen.ChooseNeeds:
		m.choosing.need = max(0, min(m.choosing.need+by, len(m.choosing.needs)-1))
	case screen.ChooseRanking:
		m.choosePlace(by)
	}
	return true
}

// choosePlace selects another model of the list.
func (m *Model) choosePlace(by int) {
	choice, _ := m.choice()
	list := m.chooseList(choice)
	if len(list) == 0 {
		return
	}
	i := slices.IndexFunc(list, func(p costmodel.Place) bool { return p.Name == m.rows.selected })
	m.rows.selected = list[min(max(i+by, 0), len(list)-1)].Name
}

// chooseWords say what the arrow keys do in the pane that has the focus.
func (m *Model) chooseWords() (turns, moves string) {
	switch m.choosePane() {
	case screen.ChooseTasks:
		return "", "task"
	case screen.ChooseNeeds:
		return "need", "need"
	case screen.ChooseRanking:
	}
	return "", ""
}

// chooseTurn turns the need that is selected, where the needs have the focus.
func (m *Model) chooseTurn(by int, coarse bool) bool {
	if m.choosePane() != screen.ChooseNeeds || m.choosing.need >= len(m.choosing.needs) {
		return false
	}
	if coarse {
		by *= coarseNeed
	}
	n := &m.choosing.needs[m.choosing.need]
	if n.level == 0 && by > 0 && n.metric == compare.LimitMaxMonthly {
		if pick, ok := m.chosenMonth(); ok { // a cap far above it all asks for nothing
			n.begin(pick.Float64())
			return true
		}
	}
	n.turn(by)
	return true
}

// chosenMonth is what the model that is ranked first costs a month, else the pick of
// the table.
func (m *Model) chosenMonth() (month costmodel.USD, ok bool) {
	if choice, ok := m.choiceShown(); ok && len(choice.Ranking) > 0 && choice.Ranking[0].Spend.Known {
		return choice.Ranking[0].Spend.PerMonth, true
	}
	if p := m.table.Pick; p >= 0 && m.table.Rows[p].Spend.Known {
		return m.table.Rows[p].Spend.PerMonth, true
	}
	return month, false
}

// chooseEnter takes the usual needs of a task, and opens a model of the ranking.
func (m *Model) chooseEnter() tea.Cmd {
	switch m.choosePane() {
	case screen.ChooseTasks:
		m.takeNeeds()
	case screen.ChooseNeeds:
		m.nextPane(+1)
	case screen.ChooseRanking:
		m.open(modelPage)
	}
	return nil
}

// takeNeeds asks for the features that the task usually needs, and no others.
func (m *Model) takeNeeds() {
	tasks := m.tasks()
	if len(tasks) == 0 {
		return
	}
	task := tasks[m.choosing.task]
	for i := range m.choosing.needs {
		n := &m.choosing.needs[i]
		if n.feature == "" {
			continue
		}
		n.level = 0
		if slices.Contains(task.Needs, n.feature) {
			n.level = 1
		}
	}
	if len(task.Needs) == 0 {
		m.say(task.Name + " needs no feature in particular")
		return
	}
	m.say(task.Name + " usually needs " + featureWords(task.Needs))
}

func featureWords(features []costmodel.Feature) string {
	words := make([]string, len(features))
	for i, f := range features {
		words[i] = string(f)
	}
	return strings.Join(words, " and ")
}

func (m *Model) chooseBody() screen.Choose {
	state := &m.states[choosePage]
	choice, ok := m.choiceShown()
	c := screen.Choose{Focus: m.choosePane(), Zoomed: state.zoomed, Answer: m.chooseAnswer()}
	if !ok {
		c.RankingTitle = []string{"ranking"}
		return c
	}
	tasks := m.tasks()
	c.TasksTitle = []string{"task: " + tasks[m.choosing.task].Name}
	c.Tasks.Columns = []screen.MatrixColumn{{Left: true, Rest: true}}
	for i, t := range tasks {
		row := screen.MatrixRow{Cells: []string{t.Name}, Selected: i == m.choosing.task}
		c.Tasks.Rows = append(c.Tasks.Rows, row)
	}
	c.Needs, c.NeedsTitle = m.chooseNeeds()
	c.Ranking, c.RankingTitle = m.chooseRanking(choice)
	c.Why, c.WhyTitle = m.chooseWhy(choice), []string{"why " + m.rows.selected}
	if c.WhyAlone = state.views[int(screen.ChooseRanking)] == whyView; c.WhyAlone {
		c.WhyTitle = append(c.WhyTitle, "v: ranking")
	}
	return c
}

// chooseNeeds is the list of what is asked for.
func (m *Model) chooseNeeds() (t screen.Matrix, title []string) {
	t.Columns = []screen.MatrixColumn{{Left: true, Rest: true}, {Left: true}}
	var asked []string
	for i := range m.choosing.needs {
		n := &m.choosing.needs[i]
		row := screen.MatrixRow{Cells: []string{n.name, n.shown()}}
		if i == m.choosing.need && m.choosePane() == screen.ChooseNeeds {
			row.Selected, row.Cells[1] = true, "‹"+n.shown()+"›"
		}
		if n.level > 0 {
			asked = append(asked, needText(n))
			row.Look = screen.Strong
		} else {
			row.Look = screen.Faint
		}
		t.Rows = append(t.Rows, row)
	}
	title = []string{"needs"}
	switch {
	case m.choosePane() == screen.ChooseNeeds:
		title = append(title, "→ asks for more")
	case asked == nil:
		title = append(title, "none")
	default:
		title = append(title, asked...)
	}
	return t, title
}

// needText is a need in a list of them: "first token p95 ≤ 800 ms", "tools".
func needText(n *need) string {
	if n.feature != "" {
		return n.name
	}
	return n.name + " " + n.shown()
}

// chooseRanking is the list of models of the view.
func (m *Model) chooseRanking(choice costmodel.Choice) (t screen.Matrix, title []string) {
	t.Columns = []screen.MatrixColumn{
		{Title: "#", Goes: 2},
		{Title: "VERDICT", Left: true, Goes: 1},
		{Title: "MODEL", Left: true, Name: true},
		{Title: "$/MONTH"},
		{Title: "WHY", Left: true, Rest: true, Folds: true, Goes: 3},
	}
	marks := m.markLetters()
	for _, p := range m.chooseList(choice) {
		row := screen.MatrixRow{
			Sign: marks[p.Name], Selected: p.Name == m.rows.selected,
			Cells: []string{"", p.Verdict.String(), p.Name, compare.MonthOf(p.Spend), strings.Join(compare.Broken(p), "; ")},
		}
		if p.Verdict == costmodel.Inside {
			row.Cells[0] = fmt.Sprint(p.Rank)
		} else {
			row.Look = screen.Faint
		}
		if p.Verdict == costmodel.Inside && p.Rank == 1 {
			row.Look, row.Sign = screen.Strong, m.opts.Theme.Pick
		}
		t.Rows = append(t.Rows, row)
	}
	counts := fmt.Sprintf("%d inside, %d not shown, %d outside", len(choice.Ranking), len(choice.NotShown), len(choice.Excluded))
	if m.states[choosePage].views[int(screen.ChooseRanking)] == excludedView {
		return t, []string{"not inside", counts, "v: why"}
	}
	return t, []string{"ranking", counts, "v: not inside"}
}

// chooseWhy is all that decides where the selected model stands.
func (m *Model) chooseWhy(choice costmodel.Choice) screen.Sheet {
	s := screen.Sheet{}
	for _, p := range slices.Concat(choice.Ranking, choice.NotShown, choice.Excluded) {
		if p.Name != m.rows.selected {
			continue
		}
		label := p.Verdict.String()
		for _, reason := range p.Reasons {
			s.Lines = append(s.Lines, compare.Line{Label: label, Text: []string{reason}})
			label = ""
		}
	}
	if s.Lines == nil {
		s.Lines = []compare.Line{{Label: "", Text: []string{m.rows.selected + " is not among the candidates"}}}
	}
	for i, note := range choice.Notes {
		label := ""
		if i == 0 {
			label = "note"
		}
		s.Lines = append(s.Lines, compare.Line{Label: label, Text: []string{note}})
	}
	return s
}

// chooseCommand prints the choice.
func (m *Model) chooseCommand() []string {
	tasks := m.tasks()
	if len(tasks) == 0 {
		return m.costCommand()
	}
	parts := append([]string{"costping", "choose", "--task", tasks[m.choosing.task].ID}, compare.ConstraintFlags(constraintsOf(m.choosing.needs))...)
	parts = append(parts, compare.WorkloadFlags(m.knobs.work)...)
	for _, r := range m.table.Rows {
		name := commandName(r)
		if name == "" {
			continue
		}
		parts = append(parts, "--model", name)
		if !r.Configured && r.Quality.Basis == costmodel.Stated {
			parts = append(parts, "--quality", fmt.Sprintf("%s=%g", name, r.Quality.Value))
		}
	}
	return parts
}
