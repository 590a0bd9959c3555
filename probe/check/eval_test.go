package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"costping/probe"
	"costping/probe/simulator"
	"costping/probe/stats"

	"github.com/shopspring/decimal"
)

// graded is the score of an answer to a task that is written so.
func graded(t *testing.T, rest, answer string) (float64, error) {
	t.Helper()
	tasks, err := ReadTasks(strings.NewReader(`{"id":"a","prompt":"p",` + rest + `}`))
	if err != nil {
		t.Fatalf("%s: %v", rest, err)
	}
	return tasks[0].grader.grade(t.Context(), &tasks[0], answer)
}

func TestGraders(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		task, answer string
		want         float64
	}{
		{`"expect":"Paris"`, " Paris\n", 1},
		{`"expect":"Paris"`, "paris", 0},
		{`"grader":"normalised","expect":"It's Paris!"`, " IT'S  paris", 1},
		{`"grader":"normalised","expect":"Paris"`, "Paris, France", 0},
		{`"grader":"contains","expect":"paris"`, "It is Paris.", 1},
		{`"grader":"contains","expect":["a","b"]`, "A and B", 1},
		{`"grader":"contains","expect":["a","b"]`, "only a", 0},
		{`"grader":"regex","expect":"^\\d+$"`, "12", 1},
		{`"grader":"regex","expect":"^\\d+$"`, "12 ", 0},
		{`"expect":42`, "The answer is 42.", 1},
		{`"expect":42`, "6 times 7 is 42.0", 1},
		{`"expect":42`, "42 is not 41", 0},
		{`"expect":1234.5`, "1,234.50", 1},
		{`"expect":-3`, "It is -3", 1},
		{`"expect":100,"tolerance":1`, "99", 1},
		{`"expect":100,"tolerance":1`, "98.99", 0},
		{`"expect":-200,"tolerance":"1%"`, "-202", 1},
		{`"expect":-200,"tolerance":"1%"`, "-202.1", 0},
		{`"expect":42`, "no idea", 0},
		{`"expect":42`, "1e999", 0},
		{`"expect":{"a":1,"b":{"c":"x"}}`, "```json\n{\"a\":1.0,\"b\":{\"c\":\"x\"},\"d\":2}\n```", 1},
		{`"expect":{"a":1,"b":{"c":"x"}}`, `{"a":1,"b":{"c":"y"}}`, 0.5},
		{`"expect":[1,2]`, `[1]`, 0},
		{`"expect":{"a":1}`, "none", 0},
		{`"grader":"schema","schema":{"type":"integer"}`, "7", 1},
		{`"grader":"schema","schema":{"type":"integer"}`, "It is 7", 0},
		{`"grader":"schema","schema":{"type":"integer"},"expect":8`, "7", 0},
		{`"grader":"command","command":["sh","-c","grep -q '\"answer\":\"yes\"' && echo 0.75"]`, "yes", 0.75},
		{`"grader":"command","command":["sh","-c","echo pass; echo more"]`, "", 1},
		{`"grader":"command","command":["sh","-c","echo fail"]`, "", 0},
	} {
		if got, err := graded(t, tc.task, tc.answer); err != nil || got != tc.want {
			t.Errorf("%s, %q: %g, %v; want %g", tc.task, tc.answer, got, err, tc.want)
		}
	}
}

// A grader that fails is no verdict on the answer.
func TestGradersThatFail(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"exit 3":                 "the grader failed: exit status 3",
		"kill -9 $$":             "the grader failed: signal",
		"echo rubbish":           `the grader printed "rubbish"`,
		"echo 1.5":               "no score from 0 to 1",
		"echo NaN":               "no score from 0 to 1",
		"true":                   "no score from 0 to 1",
		"yes":                    "the grader printed more than",
		"printf '\\033[2Jhello'": `the grader printed "[2Jhello"`,
	} {
		if _, err := graded(t, fmt.Sprintf(`"grader":"command","command":["sh","-c",%q]`, script), "x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", script, err, want)
		}
	}
	if _, err := graded(t, `"grader":"command","command":["/nowhere/grader"]`, "x"); err == nil || !strings.Contains(err.Error(), "the grader cannot be run") {
		t.Errorf("no program: %v", err)
	}
}

