package cli

import (
	"fmt"
	"strings"

	"costping/probe"
	"costping/ui/compare"
	"costping/ui/report"
)

// rows are the targets of a run in the order of their medians, with what became
// of each.
func (p *probeCommand) rows(r *probing) []ranked {
	digests := make([]compare.Digest, len(r.targets))
	byName := map[string]*probedTarget{}
	for i, t := range r.targets {
		byName[t.Name] = t
		digests[i] = compare.DigestOf(samplesOf(t.trials), p.cold).HeldTo(p.slo, samplesOf(t.trials))
		if digests[i].Series.Target == "" { // interrupted before its first probe
			digests[i].Series.Target, digests[i].Series.Model = t.Name, t.Model
		}
	}
	rows := ranking(r, digests)
	for i := range rows {
		t := byName[rows[i].Series.Target]
		_, own := p.prices[t.Name]
		rows[i].Free = t.Loopback() && !own
		for _, words := range rows[i].Learned {
			rows[i].Lessons = append(rows[i].Lessons, p.lesson(t.Target, words))
		}
		if t.gaveUp != "" {
			rows[i].gaveUp = fmt.Sprintf("given up after %d of %s: %s", t.sent(), p.wanted(), oneLine(t.gaveUp))
		}
	}
	return rows
}

// lesson is what was learned of a target, with the preset that knows it: one that
// is like any other endpoint in everything else.
func (p *probeCommand) lesson(t probe.Target, words string) string {
	if _, known := t.Preset(); known {
		return words // it says otherwise, and a name can be given to one of them only
	}
	for _, preset := range probe.Providers() {
		plain := !preset.Local && !preset.NoStreamOptions && !preset.UsageUnasked && preset.KeyHeader == "" && preset.Extra == nil
		if !plain || preset.Cap == probe.CapEither || !strings.HasPrefix(words, string(preset.Cap)+" instead of ") {
			continue
		}
		if p.configured {
			return fmt.Sprintf("%s (provider = %q knows that)", words, preset.Name)
		}
		return fmt.Sprintf("%s (--provider %s knows that)", words, preset.Name)
	}
	return words
}

// notes are what the table of several targets does not say, a paragraph each.
func notes(rows []ranked) []string {
	all := explanation(rows)
	for _, r := range rows {
		say := func(text string) { all = append(all, r.Series.Target+": "+text) }
		// Where it was given up for what all of them ran into, that says it.
		if others := report.NotOK(r.Digest); others != "" && (r.gaveUp == "" || len(r.Outcomes) > 1) {
			say("not ok: " + others)
		}
		for _, lesson := range r.Lessons {
			say("learned: " + lesson)
		}
		if r.gaveUp != "" {
			say(r.gaveUp)
		}
	}
	for _, r := range rows {
		for _, w := range r.Warnings {
			all = append(all, "warning: "+r.Series.Target+": "+w.Text)
		}
	}
	return all
}

// explanation says what columns of the table are, so far as that is in question.
func explanation(rows []ranked) []string {
	var all, heaps []string
	compared := false
	for _, r := range rows {
		if r.against != nil && r.against.Earned() {
			compared = true
			if !r.against.Paired {
				heaps = append(heaps, r.Series.Target)
			}
		}
	}
	if compared {
		text := "TTFT vs fastest, by round: the median of the ratios within the same rounds, with its 95 % interval; " +
			"it need not be the ratio of the medians."
		if len(heaps) > 0 {
			text += " Too few rounds in common for " + strings.Join(heaps, ", ") + ": there it is that of all pairs of probes."
		}
		all = append(all, text)
	}
	return all
}
