package screen

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"costping/probe"
	"costping/ui/compare"
	"costping/ui/dashboard/chart"
	"costping/ui/dashboard/theme"
	"costping/ui/report"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// attempt is a good sample of so many milliseconds to the first token and to the
// last.
func attempt(target string, first, whole int) probe.Sample {
	ms := func(n int) probe.Measured[time.Duration] { return probe.Known(time.Duration(n) * time.Millisecond) }
	return probe.Sample{
		Target: probe.Target{Name: target}, At: now, Outcome: probe.OK, Status: 200,
		Connect: ms(0), Wrote: ms(1), TTFB: ms(first - 40), TTFT: ms(first), E2E: ms(whole), TPOT: probe.Known(6800 * time.Microsecond),
	}
}

// modelBody is a Model screen with something in every pane.
func modelBody() Model {
	h := chart.Histogram{Marks: []chart.Mark{
		{Name: "p50", Value: 379, Lo: 373, Hi: 385}, {Name: "p90", Value: 480, Lo: 470, Hi: 495}, {Name: "p95", Missing: "60 of 76 samples, in about 2h10m"},
	}}
	for i := range 200 {
		h.Values = append(h.Values, 300+float64(i%20)*float64(i%11))
	}
	heat := chart.Heatmap{Unit: "ms", Rows: []string{"Thu 19", "Fri 20"}, Cells: make([][]chart.Known, 2)}
	for hour := range 24 {
		heat.Columns = append(heat.Columns, fmt.Sprintf("%02d", hour))
		for day := range heat.Cells {
			heat.Cells[day] = append(heat.Cells[day], chart.Known{Value: 350 + float64(hour%7)*12, OK: day == 1 && hour < 14 || day == 0 && hour >= 14})
		}
	}
	s := attempt("gpt-4o-mini", 379, 1241)
	fall := chart.Waterfall{Total: "answer"}
	for _, p := range compare.Phases(s) {
		fall.Parts = append(fall.Parts, chart.Part{Name: p.Phase.String(), Took: p.Took})
	}
	one := lines()
	one.Series = one.Series[:1]
	return Model{
		Over:   Chart{[]string{"TTFT p50, ms", "gpt-4o-mini", "middle half shaded"}, Rendered{one}},
		Time:   Chart{[]string{"time of a typical answer"}, Told{Words: Text{compare.TimeSum(s)}, Below: Rendered{fall}, Want: 5}},
		Spread: Chart{[]string{"TTFT, ms, log, n 200"}, Rendered{h}},
		Hours:  Chart{[]string{"TTFT p50 by hour, UTC"}, Told{Words: Text{{"slowest at 06:00, +22 % (18-27)"}}, Below: Rendered{heat}, Want: 4}},
		Price: Chart{[]string{"price", "gpt-4o-mini", "OpenAI"}, Card{
			{Label: "price", Text: []string{"$0.15 in, $0.60 out, cached $0.075 per 1M tokens", "$0.15 in, $0.60 out"}},
			{Label: "source", Text: []string{"as of 2026-08-21, LLM Selection for Production; 5 sources in all", "as of 2026-08-21"}},
			{Label: "warn", Text: []string{"retires on 2027-01-14, in 55 days"}},
		}},
		Errors: Chart{[]string{"last errors, 24 h"}, Happened{{When: "09:12", What: "server error: overloaded", Mark: MarkFailing}}},
		Brief: [][]string{
			{"gpt-4o-mini is healthy: first token 379 ms", "gpt-4o-mini is healthy"},
			{"first token 379 ±6 ms, p95 544 ms", "TTFT 379, p95 544"},
			{"148 tok/s, whole answer 1.24 s", "148 tok/s, answer 1.24 s"},
			{"$78.75 a month, pick, ends in 55 d", "$78.75 a month, pick"},
		},
	}
}

// probesBody is a Probes screen with targets in all states.
func probesBody() Probes {
	failed := attempt("gpt-4o", 0, 0)
	failed.Outcome, failed.Error = probe.RateLimited, "429"
	failed.TTFB, failed.TTFT, failed.E2E = probe.Measured[time.Duration]{}, probe.Measured[time.Duration]{}, probe.Measured[time.Duration]{}
	return Probes{
		Selected: "gpt-4o", Title: []string{"schedule", "a pass every 7m22s so that the budget lasts the day", "1 probe in flight"},
		Meter: []string{"$0.58 of $1.00 today, $0.99 at this pace; next in 41s", "$0.58 of $1.00 today"},
		Rows: []ProbeRow{
			{"gpt-4o-mini", MarkFine, "on", "~3m1s", "4m21s", "0", "195", "0.0168", []string{"9,999 requests, 199,000 tokens", "9,999 requests"}, ""},
			{"gpt-4o", MarkFailing, "backing off", "12m", "1m3s", "4", "195", "0.2788", []string{"0 requests"}, "429 rate limited: slow down"},
			{"llama3.2:3b", NoMark, "off", "—", "3h5m", "—", "12", "—", []string{"—"}, "turned off here, d turns it on"},
			{"claude-opus-5-5", MarkOver, "no budget", "9h58m", "2h", "0", "31", "0.3100", []string{"—"}, "beyond what is left of the day"},
		},
		Checks: Chart{[]string{"checks of gpt-4o", "now tools of gpt-4o-mini, 12 of 50"}, Told{Below: Matrix{
			Columns: []MatrixColumn{{Title: "CHECK", Left: true, Name: true}, {Title: "EVERY", Goes: 2}, {Title: "NEXT"}, {Title: "CAME TO", Left: true, Rest: true, Goes: 1}},
			Rows: []MatrixRow{
				{Cells: []string{"schema", "24 h", "9h58m", "malformed 3 of 50 (2.1-16.2 %), enforced 0 of 50 (<= 7.1 %)"}},
				{Cells: []string{"tools", "6 h", "due", "put off: the budget of $1.00 a day is spent; probing resumes 00:00 UTC"}},
			},
		}, Want: 3}},
		Spend: Chart{[]string{"spent today, UTC"}, Told{Below: Rendered{chart.Bars{Full: true, Bars: []chart.Bar{{Name: "2026-11-20", Share: 0.58, Text: "$0.5800 of $1.00"}}}}, Want: 1}},
		Log: Chart{[]string{"last samples, ms"}, Lanes{
			report.Lane{Label: "14:01:10 gpt-4o-mini", Sample: attempt("gpt-4o-mini", 379, 1241)},
			report.Lane{Label: "14:01:22 gpt-4o", Sample: failed},
		}},
	}
}