// A grader that hangs is ended after its time, with all that it has started.
func TestAGraderThatHangsIsKilledWithItsGroup(t *testing.T) {
	t.Parallel()
	pidFile := filepath.Join(t.TempDir(), "pid")
	g := commandGrader{command: []string{"sh", "-c", "sleep 300 & echo $! > " + pidFile + "; wait"}, limit: 500 * time.Millisecond}
	if _, err := g.grade(t.Context(), &Task{}, ""); err == nil || !strings.Contains(err.Error(), "did not end within 500ms") {
		t.Fatalf("%v", err)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil || pid < 2 {
		t.Fatalf("%q: %v", text, err)
	}
	// The child of a killed shell is reaped by whoever adopts it: until then it is a
	// zombie, which takes signals as well.
	for deadline := time.Now().Add(10 * time.Second); ; {
		state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil && !errors.Is(syscall.Kill(pid, 0), nil) || strings.Contains(string(state), ") Z ") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d lives on: %s", pid, state)
		}
	}
}

func TestBadTasks(t *testing.T) {
	t.Parallel()
	const good = `{"id":"a","prompt":"p","expect":"x"}`
	for _, tc := range []struct {
		name, text string
		line       int
		want       string
	}{
		{"no JSON", good + "\nhello", 2, "it is not JSON"},
		{"an id twice", good + "\n" + good, 2, `the id "a" is also that of line 1`},
		{"no prompt", `{"id":"a","expect":"x"}`, 1, "it has no prompt"},
		{"no grader", `{"id":"a","prompt":"p"}`, 1, "it has neither a grader nor an expect"},
		{"an unknown grader", `{"id":"a","prompt":"p","grader":"vibes","expect":"x"}`, 1, `unknown grader "vibes"`},
		{"an unknown grader without a text", `{"id":"a","prompt":"p","grader":"vibes"}`, 1, `unknown grader "vibes"`},
		{"a text missing", `{"id":"a","prompt":"p","grader":"exact"}`, 1, "the grader exact needs a text"},
		{"a regex", `{"id":"a","prompt":"p","grader":"regex","expect":"("}`, 1, "the regex does not compile"},
		{"a number", `{"id":"a","prompt":"p","grader":"number","expect":"many"}`, 1, "needs a number"},
		{"a tolerance", `{"id":"a","prompt":"p","expect":1,"tolerance":-1}`, 1, "tolerance has to be"},
		{"a tolerance in words", `{"id":"a","prompt":"p","expect":1,"tolerance":"some"}`, 1, "tolerance has to be"},
		{"a tolerance of a text", `{"id":"a","prompt":"p","expect":"x","tolerance":1}`, 1, "tolerance is for the grader number, not for exact"},
		{"no schema", `{"id":"a","prompt":"p","grader":"schema"}`, 1, "needs a schema"},
		{"a schema that does not compile", `{"id":"a","prompt":"p","grader":"schema","schema":{"type":"x"}}`, 1, "the schema does not compile"},
		{"no command", `{"id":"a","prompt":"p","grader":"command"}`, 1, "needs a command"},
		{"a cap", `{"id":"a","prompt":"p","expect":"x","max_tokens":100000}`, 1, "max_tokens has to lie"},
		{"empty", "", 0, "there is no line"},
	} {
		_, err := ReadTasks(strings.NewReader(tc.text))
		var at *LineError
		line := 0
		if errors.As(err, &at) {
			line = at.Line
		}
		if err == nil || line != tc.line || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: line %d, %v; want line %d, %q", tc.name, line, err, tc.line, tc.want)
		}
	}
}

// remembered is a memory in memory.
type remembered struct {
	mu   sync.Mutex
	paid map[string]Paid
	fail error
}

func (m *remembered) Find(key string) (Paid, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.paid[key]
	return p, ok
}

func (m *remembered) Keep(_ probe.Target, p Paid) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil {
		m.paid[p.Key] = p
	}
	return m.fail
}

// sums are n tasks that the simulator can solve.
func sums(t *testing.T, n int) []Task {
	t.Helper()
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, `{"id":"t%d","prompt":"What is %d plus 7?","expect":%d}`+"\n", i, i, i+7)
	}
	tasks, err := ReadTasks(strings.NewReader(lines.String()))
	if err != nil {
		t.Fatal(err)
	}
	return tasks
}

