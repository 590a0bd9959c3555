package dashboard

import (
	"math/big"
	"strings"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"
)

// knob is a part of the workload that keys turn.
type knob int

// The knobs, from left to right.
const (
	volume knob = iota
	split
	cached
	batch
	retries
	knobCount // how many there are
)

// knobTable says of each knob what it is called, how it is shown, turned and put
// back.
var knobTable = [knobCount]struct {
	name  string
	texts func(costmodel.Workload) []string
	turn  func(w costmodel.Workload, by int, coarse bool, base costmodel.Workload) costmodel.Workload
	reset func(w *costmodel.Workload, base costmodel.Workload)
}{
	volume: {
		"volume", volumeTexts, costmodel.Workload.StepVolume,
		func(w *costmodel.Workload, base costmodel.Workload) { w.Volume = base.Volume },
	},
	split: {
		"split", splitTexts,
		// The knob shows the input share first; turning it up is more output, which
		// is what costs.
		func(w costmodel.Workload, by int, coarse bool, base costmodel.Workload) costmodel.Workload {
			return w.StepSplit(-by, coarse, base)
		},
		func(w *costmodel.Workload, base costmodel.Workload) { w.Split = base.Split },
	},
	cached: {
		"cached share", func(w costmodel.Workload) []string {
			return []string{"cached in " + w.Cached.String(), "cached " + w.Cached.String(), "c " + w.Cached.String()}
		}, costmodel.Workload.StepCached,
		func(w *costmodel.Workload, base costmodel.Workload) { w.Cached = base.Cached },
	},
	batch: {
		"batch share", func(w costmodel.Workload) []string {
			return []string{"batch " + w.Batch.String(), "batch " + w.Batch.String(), "b " + w.Batch.String()}
		}, costmodel.Workload.StepBatch,
		func(w *costmodel.Workload, base costmodel.Workload) { w.Batch = base.Batch },
	},
	retries: {
		"retries", func(w costmodel.Workload) []string {
			return []string{"retries " + w.Retries.String(), "retries " + w.Retries.String(), "r " + w.Retries.String()}
		}, costmodel.Workload.StepRetries,
		func(w *costmodel.Workload, base costmodel.Workload) { w.Retries = base.Retries },
	},
}

// volumeTexts are the forms of the volume: items with what they are made of, tokens
// a day, and those in short.
func volumeTexts(w costmodel.Workload) []string {
	perDay := costmodel.FormatTokens(w.PerDay())
	long := strings.Replace(w.Volume.String(), " tokens/", " tok/", 1)
	tokens := long
	if w.Volume.Unit() != costmodel.Tokens {
		tokens = perDay + " tok/day"
		if in, ok := w.RequestInput(); ok {
			out := new(big.Rat).Sub(w.PerItem.Rat(), in)
			amount := w.Volume.Amount()
			long = strings.Replace(long, costmodel.FormatTokens(amount), count(amount), 1)
			long += " × " + count(in) + " in + " + count(out) + " out"
		} else if w.PerItem.Given() {
			long += " × " + w.PerItem.String()
		}
		long += " = " + tokens
	}
	return []string{long, tokens, strings.Replace(tokens, "/day", "/d", 1)}
}

// count writes a number of items, or of the tokens of one, in full where that is
// short.
func count(n *big.Rat) string {
	const short = 1_000_000
	if n.IsInt() && n.Cmp(big.NewRat(short, 1)) < 0 {
		return compare.Count(int(n.Num().Int64()))
	}
	return costmodel.FormatTokens(n)
}

func splitTexts(w costmodel.Workload) []string {
	long := compare.SplitText(w.Split)
	short, _, _ := strings.Cut(long, " in ")
	return []string{long, long, short + " in"}
}

// knobs is the workload that the keys turn, and what they started from.
type knobs struct {
	name       string
	work, base costmodel.Workload
	lit        knob
}

func (k *knobs) turn(which knob, by int, coarse bool) {
	k.work = knobTable[which].turn(k.work, by, coarse, k.base)
}

func (k *knobs) reset(which knob) { knobTable[which].reset(&k.work, k.base) }

func (k *knobs) light(by int) {
	k.lit = knob(min(max(int(k.lit)+by, 0), int(knobCount)-1))
}

// shown are the knobs as the screens have them, and after them the days of a month.
func (k *knobs) shown() []screen.Knob {
	shown := make([]screen.Knob, 0, knobCount+1)
	for i, one := range knobTable {
		shown = append(shown, screen.Knob{Texts: one.texts(k.work), Lit: knob(i) == k.lit})
	}
	days := k.work.DaysPerMonth.String()
	return append(shown, screen.Knob{Texts: []string{days + " d"}})
}
