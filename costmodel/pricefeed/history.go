package pricefeed

import (
	"slices"

	"costping/costmodel"
)

// history is what is known of one model while a feed is laid over it: the
// intervals of the feed's own source in the price book, and the prices of all
// others.
type history struct {
	asOf   costmodel.Date // of the feed
	route  bool           // it is one of routes, which shows no tiers
	own    []costmodel.Price
	others []costmodel.Price
	// settled are the indices in own of what this import has given or found to
	// stand: nothing else in the same feed takes its place.
	settled map[int]bool
}

// day returns the day on which a price is looked at: that of the feed, or the
// nearest on which the price holds.
func (h *history) day(p costmodel.Price) costmodel.Date {
	switch {
	case p.From.Compare(h.asOf) > 0:
		return p.From
	case h.past(p):
		return costmodel.DateOf(p.Until.Time().AddDate(0, 0, -1))
	}
	return h.asOf
}

// past reports whether a price had ended when the feed was made.
func (h *history) past(p costmodel.Price) bool {
	return !p.Until.IsZero() && p.Until.Compare(h.asOf) <= 0
}

// speaks reports whether q says anything of the day on which p is looked at: of a
// day ahead of the feed only what was said then, or announced.
func (h *history) speaks(q, p costmodel.Price) bool {
	day := h.day(p)
	return q.SameOffer(p) && q.InForceOn(day) &&
		(day.Compare(h.asOf) <= 0 || q.AsOf.Compare(day) >= 0 || q.From.Compare(h.asOf) > 0)
}

// settle finds what of the feed stands already, before anything is opened: a feed
// that contradicts itself then ends the same however often it is imported.
func (h *history) settle(prices []costmodel.Price) {
	h.settled = map[int]bool{}
	for _, p := range prices {
		if i, ok := h.standing(p); ok {
			h.settled[i] = true
		}
	}
}

// standing returns the index of the source's interval that says what p does. What was
// announced for another day than p says the same only of that day: it is not p.
func (h *history) standing(p costmodel.Price) (int, bool) {
	i := slices.IndexFunc(h.own, func(q costmodel.Price) bool {
		announced := q.From.Compare(h.asOf) > 0
		return q.SameTerms(p) && q.Doubt == p.Doubt && q.InForceOn(h.day(p)) && (!announced || q.From == p.From)
	})
	return i, i >= 0
}

// known returns why a price is not news, "" where it is. Where it is what stands,
// and the feed is newer, the day is kept and confirmed is true.
func (h *history) known(p costmodel.Price) (why Reason, confirmed bool) {
	newest, inForce := costmodel.Date{}, false
	for _, q := range h.own {
		if !q.SameOffer(p) {
			continue
		}
		if q.AsOf.Compare(newest) > 0 {
			newest = q.AsOf
		}
		inForce = inForce || q.InForceOn(h.day(p)) && q.Doubt == p.Doubt
	}
	if i, ok := h.standing(p); ok {
		newer := p.AsOf.Compare(h.own[i].AsOf) > 0
		if newer || newest.Compare(h.asOf) <= 0 { // a later feed of the same day may set another end
			h.reconsider(&h.own[i], p)
		}
		return Unchanged, newer
	}
	if newest.Compare(h.asOf) > 0 || h.contradictsItself(p) || h.outdated(p) {
		return Older, false
	}
	if inForce {
		return "", false
	}
	return h.agreed(p)
}

// reconsider notes that an interval was seen again, and whether its end still is
// as it was.
func (h *history) reconsider(q *costmodel.Price, p costmodel.Price) {
	q.AsOf = p.AsOf
	open := q.Until.IsZero() || q.Until.Compare(h.asOf) > 0
	if open && (p.Until.IsZero() || p.Until.Compare(q.From) > 0) {
		q.Until = p.Until
	}
}

// contradictsItself reports whether this feed said something else for the same days
// already: neither is newer. What the source said in an earlier import, as of the
// same day, is no contradiction: it gives way to the later one.
func (h *history) contradictsItself(p costmodel.Price) bool {
	opened := h.opened(p)
	for i, q := range h.own {
		if h.settled[i] && q.SameOffer(p) && q.Doubt == p.Doubt && q.Overlaps(opened) && !q.SameTerms(p) {
			return true
		}
	}
	return false
}

