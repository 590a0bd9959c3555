package dashboard

import (
	"slices"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/ui/compare"
)

// Another configuration changes the rows and the limits, and says so; one that is
// refused changes neither.
func TestChangedConfigurationIsFollowed(t *testing.T) {
	m := opened(t, 120, 40)
	changes := make(chan Change, 1)
	m.opts.Changes = changes
	before := order(m)
	if !slices.Contains(before, "gpt-4o") || len(before) < 3 {
		t.Fatalf("rows %v", before)
	}
	changes <- Change{Say: "line 1: \x1b[31mzebra is no key", Unread: "line 1: \x1b[31mzebra is no key"}
	m.Update(tickMsg{})
	m.notice.until = m.opts.Now() // and when the notice is gone it still stands there
	m.Update(tickMsg{})
	if screen := shown(m); strings.Count(screen, "zebra is no key") != 1 || !strings.Contains(screen, "CONFIG NOT TAKEN") || strings.Contains(screen, "\x1b[31m") {
		t.Errorf("that it is refused does not stay\n%s", screen)
	}
	changes <- Change{Say: "line 1: zebra is no key", Unread: "line 1: zebra is no key"}
	m.Update(tickMsg{})
	if got := order(m); !slices.Equal(got, before) || !strings.Contains(m.notice.text, "zebra is no key") || strings.Contains(m.notice.text, "\x1b") {
		t.Errorf("refused: rows %v, notice %q", got, m.notice.text)
	}
	m.set = len(m.opts.Sets) - 1
	only := slices.DeleteFunc(slices.Clone(m.candidates()), func(c compare.Candidate) bool { return c.Target != "gpt-4o" })
	limits := []compare.Limit{{Target: "*", Bounds: []compare.Bound{{Metric: compare.LimitTTFTp50, Value: 1}}}}
	changes <- Change{Sets: []Set{{Name: "mine", Candidates: only}}, Limits: limits, Say: "changed"}
	m.Update(tickMsg{})
	if got := order(m); !slices.Equal(got, []string{"gpt-4o"}) || m.rows.selected != "gpt-4o" || m.notice.text != "changed" {
		t.Errorf("rows %v, %q is selected, notice %q", got, m.rows.selected, m.notice.text)
	}
	if m.table.Count(compare.StateOver) != 1 {
		t.Error("the new limit is not looked at")
	}
	if screen := shown(m); strings.Contains(screen, "CONFIG NOT TAKEN") || strings.Contains(screen, "zebra") {
		t.Errorf("it was put right\n%s", screen)
	}
}

// A workload that the person has turned stays as it is, by however little: also where
// it reads the same as before.
func TestFollowingKeepsATurnedWorkload(t *testing.T) {
	m := opened(t, 120, 40)
	base, err := costmodel.ParseVolume("10M tokens/day")
	if err != nil {
		t.Fatal(err)
	}
	little, err := costmodel.ParseVolume("10000001 tokens/day")
	if err != nil {
		t.Fatal(err)
	}
	m.knobs.base.Volume, m.knobs.work.Volume = base, little
	if m.knobs.base.String() != m.knobs.work.String() {
		t.Fatalf("%s and %s read as two", m.knobs.base, m.knobs.work)
	}
	m.followWorkloads([]Workload{{Name: "another", Workload: m.knobs.base}})
	if !m.knobs.work.Volume.Equal(little) {
		t.Errorf("it is %s again", m.knobs.work)
	}
}
