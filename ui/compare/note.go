package compare

import (
	"fmt"
	"strings"

	"costping/costmodel"
	"costping/probe/stats"
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
)

// endsSoon is how many days ahead a retirement is worth a remark.
const endsSoon = 60

// note says the one thing about a row that matters most.
func note(r Row, in Input) Note {
	days, ends := r.Model.DaysLeft(in.Today)
	soon := r.Known && ends && !r.Retired && days <= endsSoon
	switch {
	case r.Failing:
		return Note{"failing", "failing: " + r.Summary.LastError, NoteFailing}
	case r.Retired:
		return Note{"retired", "retired " + r.Model.Retired.String(), NoteRetired}
	case !r.Spend.Known:
		return Note{"price ?", r.Spend.Reason, NoteUnpriced}
	case r.Pick && r.Has && !r.Summary.TTFTp50.Earned():
		q := r.Summary.TTFTp50
		return Note{"pick", fmt.Sprintf("pick, collecting %d/%d", q.N, q.Needed), NotePick}
	case r.Pick && soon:
		return Note{"pick", fmt.Sprintf("pick, ends in %d d", days), NotePick}
	case r.Pick:
		return Note{"pick", "pick", NotePick}
	case !r.Has && in.Probing:
		return Note{"waiting", "no probe yet", NoteUnmeasured}
	case !r.Has:
		return Note{"no data", "not measured", NoteUnmeasured}
	case !r.Summary.TTFTp50.Earned():
		q := r.Summary.TTFTp50
		return Note{"early", fmt.Sprintf("collecting %d/%d", q.N, q.Needed), NoteCollecting}
	case r.BeatenBy != "":
		return Note{"beaten", "beaten by " + r.BeatenBy, NoteBeaten}
	case soon:
		return Note{"ends", fmt.Sprintf("ends in %d d", days), NoteEnds}
	}
	return Note{}
}

// answer is the sentence above the table: what a turned knob changed, else the
// pick. Longest form first.
func answer(t Table, in Input) []string {
	if t.Pick < 0 {
		if t.Measured == 0 {
			return []string{"Nothing here has both a price and a date of today.", "Nothing to pick."}
		}
		return []string{"No model here can be picked: each is retired, unpriced or not answering.", "No model can be picked."}
	}
	p := t.Rows[t.Pick]
	if t.Changed {
		return changed(t, p, in)
	}
	amount := "$" + Month(p.Spend)
	ends := ""
	if days, ok := p.Model.DaysLeft(in.Today); p.Known && ok && days <= endsSoon {
		ends = fmt.Sprintf(" (ends in %d d)", days)
	}
	if !p.Summary.TTFTp50.Earned() {
		if t.Measured > 0 || t.Probing {
			return []string{
				fmt.Sprintf("Cheapest live model: %s at %s a month%s. First medians after %d probes of each.", p.Target, amount, ends, stats.Needed(0.5)),
				fmt.Sprintf("Cheapest live: %s, %s a month%s", p.Target, amount, ends),
				p.Target + " " + amount + "/mo",
			}
		}
		return []string{
			fmt.Sprintf("Cheapest live model: %s at %s a month%s. Costs move as you turn the knob; for speeds: costping probe.", p.Target, amount, ends),
			"Costs move as you turn the knob. Speeds: costping demo or costping probe",
			p.Target + " " + amount + "/mo",
		}
	}
	s := p.Summary
	first := fmt.Sprintf("first token %s ms", Millis(s.TTFTp50.Value))
	tail := ""
	if s.TTFTp95.Earned() {
		tail = fmt.Sprintf(", p95 %s", Millis(s.TTFTp95.Value))
	}
	return []string{
		fmt.Sprintf("Cheapest live model: %s at %s a month%s, %s (%s)%s, whole answer %s.", p.Target, amount, ends, first, Margin(s.TTFTp50), tail, Seconds(s.E2Ep50)),
		fmt.Sprintf("Cheapest live: %s at %s a month%s, %s (%s)%s, answer %s.", p.Target, amount, ends, first, Margin(s.TTFTp50), tail, Seconds(s.E2Ep50)),
		fmt.Sprintf("Cheapest live: %s, %s a month%s, %s", p.Target, amount, ends, first),
		fmt.Sprintf("Cheapest live: %s, %s a month%s", p.Target, amount, ends),
		fmt.Sprintf("Cheapest live: %s, %s a month", p.Target, amount),
		fmt.Sprintf("%s %s/mo, %s ms", p.Target, amount, Millis(s.TTFTp50.Value)),
		p.Target + " " + amount + "/mo",
	}
}

// changed says what the turned knobs did to the pick.
func changed(t Table, now Row, in Input) []string {
	var knobs []string
	if !in.Workload.Volume.Equal(in.Base.Volume) {
		knobs = append(knobs, fmt.Sprintf("volume %s to %s",
			costmodel.FormatTokens(in.Base.Volume.Amount()), costmodel.FormatTokens(in.Workload.Volume.Amount())))
	}
	if !in.Workload.Split.Equal(in.Base.Split) {
		knobs = append(knobs, fmt.Sprintf("output %s to %s", in.Base.Split.OutputPercent(), in.Workload.Split.OutputPercent()))
	}
	what := "CHANGED " + strings.Join(knobs, ", ")
	before := make([]Row, len(t.Rows))
	for i, r := range t.Rows {
		before[i] = r
		before[i].Spend = r.project(in.Base)
	}
	amount := "$" + Month(now.Spend)
	first := pick(before)
	if first < 0 { // nothing could be picked before the knobs were turned
		return []string{
			fmt.Sprintf("%s: the cheapest is now %s at %s a month. R puts it all back", what, now.Target, amount),
			fmt.Sprintf("now %s, %s/mo", now.Target, amount),
		}
	}
	was := before[first]
	if was.Target != now.Target {
		return []string{
			fmt.Sprintf("%s: the cheapest is now %s at %s a month, no longer %s. R puts it all back", what, now.Target, amount, was.Target),
			fmt.Sprintf("%s: now %s, %s", what, now.Target, amount),
			fmt.Sprintf("now %s, %s/mo", now.Target, amount),
		}
	}
	times := ""
	if was.Spend.PerMonth.Sign() > 0 {
		times = fmt.Sprintf(" (× %.2f)", now.Spend.PerMonth.Float64()/was.Spend.PerMonth.Float64())
	}
	return []string{
		fmt.Sprintf("%s: %s $%s to %s a month%s. R puts it all back", what, now.Target, Month(was.Spend), amount, times),
		fmt.Sprintf("%s: %s $%s to %s%s", what, now.Target, Month(was.Spend), amount, times),
		fmt.Sprintf("%s: %s", what, amount),
		fmt.Sprintf("%s $%s to %s/mo", now.Target, Month(was.Spend), amount),
	}
}
