package compare

import (
	"fmt"
	"math/big"
	"slices"

	"costping/costmodel"
)

// Piped is what a pipeline costs, beside the same stages all on one model.
type Piped struct {
	costmodel.PipelineSpend
	Preset costmodel.PipelinePreset
	// ItemsPerDay is how many go through.
	ItemsPerDay *big.Rat
	AllOn       []OnOne
}

// OnOne is a pipeline with every stage on one model.
type OnOne struct {
	Model string
	costmodel.PipelineSpend
}

// PipedOf prices a pipeline of so many times its items: as its stages are, all on
// each of its models, and all on further ones that the catalog has.
func PipedOf(preset costmodel.PipelinePreset, times *big.Rat, days costmodel.DaysPerMonth, catalog *costmodel.Catalog, today costmodel.Date, further ...costmodel.Model) (Piped, error) {
	p := Piped{Preset: preset}
	work := costmodel.Workload{Volume: preset.Volume, DaysPerMonth: days}
	perDay, ok := work.ItemsPerDay()
	if !ok {
		return p, &costmodel.InputError{What: "the volume of a pipeline is in items"}
	}
	p.ItemsPerDay = perDay.Mul(perDay, times)
	stages := slices.Clone(preset.Stages)
	var models []costmodel.Model
	for i := range stages {
		m, found := catalog.Lookup(stages[i].Model)
		if !found {
			continue // its price stays unknown, which the spend says
		}
		stages[i].Price = m.PriceOn(today)
		models = append(models, m)
	}
	pipeline, err := costmodel.NewPipeline(preset.Name, stages...)
	if err != nil {
		return p, err
	}
	p.PipelineSpend = pipeline.Spend(p.ItemsPerDay, days)
	for _, m := range append(models, further...) {
		if m.ID == "" || slices.ContainsFunc(p.AllOn, func(o OnOne) bool { return o.Model == m.ID }) {
			continue
		}
		p.AllOn = append(p.AllOn, OnOne{m.ID, pipeline.AllOn(m.ID, m.PriceOn(today)).Spend(p.ItemsPerDay, days)})
	}
	return p, nil
}

// Against says what the pipeline saves beside all of it on one model: "all on gpt-4o
// $1,800.00 a day: this is $1,459.98 a day less (81.1 %)".
func (p Piped) Against(o OnOne) string {
	if !o.Known {
		return "all on " + o.Model + ": unknown, " + o.Reason
	}
	text := fmt.Sprintf("all on %s $%s a day", o.Model, o.PerDay.Format(2))
	saving, ok := p.SavingAgainst(o.PipelineSpend)
	percent, _ := saving.Percent.Float64()
	switch {
	case !ok:
		return text
	case saving.PerDay.Sign() < 0:
		return text + fmt.Sprintf(": this is $%s a day more", costmodel.USD{}.Sub(saving.PerDay).Format(2))
	case saving.PerDay.Sign() == 0:
		return text + ": the same"
	}
	return text + fmt.Sprintf(": this is $%s a day less (%.1f%%)", saving.PerDay.Format(2), percent)
}
