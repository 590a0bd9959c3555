package simulator

import (
	"fmt"
	"time"
)

// Dialect is where a script departs from OpenAI's own way of speaking. The zero
// value is OpenAI's way; each field is one departure, and they combine. [Dialects]
// names each of them, and the bundles that providers are known for.
type Dialect struct {
	Framing
	Chunks
	UsageForm
	Requests
	Errors
	Headers
	Lifecycle
}

// leastBeat is the shortest period of anything that repeats.
const leastBeat = 100 * time.Microsecond

func (d Dialect) validate() error {
	for _, check := range []func() error{
		d.Framing.validate, d.Chunks.validate, d.UsageForm.validate, d.Requests.validate,
		d.Errors.validate, d.Headers.validate, d.Lifecycle.validate,
	} {
		if err := check(); err != nil {
			return fmt.Errorf("dialect: %w", err)
		}
	}
	return nil
}

// oneOf reports a value that is none of those known.
func oneOf[T ~string](name string, value T, known ...T) error {
	for _, k := range known {
		if value == k {
			return nil
		}
	}
	return fmt.Errorf("unknown %s %q", name, string(value))
}

// period reports a period that is neither none nor sensible.
func period(name string, d time.Duration) error {
	if d != 0 && (d < leastBeat || d > maxDraw) {
		return fmt.Errorf("%s must be 0 or lie between %v and 1h", name, leastBeat)
	}
	return nil
}
