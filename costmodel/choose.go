package costmodel

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Candidate is a model that may be chosen, with what is known of it. Figures that
// are not known stay as they are; latencies are then taken from what was
// published.
type Candidate struct {
	// Name is what it goes by: the label of a target, or the ID of Model.
	Name  string
	Model Model
	// Spend is what the workload costs on it.
	Spend Spend
	// TTFTp50 and TTFTp95 are in milliseconds, Speed in output tokens a second.
	TTFTp50, TTFTp95, Speed Metric
	// Malformed, ToolErrors and Quality are shares, 0 to 1. Quality is the user's, or
	// of the user's tasks.
	Malformed, ToolErrors, Quality Metric
}

// Question is what a choice is asked for.
type Question struct {
	Task        Task
	Constraints Constraints
	// Today decides what is retired.
	Today Date
}

// Place is a candidate in its list, and why it is there.
type Place struct {
	Candidate
	Verdict Verdict
	// Rank counts from 1 within the list.
	Rank int
	// Reasons say why it stands there, with the figures; the first decides.
	Reasons []string
	// Findings are how it stands to each constraint.
	Findings []Finding

	standing standing
}

// Broken returns the findings that decide the verdict: those outside where it is
// outside, those not shown where it is not shown.
func (p Place) Broken() []Finding {
	var broken []Finding
	for _, f := range p.Findings {
		if f.Verdict == p.Verdict && f.Verdict != Inside {
			broken = append(broken, f)
		}
	}
	return broken
}

// Choice is the candidates in three lists, each in the same order: those of known
// quality by spend, then the first choice and the fallback of the task, then those
// of unknown quality by spend.
type Choice struct {
	Question Question
	// Ranking has those that are inside all constraints, NotShown those of which
	// it is unknown, Excluded those that are outside of one.
	Ranking, NotShown, Excluded []Place
	// Notes say what became of the task's first choice and fallback.
	Notes []string
}

// standing is where a candidate belongs in the order of a list.
type standing uint8

const (
	ofKnownQuality standing = iota
	firstChoice
	fallbackChoice
	ofUnknownQuality
)

// Choose ranks the candidates for a task under constraints. The order does not
// depend on the order of the candidates, nor on the constraints.
func (a *Advice) Choose(c *Catalog, q Question, candidates []Candidate) Choice {
	choice := Choice{Question: q}
	named := map[string]pick{}
	for _, p := range []pick{
		{standing: firstChoice, role: "first choice", name: q.Task.First},
		{standing: fallbackChoice, role: "fallback", name: q.Task.Fallback},
	} {
		if p.resolve(c, q) {
			if _, taken := named[p.model.Model.ID]; !taken { // one model may succeed both
				named[p.model.Model.ID] = p
			}
		}
		if note := p.note(candidates); note != "" {
			choice.Notes = append(choice.Notes, note)
		}
	}
	places := make([]*Place, len(candidates)) // a place is long: it is moved once
	for i, candidate := range candidates {
		p := a.place(candidate, q, named[candidate.Model.ID])
		places[i] = &p
	}
	slices.SortStableFunc(places, before)
	lists := map[Verdict]*[]Place{Inside: &choice.Ranking, NotShown: &choice.NotShown, Outside: &choice.Excluded}
	for _, p := range places {
		list := lists[p.Verdict]
		p.Rank = len(*list) + 1
		*list = append(*list, *p)
	}
	return choice
}

// pick is a model that the task matrix names.
type pick struct {
	standing standing
	role     string // "first choice"
	name     string // as the matrix has it
	task     Task
	model    Recommended
	missing  string // why there is none
}

// resolve finds the model, or its successor.
func (p *pick) resolve(c *Catalog, q Question) (ok bool) {
	p.task = q.Task
	p.model, p.missing, ok = recommend(c, p.name, q.Today)
	return ok
}

// note says what the reader of a list would miss: that the model is replaced,
// that it is not among the candidates, or that there is none.
func (p pick) note(candidates []Candidate) string {
	if p.missing != "" {
		return fmt.Sprintf("the %s for %s cannot be had: %s", p.role, p.task.Name, p.missing)
	}
	among := slices.ContainsFunc(candidates, func(c Candidate) bool { return c.Model.ID == p.model.Model.ID })
	absent := ""
	if !among {
		absent = "not among the candidates"
	}
	if p.model.Instead.ID == "" {
		if among {
			return ""
		}
		return fmt.Sprintf("the %s for %s, %s, is %s", p.role, p.task.Name, p.model.Model.ID, absent)
	}
	text := fmt.Sprintf("the %s for %s, %s, is retired since %s: %s succeeds it",
		p.role, p.task.Name, p.model.Instead.ID, p.model.Instead.Retired, p.model.Model.ID)
	if !among {
		text += ", which is " + absent
	}
	return text
}

// reason says why the pick stands where it does.
func (p pick) reason() string {
	text := fmt.Sprintf("the task's %s for %s", p.role, p.task.Why)
	if replaces := p.model.replaces(); replaces != "" {
		text += " (" + replaces + ")"
	}
	return text
}

