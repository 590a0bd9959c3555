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
	Days   costmodel.DaysPerMonth
	// ItemsPerDay is how many go through.
	ItemsPerDay *big.Rat
	AllOn       []OnOne
}

// OnOne is a pipeline with every stage on one model.
type OnOne struct {
	Model string
	costmodel.PipelineSpend
}

// PipedOf prices a pipeline of so many items a day: as its stages are, all on each of
// its models, and all on further ones. Prices come by the names of the models; a price
// that is not known leaves the spend unknown, an error ends it.
func PipedOf(preset costmodel.PipelinePreset, itemsPerDay *big.Rat, days costmodel.DaysPerMonth, priceOf func(model string) (costmodel.Price, error), further ...string) (Piped, error) {
	p := Piped{Preset: preset, Days: days, ItemsPerDay: itemsPerDay}
	stages := slices.Clone(preset.Stages)
	names := make([]string, 0, len(stages)+len(further))
	for _, stage := range stages {
		names = append(names, stage.Model)
	}
	prices := map[string]costmodel.Price{}
	var models []string
	for _, name := range append(names, further...) {
		if _, known := prices[name]; known || name == "" {
			continue
		}
		price, err := priceOf(name)
		if err != nil {
			return p, err
		}
		prices[name], models = price, append(models, name)
	}
	for i := range stages {
		stages[i].Price = prices[stages[i].Model]
	}
	pipeline, err := costmodel.NewPipeline(preset.Name, stages...)
	if err != nil {
		return p, err
	}
	p.PipelineSpend = pipeline.Spend(itemsPerDay, days)
	for _, name := range models {
		p.AllOn = append(p.AllOn, OnOne{name, pipeline.AllOn(name, prices[name]).Spend(itemsPerDay, days)})
	}
	return p, nil
}

// Against says what the pipeline saves beside all of it on one model: "all on gpt-4o
// $1,800.00 a day: this is $1,459.98 a day less (81.1 %)"; longest form first, no figure
// of which is cut.
func (p Piped) Against(o OnOne) []string {
	if !o.Known {
		return []string{"all on " + o.Model + ": unknown, " + o.Reason, "all on " + o.Model + ": unknown"}
	}
	text := fmt.Sprintf("all on %s $%s a day", o.Model, o.PerDay.Format(2))
	saving, ok := p.SavingAgainst(o.PipelineSpend)
	percent, _ := saving.Percent.Float64()
	switch {
	case !ok:
		return []string{text}
	case saving.PerDay.Sign() < 0:
		return []string{text + fmt.Sprintf(": this is $%s a day more", costmodel.USD{}.Sub(saving.PerDay).Format(2)), text}
	case saving.PerDay.Sign() == 0:
		return []string{text + ": the same", text}
	}
	return []string{text + fmt.Sprintf(": this is $%s a day less (%.1f%%)", saving.PerDay.Format(2), percent), text}
}
