package simulator

import (
	"errors"
	"fmt"
	"time"
)

const (
	// defaultTokens is the length of an answer to a request without a cap.
	defaultTokens = 256
	// defaultMaxTokens is the longest answer of a script that names none.
	defaultMaxTokens = 4096
	// tokenLimit is the longest answer any script may allow.
	tokenLimit = 1 << 16
)

// A Script says how one model behaves. Only Model is required: the zero value of
// everything else is a model that answers at once and without fault.
type Script struct {
	// Model is the id that requests name.
	Model string
	// OwnedBy is shown in the list of models; "simulator" where empty.
	OwnedBy string

	// TTFT is the time from receipt of the request to its first streamed token
	// on any channel. Reasoning that is hidden is within it.
	TTFT Distribution
	// Gap is the time that each later token takes. An event of several tokens
	// comes after the sum of theirs, so that bundling leaves throughput alone.
	Gap Distribution

	// TokensPerEvent is how many tokens one event carries; 0 means 1.
	TokensPerEvent int
	// DefaultTokens is the completion's length, reasoning included, where the
	// request gives no cap; 0 means 256.
	DefaultTokens int
	// NaturalTokens is the length, reasoning included, at which the model stops
	// by itself; 0 means that it uses the whole cap.
	NaturalTokens int
	// MaxTokens is the longest completion; larger caps are lowered to it.
	// 0 means 4096.
	MaxTokens int
	// OmitUsage leaves usage out of every answer, whether asked for or not.
	OmitUsage bool

	// Reasoning is what the model thinks before it answers.
	Reasoning Reasoning

	// RoleFirst sends the headers and a delta that has a role and empty content
	// before the first token: an event that is not a token. Without it the role
	// rides on the first token and the headers go out with that.
	RoleFirst bool
	// RoleAt is when that event is sent, as a fraction of TTFT from 0 (on
	// receipt) to 1.
	RoleAt float64

	// Faults is the mix of ways to fail at any time.
	Faults []Fault
	// Incidents are stretches of worse behaviour.
	Incidents []Incident

	// Quality is how often its answers are wrong, where Options.Know has the right
	// ones.
	Quality Quality

	// EmbeddingDimensions makes this an embedding model with vectors of that
	// length, answering after TTFT; 0 means a chat model.
	EmbeddingDimensions int

	// Dialect is how the model's provider departs from OpenAI on the wire.
	Dialect Dialect
}

// Reasoning is the part of a completion that is thought, not answer. It is
// counted in usage and takes from the cap.
type Reasoning struct {
	// Tokens of reasoning in every completion whose cap leaves room for them.
	Tokens int
	// Hidden keeps them off the stream; else they are reasoning_content deltas.
	Hidden bool
}

// Validate reports what makes the script unusable, or nil.
func (s Script) Validate() error {
	if err := s.validate(); err != nil {
		return fmt.Errorf("script %q: %w", s.Model, err)
	}
	return nil
}

func (s Script) validate() error {
	if s.Model == "" {
		return errors.New("a model id is needed")
	}
	if err := s.TTFT.validate(); err != nil {
		return fmt.Errorf("ttft: %w", err)
	}
	if err := s.Gap.validate(); err != nil {
		return fmt.Errorf("gap: %w", err)
	}
	for _, count := range []struct {
		name string
		n    int
	}{
		{"tokens per event", s.TokensPerEvent},
		{"default tokens", s.DefaultTokens},
		{"natural tokens", s.NaturalTokens},
		{"max tokens", s.MaxTokens},
		{"reasoning tokens", s.Reasoning.Tokens},
		{"embedding dimensions", s.EmbeddingDimensions},
	} {
		if count.n < 0 || count.n > tokenLimit {
			return fmt.Errorf("%s must lie between 0 and %d", count.name, tokenLimit)
		}
	}
	if !(s.RoleAt >= 0 && s.RoleAt <= 1) { // also NaN
		return errors.New("role at must lie between 0 and 1")
	}
	if err := s.Dialect.validate(); err != nil {
		return err
	}
	if err := validateFaults(s.Faults); err != nil {
		return err
	}
	if err := s.Quality.validate(); err != nil {
		return err
	}
	for i, incident := range s.Incidents {
		if err := incident.validate(); err != nil {
			return fmt.Errorf("incident %d: %w", i+1, err)
		}
	}
	return nil
}

// conditions returns what the incidents of this time make of the script: the
// factors on TTFT and gaps, and all faults in force. The script's own faults come
// first, so that an incident never changes which request they strike.
func (s Script) conditions(sinceEpoch time.Duration) (ttftFactor, gapFactor float64, faults []Fault) {
	ttftFactor, gapFactor, faults = 1, 1, s.Faults
	for _, i := range s.Incidents {
		if !i.Active(sinceEpoch) {
			continue
		}
		if i.TTFTFactor > 0 {
			ttftFactor *= i.TTFTFactor
		}
		if i.GapFactor > 0 {
			gapFactor *= i.GapFactor
		}
		faults = append(faults[:len(faults):len(faults)], i.Faults...)
	}
	return ttftFactor, gapFactor, faults
}

// completion returns the length of a completion, reasoning included, and why it
// ends there, for a request capped at requested tokens (0: no cap given).
func (s Script) completion(requested int) (tokens int, finish string) {
	tokens, finish = requested, FinishLength
	if requested <= 0 {
		tokens, finish = orDefault(s.DefaultTokens, defaultTokens), FinishStop
	}
	if natural := s.NaturalTokens; natural > 0 && natural <= tokens {
		tokens, finish = natural, FinishStop
	}
	if limit := min(orDefault(s.MaxTokens, defaultMaxTokens), tokenLimit); tokens > limit {
		tokens, finish = limit, FinishLength
	}
	return tokens, finish
}

func orDefault(n, byDefault int) int {
	if n <= 0 {
		return byDefault
	}
	return n
}