// place judges a candidate; named is what the matrix says of it, if anything.
func (a *Advice) place(c Candidate, q Question, named pick) Place {
	c = a.withPublished(c)
	p := Place{Candidate: c, Verdict: Inside, Findings: a.check(c, q.Constraints, q.Today), standing: ofUnknownQuality}
	if named.task.ID != "" {
		p.standing = named.standing
	}
	if c.Quality.Known() {
		p.standing = ofKnownQuality
	}
	for _, f := range p.Findings {
		switch {
		case f.Verdict == Outside:
			p.Verdict = Outside
		case f.Verdict == NotShown && p.Verdict == Inside:
			p.Verdict = NotShown
		}
	}
	for _, f := range p.Broken() {
		p.Reasons = append(p.Reasons, f.Reason)
	}
	if named.task.ID != "" {
		p.Reasons = append(p.Reasons, named.reason())
	}
	p.Reasons = append(p.Reasons, c.order(q.Constraints)...)
	if days, ok := c.Model.DaysLeft(q.Today); ok && days > 0 && days <= RetiresSoon {
		p.Reasons = append(p.Reasons, fmt.Sprintf("ends in %d d", days))
	}
	for _, f := range p.Findings {
		if f.Verdict == Inside {
			p.Reasons = append(p.Reasons, f.Reason)
		}
	}
	p.Reasons = append(p.Reasons, c.latency(q.Constraints)...)
	return p
}

// order says what ranks the candidate among its like, as far as no constraint
// says it: its quality and its cost.
func (c Candidate) order(q Constraints) []string {
	var parts []string
	switch {
	case q.MaxMonthly != nil:
	case c.Spend.Known:
		parts = append(parts, "$"+explainUSD(c.Spend.PerMonth, 2)+" a month")
	default:
		parts = append(parts, "cost unknown: "+c.Spend.Reason)
	}
	switch {
	case q.MinQuality != nil:
	case c.Quality.Known():
		parts = append(parts, "quality "+scale{factor: 1, places: 3}.figure(c.Quality))
	default:
		parts = append(parts, "quality unknown")
	}
	return parts
}

// latency says what is known of the speed, and of what answers are worth, that no
// constraint has said.
func (c Candidate) latency(q Constraints) []string {
	var parts []string
	if c.TTFTp50.Known() && q.MaxTTFTp95 == nil {
		parts = append(parts, "first token median "+scale{unit: " ms", factor: 1}.figure(c.TTFTp50))
	}
	if c.ToolErrors.Known() {
		parts = append(parts, "tool errors "+scale{unit: " %", factor: percent, places: 2, counted: true}.figure(c.ToolErrors))
	}
	if c.Malformed.Known() && q.MaxMalformed == nil {
		parts = append(parts, "malformed "+scale{unit: " %", factor: percent, places: 2, counted: true}.figure(c.Malformed))
	}
	if c.Speed.Known() && q.MinSpeed == nil {
		parts = append(parts, "speed "+scale{unit: " tok/s", factor: 1, places: 1}.figure(c.Speed))
	}
	return parts
}

// withPublished fills in what was published where nothing was measured. A
// published figure is the model's wherever it is hosted by the one that the
// catalog names, and nobody else's.
func (a *Advice) withPublished(c Candidate) Candidate {
	published := a.published[fold(c.Model.ID)]
	if !c.TTFTp50.Known() && !c.TTFTp95.Known() {
		c.TTFTp50 = published.ttft
	}
	if !c.Speed.Known() {
		c.Speed = published.speed
	}
	return c
}

// before orders places: by standing, then by spend with the unknown last, then the
// better quality, then by name, so that the order is one whatever comes in.
func before(a, b *Place) int {
	if c := cmp.Compare(a.standing, b.standing); c != 0 {
		return c
	}
	return cmp.Or(
		compareSpend(a.Spend, b.Spend),
		cmp.Compare(b.Quality.Value, a.Quality.Value),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Model.ID, b.Model.ID),
	)
}

// compareSpend orders by the spend a month, unknown after every known one.
func compareSpend(a, b Spend) int {
	switch {
	case a.Known && b.Known:
		return a.PerMonth.Cmp(b.PerMonth)
	case a.Known:
		return -1
	case b.Known:
		return 1
	}
	return 0
}

// Answer is the choice in one sentence.
func (c Choice) Answer() string {
	if len(c.Ranking) > 0 {
		first := c.Ranking[0]
		return fmt.Sprintf("Use %s for %s: %s.", first.Name, c.Question.Task.Name, strings.Join(first.Reasons, "; "))
	}
	if len(c.NotShown) > 0 {
		near := c.NotShown[0]
		return fmt.Sprintf("No model is shown to be inside all limits for %s. The nearest is %s: %s.",
			c.Question.Task.Name, near.Name, strings.Join(near.Reasons, "; "))
	}
	return fmt.Sprintf("No model is inside all limits for %s.", c.Question.Task.Name)
}
