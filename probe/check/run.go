package check

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"costping/probe"

	"github.com/shopspring/decimal"
)

// Series is what one target is asked, one way.
type Series struct {
	Target probe.Target
	Kind   Kind
	// Enforced says that the endpoint is to keep answers to the schema.
	Enforced bool

	jobs []job
}

// job is one case.
type job struct {
	id  string
	ask func(context.Context, *purse) (Verdict, probe.Reply)
}

// Len is how many cases the series has.
func (s *Series) Len() int { return len(s.jobs) }

// Without is the series without the cases that are known already, by their names.
func (s Series) Without(known map[string]bool) Series {
	s.jobs = slices.DeleteFunc(slices.Clone(s.jobs), func(j job) bool { return known[j.id] })
	return s
}

// SchemaSeries asks a target for JSON, with the schema enforced or without.
func SchemaSeries(t probe.Target, cases []SchemaCase, enforced bool) Series {
	s := Series{Target: t, Kind: KindSchema, Enforced: enforced}
	for i := range cases {
		c := &cases[i]
		s.jobs = append(s.jobs, job{c.ID, func(ctx context.Context, p *purse) (Verdict, probe.Reply) {
			r := p.ask(ctx, c.Question(t, enforced))
			if !answered(r) {
				return Verdict{}, r
			}
			return c.GradeSchema(r), r
		}})
	}
	return s
}

// ToolSeries asks a target to call tools.
func ToolSeries(t probe.Target, cases []ToolCase) Series {
	s := Series{Target: t, Kind: KindTools}
	for i := range cases {
		c := &cases[i]
		s.jobs = append(s.jobs, job{c.ID, func(ctx context.Context, p *purse) (Verdict, probe.Reply) {
			return c.converse(ctx, p, t)
		}})
	}
	return s
}

// converse takes the steps of a case until one is not right.
func (c *ToolCase) converse(ctx context.Context, p *purse, t probe.Target) (Verdict, probe.Reply) {
	q := c.Question(t)
	for n := 0; ; n++ {
		r := p.ask(ctx, q)
		if !answered(r) {
			return Verdict{}, r
		}
		v := c.GradeCall(n, r)
		if v.Class != Right || n+1 >= len(c.Steps) {
			return v, r
		}
		q = c.next(q, n, r)
	}
}

// answered reports whether there is an answer to grade: one that says nothing is
// one, and one that is larger than is read.
func answered(r probe.Reply) bool {
	return r.Sample.Outcome == probe.OK || r.Sample.Outcome == probe.Empty || r.Cut
}

// Answer is what became of one case.
type Answer struct {
	Case string
	// Verdict has no class where there was no answer: the sample says why.
	Verdict
	// Sample is that of the last request, Requests how many there were.
	Sample   probe.Sample
	Requests int
	// USD is what they cost, Unpriced how many of them nobody knows the price of.
	USD      decimal.Decimal
	Unpriced int
	// Unsupported is the field that the target does not take.
	Unsupported string
	// Example is the sanitised beginning of an answer that is not right.
	Example string
}

// maxExample bounds what is kept of an answer, in bytes.
const maxExample = 300

// purse asks, and adds up what that costs.
type purse struct {
	asker probe.Asker
	// patient ends what it waits for, not what it has asked; nil for nothing of its
	// own.
	patient  context.Context
	requests int
	usd      decimal.Decimal
	unpriced int
}

// The bounds of patience with one request.
const (
	mostTries   = 5
	longestWait = 20 * time.Second
	// untilSettled is how long a request waits whose money is only set aside for
	// others.
	untilSettled = 50 * time.Millisecond
)

// ask sends a question, and again where the client has learned to ask better, where
// the rate is limited, or where money is only set aside.
func (p *purse) ask(ctx context.Context, q probe.Question) probe.Reply {
	for try := 1; ; try++ {
		r := p.asker.Ask(ctx, q)
		wait := time.Duration(0)
		switch s := r.Sample; {
		case s.Refused != nil && s.Refused.Refusal == probe.BudgetSetAside:
			wait = untilSettled
			try--
		case r.Unsupported != "":
			p.count(s)
			return r
		case s.Outcome == probe.RateLimited:
			p.count(s)
			wait = min(cmp.Or(s.RetryAfter.Value, time.Second<<try), longestWait)
		default:
			p.count(s)
			if s.Learned == "" {
				return r
			}
		}
		waiting := ctx
		if p.patient != nil {
			waiting = p.patient
		}
		if try >= mostTries || !sleep(waiting, wait) || ctx.Err() != nil {
			return r
		}
	}
}

func (p *purse) count(s probe.Sample) {
	if s.Outcome == probe.Skipped {
		return
	}
	p.requests++
	switch {
	case s.USD.Valid:
		p.usd = p.usd.Add(s.USD.Decimal)
	case s.Status < 400 && s.Status != 0: // a refusal costs nothing
		p.unpriced++
	}
}

// sleep waits; false where ctx has ended.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Run asks the cases of a series, so many at once, and hands over each answer, one
// at a time. It gives up where the next case could only fail in the same way, and
// says why; "" where all were asked or ctx ended.
func Run(ctx context.Context, asker probe.Asker, s Series, atOnce int, took func(Answer)) (gaveUp string) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	failures := 0
	each(ctx, stop, len(s.jobs), atOnce, func(i int) {
		a := s.jobs[i].run(ctx, asker)
		mu.Lock()
		defer mu.Unlock()
		if a.Sample.Outcome != probe.Cancelled {
			took(a)
		}
		if failures++; a.Class != "" {
			failures = 0
		}
		if why := a.pointless(failures); why != "" && gaveUp == "" {
			gaveUp = why
			stop()
		}
	})
	return gaveUp
}

func (j *job) run(ctx context.Context, asker probe.Asker) Answer {
	p := &purse{asker: asker}
	v, r := j.ask(ctx, p)
	a := Answer{
		Case: j.id, Verdict: v, Sample: r.Sample, Requests: p.requests, USD: p.usd, Unpriced: p.unpriced,
		Unsupported: r.Unsupported,
	}
	if v.Class != "" && v.Class != Right {
		a.Example = exampleOf(r)
	}
	return a
}

// exampleOf is the beginning of an answer, fit to be shown.
func exampleOf(r probe.Reply) string {
	text := r.Text
	for _, c := range r.Calls {
		text += " " + probe.Sanitize(c.Name, 60) + "(" + probe.Sanitize(c.Arguments, maxExample) + ")"
	}
	return probe.Sanitize(text+r.Refusal, maxExample)
}

// failuresInARow is after how many cases without an answer a series is given up.
const failuresInARow = 5

// pointless says why no further case is to be asked, "" where there is no reason.
func (a *Answer) pointless(failures int) string {
	switch a.Sample.Outcome {
	case probe.Auth, probe.NotFound, probe.Skipped:
		return a.Sample.Error
	}
	if a.Unsupported != "" || failures >= failuresInARow {
		return a.Sample.Error
	}
	return ""
}
