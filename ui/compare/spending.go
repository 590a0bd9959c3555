package compare

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"costping/costmodel"
)

// SpendMonths is how far ahead sums over months go.
const SpendMonths = 24

// Spending is what some rows, and hosting, cost as one thing of the workload changes:
// for a chart, with its words.
type Spending struct {
	Axis costmodel.Axis
	// Lines are those of the rows in their order, and hosting last.
	Lines []SpendLine
	// Crossings are where they overtake one another, the nearest to now first.
	Crossings []Crossing
	// From and To bound the axis, Now is where the workload stands on it; 0 for
	// nowhere.
	From, To, Now float64
	// Words say what the lines do: each crossing, and what never crosses. Longest
	// form first each.
	Words [][]string

	work    costmodel.Workload
	hosting *Hosting
	apis    int
	// named are the rows that the words name first: the first of them, and the pick.
	named []string
	// lacking are the rows without a line, with why.
	lacking []string
}

// SpendLine is what one way to have the workload served costs.
type SpendLine struct {
	// Target is the row's, "" for hosting.
	Target, Name string
	X, Y         []float64
}

// spendSteps are the points of a line.
const spendSteps = 160

// SpendingOf computes it. A row whose spend is unknown has no line, and one that is
// going to retire none over the months after that.
func SpendingOf(rows []Row, w costmodel.Workload, hosting *Hosting, axis costmodel.Axis, today costmodel.Date) Spending {
	s := Spending{Axis: axis, work: w, hosting: hosting}
	var tariffs []tariff
	for i, r := range rows {
		if i == 0 || r.Pick {
			s.named = append(s.named, r.Target)
		}
		if !r.Spend.Known {
			s.lacking = append(s.lacking, r.Target+" ("+r.Spend.Reason+")")
			continue
		}
		t := tariffOf(r)
		if days, ends := r.Model.DaysLeft(today); r.Known && ends && !r.Retired {
			t.left = days
		}
		if !t.machine {
			s.apis++
		}
		tariffs = append(tariffs, t)
	}
	if hosting != nil && len(tariffs) > 0 {
		tariffs = append(tariffs, hosting.tariff())
	}
	s.Now = s.now()
	s.Crossings = crossingsOf(tariffs, w, axis, s.Now)
	s.setCaveats()
	s.bounds()
	for _, t := range tariffs {
		l := s.line(t)
		if len(l.X) == 0 {
			s.lacking = append(s.lacking, t.name+" ("+s.lacks(t)+")")
			continue
		}
		s.Lines = append(s.Lines, l)
	}
	s.Words = s.words()
	return s
}

// setCaveats says of the volumes from which hosting pays which are more than it
// serves.
func (s Spending) setCaveats() {
	if s.hosting == nil || s.Axis != costmodel.ByVolume {
		return
	}
	for i := range s.Crossings {
		c := &s.Crossings[i]
		v, err := volumeOf(s.work.Volume, c.Exact)
		if err != nil || c.Winner != s.hosting.Title {
			continue
		}
		c.Caveat, _ = s.hosting.Caveat(s.work, v)
		c.Text += c.Caveat
	}
}

// now is where the workload stands on the axis.
func (s Spending) now() float64 {
	var at *big.Rat
	switch s.Axis {
	case costmodel.ByOutput:
		at = s.work.Split.Output()
	case costmodel.ByCached:
		at = s.work.Cached.Rat()
	case costmodel.ByMonth:
		return 0
	default:
		at = s.work.Volume.Amount()
	}
	x, _ := at.Float64()
	return x
}

// How far the axis of a volume reaches to either side of now, and how much further
// for a crossing.
const (
	volumeReach    = 30
	crossingsReach = 3000
)

