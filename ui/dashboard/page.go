package dashboard

import (
	"costping/ui/dashboard/screen"

	tea "github.com/charmbracelet/bubbletea"
)

// pageID is one of the screens.
type pageID int

// The screens, in the order of their digits.
const (
	comparePage pageID = iota
	modelPage
	spendPage
	choosePage
	reliabilityPage
	probesPage
	pageCount // how many there are
)

// page is a screen: what it is called, what it is made of, and how it is made from
// the state.
type page struct {
	name string
	// lit is the knob that is lit at first.
	lit knob
	// panes are its parts, in the order of the tab key, views what v goes through
	// in each.
	panes []paneInfo
	// body is the screen's part, questions what it has to know.
	body      func(*Model) screen.Body
	questions func(*Model) []question
	// answer is line 3; nil for that of the table.
	answer func(*Model) []string
	// counts says that the body has countdowns, which move by themselves.
	counts bool
	// viewed is what else a turn to the next view does; nil for nothing.
	viewed func(*Model)
	// enter is what the enter key does, hint its word.
	enter func(*Model) tea.Cmd
	hint  string
	// move takes the keys that go up and down where they do not select a row; it
	// reports whether it did.
	move func(m *Model, by int) bool
	// turn takes the keys that turn a knob where they turn something of the
	// screen's own; it reports whether it did.
	turn func(m *Model, by int, coarse bool) bool
	// knobs are what turn turns; nil for the workload's.
	knobs *ownKnobs
	// words are what the keys that turn and those that move do, where that is not the
	// lit knob and a row; "" where it is.
	words func(*Model) (turns, moves string)
	// command is what prints what is on the screen.
	command func(*Model) []string
}

// paneInfo is a part of a screen.
type paneInfo struct {
	name  string
	views []string
	// below is the width below which the views differ; 0 for any.
	below int
}

// pages is the table of screens.
func pages() [pageCount]page {
	return [pageCount]page{
		comparePage:     compareScreen(),
		modelPage:       modelScreen(),
		spendPage:       spendScreen(),
		choosePage:      chooseScreen(),
		reliabilityPage: reliabilityScreen(),
		probesPage:      probesScreen(),
	}
}

// pageState is what is chosen on one screen.
type pageState struct {
	focus  int
	zoomed bool
	views  map[int]int // by pane
	lit    knob
}

func (m *Model) page() *page { return &m.pages[m.at] }

// keyWords are what the keys that turn and those that move do; "" for the lit knob
// and a row.
func (m *Model) keyWords() (turns, moves string) {
	if words := m.page().words; words != nil {
		return words(m)
	}
	return "", ""
}

func (m *Model) state() *pageState { return &m.states[m.at] }

// open goes to a screen.
func (m *Model) open(to pageID) {
	if to == m.at || to < 0 || to >= pageCount {
		return
	}
	m.state().lit = m.knobs.lit
	m.from, m.at = m.at, to
	m.knobs.lit = m.state().lit
}

// nextPane moves the focus.
func (m *Model) nextPane(by int) {
	if n := len(m.page().panes); n > 0 {
		m.state().focus = (m.state().focus + by + n) % n
	}
}

// nextView turns to the next view of the pane that has the focus; where that has
// one only at this width, of the next that has several.
func (m *Model) nextView() {
	panes := m.page().panes
	for i := range panes {
		pane := (m.state().focus + i) % len(panes)
		if panes[pane].below > 0 && m.width >= panes[pane].below {
			continue
		}
		if n := len(panes[pane].views); n > 1 {
			m.state().views[pane] = (m.state().views[pane] + 1) % n
			if viewed := m.page().viewed; viewed != nil {
				viewed(m)
			}
			return
		}
	}
}
