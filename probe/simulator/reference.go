package simulator

import "time"

// Spreads of the shipped scripts: the standard deviations of the logarithm. The
// published figures give medians only. With 0.15 the slowest twentieth of first
// tokens takes 1.28 times the median or longer, as one region's warm requests do;
// with 0.3 a gap in a hundred is twice the median, which leaves a speed over 64
// tokens within about 4 %. A hosted open model varies more: 0.45 puts the slowest
// twentieth of first tokens at 2.1 times the median, 0.6 a gap in a hundred at 4.
const (
	ttftLogSD = 0.15
	gapLogSD  = 0.30

	wideTTFTLogSD = 0.45
	wideGapLogSD  = 0.60
)

// Reference returns the scripts of the models that costping ships figures for:
// TTFT has the published median, and gaps the mean that gives the published
// throughput. The caller may change what it gets.
func Reference() []Script {
	ms := time.Millisecond
	return []Script{
		published("gpt-4o", "openai", 800*ms, 70, 0.9),
		published("gpt-4o-mini", "openai", 380*ms, 150, 0.4),
		published("claude-3.5-sonnet", "anthropic", 700*ms, 80, -1),
		published("claude-3.5-haiku", "anthropic", 350*ms, 160, -1),
		published("gemini-1.5-pro", "google", 1200*ms, 55, -1),
		published("gemini-2.0-flash", "google", 250*ms, 180, -1),
		llama(),
		// No figure has been published for this one: both are made up for the demo.
		published("gemini-3.5-flash-lite", "google", 320*ms, 170, -1),
	}
}

// ReferenceEmbedding returns the script of the shipped embedding model. Its
// latency is made up for the demo.
func ReferenceEmbedding() Script {
	return Script{
		Model: "text-embedding-3-small", OwnedBy: "openai",
		TTFT: LogNormal(120*time.Millisecond, 0.2), EmbeddingDimensions: 1536,
	}
}

// published is a model without faults. roleAt is where the role delta comes, as a
// fraction of TTFT; below 0 there is none.
func published(model, owner string, ttft time.Duration, tokensPerSecond, roleAt float64) Script {
	return Script{
		Model: model, OwnedBy: owner,
		TTFT:      LogNormal(ttft, ttftLogSD),
		Gap:       LogNormalMean(perToken(tokensPerSecond), gapLogSD),
		RoleFirst: roleAt >= 0, RoleAt: max(roleAt, 0),
	}
}

// llama is the hosted open model, the only one with trouble: no figures have been
// published beyond that such models vary more. It fails only within incidents.
func llama() Script {
	return Script{
		Model: "llama-3.1-70b", OwnedBy: "together",
		TTFT:      LogNormal(600*time.Millisecond, wideTTFTLogSD),
		Gap:       LogNormalMean(perToken(45), wideGapLogSD),
		RoleFirst: true, RoleAt: 0.2,
		Incidents: []Incident{
			// Wide enough to show in a day of one probe a minute; the day before
			// the epoch holds all of it.
			{
				Offset: -9 * time.Hour, Lasts: 5 * time.Hour, Every: 24 * time.Hour,
				TTFTFactor: 1.5,
				Faults: []Fault{
					{Kind: FaultUnavailable, Probability: 0.02, RetryAfter: 5 * time.Second},
					{Kind: FaultRateLimited, Probability: 0.01, RetryAfter: 20 * time.Second},
				},
			},
			// For whoever watches: soon enough to be seen, late enough that the
			// first minutes show a healthy model.
			{
				Offset: 4 * time.Minute, Lasts: 40 * time.Second, Every: 5 * time.Minute,
				TTFTFactor: 2.5, GapFactor: 1.5,
				Faults: []Fault{
					{Kind: FaultRateLimited, Probability: 0.04, RetryAfter: 10 * time.Second},
					{Kind: FaultUnavailable, Probability: 0.03, RetryAfter: 5 * time.Second},
					{Kind: FaultCutMidStream, Probability: 0.02},
					{Kind: FaultErrorEvent, Probability: 0.01},
				},
			},
		},
	}
}

func perToken(tokensPerSecond float64) time.Duration {
	return time.Duration(float64(time.Second) / tokensPerSecond)
}