// bounds are the ends of the axis: all of a share, the months, and a volume around
// now with the crossings that are not too far.
func (s *Spending) bounds() {
	switch s.Axis {
	case costmodel.ByOutput, costmodel.ByCached:
		s.From, s.To = 0, 1
		return
	case costmodel.ByMonth:
		s.From, s.To = 1, SpendMonths
		return
	}
	middle := s.Now
	if middle <= 0 {
		middle = 1e6
	}
	s.From, s.To = middle/volumeReach, middle*volumeReach
	for _, c := range s.Crossings {
		if c.At > middle/crossingsReach && c.At < middle*crossingsReach {
			s.From, s.To = min(s.From, c.At/2), max(s.To, c.At*2)
		}
	}
}

// line is a tariff's, over the axis.
func (s Spending) line(t tariff) SpendLine {
	l := SpendLine{Target: t.target, Name: t.name}
	f, ok := curveOf(t, s.work, s.Axis)
	if !ok || t.gone && s.Axis == costmodel.ByMonth {
		return l
	}
	to := s.To
	if s.Axis == costmodel.ByMonth && t.left >= 0 {
		days, _ := s.work.DaysPerMonth.Rat().Float64()
		to = min(to, float64(t.left)/days)
	}
	for i := range spendSteps + 1 {
		at := float64(i) / spendSteps
		x := s.From + at*(s.To-s.From)
		if s.Axis == costmodel.ByVolume {
			x = s.From * math.Pow(s.To/s.From, at)
		}
		if x <= to {
			l.X, l.Y = append(l.X, x), append(l.Y, f(x))
		}
	}
	return l
}

// lacks says why a tariff has no line.
func (s Spending) lacks(t tariff) string {
	if s.Axis == costmodel.ByMonth {
		if t.gone {
			return "already retired"
		}
		return "retires within a month"
	}
	w := s.work
	if s.Axis == costmodel.ByCached {
		w.Cached, _ = costmodel.ParseShare("50%") // what stands in the way of any share
	}
	return costmodel.Project(t.price, w).Reason
}

// Shown are the crossings on the axis.
func (s Spending) Shown() []Crossing {
	var shown []Crossing
	for _, c := range s.Crossings {
		if c.At >= s.From && c.At <= s.To {
			shown = append(shown, c)
		}
	}
	return shown
}

// words are a line for each crossing, on a volume one for each winner, and one for
// what does not cross.
func (s Spending) words() [][]string {
	var words [][]string
	if s.Axis == costmodel.ByVolume {
		words = s.wins()
	} else {
		for _, c := range s.Crossings {
			words = append(words, []string{c.Text, strings.ReplaceAll(c.Text, s.hostedTitle(), "self-host")})
		}
	}
	if text := s.never(); text != "" {
		short, _, _ := strings.Cut(text, ": ")
		words = append(words, []string{text, strings.TrimSuffix(short, ".") + "."})
	}
	if len(s.lacking) > 0 { // second: there may be room for two
		var forms []string
		for n := len(s.lacking); n > 0; n-- {
			forms = append(forms, "No line: "+strings.Join(s.lacking[:n], ", "))
		}
		words = slices.Insert(words, min(1, len(words)), forms)
	}
	return words
}

// wins say what each machine beats, and from which volume on, the nearest first; and
// of hosting whether the nearest fits it.
func (s Spending) wins() [][]string {
	var words [][]string
	for i, c := range s.Crossings {
		if slices.ContainsFunc(s.Crossings[:i], func(o Crossing) bool { return o.Winner == c.Winner }) {
			continue
		}
		parts := s.beaten(s.Crossings[i:], c.Winner)
		var forms []string
		for n := len(parts); n > 0; n-- { // whom it beats is worth more than its whole name
			for _, name := range []string{c.Winner, strings.ReplaceAll(c.Winner, s.hostedTitle(), "self-host")} {
				forms = append(forms, name+" beats "+strings.Join(parts[:n], ", ")+" "+volumeUnit(s.work.Volume))
			}
		}
		words = append(words, append(forms, strings.ReplaceAll(c.Winner, s.hostedTitle(), "self-host")+" beats "+parts[0]))
		if c.Winner != s.hostedTitle() {
			continue
		}
		if v, err := volumeOf(s.work.Volume, c.Exact); err == nil {
			if text, known := s.hosting.Fits(s.work, v); known {
				words = append(words, []string{c.Label + " " + volumeUnit(v) + " on it " + text})
			}
		}
	}
	return words
}

