package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"math/big"
	"strconv"
	"strings"

	"costping/costmodel"
	"costping/ui/compare"
)

// The parts of the page. Style and script are named by their hashes in the policy of
// the page, so that nothing else in it is either.
var (
	//go:embed page/page.html
	pageText string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string

	pageTemplate = template.Must(template.New("page").Parse(pageText))
)

// page is what the template shows.
type page struct {
	StyleHash, ScriptHash               string
	Style                               template.CSS
	Script                              template.JS
	Lead, Workload, Days, Note, RestsOn string
	ProbeCost, LimitText                string
	// Command gives the pick's amount; NoCommand says why none does.
	Command, NoCommand         string
	Tool, Schema, Sum, TakenAt string
	Definition                 string
	DefinitionVersion          int
	Demo                       bool
	Limits                     []string
	HasMalformed, HasTools     bool
	Rows                       []pageRow
	Words                      []titled
	Scatter, Series            template.HTML
	Lined                      string // how many have a line, where not all do
	Model, Record              template.JS
}

type titled struct{ Title, Text string }

// pageRow is a row with the values that it is sorted by.
type pageRow struct {
	rowView
	Index                                 int
	Class, NText, PriceText               string
	DayValue, MonthValue, TTFTValue       string
	P95Value, SpeedValue, AnswerValue     string
	FailedValue, QualityValue             string
	MalformedValue, ToolsValue            string
	OverDay, OverMonth                    bool
	OverP50, OverP95, OverFailed          bool
	OverMalformed, OverTools, OverQuality bool
	Verdict, Provider, Why, Target        string
}

// html is one file that asks nobody for anything: text, style, script and record.
func (v *view) html(Options) ([]byte, error) {
	r := v.record
	record, err := json.Marshal(r) // escapes what could end a script element
	if err != nil {
		return nil, err
	}
	model, err := json.Marshal(v.model())
	if err != nil {
		return nil, err
	}
	scatter, err := v.scatterFigure()
	if err != nil {
		return nil, err
	}
	series, err := v.seriesFigure()
	if err != nil {
		return nil, err
	}
	command, words := v.amountFrom()
	p := page{
		StyleHash: hash(pageStyle), ScriptHash: hash(pageScript),
		Style: template.CSS(pageStyle), Script: template.JS(pageScript),
		Lead: v.lead(), Workload: r.Workload.Named(), Days: r.Workload.Days, Note: r.Note,
		RestsOn: v.restsOn(), ProbeCost: v.measuringCost(), LimitText: v.limitOnTail(), Command: command, NoCommand: words,
		Tool: r.Tool, Schema: r.Schema, Sum: v.sum, TakenAt: r.TakenAt.Format("2006-01-02 15:04 UTC"),
		Definition: r.Measurement.Text, DefinitionVersion: r.Measurement.Version, Demo: r.Demo, Limits: v.limitTexts(),
		Scatter: scatter, Series: series, Lined: v.unlined(),
		Model: template.JS(model), Record: template.JS(record),
	}
	p.HasMalformed, p.HasTools = v.any()
	for _, w := range []titled{{"Budget", v.budget()}, {"Another?", v.instead()}, {"Risks", strings.Join(v.risks(), "; ")}, {"Prices", v.priceText()}} {
		if w.Text != "" {
			w.Text = strings.TrimSuffix(w.Text, ".") + "."
			p.Words = append(p.Words, w)
		}
	}
	for i, row := range v.rows {
		p.Rows = append(p.Rows, v.pageRow(i, row))
	}
	var b bytes.Buffer
	err = pageTemplate.Execute(&b, p)
	return b.Bytes(), err
}

