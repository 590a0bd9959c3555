package monitor

import (
	"context"
	"encoding/json"
	"time"

	"costping/store"
)

// The kinds of events that the owner of a history records, beside those of the
// store itself. Each is written once, whoever looks on, and whoever takes over.
const (
	// EventLimitBroken: a figure has been over its limit for as long as the limit
	// says. EventLimitCleared: it is 5 % inside again.
	EventLimitBroken  store.EventKind = "limit_broken"
	EventLimitCleared store.EventKind = "limit_cleared"
	// EventRegression: a target is lastingly slower than it was; EventRecovered: it
	// is not any more.
	EventRegression store.EventKind = "regression"
	EventRecovered  store.EventKind = "recovered"
	// EventTargetDown: a target does not answer; EventTargetUp: it does again.
	EventTargetDown store.EventKind = "target_down"
	EventTargetUp   store.EventKind = "target_up"
	// EventBudgetSpent: the day's budget for probing is spent; EventBudgetReset: the
	// next day has begun.
	EventBudgetSpent store.EventKind = "budget_spent"
	EventBudgetReset store.EventKind = "budget_reset"
	// EventPriceChanged: a model costs something else than before.
	EventPriceChanged store.EventKind = "price_changed"
	// EventDrifted: a figure is worse than what was approved, by more than it may be;
	// EventDriftEnded: it is not any more.
	EventDrifted    store.EventKind = "drifted"
	EventDriftEnded store.EventKind = "drift_ended"
	// EventRetiring: a model is retired within 60 days.
	EventRetiring store.EventKind = "retiring"
	// EventPaused, EventResumed, EventTargetOff and EventTargetOn: somebody has
	// steered the probing.
	EventPaused    store.EventKind = "paused"
	EventResumed   store.EventKind = "resumed"
	EventTargetOff store.EventKind = "target_off"
	EventTargetOn  store.EventKind = "target_on"
	// EventConfigChanged: another configuration is in force.
	EventConfigChanged store.EventKind = "config_changed"
	// EventChecked: a check on a schedule has been made; EventCheckPutOff: it is made
	// later.
	EventChecked     store.EventKind = "checked"
	EventCheckPutOff store.EventKind = "check_put_off"
)

// Alerting reports whether a kind of event is one to tell a person of at once.
func Alerting(kind store.EventKind) bool {
	switch kind {
	case EventLimitBroken, EventLimitCleared, EventRegression, EventRecovered, EventTargetDown, EventTargetUp,
		EventBudgetSpent, EventPriceChanged, EventDrifted, EventDriftEnded, EventRetiring, store.EventDamaged, store.EventUnsaved:
		return true
	}
	return false
}

// lookBack is how far back what was recorded is looked at for what still holds.
const lookBack = 400 * 24 * time.Hour

// EventData are the figures of an event.
type EventData struct {
	// Metric is what an event about a limit or a regression is about.
	Metric string `json:"metric,omitempty"`
	// Limit tells limits on the same metric of a target apart, and approvals.
	Limit string `json:"limit,omitempty"`
	// Series tells apart what is measured of a target in other ways, such as with
	// another prompt, of a regression.
	Series string `json:"series,omitempty"`
	// Ratio is the level against that of before, of a regression.
	Ratio float64 `json:"ratio,omitempty"`
	// Day is the UTC day of a budget, or the one of a retirement.
	Day string `json:"day,omitempty"`
	// Cap is the budget that is spent, in USD a day.
	Cap string `json:"cap_usd,omitempty"`
}

func (d EventData) json() json.RawMessage {
	text, _ := json.Marshal(d) //nolint:errchkjson // texts and finite numbers
	return text
}

// dataOf reads the figures; what cannot be read is none.
func dataOf(e store.Event) EventData {
	var d EventData
	_ = json.Unmarshal(e.Data, &d) // a history may come from anywhere
	return d
}

// note records events and tells of them.
func (m *Monitor) note(ctx context.Context, events ...store.Event) error {
	if len(events) == 0 {
		return nil
	}
	return m.keep(ctx, store.Notes{Events: events})
}

// keep records notes and, once they are kept, tells of the events among them: to
// whoever listens, and those worth an alert to its command.
func (m *Monitor) keep(ctx context.Context, notes store.Notes) error {
	if err := m.history.Record(ctx, notes); err != nil {
		return err
	}
	m.telling.Lock()
	defer m.telling.Unlock()
	for _, e := range notes.Events {
		if tell := m.judged().Tell; tell != nil {
			tell(e)
		}
		if Alerting(e.Kind) {
			m.alert.take(e)
		}
	}
	return nil
}
