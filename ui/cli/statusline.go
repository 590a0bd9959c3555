package cli

import (
	"fmt"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"
	"costping/ui/monitor"

	"github.com/charmbracelet/x/ansi"
)

// statusWidth is how many columns a status has in tmux, by its own default.
const statusWidth = 40

// statusGlyphs are the counts by state, the worst first, with their colours in tmux.
var statusGlyphs = []struct {
	state  monitor.State
	glyph  string
	colour string
}{
	{monitor.StateFailing, "✗", "red"},
	{monitor.StateOver, "▲", "yellow"},
	{monitor.StateUnknown, "?", "default"},
	{monitor.StateOK, "●", "green"},
}

// statusPlain is the status in a line, as of now.
func statusPlain(f monitor.StatusFile, now time.Time) string {
	if f.AgeS == nil {
		return "?  nothing was probed yet; costping monitor probes in the background"
	}
	age := f.LastProbe
	if f.Stale() {
		text := fmt.Sprintf("?  last probe %s ago; ", ago(now, age))
		if !f.PausedSince.IsZero() {
			return text + "probing is paused since " + f.PausedSince.In(now.Location()).Format("15:04")
		}
		return text + "nobody is probing: start costping monitor"
	}
	parts := []string{statusCounts(f, func(glyph, _ string) string { return glyph })}
	spent := f.Budget != nil && f.Budget.Exhausted
	if spent {
		parts = append(parts, budgetSpent(*f.Budget, now))
	} else if t, ok := shownTarget(f); ok {
		parts = append(parts, targetPlain(t))
	}
	for _, t := range f.Targets {
		if t.State == monitor.StateFailing {
			parts = append(parts, failingPlain(t, now))
			break
		}
	}
	if spent {
		return strings.Join(parts, "  ")
	}
	if b := f.Budget; b != nil && f.Counts[monitor.StateFailing] == 0 {
		parts = append(parts, "probes $"+cents(b.SpentUSD)+" of $"+cents(b.CapUSD))
	}
	if !f.PausedSince.IsZero() {
		parts = append(parts, "paused since "+f.PausedSince.In(now.Location()).Format("15:04"))
	}
	return strings.Join(append(parts, ago(now, age)+" ago"), "  ")
}

// statusCounts are the counts of the states that there are.
func statusCounts(f monitor.StatusFile, colour func(text, colour string) string) string {
	var counts []string
	for _, g := range statusGlyphs {
		if n := f.Counts[g.state]; n > 0 {
			counts = append(counts, colour(fmt.Sprintf("%s%d", g.glyph, n), g.colour))
		}
	}
	if len(counts) == 0 {
		return "?"
	}
	return strings.Join(counts, " ")
}

// shownTarget is the one that stands for all: the pick, else the first that is
// measured.
func shownTarget(f monitor.StatusFile) (monitor.StatusTarget, bool) {
	var first monitor.StatusTarget
	for _, t := range f.Targets {
		if t.TTFTp50 == nil || t.State == monitor.StateFailing {
			continue
		}
		if t.Name == f.Pick {
			return t, true
		}
		if first.Name == "" {
			first = t
		}
	}
	return first, first.Name != ""
}

func targetPlain(t monitor.StatusTarget) string {
	text := t.Name + " " + compare.Millis(*t.TTFTp50) + " ms"
	if month := wholeDollars(t); month != "" {
		text += " " + month + "/mo"
	}
	return text
}

// failingPlain says what does not answer, since when.
func failingPlain(t monitor.StatusTarget, now time.Time) string {
	text := "✗ " + t.Name + " " + shortReason(t.Why)
	if !t.Since.IsZero() {
		text += " " + t.Since.In(now.Location()).Format("15:04")
	}
	return text
}

// shortReason is an error in a few words.
func shortReason(why string) string {
	lower := strings.ToLower(why)
	for _, known := range []struct{ in, word string }{
		{"refused", "refused"},
		{"no such host", "no such host"},
		{"within", "timed out"},
		{"timeout", "timed out"},
		{"401", "key refused"},
		{"403", "key refused"},
		{"404", "not found"},
		{"429", "rate limited"},
		{"50", "server error"},
	} {
		if strings.Contains(lower, known.in) {
			return known.word
		}
	}
	return "down"
}

