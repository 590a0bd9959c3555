package cli

import (
	"encoding/json"
	"math/big"
	"strings"

	"costping/costmodel"
	"costping/ui/compare"
)

// The JSON of costping.cost/1. Money is decimal strings, what is unknown null.
type (
	costJSON struct {
		Schema   string       `json:"schema"`
		Workload workloadJSON `json:"workload"`
		// On is the day whose prices are shown.
		On costmodel.Date `json:"on"`
		// ComputedPer is the period in which the volume is given: its amount is
		// computed and the others follow, a year being 12 months.
		ComputedPer string `json:"computed_per"`
		// Preset is where the workload is from, left out where it was given in full.
		Preset *presetJSON   `json:"preset,omitempty"`
		Rows   []costRowJSON `json:"rows"`
	}
	presetJSON struct {
		Name  string `json:"name"`
		Basis string `json:"basis"`
	}
	workloadJSON struct {
		Volume       costmodel.Volume `json:"volume"`
		Split        costmodel.Split  `json:"split"`
		DaysPerMonth json.Number      `json:"days_per_month"`
		// InputTokens and OutputTokens are of one item, UserTokens of one user.
		InputTokens  json.Number    `json:"input_tokens_per_item,omitempty"`
		OutputTokens json.Number    `json:"output_tokens_per_item,omitempty"`
		UserTokens   json.Number    `json:"tokens_per_user,omitempty"`
		Cached       json.Number    `json:"cached_percent,omitempty"`
		CacheWrite   json.Number    `json:"cache_write_percent,omitempty"`
		Batch        json.Number    `json:"batch_percent,omitempty"`
		Retries      json.Number    `json:"retries_percent,omitempty"`
		Malformed    json.Number    `json:"malformed_percent,omitempty"`
		Review       *costmodel.USD `json:"usd_per_review,omitempty"`
		Thinking     json.Number    `json:"thinking_factor,omitempty"`
		Growth       json.Number    `json:"growth_percent_per_month,omitempty"`
	}
	costRowJSON struct {
		// Target is the configured one that was asked for, left out for a model.
		Target      string         `json:"target,omitempty"`
		Model       string         `json:"model"`
		Name        string         `json:"name"`
		Provider    string         `json:"provider"`
		USDPerDay   *costmodel.USD `json:"usd_per_day"`
		USDPerMonth *costmodel.USD `json:"usd_per_month"`
		USDPerYear  *costmodel.USD `json:"usd_per_year"`
		// USDPerItem is null for a volume of tokens, which has no items.
		USDPerItem *costmodel.USD `json:"usd_per_item"`
		// Malformed is the measured share of answers that cannot be used, which the
		// amounts leave out; USDPerUsable what an item costs that can.
		Malformed    *figureJSON    `json:"malformed_measured,omitempty"`
		USDPerUsable *costmodel.USD `json:"usd_per_usable_item,omitempty"`
		// USDFirstYear are the next 12 months as the volume grows.
		USDFirstYear *costmodel.USD  `json:"usd_12_months,omitempty"`
		Reason       string          `json:"reason,omitempty"`
		LineItems    []lineItemJSON  `json:"line_items"`
		Notes        []string        `json:"notes,omitempty"`
		Arithmetic   []stepJSON      `json:"arithmetic,omitempty"`
		Price        costmodel.Price `json:"price"`
		// Retired is null while the model can be had; Retires is its announced end.
		Retired costmodel.Date `json:"retired"`
		Retires costmodel.Date `json:"retires"`
	}
	lineItemJSON struct {
		Charge    costmodel.Charge `json:"charge"`
		USDPerDay *costmodel.USD   `json:"usd_per_day"`
	}
	stepJSON struct {
		What   string `json:"what"`
		How    string `json:"how"`
		Result string `json:"result,omitempty"`
	}
)

func (c *costCommand) document(rows []costRow, w costmodel.Workload) costJSON {
	doc := costJSON{Schema: "costping.cost/1", Workload: workloadOf(w), On: c.day, ComputedPer: w.Volume.Period().String(), Rows: make([]costRowJSON, len(rows))}
	if p, err := costmodel.LookupPreset(c.preset); err == nil {
		doc.Preset = &presetJSON{p.Name, p.Basis}
	}
	for i, r := range rows {
		doc.Rows[i] = c.row(r)
	}
	return doc
}

func (c *costCommand) row(r costRow) costRowJSON {
	row := costRowJSON{
		Target: r.target(), Model: r.Model.ID, Name: r.Model.Name, Provider: r.Model.Provider,
		Reason: r.spend.Reason, Price: r.Price, Notes: append(r.spend.Notes(), r.notes...),
	}
	row.USDPerDay, row.USDPerMonth = knownUSD(r.spend)
	if r.spend.Known {
		row.USDPerYear = &r.spend.PerYear
	}
	if each, ok := r.spend.PerTask(); ok {
		row.USDPerItem = &each
	}
	row.Malformed = figureOf(compare.RateMetric(r.malformed))
	if usable, ok := compare.Successful(r.spend, compare.Usable(r.malformed)); ok {
		row.USDPerUsable = &usable
	}
	if r.spend.Known && !r.spend.Workload.Growth.IsZero() {
		year := r.spend.Over(firstYear)
		row.USDFirstYear = &year
	}
	for _, item := range r.spend.LineItems {
		line := lineItemJSON{Charge: item.Charge}
		if item.Known {
			line.USDPerDay = &item.PerDay
		}
		row.LineItems = append(row.LineItems, line)
	}
	if c.explain {
		for _, step := range r.spend.Steps() {
			row.Arithmetic = append(row.Arithmetic, stepJSON(step))
		}
	}
	if r.Model.RetiredOn(c.day) {
		row.Retired = r.Model.Retired
	} else {
		row.Retires = r.Model.Retired
	}
	return row
}

func workloadOf(w costmodel.Workload) workloadJSON {
	doc := workloadJSON{
		Volume: w.Volume, Split: w.Split, DaysPerMonth: number(w.DaysPerMonth.Rat()),
		Cached: percentOf(w.Cached), CacheWrite: percentOf(w.CacheWrite), Batch: percentOf(w.Batch),
		Retries: percentOf(w.Retries), Malformed: percentOf(w.Malformed), Growth: percentOf(w.Growth),
	}
	if input, ok := w.RequestInput(); ok {
		doc.InputTokens = number(input)
		doc.OutputTokens = number(new(big.Rat).Sub(w.PerItem.Rat(), input))
	} else if w.PerItem.Given() {
		doc.UserTokens = number(w.PerItem.Rat())
	}
	if w.Thinking.Given() {
		doc.Thinking = number(w.Thinking.Rat())
	}
	if !w.Malformed.IsZero() {
		doc.Review = &w.Review
	}
	return doc
}

// percentOf is a share in percent, "" for 0.
func percentOf(s costmodel.Share) json.Number {
	if s.IsZero() {
		return ""
	}
	return json.Number(strings.TrimSuffix(s.String(), "%"))
}

// number is a count as JSON writes it.
func number(r *big.Rat) json.Number {
	if r.IsInt() {
		return json.Number(r.Num().String())
	}
	return json.Number(costmodel.NewUSD(r).String()) // ten places
}

// knownUSD are the amounts a day and a month, nil where they are unknown.
func knownUSD(s costmodel.Spend) (day, month *costmodel.USD) {
	if !s.Known {
		return nil, nil
	}
	return &s.PerDay, &s.PerMonth
}
