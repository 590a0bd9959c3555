package config

import (
	"fmt"
	"strconv"

	"costping/costmodel"
	"costping/probe"
)

type (
	pipelineTable struct {
		Name   string       `toml:"name"`
		Volume *string      `toml:"volume"`
		Stages []stageTable `toml:"stage"`
	}
	stageTable struct {
		Name  string   `toml:"name"`
		Model string   `toml:"model"`
		Share *written `toml:"share"`
		In    *written `toml:"in"`
		Out   *written `toml:"out"`
	}
)

// Pipeline is a configured pipeline: what each item of a volume goes through.
type Pipeline struct {
	Name string
	// Volume counts items, calls or documents, say; never tokens or users.
	Volume costmodel.Volume
	// Stages have their names and models, shares and shapes; their prices are for
	// whoever has a catalog.
	Stages []costmodel.Stage
}

// pipelines checks the pipelines and reports what is wrong with them.
func (f fileTable) pipelines(d *document) []Pipeline {
	var all []Pipeline
	names := map[string]int{}
	for i, raw := range f.Pipelines {
		path := "pipeline." + strconv.Itoa(i)
		d.distinctName(names, path, raw.Name, i)
		p := Pipeline{Name: raw.Name}
		p.Volume = raw.volume(d, path)
		if len(raw.Stages) == 0 {
			d.report(d.at[path], "a pipeline needs stages, each headed [[pipeline.stage]]")
		}
		for n, stage := range raw.Stages {
			p.Stages = append(p.Stages, stage.stage(d, join(path, "stage."+strconv.Itoa(n))))
		}
		all = append(all, p)
	}
	return all
}

func (raw pipelineTable) volume(d *document, path string) costmodel.Volume {
	if raw.Volume == nil {
		d.report(d.at[path], `a pipeline needs a volume of items, such as volume = "500 calls/day"`)
		return costmodel.Volume{}
	}
	v, err := costmodel.ParseVolume(*raw.Volume)
	if err == nil && (v.Unit() == costmodel.Tokens || v.Unit() == costmodel.Users) {
		err = fmt.Errorf("the volume of a pipeline counts messages, requests, calls or documents, and not %s", v.Unit())
	}
	if err != nil {
		d.report(d.place(path, "volume"), "%s", said(err))
	}
	return v
}

// maxStageTokens bounds the tokens of one call; no context is a thousandth of it.
const maxStageTokens = 1_000_000_000

// stage checks one stage and reports what is wrong with it.
func (raw stageTable) stage(d *document, path string) costmodel.Stage {
	s := costmodel.Stage{Name: raw.Name, Model: raw.Model}
	for _, text := range []struct{ key, value string }{{"name", raw.Name}, {"model", raw.Model}} {
		if text.value == "" || text.value != probe.Sanitize(text.value, maxShown) {
			d.report(d.place(path, text.key), "a stage needs a %s, one line of text", text.key)
		}
	}
	if raw.Share != nil {
		share, err := costmodel.ParseExactFraction(string(*raw.Share))
		if err != nil {
			d.report(d.place(path, "share"), "share %q is not the part of the items that reach the stage, from 0 to 1", *raw.Share)
		}
		s.Share = share
	}
	for _, count := range []struct {
		key  string
		text *written
		to   *int64
	}{{"in", raw.In, &s.Shape.In}, {"out", raw.Out, &s.Shape.Out}} {
		if count.text == nil {
			d.report(d.at[path], "a stage needs the tokens of one call: in and out")
			continue
		}
		n, err := costmodel.ParseTokens(string(*count.text))
		if err != nil || n > maxStageTokens {
			d.report(d.place(path, count.key), "%s %q is not a whole number of tokens, at most 1e9", count.key, *count.text)
		}
		*count.to = n
	}
	return s
}
