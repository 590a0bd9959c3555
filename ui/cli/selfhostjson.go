package cli

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"

	"costping/costmodel"
	"costping/ui/report"
)

// The JSON of costping.selfhost/1. fits is whether the break-even volume fits what
// is hosted, null where that is unknown; break_even.per_month is null where there is
// none.
type (
	selfhostJSON struct {
		Schema      string              `json:"schema"`
		USDPerMonth costmodel.USD       `json:"usd_per_month"`
		Items       []selfhostItemJSON  `json:"items"`
		Against     selfhostOptionJSON  `json:"against"`
		BreakEven   breakEvenJSON       `json:"break_even"`
		Fits        *bool               `json:"fits"`
		Needed      *float64            `json:"needed_output_tokens_per_s"`
		Had         *float64            `json:"had_output_tokens_per_s"`
		Scaled      *scaledJSON         `json:"scaled"`
		Volume      *selfhostVolumeJSON `json:"volume"`
		// Hosted are open-weight models at somebody's API, the third option.
		Hosted []selfhostOptionJSON `json:"hosted_open_weights"`
		Days   json.Number          `json:"days_per_month"`
		Answer string               `json:"answer"`
		Notes  []string             `json:"notes"`
	}
	selfhostItemJSON struct {
		Item        string         `json:"item"`
		USDPerMonth *costmodel.USD `json:"usd_per_month"`
		How         string         `json:"how"`
	}
	selfhostOptionJSON struct {
		Model       string         `json:"model"`
		Provider    string         `json:"provider"`
		USDPerItem  *costmodel.USD `json:"usd_per_item"`
		USDPerMonth *costmodel.USD `json:"usd_per_month"`
	}
	breakEvenJSON struct {
		Unit     string   `json:"unit"`
		PerMonth *big.Int `json:"per_month"`
		// UsersPerDay is of a volume of users, whose month counts user-days.
		UsersPerDay *big.Int `json:"users_per_day,omitempty"`
	}
	scaledJSON struct {
		GPUs        int           `json:"gpus"`
		USDPerMonth costmodel.USD `json:"usd_per_month"`
		PerMonth    *big.Int      `json:"per_month"`
	}
	selfhostVolumeJSON struct {
		Unit     string `json:"unit"`
		PerMonth string `json:"per_month"`
		Fits     *bool  `json:"fits"`
	}
)

func (r selfhostResult) document() selfhostJSON {
	doc := selfhostJSON{
		Schema: "costping.selfhost/1", USDPerMonth: r.PerMonth(), Answer: r.answer(), Days: number(r.Days.Rat()),
		Against: r.optionJSON(r.api), BreakEven: breakEvenJSON{Unit: r.unit, PerMonth: r.breakEven, UsersPerDay: r.usersPerDay()},
		Hosted: []selfhostOptionJSON{}, Notes: append([]string{}, r.notes...),
	}
	for _, item := range r.Items() {
		doc.Items = append(doc.Items, selfhostItemJSON{item.Name, item.PerMonth, item.How})
	}
	for _, o := range r.hosted {
		doc.Hosted = append(doc.Hosted, r.optionJSON(o))
	}
	if r.breakEven != nil {
		doc.Fits, doc.Needed, doc.Had = fits(r.fit), float(r.fit.Needed), float(r.fit.Had)
	}
	if r.scales {
		doc.Scaled = &scaledJSON{r.scaled.GPUs, r.scaled.PerMonth, r.scaled.Items}
	}
	if r.asked {
		doc.Volume = &selfhostVolumeJSON{Unit: r.unit, PerMonth: plain(r.volume), Fits: fits(r.Fit(r.volume, r.outPerItem))}
	}
	return doc
}

func (r selfhostResult) optionJSON(o apiOption) selfhostOptionJSON {
	j := selfhostOptionJSON{Model: o.model.ID, Provider: o.model.Provider}
	if o.known {
		j.USDPerItem = &o.perItem
		if r.volume != nil {
			month := o.perItem.Mul(r.volume)
			j.USDPerMonth = &month
		}
	}
	return j
}

// fits is nil where the capacity is unknown.
func fits(f costmodel.Fit) *bool {
	if !f.Known() {
		return nil
	}
	does := f.Fits()
	return &does
}

// float is a rate of tokens, which is no money, to three places.
func float(r *big.Rat) *float64 {
	if r == nil {
		return nil
	}
	v, _ := r.Float64()
	v = report.Round(v)
	return &v
}

// csv is one row: the answer's figures.
func (r selfhostResult) csv() report.Table {
	t := report.Table{}
	row := []report.Cell{}
	add := func(key, raw string) {
		t.Columns = append(t.Columns, report.Column{Key: key})
		row = append(row, report.Cell{Raw: raw})
	}
	add("usd_per_month", r.PerMonth().String())
	for _, item := range r.Items() {
		raw := ""
		if item.PerMonth != nil {
			raw = item.PerMonth.String()
		}
		add(strings.ToLower(item.Name)+"_usd_per_month", raw)
	}
	add("against", r.against.ID)
	breakEven, fit := "", ""
	if r.breakEven != nil {
		breakEven = r.breakEven.String()
		if does := fits(r.fit); does != nil {
			fit = strconv.FormatBool(*does)
		}
	}
	add("break_even_per_month", breakEven)
	add("unit", r.unit)
	add("fits", fit)
	t.Rows = [][]report.Cell{row}
	return t
}
