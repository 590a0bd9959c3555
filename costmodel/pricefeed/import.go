package pricefeed

import (
	"fmt"
	"slices"
	"strings"

	"costping/costmodel"
)

// Options say how a feed is taken.
type Options struct {
	// AsOf is the day of the feed, for one that has no date of its own.
	AsOf costmodel.Date
	// All takes models that the catalog does not have, too; Providers only those
	// of some hosts, by the catalog's id or the feed's.
	All       bool
	Providers []string
	// Accept takes flagged prices: of the models of these names, or "all".
	Accept []string
}

// Change is a price that a feed gives and that does not stand.
type Change struct {
	// Model is the catalog's ID; New says that the catalog did not have it.
	Model string
	New   bool
	// Price is what the feed gives, Stands what holds in its place; without a
	// source where nothing does.
	Price, Stands costmodel.Price
	// Flags say why it has to be accepted, or had to be.
	Flags []Flag
}

// Report says what became of a feed, price by price: a model has one for each
// service, hours and dated interval. Every price is counted once.
type Report struct {
	Source string
	AsOf   costmodel.Date
	// Taken are the intervals that were opened, Flagged those that wait to be
	// accepted, Skipped counts the rest by reason.
	Taken, Flagged []Change
	Skipped        Tally
	// Confirmed counts those of the unchanged that the feed gives for a later day
	// than was known: that day is kept.
	Confirmed int
	// Withdrawn counts announced prices that the feed no longer announces.
	Withdrawn int
}

// Import lays a feed over the catalog and the price book, and returns the book
// with what was taken. A feed without a date, with neither its own nor that of the
// options, or with two that differ, is an *costmodel.InputError.
func Import(base *costmodel.Catalog, book Book, feed Feed, o Options) (Book, Report, error) {
	asOf, err := dateOf(feed, o.AsOf)
	if err != nil {
		return Book{}, Report{}, err
	}
	catalog, err := book.Over(base)
	if err != nil {
		return Book{}, Report{}, err
	}
	im := &importer{
		catalog: catalog, taken: takenIDs(base, catalog), feed: feed, options: o, book: book.clone(),
		report: Report{Source: feed.Source, AsOf: asOf, Skipped: Tally{}},
	}
	for why, n := range feed.Skipped {
		im.report.Skipped.add(why, n)
	}
	found := im.matched()
	if err := o.check(found); err != nil {
		return Book{}, Report{}, err
	}
	for _, c := range found {
		im.model(c)
	}
	if _, err := im.book.Over(base); err != nil {
		return Book{}, Report{}, err
	}
	return im.book, im.report, nil
}

// takenIDs returns, in lower case, what the ID of a new model cannot be: any name of
// the catalog, and the IDs of the models in the book. Their API ids give way to it,
// so that the ID does not depend on which feed came first.
func takenIDs(base, withBook *costmodel.Catalog) map[string]bool {
	taken := map[string]bool{}
	for _, m := range base.Models() {
		for _, name := range slices.Concat([]string{m.ID}, m.APIIDs, m.Aliases) {
			taken[strings.ToLower(name)] = true
		}
	}
	for _, m := range withBook.Models() {
		taken[strings.ToLower(m.ID)] = true
	}
	return taken
}

// dateOf returns the day of a feed.
func dateOf(feed Feed, given costmodel.Date) (costmodel.Date, error) {
	switch {
	case feed.AsOf.IsZero() && given.IsZero():
		return given, feedError("the feed has no date of its own, and its prices need one",
			"say with --as-of on which day it was published; the day of the import is not that day")
	case feed.AsOf.IsZero():
		return given, nil
	case !given.IsZero() && given != feed.AsOf:
		return given, feedError(fmt.Sprintf("the feed says that it is of %s, not of %s", feed.AsOf, given), "leave --as-of out")
	}
	return feed.AsOf, nil
}

type importer struct {
	catalog *costmodel.Catalog // with the book as it was
	taken   map[string]bool    // what the ID of a new model cannot be, in lower case
	feed    Feed
	options Options
	book    Book
	report  Report
}

// candidate is a model of the feed and the one of the catalog that it is.
type candidate struct {
	listing Listing
	model   costmodel.Model // as it stands; a new one has no prices
	rank    int             // how good the name is, 0 the best
	isNew   bool
	twice   bool // another listing by an equally good name has other prices
}

// matched finds for each listing its model. Of several that are the same, the one
// by the best name is taken: the ID, before an API id, before an alias.
func (im *importer) matched() []candidate {
	var found []candidate
	at := map[string]int{}
	for _, l := range im.feed.Listings {
		c, ok := im.match(l)
		if !ok {
			im.report.Skipped.add(NotInCatalog, len(l.Prices))
			continue
		}
		i, twice := at[strings.ToLower(c.model.ID)]
		if !twice {
			at[strings.ToLower(c.model.ID)] = len(found)
			found = append(found, c)
			continue
		}
		loser := &c
		if c.rank < found[i].rank {
			found[i], c = c, found[i]
		} else if c.rank == found[i].rank && !slices.EqualFunc(l.Prices, found[i].listing.Prices, costmodel.Price.Equal) {
			found[i].twice = true
		}
		im.report.Skipped.add(OtherName, len(loser.listing.Prices))
	}
	return found
}

