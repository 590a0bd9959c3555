package cli

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/report"
)

// The JSON of costping.pipeline/1. Money is decimal strings, what is unknown null.
type (
	pipelineJSON struct {
		Schema       string           `json:"schema"`
		Pipeline     string           `json:"pipeline"`
		Basis        string           `json:"basis,omitempty"`
		Volume       costmodel.Volume `json:"volume"`
		DaysPerMonth json.Number      `json:"days_per_month"`
		USDPerItem   *costmodel.USD   `json:"usd_per_item"`
		USDPerDay    *costmodel.USD   `json:"usd_per_day"`
		USDPerMonth  *costmodel.USD   `json:"usd_per_month"`
		Reason       string           `json:"reason,omitempty"`
		Stages       []stageJSON      `json:"stages"`
		// AllOn are the same stages all on one model. A saving is by how much the
		// pipeline is below that, negative where it is above.
		AllOn []allOnJSON `json:"all_on"`
	}
	stageJSON struct {
		Stage        string         `json:"stage"`
		Model        string         `json:"model"`
		Share        json.Number    `json:"share"`
		InputTokens  int64          `json:"input_tokens"`
		OutputTokens int64          `json:"output_tokens"`
		USDPerItem   *costmodel.USD `json:"usd_per_item"`
		USDPerDay    *costmodel.USD `json:"usd_per_day"`
		Percent      json.Number    `json:"percent"`
	}
	allOnJSON struct {
		Model         string         `json:"model"`
		USDPerItem    *costmodel.USD `json:"usd_per_item"`
		USDPerDay     *costmodel.USD `json:"usd_per_day"`
		USDPerMonth   *costmodel.USD `json:"usd_per_month"`
		SavingPerDay  *costmodel.USD `json:"saving_usd_per_day"`
		SavingMonth   *costmodel.USD `json:"saving_usd_per_month"`
		SavingPercent json.Number    `json:"saving_percent,omitempty"`
	}
)

// piped is a pipeline with what it costs, as it is printed.
type piped struct{ compare.Piped }

// pipelineFlags are those that a pipeline takes beside its name.
var pipelineFlags = []string{"volume", "days", "model", "on", "output", "pipeline"}

// runPipeline prints what a pipeline costs.
func (c *costCommand) runPipeline(given func(flag string) bool, all []string, format report.Format) error {
	for _, flag := range all {
		if given(flag) && !slices.Contains(pipelineFlags, flag) {
			return usage("a pipeline takes --volume, --days, --on and --model; its stages say the rest",
				"--pipeline and --%s cannot be used together", flag)
		}
	}
	preset, err := c.pipelineNamed()
	if err != nil {
		return err
	}
	if given("volume") {
		if preset.Volume, err = costmodel.ParseVolume(c.volume); err != nil {
			return hinted("volume", err)
		}
	}
	days, err := c.daysPerMonth(c.day)
	if err != nil {
		return err
	}
	perDay, ok := costmodel.Workload{Volume: preset.Volume, DaysPerMonth: days}.ItemsPerDay()
	if unit := preset.Volume.Unit(); !ok || unit == costmodel.Users {
		return usage(`give the items that go through, such as --volume "500 calls/day"`, "the volume of a pipeline cannot be in %s", unit)
	}
	catalog, err := c.catalog()
	if err != nil {
		return err
	}
	p, err := compare.PipedOf(preset, perDay, days, func(name string) (costmodel.Price, error) { return c.priceOf(catalog, name) }, c.models...)
	if err != nil {
		return err
	}
	return c.printPipeline(piped{p}, format)
}

// pipelineNamed is the configured pipeline of the name, else the built-in one.
func (c *costCommand) pipelineNamed() (costmodel.PipelinePreset, error) {
	configured, err := c.configuration()
	if err != nil {
		return costmodel.PipelinePreset{}, err
	}
	for _, p := range configured.Pipelines {
		if p.Name == c.pipeline {
			return presetOf(p), nil
		}
	}
	return costmodel.LookupPipeline(c.pipeline)
}

// presetOf is a configured pipeline like a built-in one.
func presetOf(p config.Pipeline) costmodel.PipelinePreset {
	return costmodel.PipelinePreset{Name: p.Name, Volume: p.Volume, Stages: slices.Clone(p.Stages)}
}

// pipelinesOf are those of a configuration and then the built-in ones.
func pipelinesOf(c config.Config) []costmodel.PipelinePreset {
	var all []costmodel.PipelinePreset
	for _, p := range c.Pipelines {
		all = append(all, presetOf(p))
	}
	return append(all, costmodel.PipelinePresets()...)
}

// priceOf is the price by the token of what is named.
func (c *costCommand) priceOf(catalog *costmodel.Catalog, name string) (costmodel.Price, error) {
	o, err := c.offerNamed(catalog, name, c.day)
	if err == nil && o.machine() {
		err = usage("give it a price by the token, or name another model", "%s is a machine of your own, and has no price for a call", o.Name)
	}
	return o.Price, err
}

