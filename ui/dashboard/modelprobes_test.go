package dashboard

import (
	"context"
	"math/big"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/monitor"

	"github.com/shopspring/decimal"
)

// Prices implements store.Reader: none was seen.
func (h *memory) Prices(context.Context, string) ([]store.PriceSeen, error) { return nil, h.err }

// Spent implements probe.Ledger: 58 cents on the day of the tests, 12 the day
// before.
func (h *memory) Spent(_ context.Context, day probe.Day) (probe.Spending, error) {
	return probe.Spending{Settled: map[probe.Day]decimal.Decimal{
		probe.DayOf(noon):                   decimal.RequireFromString("0.58"),
		probe.DayOf(noon.AddDate(0, 0, -1)): decimal.RequireFromString("0.12"),
	}[day]}, h.err
}

// paid is a dashboard whose probing costs money: five targets, each for a tenth of
// a cent at the most, every ten minutes.
func paid(t testing.TB, width, height int) *Model {
	t.Helper()
	o := options(t)
	o.Demo = false
	status := probe.Status{
		Interval: 10 * time.Minute, Next: noon.Add(41 * time.Second), InFlight: 1,
		Budget: &probe.BudgetStatus{Cap: decimal.RequireFromString("1"), Day: "2026-11-20", Settled: decimal.RequireFromString("0.58")},
		Targets: []probe.TargetStatus{
			{Name: "gpt-4o", State: probe.TargetOn},
			{Name: "gpt-4o-mini", State: probe.TargetOn},
			{Name: "llama-3.1-70b", State: probe.TargetBackingOff, Until: noon.Add(90 * time.Second), Reason: "refused 4 times", Failures: 4},
		},
	}
	o.Probing = func() probe.Status { return status }
	h, _ := o.History.(*memory)
	for i := range h.samples { // a probe costs a tenth of a cent
		h.samples[i].USD = decimal.NewNullDecimal(decimal.New(1, -3))
	}
	for i := range h.window.Series {
		h.window.Series[i].USD, h.window.Series[i].Unpriced = decimal.New(1, -1), 0
	}
	h.steered.state.Status = status
	return openedOn(o, width, height)
}