// A run that is ended after some tasks, again and again, pays for each task once:
// what is under way then comes to its end and is kept.
func TestAResumedEvalPaysForNoTaskTwice(t *testing.T) {
	t.Parallel()
	const n = 40
	client, target, server := simulated(t, simulator.Script{TTFT: simulator.Constant(2 * time.Millisecond), Quality: simulator.Quality{Wrong: 0.3}}, 3)
	memory := &remembered{paid: map[string]Paid{}}
	e := Eval{Tasks: sums(t, n), Targets: []probe.Target{target}, Asker: client, Memory: memory, AtOnce: 3}
	runs := 0
	var scores Scores
	for scores = nil; len(memory.paid) < n; runs++ {
		scores = NewScores(e.Targets)
		enough, stop := context.WithCancel(t.Context())
		fresh := 0
		e.Run(t.Context(), enough, func(s Solved) {
			scores.Add(s)
			if !s.Reused {
				if fresh++; fresh == 7 {
					stop()
				}
			}
		})
		stop()
		if fresh > 7+2 {
			t.Errorf("%d were asked after enough", fresh-7)
		}
		if runs > n {
			t.Fatal("it does not come to an end")
		}
	}
	if sent := len(server.Sent()); sent != n || runs < 4 {
		t.Errorf("%d requests for %d tasks, %d runs", sent, n, runs)
	}
	// Once more: all from memory, the same figures, and another grader grades anew.
	again := NewScores(e.Targets)
	e.Run(t.Context(), t.Context(), again.Add)
	s := again[0]
	if s.Reused != n || s.Accuracy != scores[0].Accuracy || len(server.Sent()) != n || s.Spent.Sign() != 0 || len(s.E2E) != n {
		t.Errorf("%+v after %+v, %d requests", s, scores[0], len(server.Sent()))
	}
	wrong := 0
	for _, sent := range server.Sent() {
		if sent.Defect != "" {
			wrong++
		}
	}
	if s.Accuracy != stats.RateOf(n-wrong, n) || wrong == 0 {
		t.Errorf("accuracy %+v, %d answers were wrong", s.Accuracy, wrong)
	}
	for i := range e.Tasks {
		e.Tasks[i].grader = grading(func(string) float64 { return 1 })
	}
	regraded := NewScores(e.Targets)
	e.Run(t.Context(), t.Context(), regraded.Add)
	if regraded[0].Accuracy.Hits != n || len(server.Sent()) != n {
		t.Errorf("graded anew: %+v", regraded[0].Accuracy)
	}
	for key, p := range memory.paid { // whoever reads the history sees the new grade
		if p.Correct == nil || !*p.Correct || *p.Score != 1 {
			t.Errorf("%s is kept as %v", key, p.Correct)
		}
	}
}

// What is asked, of whom, with which parameters, makes the key; names and graders do
// not.
func TestKeys(t *testing.T) {
	t.Parallel()
	task := Task{ID: "a", Prompt: "p", MaxTokens: 5}
	target := probe.Target{Name: "x", BaseURL: "http://h/v1", Model: "m"}
	key := task.Key(target)
	renamed, slash := target, target
	renamed.Name, slash.BaseURL = "y", "http://h/v1/"
	other := task
	other.ID = "b"
	if renamedKey := task.Key(renamed); renamedKey != key || task.Key(slash) != key || other.Key(target) != key {
		t.Error("a name changes the key")
	}
	for what, k := range map[string]string{
		"model":  task.Key(probe.Target{BaseURL: target.BaseURL, Model: "n"}),
		"url":    task.Key(probe.Target{BaseURL: "http://g/v1", Model: "m"}),
		"extra":  task.Key(probe.Target{BaseURL: target.BaseURL, Model: "m", Extra: map[string]json.RawMessage{"temperature": json.RawMessage("0")}}),
		"prompt": (&Task{Prompt: "q", MaxTokens: 5}).Key(target),
		"system": (&Task{Prompt: "p", System: "s", MaxTokens: 5}).Key(target),
		"cap":    (&Task{Prompt: "p", MaxTokens: 6}).Key(target),
	} {
		if k == key {
			t.Errorf("another %s, the same key", what)
		}
	}
}

