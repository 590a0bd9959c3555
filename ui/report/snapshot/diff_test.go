package snapshot_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report/snapshot"
	"costping/ui/report/snapshot/snapshottest"
)

func diffOf(t *testing.T, a, b *snapshot.Record) snapshot.Diff {
	t.Helper()
	d, err := snapshot.Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func rowOf(t *testing.T, d snapshot.Diff, target string) snapshot.RowDiff {
	t.Helper()
	for _, r := range d.Rows {
		if r.Target == target {
			return r
		}
	}
	t.Fatalf("%s is not in the diff", target)
	return snapshot.RowDiff{}
}

// Beside itself nothing of a snapshot has changed.
func TestDiffOfItself(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t)
	d := diffOf(t, r, r)
	if len(d.Warnings) > 0 {
		t.Errorf("warnings: %q", d.Warnings)
	}
	for _, row := range d.Rows {
		if row.Cost.Known && row.Cost.A.Cmp(row.Cost.B) != 0 || len(row.Notes) > 0 || row.A == nil || row.B == nil {
			t.Errorf("%s: %+v", row.Target, row)
		}
		for _, ratio := range []stats.Ratio{row.TTFT, row.E2E, row.Speed} {
			if v := ratio.Verdict(); v == stats.Higher || v == stats.Lower {
				t.Errorf("%s: %s", row.Target, snapshot.ChangeText(ratio))
			}
		}
	}
}

// What changed is told apart: a price, an assumption, a measurement; a model that is
// new and one that is gone.
func TestDiff(t *testing.T) {
	t.Parallel()
	models := snapshottest.Usual
	a := snapshottest.Record(t)
	slower := append([]snapshottest.Speeds{}, models[1:]...)
	slower[1].TTFT *= 1.5
	slower = append(slower, snapshottest.Speeds{Target: "fresh", Model: "gpt-4o-mini", Provider: "openai", TTFT: 300, Spread: 0.2, TPS: 100, N: 100})
	in := snapshottest.Input(t, slower)
	in.Place = "elsewhere"
	for i := range in.Compare.Candidates {
		if c := &in.Compare.Candidates[i]; c.Target == "gpt-4o" {
			rate, err := costmodel.ParseRate("5")
			if err != nil {
				t.Fatal(err)
			}
			c.Price.Input = rate
		}
	}
	twice := snapshottest.Volume("200k messages/month")
	twice.PerItem, twice.Split = in.Compare.Workload.PerItem, in.Compare.Workload.Split
	in.Compare.Workload = twice
	b := snapshottest.Take(t, snapshottest.History(t, slower, 2), in)
	d := diffOf(t, a, b)

	// 50M input tokens at $2.50 more for a million, then the same again at the volume
	// of now.
	row := rowOf(t, d, "gpt-4o")
	for name, tt := range map[string]struct{ got, want string }{
		"before":      {row.Cost.A.Format(2), "325.00"},
		"price":       {row.Cost.Price.Format(2), "125.00"},
		"assumption":  {row.Cost.Assumption.Format(2), "450.00"},
		"measurement": {row.Cost.Measurement.Format(2), "0.00"},
		"after":       {row.Cost.B.Format(2), "900.00"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", name, tt.got, tt.want)
		}
	}
	if row.TTFT.Verdict() != stats.Higher || math.Abs(row.TTFT.Value-1.5) > 0.2 {
		t.Errorf("first token %s", snapshot.ChangeText(row.TTFT))
	}
	if v := row.Speed.Verdict(); v != stats.NoDifference || !strings.HasPrefix(snapshot.ChangeText(row.Speed), "~ ") {
		t.Errorf("speed %s", snapshot.ChangeText(row.Speed))
	}
	if fresh := rowOf(t, d, "fresh"); fresh.A != nil || fresh.B == nil {
		t.Error("a new one is not new")
	}
	if gone := rowOf(t, d, "gpt-4o-mini"); gone.A == nil || gone.B != nil {
		t.Error("one that is gone is there")
	}
	if text := strings.Join(d.Warnings, "; "); !strings.Contains(text, "office-fra, then from elsewhere") {
		t.Errorf("warnings: %s", text)
	}
}

// The parts of a change add up to it, whatever changed.
func TestPartsAddUp(t *testing.T) {
	t.Parallel()
	a, b := snapshottest.Record(t), snapshottest.Record(t)
	factor := 1.75
	b.Rows[b1(b, "gpt-4o")].Measured.Thinking = &factor
	row := rowOf(t, diffOf(t, a, b), "gpt-4o")
	if row.Cost.Measurement.Sign() <= 0 {
		t.Errorf("thinking costs %s more", row.Cost.Measurement)
	}
	sum := row.Cost.A.Add(row.Cost.Price).Add(row.Cost.Assumption).Add(row.Cost.Measurement)
	if sum.Cmp(row.Cost.B) != 0 {
		t.Errorf("the parts come to %s, the whole is %s", sum, row.Cost.B)
	}
}

func b1(r *snapshot.Record, target string) int {
	for i := range r.Rows {
		if r.Rows[i].Target == target {
			return i
		}
	}
	return -1
}

