package costmodel

import (
	"fmt"
	"math/big"
	"strings"
)

// Figure is a spend in a period, as somebody states it.
type Figure struct {
	USD    USD
	Period Period
}

// ParseFigure reads an amount of US dollars and what it is per: "375/day",
// "$1,312.50/month". Anything else is an *InputError.
func ParseFigure(s string) (Figure, error) {
	refuse := func(what string) (Figure, error) {
		return Figure{}, &InputError{
			What: "figure " + quote(s) + " " + what,
			Hint: "write US dollars and what they are per, such as 375/day or 1500/month",
		}
	}
	amount, per, ok := strings.Cut(s, "/")
	r, err := parseNumber(strings.TrimPrefix(strings.TrimSpace(amount), "$"))
	if err != nil {
		return refuse(err.Error())
	}
	if !ok {
		return refuse("does not say per what time")
	}
	period, ok := parsePeriod(strings.TrimSpace(per))
	if !ok {
		return refuse("has the unknown period " + quote(strings.TrimSpace(per)))
	}
	return Figure{USD: USD{r: r}, Period: period}, nil
}

// String returns "$375.00/day".
func (f Figure) String() string { return "$" + explainUSD(f.USD, 3) + "/" + f.Period.String() }

// perDay returns the figure a day.
func (f Figure) perDay(days DaysPerMonth) *big.Rat { return f.USD.Mul(f.Period.perDay(days)).rat() }

// SplitRange is a run of splits that give a figure; nearly always From and To are
// the same one.
type SplitRange struct{ From, To Split }

// Solution says which volumes or splits give a figure. The amounts are a period of
// the figure.
type Solution struct {
	Figure Figure
	// Reason says why nothing can be said ("output price unknown"), or "".
	Reason string
	// Min and Max are the least and the most that the workload can cost, over all
	// splits or over all volumes up to 1e15.
	Min, Max USD
	// Splits are the splits that give the figure, Volumes the volumes, in the unit
	// and period of the workload.
	Splits  []SplitRange
	Volumes []Volume
}

// Reachable reports whether anything gives the figure.
func (s Solution) Reachable() bool { return len(s.Splits)+len(s.Volumes) > 0 }

// SolveSplit returns the splits at which the workload costs the figure, at its own
// volume.
func SolveSplit(p Price, w Workload, f Figure) Solution {
	s := Solution{Figure: f}
	if s.Reason = unsolvable(w); s.Reason != "" {
		return s
	}
	runs, reason := segments(p, w)
	if reason != "" {
		s.Reason = reason
		return s
	}
	perDay, target := w.PerDay(), f.perDay(w.DaysPerMonth)
	var least, most *big.Rat
	for _, run := range runs {
		atLo, atHi := run.at(perDay, run.lo), run.at(perDay, run.hi)
		for _, amount := range []*big.Rat{atLo, atHi} {
			if least == nil || amount.Cmp(least) < 0 {
				least = amount
			}
			if most == nil || amount.Cmp(most) > 0 {
				most = amount
			}
		}
		if found, ok := run.solve(atLo, atHi, target); ok {
			s.Splits = append(s.Splits, found)
		}
	}
	toPeriod := f.Period.perDay(w.DaysPerMonth)
	toPeriod.Inv(toPeriod)
	s.Min, s.Max = USD{r: least}.Mul(toPeriod), USD{r: most}.Mul(toPeriod)
	return s
}

// solve returns the splits of the run at which the spend, which is atLo and atHi at
// its ends, is target.
func (s segment) solve(atLo, atHi, target *big.Rat) (SplitRange, bool) {
	split := func(outputShare *big.Rat) Split {
		return Split{input: new(big.Rat).Sub(integer(1), outputShare)}
	}
	slope := new(big.Rat).Sub(atHi, atLo)
	if slope.Sign() == 0 {
		return SplitRange{split(s.hi), split(s.lo)}, atLo.Cmp(target) == 0
	}
	x := new(big.Rat).Sub(target, atLo)
	x.Quo(x, slope)
	if x.Sign() < 0 || x.Cmp(integer(1)) > 0 || s.open && x.Cmp(integer(1)) == 0 {
		return SplitRange{}, false
	}
	x.Mul(x, new(big.Rat).Sub(s.hi, s.lo))
	x.Add(x, s.lo)
	return SplitRange{split(x), split(x)}, true
}

// SolveVolume returns the volume at which the workload costs the figure, in the
// unit and period of its own volume.
func SolveVolume(p Price, w Workload, f Figure) Solution {
	s := Solution{Figure: f}
	if s.Reason = unsolvable(w); s.Reason != "" {
		return s
	}
	one := w
	one.Volume.amount = integer(1)
	unit := Project(p, one) // the spend is linear in the volume
	if !unit.Known {
		s.Reason = unit.Reason
		return s
	}
	each := unit.In(f.Period)
	s.Max = each.Mul(integer(maxVolume))
	if each.Sign() == 0 || f.USD.Cmp(s.Max) > 0 {
		return s
	}
	volume := w.Volume
	volume.amount = new(big.Rat).Quo(f.USD.rat(), each.rat())
	s.Volumes = []Volume{volume}
	return s
}

// unsolvable returns what is wrong with a workload, or "".
func unsolvable(w Workload) string {
	if err := w.Check(); err != nil {
		return err.Error()
	}
	return ""
}

// Exact returns the volume as MarshalText does, and reports whether that is all of
// it: a volume that was solved for may have no end of decimals.
func (v Volume) Exact() (text string, exact bool) {
	data, _ := v.MarshalText()
	var back Volume
	err := back.UnmarshalText(data)
	return string(data), err == nil && back.Equal(v)
}

// Exact reports whether the splits as they are written are the ones that were
// solved for: those may have no end of decimals.
func (r SplitRange) Exact() bool { return r.From.exact() && r.To.exact() }

func (s Split) exact() bool {
	data, _ := s.MarshalText()
	var back Split
	err := back.UnmarshalText(data)
	return err == nil && back.Equal(s)
}

// String returns the split, or both ends of the run: "75% in 25% out"; "about" and
// two decimals where it has no end of them.
func (r SplitRange) String() string {
	about := func(s Split) string {
		if s.exact() {
			return s.String()
		}
		input, output := s.Input(), s.Output()
		return "about " + fixed(input.Mul(input, integer(percent)), 2) + "% in " +
			fixed(output.Mul(output, integer(percent)), 2) + "% out"
	}
	if r.From.Equal(r.To) {
		return about(r.From)
	}
	return fmt.Sprintf("every split from %s to %s", about(r.From), about(r.To))
}
