package dashboard

import (
	"strings"
	"testing"
	"time"

	"costping/probe"
)

// A tick moves the countdown of the frame and draws no body anew, but where the body
// counts down itself; a key and new data do draw it.
func TestTickKeepsTheBody(t *testing.T) {
	o := options(t)
	now := noon
	o.Now = func() time.Time { return now }
	o.Probing = func() probe.Status { return probe.Status{Interval: time.Minute, Next: noon.Add(41 * time.Second)} }
	m := openedOn(o, 120, 40)
	drawn := func() *string { m.View(); return &m.body.lines[0] }
	before := drawn()
	if !strings.Contains(line(m, 0), "next 41s") {
		t.Fatalf("%q", line(m, 0))
	}
	now = now.Add(10 * time.Second)
	m.tick()
	if got := line(m, 0); !strings.Contains(got, "next 31s") {
		t.Errorf("%q", got)
	}
	if drawn() != before {
		t.Error("a tick drew the table anew")
	}
	if press(m, "right"); drawn() == before {
		t.Error("a key left the table as it was")
	}
	before = drawn()
	history(m).version++
	now = now.Add(time.Minute)
	if settle(m, m.poll()); drawn() == before {
		t.Error("new data left the table as it was")
	}
	press(m, "6")
	before = drawn()
	if m.tick(); drawn() == before {
		t.Error("the countdowns of the schedule stand still")
	}
}