// Each rule has one of three verdicts, and one that is not shown says how many samples
// are missing.
func TestCheck(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t)
	slow := append([]snapshottest.Speeds{}, snapshottest.Usual...)
	slow[0].TTFT *= 2
	later := snapshottest.Take(t, snapshottest.History(t, slow, 3), snapshottest.Input(t, slow))
	for name, tt := range map[string]struct {
		record *snapshot.Record
		rules  snapshot.Rules
		target string
		rule   string
		want   compare.Standing
		more   int
		says   string
	}{
		"kept":     {r, snapshot.Rules{Limits: r.CompareLimits()}, "gpt-4o-mini", "ttft_p95", compare.Within, 0, "limit 800"},
		"broken":   {r, snapshot.Rules{Limits: r.CompareLimits()}, "gpt-4o", "ttft_p95", compare.Over, 0, "limit 800"},
		"too few":  {r, snapshot.Rules{Limits: r.CompareLimits()}, "own-llama", "ttft_p95", compare.NotShown, 38, "38 of 76"},
		"money":    {r, snapshot.Rules{Limits: r.CompareLimits()}, "gpt-4o", "max_monthly", compare.Within, 0, "$325.00"},
		"goodput":  {r, snapshot.Rules{Goodput: 0.5}, "gpt-4o-mini", "min_goodput", compare.Within, 0, "least 50 %"},
		"price":    {later, snapshot.Rules{Baseline: r, Drift: 0.1}, "gpt-4o-mini", "drift_price", compare.Within, 0, "price same"},
		"slower":   {later, snapshot.Rules{Baseline: r, Drift: 0.1}, "gpt-4o-mini", "drift_ttft", compare.Over, 0, "since approval: TTFT +"},
		"allowed":  {later, snapshot.Rules{Baseline: r, Drift: 2}, "gpt-4o-mini", "drift_ttft", compare.Within, 0, "limit +200 %"},
		"holds it": {later, snapshot.Rules{Baseline: r, Drift: 0.9}, "gpt-4o-mini", "drift_ttft", compare.NotShown, 0, "limit +90 %"},
		"not new":  {later, snapshot.Rules{Baseline: r, Drift: 0.1}, "gpt-4o", "drift_e2e", compare.Within, 0, "~"},
		"no twice": {r, snapshot.Rules{Limits: r.CompareLimits(), Only: "own-*"}, "own-llama", "max_error_rate", compare.NotShown, 1, "2 of 40"},
	} {
		results, err := tt.record.Check(tt.rules)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, got := range results {
			if tt.rules.Only != "" && got.Target != tt.target {
				t.Errorf("%s: %s is not asked for", name, got.Target)
			}
			if got.Target != tt.target || got.Rule != tt.rule {
				continue
			}
			found = true
			if got.Standing != tt.want || !strings.Contains(got.Text, tt.says) || (got.More > 0) != (tt.more > 0) {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if !found {
			t.Errorf("%s: there is no such rule in %v", name, results)
		}
	}
}

// What cannot be bought any more keeps and breaks nothing, whatever the rules: one
// line says that it is gone.
func TestCheckLeavesRetiredOut(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t)
	limits := []compare.Limit{{Target: "*", Bounds: []compare.Bound{{Metric: compare.LimitTTFTp95, Value: 1}, {Metric: compare.LimitMinQuality, Value: 0.99}}}}
	results, err := r.Check(snapshot.Rules{Limits: limits, Goodput: 0.99, Baseline: r, Drift: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	var gone []snapshot.Result
	for _, result := range results {
		if result.Target == "gemini-2.0-flash" || result.Gone {
			gone = append(gone, result)
		}
	}
	if len(gone) != 1 || !gone[0].Gone || gone[0].Rule != snapshot.RetiredRule || !strings.HasPrefix(gone[0].Text, "retired 2026-06-01") {
		t.Errorf("of the retired model: %+v", gone)
	}
}

// Of graded answers both shares are compared, each kind by itself; the same answers
// have not changed.
func TestDiffGraded(t *testing.T) {
	t.Parallel()
	a := snapshottest.Record(t)
	b := snapshottest.Record(t)
	row := &b.Rows[slices.IndexFunc(b.Rows, func(r snapshot.Row) bool { return r.Target == "gpt-4o-mini" })]
	worse, same := *row.Graded.Malformed, *row.Graded.ToolErrors
	worse.Hits, same.N = 40, 80 // of 400; 1 of 60 and 1 of 80 are not told apart
	row.Graded.Malformed, row.Graded.ToolErrors = &worse, &same
	limit := int64(16_000)
	row.Graded.Recall.Limit = &limit
	d := diffOf(t, a, b)
	if r := rowOf(t, d, "llama-3.1-70b"); len(r.Graded) > 0 {
		t.Errorf("the same answers have changed: %+v", r.Graded)
	}
	r := rowOf(t, d, "gpt-4o-mini")
	if len(r.Graded) != 2 {
		t.Fatalf("%+v", r.Graded)
	}
	m, tools := r.Graded[0], r.Graded[1]
	if m.Name != "malformed" || !m.By.Shown() || m.Better() || !strings.HasPrefix(m.Text(), "malformed +10.0 points (") {
		t.Errorf("malformed: %+v, %s", m, m.Text())
	}
	if tools.By.Shown() || !strings.HasPrefix(tools.Text(), "tool errors ~ (") {
		t.Errorf("tools: %s", tools.Text())
	}
	if !slices.Contains(r.Notes, "recall limit 32,000 tokens, then 16,000") {
		t.Errorf("notes: %q", r.Notes)
	}
}