// hash is a text's name in a Content-Security-Policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func (v *view) pageRow(i int, row rowView) pageRow {
	s := row.Summary
	p := pageRow{
		rowView: row, Index: i, NText: row.N, PriceText: priceOf(row), Target: row.Target, Provider: row.Provider, Why: row.Why,
		DayValue: valueOf(row.Spend, row.Spend.PerDay), MonthValue: valueOf(row.Spend, row.Spend.PerMonth),
		TTFTValue: rawQuantile(s.TTFTp50), P95Value: rawQuantile(s.TTFTp95), SpeedValue: rawQuantile(s.Speedp50), AnswerValue: rawQuantile(s.E2Ep50),
		OverDay: row.Breaks(compare.LimitMaxDaily), OverMonth: row.Breaks(compare.LimitMaxMonthly),
		OverP50: row.Breaks(compare.LimitTTFTp50), OverP95: row.Breaks(compare.LimitTTFTp95), OverFailed: row.Breaks(compare.LimitMaxErrorRate),
		OverMalformed: row.Breaks(compare.LimitMaxMalformed), OverTools: row.Breaks(compare.LimitMaxToolErrors), OverQuality: row.Breaks(compare.LimitMinQuality),
		Verdict: row.verdictText(),
	}
	if ok := s.Success(); row.Has && ok.N > 0 {
		p.FailedValue = strconv.FormatFloat(1-ok.Value(), 'f', 6, 64)
	}
	if q := row.Quality; q.Known() {
		p.QualityValue = strconv.FormatFloat(q.Value, 'f', -1, 64)
	}
	if m := row.Malformed; m.Known() {
		p.MalformedValue = strconv.FormatFloat(m.Value, 'f', 6, 64)
	}
	if e := row.ToolErrors; e.Known() {
		p.ToolsValue = strconv.FormatFloat(e.Value, 'f', 6, 64)
	}
	switch {
	case row.Pick:
		p.Class = "pick"
	case row.Retired || row.Failing:
		p.Class = "gone"
	}
	return p
}

func valueOf(s costmodel.Spend, usd costmodel.USD) string {
	if !s.Known {
		return ""
	}
	return strconv.FormatFloat(usd.Float64(), 'g', -1, 64)
}

// priceOf is a row's price with its source.
func priceOf(r rowView) string {
	switch {
	case r.Machine != nil:
		return "A machine of one's own: $" + r.Machine.USD.Format(2) + " a " + r.Machine.Period.String() + ", whatever the volume."
	case r.OwnMachine:
		return "A machine of one's own, whose cost was not said."
	case r.Price.Equal(costmodel.Price{}):
		return "No price is known."
	}
	text := fmt.Sprintf("$%s in, $%s out per 1M tokens", r.Price.Input, r.Price.Output)
	if !r.Price.AsOf.IsZero() {
		text += ", seen " + r.Price.AsOf.String()
	}
	if r.Price.Source != "" {
		text += ", by " + r.Price.Source
	}
	return text + "."
}

// limitOnTail is the limit on the p95 of all rows, for the scatter; "" for none.
func (v *view) limitOnTail() string {
	if at, ok := v.tailLimit(); ok {
		return compare.Millis(at) + " ms"
	}
	return ""
}

func (v *view) tailLimit() (float64, bool) {
	for _, l := range v.record.CompareLimits() {
		for _, b := range l.Bounds {
			if b.Metric == compare.LimitTTFTp95 && l.Target == "*" && b.Value > 0 {
				return b.Value, true
			}
		}
	}
	return 0, false
}

// The cost model as the page computes it: numbers as fractions, "3/4".
type (
	pageModel struct {
		Workload pageWorkload `json:"workload"`
		Rows     []pageCost   `json:"rows"`
	}
	pageWorkload struct {
		Tokens  string `json:"tokens"` // a day
		Split   string `json:"split"`  // the share of input
		Cached  string `json:"cached"`
		Written string `json:"written"`
		Batch   string `json:"batch"`
		Retries string `json:"retries"`
		Reviews string `json:"reviews"` // USD a day
		Days    string `json:"days"`
		// Item is the number of tokens of a request; null where that is not said.
		Item *string `json:"item"`
	}
	pageCost struct {
		Target string     `json:"target"`
		Rates  pageRates  `json:"rates"`
		Tiers  []pageTier `json:"tiers"`
		Batch  *string    `json:"batch"`
		// Fixed is what a machine costs a day, "?" where nobody said.
		Fixed    *string `json:"fixed"`
		Thinking *string `json:"thinking"`
		// Can says that the row may be picked as far as its cost lets it.
		Can       bool    `json:"can"`
		MostDay   *string `json:"mostDay"`
		MostMonth *string `json:"mostMonth"`
	}
	pageTier struct {
		Above string    `json:"above"`
		Rates pageRates `json:"rates"`
	}
	pageRates struct {
		Input     *string `json:"input"`
		Output    *string `json:"output"`
		Cached    *string `json:"cached"`
		Write     *string `json:"write"`
		Reasoning *string `json:"reasoning"`
	}
)

