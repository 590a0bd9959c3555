package dashboard

import (
	"context"
	"time"

	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"
)

// A snapshot has no single samples. What rests on them is not drawn from anything
// else: its place says that it is not there.

// notRecorded stands where a snapshot has nothing to show, with the reason.
func notRecorded(why string) screen.Drawing {
	return screen.Text{{"not in the snapshot: " + why, "not in the snapshot"}}
}

// recordedQuestion is what a record can say of a target in place of its samples.
func (m *Model) recordedQuestion(target string) question {
	recorded := m.opts.Recorded
	return question{"about " + target, staleAfter, func(context.Context, store.History) (any, error) {
		kept, _ := recorded(target)
		return aboutModel{spread: kept.Spread()}, nil
	}}
}

// recordedStep is how long a step of what is recorded of the selected model is; 0
// where there are samples.
func (m *Model) recordedStep() time.Duration {
	if m.opts.Recorded == nil {
		return 0
	}
	kept, _ := m.opts.Recorded(m.rows.selected)
	return kept.Step
}

// recordedErrors are how many attempts of the selected model failed, where it is not
// known when each did.
func (m *Model) recordedErrors() screen.Happened {
	if m.opts.Recorded == nil {
		return nil
	}
	words := compare.OutcomeWords(m.selectedRow().Summary.Outcomes)
	if words == "" {
		return nil
	}
	return screen.Happened{{What: words + ": when and why is not in the snapshot", Mark: screen.MarkFailing}}
}
