package report_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/report"
	"costping/ui/report/snapshot"
	"costping/ui/report/snapshot/snapshottest"
)

// said are the renderings that are read, each as one line of words.
func said(t *testing.T, r *snapshot.Record, o report.Options) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, f := range []string{"md", "html", "txt"} {
		text := render(t, r, f, o)
		if f == "md" {
			text, _, _ = strings.Cut(text, "<details>")
		}
		texts[f] = strings.NewReplacer(`\`, "", "&#39;", "'").Replace(strings.Join(strings.Fields(text), " "))
	}
	return texts
}

func usual(t *testing.T, change func(*snapshot.Input)) *snapshot.Record {
	t.Helper()
	in := snapshottest.Input(t, snapshottest.Usual)
	change(&in)
	return snapshottest.Take(t, snapshottest.History(t, snapshottest.Usual, 1), in)
}

// What a simulator answered was paid by nobody.
func TestSimulatedMeasuringCostsNothing(t *testing.T) {
	t.Parallel()
	r := usual(t, func(in *snapshot.Input) { in.Demo = true })
	if r.ProbeUSD.Sign() != 0 || r.ProbeUnpriced != 0 {
		t.Errorf("the record says that $%s was paid", r.ProbeUSD)
	}
	r.ProbeUSD, _ = costmodel.ParseUSD("3.2691") // of a record from before that
	for f, text := range said(t, r, report.Options{}) {
		if !strings.Contains(text, "Measuring was simulated: nothing was paid") || strings.Contains(text, "Measuring cost") {
			t.Errorf("%s does not say that nothing was paid: %s", f, text)
		}
	}
	for f, text := range said(t, snapshottest.Record(t), report.Options{}) {
		if !strings.Contains(text, "Measuring cost $") || !strings.Contains(text, ", without the answers that were graded") {
			t.Errorf("%s does not say what measuring cost: %s", f, text)
		}
	}
}

// A command is given where it gives the amount of the pick, and only there.
func TestCommandGivesTheAmount(t *testing.T) {
	t.Parallel()
	const command = "costping cost --volume"
	for f, text := range said(t, snapshottest.Record(t), report.Options{}) {
		if !strings.Contains(text, command) || !strings.Contains(text, "--model gpt-4o-mini") {
			t.Errorf("%s has no command: %s", f, text)
		}
	}
	own := usual(t, func(in *snapshot.Input) {
		for i := range in.Compare.Candidates {
			if c := &in.Compare.Candidates[i]; c.Target == "gpt-4o-mini" {
				c.Price.Own, c.Price.Source = true, "your own"
			}
		}
	})
	for f, text := range said(t, own, report.Options{}) {
		if strings.Contains(text, command) || !strings.Contains(text, "the price of gpt-4o-mini is the author's own") {
			t.Errorf("%s gives a command that takes another price: %s", f, text)
		}
	}
	machine := usual(t, func(in *snapshot.Input) {
		cost, err := costmodel.ParseFigure("1/month")
		if err != nil {
			t.Fatal(err)
		}
		for i := range in.Compare.Candidates {
			if c := &in.Compare.Candidates[i]; c.Target == "gpt-4o-mini" {
				c.OwnMachine, c.Machine = true, &cost
			}
		}
	})
	for f, text := range said(t, machine, report.Options{}) {
		if strings.Contains(text, command) || !strings.Contains(text, "what the machine of gpt-4o-mini costs is the author's own figure") {
			t.Errorf("%s gives a command for a machine: %s", f, text)
		}
	}
}

// That nothing is cheaper is said of what was compared, and not of what has no price.
func TestNothingCheaperOfThese(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		record  *snapshot.Record
		unknown string
	}{
		{"all known", usual(t, func(in *snapshot.Input) {
			list := in.Compare.Candidates[:0]
			for _, c := range in.Compare.Candidates {
				if c.Known {
					list = append(list, c)
				}
			}
			in.Compare.Candidates = list
		}), ""},
		{"one unknown", usual(t, func(in *snapshot.Input) {
			for i := range in.Compare.Candidates {
				if c := &in.Compare.Candidates[i]; c.Target == "gpt-4o" {
					c.Price, c.Model.Prices = costmodel.Price{}, nil
				}
			}
		}), "gpt-4o, own-llama"},
	} {
		for f, text := range said(t, tt.record, report.Options{}) {
			if !strings.Contains(text, "Of the models compared here nothing that can be had is cheaper") {
				t.Errorf("%s, %s: %s", tt.name, f, text)
			}
			if tt.unknown == "" && strings.Contains(text, "cost is unknown") || tt.unknown != "" && !strings.Contains(text, tt.unknown+" would cost is unknown") {
				t.Errorf("%s, %s: the price of %q: %s", tt.name, f, tt.unknown, text)
			}
		}
	}
}

// The workload's name is in what is read, and in the record as long as it is clean.
func TestWorkloadIsNamed(t *testing.T) {
	t.Parallel()
	r := usual(t, func(in *snapshot.Input) { in.WorkloadName = "chat\x1b assistant" })
	if r.Workload.Name != "chat assistant" {
		t.Errorf("the name is %q", r.Workload.Name)
	}
	for f, text := range said(t, r, report.Options{}) {
		if !strings.Contains(text, "chat assistant: 100K messages/month") {
			t.Errorf("%s lacks the name: %s", f, text)
		}
	}
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := snapshot.Read(text); err != nil || again.Workload.Name != r.Workload.Name {
		t.Errorf("read again: %v", err)
	}
	r.Workload.Name = "a\nb"
	if text, err = r.JSON(); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Read(text); err == nil {
		t.Error("a name that could do something to a terminal is taken")
	}
}

// Markdown names what can be opened: itself, a file beside it, or nothing.
func TestMarkdownNamesItsRecord(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t)
	for _, tt := range []struct {
		o    report.Options
		want string
	}{
		{report.Options{Embed: true}, "Check it: `costping open` on this file (all knobs, no key) · `costping cost"},
		{report.Options{Embed: true, Record: "a.json"}, "Check it: `costping open` on this file"},
		{report.Options{Record: "a `b`.json"}, "Check it: `costping open 'a 'b'.json'` (all knobs, no key) · `costping cost"},
		{report.Options{}, "Check it: `costping cost"},
	} {
		text, _, _ := strings.Cut(render(t, r, "md", tt.o), "<details>")
		if !strings.Contains(text, tt.want) {
			t.Errorf("%+v: %s", tt.o, text)
		}
	}
	path := filepath.Join(t.TempDir(), "x.md")
	if err := report.Write(context.Background(), r, path, report.Options{Embed: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Load(path); err != nil {
		t.Errorf("what says that it opens does not: %v", err)
	}
}

// A clause that has nothing to say leaves no comma behind.
func TestNoEmptyClause(t *testing.T) {
	t.Parallel()
	models := append([]snapshottest.Speeds{}, snapshottest.Usual...)
	models[1].TTFT, models[1].TPS = 200, 300 // the next dearer one: nothing beats it
	in := snapshottest.Input(t, models)
	in.Compare.Limits = nil
	r := snapshottest.Take(t, snapshottest.History(t, models, 1), in)
	for f, text := range said(t, r, report.Options{}) {
		text, _, _ = strings.Cut(text, `<script`)
		if _, words, ok := strings.Cut(text, `</style>`); ok {
			text = words
		}
		if !strings.Contains(text, "times the cost") || strings.Contains(text, ", .") {
			t.Errorf("%s: %s", f, text)
		}
	}
}

// What nobody measured is said of a history whose demo is over, and that bad answers of
// the pick have no limit.
func TestRisksAreSaid(t *testing.T) {
	t.Parallel()
	in := snapshottest.Input(t, snapshottest.Usual[1:])
	in.Compare.Limits = nil
	h := snapshottest.History(t, snapshottest.Usual[1:], 1)
	if err := h.Append(context.Background(), []probe.Sample{{
		Target:  probe.Target{Name: "gpt-4o", Provider: "openai", BaseURL: "https://" + snapshottest.Secrets[1] + "/v1", Model: "gpt-4o"},
		Profile: "chat", Cap: 128, At: snapshottest.Now.Add(-time.Hour), Outcome: probe.ServerError, Flags: probe.Scripted,
	}}); err != nil {
		t.Fatal(err)
	}
	for f, text := range said(t, snapshottest.Take(t, h, in), report.Options{}) {
		for _, want := range []string{"1 attempt is simulated, not measured", "malformed answers: 18 of 400 (2.9-7.0 %), and no limit on them"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q: %s", f, want, text)
			}
		}
	}
	in.Demo = true
	for _, warning := range snapshottest.Take(t, h, in).Warnings {
		t.Errorf("a demo, where all is, says so twice: %s", warning)
	}
}