func (v *view) model() pageModel {
	w := v.table.Workload
	m := pageModel{Workload: pageWorkload{
		Tokens: w.PerDay().RatString(), Split: w.Split.Input().RatString(), Cached: w.Cached.Rat().RatString(), Written: w.CacheWrite.Rat().RatString(),
		Batch: w.Batch.Rat().RatString(), Retries: w.Retries.Rat().RatString(), Reviews: v.reviews().RatString(), Days: w.DaysPerMonth.Rat().RatString(),
	}}
	if _, ok := w.RequestInput(); ok {
		item := w.PerItem.Rat().RatString()
		m.Workload.Item = &item
	}
	measured := len(v.measuredMedians()) > 0
	for _, r := range v.rows {
		m.Rows = append(m.Rows, r.cost(measured))
	}
	return m
}

// measuredMedians are the rows with a median: where there is one, only such may be
// picked.
func (v *view) measuredMedians() []rowView {
	var rows []rowView
	for _, r := range v.rows {
		if r.Summary.TTFTp50.Earned() {
			rows = append(rows, r)
		}
	}
	return rows
}

// reviews is what looking at malformed answers costs a day, whatever the model.
func (v *view) reviews() *big.Rat {
	w := v.table.Workload
	items, ok := w.ItemsPerDay()
	if !ok || w.Malformed.IsZero() {
		return new(big.Rat)
	}
	return items.Mul(items.Mul(items, w.Malformed.Rat()), w.Review.Rat())
}

func (r rowView) cost(measured bool) pageCost {
	c := pageCost{Target: r.Target, Rates: ratesOf(r.Price.Rates()), Tiers: []pageTier{}, Batch: multiplierOf(r.Price.Batch)}
	for _, t := range r.Price.Tiers {
		c.Tiers = append(c.Tiers, pageTier{strconv.FormatInt(t.Above, 10), ratesOf(t.Rates)})
	}
	switch {
	case r.Machine != nil && r.Spend.Known:
		c.Fixed = fraction(r.Spend.LineItems[0].PerDay.Rat()) // the first item is the machine
	case r.OwnMachine && !r.Spend.Known:
		unknown := "?"
		c.Fixed = &unknown
	}
	if f := r.Spend.Workload.Thinking; f.Given() {
		c.Thinking = fraction(f.Rat())
	}
	c.Can = !r.Retired && !r.Failing && (r.Summary.TTFTp50.Earned() || !measured)
	var day, month *big.Rat
	for _, verdict := range r.Verdicts {
		switch verdict.Bound.Metric {
		case compare.LimitMaxDaily:
			c.MostDay = tightest(&day, verdict.Bound.USD.Rat())
		case compare.LimitMaxMonthly:
			c.MostMonth = tightest(&month, verdict.Bound.USD.Rat())
		default:
			c.Can = c.Can && verdict.Standing != compare.Over
		}
	}
	return c
}

// tightest is the least bound so far, which it keeps.
func tightest(least **big.Rat, bound *big.Rat) *string {
	if *least == nil || bound.Cmp(*least) < 0 {
		*least = bound
	}
	return fraction(*least)
}

func fraction(r *big.Rat) *string {
	text := r.RatString()
	return &text
}

var none = "none"

func ratesOf(r costmodel.Rates) pageRates {
	of := func(rate costmodel.Rate) *string {
		usd, known := rate.USD()
		switch {
		case known:
			return fraction(usd.Rat())
		case rate.Absent():
			return &none
		}
		return nil
	}
	return pageRates{of(r.Input), of(r.Output), of(r.CachedInput), of(r.CacheWrite), of(r.Reasoning)}
}

func multiplierOf(m costmodel.Multiplier) *string {
	factor, known := m.Rat()
	switch {
	case known:
		return fraction(factor)
	case m.Absent():
		return &none
	}
	return nil
}
