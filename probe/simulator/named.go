package simulator

import "time"

// Named is a way to speak that a test or the demo can pick.
type Named struct {
	// Name is lower case with hyphens.
	Name string
	// About is one line: what it does, and who is known for it.
	About string
	// Apply changes a script. It leaves alone what it does not name, so that
	// several can follow one another.
	Apply func(*Script)
}

// Dialects returns every way to speak: first the providers, then each quirk by
// itself. The caller may change what it gets.
func Dialects() []Named {
	all := providers()
	for _, theme := range [][]Named{framingQuirks(), chunkQuirks(), usageQuirks(), requestQuirks(), qualityQuirks(), errorQuirks(), headerQuirks(), lifecycleQuirks()} {
		all = append(all, theme...)
	}
	return all
}

// DialectNamed returns the way to speak of this name.
func DialectNamed(name string) (Named, bool) {
	for _, n := range Dialects() {
		if n.Name == name {
			return n, true
		}
	}
	return Named{}, false
}

// errorAfter lets every stream fail after so many events.
func errorAfter(events int, form StreamError) func(*Script) {
	return func(s *Script) {
		s.Dialect.StreamError = form
		s.Faults = []Fault{{Kind: FaultErrorEvent, Probability: 1, After: events}}
	}
}

func framingQuirks() []Named {
	return []Named{
		{"crlf", "lines end in CR LF", func(s *Script) { s.Dialect.LineEnd = CRLF }},
		{"cr", "lines end in CR alone", func(s *Script) { s.Dialect.LineEnd = CR }},
		{"bom", "a byte order mark precedes the first line", func(s *Script) { s.Dialect.BOM = true }},
		{"heartbeats", "a comment every 50 ms, also before the first token", func(s *Script) { s.Dialect.Heartbeat = 50 * time.Millisecond }},
		{"heartbeat-storm", "200 comments in a row, four times a second", func(s *Script) {
			s.Dialect.Heartbeat, s.Dialect.HeartbeatBurst = 250*time.Millisecond, 200
		}},
		{"event-names", "each event has a name", func(s *Script) { s.Dialect.EventName = "completion.chunk" }},
		{"no-space", "no space after the colon", func(s *Script) { s.Dialect.NoSpace = true }},
		{"multi-line", "the JSON of an event is broken over several data lines", func(s *Script) { s.Dialect.MultiLine = true }},
		{"unterminated", "no blank line after the last event", func(s *Script) { s.Dialect.Unterminated = true }},
		{"no-last-line-end", "the stream ends within its last line", func(s *Script) { s.Dialect.NoLastLineEnd = true }},
		{"late-blank", "the blank line that ends an event comes with the next", func(s *Script) { s.Dialect.LateBlank = true }},
		{"no-done", "the stream ends without [DONE]", func(s *Script) { s.Dialect.NoDone = true }},
		{"double-done", "[DONE] comes twice", func(s *Script) { s.Dialect.DoubleDone = true }},
		{"after-done", "a chunk with text follows [DONE]", func(s *Script) { s.Dialect.AfterDone = true }},
		{"dribble", "one byte in a write", func(s *Script) { s.Dialect.Dribble = true }},
		{"coalesce", "a buffering proxy passes events on every 250 ms", func(s *Script) { s.Dialect.Coalesce = 250 * time.Millisecond }},
		{"gzip", "the body is compressed although nobody asked for it", func(s *Script) { s.Dialect.Gzip = true }},
		{"never-streams", "one JSON body for an answer to a stream request", func(s *Script) { s.Dialect.NeverStreams = true }},
		{"wrong-content-type", "the stream calls itself plain text", func(s *Script) { s.Dialect.ContentType = "text/plain; charset=utf-8" }},
		{"no-content-type", "the stream has no content type", func(s *Script) { s.Dialect.NoContentType = true }},
	}
}

