package costmodel

import (
	"fmt"
	"strings"
)

// Preset is a workload with a name.
type Preset struct {
	// Name is what it is asked for by, Title what it stands for.
	Name, Title string
	// Basis says where the figures are from, and what of them is assumed.
	Basis    string
	Workload Workload
}

// presets is the data of Presets: a volume, and either a split or the tokens of an
// item.
var presets = []struct {
	name, title, volume, split, in, out, each, basis string
}{
	{
		name: "documents", title: "document processing", volume: "10M tokens/day", split: "75/25",
		basis: "the volume and split of a published comparison",
	},
	{
		name: "agent", title: "an interactive agent", volume: "10M tokens/day", split: "40/60",
		basis: "the volume of documents; an agent writes more than it reads",
	},
	{
		name: "chat", title: "real-time chat", volume: "10M tokens/day", split: "50/50",
		basis: "the volume of documents; the split is an assumption",
	},
	{
		name: "classification", title: "classification or routing", volume: "10k requests/day", in: "500", out: "10",
		basis: "an assumption: a short text in, a label out",
	},
	{
		name: "enrichment", title: "batch enrichment at night", volume: "8000 documents/night", in: "1500", out: "500",
		basis: "8,000 documents a night are published; the tokens of one are an assumption",
	},
	{
		name: "pipeline", title: "a second enrichment pipeline", volume: "4000 documents/day", in: "1875", out: "625",
		basis: "4,000 documents a day are published; the tokens of one are an assumption (10M tokens a day at 75/25)",
	},
	{
		name: "users", title: "1,000 users a day", volume: "1000 users/day", each: "2000", split: "75/25",
		basis: "1,000 users of 2,000 tokens a day are published; the split is that of document processing",
	},
	{
		name: "messages", title: "a chat assistant", volume: "100K messages/month", in: "500", out: "200",
		basis: "published, tokens of a message included",
	},
}

// Presets returns the workloads that have a name.
func Presets() []Preset {
	list := make([]Preset, len(presets))
	for i, p := range presets {
		w, err := buildPreset(p.volume, p.split, p.in, p.out, p.each)
		if err != nil {
			panic("costmodel: preset " + p.name + ": " + err.Error()) // held by a test
		}
		list[i] = Preset{Name: p.name, Title: p.title, Basis: p.basis, Workload: w}
	}
	return list
}

func buildPreset(volume, split, in, out, each string) (w Workload, err error) {
	if err := w.Volume.UnmarshalText([]byte(volume)); err != nil {
		return w, err
	}
	if err := w.Split.UnmarshalText([]byte(split)); err != nil {
		return w, err
	}
	if err = w.PerItem.UnmarshalText([]byte(each)); err != nil || in == "" {
		return w, err
	}
	var input, output Count
	if input, err = ParseCount(in); err != nil {
		return w, err
	}
	if output, err = ParseCount(out); err != nil {
		return w, err
	}
	return w.WithItem(input, output)
}

// LookupPreset finds a preset by its name, in any case; an unknown one is an
// *InputError that names the known ones.
func LookupPreset(name string) (Preset, error) {
	var names []string
	for _, p := range Presets() {
		if fold(p.Name) == fold(name) {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Preset{}, &InputError{
		What: fmt.Sprintf("there is no preset %s", quote(strings.TrimSpace(name))),
		Hint: "the presets are " + enumerate(names),
	}
}
