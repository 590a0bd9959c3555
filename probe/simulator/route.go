package simulator

import (
	"crypto/subtle"
	"fmt"
	"net/http"
)

// route answers the exchange. An error means that it was broken off: by a fault,
// by the client or by Close.
func (s *Server) route(x *exchange) error {
	var method string
	var answer func(*exchange) error
	switch x.r.URL.Path {
	case "/v1/models":
		method, answer = http.MethodGet, s.listModels
	case "/v1/chat/completions":
		method, answer, x.recorded = http.MethodPost, s.chat, true
	case "/v1/embeddings":
		method, answer, x.recorded = http.MethodPost, s.embed, true
	default:
		return x.refuse(http.StatusNotFound, apiError{
			Message: fmt.Sprintf("Unknown request URL: %s %s.", x.r.Method, x.r.URL.Path),
			Type:    invalidRequest, Code: "unknown_url",
		})
	}
	if x.r.Method != method {
		x.w.Header().Set("Allow", method)
		return x.refuse(http.StatusMethodNotAllowed, apiError{
			Message: fmt.Sprintf("Not allowed to %s on %s; use %s.", x.r.Method, x.r.URL.Path, method),
			Type:    invalidRequest, Code: "method_not_supported",
		})
	}
	if !s.admits(x.r) {
		return x.refuse(http.StatusUnauthorized, apiError{
			Message: "Incorrect API key provided.", Type: invalidRequest, Code: "invalid_api_key",
		})
	}
	return answer(x)
}

// admits reports whether the request carries the key, if one is asked for.
func (s *Server) admits(r *http.Request) bool {
	if s.options.Key == "" {
		return true
	}
	want := "Bearer " + s.options.Key
	return subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(want)) == 1
}

// listModels answers GET /v1/models.
func (s *Server) listModels(x *exchange) error {
	list := modelList{Object: "list", Data: []modelEntry{}}
	for _, id := range s.order {
		owner := s.models[id].script.OwnedBy
		if owner == "" {
			owner = "simulator"
		}
		list.Data = append(list.Data, modelEntry{ID: id, Object: "model", Created: s.options.Epoch.Unix(), OwnedBy: owner})
	}
	return x.answer(http.StatusOK, list)
}

// admit counts the request in with its model and plans it. Only sound requests get
// this far, so that a client's mistakes do not shift the plans of later ones.
func (x *exchange) admit(m *model, requested int) (plan Plan, number uint64) {
	number = x.number(m)
	return x.plan(m, m.script, number, requested), number
}

// number counts the request in.
func (x *exchange) number(m *model) uint64 {
	x.m = m
	m.inFlight.Add(1)
	return m.accepted.Add(1) - 1
}

// plan draws what the request gets by a script, which is the model's or one that
// differs from it in the answer's length.
func (x *exchange) plan(m *model, script Script, number uint64, requested int) Plan {
	rng := RequestRand(x.s.options.Seed, m.script.Model, number)
	return x.load(Draw(script, rng, x.received.Sub(x.s.options.Epoch), requested))
}

// refuseModel answers a request for a model that is not there.
func (x *exchange) refuseModel(id string) error {
	return x.refuse(http.StatusNotFound, apiError{
		Message: fmt.Sprintf("The model %q does not exist or you do not have access to it.", id),
		Type:    invalidRequest, Param: "model", Code: "model_not_found",
	})
}
