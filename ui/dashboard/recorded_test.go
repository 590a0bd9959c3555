package dashboard

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/dashboard/theme"
	"costping/ui/report/snapshot"
	"costping/ui/report/snapshot/snapshottest"
)

// ofSnapshot is a dashboard on a record.
func ofSnapshot(t *testing.T, r *snapshot.Record) *Model {
	t.Helper()
	in, err := r.Input()
	if err != nil {
		t.Fatal(err)
	}
	o := options(t)
	o.History, o.Recorded, o.ReadOnly, o.Probing = r.History(), r.Recorded, snapshot.ErrReadOnly.Error(), nil
	o.Sets, o.Workloads = []Set{{Name: "snapshot", Candidates: in.Candidates}}, []Workload{{r.Workload.Name, in.Workload}}
	o.Window = r.Window.To.Sub(r.Window.From)
	o.Now, o.Theme, o.Catalog = func() time.Time { return r.TakenAt }, theme.New(theme.Unicode(), true), costmodel.Default()
	return openedOn(o, 160, 50)
}

// A snapshot has no single samples: what would rest on them is not told, and what is
// recorded is.
func TestSnapshotInventsNoSamples(t *testing.T) {
	r := snapshottest.Record(t)
	row := &r.Rows[slices.IndexFunc(r.Rows, func(row snapshot.Row) bool { return row.Target == "gpt-4o" })]
	row.Measured.Outcomes[probe.OK]--
	row.Measured.Outcomes[probe.Timeout]++
	m := ofSnapshot(t, r)
	press(m, "2", "home")
	for range r.Rows {
		if m.rows.selected != row.Target {
			press(m, "down")
		}
	}
	text := shown(m)
	for _, want := range []string{
		"not in the snapshot: it holds no single answer", "which hour is slowest is not in the snapshot", "server error 1, timeout 1: when and why is not in the snapshot",
		"mean of 10 min medians", "p50", "p95", "n 239",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if made := regexp.MustCompile(`against (the .*)?before|slowest at|p90|tokens at .* = `).FindString(text); made != "" {
		t.Errorf("%q is made up:\n%s", made, text)
	}
	kept := row.Measured.TTFT
	if about, ok := m.about(); !ok || about.spread.P95.Lo != kept.P95.Lo || about.spread.P50.Hi != kept.P50.Hi || len(about.spread.Values) != len(kept.Order) {
		t.Errorf("the spread is not the recorded one: %v", about.spread)
	}
	press(m, "5")
	if text := shown(m); !strings.Contains(text, "it counts attempts and holds no single ones") || strings.Contains(text, "nothing went wrong") {
		t.Errorf("reliability:\n%s", text)
	}
	press(m, "6")
	if text := shown(m); !strings.Contains(text, "not in the snapshot: it holds no single samples") || !strings.Contains(text, "not in the snapshot: nothing is spent") {
		t.Errorf("probes:\n%s", text)
	}
	m.rows.marked = []string{"gpt-4o-mini", "gpt-4o"}
	press(m, "1")
	if text := line(m, 2); !strings.Contains(text, "b against a: first token ") || strings.Contains(text, "too few") {
		t.Errorf("two marked: %q", text)
	}
}

// Steps that are longer than an hour say nothing of single hours.
func TestSnapshotOfLongSteps(t *testing.T) {
	r := snapshottest.Record(t)
	for i := range r.Rows {
		if r.Rows[i].Measured != nil {
			r.Rows[i].Measured.Series.StepS = 6 * 3600
		}
	}
	m := ofSnapshot(t, r)
	press(m, "2")
	if text := shown(m); !strings.Contains(text, "not in the snapshot: its steps are 6 h") {
		t.Errorf("hours:\n%s", text)
	}
}

// A snapshot keeps what its workload is called.
func TestSnapshotNamesItsWorkload(t *testing.T) {
	r := snapshottest.Record(t)
	r.Workload.Name = "documents"
	if text := line(ofSnapshot(t, r), 1); !strings.HasPrefix(text, " documents  100,000 messages") {
		t.Errorf("with a name: %q", text)
	}
}

// What is exported has the name of its workload as long as it is that one.
func TestExportNamesItsWorkload(t *testing.T) {
	o := options(t)
	o.Workloads[0].Name = "documents"
	var names []string
	o.CheckExport = func(Export) error { return nil }
	o.Export = func(_ context.Context, e Export) error {
		names = append(names, e.Name)
		return nil
	}
	m := openedOn(o, 120, 40)
	press(m, "x", "enter", "right", "x", "enter")
	if !slices.Equal(names, []string{"documents", ""}) {
		t.Errorf("exported as %q", names)
	}
}
