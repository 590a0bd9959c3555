package simulator

import "net/http"

// assistant is the role of every answer.
const assistant = "assistant"

// chat answers POST /v1/chat/completions.
func (s *Server) chat(x *exchange) error {
	var request chatRequest
	if ok, err := x.decode(&request); !ok {
		return err
	}
	x.sent.Model, x.sent.Stream = request.Model, request.Stream
	for _, m := range request.Messages {
		x.sent.PromptTokens += CountTokens(string(m.Content))
	}
	m := s.models[request.Model]
	if m != nil {
		if ok, err := x.speak(m.script.Dialect); !ok {
			return err
		}
	}
	if field, message := request.mistake(); field != "" {
		return x.refuseField(field, message)
	}
	if m == nil || m.script.EmbeddingDimensions > 0 {
		return x.refuseModel(request.Model)
	}

	if m.script.Dialect.IgnoreMaxCompletionTokens {
		request.MaxCompletionTokens = nil
	}
	if r := m.script.Dialect.refusal(&request); r != nil {
		return x.refuse(r.status, r.apiError)
	}
	if window := m.script.Dialect.Window; window > 0 && x.sent.PromptTokens > window {
		return x.refuse(http.StatusBadRequest, tooLong(x.sent.PromptTokens, window))
	}
	_, limit := request.capField()
	longest, _ := m.script.completion(limit)
	if wait, ok := x.allow(m, x.sent.PromptTokens+longest); !ok {
		return x.refuseLimit(wait)
	}
	plan, number, said := x.admitChat(m, limit, &request)
	x.follow(plan)
	if plan.Fault != FaultNone && !plan.Fault.MidStream() {
		return x.failEarly(plan)
	}
	a := &answer{
		exchange: x, plan: plan, script: m.script, said: said,
		words: wordSource{next: number * 7},
		head: completion{
			ID:      "chatcmpl-" + x.sent.RequestID,
			Object:  "chat.completion",
			Created: x.received.Unix(),
			Model:   request.Model,
		},
		tells: m.script.telling(request.StreamOptions),
	}
	if request.Stream && !m.script.Dialect.NeverStreams {
		return a.stream()
	}
	return a.whole()
}

// asked is what a request asks.
func (r *chatRequest) asked() Asked {
	var asked Asked
	for _, m := range r.Messages {
		asked.Messages = append(asked.Messages, AskedMessage{Role: m.Role, Text: string(m.Content)})
	}
	for _, t := range r.Tools {
		asked.Tools = append(asked.Tools, t.Function.Name)
	}
	return asked
}

// admitChat is admit for a request whose right answer may be known: then the plan
// has the length of what is said. The defect has a random source of its own, so
// that timings are the same with and without.
func (x *exchange) admitChat(m *model, limit int, request *chatRequest) (Plan, uint64, *saying) {
	var known Known
	var ok bool
	asked := request.asked()
	if x.s.options.Know != nil {
		known, ok = x.s.options.Know(asked)
	}
	if !ok {
		plan, number := x.admit(m, limit)
		return plan, number, nil
	}
	number := x.number(m)
	rng := RequestRand(x.s.options.Seed, m.script.Model+" quality", number)
	said := m.script.Quality.say(known, asked.Tools, m.script.Quality.draw(rng, known, request.has("response_format"), x.sent.PromptTokens))
	x.sent.Defect = said.defect
	script := m.script
	script.NaturalTokens = max(1, script.Reasoning.Tokens+len(said.deltas))
	plan := x.plan(m, script, number, limit)
	if len(said.deltas) == 0 {
		plan.Events = nil
	}
	if said.full.ToolCalls != nil && plan.Finish == FinishStop {
		plan.Finish = finishTools
	}
	if said.cut && plan.Finish != "" {
		plan.Finish = FinishLength
	}
	return plan, number, said
}

// mistake returns the first field that is wrong and what to say about it.
func (r *chatRequest) mistake() (field, message string) {
	switch {
	case r.Model == "":
		return "model", "You must provide a model parameter."
	case len(r.Messages) == 0:
		return "messages", "There must be at least one message."
	case r.N != nil && *r.N != 1:
		return "n", "Only one choice is supported: n must be 1."
	case r.MaxTokens != nil && *r.MaxTokens < 1:
		return "max_tokens", "max_tokens must be at least 1."
	case r.MaxCompletionTokens != nil && *r.MaxCompletionTokens < 1:
		return "max_completion_tokens", "max_completion_tokens must be at least 1."
	}
	return "", ""
}

// capField returns the field that caps the completion and the cap, or 0 where none
// is given. The newer of the two names wins.
func (r *chatRequest) capField() (field string, tokens int) {
	switch {
	case r.MaxCompletionTokens != nil:
		return "max_completion_tokens", *r.MaxCompletionTokens
	case r.MaxTokens != nil:
		return "max_tokens", *r.MaxTokens
	}
	return "", 0
}
