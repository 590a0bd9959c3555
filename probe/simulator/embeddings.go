package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
)

// maxInputs is how many texts one embedding request may carry.
const maxInputs = 2048

type embeddingRequest struct {
	Model          string         `json:"model"`
	Input          embeddingInput `json:"input"`
	Dimensions     *int           `json:"dimensions"`
	EncodingFormat string         `json:"encoding_format"`
}

// embeddingInput is one text or several.
type embeddingInput []string

func (in *embeddingInput) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*in = embeddingInput{one}
		return nil
	}
	var many []string
	if json.Unmarshal(b, &many) != nil {
		return errors.New("input must be a string or an array of strings")
	}
	*in = many
	return nil
}

type embeddingList struct {
	Object string         `json:"object"`
	Data   []embedding    `json:"data"`
	Model  string         `json:"model"`
	Usage  embeddingUsage `json:"usage"`
}

type embedding struct {
	Object    string    `json:"object"`
	Index     int       `json:"index"`
	Embedding []float32 `json:"embedding"`
}

type embeddingUsage struct {
	PromptTokens int `json:"prompt_tokens"`
	TotalTokens  int `json:"total_tokens"`
}

// embed answers POST /v1/embeddings, at the script's TTFT.
func (s *Server) embed(x *exchange) error {
	var request embeddingRequest
	if ok, err := x.decode(&request); !ok {
		return err
	}
	x.sent.Model = request.Model
	for _, text := range request.Input {
		x.sent.PromptTokens += CountTokens(text)
	}
	m := s.models[request.Model]
	if m == nil || m.script.EmbeddingDimensions == 0 {
		return x.refuseModel(request.Model)
	}
	if ok, err := x.speak(m.script.Dialect); !ok {
		return err
	}
	if field, message := request.mistake(m.script.EmbeddingDimensions); field != "" {
		return x.refuseField(field, message)
	}

	if wait, ok := x.allow(m, x.sent.PromptTokens); !ok {
		return x.refuseLimit(wait)
	}
	plan, _ := x.admit(m, 1)
	x.follow(plan)
	if plan.Fault != FaultNone && !plan.Fault.MidStream() {
		return x.failEarly(plan)
	}
	body, err := request.vectors(m.script.EmbeddingDimensions, x.sent.PromptTokens)
	if err != nil {
		return err
	}
	if plan.Fault != FaultNone {
		return x.breakBody(plan, body)
	}
	if err := x.at(plan.TTFT); err != nil {
		return err
	}
	x.status(http.StatusOK, "application/json")
	offset, err := x.send(append(body, '\n'))
	x.sent.FirstToken, x.sent.LastToken = offset, offset
	return err
}

// mistake returns the first field that is wrong and what to say about it.
func (r *embeddingRequest) mistake(longest int) (field, message string) {
	switch {
	case len(r.Input) == 0:
		return "input", "There must be at least one input."
	case len(r.Input) > maxInputs:
		return "input", fmt.Sprintf("There may be at most %d inputs.", maxInputs)
	case r.Dimensions != nil && (*r.Dimensions < 1 || *r.Dimensions > longest):
		return "dimensions", fmt.Sprintf("dimensions must lie between 1 and %d.", longest)
	case r.EncodingFormat != "" && r.EncodingFormat != "float":
		return "encoding_format", "Only the encoding format float is supported."
	}
	for _, text := range r.Input {
		if text == "" {
			return "input", "An input must not be empty."
		}
	}
	return "", ""
}

// vectors returns the encoded answer.
func (r *embeddingRequest) vectors(longest, promptTokens int) ([]byte, error) {
	dimensions := longest
	if r.Dimensions != nil {
		dimensions = *r.Dimensions
	}
	list := embeddingList{
		Object: "list", Model: r.Model,
		Usage: embeddingUsage{PromptTokens: promptTokens, TotalTokens: promptTokens},
	}
	for i, text := range r.Input {
		list.Data = append(list.Data, embedding{
			Object: "embedding", Index: i, Embedding: unitVector(r.Model, text, dimensions),
		})
	}
	return json.Marshal(list)
}

// unitVector returns a vector of length 1 that depends on the text and nothing
// else but the model; fewer dimensions are the first of more, scaled to length 1.
// Each word has a direction of its own, which means nothing, so that texts are the
// nearer the more words they share.
func unitVector(model, text string, dimensions int) []float32 {
	values, squares := make([]float64, dimensions), 0.0
	for _, part := range append(strings.Fields(strings.ToLower(text)), "\x00"+text) {
		rng := RequestRand(0, model+"\x00"+part, 0)
		for i := range values {
			values[i] += rng.NormFloat64()
		}
	}
	for _, v := range values {
		squares += v * v
	}
	vector := make([]float32, dimensions)
	for i, v := range values {
		vector[i] = float32(v / math.Sqrt(squares))
	}
	return vector
}