func (c *costCommand) printPipeline(p piped, format report.Format) error {
	if format == report.JSON {
		return writeJSON(c.stdout, p.document())
	}
	if format != report.CSV {
		head := fmt.Sprintf("Pipeline %s, %s, a month of %s days:", p.Preset.Name, p.Preset.Volume, p.Days)
		if p.Preset.Basis != "" {
			head += "\n" + report.Drawing{Width: c.lineWidth()}.Fold("", "Basis: "+p.Preset.Basis+".", 2)
		} else {
			head += "\n"
		}
		if _, err := fmt.Fprintf(c.stdout, "%s\n", head); err != nil {
			return err
		}
	}
	return c.writeTable(p.table(), format)
}

// table has a row a stage, their sum, and the same on one model.
func (p piped) table() report.Table {
	one := p.Preset.Volume.Unit().One()
	t := report.Table{Columns: []report.Column{
		{Title: "STAGE", Key: "stage"},
		{Title: "MODEL", Key: "model"},
		{Title: "REACHED", Key: "share", Right: true, Spare: true},
		{Title: "IN", Key: "input_tokens", Right: true},
		{Title: "OUT", Key: "output_tokens", Right: true},
		{Title: "$/" + strings.ToUpper(one), Key: "usd_per_" + one, Right: true},
		{Title: "$/DAY", Key: "usd_per_day", Right: true},
		{Title: "$/MONTH", Key: "usd_per_month", Right: true},
		{Title: "NOTE", Key: "note"},
	}}
	money := func(u costmodel.USD, places int, known bool) report.Cell {
		if !known {
			return report.Cell{Text: "?"}
		}
		return report.Cell{Text: u.Format(places), Raw: u.String()}
	}
	row := func(stage, model string, shape []report.Cell, item, day, month costmodel.USD, known bool, note string) {
		cells := append([]report.Cell{{Text: stage, Raw: stage}, {Text: model, Raw: model}}, shape...)
		t.Rows = append(t.Rows, append(cells, money(item, 6, known), money(day, 3, known), money(month, 2, known), report.Cell{Text: note, Raw: note}))
	}
	for _, s := range p.Stages {
		share := shareOf(s.Stage)
		shape := []report.Cell{
			{Text: plain(new(big.Rat).Mul(share, big.NewRat(100, 1))) + "%", Raw: plain(share)},
			tokensCell(s.Stage.Shape.In), tokensCell(s.Stage.Shape.Out),
		}
		note := ""
		if p.Known {
			note = s.Percent.FloatString(1) + " % of it"
		}
		row(s.Stage.Name, s.Stage.Model, shape, s.PerItem, s.PerDay, s.PerDay.Mul(p.Days.Rat()), s.Known, note)
	}
	none := make([]report.Cell, 3)
	row("together", "", none, p.PerItem, p.PerDay, p.PerMonth, p.Known, p.Reason)
	for _, o := range p.AllOn {
		note := o.Reason
		if saving, ok := p.SavingAgainst(o.PipelineSpend); ok {
			word, amount, share := "saves", saving.PerMonth, saving.Percent
			if amount.Sign() < 0 {
				word, amount, share = "costs", costmodel.USD{}.Sub(amount), new(big.Rat).Neg(share)
			}
			note = fmt.Sprintf("the pipeline %s $%s a month (%s %%)", word, amount.Format(2), share.FloatString(1))
			if word == "costs" {
				note += " more"
			}
		}
		row("all on one", o.Model, none, o.PerItem, o.PerDay, o.PerMonth, o.Known, note)
	}
	return t
}

// tokensCell is a count of tokens of which 0 is one, too.
func tokensCell(n int64) report.Cell {
	return report.Cell{Text: grouped(n), Raw: strconv.FormatInt(n, 10)}
}

// shareOf is the part of the items that reach a stage.
func shareOf(s costmodel.Stage) *big.Rat {
	if s.Share == nil {
		return big.NewRat(1, 1)
	}
	return s.Share
}

func (p piped) document() pipelineJSON {
	doc := pipelineJSON{
		Schema: "costping.pipeline/1", Pipeline: p.Preset.Name, Basis: p.Preset.Basis, Volume: p.Preset.Volume,
		DaysPerMonth: number(p.Days.Rat()), Reason: p.Reason, AllOn: []allOnJSON{},
	}
	known := func(u costmodel.USD, ok bool) *costmodel.USD {
		if !ok {
			return nil
		}
		return &u
	}
	doc.USDPerItem, doc.USDPerDay, doc.USDPerMonth = known(p.PerItem, p.Known), known(p.PerDay, p.Known), known(p.PerMonth, p.Known)
	for _, s := range p.Stages {
		doc.Stages = append(doc.Stages, stageJSON{
			Stage: s.Stage.Name, Model: s.Stage.Model, Share: number(shareOf(s.Stage)), InputTokens: s.Stage.Shape.In,
			OutputTokens: s.Stage.Shape.Out, USDPerItem: known(s.PerItem, s.Known), USDPerDay: known(s.PerDay, s.Known), Percent: number(s.Percent),
		})
	}
	for _, o := range p.AllOn {
		row := allOnJSON{
			Model: o.Model, USDPerItem: known(o.PerItem, o.Known), USDPerDay: known(o.PerDay, o.Known), USDPerMonth: known(o.PerMonth, o.Known),
		}
		if saving, ok := p.SavingAgainst(o.PipelineSpend); ok {
			row.SavingPerDay, row.SavingMonth, row.SavingPercent = &saving.PerDay, &saving.PerMonth, number(saving.Percent)
		}
		doc.AllOn = append(doc.AllOn, row)
	}
	return doc
}
