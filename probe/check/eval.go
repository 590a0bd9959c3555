package check

import (
	"context"
	"errors"
	"sync"
	"time"

	"costping/probe"

	"github.com/shopspring/decimal"
)

// Paid is an answer that has been paid for, as it is kept between runs.
type Paid struct {
	Key  string `json:"key"`
	Task string `json:"task"`
	// Answer is the text, Whole false where it was too long to be kept: then Score
	// counts, which is the grade that it was given.
	Answer string   `json:"answer"`
	Whole  bool     `json:"whole"`
	Score  *float64 `json:"score"`
	// Correct says whether that was enough, nil where it was not graded.
	Correct *bool                   `json:"correct"`
	Input   probe.Measured[int64]   `json:"input_tokens"`
	Output  probe.Measured[int64]   `json:"output_tokens"`
	E2E     probe.Measured[float64] `json:"e2e_ms"`
	USD     decimal.NullDecimal     `json:"usd"`
	At      time.Time               `json:"at"`
}

var errNotWhole = errors.New("the answer was too long to be kept, and had not been graded")

// maxPaidAnswer bounds the answer that is kept, in bytes: with everything escaped it
// still fits what the history takes.
const maxPaidAnswer = 8 << 10

// Memory keeps what has been paid for. It is safe for concurrent use.
type Memory interface {
	// Find is the answer of that key.
	Find(key string) (Paid, bool)
	// Keep keeps an answer of a target durably, before the next is asked for.
	Keep(t probe.Target, p Paid) error
}

// Eval is a run of golden tasks.
type Eval struct {
	Tasks   []Task
	Targets []probe.Target
	Asker   probe.Asker
	// Memory is asked before anything is sent; nil for none.
	Memory Memory
	// AtOnce is how many requests a target gets at a time.
	AtOnce int
}

// Solved is what became of one task with one target.
type Solved struct {
	// Task and Target are indexes into those of the run.
	Task, Target int
	// Answered says that there is an answer, Reused that it had been paid for
	// before. Sample is of one that was asked for now.
	Answered, Reused bool
	Paid             Paid
	Sample           probe.Sample
	// Graded says that the answer has a score; Correct that it is enough. Else Err
	// is why it could not be graded.
	Graded, Correct bool
	Score           float64
	Err             error
	// Unkept is why the answer could not be kept: it would be paid for again.
	Unkept error
	// Spent is what this run has paid for the task, Unpriced how many requests of it
	// nobody knows the price of.
	Spent    decimal.Decimal
	Unpriced int
}

// Run goes through the tasks with all targets side by side and hands over each
// result, one at a time. When enough ends, nothing further is begun, and what is
// under way comes to its end: it is paid for. ctx ends that too. It returns why
// targets were given up, by index.
func (e *Eval) Run(ctx, enough context.Context, took func(Solved)) map[int]string {
	gaveUp := map[int]string{}
	var mu sync.Mutex
	enough, stop := context.WithCancel(enough)
	defer stop()
	each(ctx, stop, len(e.Targets), len(e.Targets), func(at int) { e.runTarget(ctx, enough, at, &mu, gaveUp, took) })
	return gaveUp
}

func (e *Eval) runTarget(ctx, enough context.Context, at int, mu *sync.Mutex, gaveUp map[int]string, took func(Solved)) {
	enough, stop := context.WithCancel(enough)
	defer stop()
	failures := 0
	each(enough, stop, len(e.Tasks), e.AtOnce, func(task int) {
		s := e.solve(ctx, enough, task, at)
		mu.Lock()
		defer mu.Unlock()
		if failures++; s.Answered {
			failures = 0
		}
		a := Answer{Sample: s.Sample}
		if why := a.pointless(failures); why != "" && !s.Answered && gaveUp[at] == "" {
			gaveUp[at] = why
			stop()
		}
		took(s)
	})
}

// solve answers one task: from memory, else by asking.
func (e *Eval) solve(ctx, enough context.Context, task, at int) Solved {
	t, target := &e.Tasks[task], e.Targets[at]
	s := Solved{Task: task, Target: at}
	key := t.Key(target)
	if e.Memory != nil {
		if s.Paid, s.Reused = e.Memory.Find(key); s.Reused {
			s.Answered = true
			e.grade(ctx, t, &s)
			if s.Graded && !s.Paid.gradedAs(s) { // by another grader, or held beside another answer
				s.noteGrade()
				s.Unkept = e.Memory.Keep(target, s.Paid)
			}
			return s
		}
	}
	// A request may wait for money or a rate limit: that is no longer than enough.
	p := &purse{asker: e.Asker, patient: enough}
	r := p.ask(ctx, t.Question(target))
	s.Sample, s.Spent, s.Unpriced = r.Sample, p.usd, p.unpriced
	if s.Answered = answered(r); !s.Answered {
		return s
	}
	s.Paid = paidFor(key, t.ID, r, p)
	full := r.Text
	if full == "" {
		full = r.Refusal
	}
	s.Paid.Answer = full
	e.grade(ctx, t, &s)
	if s.Paid.Whole = len(full) <= maxPaidAnswer; !s.Paid.Whole {
		s.Paid.Answer = probe.Sanitize(full, maxExample)
	}
	if s.Graded {
		s.noteGrade()
	}
	if e.Memory != nil {
		s.Unkept = e.Memory.Keep(target, s.Paid)
	}
	return s
}

// noteGrade has what is kept say how it was graded.
func (s *Solved) noteGrade() {
	score, correct := s.Score, s.Correct
	s.Paid.Score, s.Paid.Correct = &score, &correct
}

// gradedAs says that what is kept has that grade.
func (p *Paid) gradedAs(s Solved) bool {
	return p.Score != nil && *p.Score == s.Score && p.Correct != nil && *p.Correct == s.Correct
}

func paidFor(key, id string, r probe.Reply, p *purse) Paid {
	paid := Paid{Key: key, Task: id, Whole: true, Input: r.Sample.Usage.Input, Output: r.Sample.Usage.Output, At: r.Sample.At}
	if r.Sample.E2E.Known {
		paid.E2E = probe.Known(r.Sample.E2E.Value.Seconds() * 1000)
	}
	if p.unpriced == 0 {
		paid.USD = decimal.NewNullDecimal(p.usd)
	}
	return paid
}

// grade grades an answer that is there: one that is kept whole as the task says
// now, else by the score that it was given.
func (e *Eval) grade(ctx context.Context, t *Task, s *Solved) {
	switch {
	case s.Paid.Whole:
		s.Score, s.Err = t.grader.grade(ctx, t, s.Paid.Answer)
		s.Graded = s.Err == nil
	case s.Paid.Score != nil:
		s.Score, s.Graded = *s.Paid.Score, true
	default:
		s.Err = errNotWhole
	}
	s.Correct = s.Graded && s.Score >= t.grader.pass()
}
