package cli

import (
	"slices"

	"costping/costmodel"
	"costping/ui/monitor"
)

// unasked are the models to show where none was named: of those given the chat
// models that are part of the program, and those of the configured targets. A
// price book may have thousands of further ones, which all asks for.
func (a *app) unasked(catalog *costmodel.Catalog, models []costmodel.Model, all bool) ([]costmodel.Model, error) {
	models = slices.DeleteFunc(models, func(m costmodel.Model) bool { return m.Kind != costmodel.Chat })
	further := func(m costmodel.Model) bool {
		own, ok := costmodel.Default().HostedBy(m.Provider, m.ID)
		return !ok || own.ID != m.ID
	}
	if all || !slices.ContainsFunc(models, further) {
		return models, nil
	}
	configured, err := a.configuration()
	if err != nil {
		return nil, err
	}
	targets := map[string]bool{}
	for _, t := range configured.Targets {
		if m, ok := monitor.ModelOf(catalog, t.Target); ok {
			targets[m.ID] = true
		}
	}
	return slices.DeleteFunc(models, func(m costmodel.Model) bool { return further(m) && !targets[m.ID] }), nil
}