// An answer that could not be graded is neither right nor wrong, and kept: graded
// the next time, not paid for.
func TestUngradedAnswersAreKept(t *testing.T) {
	t.Parallel()
	client, target, server := simulated(t, simulator.Script{}, 3)
	memory := &remembered{paid: map[string]Paid{}}
	e := Eval{Tasks: sums(t, 4), Targets: []probe.Target{target}, Asker: client, Memory: memory, AtOnce: 2}
	sound := e.Tasks[0].grader
	e.Tasks[0].grader = commandGrader{command: []string{"sh", "-c", "exit 1"}, limit: time.Minute}
	scores := NewScores(e.Targets)
	e.Run(t.Context(), t.Context(), scores.Add)
	if s := scores[0]; s.Ungraded != 1 || s.Accuracy != stats.RateOf(3, 3) || s.Answered != 4 || len(s.Problems) != 1 {
		t.Errorf("%+v", s)
	}
	e.Tasks[0].grader = sound
	scores = NewScores(e.Targets)
	e.Run(t.Context(), t.Context(), scores.Add)
	if s := scores[0]; s.Accuracy != stats.RateOf(4, 4) || s.Reused != 4 || len(server.Sent()) != 4 {
		t.Errorf("%+v", s)
	}
	memory = &remembered{fail: errors.New("the disk is full")}
	e.Memory = memory
	scores = NewScores(e.Targets)
	e.Run(t.Context(), t.Context(), scores.Add)
	if s := scores[0]; s.Accuracy.N != 4 || len(s.Problems) == 0 || !strings.Contains(s.Problems[0], "the disk is full") {
		t.Errorf("not kept: %+v", s)
	}
}

// pair has so many tasks right with both, with the dear one alone, with the cheap one
// alone, and with none.
func pair(both, dear, cheap, neither int, usdA, usdB string) Pair {
	scores := NewScores([]probe.Target{{Name: "a"}, {Name: "b"}})
	task := 0
	add := func(n int, a, b bool) {
		for range n {
			for at, correct := range []bool{a, b} {
				usd := decimal.NullDecimal{}
				if text := []string{usdA, usdB}[at]; text != "" {
					usd = decimal.NewNullDecimal(decimal.RequireFromString(text))
				}
				scores.Add(Solved{Task: task, Target: at, Answered: true, Graded: true, Correct: correct, Paid: Paid{USD: usd}})
			}
			task++
		}
	}
	add(both, true, true)
	add(dear, true, false)
	add(cheap, false, true)
	add(neither, false, false)
	return scores.Pairs()[0]
}

// The verdict of the rule of 5 points, with its uncertainty.
func TestVerdict(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pair Pair
		want string
	}{
		{pair(300, 5, 5, 20, "2", "1"), "within 5 points (+0.0, 95 % "},
		{pair(60, 30, 2, 8, "2", "1"), "more than 5 points worse (-28.0, 95 % "},
		{pair(90, 5, 4, 1, "2", "1"), "within 5 points (-1.0, 95 % -8.0..5.9 is not enough: "},
		{pair(80, 12, 2, 6, "2", "1"), "more than 5 points worse (-10.0, 95 % "},
		{pair(0, 0, 0, 0, "2", "1"), "no task was graded for both"},
		{pair(90, 7, 2, 1, "2", "1"), "within 5 points (-5.0, 95 % "},
		{pair(95, 5, 0, 0, "2", "1"), "within 5 points (-5.0, 95 % "},
	} {
		if got := tc.pair.Verdict(); !strings.HasPrefix(got, tc.want) {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
	at := pair(90, 7, 2, 1, "2", "1")
	if !strings.Contains(at.Verdict(), "would not show it") {
		t.Errorf("at the margin: %s", at.Verdict())
	}
	// The dearer of the two is the one that the other is held against.
	swapped := pair(60, 2, 30, 8, "1", "2")
	if swapped.A.Target.Name != "b" || !swapped.Cheaper || math.Abs(swapped.Value+0.28) > 1e-9 {
		t.Errorf("%+v", swapped)
	}
	if unknown := pair(1, 0, 0, 0, "1", ""); unknown.Cheaper || unknown.A.Target.Name != "a" || unknown.B.USDPerTask().Valid {
		t.Errorf("%+v", unknown)
	}
	if p := pair(3, 1, 0, 0, "2", "1"); p.B.USDPerTask().Decimal.String() != "1" || p.B.USDPerCorrect().Decimal.StringFixed(4) != "1.3333" {
		t.Errorf("%s a task, %s a correct one", p.B.USDPerTask().Decimal, p.B.USDPerCorrect().Decimal)
	}
}
