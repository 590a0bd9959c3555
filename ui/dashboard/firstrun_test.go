package dashboard

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/facts"
	"costping/ui/monitor"

	tea "github.com/charmbracelet/bubbletea"
)

// carry is settle, and carries out what the messages lead to.
func carry(m *Model, cmd tea.Cmd) []tea.Msg {
	if cmd == nil {
		return nil
	}
	msg := cmd()
	if batch, ok := msg.(tea.BatchMsg); ok {
		var all []tea.Msg
		for _, part := range batch {
			all = append(all, carry(m, part)...)
		}
		return all
	}
	if msg == nil {
		return nil
	}
	_, next := m.Update(msg)
	return append([]tea.Msg{msg}, carry(m, next)...)
}

// pricesOnly is a dashboard on which nothing is probed and nothing was.
func pricesOnly(t testing.TB, width int) *Model {
	t.Helper()
	o := options(t)
	o.Demo, o.Probing, o.History = false, nil, &memory{version: 1}
	o.Advice = costmodel.DefaultAdvice()
	for _, s := range o.Sets {
		for i := range s.Candidates {
			s.Candidates[i].KeyMissing = true
			s.Candidates[i].Published.TTFT, s.Candidates[i].Published.Speed = o.Advice.Published(s.Candidates[i].Model)
		}
	}
	o.Ways = []Way{{"demo", "the whole program on simulated models", "no key"}, {"init", "find keys and local servers", "found none"}}
	return openedOn(o, width, 24)
}

func TestFirstScreenSaysHowToGoOn(t *testing.T) {
	m := pricesOnly(t, 80)
	if !strings.Contains(line(m, 0), "PRICES ONLY") || !strings.Contains(line(m, 0), "nothing is being probed") {
		t.Errorf("the header is %q", line(m, 0))
	}
	if got, want := strings.TrimSpace(line(m, 2)), "Costs move with the knob. Speeds: :demo (no key) or :init (found none)"; got != want {
		t.Errorf("line 3 is %q", got)
	}
	screen := shown(m)
	for _, text := range []string{"no key", "(~380)", "in brackets: published"} {
		if !strings.Contains(screen, text) {
			t.Errorf("%q is not on the screen\n%s", text, screen)
		}
	}
	for _, r := range m.table.Rows {
		if r.Note.Word != "no key" && !r.Retired {
			t.Errorf("the note of %s is %q", r.Target, r.Note.Word)
		}
	}
	press(m, "right")
	if !strings.Contains(line(m, 2), "CHANGED") {
		t.Errorf("a turned knob is not in line 3: %q", line(m, 2))
	}
	for width, want := range map[int]string{60: "Speeds: :demo (no key) or :init (found none)", 30: ":demo or :init"} {
		if m := pricesOnly(t, width); !strings.Contains(shown(m), want) {
			t.Errorf("%d wide there is no %q\n%s", width, want, shown(m))
		}
	}
}

// What is being probed, or was, needs no way on.
func TestNoWayOnWhereThereAreSpeeds(t *testing.T) {
	o := options(t)
	o.Ways = []Way{{"demo", "x", "no key"}}
	if m := openedOn(o, 80, 24); strings.Contains(line(m, 2), ":demo") {
		t.Errorf("line 3 is %q", line(m, 2))
	}
}

func TestWaysOnAreTaken(t *testing.T) {
	for _, name := range []string{"demo", "init"} {
		m := pricesOnly(t, 80)
		press(m, ":")
		enter(m, name)
		_, cmd := m.Update(message("enter"))
		if m.next != name || cmd == nil {
			t.Fatalf(":%s goes on with %q", name, m.next)
		}
		if _, quits := cmd().(tea.QuitMsg); !quits {
			t.Errorf(":%s does not end the dashboard", name)
		}
	}
}

func TestNoticeComesFirst(t *testing.T) {
	o := options(t)
	o.Notice = "probing 2 targets every 2m12s, about $0.99 a day"
	m := openedOn(o, 80, 24)
	if !strings.Contains(lastLine(m), o.Notice) {
		t.Errorf("the last line is %q", lastLine(m))
	}
}

// book is what was said, as a dashboard's options have it.
func book(o *Options, said map[string]Said) {
	o.Facts = func(target string) (Said, error) { return said[target], nil }
	o.SaveFacts = func(target string, f facts.Facts) ([]Set, error) {
		if f.Quality == "0" {
			return nil, errors.New("the disk is full")
		}
		said[target] = Said{Here: f}
		sets := append([]Set(nil), o.Sets...)
		sets[0].Candidates = append([]compare.Candidate(nil), sets[0].Candidates...)
		for i, c := range sets[0].Candidates {
			sets[0].Candidates[i] = facts.Book{target: f}.Candidate(c)
		}
		return sets, nil
	}
}