func budgetSpent(b monitor.StatusBudget, now time.Time) string {
	text := "budget: $" + cents(b.SpentUSD) + " spent"
	if !b.SpentAt.IsZero() {
		text += " at " + b.SpentAt.UTC().Format("15:04")
	}
	if left := b.Resumes.Sub(now); !b.Resumes.IsZero() && left > 0 {
		text += fmt.Sprintf(", probing resumes 00:00 UTC (%s)", spaced(left))
	}
	return text
}

// cents is money in cents, or as it was written where it is none.
func cents(usd string) string {
	u, err := costmodel.ParseUSD(usd)
	if err != nil {
		return "?"
	}
	return strings.TrimSuffix(u.Format(2), ".00")
}

func wholeDollars(t monitor.StatusTarget) string {
	if t.USDPerMonth == nil {
		return ""
	}
	usd, err := costmodel.ParseUSD(*t.USDPerMonth)
	if err != nil {
		return ""
	}
	places := 0
	if usd.Float64() < 10 {
		places = 2
	}
	return "$" + usd.Format(places)
}

func ago(now, at time.Time) string { return spaced(max(0, now.Sub(at))) }

// spaced is a time to wait in words: "41 s", "2 h 50 min".
func spaced(d time.Duration) string {
	var parts []string
	d = d.Round(time.Second)
	if d >= time.Hour {
		d = d.Round(time.Minute)
	}
	if days := d / (24 * time.Hour); days > 1 {
		return fmt.Sprintf("%d d", days)
	}
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / unit.length; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
			d -= n * unit.length
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts[:min(2, len(parts))], " ")
}

// statusTmux is the status for tmux: at most 40 columns, with colours about the
// glyphs only. A name cannot bring in a format of its own.
func statusTmux(f monitor.StatusFile, now time.Time) string {
	if f.AgeS == nil {
		return "? nothing probed yet"
	}
	if f.Stale() {
		return clip("? no probe for "+compare.Until(now.Sub(f.LastProbe)), statusWidth)
	}
	counts := statusCounts(f, func(glyph, _ string) string { return glyph })
	coloured := statusCounts(f, func(glyph, colour string) string { return "#[fg=" + colour + "]" + glyph + "#[default]" })
	if ansi.StringWidth(counts) > statusWidth {
		return clip(counts, statusWidth)
	}
	rest := statusWidth - ansi.StringWidth(counts)
	failing := ""
	for _, t := range f.Targets {
		if t.State == monitor.StateFailing {
			failing = tmuxName(t, 12) + " down"
			break
		}
	}
	tail := compare.Until(now.Sub(f.LastProbe))
	switch {
	case failing != "":
		tail = failing
	case !f.PausedSince.IsZero():
		tail = "paused"
	case f.Budget != nil && f.Budget.Exhausted:
		tail = "$" + cents(f.Budget.SpentUSD) + " spent"
	}
	for _, form := range tmuxForms(f, failing == "") {
		text := strings.TrimSuffix(" "+form+" "+tail, " ")
		if form == "" {
			text = " " + tail
		}
		if ansi.StringWidth(text) <= rest {
			return coloured + text
		}
	}
	return coloured + clip(" "+tail, rest)
}

// tmuxForms are what may be said of the target that stands for all, ever shorter.
func tmuxForms(f monitor.StatusFile, long bool) []string {
	t, ok := shownTarget(f)
	if !ok {
		return []string{""}
	}
	name, ms, month := tmuxName(t, 12), compare.Millis(*t.TTFTp50)+"ms", wholeDollars(t)
	forms := []string{name + " " + ms, ms, ""}
	if month != "" {
		forms = append([]string{name + " " + ms + " " + month}, forms...)
		if long {
			forms = append([]string{name + " " + ms + " " + month + "/mo"}, forms...)
		}
	}
	return forms
}

// tmuxName is a name of at most so many columns without what tmux takes for a
// format.
func tmuxName(t monitor.StatusTarget, most int) string {
	name := t.Short
	if name == "" {
		name = t.Name
	}
	name = strings.Map(func(r rune) rune {
		if r == '#' || r == '%' {
			return '_'
		}
		return r
	}, probe.Sanitize(name, 100))
	return clip(name, most)
}

// clip cuts text at a number of columns.
func clip(text string, columns int) string { return ansi.Truncate(text, max(0, columns), "…") }