// beaten are whom the winner of crossings beats, and from which volume on: those
// that are named before others first, then the nearest to now.
func (s Spending) beaten(crossings []Crossing, winner string) []string {
	crossings = slices.DeleteFunc(slices.Clone(crossings), func(c Crossing) bool { return c.Winner != winner })
	rank := func(c Crossing) int {
		if at := slices.Index(s.named, c.Loser); at >= 0 {
			return at
		}
		return len(s.named)
	}
	slices.SortStableFunc(crossings, func(a, b Crossing) int { return rank(a) - rank(b) })
	var parts []string
	for _, c := range crossings {
		part := c.Loser + " above " + c.Label
		if c.Caveat != "" {
			part += " (more than it serves)"
		}
		parts = append(parts, part)
	}
	return parts
}

func (s Spending) hostedTitle() string {
	if s.hosting == nil {
		return "\x00" // in no text
	}
	return s.hosting.Title
}

// never says what does not cross.
func (s Spending) never() string {
	switch {
	case s.Axis == costmodel.ByVolume && s.apis > 1:
		return "Two API models never cross on volume: each costs the same a token at any."
	case len(s.Crossings) > 0 || len(s.Lines) < 2:
		return ""
	case s.Axis == costmodel.ByOutput:
		return "No two of these cross at any split."
	case s.Axis == costmodel.ByCached:
		return "No two of these cross at any cached share."
	case s.Axis == costmodel.ByMonth:
		return "No two of these cross over time; a line ends where its model retires."
	}
	return ""
}

// volumeOf is a volume of another amount.
func volumeOf(v costmodel.Volume, amount *big.Rat) (costmodel.Volume, error) {
	count, err := costmodel.NewCount(amount)
	if err != nil {
		return v, err
	}
	return costmodel.NewVolume(count, v.Unit(), v.Period())
}

// volumeUnit is what a volume counts, and per what time: "tok/day".
func volumeUnit(v costmodel.Volume) string {
	return strings.Replace(v.Unit().String(), "tokens", "tok", 1) + "/" + v.Period().String()
}

// Answer says of a row what it costs now, what one point of output more does, and
// the crossing that is nearest to now. Longest form first.
func (s Spending) Answer(r Row) []string {
	if r.Target == "" {
		return []string{"Nothing here has a price.", "No prices."}
	}
	if !r.Spend.Known {
		return []string{fmt.Sprintf("What %s costs is unknown: %s.", r.Target, r.Spend.Reason), r.Target + ": cost unknown"}
	}
	lead := fmt.Sprintf("%s: $%s a month", r.Target, MonthOf(r.Spend))
	if r.Retired {
		lead += ", retired " + r.Model.Retired.String()
	}
	forms := []string{lead, fmt.Sprintf("%s $%s/mo", r.Target, MonthOf(r.Spend))}
	full := lead
	if more, ok := costmodel.OnePointMoreOutput(tariffOf(r).price, s.work); ok && r.Machine == nil {
		sign := "+"
		if more.Sign() < 0 {
			sign, more = "-", costmodel.USD{}.Sub(more)
		}
		full += fmt.Sprintf(", one point more output: %s$%s", sign, more.Format(2))
		forms = append([]string{full}, forms...)
	}
	if len(s.Crossings) > 0 {
		near := s.nearest(r.Target)
		short := strings.ReplaceAll(near.Text, s.hostedTitle(), "self-host")
		forms = append([]string{full + ". Nearest: " + near.Text, full + ". " + short, lead + ". " + short}, forms...)
	}
	return forms
}

// nearest is the crossing of a row that is nearest to now, where it has none any.
func (s Spending) nearest(target string) Crossing {
	for _, c := range s.Crossings {
		if c.Winner == target || c.Loser == target {
			return c
		}
	}
	return s.Crossings[0]
}
