package cli

import (
	"cmp"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/costmodel/spelling"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/monitor"
)

// offer is something that a workload can be priced on: a model of the catalog, or a
// configured target with what the person says of it.
type offer struct {
	// Name is the target's, else the model's ID.
	Name string
	costmodel.Entry
	// Target says that it is configured; Missing why it has no price where it has
	// none of its own and the catalog does not know its model.
	Target  *config.Target
	Missing string
}

// offerOf is a configured target: its own price goes before the catalog's.
func offerOf(t config.Target, catalog *costmodel.Catalog, day costmodel.Date) offer {
	c := monitor.Candidate(t, catalog, day)
	o := offer{Name: t.Name, Entry: costmodel.Entry{Model: c.Model, Price: c.Price}, Target: &t}
	if c.OwnMachine && t.SelfHost == nil {
		o.Missing = "the target " + t.Name + " of the configuration, on this machine, has no price"
		if m, ok := catalog.Lookup(t.Name); ok {
			o.Missing += "; " + qualified(m) + " names the catalog's model"
		}
	}
	if !c.Known {
		o.Model = costmodel.Model{ID: t.Model, Kind: costmodel.Chat, Provider: t.Provider, ProviderName: cmp.Or(t.Provider, t.Host())}
		if !o.Price.Known() && o.Missing == "" {
			o.Missing = "the catalog does not have " + t.Model
		}
	}
	return o
}

// qualified is a name of a model of the catalog that no target has by chance.
func qualified(m costmodel.Model) string {
	if strings.Contains(m.ID, "/") {
		return m.ID
	}
	return m.Provider + "/" + m.ID
}

// target is its name where it is a configured target, else "".
func (o offer) target() string {
	if o.Target == nil {
		return ""
	}
	return o.Name
}

// machine reports whether it is a target on a machine of one's own, whose cost is
// known.
func (o offer) machine() bool { return o.Target != nil && o.Target.SelfHost != nil }

// spend is what the projector's workload w costs on it.
func (o offer) spend(projector *costmodel.Projector, w costmodel.Workload) costmodel.Spend {
	if o.machine() {
		return costmodel.OnMachine(*o.Target.SelfHost, w)
	}
	if o.Target != nil && !o.Price.Known() && o.Target.Loopback() {
		s := costmodel.OnLocal(w)
		s.Reason = cmp.Or(o.Missing, s.Reason)
		return s
	}
	s := projector.Project(o.Price)
	if !s.Known && o.Missing != "" {
		s.Reason = o.Missing
	}
	return s
}

// offersNamed are what names or patterns ask for: of configured targets those of the
// name, before the models of the catalog. A pattern asks for both.
func (a *app) offersNamed(catalog *costmodel.Catalog, patterns []string, day costmodel.Date) ([]offer, error) {
	configured, err := a.configuration()
	if err != nil {
		return nil, err
	}
	var offers []offer
	add := func(o offer) {
		if !slices.ContainsFunc(offers, func(other offer) bool { return other.Name == o.Name }) {
			offers = append(offers, o)
		}
	}
	for _, pattern := range patterns {
		found := false
		for _, t := range configured.Targets {
			if compare.Named(pattern, t.Name) {
				add(offerOf(t, catalog, day))
				found = true
			}
		}
		if _, exact := configured.Named(pattern); exact {
			continue
		}
		models := catalog.Match(pattern)
		if len(models) == 0 && !found {
			return nil, unknownOffer(catalog, configured, pattern)
		}
		for _, m := range models {
			add(offer{Name: m.ID, Entry: costmodel.Entry{Model: m, Price: m.PriceOn(day)}})
		}
	}
	return offers, nil
}

// offerNamed is the configured target of a name, else the model of the catalog.
func (a *app) offerNamed(catalog *costmodel.Catalog, name string, day costmodel.Date) (offer, error) {
	configured, err := a.configuration()
	if err != nil {
		return offer{}, err
	}
	if t, ok := configured.Named(name); ok {
		return offerOf(t, catalog, day), nil
	}
	m, ok := catalog.Lookup(name)
	if !ok {
		return offer{}, unknownOffer(catalog, configured, name)
	}
	return offer{Name: m.ID, Entry: costmodel.Entry{Model: m, Price: m.PriceOn(day)}}, nil
}

// served are the offers at another service tier than the standard one, of those
// that were not named only what has it. A price of one's own is of all tiers.
func served(offers []offer, service costmodel.Service, named bool, day costmodel.Date) []offer {
	if service == costmodel.Standard {
		return offers
	}
	var at []offer
	for _, o := range offers {
		if !o.Price.Own && !o.machine() {
			o.Price = o.Model.Holding(day, service, costmodel.Hours{})
			if o.Missing == "" {
				o.Missing = "no " + string(service) + " price on " + day.String()
			}
		}
		if named || o.Price.Known() {
			at = append(at, o)
		}
	}
	return at
}

// offersListed are the models of a list of the catalog, at its prices.
func offersListed(catalog *costmodel.Catalog, list string, day costmodel.Date) ([]offer, error) {
	entries, err := catalog.List(list)
	offers := make([]offer, len(entries))
	for i, e := range entries {
		e.Price = e.Model.PriceInOn(list, day)
		offers[i] = offer{Name: e.Model.ID, Entry: e}
	}
	return offers, err
}

// chatOffers are the chat models that are part of the program, and all of the price
// book's where those are asked for.
func (a *app) chatOffers(catalog *costmodel.Catalog, all bool, day costmodel.Date) ([]offer, error) {
	models, err := a.unasked(catalog, catalog.Models(), all)
	offers := make([]offer, len(models))
	for i, m := range models {
		offers[i] = offer{Name: m.ID, Entry: costmodel.Entry{Model: m, Price: m.PriceOn(day)}}
	}
	return offers, err
}

// unknownOffer says what was perhaps meant, of the targets too.
func unknownOffer(catalog *costmodel.Catalog, c config.Config, name string) error {
	if near := spelling.Nearest(name, namesOf(c.Targets), 1); len(near) > 0 {
		return usage("did you mean the target "+near[0]+"?", "unknown model or target %q", name)
	}
	return unknownModel(catalog, name)
}
