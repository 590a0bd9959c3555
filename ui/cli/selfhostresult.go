package cli

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/ui/report"
)

// apiOption is a model at an API, for the items of the comparison.
type apiOption struct {
	model   costmodel.Model
	perItem costmodel.USD
	known   bool
}

// selfhostResult is what hosting amounts to beside an API.
type selfhostResult struct {
	*hosting
	unit       string
	outPerItem *big.Rat
	api        apiOption
	// breakEven is nil where there is none; noBreakEven says why.
	breakEven   *big.Int
	noBreakEven string
	fit         costmodel.Fit // at the break-even volume
	scaled      costmodel.Scaled
	scales      bool
	// volume is what the options are compared at: the one asked for, else the
	// break-even; nil where there is neither.
	volume *big.Rat
	hosted []apiOption
}

func (h *hosting) result(today costmodel.Date) selfhostResult {
	r := selfhostResult{hosting: h, unit: h.unit(), outPerItem: h.work.OutputPerUnit()}
	r.api = h.option(h.against, h.price)
	if !r.api.known {
		r.noBreakEven = "the price of " + h.against.ID + " is unknown"
	} else if n, ok := h.BreakEven(r.api.perItem); ok {
		r.breakEven = n
		r.volume = new(big.Rat).SetInt(n)
		r.fit = h.Fit(r.volume, r.outPerItem)
		r.scaled, r.scales = h.ScaledBreakEven(r.api.perItem, r.outPerItem)
	} else {
		r.noBreakEven = h.against.ID + " is free of charge: hosting never pays"
	}
	if h.asked {
		r.volume = h.work.UnitsPerMonth()
	}
	r.hosted = h.openWeights(today)
	return r
}

// unit is what a month counts. A user is one of a day, so that a month of a thousand
// users is thirty thousand user-days.
func (h *hosting) unit() string {
	if h.perUser() {
		return "user-days"
	}
	return h.work.Volume.Unit().String()
}

func (h *hosting) perUser() bool { return h.work.Volume.Unit() == costmodel.Users }

// usersPerDay is the break-even in users a day, rounded up; nil where the volume
// counts something else, and where there is no break-even.
func (r selfhostResult) usersPerDay() *big.Int {
	if r.breakEven == nil || !r.perUser() {
		return nil
	}
	perDay := new(big.Rat).SetInt(r.breakEven)
	perDay.Quo(perDay, r.Days.Rat())
	up := new(big.Int).Add(perDay.Num(), perDay.Denom())
	return up.Sub(up, big.NewInt(1)).Div(up, perDay.Denom())
}

// option prices one item on a model.
func (h *hosting) option(m costmodel.Model, p costmodel.Price) apiOption {
	o := apiOption{model: m}
	o.perItem, o.known = costmodel.Project(p, h.work).PerUnit()
	return o
}