func chunkQuirks() []Named {
	return []Named{
		{"role-first", "a role-only chunk halfway to the first token", func(s *Script) { s.RoleFirst, s.RoleAt = true, 0.5 }},
		{"role-on-every", "the role on every delta", func(s *Script) { s.Dialect.RoleOnEvery = true }},
		{"filter-first", "a chunk without choices first", func(s *Script) { s.Dialect.FilterFirst = true }},
		{"content-parts", "content is an array of parts", func(s *Script) { s.Dialect.ContentParts = true }},
		{"reasoning-content", "16 tokens of reasoning under reasoning_content", func(s *Script) { s.Reasoning = Reasoning{Tokens: 16} }},
		{"reasoning-plain", "16 tokens of reasoning under reasoning", func(s *Script) {
			s.Reasoning, s.Dialect.ReasoningField = Reasoning{Tokens: 16}, ReasoningPlain
		}},
		{"reasoning-hidden", "16 tokens of reasoning that only usage tells of", func(s *Script) {
			s.Reasoning = Reasoning{Tokens: 16, Hidden: true}
		}},
		{"empty-deltas", "a chunk with an empty delta every 50 ms", func(s *Script) { s.Dialect.EmptyDeltas = 50 * time.Millisecond }},
		{"tool-call", "the call of a tool, a character a chunk", func(s *Script) { s.Dialect.ToolCall = true }},
		{"refusal", "the answer is a refusal", func(s *Script) { s.Dialect.Refusal = true }},
		{"no-null-finish", "finish_reason is left out until the last chunk", func(s *Script) { s.Dialect.OmitNullFinish = true }},
		{"finish-with-last", "the last token comes with the finish reason", func(s *Script) { s.Dialect.FinishWithLast = true }},
		{"bundled", "four tokens a chunk", func(s *Script) { s.TokensPerEvent = 4 }},
	}
}

func usageQuirks() []Named {
	return []Named{
		{"usage-unasked", "usage although nobody asked for it", func(s *Script) { s.Dialect.UsageUnasked = true }},
		{"usage-on-every", "cumulative usage on every chunk, and no chunk for it", func(s *Script) { s.Dialect.UsageOnEvery = true }},
		{"usage-continuous", "cumulative usage on every chunk where asked for", func(s *Script) { s.Dialect.UsageContinuous = true }},
		{"usage-in-finish", "usage on the chunk with the finish reason", func(s *Script) { s.Dialect.UsageInFinish = true }},
		{"usage-missing", "no usage at all", func(s *Script) { s.OmitUsage = true }},
		{"usage-without-reasoning", "completion_tokens exclude 16 of reasoning, total_tokens do not", func(s *Script) {
			s.Reasoning, s.Dialect.ExcludeReasoning = Reasoning{Tokens: 16, Hidden: true}, true
		}},
		{"usage-without-details", "no details of either count", func(s *Script) { s.Dialect.OmitDetails = true }},
		{"cached", "three quarters of the prompt come from the cache", func(s *Script) { s.Dialect.CachedShare = 0.75 }},
		{"cache-hit-counts", "cached tokens also as prompt_cache_hit_tokens", func(s *Script) {
			s.Dialect.CachedShare, s.Dialect.CacheHitCounts = 0.75, true
		}},
		{"cost", "usage tells what the answer cost", func(s *Script) { s.Dialect.Cost = 0.000125 }},
		{"x-groq", "the server's times in x_groq", func(s *Script) { s.Dialect.XGroq = true }},
		{"timings", "the server's times in timings", func(s *Script) { s.Dialect.Timings = true }},
		{"usage-strings", "the numbers of usage are strings", func(s *Script) { s.Dialect.UsageStrings = true }},
		{"usage-negative", "minus one completion tokens", func(s *Script) { s.Dialect.UsageNegative = true }},
		{"usage-absurd", "more completion tokens than can be", func(s *Script) { s.Dialect.UsageAbsurd = true }},
	}
}

// careless is a model whose answers are wrong in a tenth of the cases and more.
func careless(s *Script) {
	tenth := func(defects ...Defect) (chances []Chance) {
		for _, d := range defects {
			chances = append(chances, Chance{d, 0.1})
		}
		return chances
	}
	s.Quality.Schema = tenth(Wrapped, Missing, WrongType)
	s.Quality.Enforced = tenth(WrongValue)
	s.Quality.Tools = tenth(WrongTool, Extra, NoCall)
	s.Quality.Wrong = 0.1
	s.Quality.Recall = Recall{Reach: 2000, Near: 1, Far: 0.9, Middle: 0.3}
}

func qualityQuirks() []Named {
	return []Named{
		{"careless", "wrong answers where the right one is known, a tenth each of several kinds", careless},
		{"characters", "known answers a character a token", func(s *Script) { s.Quality.Characters = true }},
	}
}

func requestQuirks() []Named {
	return []Named{
		{"refuse-max-tokens", "400: use max_completion_tokens", func(s *Script) { s.Dialect.RefuseMaxTokens = true }},
		{"refuse-max-completion-tokens", "422 to max_completion_tokens", func(s *Script) { s.Dialect.RefuseMaxCompletionTokens = true }},
		{"ignore-max-completion-tokens", "max_completion_tokens caps nothing", func(s *Script) { s.Dialect.IgnoreMaxCompletionTokens = true }},
		{"refuse-stream-options", "422 to stream_options", func(s *Script) { s.Dialect.RefuseStreamOptions = true }},
		{"refuse-temperature", "400 to any temperature but 1", func(s *Script) { s.Dialect.RefuseTemperature = true }},
		{"refuse-unknown", "400 to fields that OpenAI does not have", func(s *Script) { s.Dialect.RefuseUnknown = true }},
		{"no-schema", "400 to response_format", func(s *Script) { s.Dialect.RefuseSchema = true }},
		{"no-tools", "400 to tools", func(s *Script) { s.Dialect.RefuseTools = true }},
		{"small-window", "400 to more than 4,000 tokens", func(s *Script) { s.Dialect.Window = 4000 }},
		{"least-cap", "400 to caps below 16", func(s *Script) { s.Dialect.LeastCap = 16 }},
	}
}

