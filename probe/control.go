package probe

import "context"

// Control steers a schedule, wherever it runs: in this process or in the one that
// owns the history. Names of targets that the schedule does not have are an error.
// It is safe for concurrent use, and nothing of it waits for a probe.
type Control interface {
	// Pause stops the probing, or goes on with it. What is in flight is finished.
	Pause(ctx context.Context, paused bool) error
	// ProbeNow probes the named targets as soon as the budget lets it, all of
	// them where none is named.
	ProbeNow(ctx context.Context, targets ...string) error
	// Enable says whether a target is probed from now on.
	Enable(ctx context.Context, target string, on bool) error
	// Steered is what the schedule is doing, and whether it is paused.
	Steered(ctx context.Context) (Steered, error)
}

// Steered is the state of a schedule as whoever steers it sees it.
type Steered struct {
	Status
	// Paused says that nothing is probed until someone says so.
	Paused bool `json:"paused"`
	// Disabled names the targets that are not probed, in their order.
	Disabled []string `json:"disabled,omitempty"`
}
