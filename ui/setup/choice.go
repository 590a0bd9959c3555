package setup

import (
	"cmp"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/probe"
)

// Choice is a target that is to be probed, and why.
type Choice struct {
	Target probe.Target
	Why    string
	// Local says that it is on this machine.
	Local bool
}

const (
	// perKey is how many models are probed with a key, and of a local server: with
	// more, the budget would leave each too few probes a day.
	perKey = 4
	// strongOutput is the dearest output that is chosen unasked, in USD for 1M
	// tokens: beyond, one model would take most of the budget.
	strongOutput = "15"
	// soon is how many days before its retirement a model is not worth beginning
	// with, where there are others.
	soon = 60
)

// hosts are the catalog's names of providers where they are not the preset's.
var hosts = map[string]string{"gemini": "google"}

// host is the catalog's name of a provider.
func host(p probe.Provider) string { return cmp.Or(hosts[p.Name], p.Name) }

// chosen are the models to probe with a key: of the current ones, the newest of each
// family, the cheapest and the strongest, then those of the starter list.
func chosen(catalog *costmodel.Catalog, key Key, today costmodel.Date) []Choice {
	if customers(key.Provider) {
		return nil
	}
	models := current(catalog, host(key.Provider), today)
	if len(models) == 0 {
		return nil
	}
	maker := models[0].ProviderName
	var choices []Choice
	add := func(m costmodel.Model, why string) {
		if len(choices) < perKey && !slices.ContainsFunc(choices, func(c Choice) bool { return c.Target.Name == m.ID }) {
			choices = append(choices, Choice{Why: why, Target: probe.Target{
				Name: m.ID, Provider: key.Provider.Name, Model: apiName(m), BaseURL: key.Provider.BaseURL, KeyEnv: key.Variable,
			}})
		}
	}
	add(models[0], "the cheapest of "+maker)
	limit, _ := costmodel.ParseUSD(strongOutput) // a constant that parses
	for _, m := range slices.Backward(models) {
		if usd, ok := m.PriceOn(today).Output.USD(); ok && usd.Cmp(limit) <= 0 {
			add(m, "strong, at most $"+strongOutput+"/1M out")
			break
		}
	}
	for _, m := range models {
		if slices.Contains(m.Lists, "starter") {
			add(m, "on the starter list")
		}
	}
	return choices
}

// current are the chat models of a provider that can be had today and for a while,
// have a price, and are the newest of their family; the cheapest first.
func current(catalog *costmodel.Catalog, provider string, today costmodel.Date) []costmodel.Model {
	var live, lasting []costmodel.Model
	for _, m := range catalog.Models() {
		price := m.PriceOn(today)
		_, in := price.Input.USD()
		_, out := price.Output.USD()
		switch days, ends := m.DaysLeft(today); {
		case m.Provider != provider || m.Kind != costmodel.Chat || !in || !out:
		case m.RetiredOn(today) || m.UnreleasedOn(today) || strings.Contains(m.ID, "preview"):
		case ends && days <= soon:
			live = append(live, m)
		default:
			lasting = append(lasting, m)
		}
	}
	if len(lasting) == 0 {
		lasting = live
	}
	models := slices.DeleteFunc(slices.Clone(lasting), func(m costmodel.Model) bool {
		return slices.ContainsFunc(lasting, func(other costmodel.Model) bool { return supersedes(other, m) })
	})
	slices.SortStableFunc(models, func(a, b costmodel.Model) int {
		return cmp.Or(blend(a, today).Cmp(blend(b, today)), b.Released.Compare(a.Released))
	})
	return models
}

// supersedes reports whether a is the newer one of a family.
func supersedes(a, b costmodel.Model) bool {
	return a.ID != b.ID && a.Family != "" && a.Family == b.Family && a.Released.Compare(b.Released) > 0
}

// blend is what three parts of input and one of output cost.
func blend(m costmodel.Model, today costmodel.Date) costmodel.USD {
	price := m.PriceOn(today)
	in, _ := price.Input.USD()
	out, _ := price.Output.USD()
	return in.Add(in).Add(in).Add(out)
}

// apiName is what the provider calls the model: the catalog's ID, unless that has
// the host in front or the API's own names have a maker.
func apiName(m costmodel.Model) string {
	if len(m.APIIDs) > 0 && (strings.Contains(m.ID, "/") || strings.Contains(m.APIIDs[0], "/")) {
		return m.APIIDs[0]
	}
	return m.ID
}

// ownChoices are the models of a local server.
func ownChoices(s Server) []Choice {
	var choices []Choice
	for _, name := range s.Chat[:min(len(s.Chat), perKey)] {
		choices = append(choices, Choice{Local: true, Why: "on this machine", Target: probe.Target{
			Name: name, Provider: s.Provider.Name, Model: name, BaseURL: "http://" + s.Host + "/v1",
		}})
	}
	return choices
}
