package cli

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"
	"costping/ui/dashboard/theme"
	"costping/ui/report"
)

// mostDrawn is how many samples are drawn and listed for people; programs get all.
const mostDrawn = 12

// connections are the targets as often as they are probed at once.
func (p *probeCommand) connections() []probe.Target {
	var all []probe.Target
	for range p.concurrency {
		all = append(all, p.targets...)
	}
	return all
}

// wanted is how many probes of each target were asked for, in words.
func (p *probeCommand) wanted() string {
	if p.quantile > 0 {
		return fmt.Sprintf("the %d that %s takes", p.probes, p.until)
	}
	return compare.Count(p.probes)
}

// announce says what a run without a fixed number of probes comes to.
func (p *probeCommand) announce() {
	if p.quantile == 0 {
		return
	}
	kind := "warm"
	if p.cold {
		kind = "cold"
	}
	each := ""
	if len(p.targets) > 1 {
		each = fmt.Sprintf(" of each of %d targets", len(p.targets))
	}
	fmt.Fprintf(p.stderr, "until %s: %s%s%s\n", p.until, compare.Plural(p.probes, kind+" probe"), each, p.bill())
}

// bill is what the run costs at the most, in words.
func (p *probeCommand) bill() string {
	var sum costmodel.USD
	var unknown []string
	priced := false
	for _, t := range p.targets {
		usd, ok := p.estimate(t)
		switch {
		case t.Loopback() && usd.Sign() == 0: // nobody charges for one's own machine
		case ok:
			sum, priced = sum.Add(usd.Mul(big.NewRat(int64(p.probes), 1))), true
		default:
			unknown = append(unknown, t.Name)
		}
	}
	text := ""
	if priced {
		text = ", at most " + report.Money(sum)
	}
	if len(unknown) > 0 {
		text += ", cost unknown for " + strings.Join(unknown, ", ")
	}
	return text
}

// sayHowLong says once, after the first round, how long the rest will take; it
// stands for the bar where there is none.
func (p *probeCommand) sayHowLong(r *probing) func() {
	if p.quantile == 0 {
		return func() {}
	}
	var once sync.Once
	return func() {
		s := r.status()
		if !s.left.Known || s.wait > 0 {
			return
		}
		once.Do(func() { fmt.Fprintf(p.stderr, "about %s to go, at %s\n", seconds(s.left.Value), s.pace) })
	}
}

// verdict is an error where a target has no probe that succeeded, or did not come
// to the quantile that was asked for.
func (p *probeCommand) verdict(r *probing) error {
	for _, t := range r.targets {
		if !t.succeeded() {
			return p.failure(t)
		}
		if p.quantile > 0 && t.gaveUp != "" {
			return failed(p.advice(t.Target, t.trials[len(t.trials)-1].Sample), "%sgave up before %s: %d of %d probes counted, %d are needed; %s",
				p.prefix(t), p.until, t.counting, t.sent(), p.probes, t.gaveUp)
		}
	}
	return nil
}

// failure is the error of a target that no probe of succeeded, with what to do
// about the way the last one failed.
func (p *probeCommand) failure(t *probedTarget) error {
	samples := samplesOf(t.trials)
	if len(samples) == 0 {
		return failed("", "%sno probe was made", p.prefix(t))
	}
	advice := p.advice(t.Target, samples[len(samples)-1])
	sent := slices.DeleteFunc(samples, func(s probe.Sample) bool { return s.Outcome == probe.Skipped })
	if len(sent) == 0 {
		return failed(advice, "%sno probe was sent: %s", p.prefix(t), t.trials[0].Sample.Error)
	}
	last := sent[len(sent)-1]
	what := fmt.Sprintf("the probe failed: %s", last.Error)
	if len(sent) > 1 {
		what = fmt.Sprintf("all %d probes failed: %s", len(sent), last.Error)
		if counts := outcomes(sent); len(counts) > 1 {
			what = fmt.Sprintf("all %d probes failed (%s), the last one: %s", len(sent), strings.Join(counts, ", "), last.Error)
		}
	}
	what += " (" + t.Host() + ")"
	if len(sent) < len(t.trials) {
		what += "; then: " + t.gaveUp
	}
	return failed(advice, "%s%s", p.prefix(t), what)
}

// outcomes counts the samples by outcome: "3 timeout".
func outcomes(samples []probe.Sample) []string {
	count := map[probe.Outcome]int{}
	for _, s := range samples {
		count[s.Outcome]++
	}
	var counts []string
	for _, o := range probe.Outcomes() {
		if count[o] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", count[o], o))
		}
	}
	return counts
}

