package dashboard

import (
	"context"
	"time"

	"costping/store"

	tea "github.com/charmbracelet/bubbletea"
)

// question is something that a screen wants to know of the history. It is asked
// off the screen's goroutine, again when the history has something new, and never
// twice at once.
type question struct {
	// key tells it from others; questions with one key have one answer.
	key string
	// atLeast is how long an answer is good for though there is something new.
	atLeast time.Duration
	ask     func(context.Context, store.History) (any, error)
}

// answered is the answer to a question.
type answered struct {
	key     string
	value   any
	err     error
	version uint64
	at      time.Time
}

// answers are what is known, by the key of the question.
type answers struct {
	known   map[string]answered
	pending map[string]bool
}

// staleAfter is when a question is asked again though nothing was added: samples
// leave a window at its other end, and charts move on.
const staleAfter = time.Minute

// asking gives the commands that answer those of the questions that need it.
func (a *answers) asking(history store.History, questions []question, now func() time.Time) tea.Cmd {
	var commands []tea.Cmd
	version := history.Version()
	at := now()
	for _, q := range questions {
		old, ok := a.known[q.key]
		age := at.Sub(old.at)
		// A clock that was set back makes answers seem to come from the future.
		fresh := ok && old.err == nil && age >= 0 && age < staleAfter && (old.version == version || age < q.atLeast)
		if a.pending[q.key] || fresh {
			continue
		}
		a.pending[q.key] = true
		commands = append(commands, func() tea.Msg {
			value, err := q.ask(context.Background(), history)
			return answered{q.key, value, err, version, at}
		})
	}
	return tea.Batch(commands...)
}

// take keeps an answer. One that failed leaves the figures of the last that did
// not, and says why.
func (a *answers) take(got answered) {
	delete(a.pending, got.key)
	if got.err != nil {
		got.value = a.known[got.key].value
	}
	a.known[got.key] = got
}

// keep forgets answers that no screen asks for any more, so that looking at many
// models does not hold the samples of all of them.
func (a *answers) keep(questions []question) {
	const most = 12
	if len(a.known) <= most {
		return
	}
	wanted := map[string]bool{}
	for _, q := range questions {
		wanted[q.key] = true
	}
	for key := range a.known {
		if !wanted[key] && !a.pending[key] {
			delete(a.known, key)
		}
	}
}

// answer is what is known for a key; ok is false where nothing is yet.
func answer[T any](a *answers, key string) (value T, ok bool) {
	value, ok = a.known[key].value.(T)
	return value, ok
}
