package chart

import (
	"math"
	"strconv"
	"strings"
)

// scale maps figures to 0..1.
type scale struct {
	lo, hi float64
	log    bool
}

// tick is a labelled place of an axis.
type tick struct {
	at   float64 // 0..1
	text string
}

// extremes bound every figure: beyond them differences and ratios of floats are
// no longer figures.
const (
	least   = 1e-12
	largest = 1e15
)

// usable says that a figure can be drawn.
func usable(v float64, log bool) bool {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return false
	}
	return !log || v > 0
}

// span gathers the figures that an axis must hold.
type span struct {
	lo, hi float64
	log    bool
	some   bool
}

func (s *span) add(v float64) {
	if !usable(v, s.log) {
		return
	}
	v = clamp(v, s.log)
	if !s.some {
		s.lo, s.hi, s.some = v, v, true
		return
	}
	s.lo, s.hi = min(s.lo, v), max(s.hi, v)
}

func clamp(v float64, log bool) float64 {
	if log {
		return min(max(v, least), largest)
	}
	return min(max(v, -largest), largest)
}

// near widens the span to a figure only where it is close enough not to press
// the rest together: a limit far away is said in words instead.
func (s *span) near(v float64) {
	if !usable(v, s.log) || !s.some {
		return
	}
	room := max(s.hi-s.lo, math.Abs(s.hi)/2)
	if s.log && v <= s.hi*3 && v >= s.lo/3 || !s.log && v <= s.hi+room && v >= s.lo-room {
		s.add(v)
	}
}

// scale is the span with some air at both ends.
func (s span) scale() scale {
	lo, hi := s.lo, s.hi
	switch {
	case !s.some:
		lo, hi = 1, 10
	case s.log && hi < lo*1.5:
		middle := math.Sqrt(lo * hi)
		lo, hi = middle/1.5, middle*1.5
	case s.log:
		air := math.Pow(hi/lo, 0.06)
		lo, hi = lo/air, hi*air
	case hi-lo <= max(math.Abs(hi)*1e-9, least):
		air := max(math.Abs(hi)*0.25, 1e-9)
		lo, hi = lo-air, hi+air
	default:
		air := (hi - lo) * 0.06
		// Where all is above zero, so is the axis.
		if lo >= 0 {
			lo = max(0, lo-air)
		} else {
			lo -= air
		}
		hi += air
	}
	return scale{lo: lo, hi: hi, log: s.log}
}

// at is the place of a figure, 0 to 1 within the axis.
func (s scale) at(v float64) float64 {
	if s.log {
		v = min(max(v, least/100), largest*100) // further out than any axis
		return math.Log(v/s.lo) / math.Log(s.hi/s.lo)
	}
	return (min(max(v, -largest*100), largest*100) - s.lo) / (s.hi - s.lo)
}

// ticks are at most n labelled places, on 1, 2 and 5 times powers of ten; on a
// short logarithmic axis, which has too few of those, evenly spaced figures. On a
// long one those would all stand at its end.
func (s scale) ticks(n int, figure func(float64) string) []tick {
	if n <= 0 {
		return nil
	}
	var at []float64
	if s.log {
		at = s.decades(n)
	}
	few := min(3, n)
	if s.log && s.hi >= 100*s.lo {
		few = min(2, n)
	}
	if len(at) < few {
		at = s.even(n)
	}
	ticks := make([]tick, 0, len(at))
	for _, v := range at {
		ticks = append(ticks, tick{at: s.at(v), text: figure(v)})
	}
	return ticks
}

// decades are the 1-2-5 figures within the axis: as many kinds of them as fit,
// then every second, third, … power of ten.
func (s scale) decades(n int) []float64 {
	from, to := int(math.Floor(math.Log10(s.lo))), int(math.Ceil(math.Log10(s.hi)))
	for _, steps := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
		if at := s.powers(from, to, 1, steps); len(at) <= n {
			return at
		}
	}
	for every := 2; every <= to-from; every++ {
		if at := s.powers(from, to, every, []float64{1}); len(at) <= n {
			return at
		}
	}
	return nil
}

func (s scale) powers(from, to, every int, steps []float64) []float64 {
	var at []float64
	for e := from; e <= to; e++ {
		if e%every != 0 {
			continue
		}
		for _, m := range steps {
			if v := m * math.Pow10(e); v >= s.lo && v <= s.hi {
				at = append(at, v)
			}
		}
	}
	return at
}

// even are figures at equal steps of 1, 2 or 5 times a power of ten.
func (s scale) even(n int) []float64 {
	e := int(math.Floor(math.Log10((s.hi-s.lo)/float64(n)))) - 1
	for range 4 {
		for _, m := range []float64{1, 2, 5} {
			step := m * math.Pow10(e)
			first, last := math.Ceil(s.lo/step), math.Floor(s.hi/step)
			if last-first+1 > float64(n) || math.IsNaN(last-first) {
				continue
			}
			var at []float64
			for k := first; k <= last; k++ {
				at = append(at, k*step)
			}
			return at
		}
		e++
	}
	return nil
}

// Figure writes a figure of an axis: with separators from a thousand on, with as
// many places as it takes below ten.
func Figure(v float64) string {
	a := math.Abs(v)
	switch {
	case !usable(v, false):
		return "?"
	case a >= largest:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case a == 0:
		return "0"
	case a < 1e-4:
		return strconv.FormatFloat(v, 'g', 2, 64)
	case a >= 99.95:
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// Short writes a figure in few cells: "500", "2k", "1.5M", "10B".
func Short(v float64) string {
	a := math.Abs(v)
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "k"}} {
		if a >= unit.size*0.9995 && a < largest {
			return strconv.FormatFloat(v/unit.size, 'g', 3, 64) + unit.name
		}
	}
	return Figure(v)
}

// thousands puts commas into a whole number.
func thousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
