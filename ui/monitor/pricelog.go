package monitor

import (
	"context"
	"fmt"
	"time"

	"costping/costmodel"
	"costping/store"
	"costping/ui/compare"
)

// recordPrices keeps the prices that are used where they are not those that were
// used last, with an event where another was.
func (j *judge) recordPrices(ctx context.Context, now time.Time) error {
	seen, err := j.m.history.Prices(ctx, "")
	if err != nil {
		return err
	}
	last := map[string]costmodel.Price{}
	for _, p := range seen {
		last[nameSeen(p)] = p.Price
	}
	var notes store.Notes
	for _, c := range j.candidates(now) {
		name := compare.PriceName(c)
		price := c.Price
		before, known := last[name]
		if !price.Known() || known && before.Equal(price) {
			continue
		}
		last[name] = price
		notes.Prices = append(notes.Prices, store.PriceSeen{At: now, Model: name, Price: price})
		if known && rates(before) != rates(price) {
			notes.Events = append(notes.Events, store.Event{
				At: now, Kind: EventPriceChanged, Target: c.Target,
				Text: fmt.Sprintf("1M tokens in/out cost %s, before it was %s", rates(price), rates(before)),
			})
		}
	}
	if len(notes.Prices) == 0 {
		return nil
	}
	return j.m.keep(ctx, notes)
}

// nameSeen is what a price of the history is of. Own prices of before stand under
// the bare name of their target, which may be that of a model too.
func nameSeen(p store.PriceSeen) string {
	if p.Price.Own {
		return compare.OwnPriceName(p.Model)
	}
	return p.Model
}

func rates(p costmodel.Price) string { return "$" + p.Input.String() + "/" + p.Output.String() }
