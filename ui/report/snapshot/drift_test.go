package snapshot_test

import (
	"context"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/report/snapshot"
	"costping/ui/report/snapshot/snapshottest"
)

// What drifted from an approval is the same whether two records are held beside each
// other or the history beside one, and says what changed of each model and what did not.
func TestDrift(t *testing.T) {
	t.Parallel()
	approved := snapshot.Approved{Record: snapshottest.Record(t), Most: snapshot.DefaultDrift}
	models := append([]snapshottest.Speeds{}, snapshottest.Usual[:3]...)
	models[0].TTFT *= 1.6
	models = append(models, snapshottest.Speeds{Target: "fresh", Model: "gpt-4o-mini", Provider: "openai", TTFT: 300, Spread: 0.2, TPS: 100, N: 100})
	h := snapshottest.History(t, models, 3)
	in := snapshottest.Input(t, models)
	for i := range in.Compare.Candidates {
		if c := &in.Compare.Candidates[i]; c.Target == "gpt-4o" {
			rate, err := costmodel.ParseRate("5")
			if err != nil {
				t.Fatal(err)
			}
			c.Price.Input = rate // twice what it was
		}
	}
	results, beside, err := approved.Beside(snapshottest.Take(t, h, in))
	if err != nil {
		t.Fatal(err)
	}
	_, now, err := approved.Now(context.Background(), h, in.Compare.Candidates, snapshottest.Now)
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]struct {
		text string
		over bool
	}{
		"gpt-4o-mini":      {"since approval: price same, TTFT +", true},
		"llama-3.1-70b":    {"since approval: price same, times ~", false},
		"gpt-4o":           {"since approval: price +38 %, times ~", true}, // 125 of the 325 a month
		"fresh":            {"since approval: it was not there", false},
		"gemini-2.0-flash": {"since approval: price same, too few samples", false},
	} {
		a, b := beside.Targets[target], now.Targets[target]
		if !strings.HasPrefix(a.Text, want.text) || a.Over != want.over || a.New != (target == "fresh") {
			t.Errorf("%s: %+v", target, a)
		}
		if a.Text != b.Text || a.Over != b.Over {
			t.Errorf("%s: a record says %q, the history %q", target, a.Text, b.Text)
		}
	}
	rules := map[string]compare.Standing{}
	for _, r := range results {
		rules[r.Target+" "+r.Rule] = r.Standing
	}
	for rule, want := range map[string]compare.Standing{
		"gpt-4o-mini drift_ttft": compare.Over, "gpt-4o-mini drift_ttft_p95": compare.Over, "gpt-4o-mini drift_price": compare.Within,
		"gpt-4o drift_price": compare.Over, "fresh drift": compare.NotShown,
	} {
		if rules[rule] != want {
			t.Errorf("%s: %v, want %v", rule, rules[rule], want)
		}
	}
}

// Probes of another shape are other work: no time of them has drifted.
func TestDriftOfAnotherShape(t *testing.T) {
	t.Parallel()
	approved := snapshot.Approved{Record: snapshottest.Record(t), Most: snapshot.DefaultDrift}
	models := append([]snapshottest.Speeds{}, snapshottest.Usual...)
	for i := range models {
		models[i].TTFT *= 3
	}
	r := snapshottest.Take(t, snapshottest.History(t, models, 3), snapshottest.Input(t, models))
	for i := range r.Rows {
		if m := r.Rows[i].Measured; m != nil {
			m.Cap = 512
		}
	}
	results, drifts, err := approved.Beside(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		if result.Standing == compare.Over {
			t.Errorf("%+v", result)
		}
	}
	if text := drifts.Targets["gpt-4o"].Text; text != "since approval: price same, times do not compare" {
		t.Error(text)
	}
}
