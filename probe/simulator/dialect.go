package simulator

// Dialect is where a script departs from OpenAI's own way of putting events on
// the wire. The zero value is OpenAI's way. One field per departure; wire.go and
// chat.go consult it.
type Dialect struct{}
