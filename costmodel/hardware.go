package costmodel

import (
	"bytes"
	_ "embed"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"
)

//go:embed selfhost.toml
var embeddedHardware []byte

// GPU is a kind of accelerator that can be rented by the hour.
type GPU struct {
	ID, Name string
	Aliases  []string
	MemoryGB int
	// Prices are on demand, per GPU; the first is taken where none is given.
	Prices []GPUPrice
}

// GPUPrice is what a host takes for a GPU.
type GPUPrice struct {
	Host    string
	PerHour USD
	Source  string
	AsOf    Date // no date where the source has none
}

// Throughput is how many output tokens a second a model gives at saturation on
// some GPUs that serve it together, for prompts of up to UpToIn tokens.
type Throughput struct {
	Model, GPU string
	GPUs       int
	UpToIn     int64
	// Shape says in words what was sent; Source who measured it.
	Shape           string
	OutputPerSecond int64
	Source          string
	// Assumed says that it is derived or supposed, and not measured.
	Assumed bool
}

// SumRange is a range of USD a month.
type SumRange struct{ Low, High USD }

// String returns "1,000-5,000".
func (r SumRange) String() string { return r.Low.Format(0) + "-" + r.High.Format(0) }

// Hardware is what is known of hosting models oneself. It is immutable.
type Hardware struct {
	gpus        []GPU
	throughputs []Throughput
	openWeights []string
	// Labour and Maintenance are the monthly sums that Source names.
	Labour, Maintenance SumRange
	Source              string
}

type (
	hardwareFile struct {
		OpenWeights []string          `toml:"open_weights"`
		Reference   referenceEntry    `toml:"reference"`
		GPUs        []gpuEntry        `toml:"gpu"`
		Throughputs []throughputEntry `toml:"throughput"`
	}
	referenceEntry struct {
		Labour      []rateText `toml:"labour"`
		Maintenance []rateText `toml:"maintenance"`
		Source      string     `toml:"source"`
	}
	gpuEntry struct {
		ID       string          `toml:"id"`
		Name     string          `toml:"name"`
		Aliases  []string        `toml:"aliases"`
		MemoryGB int             `toml:"memory_gb"`
		Prices   []gpuPriceEntry `toml:"price"`
	}
	gpuPriceEntry struct {
		Host    string          `toml:"host"`
		PerHour rateText        `toml:"usd_per_hour"`
		Source  string          `toml:"source"`
		AsOf    *toml.LocalDate `toml:"as_of"`
	}
	throughputEntry struct {
		Model           string `toml:"model"`
		GPU             string `toml:"gpu"`
		GPUs            int    `toml:"gpus"`
		UpToIn          int64  `toml:"up_to_in"`
		Shape           string `toml:"shape"`
		OutputPerSecond int64  `toml:"output_tokens_per_s"`
		Source          string `toml:"source"`
		Assumed         bool   `toml:"assumed"`
	}
)

var hardwareData = tomlData{
	name: "hardware",
	hint: "the form is described at the head of selfhost.toml: [[gpu]] with prices and [[throughput]] tables",
}

// DefaultHardware returns the hardware that is part of the program.
func DefaultHardware() *Hardware { return defaultHardware() }

var defaultHardware = sync.OnceValue(func() *Hardware {
	h, err := LoadHardware(bytes.NewReader(embeddedHardware))
	if err != nil {
		panic("costmodel: the embedded hardware: " + err.Error()) // held by a test
	}
	return h
})