// outdated reports whether a price for special hours is older than the plain one of
// another source: it would hold before that at its hours.
func (h *history) outdated(p costmodel.Price) bool {
	return !p.Hours.IsZero() && slices.ContainsFunc(h.others, func(q costmodel.Price) bool {
		return q.Service == p.Service && q.Hours.IsZero() && q.Doubt == "" && q.InForceOn(h.day(p)) && q.AsOf.Compare(p.AsOf) > 0
	})
}

// compared returns another's price as far as the feed could say the same.
func (h *history) compared(q costmodel.Price) costmodel.Price {
	if h.route {
		q.Tiers = nil
	}
	return q
}

// agreed reports whether others say the same already. It is kept as an interval of
// this source only where it is newer than all of them: an old price of another
// source could hold instead otherwise.
func (h *history) agreed(p costmodel.Price) (why Reason, confirmed bool) {
	var newest costmodel.Date
	for _, q := range h.others {
		stale := q.Doubt != "" && q.AsOf.Compare(p.AsOf) < 0
		if h.speaks(q, p) && !stale && agrees(p, h.compared(q)) && q.AsOf.Compare(newest) > 0 {
			newest = q.AsOf
		}
	}
	if newest.IsZero() {
		return "", false
	}
	if newest.Compare(p.AsOf) < 0 && !h.past(p) && !h.route {
		h.open(h.opened(p))
		return Unchanged, true
	}
	return Unchanged, false
}

// flags returns why a price has to be looked at.
func (h *history) flags(p costmodel.Price, kind costmodel.Kind, stands costmodel.Price) []Flag {
	flags := implausible(p, kind)
	if h.past(p) { // nobody else's prices of then are known
		return flags
	}
	var others []costmodel.Price
	for _, q := range h.others {
		if h.speaks(q, p) {
			others = append(others, h.compared(q))
		}
	}
	return slices.Concat(flags, changed(p, h.compared(stands)), disagreeing(p, others))
}

// opened returns a price with the day from which it is known to hold: that of the
// feed where it takes the place of another, and the feed says nothing.
func (h *history) opened(p costmodel.Price) costmodel.Price {
	replaces := func(q costmodel.Price) bool { return q.SameOffer(p) }
	if p.From.IsZero() && !h.past(p) && (slices.ContainsFunc(h.own, replaces) || slices.ContainsFunc(h.others, replaces)) {
		p.From = h.asOf
	}
	return p
}

// open adds an interval. Those of the same source that it overlaps end where it
// begins; one that would not have begun by then is kept as superseded. One that was
// superseded or withdrawn and is now said again, as of the same day, holds again.
func (h *history) open(p costmodel.Price) {
	superseded := "superseded as of " + h.asOf.String()
	again := -1
	for i := range h.own {
		q := &h.own[i]
		if (q.Doubt == superseded || q.Doubt == h.withdrawn()) && q.AsOf == p.AsOf && q.From == p.From && q.Until == p.Until && q.SameTerms(p) {
			again = i
		}
		if !q.SameOffer(p) || q.Doubt != p.Doubt || !q.Overlaps(p) {
			continue
		}
		if q.From.Compare(p.From) < 0 {
			q.Until = p.From
		} else {
			q.Doubt = superseded
		}
	}
	if again < 0 {
		again, h.own = len(h.own), append(h.own, p)
	}
	h.own[again] = p
	h.settled[again] = true
}

// withdrawn is the doubt of what the feed announces no longer.
func (h *history) withdrawn() string { return "withdrawn as of " + h.asOf.String() }

// withdraw marks the intervals ahead that the feed announced once and announces no
// longer, and returns how many.
func (h *history) withdraw(announced []costmodel.Price) int {
	n := 0
	for i := range h.own {
		q := &h.own[i]
		still := slices.ContainsFunc(announced, func(p costmodel.Price) bool { return q.SameOffer(p) && p.From == q.From })
		if q.Doubt == "" && q.From.Compare(h.asOf) > 0 && q.AsOf.Compare(h.asOf) <= 0 && !still {
			q.Doubt = h.withdrawn()
			n++
		}
	}
	return n
}
