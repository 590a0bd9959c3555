package accuracy

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/probe"
	"costping/probe/stats"
)

// figures are the errors and costs of one side.
type figures struct {
	// ttft errors are in milliseconds, tpot errors in percent; both sorted.
	ttft, tpot []float64
	// cold attempts opened their connection and are left out of the errors.
	cold int
	// cpu is µs, allocs and bytes are counts: for each token event of each turn.
	cpu, allocs, bytes []float64
}

// errorsOf compares what the readers saw with the server's account of the same
// requests. It fails where the two do not fit together.
func errorsOf(account map[string][]sent, byStream map[string][]attempt) (map[*side]*figures, error) {
	of := map[*side]*figures{}
	for name, attempts := range byStream {
		records := account[name]
		if len(records) != len(attempts) {
			return nil, fmt.Errorf("%s: %d attempts, but the server had %d requests", name, len(attempts), len(records))
		}
		for i, a := range attempts {
			f := of[a.by]
			if f == nil {
				f = &figures{}
				of[a.by] = f
			}
			if err := f.take(a, records[i]); err != nil {
				return nil, fmt.Errorf("%s, request %d: %w", name, i+1, err)
			}
		}
	}
	for _, f := range of {
		slices.Sort(f.ttft)
		slices.Sort(f.tpot)
	}
	return of, nil
}

func (f *figures) take(a attempt, r sent) error {
	switch {
	case !r.Completed || len(r.EventMs) != a.sample.Events:
		return fmt.Errorf("%d events were read and %d sent", a.sample.Events, len(r.EventMs))
	case a.spare:
		return nil
	case a.sample.Flags.Has(probe.Cold):
		f.cold++
		return nil
	}
	f.ttft = append(f.ttft, milliseconds(a.sample.TTFT.Value)-r.FirstMs)
	last := len(r.EventMs) - 1
	span := r.EventMs[last] - r.EventMs[0]
	if a.sample.TPOT.Known && a.sample.Events >= leastForSpeed {
		f.tpot = append(f.tpot, 100*(milliseconds(a.sample.TPOT.Value)*float64(last)/span-1))
	}
	return nil
}

// leastForSpeed is the fewest events that the client gives a speed for.
const leastForSpeed = 5

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// costs adds what the turns of a side took.
func (f *figures) costs(turns []cost) {
	for _, c := range turns {
		n := float64(max(c.events, 1))
		f.cpu = append(f.cpu, float64(c.cpu)/float64(time.Microsecond)/n)
		f.allocs = append(f.allocs, float64(c.allocs)/n)
		f.bytes = append(f.bytes, float64(c.bytes)/n)
	}
}

// row is one line of the table: the client, the floor beside it, and what the
// two did it under.
type row struct {
	what          string
	client, floor *figures
}

// ratios are the client's CPU over the floor's, turn by turn, sorted.
func (r row) ratios() []float64 {
	var q []float64
	for i := range min(len(r.client.cpu), len(r.floor.cpu)) {
		q = append(q, r.client.cpu[i]/r.floor.cpu[i])
	}
	slices.Sort(q)
	return q
}

// report puts the row's figures under the benchmark.
func (r row) report(b *testing.B) {
	for name, f := range map[string]*figures{"": r.client, "bare-": r.floor} {
		b.ReportMetric(at(f.ttft, 0.5), name+"ttft-error-p50-ms")
		b.ReportMetric(at(f.ttft, 0.99), name+"ttft-error-p99-ms")
		b.ReportMetric(at(f.tpot, 0.5), name+"tpot-error-p50-%")
		b.ReportMetric(at(eitherWay(f.tpot), 1), name+"tpot-error-worst-%")
		b.ReportMetric(middle(f.cpu), name+"cpu-µs/event")
	}
	b.ReportMetric(at(r.ratios(), 0.5), "cpu-ratio")
	b.ReportMetric(middle(r.client.allocs)/middle(r.floor.allocs), "allocs-ratio")
	b.ReportMetric(middle(r.client.bytes)/middle(r.floor.bytes), "bytes-ratio")
	b.ReportMetric(0, "ns/op") // of no meaning here
}

// columns of the table; "client / bare reader" in those with a slash between.
var columns = []struct {
	name string
	cell func(r row) string
}{
	{"run", func(r row) string { return r.what }},
	{"n", func(r row) string {
		n := fmt.Sprintf("%d / %d", len(r.client.ttft), len(r.floor.ttft))
		if r.client.cold > 0 {
			n += fmt.Sprintf(", %d cold left out", r.client.cold)
		}
		return n
	}},
	{"TTFT error p50, ms", both(func(f *figures) string { return number("%.2f", at(f.ttft, 0.5)) })},
	{"p99, ms", both(func(f *figures) string { return tail(f.ttft) })},
	{"TPOT error p50, %", both(func(f *figures) string { return number("%+.3f", at(f.tpot, 0.5)) })},
	{"p95 either way, %", both(func(f *figures) string { return number("%.2f", at(eitherWay(f.tpot), 0.95)) })},
	{"worst, %", both(func(f *figures) string { return number("%.2f", at(eitherWay(f.tpot), 1)) })},
	{"CPU/event, µs", both(func(f *figures) string { return number("%.0f", middle(f.cpu)) })},
	{"CPU ratio (spread)", func(r row) string {
		q := r.ratios()
		if len(q) == 0 {
			return none
		}
		return fmt.Sprintf("%.2f (%.2f to %.2f)", at(q, 0.5), at(q, 0), at(q, 1))
	}},
	{"allocations/event", both(func(f *figures) string { return number("%.1f", middle(f.allocs)) })},
	{"bytes/event", both(func(f *figures) string { return number("%.0f", middle(f.bytes)) })},
}

// both is a cell for the client and the floor beside it.
func both(cell func(*figures) string) func(row) string {
	return func(r row) string { return cell(r.client) + " / " + cell(r.floor) }
}

// table writes the rows as Markdown.
func table(title string, rows []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s: client / bare reader\n\n", title)
	for _, c := range columns {
		fmt.Fprintf(&b, "| %s ", c.name)
	}
	b.WriteString("|\n" + strings.Repeat("|---", len(columns)) + "|\n")
	for _, r := range rows {
		for _, c := range columns {
			fmt.Fprintf(&b, "| %s ", c.cell(r))
		}
		b.WriteString("|\n")
	}
	return b.String()
}

// none stands where nothing was measured.
const none = "—"

func number(format string, v float64) string {
	if math.IsNaN(v) {
		return none
	}
	return fmt.Sprintf(format, v)
}

// tail is the p99, or the largest where there are too few for one.
func tail(sorted []float64) string {
	if len(sorted) < stats.Needed(0.99) {
		return number("max %.2f", at(sorted, 1))
	}
	return number("%.2f", at(sorted, 0.99))
}

// at is the value at a share of sorted values, NaN of none.
func at(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[int(p*float64(len(sorted)-1)+0.5)]
}

func middle(values []float64) float64 { return at(slices.Sorted(slices.Values(values)), 0.5) }

// eitherWay are the errors without their signs, sorted.
func eitherWay(errors []float64) []float64 {
	sizes := make([]float64, len(errors))
	for i, e := range errors {
		sizes[i] = math.Abs(e)
	}
	slices.Sort(sizes)
	return sizes
}