// LoadHardware reads hardware in the form that the head of selfhost.toml
// describes; what does not keep to it is an *InputError. At most 1 MiB is read.
func LoadHardware(r io.Reader) (*Hardware, error) {
	var file hardwareFile
	if err := hardwareData.decode(r, &file); err != nil {
		return nil, err
	}
	h := &Hardware{openWeights: file.OpenWeights, Source: file.Reference.Source}
	if err := hardwareData.text("reference", h.Source, true); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name string
		from []rateText
		to   *SumRange
	}{{"labour", file.Reference.Labour, &h.Labour}, {"maintenance", file.Reference.Maintenance, &h.Maintenance}} {
		var err error
		if *part.to, err = buildSums(part.name, part.from); err != nil {
			return nil, err
		}
	}
	for _, entry := range file.GPUs {
		if err := h.addGPU(entry); err != nil {
			return nil, err
		}
	}
	if h.gpus == nil {
		return nil, hardwareData.refuse("has no GPUs")
	}
	for _, entry := range file.Throughputs {
		if err := h.addThroughput(entry); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func buildSums(name string, texts []rateText) (r SumRange, err error) {
	if len(texts) != 2 {
		return r, hardwareData.refuse("has a reference %s that is not two sums", name)
	}
	if r.Low, err = ParseUSD(texts[0].text); err == nil {
		r.High, err = ParseUSD(texts[1].text)
	}
	if err != nil {
		return r, hardwareData.refuse("reference %s: %v", name, err)
	}
	if r.Low.Cmp(r.High) > 0 {
		return r, hardwareData.refuse("has a reference %s that falls", name)
	}
	return r, nil
}

func (h *Hardware) addGPU(entry gpuEntry) error {
	subject := "GPU " + quote(entry.ID)
	for _, s := range append([]string{entry.ID, entry.Name}, entry.Aliases...) {
		if err := hardwareData.text(subject, s, false); err != nil {
			return err
		}
		if _, twice := h.GPU(s); twice && s != entry.Name {
			return hardwareData.refuse("has the GPU %s twice", quote(s))
		}
	}
	if entry.MemoryGB <= 0 || len(entry.Prices) == 0 {
		return hardwareData.refuse("%s has no memory_gb or no price", subject)
	}
	g := GPU{ID: entry.ID, Name: entry.Name, Aliases: entry.Aliases, MemoryGB: entry.MemoryGB}
	for _, pe := range entry.Prices {
		p := GPUPrice{Host: pe.Host, Source: pe.Source}
		for _, s := range []string{p.Host, p.Source} {
			if err := hardwareData.text(subject+" price", s, false); err != nil {
				return err
			}
		}
		var err error
		if p.PerHour, err = ParseUSD(pe.PerHour.text); err != nil {
			return hardwareData.refuse("%s price: %v", subject, err)
		}
		if pe.AsOf != nil {
			if p.AsOf, err = NewDate(pe.AsOf.Year, time.Month(pe.AsOf.Month), pe.AsOf.Day); err != nil {
				return hardwareData.refuse("%s price: %v", subject, err)
			}
		}
		g.Prices = append(g.Prices, p)
	}
	h.gpus = append(h.gpus, g)
	return nil
}

func (h *Hardware) addThroughput(entry throughputEntry) error {
	subject := "throughput of " + quote(entry.Model)
	for _, s := range []string{entry.Model, entry.Shape, entry.Source} {
		if err := hardwareData.text(subject, s, false); err != nil {
			return err
		}
	}
	if _, ok := h.GPU(entry.GPU); !ok {
		return hardwareData.refuse("%s is on GPU %s, which is not listed", subject, quote(entry.GPU))
	}
	if entry.GPUs <= 0 || entry.UpToIn <= 0 || entry.OutputPerSecond <= 0 {
		return hardwareData.refuse("%s lacks gpus, up_to_in or output_tokens_per_s above 0", subject)
	}
	h.throughputs = append(h.throughputs, Throughput(entry))
	return nil
}

// GPU finds a GPU by its id, its name or an alias, in any case.
func (h *Hardware) GPU(name string) (GPU, bool) {
	for _, g := range h.gpus {
		if fold(g.ID) == fold(name) || fold(g.Name) == fold(name) ||
			slices.ContainsFunc(g.Aliases, func(a string) bool { return fold(a) == fold(name) }) {
			g.Aliases, g.Prices = slices.Clone(g.Aliases), slices.Clone(g.Prices)
			return g, true
		}
	}
	return GPU{}, false
}

// GPUs returns the ids of all GPUs, in the order of the file.
func (h *Hardware) GPUs() []string {
	ids := make([]string, len(h.gpus))
	for i, g := range h.gpus {
		ids[i] = g.ID
	}
	return ids
}

// Served returns the models that there is a throughput of, in the order of the
// file.
func (h *Hardware) Served() []string {
	var models []string
	for _, t := range h.throughputs {
		if !slices.Contains(models, t.Model) {
			models = append(models, t.Model)
		}
	}
	return models
}

// OpenWeights returns the ids of models in the catalog that anybody may host.
func (h *Hardware) OpenWeights() []string { return slices.Clone(h.openWeights) }

// Throughput returns what a model gives on some GPUs for prompts of the given
// length: the nearest figure for prompts as long or longer, which is not too
// much. ok is false where there is none on at most so many GPUs.
func (h *Hardware) Throughput(model, gpu string, gpus int, in int64) (t Throughput, ok bool) {
	for _, candidate := range h.throughputs {
		if !strings.EqualFold(candidate.Model, strings.TrimSpace(model)) || candidate.GPU != gpu || candidate.GPUs > gpus || candidate.UpToIn < in {
			continue
		}
		if !ok || candidate.UpToIn < t.UpToIn {
			t, ok = candidate, true
		}
	}
	return t, ok
}
