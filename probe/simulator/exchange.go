package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// bodyLimit is the largest request body, in bytes.
const bodyLimit = 8 << 20

// errFault is why a fault breaks an exchange off.
var errFault = errors.New("scripted fault")

// An exchange is one request and its answer.
type exchange struct {
	s        *Server
	w        http.ResponseWriter
	rc       *http.ResponseController
	r        *http.Request
	ctx      context.Context // ends with the client, or with the server
	received time.Time
	pace     *pacer
	m        *model // once admitted
	dialect  Dialect

	allowances []allowance // within scripted limits

	recorded bool
	sent     Sent
}

func newExchange(ctx context.Context, s *Server, w http.ResponseWriter, r *http.Request, received time.Time) *exchange {
	x := &exchange{s: s, w: w, rc: http.NewResponseController(w), r: r, ctx: ctx, received: received}
	x.sent = Sent{
		RequestID: fmt.Sprintf("req_%06d", s.numbers.Add(1)),
		Path:      r.URL.Path,
		Received:  received,
	}
	w.Header().Set("X-Request-Id", x.sent.RequestID)
	return x
}

// end completes the record and files it.
func (x *exchange) end(err error) {
	if x.pace != nil {
		x.pace.close()
		_ = x.rc.SetWriteDeadline(time.Time{}) // the connection may live on
	}
	if x.m != nil {
		x.m.used()
		x.m.inFlight.Add(-1)
	}
	if !x.recorded {
		return
	}
	x.sent.End = time.Since(x.received)
	if x.sent.Headers == 0 { // set, but never sent
		x.sent.Status = 0
	}
	x.sent.Completed = err == nil && x.sent.Fault == FaultNone && x.sent.Status == http.StatusOK
	x.sent.ClientLeft = err != nil && !errors.Is(err, errFault) && x.s.ctx.Err() == nil
	x.s.log.add(x.sent)
}

// follow adopts the plan: from here on the exchange keeps its instants.
func (x *exchange) follow(plan Plan) {
	x.sent.PlannedTTFT, x.sent.PlannedE2E = plan.TTFT, plan.LastToken()
	x.sent.Fault = plan.Fault
	x.pace = newPacer(x.ctx)
	_ = x.rc.SetWriteDeadline(x.received.Add(max(plan.LastToken(), plan.FaultAt) + stallTimeout))
	x.planHeaders(plan)
}

// at waits for an instant of the plan.
func (x *exchange) at(offset time.Duration) error { return x.pace.until(x.received.Add(offset)) }

// send writes at once and flushes. It returns the offset at which the bytes were
// sent: the instant just before Write, since on one machine a client can have
// them before Flush has returned here.
func (x *exchange) send(b []byte) (time.Duration, error) {
	offset := time.Since(x.received)
	if x.sent.Headers == 0 {
		x.sent.Headers = offset
	}
	if _, err := x.w.Write(b); err != nil {
		return offset, err
	}
	return offset, x.rc.Flush()
}

// status sets the status; the headers go out with the first send. An empty
// content type leaves that header out.
func (x *exchange) status(code int, contentType string) {
	x.sent.Status = code
	x.w.Header()["Content-Type"] = nil // nor may net/http guess one
	if contentType != "" {
		x.w.Header().Set("Content-Type", contentType)
	}
	x.w.WriteHeader(code)
}

// answer sends a JSON body.
func (x *exchange) answer(status int, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	x.status(status, "application/json")
	_, err = x.send(append(b, '\n'))
	return err
}

// refuse sends an error the way the dialect does.
func (x *exchange) refuse(status int, e apiError) error {
	e.Message = x.dialect.says(e.Message, x.r.Header.Get("Authorization"))
	encode := bodies[x.dialect.ErrorShape]
	if encode == nil {
		return x.answer(status, errorBody{Error: e})
	}
	body, contentType, err := encode(status, e)
	if err != nil {
		return err
	}
	x.status(status, contentType)
	_, err = x.send(body)
	return err
}

// decode reads the request's body into v, or refuses it. It reports whether the
// exchange goes on; if not, err is what the handler returns.
func (x *exchange) decode(v any) (ok bool, err error) {
	_ = x.rc.SetReadDeadline(x.received.Add(bodyTimeout))
	// To the end, even past what decodes: only then does net/http notice a
	// client that goes away.
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, bodyLimit))
	_ = x.rc.SetReadDeadline(time.Time{})
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return false, x.refuse(http.StatusRequestEntityTooLarge, apiError{
			Message: fmt.Sprintf("The request body is larger than %d bytes.", bodyLimit), Type: invalidRequest,
		})
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return false, x.refuse(http.StatusBadRequest, apiError{
			Message: "We could not parse the JSON body of your request: " + err.Error() + ".", Type: invalidRequest,
		})
	}
	return true, nil
}

// refuseField refuses a request for one of its fields.
func (x *exchange) refuseField(field, message string) error {
	return x.refuse(http.StatusBadRequest, apiError{
		Message: message, Type: invalidRequest, Param: field, Code: "invalid_value",
	})
}

// failEarly plays a fault that precedes the stream, at its instant.
func (x *exchange) failEarly(plan Plan) error {
	if err := x.at(plan.FaultAt); err != nil {
		return err
	}
	switch {
	case plan.Fault == FaultHTMLPage:
		x.status(http.StatusOK, "text/html; charset=utf-8")
		_, err := x.send([]byte(htmlPage))
		return err
	case plan.Fault.refuses():
		return x.refuse(plan.Fault.Status(), faultErrors[plan.Fault])
	}
	return errFault // cut before headers, or the end of a hang
}
