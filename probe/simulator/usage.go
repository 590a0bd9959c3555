package simulator

import (
	"encoding/json"
	"errors"
	"regexp"
	"time"
)

// UsageForm is where and how usage is told, as far as it departs from a last chunk
// with empty choices where stream_options asks for it. [Script].OmitUsage leaves
// all of it out.
type UsageForm struct {
	// UsageUnasked sends it whether asked for or not (OpenRouter, Mistral,
	// Together, Fireworks).
	UsageUnasked bool
	// UsageOnEvery puts the figures so far on every chunk, whether asked for or
	// not, and sends no chunk for them alone (Gemini).
	UsageOnEvery bool
	// UsageContinuous puts the figures so far on every chunk where
	// stream_options.continuous_usage_stats asks for it (vLLM).
	UsageContinuous bool
	// UsageInFinish puts it on the chunk with the finish reason, and sends no
	// chunk for it alone (Mistral, DeepSeek).
	UsageInFinish bool
	// ExcludeReasoning keeps reasoning out of completion_tokens, but in
	// total_tokens (Gemini, which tells no details either; xAI, which does).
	ExcludeReasoning bool
	// OmitDetails leaves the details of both counts out (Ollama, llama.cpp).
	OmitDetails bool
	// CachedShare is the part of the prompt that comes from the cache, 0 to 1.
	CachedShare float64
	// CacheHitCounts also tells it as prompt_cache_hit_tokens and
	// prompt_cache_miss_tokens (DeepSeek).
	CacheHitCounts bool
	// Cost is what an answer cost, in dollars; 0 leaves it out (OpenRouter).
	Cost float64
	// XGroq adds x_groq.usage with the server's own times, in seconds, to the
	// chunk with the finish reason (Groq).
	XGroq bool
	// Timings adds the server's own times, in milliseconds, to the last chunk
	// (llama.cpp).
	Timings bool
	// UsageStrings writes its numbers as strings.
	UsageStrings bool
	// UsageNegative and UsageAbsurd tell a count of completion tokens that cannot
	// be: -1, or more than a provider sends in a year.
	UsageNegative, UsageAbsurd bool
}

// absurdTokens is more than a float64 can count, less than an int64.
const absurdTokens = 1<<60 + 1

func (u UsageForm) validate() error {
	switch {
	case !(u.CachedShare >= 0 && u.CachedShare <= 1): // also NaN
		return errors.New("cached share must lie between 0 and 1")
	case !(u.Cost >= 0 && u.Cost <= 1e6):
		return errors.New("cost must lie between 0 and 1e6")
	case u.UsageNegative && u.UsageAbsurd:
		return errors.New("usage is negative or absurd")
	}
	return nil
}

type usage struct {
	PromptTokens     int                `json:"prompt_tokens"`
	CompletionTokens int                `json:"completion_tokens"`
	TotalTokens      int                `json:"total_tokens"`
	Prompt           *promptDetails     `json:"prompt_tokens_details,omitempty"`
	Completion       *completionDetails `json:"completion_tokens_details,omitempty"`
	CacheHit         *int               `json:"prompt_cache_hit_tokens,omitempty"`
	CacheMiss        *int               `json:"prompt_cache_miss_tokens,omitempty"`
	Cost             float64            `json:"cost,omitempty"`
}

type promptDetails struct {
	CachedTokens int `json:"cached_tokens"`
}

type completionDetails struct {
	ReasoningTokens int `json:"reasoning_tokens"`
}

// figures are the tokens that usage speaks of.
type figures struct{ prompt, completion, reasoning int }

func (u UsageForm) cached(prompt int) int { return int(u.CachedShare * float64(prompt)) }

// usage returns the figures the way the dialect tells them.
func (u UsageForm) usage(f figures) usage {
	told := usage{
		PromptTokens: f.prompt, CompletionTokens: f.completion, TotalTokens: f.prompt + f.completion,
		Prompt:     &promptDetails{CachedTokens: u.cached(f.prompt)},
		Completion: &completionDetails{ReasoningTokens: f.reasoning},
		Cost:       u.Cost,
	}
	if u.ExcludeReasoning {
		told.CompletionTokens -= f.reasoning
	}
	if u.OmitDetails {
		told.Prompt, told.Completion = nil, nil
	}
	if u.CacheHitCounts {
		hit, miss := u.cached(f.prompt), f.prompt-u.cached(f.prompt)
		told.CacheHit, told.CacheMiss = &hit, &miss
	}
	if u.UsageNegative {
		told.CompletionTokens = -1
	}
	if u.UsageAbsurd {
		told.CompletionTokens = absurdTokens
	}
	return told
}

// usageNumber is a number in the JSON of a usage, which holds no strings.
var usageNumber = regexp.MustCompile(`:(-?[0-9][^,}]*)`)

// encode returns the JSON of usage.
func (u UsageForm) encode(f figures) (json.RawMessage, error) {
	b, err := json.Marshal(u.usage(f))
	if err == nil && u.UsageStrings {
		b = usageNumber.ReplaceAll(b, []byte(`:"$1"`))
	}
	return b, err
}

// xGroq is what Groq adds to the last chunk; times are seconds.
type xGroq struct {
	ID    string    `json:"id"`
	Usage groqUsage `json:"usage"`
}

type groqUsage struct {
	QueueTime        float64 `json:"queue_time"`
	PromptTokens     int     `json:"prompt_tokens"`
	PromptTime       float64 `json:"prompt_time"`
	CompletionTokens int     `json:"completion_tokens"`
	CompletionTime   float64 `json:"completion_time"`
	TotalTokens      int     `json:"total_tokens"`
	TotalTime        float64 `json:"total_time"`
}

func newXGroq(id string, f figures, plan Plan) *xGroq {
	return &xGroq{ID: id, Usage: groqUsage{
		PromptTokens: f.prompt, PromptTime: plan.TTFT.Seconds(),
		CompletionTokens: f.completion, CompletionTime: (plan.LastToken() - plan.TTFT).Seconds(),
		TotalTokens: f.prompt + f.completion, TotalTime: plan.LastToken().Seconds(),
	}}
}

// timings is what llama.cpp adds to the last chunk; times are milliseconds.
type timings struct {
	CacheN             int     `json:"cache_n"`
	PromptN            int     `json:"prompt_n"`
	PromptMs           float64 `json:"prompt_ms"`
	PromptPerSecond    float64 `json:"prompt_per_second"`
	PredictedN         int     `json:"predicted_n"`
	PredictedMs        float64 `json:"predicted_ms"`
	PredictedPerSecond float64 `json:"predicted_per_second"`
}

func newTimings(f figures, cached int, plan Plan) *timings {
	decode := plan.LastToken() - plan.TTFT
	return &timings{
		CacheN: cached, PromptN: f.prompt - cached, PromptMs: milliseconds(plan.TTFT),
		PromptPerSecond: rate(f.prompt-cached, plan.TTFT),
		PredictedN:      f.completion, PredictedMs: milliseconds(decode),
		PredictedPerSecond: rate(f.completion, decode),
	}
}

// rate is tokens per second, or 0 where no time passed.
func rate(tokens int, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(tokens) / d.Seconds()
}