func (p *probeCommand) advice(t probe.Target, s probe.Sample) string {
	model, base := "--model", "--base-url"
	if p.configured {
		model, base = "model", "base_url"
	}
	switch s.Outcome {
	case probe.Auth:
		return p.keyAdvice(t)
	case probe.NotFound:
		return "check " + model + ", and that " + base + " is the API's root, usually ending in /v1"
	case probe.BadRequest:
		return "the endpoint refuses the request as it is; check " + model + " and " + base
	case probe.Malformed, probe.Empty:
		return "check that " + base + " is the root of an OpenAI-compatible API, usually ending in /v1"
	case probe.Network:
		return "check that the server runs and that " + base + " has the right scheme, host and port"
	case probe.RateLimited:
		if s.RetryAfter.Known {
			return fmt.Sprintf("the server asks to wait %s", s.RetryAfter.Value)
		}
		return "wait, or lower --concurrency"
	case probe.Skipped:
		return "raise it with --budget 5.00/day, or in the configuration"
	default:
		return ""
	}
}

func (p *probeCommand) keyAdvice(t probe.Target) string {
	switch {
	case probe.VariableName(t.KeyEnv):
		return "check the key in " + t.KeyEnv
	case p.configured:
		return "check where the target's key comes from in the configuration: key_env, key_command or key_keyring"
	}
	return "name the variable that holds the key with --key-env"
}

// print writes what was measured.
func (p *probeCommand) print(format report.Format, r *probing, stored bool) error {
	samples, rows := inOrder(r), p.rows(r)
	switch format {
	case report.JSON:
		return writeJSON(p.stdout, probeDocument(samples, rows, stored, p.money.Read(context.Background(), probe.DayOf(time.Now()))))
	case report.Text:
		return p.printText(samples, rows)
	case report.Markdown:
		return writeMarkdown(p.stdout, probeTable(samples), rows)
	}
	return probeTable(samples).Write(p.stdout, format)
}

func (p *probeCommand) printText(samples []probe.Sample, rows []ranked) error {
	draw := report.Drawing{Width: widthOf(p.stdout), ASCII: p.ascii || theme.ASCIILocale()}
	var b strings.Builder
	write := printOne
	if len(rows) > 1 {
		write = printSeveral
	}
	if err := write(&b, draw, samples, rows); err != nil {
		return err
	}
	text := b.String()
	if draw.ASCII {
		text = report.ASCIIText(text)
	}
	_, err := fmt.Fprint(p.stdout, text)
	return err
}

// cut says how much of the samples is shown, "" for all of them.
func cut(samples []probe.Sample) string {
	if len(samples) <= mostDrawn {
		return ""
	}
	return fmt.Sprintf("the last %d of %s; all of them: -o csv\n", mostDrawn, compare.Count(len(samples)))
}

// printOne writes the samples of one target, where their time went, and what they
// come to.
func printOne(b *strings.Builder, draw report.Drawing, samples []probe.Sample, rows []ranked) error {
	lanes := make([]report.Lane, len(samples))
	for i, s := range samples {
		lanes[i] = report.Lane{Label: strconv.Itoa(i + 1), Sample: s}
	}
	b.WriteString(cut(samples))
	if err := listed(samples).Write(b, report.Text); err != nil {
		return err
	}
	b.WriteString("\n")
	if picture := draw.Waterfall(lanes, mostDrawn); picture != "" {
		b.WriteString(picture + "\n")
	}
	b.WriteString(draw.Digest(rows[0].Run))
	return nil
}

// printSeveral writes where the time of the samples of several targets went, the
// targets side by side, and what there is to say of each.
func printSeveral(b *strings.Builder, draw report.Drawing, samples []probe.Sample, rows []ranked) error {
	lanes := make([]report.Lane, len(samples))
	for i, s := range samples {
		lanes[i] = report.Lane{Label: strconv.Itoa(i+1) + " " + s.Target.Name, Sample: s}
	}
	if picture := draw.Waterfall(lanes, mostDrawn); picture != "" {
		b.WriteString(picture + cut(samples) + "\n")
	}
	if err := versusTable(rows).Write(b, report.Text); err != nil {
		return err
	}
	for i, note := range notes(rows) {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString(draw.Fold("", note, 2))
	}
	return nil
}