func TestFactsOfAModel(t *testing.T) {
	o := options(t)
	said := map[string]Said{"gpt-4o-mini": {Configured: []string{"its quality"}}}
	book(&o, said)
	m := openedOn(o, 120, 30)
	press(m, "E")
	screen := shown(m)
	for _, text := range []string{"yours: gpt-4o-mini", "quality", "tags", "price", "machine", "The configuration says its quality"} {
		if !strings.Contains(screen, text) {
			t.Errorf("%q is not on the form\n%s", text, screen)
		}
	}
	enter(m, "1.5")
	press(m, "enter")
	if m.overlay == nil || !strings.Contains(shown(m), "from 0 to 1") {
		t.Fatalf("a quality of 1.5 was taken\n%s", shown(m))
	}
	press(m, "ctrl+u")
	enter(m, "0.88")
	press(m, "tab")
	enter(m, "eu, fast")
	press(m, "tab")
	enter(m, "100")
	press(m, "up", "enter")
	if f, ok := m.overlay.(*form); !ok || f.active != facts.PriceField {
		t.Fatalf("a price of one part: the form does not stand at it\n%s", shown(m))
	}
	enter(m, "/200")
	press(m, "enter")
	want := facts.Facts{Quality: "0.88", Tags: []string{"eu", "fast"}, Price: "100/200"}
	if got := said["gpt-4o-mini"].Here; fmt.Sprint(got) != fmt.Sprint(want) || m.overlay != nil {
		t.Fatalf("kept %+v", got)
	}
	for _, r := range m.table.Rows {
		if r.Target == "gpt-4o-mini" && (r.Quality.Value != 0.88 || !r.Price.Own || compare.Month(r) == "78.75") {
			t.Errorf("the row does not know of it: %v, %s", r.Quality, compare.Month(r))
		}
	}
	if !strings.Contains(lastLine(m), "kept what you say of gpt-4o-mini") {
		t.Errorf("the last line is %q", lastLine(m))
	}
	press(m, "E")
	if !strings.Contains(shown(m), "eu, fast") {
		t.Errorf("the form does not have what was said\n%s", shown(m))
	}
	press(m, "ctrl+u")
	enter(m, "0")
	press(m, "enter")
	if !strings.Contains(lastLine(m), "the disk is full") {
		t.Errorf("the last line is %q", lastLine(m))
	}
}

func TestFactsWhereNothingIsKept(t *testing.T) {
	m := opened(t, 80, 24)
	press(m, "E")
	if m.overlay != nil || !strings.Contains(lastLine(m), "nothing is kept") {
		t.Errorf("the last line is %q", lastLine(m))
	}
}

// The bell rings once for each look at something new that is bad, and not for what
// was there before; the title says it until somebody presses a key.
func TestBellAndTitle(t *testing.T) {
	event := func(ago time.Duration, kind store.EventKind) store.Event {
		return store.Event{At: noon.Add(-ago), Kind: kind, Target: "gpt-4o", Text: "p95 is over\x1b]0;x\a"}
	}
	for name, tt := range map[string]struct {
		bell, title bool
		news        []store.EventKind
		rings       int
		titles      int
	}{
		"a limit":        {true, true, []store.EventKind{monitor.EventLimitBroken}, 1, 1},
		"a regression":   {true, true, []store.EventKind{monitor.EventRegression}, 1, 1},
		"down":           {true, true, []store.EventKind{monitor.EventTargetDown}, 1, 1},
		"several":        {true, true, []store.EventKind{monitor.EventTargetDown, monitor.EventLimitBroken}, 1, 1},
		"what is good":   {true, true, []store.EventKind{monitor.EventLimitCleared, monitor.EventTargetUp, monitor.EventPaused}, 0, 0},
		"only the bell":  {true, false, []store.EventKind{monitor.EventLimitBroken}, 1, 0},
		"only the title": {false, true, []store.EventKind{monitor.EventLimitBroken}, 0, 1},
		"neither":        {false, false, []store.EventKind{monitor.EventLimitBroken}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			now := noon
			o.Now = func() time.Time { return now }
			rung := 0
			o.Bell, o.Title, o.Ring = tt.bell, tt.title, func() error { rung++; return nil }
			m := NewModel(o)
			m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
			history(m).events = []store.Event{event(time.Hour, monitor.EventTargetDown)}
			if carry(m, m.poll()); rung != 0 || m.alerts.told {
				t.Fatal("it rang for what was there before")
			}
			for i, kind := range tt.news {
				history(m).events = append(history(m).events, event(time.Duration(-i)*time.Second, kind))
			}
			history(m).version++
			now = now.Add(5 * time.Second)
			msgs := carry(m, m.poll())
			titles := 0
			for _, msg := range msgs {
				if text := fmt.Sprintf("%T %v", msg, msg); strings.Contains(text, "indowTitle") {
					titles++
					if strings.ContainsAny(text, "\x1b\a") || !strings.Contains(text, "gpt-4o") {
						t.Errorf("the title is %q", text)
					}
				}
			}
			if rung != tt.rings || titles != tt.titles || m.alerts.told != (tt.titles > 0) {
				t.Errorf("rang %d times, %d titles", rung, titles)
			}
			now = now.Add(5 * time.Second)
			history(m).version++
			if carry(m, m.poll()); rung != tt.rings {
				t.Error("it rang twice for the same")
			}
			if carry(m, func() tea.Msg { return message("j") }); m.alerts.told {
				t.Error("the title was not taken back")
			}
		})
	}
}
