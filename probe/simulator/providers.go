package simulator

import "time"

// providers returns what each provider is known for, of the departures at hand.
// Read from vendors' pages and code of different dates: one row each to correct.
func providers() []Named {
	const second = time.Second
	return []Named{
		{"openai", "role first; caps as max_completion_tokens, temperature 1", func(s *Script) {
			s.RoleFirst, s.RoleAt = true, 0.8
			s.Dialect.RefuseMaxTokens, s.Dialect.RefuseTemperature = true, true
		}},
		{"anthropic", "its own limit headers and request id", func(s *Script) {
			s.Dialect.LimitHeaders, s.Dialect.RequestIDHeader = LimitsAnthropic, "request-id"
		}},
		{"gemini", "usage on every chunk without thoughts, errors in an array, no unknown fields", func(s *Script) {
			s.Dialect.UsageOnEvery, s.Dialect.ExcludeReasoning = true, true
			s.Dialect.OmitDetails, s.Dialect.FinishWithLast = true, true
			s.Dialect.RoleOnEvery, s.Dialect.OmitNullFinish = true, true
			s.Dialect.RefuseUnknown, s.Dialect.ErrorShape = true, ErrorArray
			s.Dialect.LimitHeaders = LimitsUntold
			s.TokensPerEvent = max(s.TokensPerEvent, 4)
		}},
		{"together", "usage unasked in the last chunk; reasoning", func(s *Script) {
			s.Dialect.UsageUnasked, s.Dialect.UsageInFinish = true, true
			s.Dialect.ReasoningField = ReasoningPlain
		}},
		{"fireworks", "usage unasked in the last chunk; a header with the server's TTFT", func(s *Script) {
			s.RoleFirst, s.RoleAt = true, 1
			s.Dialect.UsageUnasked, s.Dialect.UsageInFinish = true, true
			s.Dialect.ServerTTFT = true
		}},
		{"groq", "role first, x_groq.usage with the server's times; reasoning", func(s *Script) {
			s.RoleFirst, s.RoleAt = true, 1
			s.Dialect.XGroq, s.Dialect.ReasoningField = true, ReasoningPlain
		}},
		{"openrouter", "comments while it waits, usage unasked with its cost, errors on chunks", func(s *Script) {
			s.Dialect.Heartbeat, s.Dialect.HeartbeatText = second/4, " OPENROUTER PROCESSING"
			s.Dialect.RoleOnEvery, s.Dialect.ReasoningField = true, ReasoningPlain
			s.Dialect.UsageUnasked, s.Dialect.Cost = true, 0.000125
			s.Dialect.StreamError = StreamErrorChunk
			s.Dialect.LimitHeaders = LimitsUntold
		}},
		{"mistral", "usage unasked, content in parts, 422 to max_completion_tokens and stream_options", func(s *Script) {
			s.RoleFirst, s.RoleAt = true, 0.9
			s.Dialect.UsageUnasked, s.Dialect.UsageInFinish, s.Dialect.OmitDetails = true, true, true
			s.Dialect.ContentParts = true
			s.Dialect.RefuseMaxCompletionTokens, s.Dialect.RefuseStreamOptions = true, true
			s.Dialect.ErrorShape = ErrorDetail
		}},
		{"deepseek", "comments while it waits, cache-hit counts, usage with the finish reason", func(s *Script) {
			s.RoleFirst, s.RoleAt = true, 1
			s.Dialect.Heartbeat = second / 4
			s.Dialect.UsageInFinish, s.Dialect.CacheHitCounts = true, true
			s.Dialect.LimitHeaders = LimitsUntold
		}},
		{"xai", "the role on every delta, completion_tokens without reasoning", func(s *Script) {
			s.Dialect.RoleOnEvery, s.Dialect.OmitNullFinish = true, true
			s.Dialect.ExcludeReasoning = true
		}},
		{"azure", "a chunk without choices first; its filter lets blocks pass; retry-after-ms", func(s *Script) {
			s.RoleFirst, s.RoleAt = true, 0.8
			s.Dialect.FilterFirst, s.Dialect.Coalesce = true, second/4
			s.Dialect.RefuseMaxTokens, s.Dialect.RefuseTemperature = true, true
			s.Dialect.RequestIDHeader, s.Dialect.RetryAfter = "apim-request-id", RetryMillis
		}},
		{"vllm", "role first, cumulative usage where asked for; errors as objects", func(s *Script) {
			s.RoleFirst, s.RoleAt = true, 1
			s.Dialect.UsageContinuous, s.Dialect.OmitDetails = true, true
			s.Dialect.StreamError = StreamErrorObject
			s.Dialect.LimitHeaders = LimitsUntold
		}},
		{"ollama", "role on every delta, loads the model, max_tokens only; errors are strings", func(s *Script) {
			s.Dialect.RoleOnEvery, s.Dialect.ReasoningField = true, ReasoningPlain
			s.Dialect.OmitDetails = true
			s.Dialect.IgnoreMaxCompletionTokens = true
			s.Dialect.LoadTime, s.Dialect.UnloadAfter = 2*second, 5*time.Minute
			s.Dialect.ErrorShape, s.Dialect.LimitHeaders = ErrorString, LimitsUntold
		}},
		{"llamacpp", "role first, timings beside usage", func(s *Script) {
			s.RoleFirst, s.RoleAt = true, 1
			s.Dialect.Timings, s.Dialect.OmitDetails = true, true
			s.Dialect.LimitHeaders = LimitsUntold
		}},
		{"lmstudio", "loads the model, may not tell usage, max_tokens only", func(s *Script) {
			s.OmitUsage = true
			s.Dialect.RoleOnEvery, s.Dialect.IgnoreMaxCompletionTokens = true, true
			s.Dialect.LoadTime, s.Dialect.UnloadAfter = 2*second, time.Hour
			s.Dialect.LimitHeaders = LimitsUntold
		}},
	}
}