func TestModelScreen(t *testing.T) {
	m := opened(t, 120, 40)
	press(m, "2")
	selected := m.rows.selected
	text := shown(m)
	for _, want := range []string{
		selected + " is healthy: first token", "TTFT p50, ms", "typical answer, TTFT not the median", "first token ", " tokens at 100 tok/s = ",
		"p95", "TTFT p50 by hour, UTC", "per 1M tokens", "errors and events",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	press(m, "down")
	if m.rows.selected == selected || !strings.Contains(line(m, 2), m.rows.selected) || m.at != modelPage {
		t.Errorf("down is the next model: %q on %v", line(m, 2), m.at)
	}
	press(m, "up", "v")
	if m.rows.selected != selected || !strings.Contains(shown(m), "between tokens p50") {
		t.Errorf("up and v: %s\n%s", m.rows.selected, shown(m))
	}
	press(m, "tab", "tab", "v")
	if !strings.Contains(shown(m), "ms, linear") {
		t.Errorf("the distribution is not linear:\n%s", shown(m))
	}
	press(m, "z")
	if text := shown(m); strings.Contains(text, "by hour") || !strings.Contains(text, "ms, linear") {
		t.Errorf("the distribution has not the whole screen:\n%s", text)
	}
	press(m, "z", "enter")
	if m.at != comparePage {
		t.Errorf("enter goes back, not to %v", m.at)
	}
}

// The hours are those of the clock that v chooses.
func TestHoursHaveAZone(t *testing.T) {
	o := options(t)
	o.Location = time.FixedZone("EAST", 3*3600)
	m := openedOn(o, 120, 40)
	press(m, "2", "tab", "tab", "tab")
	if !strings.Contains(shown(m), "by hour, local, EAST") {
		t.Errorf("not local:\n%s", shown(m))
	}
	press(m, "v")
	if !strings.Contains(shown(m), "by hour, UTC") {
		t.Errorf("not UTC:\n%s", shown(m))
	}
}

// A model that only has a price says so and shows the price.
func TestModelScreenWithoutMeasurements(t *testing.T) {
	o := options(t)
	o.History = &memory{version: 1}
	m := openedOn(o, 100, 30)
	press(m, "2")
	if text := shown(m); !strings.Contains(line(m, 2), "is not measured") || !strings.Contains(text, "nothing measured yet") || !strings.Contains(text, "per 1M tokens") {
		t.Errorf("got:\n%s", text)
	}
}

// What a check came to is no error of a model, and what happened to it is there.
func TestErrorsAreNoChecks(t *testing.T) {
	o := options(t)
	h, _ := o.History.(*memory)
	h.events = append(h.events,
		store.Event{At: noon.Add(-time.Hour), Kind: monitor.EventChecked, Target: "gpt-4o-mini", Text: "schema: malformed 0 of 5"},
		store.Event{At: noon.Add(-time.Hour), Kind: monitor.EventTargetDown, Target: "gpt-4o-mini", Text: "it does not answer"})
	m := openedOn(o, 120, 40)
	m.rows.selected = "gpt-4o-mini"
	press(m, "2")
	if text := shown(m); strings.Contains(text, "malformed 0 of 5") || !strings.Contains(text, "it does not answer") {
		t.Error(text)
	}
}

// What failed is counted over the window, as what was sent is, and not in a row.
func TestFailedOfTheWindow(t *testing.T) {
	m := paid(t, 120, 40)
	press(m, "6")
	for _, r := range m.table.Rows {
		ok := r.Summary.Success()
		if row := m.probeRow(r.Target, probe.TargetStatus{Name: r.Target, Failures: 4}, probe.Status{}, true); row.Failed != compare.Count(ok.N-ok.Hits) {
			t.Errorf("%s: %s failed, of %d %d did", r.Target, row.Failed, ok.N, ok.N-ok.Hits)
		}
	}
}

// What was paid is an amount where all of it is known, and at least that where an
// attempt told no usage; and it stands there whatever models the table shows.
func TestPaidOfTheWindow(t *testing.T) {
	m := paid(t, 120, 40)
	usd := func(name string) string {
		return m.probeRow(name, probe.TargetStatus{Name: name}, probe.Status{}, true).USD
	}
	if got := usd("gpt-4o"); got != "0.1000" {
		t.Errorf("gpt-4o cost %s", got)
	}
	h, _ := m.opts.History.(*memory)
	for i := range h.window.Series {
		switch s := &h.window.Series[i]; s.Series.Target {
		case "gpt-4o":
			s.Unpriced = 1
		case "gpt-4o-mini":
			s.Unpriced = s.Attempts()
		}
	}
	h.version++
	m = openedOn(m.opts, 120, 40)
	for name, want := range map[string]string{"gpt-4o": "≥0.1000", "gpt-4o-mini": compare.Unknown} {
		if got := usd(name); got != want {
			t.Errorf("%s cost %s, want %s", name, got, want)
		}
	}
	m.set = len(m.opts.Sets) - 1
	m.opts.Sets[m.set].Candidates = m.opts.Sets[m.set].Candidates[:1]
	m.rebuild()
	if len(m.table.Rows) != 1 || usd("gpt-4o") != "≥0.1000" {
		t.Errorf("beside %d rows gpt-4o cost %s", len(m.table.Rows), usd("gpt-4o"))
	}
}

// What the demo measures is in no history that a command could read.
func TestCommandsOfTheDemo(t *testing.T) {
	m := opened(t, 120, 40)
	for _, key := range []string{"1", "5", "6"} {
		press(m, key)
		if got := compare.ShellCommand(m.printing()); !strings.HasPrefix(got, "costping demo --once --volume ") {
			t.Errorf("%s copies %q", key, got)
		}
	}
	m = paid(t, 120, 40)
	press(m, "6")
	if got := compare.ShellCommand(m.printing()); got != "costping history info" {
		t.Errorf("copies %q", got)
	}
}

func TestProbesScreen(t *testing.T) {
	m := paid(t, 120, 40)
	press(m, "6")
	// 100 probes of each target in the window cost a dime: a pass of three is $0.003,
	// and 72 of them are left of the day.
	if want := "$0.58 of $1.00 today, $0.80 at this pace; next in 41s"; !strings.Contains(line(m, 2), want) {
		t.Errorf("the meter is %q, not %q", line(m, 2), want)
	}
	text := shown(m)
	for _, want := range []string{"a pass every 10m", "1 probe in flight", "backing off", "1m30s", "0.1000", "$0.5800 of $1.00", "last samples"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	press(m, "end")
	if !strings.Contains(shown(m), "llama-3.1-70b: refused 4 times") {
		t.Errorf("why it is left alone is not said:\n%s", shown(m))
	}
	press(m, "v")
	if !strings.Contains(shown(m), "2026-11-19") || !strings.Contains(shown(m), "$0.1200") {
		t.Errorf("the week is not there:\n%s", shown(m))
	}
}

// Where what probes did cost is not known of all, the pace is the worst case; where
// that is not known either, nothing is said of it.
func TestMeterWithoutKnownCosts(t *testing.T) {
	m := paid(t, 120, 40)
	h := history(m)
	for i := range h.window.Series {
		h.window.Series[i].Unpriced = 1
	}
	h.version++
	m.opts.Now = func() time.Time { return noon.Add(10 * time.Second) }
	settle(m, m.poll())
	press(m, "6")
	if text := line(m, 2); strings.Contains(text, "pace") || !strings.Contains(text, "$0.58 of $1.00 today") {
		t.Errorf("%q", text)
	}
	m.opts.Cost = func(string) (costmodel.USD, bool) { return costmodel.NewUSD(big.NewRat(1, 500)), true }
	press(m, "v")
	if text := line(m, 2); !strings.Contains(text, "at most $1.01 at this pace") {
		t.Errorf("%q", text)
	}
}

// Left and right ask what another spacing or cap would cost; nothing changes by
// that, and R forgets it.
func TestWhatIfOfTheProbing(t *testing.T) {
	m := paid(t, 120, 40)
	press(m, "6", "left")
	if want := "what if a pass every 7m: $0.62 a day, within $1.00"; !strings.Contains(line(m, 2), want) || !strings.Contains(line(m, 1), "‹a pass every 7m›") {
		t.Errorf("%q and %q, not %q", line(m, 1), line(m, 2), want)
	}
	press(m, ".", "left", "left", "left")
	if want := "so that $0.30 lasts the day every 14m24s"; !strings.Contains(line(m, 2), want) || !strings.Contains(line(m, 1), "‹cap $0.30 a day›") {
		t.Errorf("%q and %q, not %q", line(m, 1), line(m, 2), want)
	}
	press(m, "0")
	if !strings.Contains(line(m, 1), "cap $1.00 a day") || !strings.Contains(line(m, 1), "a pass every 7m") {
		t.Errorf("0 puts the cap back alone: %q", line(m, 1))
	}
	press(m, "R")
	if !strings.Contains(line(m, 1), "a pass every 10m") || strings.Contains(line(m, 2), "what if") {
		t.Errorf("R: %q, %q", line(m, 1), line(m, 2))
	}
	press(m, "1")
	if !strings.Contains(line(m, 1), "75% in") {
		t.Errorf("the workload's knobs are gone: %q", line(m, 1))
	}
}

func TestTargetOffAndOn(t *testing.T) {
	m := paid(t, 120, 40)
	press(m, "6", "home", "d")
	history(m).version++
	m.opts.Now = func() time.Time { return noon.Add(2 * time.Second) }
	settle(m, m.poll())
	if got := history(m).steered.state.Disabled; len(got) != 1 || got[0] != "gpt-4o" {
		t.Fatalf("off are %v", got)
	}
	if !strings.Contains(shown(m), "turned off here") {
		t.Errorf("nothing says that it is off:\n%s", shown(m))
	}
	press(m, "d")
	if got := history(m).steered.state.Disabled; len(got) != 0 {
		t.Errorf("off are %v", got)
	}
}

func TestLastSample(t *testing.T) {
	m := paid(t, 120, 40)
	press(m, "6", "home", "enter")
	text := shown(m)
	for _, want := range []string{"last sample of gpt-4o", "ok, HTTP 200", "45 tokens in, 48 tokens out, $0.001000", "first token", "generation"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	press(m, "down")
	if !strings.Contains(shown(m), "last sample of gpt-4o-mini") {
		t.Errorf("down is not the next target:\n%s", shown(m))
	}
	press(m, "esc")
	if strings.Contains(shown(m), "last sample of") || m.at != probesPage {
		t.Errorf("esc does not close it:\n%s", shown(m))
	}
}

// Where nothing probes, the screen says who would.
func TestNothingIsProbed(t *testing.T) {
	o := options(t)
	o.Probing = nil
	m := openedOn(o, 120, 40)
	press(m, "6")
	if !strings.Contains(line(m, 2), "costping monitor") || !strings.Contains(shown(m), "not probed") {
		t.Errorf("got:\n%s", shown(m))
	}
}
