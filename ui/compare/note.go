package compare

import (
	"fmt"
	"strings"

	"costping/costmodel"
)

// Note is the remark of a row: one word first, then the rest of it.
type Note struct {
	// Word stands alone where there is little room: at most seven letters.
	Word string
	// Text is the whole of it.
	Text string
	// Kind decides how it looks.
	Kind NoteKind
}

// NoteKind is what a note is about.
type NoteKind uint8

// The kinds, in the order in which they take precedence.
const (
	NoNote NoteKind = iota
	NoteFailing
	NoteRetired
	NoteUnpriced
	NotePick
	NoteUnmeasured
	NoteCollecting
	NoteBeaten
	NoteEnds
	NoteOver
	NoteOwn
	NoteDrift
)

// note says the one thing about a row that matters most.
func note(r Row, in Input) Note {
	days, ends := r.Model.DaysLeft(in.Today)
	soon := r.Known && ends && !r.Retired && days <= costmodel.RetiresSoon
	switch {
	case r.Failing:
		return Note{"failing", "failing: " + r.Summary.LastError, NoteFailing}
	case r.Retired:
		return Note{"retired", "retired " + r.Model.Retired.String(), NoteRetired}
	case !r.Spend.Known && r.OwnMachine:
		return Note{"local", "local, its cost not said", NoteOwn}
	case !r.Spend.Known:
		return Note{"price ?", r.Spend.Reason, NoteUnpriced}
	case !r.Has && r.KeyMissing:
		return Note{"no key", "no key of its provider is set", NoteUnmeasured}
	case r.Drift.Over:
		first, _, _ := strings.Cut(r.Drift.Short, ", ") // the rest is below the table
		return Note{"drifted", "drifted: " + first, NoteOver}
	case r.Pick && r.Has && !r.Summary.TTFTp50.Earned():
		q := r.Summary.TTFTp50
		return Note{"pick", fmt.Sprintf("pick, collecting %d/%d", q.N, q.Needed), NotePick}
	case r.Pick && soon:
		return Note{"pick", fmt.Sprintf("pick, ends in %d d", days), NotePick}
	case r.Pick:
		return Note{"pick", "pick", NotePick}
	case !r.Has && in.Probing && !in.Unscheduled[r.Target]:
		return Note{"waiting", "no probe yet", NoteUnmeasured}
	case !r.Has:
		return Note{"no data", "price only, not probed", NoteUnmeasured}
	case !r.Summary.TTFTp50.Earned():
		q := r.Summary.TTFTp50
		return Note{"early", fmt.Sprintf("collecting %d/%d", q.N, q.Needed), NoteCollecting}
	case r.Over():
		return Note{"over", overNote(r), NoteOver}
	case r.BeatenBy != "":
		return Note{"beaten", "beaten by " + r.BeatenBy, NoteBeaten}
	case soon:
		return Note{"ends", fmt.Sprintf("ends in %d d", days), NoteEnds}
	}
	if r.Drift.Short != "" {
		return Note{"drift", r.Drift.Short, NoteDrift}
	}
	return Note{}
}

// overNote names the first limit that the row breaks.
func overNote(r Row) string {
	for _, v := range r.Verdicts {
		if v.Standing == Over {
			return v.Text
		}
	}
	return ""
}