// openWeights are hosted models that anybody could host: that which is to be
// hosted oneself, then the cheapest for these items, three in all. Their quality is
// not compared.
func (h *hosting) openWeights(today costmodel.Date) []apiOption {
	var options []apiOption
	for _, id := range costmodel.DefaultHardware().OpenWeights() {
		m, ok := h.catalog.Lookup(id)
		if !ok || m.RetiredOn(today) {
			continue
		}
		if o := h.option(m, m.PriceOn(today)); o.known {
			options = append(options, o)
		}
	}
	served := func(o apiOption) int { // what is to be hosted itself comes first
		if h.throughput != nil && strings.HasSuffix(o.model.ID, h.throughput.Model) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(options, func(a, b apiOption) int {
		return cmp.Or(cmp.Compare(served(a), served(b)), a.perItem.Cmp(b.perItem), cmp.Compare(a.model.ID, b.model.ID))
	})
	return options[:min(3, len(options))]
}

// answer is the one sentence.
func (r selfhostResult) answer() string {
	cost := fmt.Sprintf("Hosting costs $%s a month", r.PerMonth().Format(2))
	if r.breakEven == nil {
		return cost + "; " + r.noBreakEven + "."
	}
	text := fmt.Sprintf("%s and pays against %s ($%s %s) from %s %s a month on", cost, r.against.ID, r.api.perItem, r.each(), whole(r.breakEven), r.unit)
	if users := r.usersPerDay(); users != nil {
		text += fmt.Sprintf(" (%s users a day)", whole(users))
	}
	switch {
	case !r.fit.Known():
		return text + "; whether that fits is unknown."
	case r.fit.Fits():
		return text + ", which fits."
	case r.scales:
		return fmt.Sprintf("%s, which does not fit: with %d GPUs it pays and fits from %s on.", text, r.scaled.GPUs, whole(r.scaled.Items))
	case r.Total != nil:
		return text + ", which does not fit."
	}
	return text + ", which does not fit, and no number of such GPUs makes it pay."
}

// each is what a price is for.
func (r selfhostResult) each() string { return "a " + strings.TrimSuffix(r.unit, "s") }

// capacity says what is needed and what there is.
func (r selfhostResult) capacity() string {
	if r.breakEven == nil {
		return ""
	}
	needed := fmt.Sprintf("Break-even needs %s output tok/s on average", perSecond(r.fit.Needed))
	if !r.fit.Known() {
		return needed + "; how many there are is unknown."
	}
	text := fmt.Sprintf("%s; there are %s: %s at saturation × %s %%", needed, perSecond(r.fit.Had),
		perSecond(r.OutputPerSecond), plain(new(big.Rat).Mul(r.Utilisation, big.NewRat(100, 1))))
	if t := r.throughput; t != nil {
		kind := ""
		if t.Assumed {
			kind = ", supposed and not measured"
		}
		text += fmt.Sprintf(" (%s on %d GPUs, %s; %s%s)", t.Model, t.GPUs, t.Shape, t.Source, kind)
	}
	return text + "."
}

// askedFor says how the volume that was asked for stands.
func (r selfhostResult) askedFor() string {
	if !r.asked || !r.api.known {
		return ""
	}
	api := r.api.perItem.Mul(r.volume)
	difference := r.PerMonth().Sub(api)
	word := "more"
	if difference.Sign() < 0 {
		difference, word = costmodel.USD{}.Sub(difference), "less"
	}
	text := fmt.Sprintf("For %s: %s costs $%s a month, hosting $%s %s", r.work, r.against.ID, api.Format(2), difference.Format(2), word)
	if f := r.Fit(r.volume, r.outPerItem); f.Known() {
		text += map[bool]string{true: "; it fits", false: "; it does not fit"}[f.Fits()]
	}
	return text + "."
}

// lines are what stands below the table.
func (r selfhostResult) lines() []string {
	lines := []string{r.capacity(), r.askedFor()}
	if r.gpuPrice != nil {
		line := fmt.Sprintf("%s: $%s an hour at %s, by %s", r.gpu.Name, r.gpuPrice.PerHour, r.gpuPrice.Host, r.gpuPrice.Source)
		if !r.gpuPrice.AsOf.IsZero() {
			line += ", " + r.gpuPrice.AsOf.String()
		}
		low, high := r.gpuPrice, r.gpuPrice
		for i := range r.gpu.Prices {
			p := &r.gpu.Prices[i]
			if p.PerHour.Cmp(low.PerHour) < 0 {
				low = p
			}
			if p.PerHour.Cmp(high.PerHour) > 0 {
				high = p
			}
		}
		lines = append(lines, fmt.Sprintf("%s. Elsewhere from $%s (%s) to $%s (%s).", line, low.PerHour, low.Host, high.PerHour, high.Host))
	}
	if r.Total == nil && (r.Labour == nil || r.Maintenance == nil) {
		h := costmodel.DefaultHardware()
		lines = append(lines, fmt.Sprintf("What is not given counts as 0: %q has labour at $%s and maintenance at $%s a month.", h.Source, h.Labour, h.Maintenance))
	}
	for _, note := range r.notes {
		lines = append(lines, "Note: "+note+".")
	}
	return slices.DeleteFunc(lines, func(s string) bool { return s == "" })
}

// table has the parts of hosting, their sum, and the ways to buy the same.
func (r selfhostResult) table() report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "OPTION", Key: "option"}, {Title: "$/MONTH", Key: "usd_per_month", Right: true}, {Title: "HOW", Key: "how"},
	}}
	add := func(option string, usd *costmodel.USD, how string) {
		cell := report.Cell{Text: "?"}
		if usd != nil {
			cell = report.Cell{Text: usd.Format(2), Raw: usd.String()}
		}
		t.Rows = append(t.Rows, []report.Cell{{Text: option, Raw: option}, cell, {Text: how, Raw: how}})
	}
	for _, item := range r.Items() {
		add(item.Name, item.PerMonth, item.How)
	}
	total := r.PerMonth()
	if r.Total == nil {
		add("hosting", &total, "the sum")
	}
	if r.volume == nil {
		return t
	}
	for i, o := range append([]apiOption{r.api}, r.hosted...) {
		how := fmt.Sprintf("%s %s × $%s", amount(r.volume), r.unit, o.perItem)
		if i > 0 {
			how += ": open weights at " + o.model.ProviderName
		}
		if o.known {
			month := o.perItem.Mul(r.volume)
			add(o.model.ID, &month, how)
		} else {
			add(o.model.ID, nil, "price unknown")
		}
	}
	return t
}

func (r selfhostResult) print(a *app, format report.Format) error {
	if _, err := fmt.Fprintf(a.stdout, "%s\n\n", a.paragraphs(r.answer(), format)); err != nil {
		return err
	}
	if err := a.writeTable(r.table(), format); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "\n%s\n", a.paragraphs(strings.Join(r.lines(), "\n"), format))
	return err
}
