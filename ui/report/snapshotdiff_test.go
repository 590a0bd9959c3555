package report_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"costping/ui/report"
	"costping/ui/report/snapshot"
	"costping/ui/report/snapshot/snapshottest"
)

// For programs each value of a difference has a named column of its own.
func TestDiffRecords(t *testing.T) {
	t.Parallel()
	a := snapshottest.Record(t)
	models := append([]snapshottest.Speeds{}, snapshottest.Usual[1:]...)
	b := snapshottest.Take(t, snapshottest.History(t, models, 2), snapshottest.Input(t, models))
	d, err := snapshot.Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.DiffRecords(d).Write(&out, report.CSV); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header := records[0]
	for i, name := range header {
		if name == "" || slices.Index(header, name) != i {
			t.Fatalf("column %d is called %q", i, name)
		}
	}
	of := func(target, column string) string {
		for _, r := range records[1:] {
			if r[0] == target {
				return r[slices.Index(header, column)]
			}
		}
		t.Fatalf("%s is not there", target)
		return ""
	}
	for _, tt := range []struct{ target, column, want string }{
		{"gpt-4o-mini", "is", "gone"},
		{"gpt-4o-mini", "usd_per_month_before", "19.5"},
		{"gpt-4o-mini", "usd_per_month_after", ""},
		{"gpt-4o-mini", "ttft_ratio", ""},
		{"gpt-4o", "is", "both"},
		{"gpt-4o", "usd_per_month_by_price", "0"},
		{"gpt-4o", "ttft_shown", "false"},
		{"own-llama", "usd_per_month_before", ""},
	} {
		if got := of(tt.target, tt.column); got != tt.want {
			t.Errorf("%s of %s is %q, want %q", tt.column, tt.target, got, tt.want)
		}
	}
}

// A summary does not say that nothing changed where the table under it notes something.
func TestDiffSummaryNamesWhatIsNoted(t *testing.T) {
	t.Parallel()
	of := func() *snapshot.Record {
		return snapshottest.Take(t, snapshottest.History(t, snapshottest.Usual, 1), snapshottest.Input(t, snapshottest.Usual))
	}
	summary := func(a, b *snapshot.Record) string {
		d, err := snapshot.Compare(a, b)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(report.DiffSummary(d), "\n")
	}
	a := of()
	if got := summary(a, a); !strings.Contains(got, "Nothing changed that is shown.") {
		t.Errorf("with itself: %s", got)
	}
	b := of()
	for i := range b.Rows {
		if b.Rows[i].Target == "gpt-4o-mini" {
			b.Rows[i].Quality = &snapshot.Figure{Value: 0.5, Lo: 0.5, Hi: 0.5, Basis: "stated"}
		}
	}
	if got := summary(a, b); strings.Contains(got, "Nothing") || !strings.Contains(got, "Also: gpt-4o-mini (quality ") {
		t.Errorf("with another quality: %s", got)
	}
}