// match finds the model that a listing is of, by the best of its names, or makes
// a new one of it where those are wanted.
func (im *importer) match(l Listing) (candidate, bool) {
	for _, name := range im.names(l) {
		provider, bare, _ := strings.Cut(name, "/")
		m, ok := im.catalog.HostedBy(provider, bare)
		if !ok {
			m, ok = im.catalog.HostedBy(provider, bare+"@"+provider) // as one is called below
		}
		if !ok {
			continue
		}
		rank := 1
		if slices.ContainsFunc(m.Aliases, func(alias string) bool { return strings.EqualFold(alias, bare) }) {
			rank = 2
		}
		if slices.ContainsFunc([]string{bare, name, bare + "@" + provider}, func(id string) bool { return strings.EqualFold(m.ID, id) }) {
			rank = 0
		}
		return candidate{listing: l, model: m, rank: rank}, true
	}
	if !im.wanted(l) {
		return candidate{}, false
	}
	m := l.Model
	m.Prices = nil
	m.APIIDs = distinct(append([]string{m.ID}, m.APIIDs...))
	bare := m.ID
	if m.ID = m.Provider + "/" + bare; im.taken[strings.ToLower(m.ID)] {
		m.ID = bare + "@" + m.Provider // the usual form is what another host's API calls its model
	}
	if len(m.ID) > maxText {
		return candidate{}, false
	}
	return candidate{listing: l, model: m, isNew: true}, true
}

// distinct drops names that differ from an earlier one in case only, or not at all.
func distinct(names []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(names, func(name string) bool {
		key := strings.ToLower(name)
		twice := seen[key]
		seen[key] = true
		return twice
	})
}

// names returns what a listing may be called in the catalog, with the host in
// front. A route's models are their vendors', or the route's own where no vendor's
// is known.
func (im *importer) names(l Listing) []string {
	var names []string
	if im.feed.Route {
		names = vendors(l.Model)
	}
	for _, name := range append([]string{l.ID}, l.APIIDs...) {
		names = append(names, l.Provider+"/"+name)
	}
	return names
}

// wanted reports whether a model that the catalog has not is to be taken.
func (im *importer) wanted(l Listing) bool {
	return im.options.All || slices.ContainsFunc(im.options.Providers, func(p string) bool {
		return hostOf(p) == l.Provider || strings.EqualFold(p, l.Provider)
	})
}

// accepted reports whether flagged prices of a model are to be taken.
func (o Options) accepted(c candidate) bool {
	return slices.ContainsFunc(o.Accept, func(name string) bool { return name == AcceptAll || c.is(name) })
}

// is reports whether a name is the model's, alone or with its host in front.
func (c candidate) is(name string) bool {
	return c.model.Is(name) || strings.EqualFold(name, c.model.Provider+"/"+c.listing.ID)
}

// check refuses to accept what the feed does not have: a slip would pass unseen.
func (o Options) check(found []candidate) error {
	for _, name := range o.Accept {
		if name != AcceptAll && !slices.ContainsFunc(found, func(c candidate) bool { return c.is(name) }) {
			return feedError(fmt.Sprintf("the feed has no price to accept for %.60q", name), "accept models by the names that diff shows, or all")
		}
	}
	return nil
}

// AcceptAll in Options.Accept takes all that is flagged.
const AcceptAll = "all"

// model takes the prices of one model.
func (im *importer) model(c candidate) {
	h := history{
		asOf: im.report.AsOf, route: im.feed.Route && c.model.Provider != openRouterHost, own: im.book.prices(c.model, im.feed.Source),
	}
	for _, p := range c.model.Prices {
		if p.Source != im.feed.Source {
			h.others = append(h.others, p)
		}
	}
	before := len(h.own)
	prices := slices.Clone(c.listing.Prices) // the standard one comes first
	for i := range prices {
		p := &prices[i]
		p.Source, p.AsOf = im.feed.Source, im.report.AsOf
		if h.route {
			// It may be what a workload costs there, but never what the vendor asks.
			p.Doubt = "a route's price, not the vendor's own"
		}
	}
	h.settle(prices)
	for _, p := range prices {
		im.price(c, &h, p)
	}
	im.report.Withdrawn += h.withdraw(c.listing.Prices)
	if before > 0 || len(h.own) > 0 {
		im.book.put(c.model, im.feed.Source, h.own)
	}
}

// price takes one price, or says why not.
func (im *importer) price(c candidate, h *history, p costmodel.Price) {
	why, confirmed := h.known(p)
	if confirmed {
		im.report.Confirmed++
	}
	if why != "" {
		im.report.Skipped.add(why, 1)
		return
	}
	change := Change{
		Model: c.model.ID, New: c.isNew, Price: h.opened(p),
		Stands: c.model.Holding(h.day(p), p.Service, p.Hours),
	}
	change.Flags = h.flags(p, c.model.Kind, change.Stands)
	if p.Doubt != "" {
		change.Flags = append(change.Flags, Flag{FlagRoute, "the price of a route, which is not the vendor's own"})
	}
	if p.Service != costmodel.Standard && slices.ContainsFunc(im.report.Flagged, func(f Change) bool { return f.Model == c.model.ID }) {
		change.Flags = append(change.Flags, Flag{FlagBeside, "the standard price beside it is flagged"})
	}
	if c.twice {
		change.Flags = append(change.Flags, Flag{FlagTwice, "the feed has the model twice, with different prices"})
	}
	if len(change.Flags) > 0 && !im.options.accepted(c) {
		im.report.Flagged = append(im.report.Flagged, change)
		return
	}
	h.open(change.Price)
	im.report.Taken = append(im.report.Taken, change)
}
