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
	spent := budgetIsSpent(f, now)
	if f.Stale(now) || f.AgeS == nil && !spent {
		return "?  " + notProbing(f, now, spent)
	}
	parts := []string{statusCounts(f, func(glyph, _ string) string { return glyph })}
	if spent {
		parts = append(parts, budgetSpent(*f.Budget)+resumption(*f.Budget, now))
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
		parts = append(parts, "probes "+dollars(b.SpentUSD)+" of "+dollars(b.CapUSD))
	}
	if f.LimitsNotShown > 0 {
		parts = append(parts, compare.Plural(f.LimitsNotShown, "limit")+" not shown yet")
	}
	if !f.PausedSince.IsZero() {
		parts = append(parts, "paused since "+f.PausedSince.In(now.Location()).Format("15:04"))
	}
	return strings.Join(append(parts, ago(now, f.LastProbe)+" ago"), "  ")
}

// budgetIsSpent reports whether the budget keeps probing from going on, as of now.
func budgetIsSpent(f monitor.StatusFile, now time.Time) bool {
	b := f.Budget
	return b != nil && b.Exhausted && (b.Resumes.IsZero() || now.Before(b.Resumes))
}

// notProbing says why nothing is known, and what would help.
func notProbing(f monitor.StatusFile, now time.Time, spent bool) string {
	text := "nothing was probed yet"
	switch {
	case spent:
		text = budgetSpent(*f.Budget)
	case f.AgeS != nil:
		text = fmt.Sprintf("last probe %s ago", ago(now, f.LastProbe))
	}
	switch {
	case !f.PausedSince.IsZero():
		return text + "; probing is paused since " + f.PausedSince.In(now.Location()).Format("15:04")
	case !f.Stale(now):
		return text
	case f.AgeS == nil && !spent:
		return text + "; costping monitor probes in the background"
	}
	return text + "; nobody is probing: start costping monitor"
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

// shownTarget is the one that stands for all: the pinned one, else the pick, else the
// first that is measured.
func shownTarget(f monitor.StatusFile) (monitor.StatusTarget, bool) {
	var first *monitor.StatusTarget
	for _, name := range []string{f.Pinned, f.Pick, ""} {
		for i := range f.Targets {
			t := &f.Targets[i]
			if t.TTFTp50 == nil || t.State == monitor.StateFailing {
				continue
			}
			if name != "" && t.Name == name {
				return *t, true
			}
			if first == nil {
				first = t
			}
		}
	}
	if first == nil {
		return monitor.StatusTarget{}, false
	}
	return *first, true
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
	text := "✗ " + t.Name + " " + shortReason(t)
	if !t.Since.IsZero() {
		text += " " + t.Since.In(now.Location()).Format("15:04")
	}
	return text
}

// shortReasons are what became of an attempt in a few words.
var shortReasons = map[probe.Outcome]string{
	probe.Truncated: "broke off", probe.StreamError: "error in the stream", probe.Malformed: "malformed", probe.Empty: "empty",
	probe.RateLimited: "rate limited", probe.Auth: "key refused", probe.NotFound: "not found", probe.BadRequest: "bad request",
	probe.ServerError: "server error", probe.Timeout: "timed out", probe.Network: "no connection",
}

// shortReason is why a target does not answer in a few words: by what became of the
// attempt, as a text of the server may say anything.
func shortReason(t monitor.StatusTarget) string {
	var outcome probe.Outcome
	if t.Outcome != "" && outcome.UnmarshalText([]byte(t.Outcome)) != nil {
		return "down"
	}
	if outcome == probe.Network || outcome == 0 { // the texts are those of this machine
		for _, known := range []struct{ in, word string }{{"connection refused", "refused"}, {"no such host", "no such host"}} {
			if strings.Contains(strings.ToLower(t.Why), known.in) {
				return known.word
			}
		}
	}
	if word, ok := shortReasons[outcome]; ok {
		return word
	}
	return "down"
}

func budgetSpent(b monitor.StatusBudget) string {
	text := "budget: " + dollars(b.SpentUSD) + " spent"
	if !b.SpentAt.IsZero() {
		text += " at " + b.SpentAt.UTC().Format("15:04")
	}
	return text
}

// resumption says when a spent budget begins anew, "" where it is not said.
func resumption(b monitor.StatusBudget, now time.Time) string {
	if left := b.Resumes.Sub(now); !b.Resumes.IsZero() && left > 0 {
		return fmt.Sprintf(", probing resumes 00:00 UTC (%s)", spaced(left))
	}
	return ""
}

// dollars is money in whole cents, or "$?" where it is none. Little is not nothing.
func dollars(usd string) string {
	u, err := costmodel.ParseUSD(usd)
	if err != nil {
		return "$?"
	}
	return strings.TrimSuffix(rounded(u, 2), ".00")
}

// rounded is an amount with so many decimals, "<$0.01" where those would say nothing
// of it.
func rounded(u costmodel.USD, places int) string {
	text := u.Format(places)
	if u.Sign() > 0 && strings.Trim(text, "0.,") == "" {
		return "<$0." + strings.Repeat("0", places-1) + "1"
	}
	return "$" + text
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
	return rounded(usd, places)
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
	spent := budgetIsSpent(f, now)
	switch {
	case f.AgeS == nil && !spent:
		return "? nothing probed yet"
	case f.Stale(now) && spent:
		return clip("? "+dollars(f.Budget.SpentUSD)+" spent, nobody probes", statusWidth)
	case f.Stale(now):
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
	var tail string
	switch {
	case failing != "":
		tail = failing
	case !f.PausedSince.IsZero():
		tail = "paused"
	case !spent:
		tail = compare.Until(now.Sub(f.LastProbe))
	default:
		tail = dollars(f.Budget.SpentUSD) + " spent"
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
