package costmodel

import (
	"fmt"
	"math/big"
)

// Shape is the tokens of one item, be it a message, a request or a call: In of
// input and Out of output, both 0 or more.
type Shape struct{ In, Out int64 }

// Cost returns what one item costs at a price, in the tier of its length, and
// whether that is known.
func (s Shape) Cost(p Price) (USD, bool) { return p.Cost(s.In, s.Out) }

// Stage is one step of a pipeline: a call of a model.
type Stage struct {
	// Name says what the stage does, Model which model it asks.
	Name, Model string
	Price       Price
	// Share is the part of the items that reach the stage, 0 to 1; nil is all.
	Share *big.Rat
	// Shape is the tokens of one call.
	Shape Shape
}

// share returns the part of the items, for reading only.
func (s Stage) share() *big.Rat {
	if s.Share == nil {
		return integer(1)
	}
	return s.Share
}

// Pipeline is what each item of a workload goes through.
type Pipeline struct {
	Name   string
	Stages []Stage
}

// NewPipeline returns a pipeline. It is an *InputError where there are no stages,
// a share is not from 0 to 1, or a number of tokens is negative.
func NewPipeline(name string, stages ...Stage) (Pipeline, error) {
	refuse := func(format string, args ...any) (Pipeline, error) {
		return Pipeline{}, &InputError{
			What: "pipeline " + quote(name) + " " + fmt.Sprintf(format, args...),
			Hint: "give each stage a model, a share of the items from 0 to 1 and the tokens of one call",
		}
	}
	if len(stages) == 0 {
		return refuse("has no stages")
	}
	p := Pipeline{Name: name}
	for _, s := range stages {
		if s.Share != nil {
			s.Share = new(big.Rat).Set(s.Share)
		}
		switch {
		case s.share().Sign() < 0 || s.share().Cmp(integer(1)) > 0:
			return refuse("has stage %s with a share that is not from 0 to 1", quote(s.Name))
		case min(s.Shape.In, s.Shape.Out) < 0:
			return refuse("has stage %s with a negative number of tokens", quote(s.Name))
		}
		p.Stages = append(p.Stages, s)
	}
	return p, nil
}

// AllOn returns the same pipeline with every stage on one model.
func (p Pipeline) AllOn(model string, price Price) Pipeline {
	all := Pipeline{Name: "all on " + model}
	for _, s := range p.Stages {
		s.Model, s.Price = model, price
		all.Stages = append(all.Stages, s)
	}
	return all
}

// StageSpend is what one stage adds to the spend.
type StageSpend struct {
	Stage Stage
	// PerItem is what it costs per item of the pipeline: the call times the
	// share. It means something only where Known.
	PerItem USD
	PerDay  USD
	// Percent is the part of the pipeline's spend, 0 where that is 0.
	Percent *big.Rat
	Known   bool
}

// PipelineSpend is what a pipeline costs. The amounts are exact: the stages add
// up to PerItem and PerDay.
type PipelineSpend struct {
	Pipeline Pipeline
	// Known is false where a stage uses a rate that is unknown; Reason names it.
	// The amounts are then 0 and mean nothing.
	Known    bool
	Reason   string
	PerItem  USD
	PerDay   USD
	PerMonth USD
	Stages   []StageSpend
}

// Spend returns what the pipeline costs for so many items a day. Each call is
// priced in the tier that its own length takes.
func (p Pipeline) Spend(itemsPerDay *big.Rat, days DaysPerMonth) PipelineSpend {
	s := PipelineSpend{Pipeline: p, Known: true}
	for _, stage := range p.Stages {
		call, known := stage.Shape.Cost(stage.Price)
		if stage.share().Sign() == 0 {
			call, known = USD{}, true // nothing reaches it
		}
		perItem := call.Mul(stage.share())
		s.Stages = append(s.Stages, StageSpend{
			Stage: stage, PerItem: perItem, PerDay: perItem.Mul(itemsPerDay), Percent: new(big.Rat), Known: known,
		})
		if !known && s.Known {
			s.Known = false
			s.Reason = fmt.Sprintf("what stage %s costs on %s is unknown", quote(stage.Name), stage.Model)
		}
		s.PerItem = s.PerItem.Add(perItem)
	}
	if !s.Known {
		s.PerItem = USD{}
		return s
	}
	s.PerDay = s.PerItem.Mul(itemsPerDay)
	s.PerMonth = s.PerDay.Mul(days.rat())
	for i := range s.Stages {
		if s.PerItem.Sign() > 0 {
			part := new(big.Rat).Quo(s.Stages[i].PerItem.rat(), s.PerItem.rat())
			s.Stages[i].Percent = part.Mul(part, integer(percent))
		}
	}
	return s
}

// Saving is by how much one spend is below another; negative where it is above.
type Saving struct {
	PerItem, PerDay, PerMonth USD
	// Percent is of the other spend, 0 where that is 0.
	Percent *big.Rat
}

// SavingAgainst returns by how much s is below other, such as the same pipeline
// all on one model; ok is false where either spend is unknown.
func (s PipelineSpend) SavingAgainst(other PipelineSpend) (saving Saving, ok bool) {
	if !s.Known || !other.Known {
		return Saving{}, false
	}
	saving = Saving{
		PerItem: other.PerItem.Sub(s.PerItem), PerDay: other.PerDay.Sub(s.PerDay), PerMonth: other.PerMonth.Sub(s.PerMonth),
		Percent: new(big.Rat),
	}
	if whole := other.PerItem.rat(); whole.Sign() > 0 {
		saving.Percent.Quo(saving.PerItem.rat(), whole)
		saving.Percent.Mul(saving.Percent, integer(percent))
	}
	return saving, true
}
