package dashboard

import (
	"math/big"
	"slices"
	"time"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"
)

// ownKnobs are what a screen turns instead of the workload.
type ownKnobs struct {
	shown func(*Model) []screen.Knob
	// light moves between them, reset puts the lit one or all of them back, name is
	// that of the lit one.
	light func(m *Model, by int)
	reset func(m *Model, all bool)
	name  func(*Model) string
}

// whatIf is a spacing of probes and a cap that nothing keeps to: what they would
// cost is shown. The zero value is those that hold.
type whatIf struct {
	interval time.Duration
	limit    costmodel.USD
	onCap    bool // the cap is lit
}

// intervals are what the interval is turned through.
var intervals = []time.Duration{
	time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second, 7 * time.Second, 10 * time.Second, 15 * time.Second, 20 * time.Second,
	30 * time.Second, 45 * time.Second, time.Minute, 90 * time.Second, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute, 7 * time.Minute,
	10 * time.Minute, 15 * time.Minute, 20 * time.Minute, 30 * time.Minute, 45 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour,
	6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// caps are what the cap of a day is turned through, in USD.
var caps = amounts("0.01", "0.02", "0.03", "0.05", "0.07", "0.1", "0.2", "0.3", "0.5", "0.7", "1", "1.5", "2", "3", "5", "7", "10", "20", "30", "50", "100")

// firstCap is where the cap is turned from while there is none.
var firstCap = costmodel.NewUSD(big.NewRat(1, 1))

func amounts(texts ...string) []costmodel.USD {
	all := make([]costmodel.USD, 0, len(texts))
	for _, t := range texts {
		usd, _ := costmodel.ParseUSD(t) // of constants
		all = append(all, usd)
	}
	return all
}

// coarseSteps are how many of them a coarse step is.
const coarseSteps = 3

// stepped is the place in a rising list some steps from a value that need not be in
// it: the next one in that direction is the first step.
func stepped[T any](list []T, from T, by int, compare func(T, T) int) T {
	i, found := slices.BinarySearchFunc(list, from, compare)
	if !found && by > 0 {
		by--
	}
	return list[max(0, min(i+by, len(list)-1))]
}

func probesKnobs() *ownKnobs {
	return &ownKnobs{
		shown: (*Model).whatIfKnobs,
		light: func(m *Model, by int) { m.asked.onCap = by > 0 },
		reset: func(m *Model, all bool) {
			switch {
			case all:
				m.asked = whatIf{onCap: m.asked.onCap}
			case m.asked.onCap:
				m.asked.limit = costmodel.USD{}
			default:
				m.asked.interval = 0
			}
		},
		name: func(m *Model) string {
			if m.asked.onCap {
				return "cap"
			}
			return "interval"
		},
	}
}

// turnWhatIf turns the interval or the cap.
func turnWhatIf(m *Model, by int, coarse bool) bool {
	if coarse {
		by *= coarseSteps
	}
	interval, limit := m.whatIf()
	if m.asked.onCap {
		if limit.Sign() == 0 {
			limit = firstCap
		}
		m.asked.limit = stepped(caps, limit, by, costmodel.USD.Cmp)
		return true
	}
	m.asked.interval = stepped(intervals, interval, by, func(a, b time.Duration) int { return int(a - b) })
	return true
}

// whatIf is the spacing and the cap that are asked about: where one was not turned,
// what holds; no cap is 0.
func (m *Model) whatIf() (time.Duration, costmodel.USD) {
	status, _ := m.probingNow()
	interval, limit := m.asked.interval, m.asked.limit
	if interval == 0 {
		interval = status.Interval
	}
	if limit.Sign() == 0 && status.Budget != nil {
		limit = costmodel.NewUSD(status.Budget.Cap.Rat())
	}
	return interval, limit
}

func (m *Model) whatIfTurned() bool { return m.asked.interval > 0 || m.asked.limit.Sign() > 0 }

func (m *Model) whatIfKnobs() []screen.Knob {
	interval, limit := m.whatIf()
	every, most := []string{"no interval"}, []string{"no cap"}
	if interval > 0 {
		each := "every " + compare.Until(interval)
		every = []string{"a pass " + each, each}
	}
	if limit.Sign() > 0 {
		usd := "$" + limit.Format(2)
		most = []string{"cap " + usd + " a day", "cap " + usd}
	}
	return []screen.Knob{{Texts: every, Lit: !m.asked.onCap}, {Texts: most, Lit: m.asked.onCap}}
}
