package costmodel

import (
	"fmt"
	"slices"
	"strings"
)

// PipelinePreset is a pipeline with a name and a volume, without prices.
type PipelinePreset struct {
	// Name is what it is asked for by, Title what it stands for.
	Name, Title string
	// Basis says where the figures are from, and what of them is assumed.
	Basis  string
	Volume Volume
	// Stages have names, models, shares and shapes; their prices are unknown.
	Stages []Stage
}

// pipelinePresets is the data of PipelinePresets.
var pipelinePresets = []struct {
	name, title, volume, basis string
	stages                     []Stage
}{{
	name: "compliance", title: "a compliance agent for calls", volume: "5000 calls/day",
	basis: "the stages, the volume, $0.36 a call on gpt-4o and $0.068 with two stages on gpt-4o-mini are published; " +
		"the tokens of a stage are an assumption from which these sums follow",
	stages: []Stage{
		{Name: "transcript parsing", Model: "gpt-4o-mini", Shape: Shape{In: 40_000, Out: 8_000}},
		{Name: "rule extraction", Model: "gpt-4o-mini", Shape: Shape{In: 32_255, Out: 5_000}},
		{Name: "compliance scoring", Model: "gpt-4o", Shape: Shape{In: 8_000, Out: 1_500}},
		{Name: "report generation", Model: "gpt-4o", Shape: Shape{In: 3_745, Out: 500}},
	},
}}

// PipelinePresets returns the pipelines that have a name.
func PipelinePresets() []PipelinePreset {
	list := make([]PipelinePreset, len(pipelinePresets))
	for i, p := range pipelinePresets {
		v, err := ParseVolume(p.volume)
		if err != nil {
			panic("costmodel: pipeline " + p.name + ": " + err.Error()) // held by a test
		}
		list[i] = PipelinePreset{Name: p.name, Title: p.title, Basis: p.basis, Volume: v, Stages: slices.Clone(p.stages)}
	}
	return list
}

// LookupPipeline finds a preset by its name, in any case; an unknown one is an
// *InputError that names the known ones.
func LookupPipeline(name string) (PipelinePreset, error) {
	var names []string
	for _, p := range PipelinePresets() {
		if fold(p.Name) == fold(name) {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return PipelinePreset{}, &InputError{
		What: fmt.Sprintf("there is no pipeline %s", quote(strings.TrimSpace(name))),
		Hint: "the built-in pipelines are " + enumerate(names) + "; others are [[pipeline]] in the configuration",
	}
}