// refusing lets every request be refused in this shape.
func refusing(change func(*Dialect)) func(*Script) {
	return func(s *Script) {
		change(&s.Dialect)
		s.Faults = []Fault{{Kind: FaultBadRequest, Probability: 1}}
	}
}

func errorQuirks() []Named {
	return []Named{
		{"error-string", "refusals whose error is a string", refusing(func(d *Dialect) { d.ErrorShape = ErrorString })},
		{"error-array", "refusals that are an array", refusing(func(d *Dialect) { d.ErrorShape = ErrorArray })},
		{"error-detail", "refusals with a list of details", refusing(func(d *Dialect) { d.ErrorShape = ErrorDetail })},
		{"error-html", "refusals that are a page", refusing(func(d *Dialect) { d.ErrorShape = ErrorHTML })},
		{"error-empty", "refusals without a body", refusing(func(d *Dialect) { d.ErrorShape = ErrorEmpty })},
		{"error-controls", "refusals with escape sequences", refusing(func(d *Dialect) { d.ErrorControls = true })},
		{"error-echoes-key", "refusals that repeat the key", refusing(func(d *Dialect) { d.ErrorEchoesKey = true })},
		{"stream-error-event", "an error event after four tokens", errorAfter(4, StreamErrorEvent)},
		{"stream-error-chunk", "an error on a chunk after four tokens", errorAfter(4, StreamErrorChunk)},
		{"stream-error-object", "an event whose object is error after four tokens", errorAfter(4, StreamErrorObject)},
		{"stream-error-named", "an event named error after four tokens", errorAfter(4, StreamErrorNamed)},
		{"stream-error-body", "an error for a body, with status 200", errorAfter(NoEvents, StreamErrorBody)},
		{"stream-error-bare", "a bare JSON error after four tokens", errorAfter(4, StreamErrorBody)},
		{"stream-error-comment", "an error event after four tokens and a comment", errorAfter(4, StreamErrorComment)},
	}
}

func headerQuirks() []Named {
	return []Named{
		{"limit-requests", "20 requests a minute, counted down in x-ratelimit headers", func(s *Script) { s.Dialect.RequestLimit = 20 }},
		{"limit-tokens", "4,000 tokens a minute, counted down in x-ratelimit headers", func(s *Script) { s.Dialect.TokenLimit = 4000 }},
		{"limits-anthropic", "20 requests a minute in anthropic-ratelimit headers", func(s *Script) {
			s.Dialect.RequestLimit, s.Dialect.LimitHeaders = 20, LimitsAnthropic
		}},
		{"limits-untold", "no rate-limit headers", func(s *Script) { s.Dialect.LimitHeaders = LimitsUntold }},
		{"retry-after-date", "429 that says when in an HTTP date", limited(RetryDate)},
		{"retry-after-ms", "429 that says when in milliseconds", limited(RetryMillis)},
		{"server-ttft", "the server's time to the first token in a header", func(s *Script) { s.Dialect.ServerTTFT = true }},
		{"request-id", "the request's id also as request-id", func(s *Script) { s.Dialect.RequestIDHeader = "request-id" }},
	}
}

// limited lets every request be refused for a time.
func limited(form RetryAfter) func(*Script) {
	return func(s *Script) {
		s.Dialect.RetryAfter = form
		s.Faults = []Fault{{Kind: FaultRateLimited, Probability: 1, RetryAfter: 2500 * time.Millisecond}}
	}
}

func lifecycleQuirks() []Named {
	return []Named{
		{"loads", "the first request waits two seconds for the model, and so after a minute without one", func(s *Script) {
			s.Dialect.LoadTime, s.Dialect.UnloadAfter = 2*time.Second, time.Minute
		}},
		{"close-each", "the connection is closed after each answer", func(s *Script) { s.Dialect.CloseEach = true }},
		{"close-idle", "a connection is closed after a second without a request", func(s *Script) { s.Dialect.CloseIdle = time.Second }},
		{"redirect", "307 to another port of the same host", func(s *Script) { s.Dialect.RedirectTo = "127.0.0.1:8081" }},
	}
}
