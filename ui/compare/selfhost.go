package compare

import (
	"fmt"
	"math/big"
	"strings"

	"costping/costmodel"
)

// Hosting is a machine that one could rent oneself, to compare APIs with.
type Hosting struct {
	costmodel.SelfHost
	// Title names it with its labour: "self-host 2× H100 + $1,000 labour".
	Title string
	// Throughput is what it serves of the workload's items; nil where the workload
	// does not say how long its requests are, or none is known for that length.
	Throughput *costmodel.Throughput
}

// What is compared with where nobody says otherwise: the GPUs that the largest of
// the open models whose throughput is known takes.
const (
	HostedGPU   = "h100"
	HostedGPUs  = 2
	HostedModel = "llama-3.1-70b"
)

// HostingOf is that machine for a workload, with the least labour that is known, and
// with the workload's month; ok is false where its price is not known.
func HostingOf(hardware *costmodel.Hardware, w costmodel.Workload) (h Hosting, ok bool) {
	if hardware == nil {
		return h, false
	}
	gpu, ok := hardware.GPU(HostedGPU)
	if !ok || len(gpu.Prices) == 0 {
		return h, false
	}
	labour := hardware.Labour.Low
	h.SelfHost = costmodel.SelfHost{GPUs: HostedGPUs, PerHour: gpu.Prices[0].PerHour, Labour: &labour, Days: w.DaysPerMonth}
	h.Title = fmt.Sprintf("self-host %d× %s + $%s labour", HostedGPUs, strings.ToUpper(HostedGPU), labour.Format(0))
	if in, known := w.RequestInput(); known {
		length := new(big.Int).Add(in.Num(), new(big.Int).Sub(in.Denom(), big.NewInt(1)))
		length.Div(length, in.Denom()) // rounded up
		if t, found := hardware.Throughput(HostedModel, gpu.ID, HostedGPUs, length.Int64()); found {
			h.Throughput, h.OutputPerSecond = &t, big.NewRat(t.OutputPerSecond, 1)
		}
	}
	return h, true
}

// tariff is what hosting costs: the same at any volume.
func (h Hosting) tariff() tariff {
	return tariff{name: h.Title, price: freePrice(), fixed: h.PerMonth(), machine: true, left: -1}
}

// BeatsAbove is the volume, in the unit and period of the workload, from which on
// hosting costs less than a row's model; ok is false where there is none.
func (h Hosting) BeatsAbove(r Row, w costmodel.Workload) (costmodel.Volume, bool) {
	t := tariffOf(r)
	if t.machine {
		return costmodel.Volume{}, false
	}
	own := h.tariff()
	return costmodel.VolumeCrossover(t.price, t.fixed, own.price, own.fixed, w)
}

// Line says what hosting costs and from which volume on it beats a row, which goes
// by a name; longest form first.
func (h Hosting) Line(r Row, name string, w costmodel.Workload) []string {
	cost := fmt.Sprintf("%s: %s a month", h.Title, h.PerMonth().Format(2))
	if r.Retired {
		return []string{cost}
	}
	v, ok := h.BeatsAbove(r, w)
	if !ok {
		return []string{cost}
	}
	caveat, known := h.Caveat(w, v)
	if !known {
		caveat = ", if it serves that much"
	}
	beats := "beats " + name + " above " + VolumeText(v) + caveat
	named := strings.Replace(cost, "self-host ", "self-host "+HostedModel+" on ", 1)
	return []string{named + ", " + beats, cost + ", " + beats, "self-host: " + h.PerMonth().Format(2) + " a month, " + beats, "self-host " + beats, cost}
}

// Caveat says of a volume that it is more than the machine serves, "" where it is
// not; known is false where the workload does not say how long its requests are.
func (h Hosting) Caveat(w costmodel.Workload, v costmodel.Volume) (text string, known bool) {
	w.Volume = v
	if _, perRequest := w.RequestInput(); !perRequest || h.Throughput == nil {
		return "", false
	}
	if h.Fit(w.UnitsPerMonth(), w.OutputPerUnit()).Fits() {
		return "", true
	}
	return ", more than it serves", true
}

// Fits says whether so much fits what is hosted, "fits: 62 of 276 output tok/s", or
// why that is unknown; known is false then.
func (h Hosting) Fits(w costmodel.Workload, v costmodel.Volume) (text string, known bool) {
	w.Volume = v
	switch _, perRequest := w.RequestInput(); {
	case !perRequest:
		return "whether that fits is unknown: the workload does not say how long a request is (e)", false
	case h.Throughput == nil:
		return "whether that fits is unknown: no throughput is known for requests of this length", false
	}
	fit := h.Fit(w.UnitsPerMonth(), w.OutputPerUnit())
	needs, _ := fit.Needed.Float64()
	had, _ := fit.Had.Float64()
	percent, _ := new(big.Rat).Mul(h.UtilisationOrDefault(), big.NewRat(100, 1)).Float64()
	kind := ""
	if h.Throughput.Assumed {
		kind = ", supposed"
	}
	verdict := "does not fit"
	if fit.Fits() {
		verdict = "fits"
	}
	return fmt.Sprintf("%s: %s of %s output tok/s (%s, %s × %.0f%%%s)", verdict, Millis(needs), Millis(had),
		h.Throughput.Model, Millis(float64(h.Throughput.OutputPerSecond)), percent, kind), true
}

// VolumeText is a volume in a sentence: "51.4M tok/day", "1.20K documents/day".
func VolumeText(v costmodel.Volume) string {
	return strings.Replace(v.String(), " tokens/", " tok/", 1)
}

// tariff is what a way to have a workload served costs: by what is asked, and
// whatever is asked.
type tariff struct {
	target, name string
	price        costmodel.Price
	fixed        costmodel.USD // a month
	// machine says that it is one's own; gone that it cannot be had any more.
	machine, gone bool
	// left is how many days it can still be had, -1 where that is not known.
	left int
}

// tariffOf is a row's, with what its model was seen to think in the price.
func tariffOf(r Row) tariff {
	t := tariff{target: r.Target, name: r.Target, price: r.Price, gone: r.Retired, left: -1}
	if r.Machine != nil {
		t.price, t.fixed, t.machine = freePrice(), r.Spend.PerMonth, true
		return t
	}
	if f := r.Summary.Thinking; f.Known {
		if factor := new(big.Rat).SetFloat64(f.Value); factor != nil {
			t.price = t.price.WithThinking(factor)
		}
	}
	return t
}

// freePrice charges nothing by the token.
func freePrice() costmodel.Price {
	nothing, _ := costmodel.NewRate(costmodel.USD{}) // 0 is a price
	return costmodel.Price{
		Input: nothing, Output: nothing, CachedInput: costmodel.NoCharge(), CacheWrite: costmodel.NoCharge(),
		Reasoning: costmodel.NoCharge(), Batch: costmodel.NoOffer(),
	}
}