// framed is one of the two screens as a whole.
func framed(t testing.TB, current int) Frame {
	f := frame(t)
	f.Current, f.Picked = current, false
	if current == 1 {
		f.Body, f.Answer = modelBody(), modelBody().Brief[0]
		return f
	}
	f.Body, f.Answer, f.Workload = probesBody(), probesBody().Meter, ""
	f.Knobs = []Knob{{Texts: []string{"a pass every 7m22s", "every 7m22s"}, Lit: true}, {Texts: []string{"cap $1.00 a day", "cap $1.00"}}}
	return f
}

func TestModelAndProbesGoldens(t *testing.T) {
	for current, name := range map[int]string{1: "model", 5: "probes"} {
		for _, size := range sizes {
			for look, th := range looks {
				if look == "block" {
					continue
				}
				text := framed(t, current).Render(size[0], size[1], th)
				check(t, text, size[0], size[1])
				if look == "ascii" {
					text = plainly(t, text)
				}
				golden(t, fmt.Sprintf("%s-%dx%d-%s.txt", name, size[0], size[1], look), text+"\n")
			}
		}
	}
}

// Whatever the size, the focus and the names, a screen has exactly its lines.
func TestModelAndProbesAtAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(0, 400).Draw(t, "width"), rapid.IntRange(0, 120).Draw(t, "height")
		name := probe.Sanitize(rapid.String().Draw(t, "name"), 300)
		m, p := modelBody(), probesBody()
		m.Focus, m.Zoomed = ModelPane(rapid.IntRange(0, 4).Draw(t, "pane")), rapid.Bool().Draw(t, "zoomed")
		p.Focus, p.Zoomed = ProbesPane(int(m.Focus)%2), m.Zoomed
		m.Brief[0], m.Over.Title = []string{name}, []string{name}
		if rapid.Bool().Draw(t, "empty") {
			m = Model{Focus: m.Focus, Zoomed: m.Zoomed}
		}
		p.Rows[0].Target, p.Rows[1].Reason, p.Selected = name, name, name
		if rapid.Bool().Draw(t, "no rows") {
			p.Rows, p.Log, p.Spend = nil, Chart{}, Chart{}
		}
		for _, th := range looks {
			for _, b := range []Body{m, p} {
				exactly(t, b.Draw(width, height, th), width, height)
				exactly(t, b.DrawSmall(width, height, th), width, height)
			}
		}
	})
}

func exactly(t *rapid.T, lines []string, width, height int) {
	if len(lines) != height {
		t.Fatalf("%dx%d: %d lines", width, height, len(lines))
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); w != width {
			t.Fatalf("%dx%d: line %d is %d wide: %q", width, height, i, w, line)
		}
	}
}

// The pane with the focus is on the screen where not all of them have room.
func TestFocusedPaneStays(t *testing.T) {
	for pane, want := range []string{"TTFT p50", "typical answer", "n 200", "by hour", "price"} {
		m := modelBody()
		m.Focus = ModelPane(pane)
		if text := ansi.Strip(strings.Join(m.Draw(40, 8, looks["ascii"]), "\n")); !strings.Contains(text, want) {
			t.Errorf("pane %d is not there:\n%s", pane, text)
		}
	}
}

// What a card has no room for is counted; where there is room nothing is cut.
func TestCard(t *testing.T) {
	card := Card{{Label: "source", Text: []string{"a source with a long name that takes two lines", "short"}}, {Label: "ends", Text: []string{"2027"}}, {Label: "can", Text: []string{"tools"}}}
	draw := func(height int) string {
		return ansi.Strip(strings.Join(card.Draw(40, height, theme.New(theme.ASCII(), false)), "\n"))
	}
	for _, tc := range []struct {
		height     int
		want, lack string
	}{
		{5, "takes", "short"},
		{3, "short", "takes"},
		{2, "2 more", "ends"},
	} {
		if got := draw(tc.height); !strings.Contains(got, tc.want) || strings.Contains(got, tc.lack) {
			t.Errorf("%d lines: want %q and not %q:\n%s", tc.height, tc.want, tc.lack, got)
		}
	}
}

// The selected target is in view however many there are.
func TestSelectedTargetIsInView(t *testing.T) {
	p := probesBody()
	p.Rows = nil
	for i := range 40 {
		p.Rows = append(p.Rows, ProbeRow{Target: fmt.Sprintf("model-%02d", i), State: "on"})
	}
	for _, i := range []int{0, 7, 39} {
		p.Selected = p.Rows[i].Target
		if text := ansi.Strip(strings.Join(p.Draw(80, 20, looks["colour"]), "\n")); !strings.Contains(text, "▸— "+p.Selected) {
			t.Errorf("%s is not in view:\n%s", p.Selected, text)
		}
	}
}
